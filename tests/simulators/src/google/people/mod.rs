//! People v1: a user's contacts and their labels.
//!
//! A request is authorised, held against the API description, counted against the quotas, and only then looked at.
//! Lists tell what was true a while ago: a write appears in them after the propagation delay, in single reads at
//! once. Writes of one user that overlap are refused.

mod batch;
mod check;
mod fields;
mod groups;
mod hands;
mod list;
mod refusal;
mod show;
mod store;
mod write;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub(super) use store::{AddressBooks, Turn, Turns};

use super::description::PEOPLE;
use super::partial;
use super::world::World;
use crate::front::{Answer, Request};
use refusal::{Denial, Denied};

/// A method of the API and what its path names.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) pattern: &'static str,
    /// As the API description calls it; `None` where there is no such method.
    method: Option<&'static str>,
    /// The contact or the group.
    name: String,
}

impl Call {
    /// Whether it changes anything.
    pub(super) fn is_write(&self) -> bool {
        self.method.is_some_and(|method| {
            let verb = method.rsplit('.').next().unwrap_or_default();
            !["get", "list", "getBatchGet"].contains(&verb)
        })
    }
}

/// Reads a path under the API's address; `None` for all others.
pub(super) fn call(request: &Request) -> Option<Call> {
    let segments = request.route();
    let rest = segments.strip_prefix(["v1"].as_slice())?;
    let first = rest.first()?;
    if !(first.starts_with("people") || first.starts_with("contactGroups")) {
        return None;
    }
    let verb = request.method.as_str();
    let when = |asked: &str, method: &'static str| (verb == asked).then_some(method);
    let (pattern, method, name) = match rest {
        ["people", "me", "connections"] => (
            "/people/me/connections",
            when("GET", "people.connections.list"),
            "",
        ),
        ["people:batchGet"] => ("/people:batchGet", when("GET", "people.getBatchGet"), ""),
        ["people:createContact"] => ("/people:createContact", when("POST", "people.createContact"), ""),
        ["people:batchCreateContacts"] => (
            "/people:batchCreateContacts",
            when("POST", "people.batchCreateContacts"),
            "",
        ),
        ["people:batchUpdateContacts"] => (
            "/people:batchUpdateContacts",
            when("POST", "people.batchUpdateContacts"),
            "",
        ),
        ["people:batchDeleteContacts"] => (
            "/people:batchDeleteContacts",
            when("POST", "people.batchDeleteContacts"),
            "",
        ),
        ["people", name] => match name.split_once(':') {
            None => ("/people/{person}", when("GET", "people.get"), *name),
            Some((name, "updateContact")) => (
                "/people/{person}:updateContact",
                when("PATCH", "people.updateContact"),
                name,
            ),
            Some((name, "deleteContact")) => (
                "/people/{person}:deleteContact",
                when("DELETE", "people.deleteContact"),
                name,
            ),
            Some(_) => ("/not-found", None, ""),
        },
        ["contactGroups"] => (
            "/contactGroups",
            when("GET", "contactGroups.list").or(when("POST", "contactGroups.create")),
            "",
        ),
        ["contactGroups", name] => (
            "/contactGroups/{group}",
            when("GET", "contactGroups.get")
                .or(when("PUT", "contactGroups.update"))
                .or(when("DELETE", "contactGroups.delete")),
            *name,
        ),
        ["contactGroups", name, "members:modify"] => (
            "/contactGroups/{group}/members:modify",
            when("POST", "contactGroups.members.modify"),
            *name,
        ),
        _ => ("/not-found", None, ""),
    };
    Some(Call {
        pattern,
        method,
        name: name.to_owned(),
    })
}

/// Answers one call. `turn` says whether it came while another write of its user was under way.
pub(super) fn answer(
    world: &mut World,
    call: &Call,
    request: &Request,
    turn: Option<&Turn>,
    now: DateTime<Utc>,
) -> Answer {
    let Some(method) = call.method else {
        return Answer::html(404, "<html><title>Error 404 (Not Found)!!1</title></html>");
    };
    perform(world, call, method, request, turn, now).unwrap_or_else(Answer::from)
}

fn perform(
    world: &mut World,
    call: &Call,
    method: &'static str,
    request: &Request,
    turn: Option<&Turn>,
    now: DateTime<Utc>,
) -> Denied<Answer> {
    let access = world
        .oauth
        .bearer(request.bearer(), now)
        .ok_or_else(Denial::unauthenticated)?;
    PEOPLE
        .check_scopes(method, &access.scopes)
        .map_err(|_| Denial::scope())?;
    PEOPLE.check_query(method, request)?;
    let body = PEOPLE.check_body(method, request)?;
    if turn.is_some_and(|turn| !turn.is_alone()) {
        return Err(Denial::aborted());
    }
    let account = access.account.as_str();
    let World { people, chance, .. } = world;
    if call.is_write() {
        people.count_write(account, now)?;
    }
    let name = call.name.as_str();
    let mut value = match method {
        "people.connections.list" => list::connections(people, account, request, now)?,
        "people.get" => show::get(people, account, name, request)?,
        "people.getBatchGet" => batch::get(people, account, request)?,
        "people.createContact" => write::create(people, chance, account, body, request, now)?,
        "people.updateContact" => write::update(people, account, name, &body, request, now)?,
        "people.deleteContact" => write::delete(people, account, name, now)?,
        "people.batchCreateContacts" => batch::create(people, chance, account, &body, now)?,
        "people.batchUpdateContacts" => batch::update(people, account, &body, now)?,
        "people.batchDeleteContacts" => batch::delete(people, account, &body, now)?,
        "contactGroups.list" => groups::list(people, account, request)?,
        "contactGroups.get" => groups::get(people, account, name, request)?,
        "contactGroups.create" => groups::create(people, chance, account, &body, now)?,
        "contactGroups.update" => groups::rename(people, account, name, &body, now)?,
        "contactGroups.delete" => groups::delete(people, account, name, request, now)?,
        _ => groups::modify(people, account, name, &body, now)?,
    };
    if let Some(fields) = request.parameter("fields") {
        partial::cut(&mut value, fields)?;
    }
    Ok(Answer::json(200, &value))
}

/// Google's refusal for want of quota.
pub(super) fn throttled() -> Answer {
    Denial::quota("Critical write requests").into()
}

/// Google's own failure.
pub(super) fn broken(status: u16) -> Answer {
    Denial::broken(status).into()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
