//! Where a user's days begin.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// How far the first instant of a day is looked for after a midnight that the clocks skip. Two days also cover the
/// islands that changed sides of the date line and skipped a day.
const SKIPPED_MINUTES_MAX: i64 = 2 * 24 * 60;

/// The first instant of a day in a zone: midnight, the earlier one where there are two, or the first minute after a
/// midnight that the clocks skip.
pub(crate) fn start_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    (0..=SKIPPED_MINUTES_MAX)
        .filter_map(|minute| midnight.checked_add_signed(Duration::minutes(minute)))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or_else(|| midnight.and_utc(), |found| found.to_utc())
}
