//! Between SuiteCRM's attributes and the neutral event.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use sync_core::change::{Observed, Traits};
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::{EventField, EventRecord, When};
use url::Url;

use super::super::shape::{Unreadable, address};
use super::super::site::{DESCRIPTION_BYTES, Site};
use super::super::text::{held, lines, one_line, spaced, stamp};
use super::super::wire::{Attributes, Module, Resource, date_text, parse_date};
use crate::day::{start_of_day, to_minute};
use crate::text::cut_to_bytes;

/// Minutes of a day, which is what an all-day meeting lasts for each of its days, whatever the clocks do.
const DAY_MINUTES: i64 = 24 * 60;
/// The longest meeting that is believed, in minutes: a hundred years. The CRM keeps any integer.
const LENGTH_MINUTES_MAX: i64 = 100 * 366 * DAY_MINUTES;

/// Where a record is, in the CRM's terms: its first instant, to the minute, and its length in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// First instant.
    pub(crate) start: DateTime<Utc>,
    /// Length.
    pub(crate) minutes: i64,
}

impl Span {
    /// What the attributes say. A missing duration falls back on the end, which the CRM computes.
    pub(crate) fn read(attributes: &Attributes) -> Result<Self, Unreadable> {
        let text = attributes.filled("date_start").ok_or(Unreadable::NoStart)?;
        let start = parse_date(&text).ok_or(Unreadable::BadStart)?;
        let part = |name: &str| match attributes.filled(name) {
            None => Ok(None),
            // A decimal number comes from sites that changed the field's type.
            Some(text) => match text.parse::<f64>() {
                Ok(number) if number.abs() < 1e9 => Ok(Some(number)),
                Ok(_) | Err(_) => Err(Unreadable::BadLength),
            },
        };
        let minutes = match (part("duration_hours")?, part("duration_minutes")?) {
            (None, None) => match attributes.filled("date_end").as_deref().and_then(parse_date) {
                Some(end) if end > start => (end - start).num_minutes(),
                Some(_) | None => 0,
            },
            (hours, minutes) => whole(hours.unwrap_or(0.0) * 60.0 + minutes.unwrap_or(0.0)),
        };
        if (0..=LENGTH_MINUTES_MAX).contains(&minutes) {
            Ok(Self { start, minutes })
        } else {
            Err(Unreadable::BadLength)
        }
    }

    /// Where an event of ours is in the CRM's terms. Durations are whole minutes there, so both ends are cut to the
    /// minute. Whole days begin at the user's local start of day and last a multiple of 24 hours.
    ///
    /// # Source
    /// SuiteCRM has no all-day flag; the duration convention is that of its own calendar page.
    pub(crate) fn of(when: &When, zone: Tz) -> Self {
        match when {
            When::Timed { start, end } => {
                let first = start.timestamp().div_euclid(60);
                let minutes = (end.timestamp().div_euclid(60) - first).clamp(0, LENGTH_MINUTES_MAX);
                Self {
                    start: to_minute(*start),
                    minutes,
                }
            }
            When::AllDay { start, end } => Self {
                start: to_minute(start_of_day(*start, zone)),
                minutes: ((*end - *start).num_days() * DAY_MINUTES).clamp(DAY_MINUTES, LENGTH_MINUTES_MAX),
            },
        }
    }

    /// The event's time for people whose days begin in that zone.
    pub(crate) fn when(self, zone: Tz) -> When {
        let day = self.start.with_timezone(&zone).date_naive();
        let whole_days = self.minutes > 0
            && self.minutes % DAY_MINUTES == 0
            && to_minute(start_of_day(day, zone)) == to_minute(self.start);
        let end_day = day.checked_add_signed(Duration::days(self.minutes / DAY_MINUTES));
        match (whole_days, end_day) {
            (true, Some(end)) => When::AllDay { start: day, end },
            (true, None) | (false, _) => When::Timed {
                start: self.start,
                end: self
                    .start
                    .checked_add_signed(Duration::minutes(self.minutes))
                    .unwrap_or(self.start),
            },
        }
    }

