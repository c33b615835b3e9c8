//! Writing events: insert, patch, update, delete.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::world::Chance;
use super::check::{check_new_type, check_same_type, merge, settle, strip};
use super::guests::{check_guest, merge_own_answer, organizes};
use super::refusal::Refusal;
use super::series::Series;
use super::store::{Calendar, Calendars, Found, Role, Stored};

/// The alphabet of event ids: base32hex in lower case.
const ID_ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuv";

/// Who writes, and whether by the API or by hand at Google's own pages, where less is refused.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Writer<'a> {
    pub(in super::super) account: &'a str,
    pub(in super::super) by_api: bool,
    pub(in super::super) now: DateTime<Utc>,
}

/// Options of a write that do not stand in its body.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Terms<'a> {
    pub(in super::super) if_match: Option<&'a str>,
    pub(in super::super) conference: bool,
    pub(in super::super) attachments: bool,
}

/// An event before and after a write.
#[derive(Debug, Clone)]
pub(in super::super) struct Written {
    pub(super) calendar: String,
    pub(in super::super) id: String,
    pub(super) before: Map<String, Value>,
    pub(super) after: Stored,
}

/// `events.insert`.
pub(in super::super) fn insert(
    calendars: &mut Calendars,
    chance: &mut Chance,
    calendar_id: &str,
    mut fields: Map<String, Value>,
    writer: Writer<'_>,
    terms: Terms<'_>,
) -> Result<Written, Refusal> {
    let (calendar, role) = calendars.reach(calendar_id, writer.account)?;
    check_role(role, None)?;
    let (calendar_id, organizer) = (calendar.id.clone(), calendar.organizer());
    let primary = calendar.primary_of.is_some();
    strip(&mut fields);
    drop_unsupported(&mut fields, terms);
    let id = match fields.get("id").and_then(Value::as_str) {
        Some(id) if writer.by_api => own_id(calendar, id, &fields)?,
        Some(id) => id.to_owned(),
        None => chance.text(ID_ALPHABET, 26),
    };
    if writer.by_api {
        fields.remove("organizer");
        fields.remove("recurringEventId");
        fields.remove("originalStartTime");
        if fields.get("status") == Some(&json!("cancelled")) {
            return Err(Refusal::invalid("Invalid value for: status"));
        }
        check_new_type(&fields, primary)?;
    }
    settle(&mut fields)?;
    let ical = json!(format!("{id}@google.com"));
    fields.insert("id".to_owned(), json!(id));
    fields.entry("iCalUID").or_insert(ical);
    fields.entry("status").or_insert_with(|| json!("confirmed"));
    fields.entry("eventType").or_insert_with(|| json!("default"));
    fields.entry("organizer").or_insert(organizer);
    fields.insert("creator".to_owned(), json!({ "email": writer.account }));
    fields.insert("sequence".to_owned(), json!(0));
    let event = Stored {
        fields,
        sequence: 0,
        etag: String::new(),
        created: writer.now,
        updated: writer.now,
        instance_prefix: id.clone(),
        lost: BTreeMap::new(),
    };
    let after = calendars
        .keep(&calendar_id, event, writer.now)
        .ok_or_else(Refusal::not_found)?;
    Ok(Written {
        calendar: calendar_id,
        id,
        before: Map::new(),
        after,
    })
}

/// How a change is put: by named fields, or whole.
#[derive(Debug, Clone)]
pub(in super::super) enum Change {
    Patch(Map<String, Value>),
    Update(Map<String, Value>),
}

