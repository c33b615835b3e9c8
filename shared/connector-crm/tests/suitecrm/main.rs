//! The SuiteCRM connection against the simulated SuiteCRM, over real HTTP.
#![cfg(test)]

mod check;
mod contacts;
mod hands;
mod reading;
mod tasks;
mod writing;
