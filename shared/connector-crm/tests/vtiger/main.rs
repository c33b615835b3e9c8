//! The Vtiger connection against the simulated Vtiger, over real HTTP.
#![cfg(test)]

mod check;
mod hands;
mod preserving;
mod reading;
mod sweeping;
mod writing;
