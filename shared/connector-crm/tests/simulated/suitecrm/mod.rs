//! What is SuiteCRM's own.

mod addresses;
mod check;
mod contacts;
mod hands;
mod reading;
mod server;
mod tasks;
mod writing;

pub(crate) use hands::Crm;
