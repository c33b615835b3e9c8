//! Does what the plan says, through the doors, and remembers it.
//!
//! | module | holds |
//! |---|---|
//! | [`memory`] | what we remember, typed: registrations, account links, pairs, runs, journal; its keys and codec |
//! | [`report`] | the record of a run, as the public interface shows it |
//! | [`connections`] | the door through which a run gets both sides of an account link |
//! | [`run`] | one run: lease, fetch, plan, apply, settle, commit, report |

pub mod connections;
#[cfg(feature = "contract")]
pub mod contract;
#[cfg(feature = "in-memory")]
pub mod in_memory;
pub mod memory;
pub mod report;
pub mod run;
