//! Events to records.

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use sync_core::change::{Observed, ReadOnly, Traits};
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::{EventRecord, When};

use super::marker::{Marker, built_in_partner};
use super::text::{one_line, plain_description};
use super::wire::{Event, EventTime};

/// Why an event cannot be carried.
pub(super) const UNREADABLE_CODE: &str = "event_unreadable";

/// What a person reads about an event that cannot be carried.
pub(super) const UNREADABLE_MESSAGE: &str = "Google sends this event without a start that can be read";

/// Turns an event into what the engine sees; `None` where it has no start, or one that is none.
pub(super) fn observed(
    marker: &Marker,
    calendar: &str,
    access_role: Option<&str>,
    event: &Event,
) -> Option<Observed<EventRecord>> {
    let when = when(event.start.as_ref()?, event.end.as_ref())?;
    Some(Observed {
        id: RemoteId::new(calendar, &event.id),
        version: Version(event.etag.clone().unwrap_or_default()),
        modified_at: event.updated.as_deref().and_then(instant),
        record: EventRecord {
            title: one_line(event.summary.as_deref().unwrap_or_default()),
            description: plain_description(event.description.as_deref().unwrap_or_default()),
            location: one_line(event.location.as_deref().unwrap_or_default()),
            when,
            private: is_private(event),
        },
        traits: Traits {
            made_from: marker.made_from(calendar, event),
            built_in_partner: built_in_partner(event),
            ical_uid: event.ical_uid.clone(),
            series_made_from: marker.series_made_from(calendar, event),
            series: event
                .recurring_event_id
                .as_ref()
                .map(|series| RemoteId::new(calendar, series)),
            read_only: read_only(event, access_role),
            address: event.html_link.clone(),
            ..Traits::default()
        },
    })
}

/// When an event last changed, where it says so.
pub(super) fn updated(event: &Event) -> Option<DateTime<Utc>> {
    event.updated.as_deref().and_then(instant)
}

/// An event without an end, or with one before its start, has no length; a whole day has at least one day.
fn when(start: &EventTime, end: Option<&EventTime>) -> Option<When> {
    if let Some(start) = start.date_time.as_deref() {
        let start = instant(start)?;
        let end = end
            .and_then(|end| end.date_time.as_deref())
            .and_then(instant)
            .unwrap_or(start);
        return Some(When::Timed {
            start,
            end: end.max(start),
        });
    }
    let start = day(start.date.as_deref()?)?;
    let next = start.checked_add_signed(TimeDelta::days(1))?;
    let end = end
        .and_then(|end| end.date.as_deref())
        .and_then(day)
        .unwrap_or(next);
    Some(When::AllDay {
        start,
        end: end.max(next),
    })
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| at.to_utc().trunc_subsecs(0))
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn is_private(event: &Event) -> bool {
    matches!(event.visibility.as_deref(), Some("private" | "confidential"))
}

/// The strictest reason comes first: what is not carried at all, then what is not written.
fn read_only(event: &Event, access_role: Option<&str>) -> Option<ReadOnly> {
    if !event.is_ordinary() {
        return Some(ReadOnly::EventType);
    }
    let hides_private = matches!(access_role, Some("reader" | "writerWithoutPrivateAccess"));
    // Details that are hidden are simply absent.
    if access_role == Some("freeBusyReader") || hides_private && is_private(event) && event.summary.is_none()
    {
        return Some(ReadOnly::HiddenDetails);
    }
    if access_role == Some("reader") {
        return Some(ReadOnly::Calendar);
    }
    let organised_elsewhere = event.organizer.as_ref().is_some_and(|organizer| !organizer.own);
    if event.locked || organised_elsewhere && !event.guests_can_modify {
        return Some(ReadOnly::NotOrganizer);
    }
    None
}
