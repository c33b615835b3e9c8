//! Guests: whose answers they are, who may change what, and who is mailed.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::store::{Calendar, Calendars};
use crate::front::Request;

/// A mail that Google sent to guests because a request asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The calendar that the request wrote to.
    pub calendar: String,
    /// The event.
    pub event: String,
    /// The method that caused it: `insert`, `patch`, `update` or `delete`.
    pub method: String,
    /// The guests' addresses.
    pub to: Vec<String>,
}

/// The fields of his own copy that a guest may change.
const OWN_FIELDS: [&str; 6] = [
    "attendees",
    "colorId",
    "extendedProperties",
    "reminders",
    "transparency",
    "visibility",
];

/// Whether this calendar's copy is the organiser's.
pub(super) fn organizes(calendar: &Calendar, fields: &Map<String, Value>) -> bool {
    let organizer = fields
        .get("organizer")
        .and_then(|organizer| organizer.get("email"))
        .and_then(Value::as_str);
    organizer.is_none_or(|email| email.eq_ignore_ascii_case(&calendar.id))
}

/// A guest's one-element guest list changes only his own answer; the others stay as they are.
pub(super) fn merge_own_answer(
    calendar: &Calendar,
    before: &Map<String, Value>,
    patch: &mut Map<String, Value>,
) {
    let Some([own]) = patch
        .get("attendees")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    else {
        return;
    };
    if !is_own(calendar, own) {
        return;
    }
    let own = own.clone();
    let mut attendees = before
        .get("attendees")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for attendee in attendees.iter_mut().filter(|attendee| is_own(calendar, attendee)) {
        if let (Some(attendee), Some(own)) = (attendee.as_object_mut(), own.as_object()) {
            attendee.extend(own.clone());
        }
    }
    patch.insert("attendees".to_owned(), Value::Array(attendees));
}

/// Refuses a guest's change of what belongs to all.
pub(super) fn check_guest(
    calendar: &Calendar,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<(), Refusal> {
    if organizes(calendar, before) || before.get("guestsCanModify") == Some(&json!(true)) {
        return Ok(());
    }
    let refusal = || {
        Refusal::new(
            403,
            "forbiddenForNonOrganizer",
            "Shared properties can only be changed by the organizer of the event.",
        )
        .in_domain("calendar")
    };
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        if before.get(name) != after.get(name) && !OWN_FIELDS.contains(&name.as_str()) {
            return Err(refusal());
        }
    }
    let shared = |fields: &Map<String, Value>| {
        fields
            .get("extendedProperties")
            .and_then(|all| all.get("shared"))
            .cloned()
    };
    let others = |fields: &Map<String, Value>| -> Vec<Value> {
        let attendees = fields
            .get("attendees")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        attendees
            .into_iter()
            .filter(|attendee| !is_own(calendar, attendee))
            .collect()
    };
    if shared(before) != shared(after) || others(before) != others(after) {
        return Err(refusal());
    }
    Ok(())
}

fn is_own(calendar: &Calendar, attendee: &Value) -> bool {
    let email = attendee.get("email").and_then(Value::as_str).unwrap_or_default();
    email.eq_ignore_ascii_case(&calendar.id)
}

/// Mails the guests of an event before and after a write, if the request says so. Nobody is mailed unless it does;
/// the old `sendNotifications` still counts.
pub(super) fn mail(
    calendars: &mut Calendars,
    calendar_id: &str,
    event_id: &str,
    method: &str,
    request: &Request,
    versions: &[&Map<String, Value>],
) {
    let external_only = match (
        request.parameter("sendUpdates"),
        request.parameter("sendNotifications"),
    ) {
        (Some("all"), _) | (None, Some("true")) => false,
        (Some("externalOnly"), _) => true,
        _ => return,
    };
    let mut to: Vec<String> = versions
        .iter()
        .filter_map(|fields| fields.get("attendees").and_then(Value::as_array))
        .flatten()
        .filter_map(|attendee| attendee.get("email").and_then(Value::as_str))
        .map(str::to_lowercase)
        .filter(|email| !email.eq_ignore_ascii_case(calendar_id))
        .filter(|email| !(external_only && calendars.all.contains_key(email)))
        .collect();
    to.sort();
    to.dedup();
    if !to.is_empty() {
        calendars.mails.push(Mail {
            calendar: calendar_id.to_owned(),
            event: event_id.to_owned(),
            method: method.to_owned(),
            to,
        });
    }
}
