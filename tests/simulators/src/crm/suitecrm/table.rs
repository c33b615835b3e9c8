//! Rows as the database holds them, and how values get into and out of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::date::{Display, accept_date, end_of, parse_stored, stored, with_suffix};
use super::error::Refused;
use super::fields::{Field, Kind, Module};
use super::text;
use chrono_tz::Tz;

/// One row; a column that is absent is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// As it was given; it is compared without regard to case.
    pub(super) id: String,
    pub(super) cells: BTreeMap<&'static str, String>,
    /// E-mail addresses that it has or once had: filters find it by them all.
    pub(super) addresses_ever: BTreeSet<String>,
}

/// One module's rows, by id in lower case.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: BTreeMap<String, Row>,
    /// How many are not deleted.
    pub(super) live: usize,
}

/// What the tables and the server do to values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    pub(super) three_byte: bool,
    pub(super) server_zone: Tz,
}

impl Row {
    pub(super) fn cell(&self, name: &str) -> Option<&str> {
        if name == "id" {
            Some(&self.id)
        } else {
            self.cells.get(name).map(String::as_str)
        }
    }

    pub(super) fn deleted(&self) -> bool {
        self.cell("deleted") == Some("1")
    }

    fn put(&mut self, name: &'static str, value: Option<String>) {
        match value {
            Some(value) => self.cells.insert(name, value),
            None => self.cells.remove(name),
        };
    }
}

impl Table {
    /// Finds a row, deleted or not.
    pub(super) fn get(&self, id: &str) -> Option<&Row> {
        self.rows.get(&id.to_lowercase())
    }

    /// Finds a row that is not deleted.
    pub(super) fn living(&self, id: &str) -> Option<&Row> {
        self.get(id).filter(|row| !row.deleted())
    }

    pub(super) fn put(&mut self, row: Row) {
        let alive = !row.deleted();
        let before = self.rows.insert(row.id.to_lowercase(), row);
        let was_alive = before.is_some_and(|row| !row.deleted());
        self.live = (self.live + usize::from(alive)).saturating_sub(usize::from(was_alive));
    }
}

/// A new row: stamped, and with nobody responsible.
pub(super) fn fresh(module: &Module, id: &str, user: &str, now: DateTime<Utc>) -> Row {
    let mut row = Row {
        id: id.to_owned(),
        cells: BTreeMap::new(),
        addresses_ever: BTreeSet::new(),
    };
    row.cells.insert("deleted", "0".to_owned());
    for name in ["date_entered", "date_modified"] {
        row.cells.insert(name, stored(now));
    }
    for name in ["created_by", "modified_user_id"] {
        row.cells.insert(name, user.to_owned());
    }
    if matches!(module.name, "Meetings" | "Calls") {
        row.cells.insert("status", "Planned".to_owned());
        row.cells.insert("reminder_time", "-1".to_owned());
        row.cells.insert("email_reminder_time", "-1".to_owned());
    }
    if module.name == "Meetings" {
        row.cells.insert("type", "Sugar".to_owned());
    }
    row
}

/// Whether a record is saved for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saving {
    New,
    Again,
}

/// Sets the attributes as sent. Nothing is validated: what does not fit is cut, emptied or passed over.
///
/// # Errors
/// For a name that the bean lacks, and for values that are lists or objects.
pub(super) fn assign(
    module: &Module,
    row: &mut Row,
    attributes: &Map<String, Value>,
    saving: Saving,
    display: Display,
    site: Site,
) -> Result<(), Refused> {
    for (name, value) in attributes {
        let Some(field) = module.field(name) else {
            return Err(Refused::property(name, module.name));
        };
        if value.is_array() || value.is_object() {
            return Err(Refused::new(format!(
                "Array to string conversion for property {name}"
            )));
        }
        // Addresses are records of their own.
        if value.is_null() || !field.stored() || field.kind == Kind::Email || name == "id" {
            continue;
        }
        let text = match value {
            Value::Bool(flag) => i32::from(*flag).to_string(),
            Value::String(text) => text.clone(),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
        };
        let accepted = accept(field, &text, display, site);
        // A task's bare date is taken for midnight in UTC, unless the task is new.
        let midnight = || {
            let bare = field.kind == Kind::DateTime && module.name == "Tasks" && saving == Saving::Again;
            let day = accept_date(&text).filter(|_| bare)?;
            Some(format!("{day} 00:00:00"))
        };
        row.put(field.name, accepted.or_else(midnight));
    }
    if matches!(module.name, "Meetings" | "Calls") {
        // An emptied start leaves the old end standing.
        let cell = |name: &str| row.cell(name).unwrap_or_default().to_owned();
        let before = row.cells.get("date_end").cloned();
        let end = end_of(
            &cell("date_start"),
            &cell("duration_hours"),
            &cell("duration_minutes"),
        );
        row.put("date_end", end.or(before));
    }
    Ok(())
}

