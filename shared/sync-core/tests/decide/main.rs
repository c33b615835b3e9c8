//! The decision, case by case.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

mod anew;
mod away;
mod fingerprints;
mod ground;
mod kinds;
mod matching;
mod moved;
mod polling;
mod read_only;
mod recurrence;
mod relabelled;
mod room;
mod scope;
mod series;
mod settings;
mod shared;
mod state_table;
mod takeover;
mod texts;
mod veiled;
