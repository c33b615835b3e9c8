//! Between Vtiger's rows and the neutral event.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use sync_core::change::{Observed, Traits};
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::{EventField, EventRecord, When, normal_text};
use url::Url;

use super::super::shape::{Unreadable, address};
use super::super::site::Site;
use super::super::text::{broken_up, held, put, stamp, subject, title};
use super::super::wire::{Key, Module, Row, parse_stamp};
use super::{LOCATION_CHARS, is_call};
use crate::day::start_of_day;

/// The visibility of an event that everybody may read. Anything else, nothing included, is for the owner alone.
///
/// # Source
/// Measured on 8.2.0 and 8.4.0.
const PUBLIC: &str = "Public";
/// The visibility of a private event.
pub(crate) const PRIVATE: &str = "Private";
/// The years that the four columns hold in the one shape they have.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 1000..=9999;

/// Where a record is, in the CRM's terms: two instants, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// First instant.
    pub(crate) start: DateTime<Utc>,
    /// End instant.
    pub(crate) end: DateTime<Utc>,
}

impl Span {
    /// What the four columns say. They are UTC whatever zone the user has.
    ///
    /// # Source
    /// Measured on 8.2.0 and 8.4.0.
    pub(crate) fn read(row: &Row) -> Result<Self, Unreadable> {
        let day = row
            .filled("date_start")
            .filter(|day| day != "0000-00-00")
            .ok_or(Unreadable::NoStart)?;
        let start = point(&day, &row.text("time_start")).ok_or(Unreadable::BadStart)?;
        let end = point(&row.text("due_date"), &row.text("time_end")).ok_or(Unreadable::BadEnd)?;
        if end < start {
            return Err(Unreadable::EndsEarly);
        }
        Ok(Self { start, end })
    }

    /// Where an event of ours is in the CRM's terms; `None` where the columns do not hold it, because the CRM keeps
    /// what it cannot read. Whole days last from one local midnight to another.
    ///
    /// # Source
    /// The convention of Vtiger's own Google connector; events have no all-day flag.
    pub(crate) fn of(when: &When, zone: Tz) -> Option<Self> {
        let span = match when {
            When::Timed { start, end } => Self {
                start: start.with_nanosecond(0)?,
                end: end.with_nanosecond(0)?,
            },
            When::AllDay { start, end } => Self {
                start: start_of_day(*start, zone),
                end: start_of_day(*end, zone),
            },
        };
        let fits = |instant: DateTime<Utc>| YEARS.contains(&chrono::Datelike::year(&instant));
        (fits(span.start) && fits(span.end) && span.start <= span.end).then_some(span)
    }

    /// The event's time for people whose days begin in that zone.
    pub(crate) fn when(self, zone: Tz) -> When {
        let day = |instant: DateTime<Utc>| {
            let day = instant.with_timezone(&zone).date_naive();
            (start_of_day(day, zone) == instant).then_some(day)
        };
        match (day(self.start), day(self.end)) {
            (Some(start), Some(end)) if start < end => When::AllDay { start, end },
            _ => When::Timed {
                start: self.start,
                end: self.end,
            },
        }
    }

    /// The columns that say so.
    pub(crate) fn write(self, values: &mut Map<String, Value>) {
        let day = |instant: DateTime<Utc>| Value::from(instant.format("%Y-%m-%d").to_string());
        let time = |instant: DateTime<Utc>| Value::from(instant.format("%H:%M:%S").to_string());
        values.insert("date_start".to_owned(), day(self.start));
        values.insert("time_start".to_owned(), time(self.start));
        values.insert("due_date".to_owned(), day(self.end));
        values.insert("time_end".to_owned(), time(self.end));
    }
}

/// The instant that a pair of columns says; `None` where they say none.
pub(crate) fn point(day: &str, time: &str) -> Option<DateTime<Utc>> {
    let day = NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d").ok()?;
    let time = ["%H:%M:%S", "%H:%M"]
        .into_iter()
        .find_map(|shape| NaiveTime::parse_from_str(time.trim(), shape).ok())?;
    // Seconds of 60 are read as a leap second, which no clock here has.
    Some(day.and_time(time.with_nanosecond(0)?).and_utc())
}

/// The record that a row is, for the user it belongs to.
pub(crate) fn observed(row: &Row, zone: Tz, base_url: &Url) -> Result<Observed<EventRecord>, Unreadable> {
    let id = row.id("id").ok_or(Unreadable::NoId)?;
    let span = Span::read(row)?;
    let record = EventRecord {
        title: title(one_line(&row.text("subject"))),
        description: normal_text(&row.text("description")),
        location: one_line(&row.text("location")),
        when: span.when(zone),
        private: is_private(row),
    };
    let made_as =
        Key::read(&row.text("source")).map(|key| RemoteId::new(Module::Events.as_str(), key.as_str()));
    let record_type = if is_call(&row.text("activitytype")) {
        "call"
    } else {
        "meeting"
    };
    Ok(Observed {
        id: RemoteId::new(Module::Events.as_str(), row.text("id")),
        version: version(&record, span),
        modified_at: parse_stamp(&row.text("modifiedtime")),
        traits: Traits {
            made_as,
            record_type: Some(record_type),
            address: Some(address(base_url, Module::Events, id.number)),
            ..Traits::default()
        },
        record,
    })
}

/// Whether an event is for its owner alone. A site without the column shows every event to everybody who may see
/// the calendar at all.
fn is_private(row: &Row) -> bool {
    row.0.contains_key("visibility") && !row.text("visibility").trim().eq_ignore_ascii_case(PUBLIC)
}

/// A stamp that covers what is carried and nothing else, so a change of status is no change to the sync.
fn version(record: &EventRecord, span: Span) -> Version {
    let (start, end) = (
        span.start.timestamp().to_string(),
        span.end.timestamp().to_string(),
    );
    Version(stamp([
        record.title.as_str(),
        &record.description,
        &record.location,
        &start,
        &end,
        if record.private { PRIVATE } else { PUBLIC },
    ]))
}

/// The columns that make the named fields of a record read as they shall; `None` where its time cannot be kept.
pub(crate) fn columns(
    record: &EventRecord,
    fields: &[EventField],
    site: &Site,
    zone: Tz,
) -> Option<Map<String, Value>> {
    let mut values = Map::new();
    for field in fields {
        match field {
            EventField::Title => {
                put(&mut values, "subject", subject(&record.title));
            }
            EventField::Description if site.has("description") => {
                put(&mut values, "description", broken_up(&record.description));
            }
            EventField::Location if site.has("location") => {
                put(&mut values, "location", held(&record.location, LOCATION_CHARS));
            }
            EventField::When => Span::of(&record.when, zone)?.write(&mut values),
            EventField::Private if site.has("visibility") => {
                let visibility = if record.private { PRIVATE } else { PUBLIC };
                put(&mut values, "visibility", visibility);
            }
            EventField::Description | EventField::Location | EventField::Private => {}
        }
    }
    Some(values)
}

fn one_line(text: &str) -> String {
    normal_text(text).replace(['\n', '\t'], " ")
}
