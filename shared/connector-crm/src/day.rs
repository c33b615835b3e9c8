//! Days and hours of a user, and the CRM's instants.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// How far the first instant is looked for after a time that the clocks skip. Two days also cover the
/// islands that changed sides of the date line and skipped a day.
const SKIPPED_MINUTES_MAX: i64 = 2 * 24 * 60;

/// The first instant of a day in a zone: midnight, the earlier one where there are two, or the first minute after a
/// midnight that the clocks skip.
pub(crate) fn start_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    instant(day, NaiveTime::MIN, zone)
}

/// A time of a day in a zone: the earlier one where there are two, or the first minute after a time that the clocks
/// skip.
pub(crate) fn instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let wanted = day.and_time(time);
    (0..=SKIPPED_MINUTES_MAX)
        .filter_map(|minute| wanted.checked_add_signed(Duration::minutes(minute)))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or_else(|| wanted.and_utc(), |found| found.to_utc())
}

/// An instant without its seconds: most sites lose them.
pub(crate) fn to_minute(instant: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = instant.timestamp();
    DateTime::from_timestamp(seconds - seconds.rem_euclid(60), 0).unwrap_or(instant)
}
