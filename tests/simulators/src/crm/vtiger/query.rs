//! Carrying queries out (sections 3 and 4).

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value, json};

use super::crm::{Call, World};
use super::error::{Refused, success};
use super::options::{Version, VtigerUser};
use super::parse::{self, Condition, Query};
use super::record::{Module, Record};
use crate::front::Answer;

/// Rows that are given at most, whatever is asked for, and where nothing is.
const ROWS_MAX: usize = 100;

pub(super) fn answer(call: &Call<'_>, user: u64) -> Result<Answer, Refused> {
    let query = parse::query(call.parameter("query"))?;
    let Some(module) = Module::parse(&query.module) else {
        return Err(Refused::new(
            "ACCESS_DENIED",
            "Permission to perform the operation is denied",
        ));
    };
    check_columns(call.world, module, &query)?;
    if module == Module::Users {
        return users(call, user, &query);
    }
    if call.world.queries_fail {
        // A failure in SQL is told as finding nothing.
        return Ok(success(&json!([])));
    }
    let mut rows: Vec<(&Record, Option<u64>)> = Vec::new();
    let found = call
        .world
        .records
        .values()
        .filter(|record| record.is_living() && record.module() == module)
        .filter(|record| call.world.finds(user, record));
    // With `contact_id` in the list, an event is as many rows as it has contacts; it is one with several only in the
    // answer, after the limit has counted.
    let joins = query
        .columns
        .iter()
        .any(|column| column == "contact_id" || column == "*");
    for record in found {
        if joins && !record.contacts.is_empty() {
            rows.extend(record.contacts.iter().map(|contact| (record, Some(*contact))));
        } else {
            rows.push((record, None));
        }
    }
    let asked = Asked::of(&query);
    let key = |row: &(&Record, Option<u64>), column: &str| record_key(call.world, row.0, column, row.1);
    rows.retain(|row| asked.holds(|column| key(row, column)));
    if query.columns.iter().any(|column| column == "count(*)") {
        return Ok(success(&match call.world.options.version {
            Version::V8_2 => json!([{ "count": rows.len().to_string() }]),
            // Even for the administrator.
            Version::V8_4 => json!([]),
        }));
    }
    sort(&mut rows, &query, key);
    let mut answered: Vec<Value> = Vec::new();
    for (record, contact) in page(&query, rows) {
        let row = call.world.row(&query, module, record, contact);
        // Distinct events, each with its last contact.
        match answered.last_mut() {
            Some(last) if last.get("id") == row.get("id") => *last = row,
            Some(_) | None => answered.push(row),
        }
    }
    Ok(success(&Value::Array(answered)))
}

impl World {
    fn row(&self, query: &Query, module: Module, record: &Record, contact: Option<u64>) -> Value {
        let mut row = Map::new();
        for column in &query.columns {
            if column == "*" {
                for (name, _) in module.columns() {
                    row.insert((*name).to_owned(), self.shown(record, name, contact));
                }
                for name in ["createdtime", "modifiedtime", "modifiedby", "contact_id"] {
                    row.insert(name.to_owned(), self.shown(record, name, contact));
                }
            } else {
                row.insert(column.clone(), self.shown(record, column, contact));
            }
        }
        // It is given always.
        row.insert("id".to_owned(), self.shown(record, "id", contact));
        Value::Object(row)
    }
}

fn check_columns(world: &World, module: Module, query: &Query) -> Result<(), Refused> {
    const OF_ALL: [&str; 7] = [
        "id",
        "createdtime",
        "modifiedtime",
        "modifiedby",
        "contact_id",
        "*",
        "count(*)",
    ];
    let conditions = query.alternatives.iter().flatten();
    let named = conditions
        .map(|condition| &condition.column)
        .chain(&query.columns)
        .chain(&query.order);
    for column in named {
        let is_known = OF_ALL.contains(&column.as_str())
            || module.columns().iter().any(|(name, _)| name == column)
            || world.options.demanded_field.as_deref() == Some(column);
        if !is_known {
            return Err(Refused::new(
                "ACCESS_DENIED",
                format!("Permission to access '{column}' attribute denied."),
            ));
        }
    }
    Ok(())
}

/// A value as the database compares it: ids as numbers whatever their class, times of change as such, everything else
/// as text without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(Option<u64>),
    Time(i64),
    Text(String),
}

impl Key {
    /// A literal of a query.
    fn literal(column: &str, literal: &str) -> Self {
        if is_id(column) {
            return Key::Number(literal.rsplit('x').next().and_then(|number| number.parse().ok()));
        }
        let is_time = ["createdtime", "modifiedtime"].contains(&column);
        let time = NaiveDateTime::parse_from_str(literal, "%Y-%m-%d %H:%M:%S");
        match time {
            Ok(time) if is_time => Key::Time(time.and_utc().timestamp()),
            Ok(_) | Err(_) => Key::Text(literal.to_lowercase()),
        }
    }
}

fn is_id(column: &str) -> bool {
    ["id", "assigned_user_id", "modifiedby", "contact_id"].contains(&column)
}

