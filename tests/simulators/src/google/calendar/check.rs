//! What Google makes of an event's fields: what it refuses, what it quietly changes.

use serde_json::{Map, Value, json};

use super::moment::{Moment, kept, parse};
use super::refusal::Refusal;
use super::series::Series;

/// Longer keys are dropped and longer values cut, with 200.
const PROPERTY_KEY_MAX: usize = 44;
const PROPERTY_VALUE_MAX: usize = 1024;
/// Reminders beyond five are dropped; four weeks is the earliest.
const REMINDERS_MAX: usize = 5;
const REMINDER_MINUTES_MAX: i64 = 40_320;

/// Fields that nobody can set; sent along, they are passed over in silence.
const READ_ONLY: [&str; 8] = [
    "kind",
    "etag",
    "htmlLink",
    "created",
    "updated",
    "creator",
    "hangoutLink",
    "locked",
];

/// The event types that there are, and that cannot be changed by a program as ordinary events can.
const TYPES: [&str; 6] = [
    "default",
    "birthday",
    "focusTime",
    "fromGmail",
    "outOfOffice",
    "workingLocation",
];
const FREE_ON_SPECIAL: [&str; 5] = [
    "colorId",
    "extendedProperties",
    "reminders",
    "transparency",
    "visibility",
];

/// Takes out what a caller may not set.
pub(super) fn strip(fields: &mut Map<String, Value>) {
    for name in READ_ONLY {
        fields.remove(name);
    }
}

/// Merges a patch: objects field by field, arrays whole, null removes.
pub(super) fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match (target.get_mut(&name), value) {
            (_, Value::Null) => {
                target.remove(&name);
            }
            (Some(Value::Object(inner)), Value::Object(patch)) => merge(inner, patch),
            (_, Value::Object(patch)) => {
                let mut inner = Map::new();
                merge(&mut inner, patch);
                target.insert(name, Value::Object(inner));
            }
            (_, value) => {
                target.insert(name, value);
            }
        }
    }
}

/// Checks a whole event and brings it into the form in which it is kept.
pub(super) fn settle(fields: &mut Map<String, Value>) -> Result<(), Refusal> {
    fields.retain(|_, value| {
        !(value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty))
    });
    settle_times(fields)?;
    check_words(fields)?;
    if Series::read(fields)?.is_some() && fields.contains_key("recurringEventId") {
        return Err(Refusal::invalid("An instance of a recurring event cannot recur."));
    }
    settle_attendees(fields)?;
    settle_reminders(fields)?;
    settle_properties(fields);
    Ok(())
}

fn settle_times(fields: &mut Map<String, Value>) -> Result<(), Refusal> {
    let start = parse(fields.get("start"), "start")?;
    let end = parse(fields.get("end"), "end")?;
    if start.moment.is_date() != end.moment.is_date() {
        return Err(Refusal::invalid(
            "The start and end times must either both be date or both be dateTime.",
        ));
    }
    let empty = match (start.moment, end.moment) {
        // The end of an all-day event is exclusive: a day that ends where it starts is no day.
        (Moment::Date(start), Moment::Date(end)) => end <= start,
        (start, end) => end < start,
    };
    if empty {
        return Err(
            Refusal::new(400, "timeRangeEmpty", "The specified time range is empty.").in_domain("calendar"),
        );
    }
    fields.insert("start".to_owned(), kept(start));
    fields.insert("end".to_owned(), kept(end));
    Ok(())
}

fn check_words(fields: &Map<String, Value>) -> Result<(), Refusal> {
    let words: [(&str, &[&str]); 4] = [
        ("status", &["confirmed", "tentative", "cancelled"]),
        ("transparency", &["opaque", "transparent"]),
        ("visibility", &["default", "public", "private", "confidential"]),
        ("eventType", &TYPES),
    ];
    for (name, known) in words {
        let value = fields.get(name).and_then(Value::as_str);
        if value.is_some_and(|value| !known.contains(&value)) {
            return Err(Refusal::invalid(format!("Invalid value for: {name}")));
        }
    }
    Ok(())
}

fn settle_attendees(fields: &mut Map<String, Value>) -> Result<(), Refusal> {
    let Some(attendees) = fields.get_mut("attendees").and_then(Value::as_array_mut) else {
        return Ok(());
    };
    for attendee in attendees.iter_mut().filter_map(Value::as_object_mut) {
        for name in ["self", "organizer", "id", "asyncOperation"] {
            attendee.remove(name);
        }
        let email = attendee.get("email").and_then(Value::as_str).unwrap_or_default();
        if email.is_empty() {
            return Err(Refusal::required("Missing attendee email."));
        }
        let valid = email
            .split_once('@')
            .is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
        if !valid || email.contains(char::is_whitespace) {
            return Err(Refusal::invalid("Invalid attendee email."));
        }
        let answer = attendee
            .entry("responseStatus")
            .or_insert_with(|| json!("needsAction"));
        if !["needsAction", "declined", "tentative", "accepted"]
            .iter()
            .any(|known| *answer == json!(known))
        {
            return Err(Refusal::invalid("Invalid value for: responseStatus"));
        }
    }
    Ok(())
}

