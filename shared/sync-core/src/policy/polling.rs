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
//!
//! | a user's day, with runs every 15 minutes | questions | users of a project |
//! |---|---|---|
//! | nothing changes | 24 | 2,083 |
//! | one change | 30 | 1,666 |
//! | a change every hour of a working day, nine in all | 52 | 961 |
//! | a change every quarter of an hour, day and night | 93 | 537 |

use chrono::TimeDelta;

/// However quiet it is, nobody waits longer than this to see a change, unless their own interval is longer.
const SLOWEST: TimeDelta = TimeDelta::hours(1);

/// The share of the quiet time after which it is asked again: somebody who comes back after two hours waits for half an
/// hour at most.
const SHARE: i32 = 4;

/// How much of an interval a run may come before the gap has passed and still ask, in quarters. No run comes to the
/// second; and the one after it would come later still.
const EARLY_QUARTERS: i32 = 3;

/// The time between two questions for a user whose runs have that interval, when nothing has changed on either side for
/// that long. Never shorter than the interval, never longer than an hour or the interval.
///
/// A person who asks for a run, or a change of a task in the CRM, has the side asked at once.
pub fn polling_gap(interval: TimeDelta, quiet: TimeDelta) -> TimeDelta {
    (quiet / SHARE).min(SLOWEST).max(interval)
}

/// Whether a run asks, when the last question is that long ago and nothing has changed on either side for that long:
/// the run after it would come too late. A question or a change in the future says that a clock was set; then it asks.
pub fn asks_again(interval: TimeDelta, since_asked: TimeDelta, quiet: TimeDelta) -> bool {
    let zero = TimeDelta::zero();
    since_asked < zero
        || quiet < zero
        || since_asked + interval * EARLY_QUARTERS / 4 > polling_gap(interval, quiet)
}
