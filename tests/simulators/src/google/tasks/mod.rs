//! Tasks v1.
//!
//! A request is authorised, counted against the day's quota of the whole project, held against the API description,
//! and only then looked at. There is no push and no sync token.

mod hands;
mod list;
mod lists;
mod store;
mod write;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

pub(super) use store::TaskBooks;

use super::description::TASKS;
use super::oauth::Access;
use super::partial;
use super::refusal::Refusal;
use super::world::World;
use crate::front::{Answer, Request};

/// A method of the API and what its path names.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) pattern: &'static str,
    /// As the API description calls it; `None` where there is no such method.
    method: Option<&'static str>,
    list: String,
    task: String,
}

/// Reads a path under the API's address; `None` for all others.
pub(super) fn call(request: &Request) -> Option<Call> {
    let segments = request.route();
    let rest = segments.strip_prefix(["tasks", "v1"].as_slice())?;
    let verb = request.method.as_str();
    let one_of = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(name, _)| *name == verb)
            .map(|(_, method)| *method)
    };
    let (pattern, method, list, task) = match rest {
        ["users", "@me", "lists"] => (
            "/users/@me/lists",
            one_of(&[("GET", "tasklists.list"), ("POST", "tasklists.insert")]),
            "",
            "",
        ),
        ["users", "@me", "lists", list] => (
            "/users/@me/lists/{tasklist}",
            one_of(&[
                ("GET", "tasklists.get"),
                ("PATCH", "tasklists.patch"),
                ("DELETE", "tasklists.delete"),
            ]),
            *list,
            "",
        ),
        ["lists", list, "clear"] => (
            "/lists/{tasklist}/clear",
            one_of(&[("POST", "tasks.clear")]),
            *list,
            "",
        ),
        ["lists", list, "tasks"] => (
            "/lists/{tasklist}/tasks",
            one_of(&[("GET", "tasks.list"), ("POST", "tasks.insert")]),
            *list,
            "",
        ),
        ["lists", list, "tasks", task] => (
            "/lists/{tasklist}/tasks/{task}",
            one_of(&[
                ("GET", "tasks.get"),
                ("PATCH", "tasks.patch"),
                ("PUT", "tasks.update"),
                ("DELETE", "tasks.delete"),
            ]),
            *list,
            *task,
        ),
        ["lists", list, "tasks", task, "move"] => (
            "/lists/{tasklist}/tasks/{task}/move",
            one_of(&[("POST", "tasks.move")]),
            *list,
            *task,
        ),
        _ => ("/not-found", None, "", ""),
    };
    Some(Call {
        pattern,
        method,
        list: list.to_owned(),
        task: task.to_owned(),
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
    TASKS.check_query(method, request)?;
    let body = TASKS.check_body(method, request)?;
    let World { tasks, chance, .. } = world;
    let account = access.account.as_str();
    let write = store::Write {
        account,
        by_person: false,
        if_match: request.header("if-match"),
        now,
    };
    let (list, task) = (call.list.as_str(), call.task.as_str());
    let value = match method {
        "tasklists.list" => lists::list(tasks, account, request)?,
        "tasklists.get" => lists::get(tasks, account, list)?,
        "tasklists.insert" => lists::insert(tasks, chance, account, &body, now)?,
        "tasklists.patch" => lists::patch(tasks, account, list, &body, now)?,
        "tasklists.delete" => {
            lists::delete(tasks, account, list)?;
            return Ok(Answer::empty(204));
        }
        "tasks.list" => list::tasks(tasks, account, list, request)?,
        "tasks.get" => list::get(tasks, account, list, task)?,
        "tasks.insert" => write::insert(tasks, chance, list, body, request, write)?,
        "tasks.patch" => write::change(tasks, list, task, write::Change::Patch(body), write)?,
        "tasks.update" => write::change(tasks, list, task, write::Change::Update(body), write)?,
        "tasks.move" => write::relocate(
            tasks,
            list,
            task,
            request.parameter("destinationTasklist"),
            request.parameter("parent"),
            write,
        )?,
        "tasks.clear" => {
            write::clear(tasks, list, write)?;
            return Ok(Answer::empty(204));
        }
        _ => {
            write::delete(tasks, list, task, write)?;
            return Ok(Answer::empty(204));
        }
    };
    shown(value, request)
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
    TASKS.check_scopes(method, &access.scopes)?;
    if world.tasks.quota.take(now) {
        return Ok(access);
    }
    world.tasks.refusals += 1;
    // One quota for the whole project, and more than one way to say so.
    Err(if world.tasks.refusals % 2 == 1 {
        Refusal::new(403, "dailyLimitExceeded", "Daily Limit Exceeded").for_quota()
    } else {
        Refusal::new(403, "quotaExceeded", "Quota exceeded for quota metric 'Queries'.").for_quota()
    })
}

fn shown(mut value: Value, request: &Request) -> Result<Answer, Refusal> {
    let etag = value.get("etag").and_then(Value::as_str).map(str::to_owned);
    if let Some(fields) = request.parameter("fields") {
        partial::cut(&mut value, fields)?;
    }
    let answer = Answer::json(200, &value);
    Ok(match etag {
        Some(etag) => answer.with_header("etag", etag),
        None => answer,
    })
}

/// Google's timestamps.
fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}
