//! What is Vtiger's own.

mod check;
mod contacts;
mod hands;
mod preserving;
mod reading;
mod server;
mod sweeping;
mod tasks;
mod writing;

pub(crate) use hands::Crm;
