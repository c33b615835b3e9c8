//! Vtiger 8.2 and 8.4 over loopback: the web service at `webservice.php`, with the traps that were measured on it.
//!
//! Left out is what no connection here asks for: the older channel (WSAPP), related records, files.
//!
//! # Source
//! The field guide to Vtiger (8.2.0 and 8.4.0 measured, 7.x read); its sections are named where they matter.

mod columns;
mod crm;
mod error;
mod login;
mod marks;
mod meta;
mod options;
mod parse;
mod person;
mod query;
mod record;
mod seed;
mod shown;
mod sim;
mod text;
mod write;

pub use options::{Version, VtigerOptions, VtigerUser};
pub use person::{EditRefused, VtigerPerson};
pub use sim::VtigerSim;
