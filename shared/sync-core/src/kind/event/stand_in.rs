//! What a CRM's own Google sync has put where the CRM has no way to say it.
//!
//! Such a sync leaves no mark. Its pairs are told by what they say, and there they differ in a few known ways; pairs
//! that differ in nothing else are one thing, and neither side is written to for the sake of the difference.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::When;

/// What a CRM's own Google sync puts in the place of what it cannot say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIns {
    /// Whole days last from midnight to midnight of this zone, give or take the hour of a clock change.
    pub zone: Tz,
    /// The title of what has none.
    pub untitled: String,
}

impl StandIns {
    /// A title, by which what has none and its stand-in are the same.
    pub(super) fn title<'a>(&self, title: &'a str) -> &'a str {
        if title == self.untitled { "" } else { title }
    }

    /// The whole days that an event is or stands for.
    pub(super) fn days(&self, when: &When) -> Option<(NaiveDate, NaiveDate)> {
        match when {
            When::AllDay { start, end } => Some((*start, *end)),
            When::Timed { start, end } => {
                let (start, end) = (self.midnight(*start)?, self.midnight(*end)?);
                (start < end).then_some((start, end))
            }
        }
    }

    /// The day that begins at an instant, or an hour before or after it.
    fn midnight(&self, instant: DateTime<Utc>) -> Option<NaiveDate> {
        [0, 1, -1].into_iter().find_map(|hours| {
            let shifted = instant + TimeDelta::hours(hours);
            let day = shifted.with_timezone(&self.zone).date_naive();
            let begins = self.zone.from_local_datetime(&day.and_time(NaiveTime::MIN));
            (begins.earliest()? == shifted).then_some(day)
        })
    }

    /// Whether one of two times is whole days and the other one stands for them.
    pub(super) fn stands_for(&self, mine: &When, theirs: &When) -> bool {
        let is_all_day = |when: &When| matches!(when, When::AllDay { .. });
        is_all_day(mine) != is_all_day(theirs) && self.days(mine) == self.days(theirs)
    }
}
