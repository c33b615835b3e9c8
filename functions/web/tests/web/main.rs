//! The web function through its router: the doors held in memory, Google and the CRM simulated over loopback.

#![cfg(test)]

mod access;
mod administration;
mod attacks;
mod ground;
mod linking;
mod logs;
mod pages;
mod runs;
mod secrets;