/// `events.patch` and `events.update`.
pub(in super::super) fn change(
    calendars: &mut Calendars,
    calendar_id: &str,
    event_id: &str,
    change: Change,
    writer: Writer<'_>,
    terms: Terms<'_>,
) -> Result<Written, Refusal> {
    let (calendar, role) = calendars.reach(calendar_id, writer.account)?;
    let calendar_id = calendar.id.clone();
    let before = current(calendar, event_id)?;
    check_role(role, Some(&before))?;
    check_version(&before, terms)?;
    let mut fields = match change {
        Change::Patch(mut patch) => {
            strip(&mut patch);
            drop_unsupported(&mut patch, terms);
            fixed(&before)
                .into_iter()
                .for_each(|(name, _)| drop(patch.remove(&name)));
            if !organizes(calendar, &before.fields) {
                merge_own_answer(calendar, &before.fields, &mut patch);
            }
            let mut fields = before.fields.clone();
            merge(&mut fields, patch);
            fields
        }
        Change::Update(mut body) => {
            strip(&mut body);
            if body.contains_key("conferenceData") && !terms.conference {
                return Err(Refusal::invalid("Invalid conference data version."));
            }
            drop_unsupported(&mut body, terms);
            body.extend(fixed(&before));
            body.entry("status").or_insert_with(|| json!("confirmed"));
            let kind = before
                .fields
                .get("eventType")
                .cloned()
                .unwrap_or_else(|| json!("default"));
            body.entry("eventType").or_insert(kind);
            body
        }
    };
    settle(&mut fields)?;
    fields.entry("status").or_insert_with(|| json!("confirmed"));
    if writer.by_api {
        check_same_type(&before.fields, &fields)?;
        check_guest(calendar, &before.fields, &fields)?;
    }
    let after = commit(calendars, &calendar_id, &before, fields, writer.now)?;
    Ok(Written {
        calendar: calendar_id,
        id: event_id.to_owned(),
        before: before.fields,
        after,
    })
}

/// `events.delete`. A guest who deletes only leaves.
pub(in super::super) fn delete(
    calendars: &mut Calendars,
    calendar_id: &str,
    event_id: &str,
    writer: Writer<'_>,
    terms: Terms<'_>,
) -> Result<Written, Refusal> {
    let (calendar, role) = calendars.reach(calendar_id, writer.account)?;
    let calendar_id = calendar.id.clone();
    let before = current(calendar, event_id)?;
    check_role(role, Some(&before))?;
    check_version(&before, terms)?;
    if before.cancelled() {
        return Err(Refusal::new(410, "deleted", "Resource has been deleted"));
    }
    let mut fields = before.fields.clone();
    fields.insert("status".to_owned(), json!("cancelled"));
    let after = commit(calendars, &calendar_id, &before, fields, writer.now)?;
    Ok(Written {
        calendar: calendar_id,
        id: event_id.to_owned(),
        before: before.fields,
        after,
    })
}

