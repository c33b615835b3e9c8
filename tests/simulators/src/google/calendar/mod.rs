//! Calendar v3.
//!
//! A request is authorised, counted against the quota, held against the API description, and only then looked at.

mod calendar_list;
mod check;
mod filter;
mod guests;
mod list;
mod moment;
mod pages;
mod quota;
mod rows;
mod series;
mod show;
mod split;
mod store;
mod write;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

pub use guests::Mail;
pub(super) use store::{Calendars, Role};
pub(super) use write::{Change, Terms, Writer};

use super::description::CALENDAR;
use super::oauth::Access;
use super::partial;
use super::refusal::{self, Refusal};
use super::world::World;
use crate::front::{Answer, Request};

/// The API's address under the simulator's own.
const BASE: [&str; 2] = ["calendar", "v3"];

/// A method of the API and what its path names.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) pattern: &'static str,
    /// As the API description calls it; `None` where there is no such method.
    method: Option<&'static str>,
    calendar: String,
    event: String,
}

/// Reads a path under the API's address; `None` for all others.
pub(super) fn call(request: &Request) -> Option<Call> {
    let segments = request.route();
    let rest = segments.strip_prefix(BASE.as_slice())?;
    let verb = request.method.as_str();
    let (pattern, method, calendar, event) = match rest {
        ["users", "me", "calendarList"] => (
            "/users/me/calendarList",
            (verb == "GET").then_some("calendarList.list"),
            "",
            "",
        ),
        ["users", "me", "calendarList", id] => (
            "/users/me/calendarList/{calendarId}",
            (verb == "GET").then_some("calendarList.get"),
            *id,
            "",
        ),
        ["calendars"] => (
            "/calendars",
            (verb == "POST").then_some("calendars.insert"),
            "",
            "",
        ),
        ["calendars", id] => {
            let method = match verb {
                "GET" => Some("calendars.get"),
                "PATCH" => Some("calendars.patch"),
                "DELETE" => Some("calendars.delete"),
                _ => None,
            };
            ("/calendars/{calendarId}", method, *id, "")
        }
        ["calendars", id, "events"] => {
            let method = match verb {
                "GET" => Some("events.list"),
                "POST" => Some("events.insert"),
                _ => None,
            };
            ("/calendars/{calendarId}/events", method, *id, "")
        }
        ["calendars", id, "events", event] => {
            let method = match verb {
                "GET" => Some("events.get"),
                "PATCH" => Some("events.patch"),
                "PUT" => Some("events.update"),
                "DELETE" => Some("events.delete"),
                _ => None,
            };
            ("/calendars/{calendarId}/events/{eventId}", method, *id, *event)
        }
        ["calendars", id, "events", event, "instances"] => {
            let method = (verb == "GET").then_some("events.instances");
            (
                "/calendars/{calendarId}/events/{eventId}/instances",
                method,
                *id,
                *event,
            )
        }
        _ => ("/not-found", None, "", ""),
    };
    Some(Call {
        pattern,
        method,
        calendar: calendar.to_owned(),
        event: event.to_owned(),
    })
}

/// Answers one call.
pub(super) fn answer(world: &mut World, call: &Call, request: &Request, now: DateTime<Utc>) -> Answer {
    let Some(method) = call.method else {
        return Answer::html(404, "<html><title>Error 404 (Not Found)!!1</title></html>");
    };
    perform(world, call, method, request, now).unwrap_or_else(Answer::from)
}

fn perform(
    world: &mut World,
    call: &Call,
    method: &'static str,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Answer, Refusal> {
    let access = authorise(world, method, request, now)?;
    CALENDAR.check_query(method, request)?;
    let body = CALENDAR.check_body(method, request)?;
    let (calendars, chance) = (&mut world.calendars, &mut world.chance);
    let (id, account) = (call.calendar.as_str(), access.account.as_str());
    let value = match method {
        "calendarList.list" => calendar_list::list(calendars, account, request, now)?,
        "calendarList.get" => calendar_list::get_entry(calendars, id, account)?,
        "calendars.insert" => calendar_list::insert(calendars, chance, account, &body, now)?,
        "calendars.get" => calendar_list::get(calendars, id, account)?,
        "calendars.patch" => calendar_list::change(calendars, id, account, &body)?,
        "calendars.delete" => {
            calendar_list::delete(calendars, id, account)?;
            return Ok(Answer::empty(204));
        }
        "events.list" => list::events(calendars, id, account, request, now)?,
        "events.instances" => list::instances(calendars, id, &call.event, account, request, now)?,
        "events.get" => {
            let (value, etag) = list::get(calendars, id, &call.event, account, request)?;
            if request.header("if-none-match") == Some(etag.as_str()) {
                return Ok(Answer::empty(304).with_header("etag", etag));
            }
            value
        }
        _ => return write_event(world, call, method, body, &access, request, now),
    };
    shown(200, value, request)
}

