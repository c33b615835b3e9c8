//! Listing events and instances: whole lists, deltas, pages.
//!
//! # Source
//! developers.google.com/workspace/calendar/api/guides/sync; discovery `events.list`

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::moment::parse;
use super::pages::{Listing, Page, Pages, Row, SyncPoint};
use super::refusal::Refusal;
use super::rows::{delta_rows, event_of, expand, list_rows};
use super::show::{View, stamp, tombstone, whole};
use super::store::{Calendar, Calendars, Found, Role};
use crate::front::Request;

/// The page size where none is asked for, and the greatest.
const PAGE_ITEMS: usize = 250;
const PAGE_ITEMS_MAX: usize = 2500;

/// Parameters that a sync token excludes, and with which a list never gives one.
const NO_SYNC: [&str; 6] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "updatedMin",
];
const TIME_BOUNDS: [&str; 2] = ["timeMin", "timeMax"];

/// `events.list`.
pub(super) fn events(
    calendars: &mut Calendars,
    id: &str,
    account: &str,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Value, Refusal> {
    let (calendar, role) = calendars.reach(id, account)?;
    let calendar_id = calendar.id.clone();
    let filter = Filter::read(request)?;
    let shape = shape(request);
    if let Some(token) = request.parameter("pageToken") {
        let (number, page) = calendars.pages.resume(token)?;
        if page.listing.calendar != calendar_id || page.listing.shape != shape {
            return Err(Refusal::invalid("The page token belongs to another list.").at_parameter("pageToken"));
        }
        return page_of(calendars, Some(number), &page, role, request);
    }
    let since = match request.parameter("syncToken") {
        Some(token) => Some(resume(calendars, &calendar_id, token, request, now)?),
        None => None,
    };
    let (calendar, _) = calendars.reach(id, account)?;
    let gives_token = !NO_SYNC.iter().any(|name| request.parameter(name).is_some())
        && (calendars.habits.sync_token_with_time_bounds
            || !TIME_BOUNDS.iter().any(|name| request.parameter(name).is_some()));
    let sync_token = gives_token.then(|| {
        SyncPoint {
            calendar: calendar_id.clone(),
            sequence: calendar.sequence,
            epoch: calendar.epoch,
            shape: sync_shape(request),
            issued: now,
        }
        .seal()
    });
    let rows = match since {
        Some(sequence) => delta_rows(calendar, sequence, &filter, now),
        None => list_rows(calendar, &filter, now),
    };
    let listing = Listing {
        calendar: calendar_id,
        rows: Arc::new(rows),
        shape,
        delta: since.is_some(),
        show_deleted: filter.show_deleted || filter.updated_min.is_some(),
        sync_token,
    };
    page_of(
        calendars,
        None,
        &Page {
            listing,
            position: 0,
            number: 1,
        },
        role,
        request,
    )
}

/// `events.instances`.
pub(super) fn instances(
    calendars: &mut Calendars,
    id: &str,
    event_id: &str,
    account: &str,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Value, Refusal> {
    let (calendar, role) = calendars.reach(id, account)?;
    let calendar_id = calendar.id.clone();
    let shape = format!("{event_id} {}", shape(request));
    if let Some(token) = request.parameter("pageToken") {
        let (number, page) = calendars.pages.resume(token)?;
        if page.listing.calendar != calendar_id || page.listing.shape != shape {
            return Err(Refusal::invalid("The page token belongs to another list.").at_parameter("pageToken"));
        }
        return page_of(calendars, Some(number), &page, role, request);
    }
    let mut filter = Filter::read(request)?;
    filter.single = true;
    let master = calendar.events.get(event_id).ok_or_else(Refusal::not_found)?;
    if master.series().is_none() {
        return Err(Refusal::invalid("The event is not a recurring event."));
    }
    let mut rows = BTreeMap::new();
    if !master.cancelled() {
        expand(calendar, master, &filter, now, &mut rows);
    }
    let exceptions = calendar.exceptions.get(event_id).cloned().unwrap_or_default();
    for (original, exception) in exceptions {
        let Some(event) = calendar.events.get(&exception) else {
            continue;
        };
        if (filter.show_deleted || !event.cancelled()) && filter.in_time(event, calendar.time_zone) {
            rows.insert(original, Row::Event(exception));
        }
    }
    if let Some(start) = request.parameter("originalStart") {
        let zone = master
            .fields
            .get("start")
            .and_then(|point| point.get("timeZone"))
            .cloned();
        let point = json!({ if start.contains('T') { "dateTime" } else { "date" }: start, "timeZone": zone });
        let original = parse(Some(&point), "original start")?.moment;
        rows.retain(|moment, _| *moment == original);
    }
    let listing = Listing {
        calendar: calendar_id,
        rows: Arc::new(rows.into_values().collect()),
        shape,
        delta: false,
        show_deleted: filter.show_deleted,
        sync_token: None,
    };
    page_of(
        calendars,
        None,
        &Page {
            listing,
            position: 0,
            number: 1,
        },
        role,
        request,
    )
}

/// Everything that shapes a list, in one order; page size, partial answers and tokens do not.
fn shape(request: &Request) -> String {
    let free = [
        "pageToken",
        "maxResults",
        "fields",
        "syncToken",
        "prettyPrint",
        "quotaUser",
        "alt",
        "key",
    ];
    let mut pairs: Vec<String> = request
        .query
        .iter()
        .filter(|(name, _)| !free.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort();
    pairs.join("&")
}

/// What must be the same from the list that gave a sync token to the delta that uses it.
fn sync_shape(request: &Request) -> String {
    let mut types = request.parameters("eventTypes");
    types.sort_unstable();
    format!(
        "{} {}",
        request.parameter("singleEvents") == Some("true"),
        types.join(",")
    )
}

fn resume(
    calendars: &Calendars,
    calendar_id: &str,
    token: &str,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<u64, Refusal> {
    for name in NO_SYNC.iter().chain(&TIME_BOUNDS) {
        if request.parameter(name).is_some() {
            return Err(
                Refusal::invalid(format!("Sync token cannot be used with {name}.")).at_parameter("syncToken"),
            );
        }
    }
    if request.parameter("showDeleted") == Some("false") {
        return Err(
            Refusal::invalid("Sync token cannot be used with showDeleted set to false.")
                .at_parameter("showDeleted"),
        );
    }
    let point = SyncPoint::unseal(token)?;
    let rubbish = Refusal::invalid("Invalid sync token value.").at_parameter("syncToken");
    if point.calendar != calendar_id || point.shape != sync_shape(request) {
        return Err(rubbish);
    }
    let calendar = calendars.all.get(calendar_id).ok_or_else(Refusal::not_found)?;
    let lifetime = calendars
        .habits
        .sync_token_lifetime
        .and_then(|length| TimeDelta::from_std(length).ok());
    let too_old = lifetime.is_some_and(|lifetime| now.signed_duration_since(point.issued) > lifetime);
    if point.epoch != calendar.epoch || too_old {
        return Err(Refusal::new(
            410,
            "fullSyncRequired",
            "Sync token is no longer valid, a full sync is required.",
        )
        .in_domain("calendar")
        .at_parameter("syncToken"));
    }
    Ok(point.sequence)
}

fn page_of(
    calendars: &mut Calendars,
    number: Option<u64>,
    page: &Page,
    role: Role,
    request: &Request,
) -> Result<Value, Refusal> {
    let asked = request
        .parameter("maxResults")
        .and_then(|text| text.parse().ok())
        .unwrap_or(PAGE_ITEMS);
    let habits = calendars.habits.clone();
    let size = asked
        .min(PAGE_ITEMS_MAX)
        .min(habits.page_items_max.unwrap_or(PAGE_ITEMS_MAX))
        .max(1);
    let calendar = calendars
        .all
        .get(&page.listing.calendar)
        .ok_or_else(Refusal::not_found)?;
    let zone = match request.parameter("timeZone") {
        Some(name) => name
            .parse::<Tz>()
            .map_err(|_| Refusal::invalid("Invalid time zone").at_parameter("timeZone"))?,
        None => calendar.time_zone,
    };
    let attendees_max = request
        .parameter("maxAttendees")
        .and_then(|text| text.parse().ok());
    let view = View {
        role,
        zone,
        attendees_max,
    };
    let empty = habits
        .empty_page_after
        .is_some_and(|after| page.number.is_multiple_of(after + 1));
    let rest = page.listing.rows.get(page.position..).unwrap_or_default();
    let taken = if empty {
        &[]
    } else {
        rest.get(..size.min(rest.len())).unwrap_or_default()
    };
    let items: Vec<Value> = taken
        .iter()
        .filter_map(|row| item(calendar, row, &page.listing, view))
        .collect();
    let position = page.position + taken.len();
    // Where pages may be empty, the last one is: whoever stops at an empty page never sees what comes after it,
    // and whoever stops at the last item never sees the sync token.
    let more = position < page.listing.rows.len() || (habits.empty_page_after.is_some() && !taken.is_empty());
    let mut body = envelope(calendar, role, zone);
    body.insert("items".to_owned(), Value::Array(items));
    if more {
        let number = match number {
            Some(number) => number,
            None => calendars.pages.open(page.listing.clone()),
        };
        body.insert(
            "nextPageToken".to_owned(),
            json!(Pages::token(number, position, page.number + 1)),
        );
    } else if let Some(token) = &page.listing.sync_token {
        body.insert("nextSyncToken".to_owned(), json!(token));
    }
    Ok(Value::Object(body))
}

fn envelope(calendar: &Calendar, role: Role, zone: Tz) -> Map<String, Value> {
    let mut body = calendar.fields.clone();
    body.retain(|name, _| name == "summary" || name == "description");
    body.insert("kind".to_owned(), json!("calendar#events"));
    body.insert("etag".to_owned(), json!(format!("\"p{}\"", calendar.sequence)));
    body.insert("updated".to_owned(), json!(stamp(calendar.updated)));
    body.insert("timeZone".to_owned(), json!(zone.name()));
    body.insert("accessRole".to_owned(), json!(role.as_str()));
    let reminders = if calendar.primary_of.is_some() {
        json!([{ "method": "popup", "minutes": 30 }])
    } else {
        json!([])
    };
    body.insert("defaultReminders".to_owned(), reminders);
    body
}

/// A row as it is now; nothing where it is no longer to be seen, so that a page may come out short.
fn item(calendar: &Calendar, row: &Row, listing: &Listing, view: View) -> Option<Value> {
    if let Row::Lost { master, original } = row {
        let event = calendar.events.get(master)?;
        let id = format!("{}_{}", event.instance_prefix, original.suffix());
        let mut value = json!({ "id": id, "status": "cancelled", "recurringEventId": master });
        let point = super::moment::kept(super::moment::Point {
            moment: *original,
            zone: None,
        });
        value.as_object_mut()?.insert(
            "originalStartTime".to_owned(),
            super::moment::shown(&point, view.zone),
        );
        return Some(value);
    }
    let event = event_of(calendar, row)?;
    if !event.cancelled() {
        return Some(whole(calendar, &event, view));
    }
    if listing.delta || event.master_id().is_some() {
        return Some(tombstone(&event, view.zone));
    }
    listing.show_deleted.then(|| whole(calendar, &event, view))
}

/// `events.get`: cancelled events are answered too, with their details.
pub(super) fn get(
    calendars: &Calendars,
    id: &str,
    event_id: &str,
    account: &str,
    request: &Request,
) -> Result<(Value, String), Refusal> {
    let (calendar, role) = calendars.reach(id, account)?;
    let event = match calendar.find(event_id).ok_or_else(Refusal::not_found)? {
        Found::Event(id) => calendar.events.get(&id).cloned(),
        Found::Instance { master, original } => calendar.instance(&master, original),
    };
    let event = event.ok_or_else(Refusal::not_found)?;
    let zone = match request.parameter("timeZone") {
        Some(name) => name
            .parse::<Tz>()
            .map_err(|_| Refusal::invalid("Invalid time zone").at_parameter("timeZone"))?,
        None => calendar.time_zone,
    };
    let attendees_max = request
        .parameter("maxAttendees")
        .and_then(|text| text.parse().ok());
    Ok((
        whole(
            calendar,
            &event,
            View {
                role,
                zone,
                attendees_max,
            },
        ),
        event.etag,
    ))
}
