//! Google over loopback: OAuth 2 with its consent page, Calendar v3, Tasks v1 and People v1.
//!
//! Requests are held against the published API descriptions (`fixtures` has extracts of them): a query parameter or a
//! body field that they do not know is refused with 400, where Google would often ignore it.
//!
//! # Source
//! The behaviours are those collected in the field guide to Google's APIs; each is cited where it is made.

mod calendar;
mod description;
mod oauth;
mod opaque;
mod options;
mod partial;
mod people;
mod person;
mod refusal;
mod seed;
mod sim;
mod tasks;
mod window;
mod world;

pub use calendar::Mail;
pub use oauth::{Consent, Tokens};
pub use options::{GoogleAccount, GoogleOptions, OAuthClient};
pub use person::GooglePerson;
pub use refusal::Refusal;
pub use sim::GoogleSim;
