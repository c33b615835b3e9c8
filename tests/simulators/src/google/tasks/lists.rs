//! The lists themselves.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::refusal::Refusal;
use super::super::world::Chance;
use super::store::{List, TaskBooks};
use super::{stamp, text};
use crate::front::Request;

/// Longest title in characters.
const TITLE_CHARACTERS_MAX: usize = 1024;
/// Lists a user may have.
const LISTS_MAX: usize = 2000;

fn shown(list: &List) -> Value {
    json!({
        "kind": "tasks#taskList", "id": list.id, "etag": list.etag, "title": list.title,
        "updated": stamp(list.updated),
        "selfLink": format!("https://www.googleapis.com/tasks/v1/users/@me/lists/{}", list.id),
    })
}

/// `tasklists.list`. A page token is a position.
pub(super) fn list(books: &TaskBooks, account: &str, request: &Request) -> Result<Value, Refusal> {
    let book = books.books.get(account).ok_or_else(Refusal::not_found)?;
    let size: usize = request
        .parameter("maxResults")
        .and_then(|text| text.parse().ok())
        .unwrap_or(1000);
    let size = size.clamp(1, 1000).min(books.page_items_max.unwrap_or(1000));
    let from: usize = match request.parameter("pageToken") {
        None => 0,
        Some(token) => token
            .parse()
            .map_err(|_| Refusal::invalid("Invalid Value").at_parameter("pageToken"))?,
    };
    // The default list comes first.
    let mut lists: Vec<&List> = book.lists.values().collect();
    lists.sort_by_key(|list| (list.id != book.default, list.updated));
    let items: Vec<Value> = lists
        .iter()
        .skip(from)
        .take(size)
        .map(|list| shown(list))
        .collect();
    let mut body = json!({ "kind": "tasks#taskLists", "etag": "\"lists\"", "items": items });
    if let (true, Some(body)) = (from + size < lists.len(), body.as_object_mut()) {
        body.insert("nextPageToken".to_owned(), json!((from + size).to_string()));
    }
    Ok(body)
}

/// `tasklists.get`.
pub(super) fn get(books: &TaskBooks, account: &str, list: &str) -> Result<Value, Refusal> {
    books.reach(account, list).map(shown)
}

/// `tasklists.insert`: a title may be there already, a repeat makes a second list.
pub(super) fn insert(
    books: &mut TaskBooks,
    chance: &mut Chance,
    account: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Value, Refusal> {
    let title = checked_title(body)?;
    let there = books.books.get(account).map_or(0, |book| book.lists.len());
    if there >= LISTS_MAX {
        return Err(Refusal::new(403, "quotaExceeded", "Too many lists."));
    }
    let id = books.add_list(chance, account, &title, now);
    get(books, account, &id)
}

/// `tasklists.patch`.
pub(super) fn patch(
    books: &mut TaskBooks,
    account: &str,
    list: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Value, Refusal> {
    let title = checked_title(body)?;
    let etag = books.etag();
    let found = books.reach_mut(account, list)?;
    found.title = title;
    found.etag = etag;
    found.updated = now;
    Ok(shown(found))
}

/// `tasklists.delete`: with everything in it, and never the default one.
pub(super) fn delete(books: &mut TaskBooks, account: &str, list: &str) -> Result<(), Refusal> {
    let id = books.reach(account, list)?.id.clone();
    let book = books.books.get_mut(account).ok_or_else(Refusal::not_found)?;
    if id == book.default {
        return Err(Refusal::invalid("Invalid Value"));
    }
    book.lists.remove(&id);
    Ok(())
}

fn checked_title(body: &Map<String, Value>) -> Result<String, Refusal> {
    let title = text(body, "title").unwrap_or_default();
    if title.trim().is_empty() || title.chars().count() > TITLE_CHARACTERS_MAX {
        return Err(Refusal::invalid("Invalid Value").at_parameter("title"));
    }
    Ok(title.to_owned())
}
