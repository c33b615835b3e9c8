//! Inserting, changing, moving, deleting, clearing.

use chrono::{DateTime, NaiveTime, Utc};
use serde_json::{Map, Value, json};

use super::super::refusal::Refusal;
use super::super::world::Chance;
use super::store::{Stored, TaskBooks, Write};
use super::{stamp, text};
use crate::front::Request;

/// Longest title and notes in characters.
const TITLE_CHARACTERS_MAX: usize = 1024;
const NOTES_CHARACTERS_MAX: usize = 8192;
/// Tasks a list may have that are not hidden.
const TASKS_IN_LIST_MAX: usize = 20_000;

/// What a caller may set. Everything else is Google's own, an id included.
const WRITABLE: [&str; 6] = ["title", "notes", "status", "due", "completed", "deleted"];

/// A change's kind.
#[derive(Debug)]
pub(super) enum Change {
    Patch(Map<String, Value>),
    Update(Map<String, Value>),
}

/// `tasks.insert`: at the top of the list, under an id that Google draws.
pub(super) fn insert(
    books: &mut TaskBooks,
    chance: &mut Chance,
    list: &str,
    body: Map<String, Value>,
    request: &Request,
    write: Write<'_>,
) -> Result<Value, Refusal> {
    add(books, chance, list, body, request.parameter("parent"), write)
}

pub(super) fn add(
    books: &mut TaskBooks,
    chance: &mut Chance,
    list: &str,
    mut body: Map<String, Value>,
    parent: Option<&str>,
    write: Write<'_>,
) -> Result<Value, Refusal> {
    body.retain(|name, _| WRITABLE.contains(&name.as_str()));
    let found = books.reach(write.account, list)?;
    if found.tasks.values().filter(|task| !task.flag("hidden")).count() >= TASKS_IN_LIST_MAX {
        return Err(Refusal::new(403, "quotaExceeded", "Too many tasks in the list."));
    }
    if let Some(parent) = parent {
        if !found.tasks.contains_key(parent) {
            return Err(Refusal::invalid("Invalid Value").at_parameter("parent"));
        }
        body.insert("parent".to_owned(), json!(parent));
    }
    let position = top(books, write, list)?;
    let list_id = books.reach(write.account, list)?.id.clone();
    body.insert("id".to_owned(), json!(chance.word(22)));
    body.entry("status").or_insert_with(|| json!("needsAction"));
    settle(&mut body, write)?;
    Ok(books.keep(write, list, body, position)?.shown(&list_id))
}

/// `tasks.patch` and `tasks.update`.
pub(super) fn change(
    books: &mut TaskBooks,
    list: &str,
    task: &str,
    change: Change,
    write: Write<'_>,
) -> Result<Value, Refusal> {
    let (before, list_id) = current(books, list, task, write)?;
    let mut fields = match change {
        Change::Patch(patch) => {
            let mut fields = before.fields.clone();
            for (name, value) in patch
                .into_iter()
                .filter(|(name, _)| WRITABLE.contains(&name.as_str()))
            {
                fields.insert(name, value);
            }
            fields
        }
        Change::Update(mut body) => {
            if text(&body, "id") != Some(task) {
                return Err(Refusal::invalid("Missing task ID"));
            }
            body.retain(|name, _| WRITABLE.contains(&name.as_str()));
            for name in ["id", "parent", "hidden"] {
                if let Some(value) = before.fields.get(name) {
                    body.insert(name.to_owned(), value.clone());
                }
            }
            body
        }
    };
    fields.entry("status").or_insert_with(|| json!("needsAction"));
    settle(&mut fields, write)?;
    if fields == before.fields {
        return Ok(before.shown(&list_id));
    }
    Ok(books.keep(write, list, fields, before.position)?.shown(&list_id))
}

/// `tasks.delete`, with the subtasks.
pub(super) fn delete(books: &mut TaskBooks, list: &str, task: &str, write: Write<'_>) -> Result<(), Refusal> {
    let (before, _) = current(books, list, task, write)?;
    if before.flag("deleted") {
        return Err(Refusal::not_found());
    }
    let below: Vec<Stored> = books
        .reach(write.account, list)?
        .tasks
        .values()
        .filter(|one| text(&one.fields, "parent") == Some(task))
        .cloned()
        .collect();
    for mut gone in [vec![before], below].concat() {
        gone.fields.insert("deleted".to_owned(), json!(true));
        books.keep(write, list, gone.fields, gone.position)?;
    }
    Ok(())
}

