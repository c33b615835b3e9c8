//! The Vtiger connection against the simulated Vtiger, over real HTTP.
#![cfg(test)]

mod check;
mod contacts;
mod hands;
mod preserving;
mod reading;
mod sweeping;
mod tasks;
mod writing;
