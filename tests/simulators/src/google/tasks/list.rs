//! Listing tasks: what is shown, and in which pages.
//!
//! # Source
//! Discovery `tasks.list`; google_workspace_mcp #139 and googleworkspace/cli #510 for what is hidden.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::opaque::{seal, unseal};
use super::super::refusal::Refusal;
use super::store::{List, Stored, TaskBooks};
use super::text;
use crate::front::Request;

/// The page size where none is asked for, and the greatest.
const PAGE_ITEMS: usize = 20;
const PAGE_ITEMS_MAX: usize = 100;
/// This many listings are remembered for their page tokens.
const LISTINGS_MAX: usize = 64;

/// `tasks.list`.
pub(super) fn tasks(
    books: &mut TaskBooks,
    account: &str,
    list: &str,
    request: &Request,
) -> Result<Value, Refusal> {
    let filter = Filter::read(request)?;
    let found = books.reach(account, list)?;
    let (list_id, list_etag) = (found.id.clone(), found.etag.clone());
    let shape = format!("{list_id} {}", shape(request));
    let rubbish = || Refusal::invalid("Invalid Value").at_parameter("pageToken");
    let (number, position, page) = match request.parameter("pageToken") {
        None => {
            let mut rows: Vec<(&String, &Stored)> = found
                .tasks
                .iter()
                .filter(|(_, task)| filter.shows(task))
                .collect();
            rows.sort_by_key(|(id, task)| (task.position, (*id).clone()));
            let ids = rows.into_iter().map(|(id, _)| id.clone()).collect();
            (books.open(shape.clone(), ids), 0, 1)
        }
        Some(token) => {
            let value = unseal(token).ok_or_else(rubbish)?;
            let number = |name: &str| value.get(name).and_then(Value::as_u64).ok_or_else(rubbish);
            let place = |name: &str| number(name).and_then(|at| usize::try_from(at).map_err(|_| rubbish()));
            (number("l")?, place("p")?, place("n")?)
        }
    };
    let (known_shape, ids) = books.listings.get(&number).ok_or_else(rubbish)?;
    if *known_shape != shape {
        return Err(rubbish());
    }
    let asked: usize = request
        .parameter("maxResults")
        .and_then(|text| text.parse().ok())
        .unwrap_or(PAGE_ITEMS);
    let most = books.page_items_max.unwrap_or(PAGE_ITEMS_MAX);
    let size = asked.clamp(1, PAGE_ITEMS_MAX).min(most);
    let empty = books
        .empty_page_after
        .is_some_and(|after| page % (after + 1) == 0);
    let taken: Vec<&String> = if empty {
        Vec::new()
    } else {
        ids.iter().skip(position).take(size).collect()
    };
    let next = position + taken.len();
    let more = next < ids.len() || (books.empty_page_after.is_some() && !taken.is_empty());
    let list = books.reach(account, &list_id)?;
    // A row as it is now: one that has gone from the list since makes the page short.
    let items: Vec<Value> = taken
        .into_iter()
        .filter_map(|id| list.tasks.get(id))
        .filter(|task| filter.shows(task))
        .map(|task| task.shown(&list_id))
        .collect();
    let mut body = json!({ "kind": "tasks#tasks", "etag": list_etag, "items": items });
    if let Some(body) = body.as_object_mut() {
        if items_are_none(body.get("items")) {
            // A quiet list has no items at all, not even an empty array of them.
            body.remove("items");
        }
        if more {
            let follow = seal(&json!({ "l": number, "p": next, "n": page + 1 }));
            body.insert("nextPageToken".to_owned(), json!(follow));
        }
    }
    Ok(body)
}

fn items_are_none(items: Option<&Value>) -> bool {
    items.and_then(Value::as_array).is_none_or(Vec::is_empty)
}

/// `tasks.get`: a deleted task is answered, and says so.
pub(super) fn get(books: &TaskBooks, account: &str, list: &str, task: &str) -> Result<Value, Refusal> {
    let list: &List = books.reach(account, list)?;
    let found = list.tasks.get(task).ok_or_else(Refusal::not_found)?;
    Ok(found.shown(&list.id))
}

impl TaskBooks {
    fn open(&mut self, shape: String, ids: Vec<String>) -> u64 {
        let number = self.listings.last_key_value().map_or(1, |(last, _)| last + 1);
        self.listings.insert(number, (shape, ids));
        while self.listings.len() > LISTINGS_MAX {
            self.listings.pop_first();
        }
        number
    }
}

/// A list's conditions.
struct Filter {
    completed: bool,
    deleted: bool,
    hidden: bool,
    /// Parameter, the field it bounds, whether it is the lower bound.
    bounds: Vec<(DateTime<Utc>, &'static str, bool)>,
}

impl Filter {
    fn read(request: &Request) -> Result<Self, Refusal> {
        let flag = |name: &str| request.parameter(name) == Some("true");
        let mut bounds = Vec::new();
        for (name, field, lower) in [
            ("updatedMin", "updated", true),
            ("completedMin", "completed", true),
            ("completedMax", "completed", false),
            ("dueMin", "due", true),
            ("dueMax", "due", false),
        ] {
            let Some(text) = request.parameter(name) else {
                continue;
            };
            let at = DateTime::parse_from_rfc3339(text)
                .map_err(|_| Refusal::invalid("Invalid Value").at_parameter(name))?;
            bounds.push((at.to_utc(), field, lower));
        }
        Ok(Self {
            completed: request.parameter("showCompleted") != Some("false"),
            deleted: flag("showDeleted"),
            hidden: flag("showHidden"),
            bounds,
        })
    }

    fn shows(&self, task: &Stored) -> bool {
        let visible = (self.completed || !task.is_completed())
            && (self.deleted || !task.flag("deleted"))
            && (self.hidden || !task.flag("hidden"));
        visible
            && self.bounds.iter().all(|(bound, field, lower)| {
                let at = if *field == "updated" {
                    Some(task.updated)
                } else {
                    text(&task.fields, field)
                        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
                        .map(|at| at.to_utc())
                };
                at.is_some_and(|at| if *lower { at >= *bound } else { at < *bound })
            })
    }
}

/// Everything that shapes a list; page size, partial answers and tokens do not.
fn shape(request: &Request) -> String {
    let free = ["pageToken", "maxResults", "fields", "prettyPrint", "alt"];
    let mut pairs: Vec<String> = request
        .query
        .iter()
        .filter(|(name, _)| !free.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort();
    pairs.join("&")
}
