//! Tests of the calendar, against a loopback server that answers as each test says. Every request that reaches it
//! is held against the published API description. `simulated` runs against the simulated Google.

mod calendars;
mod discovery;
mod failure;
mod google;
mod marker;
mod read;
mod record;
mod simulated;
mod sweeps;
mod text;
mod write;
