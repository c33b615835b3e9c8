//! Dates on their way in and out: through the user's display format and zone, and out with a suffix that may lie.
//!
//! # Source
//! Field guide, section 0 items 1 to 3; section 3 for filters.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::options::TimeFormat;

/// The database's own form.
const STORED: &str = "%Y-%m-%d %H:%M:%S";

/// How a user sees dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Display {
    pub(super) zone: Tz,
    pub(super) time: TimeFormat,
}

pub(super) fn stored(at: DateTime<Utc>) -> String {
    at.format(STORED).to_string()
}

pub(super) fn parse_stored(text: &str) -> Option<NaiveDateTime> {
    // Exactly this shape; the library alone would take more.
    let shaped = text.len() == 19
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    if shaped {
        NaiveDateTime::parse_from_str(text, STORED).ok()
    } else {
        None
    }
}

impl Display {
    fn format(self) -> &'static str {
        match self.time {
            TimeFormat::Minutes => "%Y-%m-%d %H:%M",
            TimeFormat::Seconds => STORED,
        }
    }

    /// What the user sees.
    pub(super) fn show(self, at: NaiveDateTime) -> String {
        self.zone.from_utc_datetime(&at).format(self.format()).to_string()
    }

    /// Reads what the user sees. An hour that the clock shows twice is taken for the first, so the second comes
    /// back an hour early.
    fn read(self, text: &str) -> Option<NaiveDateTime> {
        let local = NaiveDateTime::parse_from_str(&format!("{text}:00"), STORED)
            .ok()
            .filter(|_| self.time == TimeFormat::Minutes)
            .or_else(|| parse_stored(text))?;
        let found = self.zone.from_local_datetime(&local);
        let later = || {
            self.zone
                .from_local_datetime(&(local + TimeDelta::hours(1)))
                .earliest()
        };
        found.earliest().or_else(later).map(|at| at.naive_utc())
    }

    /// What is left of a stored date after it was shown and read again.
    pub(super) fn round_trip(self, at: NaiveDateTime) -> NaiveDateTime {
        self.read(&self.show(at)).unwrap_or(at)
    }

    /// A date as sent. UTC in the database's form, or the user's own display form in his zone; anything else,
    /// ISO 8601 included, is emptied without a word.
    pub(super) fn accept(self, text: &str) -> Option<String> {
        if let Some(at) = parse_stored(text) {
            return Some(at.format(STORED).to_string());
        }
        let displayed = text.len() == 16 && self.time == TimeFormat::Minutes;
        self.read(text)
            .filter(|_| displayed)
            .map(|at| at.format(STORED).to_string())
    }

    /// A stored date as answered: digits in UTC, cut to what the display form holds, with the offset of the
    /// server's zone behind them.
    pub(super) fn answer(self, stored: &str, server_zone: Tz) -> String {
        match parse_stored(stored) {
            Some(at) => with_suffix(self.round_trip(at), server_zone),
            None => String::new(),
        }
    }
}

/// The digits with the offset that the server's zone would have at that local time.
pub(super) fn with_suffix(digits: NaiveDateTime, server_zone: Tz) -> String {
    let local = server_zone.from_local_datetime(&digits).earliest();
    let offset = local.map_or_else(|| "+00:00".to_owned(), |local| local.format("%:z").to_string());
    format!("{}{offset}", digits.format("%Y-%m-%dT%H:%M:%S"))
}

/// A bare date.
pub(super) fn accept_date(text: &str) -> Option<String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .map(|date| date.to_string())
}

/// A filter's date as the database reads it: the first 19 characters. `T`, `Z` and an offset are passed over,
/// also where the offset is a real one.
pub(super) fn filter_value(text: &str) -> Option<String> {
    let head: String = text.trim().chars().take(19).collect::<String>().replace('T', " ");
    if head.len() == 10 {
        return accept_date(&head).map(|date| format!("{date} 00:00:00"));
    }
    let full = if head.len() == 16 {
        format!("{head}:00")
    } else {
        head
    };
    parse_stored(&full).map(|at| at.format(STORED).to_string())
}

/// The end that follows from start and length; what is sent for it is never looked at.
pub(super) fn end_of(start: &str, hours: &str, minutes: &str) -> Option<String> {
    let start = parse_stored(start)?;
    let number = |text: &str| text.trim().parse::<i64>().unwrap_or_default();
    let length = TimeDelta::try_hours(number(hours))? + TimeDelta::try_minutes(number(minutes))?;
    let end = start.checked_add_signed(length)?;
    debug_assert!(end.nanosecond() == 0, "stored dates have whole seconds");
    Some(end.format(STORED).to_string())
}
