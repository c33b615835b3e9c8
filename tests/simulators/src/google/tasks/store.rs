//! Task lists and their tasks as Google keeps them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::super::options::GoogleOptions;
use super::super::refusal::Refusal;
use super::super::window::Window;
use super::super::world::Chance;
use super::{stamp, text};

/// The day's quota is the project's, whoever of its users asks.
const QUOTA_HOURS: i64 = 24;

/// Everything the Tasks API knows.
#[derive(Debug)]
pub(in super::super) struct TaskBooks {
    pub(super) quota: Window,
    pub(super) refusals: u64,
    pub(super) books: BTreeMap<String, Book>,
    pub(super) page_items_max: Option<usize>,
    pub(super) empty_page_after: Option<usize>,
    /// Listings that a page token may go on with.
    pub(super) listings: BTreeMap<u64, (String, Vec<String>)>,
    jitter: TimeDelta,
    stamps: u64,
}

/// One user's lists.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) default: String,
    pub(super) lists: BTreeMap<String, List>,
}

/// One list.
#[derive(Debug)]
pub(super) struct List {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) etag: String,
    pub(super) updated: DateTime<Utc>,
    pub(super) tasks: BTreeMap<String, Stored>,
}

/// One task, or what is left of it.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) fields: Map<String, Value>,
    pub(super) etag: String,
    pub(super) updated: DateTime<Utc>,
    /// The smaller, the further up.
    pub(super) position: i64,
}

/// Who writes, and on what terms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Write<'a> {
    pub(super) account: &'a str,
    /// Whether it is a person in Google's own pages: what they complete is hidden at once.
    pub(super) by_person: bool,
    pub(super) if_match: Option<&'a str>,
    pub(super) now: DateTime<Utc>,
}

impl Stored {
    pub(super) fn flag(&self, name: &str) -> bool {
        self.fields.get(name) == Some(&json!(true))
    }

    pub(super) fn is_completed(&self) -> bool {
        text(&self.fields, "status") == Some("completed")
    }

    /// The task as the API answers it.
    pub(super) fn shown(&self, list: &str) -> Value {
        let mut fields = self.fields.clone();
        let id = text(&fields, "id").unwrap_or_default().to_owned();
        for (name, value) in [
            ("kind", "tasks#task".to_owned()),
            ("etag", self.etag.clone()),
            ("updated", stamp(self.updated)),
            (
                "selfLink",
                format!("https://www.googleapis.com/tasks/v1/lists/{list}/tasks/{id}"),
            ),
            ("position", format!("{:020}", self.position)),
            ("webViewLink", format!("https://tasks.google.com/task/{id}?sa=6")),
        ] {
            fields.insert(name.to_owned(), json!(value));
        }
        fields.entry("title").or_insert_with(|| json!(""));
        fields.entry("links").or_insert_with(|| json!([]));
        Value::Object(fields)
    }
}

impl TaskBooks {
    pub(in super::super) fn new(options: &GoogleOptions, chance: &mut Chance, now: DateTime<Utc>) -> Self {
        let jitter = TimeDelta::from_std(options.tasks_updated_jitter).unwrap_or(TimeDelta::zero());
        let mut books = Self {
            quota: Window::new(TimeDelta::hours(QUOTA_HOURS), options.tasks_quota_per_day),
            refusals: 0,
            books: BTreeMap::new(),
            page_items_max: options.page_items_max,
            empty_page_after: options.empty_page_after,
            listings: BTreeMap::new(),
            jitter,
            stamps: 0,
        };
        for account in &options.accounts {
            let id = books.add_list(chance, &account.email, "My Tasks", now);
            books.books.entry(account.email.clone()).or_default().default = id;
        }
        books
    }

    /// Makes a list. Its id is drawn by Google; two lists may have one title.
    pub(super) fn add_list(
        &mut self,
        chance: &mut Chance,
        account: &str,
        title: &str,
        now: DateTime<Utc>,
    ) -> String {
        let id = format!("MT{}", chance.word(20));
        let etag = self.etag();
        let list = List {
            id: id.clone(),
            title: title.to_owned(),
            etag,
            updated: now,
            tasks: BTreeMap::new(),
        };
        let book = self.books.entry(account.to_owned()).or_default();
        book.lists.insert(id.clone(), list);
        id
    }

    pub(super) fn etag(&mut self) -> String {
        self.stamps += 1;
        format!("\"LTk{:08}\"", self.stamps)
    }

    /// When a write is said to have been. The stamps are made on different machines: every other one is a little
    /// early, so that what was written last may be stamped before what has been listed already.
    pub(super) fn write_time(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        if (self.stamps / 2).is_multiple_of(2) {
            now
        } else {
            now - self.jitter
        }
    }

    /// The list as its owner names it, `@default` resolved.
    pub(super) fn reach(&self, account: &str, list: &str) -> Result<&List, Refusal> {
        let book = self.books.get(account).ok_or_else(Refusal::not_found)?;
        let id = if list == "@default" { &book.default } else { list };
        book.lists.get(id).ok_or_else(Refusal::not_found)
    }

    pub(super) fn reach_mut(&mut self, account: &str, list: &str) -> Result<&mut List, Refusal> {
        let book = self.books.get_mut(account).ok_or_else(Refusal::not_found)?;
        let id = if list == "@default" {
            book.default.clone()
        } else {
            list.to_owned()
        };
        book.lists.get_mut(&id).ok_or_else(Refusal::not_found)
    }

    /// Keeps a task under a new etag.
    pub(super) fn keep(
        &mut self,
        write: Write<'_>,
        list: &str,
        fields: Map<String, Value>,
        position: i64,
    ) -> Result<Stored, Refusal> {
        let etag = self.etag();
        let list_etag = self.etag();
        let updated = self.write_time(write.now);
        let list = self.reach_mut(write.account, list)?;
        list.etag = list_etag;
        list.updated = updated;
        let id = text(&fields, "id").unwrap_or_default().to_owned();
        let stored = Stored {
            fields,
            etag,
            updated,
            position,
        };
        list.tasks.insert(id, stored.clone());
        Ok(stored)
    }

    pub(in super::super) fn set_quota_per_day(&mut self, quota: Option<u32>) {
        self.quota = Window::new(TimeDelta::hours(QUOTA_HOURS), quota);
    }

    /// Deleted tasks disappear for good.
    pub(in super::super) fn purge_tombstones(&mut self) {
        for book in self.books.values_mut() {
            for list in book.lists.values_mut() {
                list.tasks.retain(|_, task| !task.flag("deleted"));
            }
        }
    }

    pub(in super::super) fn snapshot(&self) -> Value {
        let books = self.books.iter().map(|(account, book)| {
            let lists = book.lists.values().map(|list| {
                let tasks = list
                    .tasks
                    .iter()
                    .map(|(id, task)| (id.clone(), task.shown(&list.id)));
                let key = if list.id == book.default {
                    "@default".to_owned()
                } else {
                    list.id.clone()
                };
                (
                    key,
                    json!({ "title": list.title, "tasks": tasks.collect::<Map<_, _>>() }),
                )
            });
            (account.clone(), Value::Object(lists.collect()))
        });
        Value::Object(books.collect())
    }
}
