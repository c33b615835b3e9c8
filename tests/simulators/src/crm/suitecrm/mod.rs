//! SuiteCRM 7.x over loopback: the token endpoint and the V8 JSON API, with the traps that were measured on it.
//!
//! # Source
//! The field guide to SuiteCRM (7.14.6 and 7.15.0 measured, 8.x read); its sections are named where they matter.

mod addresses;
mod crm;
mod date;
mod error;
mod fields;
mod filter;
mod list;
mod login;
mod meta;
mod options;
mod person;
mod record;
mod recurring;
mod related;
mod seed;
mod sim;
mod table;
mod text;

pub use options::{CrmClient, CrmUser, Grant, SuiteCrmOptions, TimeFormat, Version};
pub use person::{CrmPerson, EditRefused};
pub use sim::SuiteCrmSim;
