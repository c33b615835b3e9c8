//! The SuiteCRM connection against the simulated SuiteCRM, over real HTTP.
#![cfg(test)]

mod check;
mod hands;
mod reading;
mod writing;
