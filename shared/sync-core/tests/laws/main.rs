//! The laws of the planner, over generated worlds.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

mod histories;
mod history;
mod mutations;
mod plans;
mod privacy;
mod replay;
mod settings;
mod world;
