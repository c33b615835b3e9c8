//! Records as the database holds them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// The modules that the service knows here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module {
    Events,
    Calendar,
    Contacts,
    Users,
}

impl Module {
    /// The module of that name; names are case-sensitive.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "Events" => Module::Events,
            "Calendar" => Module::Calendar,
            "Contacts" => Module::Contacts,
            "Users" => Module::Users,
            _ => return None,
        })
    }

    /// The columns that are stored, with the lengths at which they are cut.
    pub(super) fn columns(self) -> &'static [(&'static str, Option<usize>)] {
        match self {
            Module::Events | Module::Calendar => &ACTIVITY,
            Module::Contacts => &CONTACT,
            Module::Users => &USER,
        }
    }

    /// The columns that have to be filled.
    pub(super) fn mandatory(self) -> &'static [&'static str] {
        match self {
            Module::Events => &[
                "subject",
                "assigned_user_id",
                "date_start",
                "time_start",
                "due_date",
                "time_end",
                "duration_hours",
                "eventstatus",
                "activitytype",
            ],
            Module::Calendar => &[
                "subject",
                "assigned_user_id",
                "date_start",
                "time_start",
                "due_date",
                "taskstatus",
            ],
            Module::Contacts => &["lastname", "assigned_user_id"],
            Module::Users => &[],
        }
    }
}

const ACTIVITY: [(&str, Option<usize>); 20] = [
    ("subject", Some(255)),
    ("date_start", None),
    ("time_start", None),
    ("due_date", None),
    ("time_end", None),
    ("duration_hours", None),
    ("duration_minutes", None),
    ("eventstatus", Some(200)),
    ("taskstatus", Some(200)),
    ("activitytype", Some(200)),
    ("visibility", Some(50)),
    ("location", Some(150)),
    ("description", None),
    ("recurringtype", Some(200)),
    ("reminder_time", None),
    ("taskpriority", Some(200)),
    ("parent_id", None),
    ("sendnotification", Some(3)),
    ("assigned_user_id", None),
    ("source", Some(100)),
];

const CONTACT: [(&str, Option<usize>); 7] = [
    ("firstname", Some(40)),
    ("lastname", Some(80)),
    ("email", Some(100)),
    ("mobile", Some(50)),
    ("description", None),
    ("assigned_user_id", None),
    ("source", Some(100)),
];

const USER: [(&str, Option<usize>); 7] = [
    ("user_name", None),
    ("first_name", None),
    ("last_name", None),
    ("email1", None),
    ("status", None),
    ("time_zone", None),
    ("is_admin", None),
];

/// One record.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) number: u64,
    /// Whether it is a contact; all others are events and tasks, told apart by their type alone.
    pub(super) is_contact: bool,
    pub(super) cells: BTreeMap<String, String>,
    pub(super) owner: u64,
    pub(super) deleted: bool,
    /// A base row whose second half the database refused: in no list, and no one's.
    pub(super) is_orphan: bool,
    pub(super) created: DateTime<Utc>,
    pub(super) modified: DateTime<Utc>,
    pub(super) modified_by: u64,
    /// Its contacts by number.
    pub(super) contacts: BTreeSet<u64>,
    /// The users invited to it; no interface shows them.
    pub(super) invitees: BTreeSet<u64>,
    /// Its row in the table of rules; no interface shows it.
    pub(super) rule: Option<String>,
}

impl Record {
    pub(super) fn new(number: u64, is_contact: bool, user: u64, now: DateTime<Utc>) -> Self {
        Self {
            number,
            is_contact,
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
        }
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
        if self.is_contact {
            Module::Contacts
        } else if self.cell("activitytype") == "Task" {
            Module::Calendar
        } else {
            Module::Events
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
