//! Google Calendar's shapes, as far as they are used.
//!
//! # Source
//! The published API description, calendar v3; `tests/discovery.json` keeps the parts that are used.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The fields of an event that are asked for. `organizer` needs a field beside `self`, which is absent where it
/// is false, or an organiser who is somebody else would look like none.
pub(super) const EVENT_FIELDS: &str = "id,status,etag,updated,summary,description,location,\
    start(date,dateTime),end(date,dateTime),visibility,eventType,recurrence,recurringEventId,iCalUID,htmlLink,\
    organizer(email,self),guestsCanModify,locked,extendedProperties(private)";

/// The fields of a list that are asked for, without those of its items.
pub(super) const LIST_FIELDS: &str = "nextPageToken,nextSyncToken,timeZone,accessRole";

/// One page of `events.list` or `events.instances`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(default)]
    pub(super) items: Vec<Item>,
    pub(super) next_page_token: Option<String>,
    pub(super) next_sync_token: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) access_role: Option<String>,
}

/// An item of a page. One that has an unknown shape must not spoil the page.
#[derive(Debug)]
pub(super) enum Item {
    Event(Box<Event>),
    Odd { id: Option<String> },
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let id = value.get("id").and_then(Value::as_str).map(str::to_owned);
        Ok(match serde_json::from_value(value) {
            Ok(event) => Item::Event(event),
            Err(_) => Item::Odd { id },
        })
    }
}

/// An event, an occurrence of a series, or what is left of one that was deleted (`id` and `status`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) etag: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) location: Option<String>,
    pub(super) start: Option<EventTime>,
    pub(super) end: Option<EventTime>,
    pub(super) visibility: Option<String>,
    #[serde(rename = "eventType")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) recurrence: Vec<String>,
    pub(super) recurring_event_id: Option<String>,
    #[serde(rename = "iCalUID")]
    pub(super) ical_uid: Option<String>,
    pub(super) html_link: Option<String>,
    pub(super) organizer: Option<Person>,
    #[serde(default)]
    pub(super) guests_can_modify: bool,
    #[serde(default)]
    pub(super) locked: bool,
    #[serde(default)]
    pub(super) extended_properties: ExtendedProperties,
}

/// A day or an instant.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventTime {
    pub(super) date: Option<String>,
    pub(super) date_time: Option<String>,
}

/// The organiser; `self` means this calendar.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Person {
    #[serde(default, rename = "self")]
    pub(super) own: bool,
}

/// Properties that programs have put on an event. Private ones belong to this calendar's copy.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ExtendedProperties {
    #[serde(default)]
    pub(super) private: BTreeMap<String, String>,
}

impl Event {
    /// Whether it is deleted.
    pub(super) fn is_cancelled(&self) -> bool {
        self.status.as_deref() == Some("cancelled")
    }

    /// Whether it is a series rather than one event.
    pub(super) fn is_series(&self) -> bool {
        !self.recurrence.is_empty()
    }

    /// Whether it is a series that comes to an end by its rules.
    pub(super) fn has_end(&self) -> bool {
        let mut rules = self.recurrence.iter().filter(|line| line.starts_with("RRULE"));
        rules.all(|rule| rule.contains("COUNT=") || rule.contains("UNTIL="))
    }

    /// Whether it is an ordinary event, not a birthday, focus time or the like.
    pub(super) fn is_ordinary(&self) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == "default")
    }
}
