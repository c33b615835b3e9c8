//! Google Tasks' shapes, as far as they are used.
//!
//! # Source
//! The published API description, tasks v1; `tests/discovery.json` keeps the parts that are used.

use serde::Deserialize;
use serde_json::Value;

/// The fields of a task that are asked for.
pub(super) const TASK_FIELDS: &str =
    "id,etag,title,updated,notes,status,due,completed,deleted,parent,webViewLink";

/// One page of `tasks.list`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(default)]
    pub(super) items: Vec<Item>,
    pub(super) next_page_token: Option<String>,
}

/// An item of a page. One that has an unknown shape must not spoil the page.
#[derive(Debug)]
pub(super) enum Item {
    Task(Box<Task>),
    Odd { id: Option<String> },
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let id = value.get("id").and_then(Value::as_str).map(str::to_owned);
        Ok(match serde_json::from_value(value) {
            Ok(task) => Item::Task(task),
            Err(_) => Item::Odd { id },
        })
    }
}

/// A task, or what is left of one that was deleted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) etag: Option<String>,
    pub(super) title: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) notes: Option<String>,
    pub(super) status: Option<String>,
    pub(super) due: Option<String>,
    pub(super) completed: Option<String>,
    #[serde(default)]
    pub(super) deleted: bool,
    pub(super) parent: Option<String>,
    pub(super) web_view_link: Option<String>,
}

/// One page of `tasklists.list`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListsPage {
    #[serde(default)]
    pub(super) items: Vec<ListEntry>,
    pub(super) next_page_token: Option<String>,
}

/// A list.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ListEntry {
    pub(super) id: String,
    #[serde(default)]
    pub(super) title: String,
}
