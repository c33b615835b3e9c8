//! Events as an answer shows them: to whom, and in which zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use super::moment::shown;
use super::store::{Calendar, Role, Stored};

/// What a viewer without access to a private event's details is left with.
const BUSY_FIELDS: [&str; 7] = [
    "id",
    "status",
    "start",
    "end",
    "iCalUID",
    "recurringEventId",
    "originalStartTime",
];

/// How events are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) role: Role,
    pub(super) zone: Tz,
    pub(super) attendees_max: Option<usize>,
}

/// Google's timestamps.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// A living event, or a cancelled one with its details.
pub(super) fn whole(calendar: &Calendar, event: &Stored, view: View) -> Value {
    let mut fields = event.fields.clone();
    for name in ["start", "end", "originalStartTime"] {
        if let Some(value) = fields.get_mut(name) {
            *value = shown(value, view.zone);
        }
    }
    if !details_visible(event, view.role) {
        fields.retain(|name, _| BUSY_FIELDS.contains(&name.as_str()));
        fields.insert("visibility".to_owned(), json!("private"));
        fields.insert("kind".to_owned(), json!("calendar#event"));
        fields.insert("etag".to_owned(), json!(event.etag));
        return Value::Object(fields);
    }
    for name in ["creator", "organizer"] {
        if let Some(person) = fields.get_mut(name).and_then(Value::as_object_mut) {
            mark_self(calendar, person);
        }
    }
    show_attendees(calendar, &mut fields, view);
    let id = event.text("id").unwrap_or_default();
    let link = BASE64URL_NOPAD.encode(format!("{id} {}", calendar.id).as_bytes());
    fields.insert("kind".to_owned(), json!("calendar#event"));
    fields.insert("etag".to_owned(), json!(event.etag));
    fields.insert(
        "htmlLink".to_owned(),
        json!(format!("https://www.google.com/calendar/event?eid={link}")),
    );
    fields.insert("created".to_owned(), json!(stamp(event.created)));
    fields.insert("updated".to_owned(), json!(stamp(event.updated)));
    Value::Object(fields)
}

/// What a delta says of a deleted event: that it is deleted. Of a deleted instance also which one it was.
pub(super) fn tombstone(event: &Stored, zone: Tz) -> Value {
    let mut fields = Map::new();
    for name in ["id", "recurringEventId"] {
        if let Some(value) = event.fields.get(name) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(original) = event.fields.get("originalStartTime") {
        fields.insert("originalStartTime".to_owned(), shown(original, zone));
    }
    fields.insert("status".to_owned(), json!("cancelled"));
    Value::Object(fields)
}

pub(super) fn details_visible(event: &Stored, role: Role) -> bool {
    let private = matches!(event.text("visibility"), Some("private" | "confidential"));
    match role {
        Role::Owner | Role::Writer => true,
        Role::WriterWithoutPrivateAccess | Role::Reader => !private,
        Role::FreeBusyReader => false,
    }
}

/// `self` means this calendar, not the user who reads.
fn mark_self(calendar: &Calendar, person: &mut Map<String, Value>) {
    let email = person.get("email").and_then(Value::as_str).unwrap_or_default();
    if email.eq_ignore_ascii_case(&calendar.id) {
        person.insert("self".to_owned(), json!(true));
    }
}

fn show_attendees(calendar: &Calendar, fields: &mut Map<String, Value>, view: View) {
    let organizer = fields
        .get("organizer")
        .and_then(|organizer| organizer.get("email"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let Some(attendees) = fields.get_mut("attendees").and_then(Value::as_array_mut) else {
        return;
    };
    for attendee in attendees.iter_mut().filter_map(Value::as_object_mut) {
        mark_self(calendar, attendee);
        let email = attendee.get("email").and_then(Value::as_str).unwrap_or_default();
        if email.eq_ignore_ascii_case(&organizer) {
            attendee.insert("organizer".to_owned(), json!(true));
        }
    }
    if view.attendees_max.is_some_and(|most| attendees.len() > most) {
        attendees.retain(|attendee| attendee.get("self").is_some());
        fields.insert("attendeesOmitted".to_owned(), json!(true));
    }
}