/// `tasks.move`. Into another list the task goes with its id; the list it leaves tells of it as if it were deleted.
///
/// # Source
/// Discovery `tasks.move`; arpitbatra123/mcp-googletasks #13 for the id.
pub(super) fn relocate(
    books: &mut TaskBooks,
    list: &str,
    task: &str,
    destination: Option<&str>,
    parent: Option<&str>,
    write: Write<'_>,
) -> Result<Value, Refusal> {
    let (before, list_id) = current(books, list, task, write)?;
    let mut fields = before.fields.clone();
    fields.remove("parent");
    if let Some(parent) = parent {
        fields.insert("parent".to_owned(), json!(parent));
    }
    let to = destination.unwrap_or(list);
    let to_id = books.reach(write.account, to)?.id.clone();
    if to_id != list_id {
        let mut left = before.fields.clone();
        left.insert("deleted".to_owned(), json!(true));
        books.keep(write, list, left, before.position)?;
    }
    let position = top(books, write, &to_id)?;
    Ok(books.keep(write, &to_id, fields, position)?.shown(&to_id))
}

/// `tasks.clear`: what is completed is hidden.
pub(super) fn clear(books: &mut TaskBooks, list: &str, write: Write<'_>) -> Result<(), Refusal> {
    let completed: Vec<Stored> = books
        .reach(write.account, list)?
        .tasks
        .values()
        .filter(|task| task.is_completed() && !task.flag("hidden") && !task.flag("deleted"))
        .cloned()
        .collect();
    for mut task in completed {
        task.fields.insert("hidden".to_owned(), json!(true));
        books.keep(write, list, task.fields, task.position)?;
    }
    Ok(())
}

fn current(books: &TaskBooks, list: &str, task: &str, write: Write<'_>) -> Result<(Stored, String), Refusal> {
    let list = books.reach(write.account, list)?;
    let found = list.tasks.get(task).ok_or_else(Refusal::not_found)?;
    match write.if_match {
        Some(etag) if etag != "*" && etag != found.etag => {
            Err(Refusal::new(412, "conditionNotMet", "Precondition Failed").at_header("If-Match"))
        }
        _ => Ok((found.clone(), list.id.clone())),
    }
}

fn top(books: &TaskBooks, write: Write<'_>, list: &str) -> Result<i64, Refusal> {
    let list = books.reach(write.account, list)?;
    let first = list.tasks.values().map(|task| task.position).min();
    Ok(first.map_or(1_000_000_000, |first| first - 1))
}

/// Brings a task into the form in which it is kept, or refuses it.
fn settle(fields: &mut Map<String, Value>, write: Write<'_>) -> Result<(), Refusal> {
    fields.retain(|_, value| !value.is_null() && *value != json!(""));
    for (name, most) in [("title", TITLE_CHARACTERS_MAX), ("notes", NOTES_CHARACTERS_MAX)] {
        let Some(value) = text(fields, name) else { continue };
        if value.chars().count() > most {
            return Err(Refusal::invalid("Invalid Value").at_parameter(name));
        }
        let trimmed = value.trim_end().to_owned();
        if trimmed.is_empty() {
            fields.remove(name);
        } else {
            fields.insert(name.to_owned(), json!(trimmed));
        }
    }
    if let Some(due) = time(fields, "due")? {
        // The time of day is dropped, after the instant was brought to UTC.
        let day = due.date_naive().and_time(NaiveTime::MIN).and_utc();
        fields.insert("due".to_owned(), json!(stamp(day)));
    }
    let completed = time(fields, "completed")?;
    match text(fields, "status") {
        Some("needsAction") => {
            fields.remove("completed");
            fields.remove("hidden");
        }
        Some("completed") => {
            let first = !fields.contains_key("completed");
            let at = completed.unwrap_or(write.now);
            fields.insert("completed".to_owned(), json!(stamp(at)));
            if first && write.by_person {
                fields.insert("hidden".to_owned(), json!(true));
            }
        }
        _ => return Err(Refusal::invalid("Invalid Value").at_parameter("status")),
    }
    if fields.get("deleted") == Some(&json!(false)) {
        fields.remove("deleted");
    }
    Ok(())
}

fn time(fields: &Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    text(fields, name)
        .map(|value| {
            DateTime::parse_from_rfc3339(value)
                .map(|at| at.to_utc())
                .map_err(|_| Refusal::invalid("Invalid Value").at_parameter(name))
        })
        .transpose()
}
