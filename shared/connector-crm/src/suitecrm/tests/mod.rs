//! Tests of the SuiteCRM connection.
//!
//! Pure ones beside a few that need a site: `site` is a small one over loopback HTTP whose odd habits can be switched
//! on one by one.

mod check;
mod events;
mod failure;
mod login;
mod read;
mod site;
mod sweeps;
mod users;
mod write;
