//! Scenarios: the real router and the real run, over a data folder, between a simulated Google and a simulated
//! CRM, all over real HTTP on the loopback address. Each scenario is a script of what people do and what they find
//! afterwards; it speaks only what the public interface says, and is played in every CRM that is supported.
#![cfg(test)]

mod rig;

mod contacts;
mod corpus;
mod costs;
mod cut_off;
mod days;
mod deletions;
mod directions;
mod everyday;
mod faults;
mod half_made;
mod isolation;
mod killed;
mod kinds;
mod large;
mod linking;
mod own_calendar;
mod pages;
mod patience;
mod places;
mod poison;
mod recurring;
mod refusals;
mod seldom;
mod switches;
mod takeover;
mod tasks;
mod texts;
mod untouched;
mod vtiger;
