//! Records as the database holds them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::columns::{Kind, Module};
use super::marks::Marks;

/// The table that a record is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Events and tasks, told apart by their type alone.
    Activities,
    Contacts,
    Accounts,
}

impl Table {
    /// The table of a module; users are no records.
    pub(super) fn of(module: Module) -> Option<Self> {
        Some(match module {
            Module::Events | Module::Calendar => Table::Activities,
            Module::Contacts => Table::Contacts,
            Module::Accounts => Table::Accounts,
            Module::Users => return None,
        })
    }
}

/// One record.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) number: u64,
    pub(super) table: Table,
    pub(super) cells: BTreeMap<String, String>,
    pub(super) owner: u64,
    pub(super) deleted: bool,
    /// A base row whose second half the database refused: in no list, and no one's.
    pub(super) is_orphan: bool,
    pub(super) created: DateTime<Utc>,
    pub(super) modified: DateTime<Utc>,
    pub(super) modified_by: u64,
    /// An activity's contacts by number.
    pub(super) contacts: BTreeSet<u64>,
    /// The users invited to it; no interface shows them.
    pub(super) invitees: BTreeSet<u64>,
    /// Its row in the table of rules; no interface shows it.
    pub(super) rule: Option<String>,
    pub(super) marks: Marks,
}

impl Record {
    /// A new record, with what the CRM fills in itself.
    pub(super) fn new(number: u64, table: Table, user: u64, now: DateTime<Utc>) -> Self {
        let mut record = Self {
            number,
            table,
            cells: BTreeMap::new(),
            owner: user,
            deleted: false,
            is_orphan: false,
            created: now,
            modified: now,
            modified_by: user,
            contacts: BTreeSet::new(),
            invitees: BTreeSet::new(),
            rule: None,
            marks: Marks::default(),
        };
        match table {
            Table::Activities => {}
            Table::Contacts => record.set("contact_no", format!("CON{number}")),
            Table::Accounts => record.set("account_no", format!("ACC{number}")),
        }
        for (column, kind) in record.module().columns() {
            if *kind == Kind::Flag {
                record.set(column, "0");
            }
        }
        record
    }

    /// A cell's text; empty where it is NULL.
    pub(super) fn cell(&self, name: &str) -> &str {
        self.cells.get(name).map_or("", String::as_str)
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.cells.insert(name.to_owned(), value.into());
    }

    /// The module it is in now: a task is what bears that type.
    pub(super) fn module(&self) -> Module {
        match self.table {
            Table::Contacts => Module::Contacts,
            Table::Accounts => Module::Accounts,
            Table::Activities if self.cell("activitytype") == "Task" => Module::Calendar,
            Table::Activities => Module::Events,
        }
    }

    /// What lists and pages call it.
    pub(super) fn label(&self) -> String {
        match self.table {
            Table::Activities => self.cell("subject").to_owned(),
            Table::Contacts => format!("{} {}", self.cell("firstname"), self.cell("lastname"))
                .trim()
                .to_owned(),
            Table::Accounts => self.cell("accountname").to_owned(),
        }
    }

    pub(super) fn is_living(&self) -> bool {
        !self.deleted && !self.is_orphan
    }

    /// Everything that the database holds of it.
    pub(super) fn stored(&self) -> Map<String, Value> {
        let mut stored: Map<String, Value> = self
            .cells
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        let stamp = |instant: DateTime<Utc>| json!(instant.format("%Y-%m-%d %H:%M:%S").to_string());
        stored.insert("id".to_owned(), json!(self.number));
        stored.insert("assigned_user_id".to_owned(), json!(self.owner));
        stored.insert("deleted".to_owned(), json!(self.deleted));
        stored.insert("createdtime".to_owned(), stamp(self.created));
        stored.insert("modifiedtime".to_owned(), stamp(self.modified));
        stored.insert("modifiedby".to_owned(), json!(self.modified_by));
        stored.insert("contacts".to_owned(), json!(self.contacts));
        stored.insert("invitees".to_owned(), json!(self.invitees));
        stored.insert("rule".to_owned(), json!(self.rule));
        stored.insert("marks".to_owned(), self.marks.stored());
        stored
    }
}

/// An instant as the database writes it, in its own zone and to the second.
pub(super) fn stamp(instant: DateTime<Utc>, zone: Tz) -> String {
    instant
        .with_timezone(&zone)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}
