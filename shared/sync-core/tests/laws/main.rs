//! The laws of the planner, over generated worlds.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop where it stands, and says what it found"
)]
#![expect(
    clippy::struct_excessive_bools,
    clippy::wildcard_enum_match_arm,
    reason = "a world is many small facts, and looks at few of the shapes a change can have"
)]

mod histories;
mod history;
mod mutations;
mod plans;
mod played;
mod privacy;
mod replay;
mod settings;
mod world;