pub(super) fn commit(
    calendars: &mut Calendars,
    calendar_id: &str,
    before: &Stored,
    mut fields: Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Stored, Refusal> {
    if fields == before.fields
        && calendars
            .all
            .get(calendar_id)
            .is_some_and(|calendar| is_kept(calendar, before))
    {
        return Ok(before.clone());
    }
    let differs = |name: &str| fields.get(name) != before.fields.get(name);
    let retimed = ["start", "end", "recurrence"].into_iter().any(differs);
    // Reminders move the etag but not `updated`.
    let only_reminders = fields
        .iter()
        .filter(|(name, value)| before.fields.get(*name) != Some(*value))
        .chain(
            before
                .fields
                .iter()
                .filter(|(name, _)| !fields.contains_key(*name)),
        )
        .all(|(name, _)| name == "reminders");
    if retimed {
        let sequence = before
            .fields
            .get("sequence")
            .and_then(Value::as_i64)
            .unwrap_or_default()
            + 1;
        fields.insert("sequence".to_owned(), json!(sequence));
    }
    let cancelled = fields.get("status") == Some(&json!("cancelled"));
    let updated = if only_reminders { before.updated } else { now };
    let event = Stored {
        fields,
        updated,
        ..before.clone()
    };
    let id = event.text("id").unwrap_or_default().to_owned();
    let series = event.series().filter(|_| !cancelled);
    let kept = calendars
        .keep(calendar_id, event, now)
        .ok_or_else(Refusal::not_found)?;
    if retimed || cancelled {
        drop_exceptions(calendars, calendar_id, &id, series.as_ref(), now);
    }
    Ok(kept)
}

/// Changed instances whose series no longer has them go with the change that took them away.
fn drop_exceptions(
    calendars: &mut Calendars,
    calendar_id: &str,
    master: &str,
    series: Option<&Series>,
    now: DateTime<Utc>,
) {
    let Some(calendar) = calendars.all.get_mut(calendar_id) else {
        return;
    };
    let known = calendar.exceptions.get(master).cloned().unwrap_or_default();
    for (original, id) in known {
        if series.is_some_and(|series| series.begins_at(original)) {
            continue;
        }
        let Some(calendar) = calendars.all.get_mut(calendar_id) else {
            return;
        };
        if series.is_some() {
            calendar
                .exceptions
                .entry(master.to_owned())
                .or_default()
                .remove(&original);
        }
        let Some(mut event) = calendar
            .events
            .get(&id)
            .filter(|event| !event.cancelled())
            .cloned()
        else {
            continue;
        };
        event.fields.insert("status".to_owned(), json!("cancelled"));
        event.updated = now;
        drop(calendars.keep(calendar_id, event, now));
    }
}

fn is_kept(calendar: &Calendar, event: &Stored) -> bool {
    event
        .text("id")
        .is_some_and(|id| calendar.events.contains_key(id))
}

/// The event an id stands for, a virtual instance made real.
pub(super) fn current(calendar: &Calendar, event_id: &str) -> Result<Stored, Refusal> {
    let event = match calendar.find(event_id).ok_or_else(Refusal::not_found)? {
        Found::Event(id) => calendar.events.get(&id).cloned(),
        Found::Instance { master, original } => calendar.instance(&master, original),
    };
    event.ok_or_else(Refusal::not_found)
}

/// What no write changes.
fn fixed(before: &Stored) -> Map<String, Value> {
    let names = [
        "id",
        "iCalUID",
        "organizer",
        "creator",
        "recurringEventId",
        "originalStartTime",
        "sequence",
    ];
    names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), before.fields.get(*name)?.clone())))
        .collect()
}

fn drop_unsupported(fields: &mut Map<String, Value>, terms: Terms<'_>) {
    if !terms.conference {
        fields.remove("conferenceData");
    }
    if !terms.attachments {
        fields.remove("attachments");
    }
}

fn check_version(before: &Stored, terms: Terms<'_>) -> Result<(), Refusal> {
    match terms.if_match {
        Some(etag) if etag != "*" && etag != before.etag => {
            Err(Refusal::new(412, "conditionNotMet", "Precondition Failed").at_header("If-Match"))
        }
        _ => Ok(()),
    }
}

fn check_role(role: Role, event: Option<&Stored>) -> Result<(), Refusal> {
    let refusal = || {
        Refusal::new(
            403,
            "requiredAccessLevel",
            "You need to have writer access to this calendar.",
        )
        .in_domain("calendar")
    };
    if role < Role::WriterWithoutPrivateAccess {
        return Err(refusal());
    }
    match event {
        Some(event) if !super::show::details_visible(event, role) => Err(refusal()),
        _ => Ok(()),
    }
}

/// An id of the caller's own: well-formed, and never used in this calendar, not even by a deleted event.
fn own_id(calendar: &Calendar, id: &str, fields: &Map<String, Value>) -> Result<String, Refusal> {
    let well_formed = (5..=1024).contains(&id.len()) && id.bytes().all(|byte| ID_ALPHABET.contains(&byte));
    if !well_formed {
        return Err(Refusal::invalid("Invalid resource id value."));
    }
    if fields.contains_key("iCalUID") {
        return Err(Refusal::invalid("Only one of id and iCalUID may be given."));
    }
    if calendar.events.contains_key(id) || calendar.burnt.contains(id) {
        return Err(Refusal::new(
            409,
            "duplicate",
            "The requested identifier already exists.",
        ));
    }
    Ok(id.to_owned())
}