fn record_key(world: &World, record: &Record, column: &str, contact: Option<u64>) -> Key {
    let zone = world.options.database_zone;
    let time = |instant: DateTime<Utc>| {
        let local = instant.with_timezone(&zone).naive_local();
        Key::Time(local.and_utc().timestamp())
    };
    match column {
        "id" => Key::Number(Some(record.number)),
        "assigned_user_id" => Key::Number(Some(record.owner)),
        "modifiedby" => Key::Number(Some(record.modified_by)),
        "contact_id" => Key::Number(contact),
        "createdtime" => time(record.created),
        "modifiedtime" => time(record.modified),
        _ => Key::Text(record.cell(column).to_lowercase()),
    }
}

/// The conditions of a query, their literals read once.
struct Asked<'a>(Vec<Vec<(&'a Condition, Vec<Key>)>>);

impl<'a> Asked<'a> {
    fn of(query: &'a Query) -> Self {
        let read = |condition: &'a Condition| {
            let literals = condition.values.iter();
            let keys = literals.map(|literal| Key::literal(&condition.column, literal));
            (condition, keys.collect())
        };
        let alternatives = query.alternatives.iter();
        Self(alternatives.map(|all| all.iter().map(read).collect()).collect())
    }

    fn holds(&self, key: impl Fn(&str) -> Key) -> bool {
        self.0.is_empty()
            || self.0.iter().any(|all| {
                all.iter()
                    .all(|(condition, literals)| fits(condition, literals, &key(&condition.column)))
            })
    }
}

fn fits(condition: &Condition, literals: &[Key], cell: &Key) -> bool {
    let orders = |wanted: &[Ordering]| literals.iter().any(|literal| wanted.contains(&cell.cmp(literal)));
    match condition.operator.as_str() {
        "=" | "in" => orders(&[Ordering::Equal]),
        "!=" => !orders(&[Ordering::Equal]),
        "<" => orders(&[Ordering::Less]),
        ">" => orders(&[Ordering::Greater]),
        "<=" => orders(&[Ordering::Less, Ordering::Equal]),
        ">=" => orders(&[Ordering::Greater, Ordering::Equal]),
        // Only the form with one sign at the end is known here.
        _ => literals.iter().any(|literal| match (literal, cell) {
            (Key::Text(literal), Key::Text(cell)) => {
                cell.starts_with(literal.strip_suffix('%').unwrap_or(literal))
            }
            (Key::Number(_) | Key::Time(_) | Key::Text(_), _) => false,
        }),
    }
}

fn sort<T>(rows: &mut [T], query: &Query, key: impl Fn(&T, &str) -> Key) {
    rows.sort_by_cached_key(|row| -> Vec<Key> {
        let columns = query.order.iter();
        columns.map(|column| key(row, column)).collect()
    });
    if query.descending {
        rows.reverse();
    }
}

fn page<T>(query: &Query, rows: Vec<T>) -> impl Iterator<Item = T> {
    let limit = query.limit.unwrap_or(ROWS_MAX).min(ROWS_MAX);
    rows.into_iter().skip(query.offset).take(limit)
}

/// Users are for administrators only, oneself included (section 1).
fn users(call: &Call<'_>, user: u64, query: &Query) -> Result<Answer, Refused> {
    if !call.world.user(user).is_some_and(|user| user.is_admin) {
        return Err(Refused::new(
            "ACCESS_DENIED",
            "Permission to perform the operation is denied",
        ));
    }
    let mut rows: Vec<&VtigerUser> = call.world.options.users.iter().collect();
    let asked = Asked::of(query);
    let key = |user: &VtigerUser, column: &str| {
        let shown = user_cell(call.world, user, column);
        Key::literal(column, shown.as_str().unwrap_or_default())
    };
    rows.retain(|user| asked.holds(|column| key(user, column)));
    sort(&mut rows, query, |user, column| key(user, column));
    let rows: Vec<Value> = page(query, rows)
        .map(|user| {
            let mut row: Map<String, Value> = query
                .columns
                .iter()
                .map(|column| (column.clone(), user_cell(call.world, user, column)))
                .collect();
            row.insert("id".to_owned(), user_cell(call.world, user, "id"));
            Value::Object(row)
        })
        .collect();
    Ok(success(&Value::Array(rows)))
}

fn user_cell(world: &World, user: &VtigerUser, column: &str) -> Value {
    let yes = |yes: bool| if yes { "on" } else { "off" };
    match column {
        "id" => json!(world.id(Module::Users, user.number)),
        "user_name" => json!(user.user_name),
        "first_name" => json!(user.first_name),
        "last_name" => json!(user.last_name),
        "email1" => json!(user.email),
        "status" => json!(if user.is_active { "Active" } else { "Inactive" }),
        "time_zone" => json!(user.time_zone.name()),
        "is_admin" => json!(yes(user.is_admin)),
        _ => json!(""),
    }
}

/// One user by id.
pub(super) fn retrieve_user(call: &Call<'_>, user: u64, number: u64) -> Result<Answer, Refused> {
    let is_admin = call.world.user(user).is_some_and(|user| user.is_admin);
    let found = call
        .world
        .user(number)
        .filter(|_| is_admin)
        .ok_or_else(Refused::denied)?;
    let columns = Module::Users
        .columns()
        .iter()
        .map(|(name, _)| *name)
        .chain(["id"]);
    let row: Map<String, Value> = columns
        .map(|column| (column.to_owned(), user_cell(call.world, found, column)))
        .collect();
    Ok(success(&Value::Object(row)))
}