fn accept(field: Field, value: &str, display: Display, site: Site) -> Option<String> {
    match field.kind {
        Kind::Text(length) | Kind::Hidden(length) => {
            Some(text::cut(text::stored(value, site.three_byte).trim(), length))
        }
        Kind::LongText => Some(text::cut_bytes(&text::stored(value, site.three_byte))),
        Kind::Id => Some(text::cut(value.trim(), 36)),
        Kind::DateTime => display.accept(value),
        Kind::Date => accept_date(value),
        Kind::Number | Kind::RealNumber => value.trim().parse::<i64>().ok().map(|number| number.to_string()),
        Kind::Flag | Kind::RealFlag => {
            Some(i32::from(!matches!(value, "" | "0" | "false" | "off")).to_string())
        }
        Kind::Email | Kind::NameOf(_) | Kind::FullName | Kind::Link | Kind::Blank => None,
    }
}

/// What happens to every date of a row that is read and saved whole: it goes through the user's display form.
pub(super) fn wear(module: &Module, row: &mut Row, display: Display) {
    for field in &module.fields {
        let at = row
            .cell(field.name)
            .filter(|_| field.kind == Kind::DateTime)
            .and_then(parse_stored);
        if let Some(at) = at {
            row.put(
                field.name,
                Some(display.round_trip(at).format("%Y-%m-%d %H:%M:%S").to_string()),
            );
        }
    }
}

/// The attributes as answered.
pub(super) fn attributes(
    module: &Module,
    row: &Row,
    wanted: Option<&[String]>,
    names: &dyn Fn(&str) -> String,
    display: Display,
    site: Site,
) -> Value {
    let mut shown = Map::new();
    for field in &module.fields {
        let skipped = field.name == "id" || matches!(field.kind, Kind::Hidden(_));
        if skipped || wanted.is_some_and(|wanted| !wanted.iter().any(|name| name == field.name)) {
            continue;
        }
        shown.insert(field.name.to_owned(), answer(*field, row, names, display, site));
    }
    // PHP's empty map is an empty list.
    if shown.is_empty() {
        json!([])
    } else {
        Value::Object(shown)
    }
}

fn answer(field: Field, row: &Row, names: &dyn Fn(&str) -> String, display: Display, site: Site) -> Value {
    let cell = row.cell(field.name).unwrap_or_default();
    match field.kind {
        Kind::DateTime => json!(display.answer(cell, site.server_zone)),
        Kind::RealNumber => cell
            .parse::<i64>()
            .map_or_else(|_| json!(""), |number| json!(number)),
        Kind::RealFlag => json!(cell == "1"),
        Kind::NameOf(id) => json!(text::encode(&names(row.cell(id).unwrap_or_default()))),
        Kind::FullName => json!(text::encode(&full_name(row))),
        Kind::Link => json!({}),
        Kind::Blank => json!(""),
        Kind::Text(_)
        | Kind::LongText
        | Kind::Hidden(_)
        | Kind::Email
        | Kind::Id
        | Kind::Date
        | Kind::Number
        | Kind::Flag => {
            // Any text that looks like a stored date is answered like one, a title included.
            match parse_stored(cell) {
                Some(at) => json!(with_suffix(at, site.server_zone)),
                None => json!(text::encode(cell)),
            }
        }
    }
}

pub(super) fn full_name(row: &Row) -> String {
    let part = |name: &str| row.cell(name).unwrap_or_default();
    format!("{} {}", part("first_name"), part("last_name"))
        .trim()
        .to_owned()
}
