//! Google over loopback: OAuth 2 with its consent page, and Calendar v3.
//!
//! Requests are held against the published API description (`fixtures/calendar.v3.json` is an extract of it): a
//! query parameter or a body field that it does not know is refused with 400, where Google would often ignore it.
//!
//! # Source
//! The behaviours are those collected in the field guide to Google's APIs; each is cited where it is made.

mod calendar;
mod oauth;
mod options;
mod person;
mod seed;
mod sim;
mod world;

pub use calendar::{Mail, Refusal};
pub use oauth::{Consent, Tokens};
pub use options::{GoogleAccount, GoogleOptions, OAuthClient};
pub use person::GooglePerson;
pub use sim::GoogleSim;
