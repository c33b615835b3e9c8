//! One time of day in one zone.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;

/// The time of day that every occurrence of a series begins at.
#[derive(Debug, Clone, Copy)]
pub(super) struct WallClock {
    zone: Tz,
    time: NaiveTime,
}

impl WallClock {
    /// The time of day of the first start; `None` where it has a fraction of a second, which no rule can say.
    pub(super) fn of(starts: &[DateTime<Utc>], zone: Tz) -> Option<Self> {
        let time = starts.first()?.with_timezone(&zone).time();
        (time.trunc_subsecs(0) == time).then_some(Self { zone, time })
    }

    /// The dates of the starts; `None` where one of them begins at another time of day.
    pub(super) fn dates(self, starts: &[DateTime<Utc>]) -> Option<Vec<NaiveDate>> {
        starts
            .iter()
            .map(|start| {
                let date = start.with_timezone(&self.zone).date_naive();
                (self.instant(date)? == *start).then_some(date)
            })
            .collect()
    }

    /// The instant of this time of day on that date: the first one where the clocks show it twice, none where they
    /// skip it.
    ///
    /// # Source
    /// RFC 5545 section 3.3.5 takes the first of two, and so do java.time and Python. For a time that does not
    /// occur the RFC takes the offset before the gap, which not everybody follows.
    pub(super) fn instant(self, date: NaiveDate) -> Option<DateTime<Utc>> {
        match self.zone.from_local_datetime(&date.and_time(self.time)) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
            LocalResult::None => None,
        }
    }
}
