//! How often a wrong administrator's key may be tried: from one source, and in all.
//!
//! The counts are in the store, so that all instances of the function count together. Whoever has tried too often is
//! refused for the rest of the quarter of an hour even with the right key: otherwise trying on would still tell.
//!
//! On the page every key is counted before it is looked at. A call that shows the right key only looks at the counts, so
//! that it costs no write: what is under way at one moment may go beyond the limit there, and no more than that.
//!
//! The limit in all can be used to keep the administrator out of the sign-in page and the calls. Sessions that are open,
//! users and runs go on, and the log says what is happening. That is the lesser evil: without it, a thousand sources
//! would be a thousand times as fast.

use chrono::TimeDelta;
use http::HeaderMap;
use sync_core::port::StoreFailure;

use crate::app::App;
use crate::problem::{Answered, Problem};
use crate::session::mark;

/// How long a wrong key counts, from the first one on.
const COUNTS_FOR: TimeDelta = TimeDelta::minutes(15);

/// Where a key is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// On the page, by a person.
    Page,
    /// With a call, by a program; one with an old key would call over and over, and shall not lock its neighbours out.
    Call,
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Door::Page => "page",
            Door::Call => "call",
        }
    }

    /// Wrong keys from one source.
    fn one_source_max(self) -> u64 {
        match self {
            Door::Page => 10,
            Door::Call => 100,
        }
    }

    /// Wrong keys from all sources.
    fn all_sources_max(self) -> u64 {
        match self {
            Door::Page => 100,
            Door::Call => 1000,
        }
    }
}

/// Whether a key may be looked at.
///
/// # Errors
/// `too-many-tries`, and where the store does not answer: nobody is let in uncounted.
pub(crate) async fn may_try(app: &App, door: Door, headers: &HeaderMap) -> Answered<()> {
    let (source, all) = (of_source(app, door, headers), of_all(door));
    let (from_source, in_all) = futures::try_join!(app.memory.counted(&source), app.memory.counted(&all))?;
    if from_source < door.one_source_max() && in_all < door.all_sources_max() {
        Ok(())
    } else {
        Err(Problem::too_many_tries())
    }
}

/// Counts a key that is wrong, or has not been looked at yet.
///
/// # Errors
/// `too-many-tries` where it was one too many.
pub(crate) async fn count(app: &App, door: Door, headers: &HeaderMap) -> Answered<()> {
    let until = app.now() + COUNTS_FOR;
    let (source, all) = (of_source(app, door, headers), of_all(door));
    let counted = futures::try_join!(
        app.memory.count_one(&source, until),
        app.memory.count_one(&all, until)
    );
    match counted {
        Ok((from_source, in_all)) => {
            if in_all == door.all_sources_max() {
                tracing::error!(
                    door = door.name(),
                    "too many wrong administrator's keys in all: the door is shut for a quarter of an hour"
                );
            }
            if from_source > door.one_source_max() || in_all > door.all_sources_max() {
                return Err(Problem::too_many_tries());
            }
            Ok(())
        }
        // So many at once that they overtake one another are too many.
        Err(StoreFailure::ConditionFailed) => Err(Problem::too_many_tries()),
        Err(failure) => Err(failure.into()),
    }
}

/// Forgets what a source has tried, because it has shown the right key.
pub(crate) async fn forget(app: &App, door: Door, headers: &HeaderMap) -> Answered<()> {
    Ok(app.memory.forget_count(&of_source(app, door, headers)).await?)
}

fn of_source(app: &App, door: Door, headers: &HeaderMap) -> String {
    // The last address is the one that our own proxy saw; those before it are what the caller says. Without a
    // proxy all callers count as one.
    let forwarded = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let source = if app.config.forwarded_is_trusted {
        forwarded.rsplit(',').next().unwrap_or_default().trim()
    } else {
        ""
    };
    format!("wrong-key/{}/{}", door.name(), mark("source", source.as_bytes()))
}

fn of_all(door: Door) -> String {
    format!("wrong-key/{}", door.name())
}