fn settle_reminders(fields: &mut Map<String, Value>) -> Result<(), Refusal> {
    let all_day = fields
        .get("start")
        .is_some_and(|start| start.get("date").is_some());
    let reminders = fields
        .entry("reminders")
        .or_insert_with(|| json!({ "useDefault": !all_day }));
    let Some(reminders) = reminders.as_object_mut() else {
        return Ok(());
    };
    let uses_default = reminders.get("useDefault") == Some(&json!(true));
    let overrides = reminders.get_mut("overrides").and_then(Value::as_array_mut);
    if uses_default && overrides.as_ref().is_some_and(|overrides| !overrides.is_empty()) {
        return Err(Refusal::new(
            400,
            "cannotUseDefaultRemindersAndSpecifyOverride",
            "Cannot specify both default reminders and overrides at the same time.",
        )
        .in_domain("calendar"));
    }
    if let Some(overrides) = overrides {
        overrides.retain(|one| {
            one.get("minutes").is_some_and(Value::is_i64)
                && ["email", "popup"]
                    .iter()
                    .any(|method| one.get("method") == Some(&json!(method)))
        });
        overrides.truncate(REMINDERS_MAX);
        for minutes in overrides.iter_mut().filter_map(|one| one.get_mut("minutes")) {
            *minutes = json!(
                minutes
                    .as_i64()
                    .unwrap_or_default()
                    .clamp(0, REMINDER_MINUTES_MAX)
            );
        }
        if overrides.is_empty() {
            reminders.remove("overrides");
        }
    }
    // All-day events never inherit the calendar's defaults.
    if all_day && uses_default {
        reminders.insert("useDefault".to_owned(), json!(false));
    }
    reminders.entry("useDefault").or_insert_with(|| json!(false));
    Ok(())
}

fn settle_properties(fields: &mut Map<String, Value>) {
    let Some(properties) = fields
        .get_mut("extendedProperties")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for scope in ["private", "shared"] {
        let Some(scoped) = properties.get_mut(scope).and_then(Value::as_object_mut) else {
            continue;
        };
        scoped.retain(|key, value| key.chars().count() <= PROPERTY_KEY_MAX && value.is_string());
        for value in scoped.values_mut() {
            let cut: String = value
                .as_str()
                .unwrap_or_default()
                .chars()
                .take(PROPERTY_VALUE_MAX)
                .collect();
            *value = json!(cut);
        }
        if scoped.is_empty() {
            properties.remove(scope);
        }
    }
    if properties.is_empty() {
        fields.remove("extendedProperties");
    }
}

/// Refuses what cannot be created as an event of its type.
pub(super) fn check_new_type(fields: &Map<String, Value>, primary: bool) -> Result<(), Refusal> {
    let restricted =
        |message: &str| Err(Refusal::new(400, "eventTypeRestriction", message).in_domain("calendar"));
    match fields.get("eventType").and_then(Value::as_str) {
        None | Some("default") => Ok(()),
        Some("fromGmail") => restricted("Events of type fromGmail cannot be created."),
        Some("birthday") if fields.get("recurrence").is_none() => restricted("A birthday recurs every year."),
        Some(_) if !primary => restricted("Events of this type can only be created on a primary calendar."),
        Some(_) if fields.contains_key("attendees") => {
            restricted("Events of this type cannot have attendees.")
        }
        Some(_) => Ok(()),
    }
}

/// Refuses a change of type, and changes to types that are not a program's to change.
pub(super) fn check_same_type(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<(), Refusal> {
    let kind = |fields: &Map<String, Value>| {
        fields
            .get("eventType")
            .and_then(Value::as_str)
            .unwrap_or("default")
            .to_owned()
    };
    let restricted =
        |message: &str| Err(Refusal::new(400, "eventTypeRestriction", message).in_domain("calendar"));
    if kind(before) != kind(after) {
        return restricted("The type of an event cannot be changed.");
    }
    if kind(before) == "default" {
        return Ok(());
    }
    let changed = |name: &&String| before.get(*name) != after.get(*name);
    let foreign = before
        .keys()
        .chain(after.keys())
        .filter(changed)
        .any(|name| !FREE_ON_SPECIAL.contains(&name.as_str()));
    if foreign {
        restricted("This field cannot be changed on events of this type.")
    } else {
        Ok(())
    }
}
