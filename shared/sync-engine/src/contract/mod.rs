//! The laws of the doors, as suites that every implementation passes: of our memory, in memory, in SQLite and on AWS;
//! of the providers, every connector.
//!
//! A suite is called from a test of the implementation's own crate and panics at the first law that is broken.
//! The clock it hands out is its own, so that expiry and leases are tested without waiting.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a suite is a test, and a test that finds something panics"
)]

mod clock;
pub mod remote;
pub mod schedules;
pub mod secrets;
pub mod store;
#[cfg(test)]
mod tests;
pub mod time;

pub use clock::{SetClock, TestEntropy};