fn authorise(
    world: &mut World,
    method: &str,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Access, Refusal> {
    let Some(token) = request.bearer() else {
        return Err(Refusal::new(401, "required", "Login Required.").at_header("Authorization"));
    };
    let access = world
        .oauth
        .bearer(Some(token), now)
        .ok_or_else(|| Refusal::new(401, "authError", "Invalid Credentials").at_header("Authorization"))?;
    CALENDAR.check_scopes(method, &access.scopes)?;
    world.calendars.quota.take(&access.account, now)?;
    Ok(access)
}

fn write_event(
    world: &mut World,
    call: &Call,
    method: &str,
    body: Map<String, Value>,
    access: &Access,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Answer, Refusal> {
    let (calendars, chance) = (&mut world.calendars, &mut world.chance);
    let writer = Writer {
        account: &access.account,
        by_api: true,
        now,
    };
    let terms = Terms {
        if_match: request.header("if-match"),
        conference: request.parameter("conferenceDataVersion") == Some("1"),
        attachments: request.parameter("supportsAttachments") == Some("true"),
    };
    let (id, event) = (call.calendar.as_str(), call.event.as_str());
    let written = match method {
        "events.insert" => write::insert(calendars, chance, id, body, writer, terms)?,
        "events.patch" => write::change(calendars, id, event, Change::Patch(body), writer, terms)?,
        "events.update" => write::change(calendars, id, event, Change::Update(body), writer, terms)?,
        _ => write::delete(calendars, id, event, writer, terms)?,
    };
    let verb = method.trim_start_matches("events.");
    let versions = [&written.before, &written.after.fields];
    guests::mail(
        calendars,
        &written.calendar,
        &written.id,
        verb,
        request,
        &versions,
    );
    if method == "events.delete" {
        return Ok(Answer::empty(204));
    }
    let (calendar, role) = calendars.reach(&written.calendar, &access.account)?;
    let attendees_max = request
        .parameter("maxAttendees")
        .and_then(|text| text.parse().ok());
    let view = show::View {
        role,
        zone: calendar.time_zone,
        attendees_max,
    };
    shown(200, show::whole(calendar, &written.after, view), request)
}

fn shown(status: u16, mut value: Value, request: &Request) -> Result<Answer, Refusal> {
    let etag = value.get("etag").and_then(Value::as_str).map(str::to_owned);
    if let Some(fields) = request.parameter("fields") {
        partial::cut(&mut value, fields)?;
    }
    let answer = Answer::json(status, &value);
    Ok(match etag {
        Some(etag) => answer.with_header("etag", etag),
        None => answer,
    })
}

/// Google's refusal for want of quota.
pub(super) fn throttled(status: u16) -> Answer {
    let reason = if status == 403 {
        "userRateLimitExceeded"
    } else {
        "rateLimitExceeded"
    };
    quota::refusal(status, reason).into()
}

/// Google's own failure.
pub(super) fn broken(status: u16) -> Answer {
    Refusal::new(status, "backendError", "Backend Error").into()
}

impl Calendars {
    /// An event as its owner sees it, for a person's eyes.
    pub(super) fn look(&self, calendar: &str, account: &str, event: &str) -> Option<Value> {
        let (calendar, role) = self.reach(calendar, account).ok()?;
        let found = match calendar.find(event)? {
            store::Found::Event(id) => calendar.events.get(&id).cloned(),
            store::Found::Instance { master, original } => calendar.instance(&master, original),
        }?;
        Some(show::whole(
            calendar,
            &found,
            show::View {
                role,
                zone: calendar.time_zone,
                attendees_max: None,
            },
        ))
    }

    /// The living events of a calendar, masters and changed instances included.
    pub(super) fn living(&self, calendar: &str, account: &str) -> Vec<Value> {
        let Ok((calendar, role)) = self.reach(calendar, account) else {
            return Vec::new();
        };
        let view = show::View {
            role,
            zone: calendar.time_zone,
            attendees_max: None,
        };
        let living = calendar.events.values().filter(|event| !event.cancelled());
        living.map(|event| show::whole(calendar, event, view)).collect()
    }

    /// What a person sees in a calendar up to an instant: single events and the occurrences of series.
    pub(super) fn agenda(&self, calendar: &str, account: &str, until: DateTime<Utc>) -> Vec<Value> {
        let Ok((calendar, role)) = self.reach(calendar, account) else {
            return Vec::new();
        };
        let view = show::View {
            role,
            zone: calendar.time_zone,
            attendees_max: None,
        };
        let mut seen = Vec::new();
        for (id, event) in &calendar.events {
            if event.cancelled() {
                continue;
            }
            let Some(series) = event.series() else {
                seen.push(show::whole(calendar, event, view));
                continue;
            };
            let changed = calendar.exceptions.get(id);
            let unchanged = series
                .beginnings(until)
                .into_iter()
                .filter(|original| changed.is_none_or(|changed| !changed.contains_key(original)))
                .filter_map(|original| calendar.instance(id, original));
            seen.extend(unchanged.map(|instance| show::whole(calendar, &instance, view)));
        }
        seen
    }

    /// The calendars of which an account is the owner, its primary one first.
    pub(super) fn owned(&self, account: &str) -> Vec<String> {
        let owns = |id: &&String| matches!(self.reach(id, account), Ok((_, store::Role::Owner)));
        let mut owned: Vec<String> = self.all.keys().filter(owns).cloned().collect();
        owned.sort_by_key(|id| (id != account, id.clone()));
        owned
    }

    /// Makes a secondary calendar by hand.
    pub(super) fn new_calendar(
        &mut self,
        chance: &mut super::world::Chance,
        account: &str,
        body: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        calendar_list::insert(self, chance, account, body, now)
    }

    /// Deletes a secondary calendar by hand.
    pub(super) fn drop_calendar(&mut self, id: &str, account: &str) -> Result<(), Refusal> {
        calendar_list::delete(self, id, account)
    }
}

/// Holds an event made by hand against the API description as well: a sample with a misspelt field is no sample.
pub(super) fn check_event(event: &Value) -> Result<(), Refusal> {
    CALENDAR.check_resource("Event", event)
}

/// Inserts by hand.
pub(super) fn insert(
    world: &mut World,
    calendar: &str,
    body: Map<String, Value>,
    writer: Writer<'_>,
) -> Result<String, Refusal> {
    let terms = Terms {
        if_match: None,
        conference: true,
        attachments: true,
    };
    write::insert(
        &mut world.calendars,
        &mut world.chance,
        calendar,
        body,
        writer,
        terms,
    )
    .map(|written| written.id)
}

/// Changes by hand.
pub(super) fn change(
    world: &mut World,
    calendar: &str,
    event: &str,
    patch: Map<String, Value>,
    writer: Writer<'_>,
) -> Result<String, Refusal> {
    let terms = Terms {
        if_match: None,
        conference: true,
        attachments: true,
    };
    write::change(
        &mut world.calendars,
        calendar,
        event,
        Change::Patch(patch),
        writer,
        terms,
    )
    .map(|written| written.id)
}

/// Deletes by hand.
pub(super) fn delete(
    world: &mut World,
    calendar: &str,
    event: &str,
    writer: Writer<'_>,
) -> Result<String, Refusal> {
    write::delete(&mut world.calendars, calendar, event, writer, Terms::default()).map(|written| written.id)
}

/// Splits a series by hand.
pub(super) fn split(
    world: &mut World,
    calendar: &str,
    (master, instance): (&str, &str),
    patch: Map<String, Value>,
    writer: Writer<'_>,
) -> Result<String, Refusal> {
    split::split(&mut world.calendars, calendar, master, instance, patch, writer).map(|written| written.id)
}
