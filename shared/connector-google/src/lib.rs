//! Google as one side of the sync: sign-in, and one folder for each API.
//!
//! | module | holds |
//! |---|---|
//! | [`endpoints`] | Google's addresses, all of which can be pointed elsewhere for tests |
//! | [`client_file`] | the client file from Google's console, read and checked |
//! | [`oauth`] | consent address, codes, refresh tokens, revocation, who signed in |
//! | [`calendar`] | Google Calendar's events behind the engine's door |
//! | [`calendars`] | the list of a user's calendars, for pages |
//! | [`tasks`] | Google Tasks' tasks behind the engine's door, and the list of a user's lists |
//! | [`people`] | Google Contacts' contacts behind the engine's door |
//!
//! Decisions about failures are made by the reason that Google names, never by the HTTP status alone: a 403 is a
//! quota, a missing scope or a guest's lack of rights.

mod api;
pub mod calendar;
pub mod calendars;
pub mod client_file;
#[cfg(test)]
mod contract;
pub mod endpoints;
pub mod oauth;
pub mod people;
mod reason;
mod refusal;
#[cfg(test)]
mod scripted;
pub mod tasks;

pub use endpoints::GoogleEndpoints;
