//! The user's list of calendars, and calendars themselves.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::super::world::Chance;
use super::pages::{Listing, Page, Pages, Row, SyncPoint};
use super::refusal::Refusal;
use super::store::{Calendar, Calendars, Role, Subscription};
use crate::front::Request;

/// The page size where none is asked for, and the greatest.
const PAGE_ITEMS: usize = 100;
const PAGE_ITEMS_MAX: usize = 250;

/// `calendarList.list`.
pub(super) fn list(
    calendars: &mut Calendars,
    account: &str,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Value, Refusal> {
    let least = match request.parameter("minAccessRole") {
        None => Role::FreeBusyReader,
        Some(_) if request.parameter("syncToken").is_some() => {
            return Err(
                Refusal::invalid("Sync token cannot be used with minAccessRole.").at_parameter("syncToken")
            );
        }
        Some(text) => Role::parse(text).ok_or_else(|| Refusal::invalid("Invalid Value"))?,
    };
    let since = match request.parameter("syncToken") {
        None => None,
        Some(token) => {
            let point = SyncPoint::unseal(token)?;
            if point.calendar != account {
                return Err(Refusal::invalid("Invalid sync token value.").at_parameter("syncToken"));
            }
            Some(point.sequence)
        }
    };
    let show_deleted = request.parameter("showDeleted") == Some("true") || since.is_some();
    let subscriptions = calendars.subscriptions.entry(account.to_owned()).or_default();
    let rows: Vec<Row> = subscriptions
        .entries
        .iter()
        .filter(|(_, entry)| {
            since.is_none_or(|since| entry.sequence > since) && (show_deleted || !entry.deleted)
        })
        .map(|(id, _)| Row::Event(id.clone()))
        .collect();
    let sync_token = SyncPoint {
        calendar: account.to_owned(),
        sequence: subscriptions.sequence,
        epoch: 0,
        shape: String::new(),
        issued: now,
    };
    let (number, page) = if let Some(token) = request.parameter("pageToken") {
        let (number, page) = calendars.pages.resume(token)?;
        (Some(number), page)
    } else {
        let listing = Listing {
            calendar: account.to_owned(),
            rows: rows.into(),
            shape: String::new(),
            delta: since.is_some(),
            show_deleted,
            sync_token: Some(sync_token.seal()),
        };
        (
            None,
            Page {
                listing,
                position: 0,
                number: 1,
            },
        )
    };
    let asked = request
        .parameter("maxResults")
        .and_then(|text| text.parse().ok())
        .unwrap_or(PAGE_ITEMS);
    let size = asked.clamp(1, PAGE_ITEMS_MAX);
    let rest = page.listing.rows.get(page.position..).unwrap_or_default();
    let taken = rest.get(..size.min(rest.len())).unwrap_or_default();
    let items: Vec<Value> = taken
        .iter()
        .filter_map(|row| if let Row::Event(id) = row { Some(id) } else { None })
        .filter_map(|id| entry(calendars, id, account, least))
        .collect();
    let position = page.position + taken.len();
    let mut body = json!({ "kind": "calendar#calendarList", "etag": format!("\"p{}\"", now.timestamp()), "items": items });
    let Some(fields) = body.as_object_mut() else {
        return Ok(body);
    };
    if position < page.listing.rows.len() {
        let number = match number {
            Some(number) => number,
            None => calendars.pages.open(page.listing.clone()),
        };
        fields.insert(
            "nextPageToken".to_owned(),
            json!(Pages::token(number, position, page.number + 1)),
        );
    } else if let Some(token) = page.listing.sync_token {
        fields.insert("nextSyncToken".to_owned(), json!(token));
    }
    Ok(body)
}

/// `calendarList.get`.
pub(super) fn get_entry(calendars: &Calendars, id: &str, account: &str) -> Result<Value, Refusal> {
    let (calendar, _) = calendars.reach(id, account)?;
    entry(calendars, &calendar.id, account, Role::FreeBusyReader).ok_or_else(Refusal::not_found)
}

fn entry(calendars: &Calendars, id: &str, account: &str, least: Role) -> Option<Value> {
    let Subscription { etag, deleted, .. } = calendars.subscriptions.get(account)?.entries.get(id)?;
    if *deleted {
        return Some(
            json!({ "kind": "calendar#calendarListEntry", "etag": etag, "id": id, "deleted": true }),
        );
    }
    let calendar = calendars.all.get(id)?;
    let role = calendar
        .roles
        .get(account)
        .copied()
        .filter(|role| *role >= least)?;
    let mut fields = calendar.fields.clone();
    fields.insert("kind".to_owned(), json!("calendar#calendarListEntry"));
    fields.insert("etag".to_owned(), json!(etag));
    fields.insert("id".to_owned(), json!(id));
    fields.insert("timeZone".to_owned(), json!(calendar.time_zone.name()));
    fields.insert("accessRole".to_owned(), json!(role.as_str()));
    fields.insert("colorId".to_owned(), json!("14"));
    fields.insert("selected".to_owned(), json!(true));
    let primary = calendar.primary_of.as_deref() == Some(account);
    if primary {
        fields.insert("primary".to_owned(), json!(true));
    } else {
        fields.insert("dataOwner".to_owned(), json!(calendar.owner));
    }
    let reminders = if primary {
        json!([{ "method": "popup", "minutes": 30 }])
    } else {
        json!([])
    };
    fields.insert("defaultReminders".to_owned(), reminders);
    Some(Value::Object(fields))
}

/// `calendars.get`.
pub(super) fn get(calendars: &Calendars, id: &str, account: &str) -> Result<Value, Refusal> {
    let (calendar, _) = calendars.reach(id, account)?;
    Ok(shown(calendar))
}

fn shown(calendar: &Calendar) -> Value {
    let mut fields = calendar.fields.clone();
    fields.insert("kind".to_owned(), json!("calendar#calendar"));
    fields.insert("etag".to_owned(), json!(calendar.etag));
    fields.insert("id".to_owned(), json!(calendar.id));
    fields.insert("timeZone".to_owned(), json!(calendar.time_zone.name()));
    Value::Object(fields)
}

/// `calendars.insert`.
pub(super) fn insert(
    calendars: &mut Calendars,
    chance: &mut Chance,
    account: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Value, Refusal> {
    let summary = body.get("summary").and_then(Value::as_str).unwrap_or_default();
    if summary.is_empty() {
        return Err(Refusal::required("Missing title."));
    }
    let id = format!(
        "c_{}@group.calendar.google.com",
        chance.text(b"0123456789abcdef", 64)
    );
    calendars.add_calendar(&id, summary, Tz::UTC, account, now);
    change(calendars, &id, account, body)
}

/// `calendars.patch`.
pub(super) fn change(
    calendars: &mut Calendars,
    id: &str,
    account: &str,
    body: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let (calendar, role) = calendars.reach(id, account)?;
    if role < Role::Writer {
        return Err(Refusal::new(403, "forbidden", "Forbidden"));
    }
    let id = calendar.id.clone();
    let zone = match body.get("timeZone").and_then(Value::as_str) {
        Some(name) => name
            .parse::<Tz>()
            .map_err(|_| Refusal::invalid("Invalid time zone"))?,
        None => calendar.time_zone,
    };
    let etag = calendars.stamp();
    let entry_etag = calendars.stamp();
    let list = calendars.subscriptions.entry(account.to_owned()).or_default();
    list.sequence += 1;
    if let Some(entry) = list.entries.get_mut(&id) {
        entry.sequence = list.sequence;
        entry.etag = entry_etag;
    }
    let calendar = calendars.all.get_mut(&id).ok_or_else(Refusal::not_found)?;
    calendar.time_zone = zone;
    calendar.etag = etag;
    for name in ["summary", "description", "location"] {
        match body.get(name) {
            None => {}
            Some(Value::Null) => drop(calendar.fields.remove(name)),
            Some(value) => drop(calendar.fields.insert(name.to_owned(), value.clone())),
        }
    }
    Ok(shown(calendar))
}

/// `calendars.delete`: a secondary calendar and everything in it.
pub(in super::super) fn delete(calendars: &mut Calendars, id: &str, account: &str) -> Result<(), Refusal> {
    let (calendar, role) = calendars.reach(id, account)?;
    if role < Role::Owner {
        return Err(Refusal::new(403, "forbidden", "Forbidden"));
    }
    if calendar.primary_of.is_some() {
        return Err(Refusal::new(
            400,
            "cannotDeletePrimaryCalendar",
            "Cannot delete a user's primary calendar.",
        )
        .in_domain("calendar"));
    }
    let id = calendar.id.clone();
    let users: Vec<String> = calendar.roles.keys().cloned().collect();
    for user in users {
        calendars.share(&id, &user, None);
    }
    calendars.all.remove(&id);
    Ok(())
}
