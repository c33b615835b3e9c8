//! The CRMs' connections against the simulated CRMs, over real HTTP.
//!
//! What every connection must keep is the contract's (`contract`); a CRM's own folder holds how a person acts on it
//! (`server`), and what is peculiar to it.
#![cfg(test)]

mod broken;
mod connection;
mod contract;
mod hands;
mod suitecrm;
mod vtiger;
