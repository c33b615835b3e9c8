//! Contacts and labels as Google keeps them: every version of each, because lists tell of the past.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::super::options::GoogleOptions;
use super::super::window::Window;
use super::super::world::Chance;
use super::refusal::{Denial, Denied};

/// Everything the People API knows.
#[derive(Debug)]
pub(in super::super) struct AddressBooks {
    pub(super) books: BTreeMap<String, Book>,
    pub(super) page_items_max: Option<usize>,
    pub(super) empty_page_after: Option<usize>,
    pub(super) list_delay: TimeDelta,
    writes_per_minute: Option<u32>,
    first_pages_per_minute: Option<u32>,
}

/// One user's contacts.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) people: BTreeMap<String, Stored>,
    pub(super) groups: BTreeMap<String, Group>,
    /// Names that contacts once had, and those they have now.
    pub(super) renamed: BTreeMap<String, String>,
    /// Number of the last change.
    pub(super) sequence: u64,
    /// Sync tokens of an earlier epoch are expired.
    pub(super) epoch: u64,
    /// Listings that a page token may go on with.
    pub(super) listings: BTreeMap<u64, super::list::Listing>,
    pub(super) first_pages: Window,
    writes: Window,
}

/// One contact and its past.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub(super) versions: Vec<Version>,
    /// What the contact's own Google profile adds, if it has one.
    pub(super) profile: Option<Map<String, Value>>,
}

/// A contact as it was from some moment on.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) sequence: u64,
    pub(super) at: DateTime<Utc>,
    /// When the source says it was last changed; a change of labels alone does not move it.
    pub(super) updated: DateTime<Utc>,
    /// `None` from its deletion on.
    pub(super) fields: Option<Map<String, Value>>,
}

/// A label, or one of Google's own groups.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) system: bool,
    pub(super) sequence: u64,
    pub(super) updated: DateTime<Utc>,
}

/// Google's own groups, and whether contacts may be put into them.
const SYSTEM_GROUPS: [(&str, bool); 7] = [
    ("myContacts", true),
    ("starred", true),
    ("friends", false),
    ("family", false),
    ("coworkers", false),
    ("blocked", false),
    ("all", false),
];

impl Stored {
    pub(super) fn now(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// What it was at that instant.
    pub(super) fn then(&self, at: DateTime<Utc>) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.at <= at)
    }
}

impl AddressBooks {
    pub(in super::super) fn new(options: &GoogleOptions, now: DateTime<Utc>) -> Self {
        let books = options.accounts.iter().map(|account| {
            let groups = SYSTEM_GROUPS.iter().map(|(name, _)| {
                let group = Group {
                    name: (*name).to_owned(),
                    system: true,
                    sequence: 0,
                    updated: now,
                };
                ((*name).to_owned(), group)
            });
            let minute = TimeDelta::minutes(1);
            let book = Book {
                people: BTreeMap::new(),
                groups: groups.collect(),
                renamed: BTreeMap::new(),
                sequence: 0,
                epoch: 0,
                listings: BTreeMap::new(),
                first_pages: Window::new(minute, options.people_first_pages_per_minute),
                writes: Window::new(minute, options.people_writes_per_minute),
            };
            (account.email.clone(), book)
        });
        Self {
            books: books.collect(),
            page_items_max: options.page_items_max,
            empty_page_after: options.empty_page_after,
            list_delay: TimeDelta::from_std(options.people_list_delay).unwrap_or(TimeDelta::zero()),
            writes_per_minute: options.people_writes_per_minute,
            first_pages_per_minute: options.people_first_pages_per_minute,
        }
    }

    pub(super) fn book(&self, account: &str) -> Denied<&Book> {
        self.books.get(account).ok_or_else(Denial::not_found)
    }

    pub(super) fn book_mut(&mut self, account: &str) -> Denied<&mut Book> {
        self.books.get_mut(account).ok_or_else(Denial::not_found)
    }

    pub(super) fn count_write(&mut self, account: &str, now: DateTime<Utc>) -> Denied<()> {
        if self.writes_per_minute.is_none() || self.book_mut(account)?.writes.take(now) {
            return Ok(());
        }
        Err(Denial::quota("Critical write requests"))
    }

    pub(super) fn count_first_page(&mut self, account: &str, now: DateTime<Utc>) -> Denied<()> {
        if self.first_pages_per_minute.is_none() || self.book_mut(account)?.first_pages.take(now) {
            return Ok(());
        }
        Err(Denial::quota("Full sync first page requests"))
    }

    pub(in super::super) fn expire_sync_tokens(&mut self) {
        for book in self.books.values_mut() {
            book.epoch += 1;
        }
    }

    pub(in super::super) fn set_list_delay(&mut self, delay: TimeDelta) {
        self.list_delay = delay;
    }

    pub(in super::super) fn snapshot(&self) -> Value {
        let books = self.books.iter().map(|(account, book)| {
            let people = book.people.iter().filter_map(|(id, stored)| {
                let fields = stored.now()?.fields.clone()?;
                Some((id.clone(), Value::Object(fields)))
            });
            let groups = book.groups.iter().filter(|(_, group)| !group.system);
            let groups = groups.map(|(id, group)| (id.clone(), json!(group.name)));
            (
                account.clone(),
                json!({ "people": people.collect::<Map<_, _>>(), "groups": groups.collect::<Map<_, _>>() }),
            )
        });
        Value::Object(books.collect())
    }
}

impl Book {
    /// The name a contact goes by now, and the contact as it is now.
    pub(super) fn living(&self, name: &str) -> Denied<(&str, &Version)> {
        let mut name = name;
        while let Some(now) = self.renamed.get(name) {
            name = now;
        }
        let (id, stored) = self.people.get_key_value(name).ok_or_else(Denial::not_found)?;
        let version = stored.now().filter(|version| version.fields.is_some());
        version
            .map(|version| (id.as_str(), version))
            .ok_or_else(Denial::not_found)
    }

    /// Keeps a new version of a contact.
    pub(super) fn keep(
        &mut self,
        name: &str,
        fields: Option<Map<String, Value>>,
        updated: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        self.sequence += 1;
        let stored = self.people.entry(name.to_owned()).or_default();
        stored.versions.push(Version {
            sequence: self.sequence,
            at: now,
            updated: updated.unwrap_or(now),
            fields,
        });
    }

    pub(super) fn new_name(chance: &mut Chance) -> String {
        format!("c{}", chance.text(b"0123456789", 19))
    }

    /// Whether contacts may be put into the group.
    pub(super) fn takes_members(&self, group: &str) -> bool {
        match SYSTEM_GROUPS.iter().find(|(name, _)| *name == group) {
            Some((_, takes)) => *takes,
            None => self.groups.contains_key(group),
        }
    }
}

/// The writes under way, by account. They must come one after the other.
#[derive(Debug, Default)]
pub(in super::super) struct Turns(Mutex<BTreeMap<String, Arc<AtomicUsize>>>);

/// One write under way.
#[derive(Debug)]
pub(in super::super) struct Turn {
    count: Arc<AtomicUsize>,
    alone: bool,
}

impl Turns {
    pub(in super::super) fn begin(&self, account: &str) -> Turn {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = Arc::clone(counts.entry(account.to_owned()).or_default());
        let alone = count.fetch_add(1, Ordering::SeqCst) == 0;
        Turn { count, alone }
    }
}

impl Turn {
    /// Whether no other write of its user was under way when it came.
    pub(super) fn is_alone(&self) -> bool {
        self.alone
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}
