//! How often a side is asked that tells nobody when something changes, and allows few questions.
//!
//! Google Tasks has no push, and 50,000 calls a day for the whole project. Asked in every run of a quarter of an hour, a
//! list costs 96 calls a day, and the project holds 520 users; asked once an hour while nothing happens, 2,083.
//!
//! | nothing changed for | asked every (interval of 15 minutes) |
//! |---|---|
//! | up to 1 hour | 15 minutes: in every run |
//! | 2 hours | 30 minutes |
//! | 4 hours and more | 60 minutes |

use chrono::TimeDelta;

/// However quiet it is, nobody waits longer than this to see a change, unless their own interval is longer.
const SLOWEST: TimeDelta = TimeDelta::hours(1);

/// The share of the quiet time after which it is asked again: somebody who comes back after two hours waits for half an
/// hour at most.
const SHARE: i32 = 4;

/// The time between two questions for a user whose runs have that interval, when nothing has changed on either side for
/// that long. Never shorter than the interval, never longer than an hour or the interval.
///
/// A person who asks for a run, or a change of a task in the CRM, has the side asked at once.
pub fn polling_gap(interval: TimeDelta, quiet: TimeDelta) -> TimeDelta {
    (quiet / SHARE).min(SLOWEST).max(interval)
}