    /// Whether the CRM keeps what was asked of it. Seconds do not count: most sites lose them.
    pub(crate) fn is_kept_as(self, kept: Span) -> bool {
        to_minute(self.start) == to_minute(kept.start) && self.minutes == kept.minutes
    }

    /// The attributes that say so. The end is never sent: the CRM computes it.
    pub(crate) fn write(self, attributes: &mut Map<String, Value>) {
        attributes.insert("date_start".to_owned(), date_text(self.start).into());
        attributes.insert(
            "duration_hours".to_owned(),
            (self.minutes / 60).to_string().into(),
        );
        attributes.insert(
            "duration_minutes".to_owned(),
            (self.minutes % 60).to_string().into(),
        );
    }
}

/// The record that a resource is, for the user it belongs to.
pub(crate) fn observed(
    module: Module,
    resource: &Resource,
    zone: Tz,
    base_url: &Url,
) -> Result<Observed<EventRecord>, Unreadable> {
    let attributes = &resource.attributes;
    let span = Span::read(attributes)?;
    let location = match module {
        Module::Meetings => one_line(&attributes.text("location").unwrap_or_default()),
        // A call has no place. It always reads as empty, so that no merge ever takes it for cleared.
        Module::Calls | Module::Tasks | Module::Contacts => String::new(),
    };
    let record = EventRecord {
        title: one_line(&attributes.text("name").unwrap_or_default()),
        description: lines(&attributes.text("description").unwrap_or_default()),
        location,
        when: span.when(zone),
        private: false,
    };
    Ok(Observed {
        id: RemoteId::new(module.as_str(), &resource.id),
        version: version(&record, span),
        modified_at: attributes.filled("date_modified").as_deref().and_then(parse_date),
        traits: Traits {
            built_in_partner: attributes.filled("gsync_id"),
            row_of: row_of(module, resource),
            record_type: Some(module.noun()),
            address: Some(address(base_url, module, &resource.id)),
            ..Traits::default()
        },
        record,
    })
}

/// The series of which a record is one row. Its first row bears the rule and no parent; the others name the first one.
/// Once that is deleted the next one takes its place, with a parent of `0`.
///
/// # Source
/// Measured on 7.14.6: four rows made by the calendar page, all with the same `repeat_type`; re-parenting by SQL.
fn row_of(module: Module, resource: &Resource) -> Option<RemoteId> {
    resource.attributes.filled("repeat_type")?;
    let parent = resource
        .attributes
        .filled("repeat_parent_id")
        .filter(|parent| parent != "0");
    let series = parent.unwrap_or_else(|| resource.id.clone());
    Some(RemoteId::new(module.as_str(), series))
}

/// A stamp that covers what is carried and nothing else, so a change of status is no change to the sync.
fn version(record: &EventRecord, span: Span) -> Version {
    let start = span.start.timestamp().to_string();
    let minutes = span.minutes.to_string();
    Version(stamp([
        record.title.as_str(),
        &record.description,
        &record.location,
        &start,
        &minutes,
    ]))
}

/// The attributes that make the named fields of a record read as they shall.
pub(crate) fn attributes(
    module: Module,
    record: &EventRecord,
    fields: &[EventField],
    site: &Site,
    zone: Tz,
) -> Map<String, Value> {
    let mut attributes = Map::new();
    for field in fields {
        match field {
            EventField::Title => {
                let title = held(&record.title, site.chars("name"));
                attributes.insert("name".to_owned(), title.into());
            }
            EventField::Description => {
                let description = cut_to_bytes(&spaced(&record.description), DESCRIPTION_BYTES);
                attributes.insert("description".to_owned(), description.into());
            }
            EventField::Location if module == Module::Meetings => {
                let location = held(&record.location, site.chars("location"));
                attributes.insert("location".to_owned(), location.into());
            }
            EventField::When => Span::of(&record.when, zone).write(&mut attributes),
            // Calls have no place, and nothing in the CRM says private.
            EventField::Location | EventField::Private => {}
        }
    }
    attributes
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "both parts are checked to lie far inside an i64"
)]
fn whole(minutes: f64) -> i64 {
    minutes.round() as i64
}
