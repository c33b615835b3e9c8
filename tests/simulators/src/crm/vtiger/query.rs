//! Carrying queries out (sections 3 and 4).

use std::cmp::Ordering;
use std::str::Chars;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value, json};

use super::columns::Module;
use super::crm::{Call, World};
use super::error::{Refused, success};
use super::options::{Version, VtigerUser};
use super::parse::{self, Condition, Query};
use super::record::Record;
use super::shown::OF_ALL;
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
    if call.world.queries_fail || asks_by_tags(&query) {
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
    let mut columns = query.columns.iter();
    let joins = module.is_activity() && columns.any(|column| column == "contact_id" || column == "*");
    for record in found {
        let before = rows.len();
        if joins {
            let contacts = call.world.living_contacts(record);
            rows.extend(contacts.map(|contact| (record, Some(contact))));
        }
        if rows.len() == before {
            rows.push((record, None));
        }
    }
    let asked = Asked::of(&query);
    let key = |row: &(&Record, Option<u64>), column: &str| record_key(call.world, *row, column, user);
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
        let row = call.world.row(&query, record, contact, user);
        // Distinct events, each with its last contact.
        match answered.last_mut() {
            Some(last) if last.get("id") == row.get("id") => *last = row,
            Some(_) | None => answered.push(row),
        }
    }
    Ok(success(&Value::Array(answered)))
}

impl World {
    fn row(&self, query: &Query, record: &Record, contact: Option<u64>, user: u64) -> Value {
        let mut row = Map::new();
        for column in &query.columns {
            if column == "*" {
                for name in self.columns(record.module()) {
                    row.insert(name.to_owned(), self.shown(record, name, contact, user));
                }
            } else {
                row.insert(column.clone(), self.shown(record, column, contact, user));
            }
        }
        // It is given always.
        row.insert("id".to_owned(), self.shown(record, "id", contact, user));
        Value::Object(row)
    }
}

fn check_columns(world: &World, module: Module, query: &Query) -> Result<(), Refused> {
    const BESIDE: [&str; 4] = ["id", "tags", "*", "count(*)"];
    let conditions = query.alternatives.iter().flatten();
    let named = conditions
        .map(|condition| &condition.column)
        .chain(&query.columns)
        .chain(&query.order);
    for column in named {
        let is_known = OF_ALL.contains(&column.as_str())
            || BESIDE.contains(&column.as_str())
            || world.kind(module, column).is_some()
            || (module.is_activity() && column == "contact_id")
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
    /// No row in the joined table: no condition holds for it.
    Null,
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
    ["id", "assigned_user_id", "modifiedby", "contact_id", "account_id"].contains(&column)
}

fn record_key(world: &World, row: (&Record, Option<u64>), column: &str, user: u64) -> Key {
    let (record, contact) = row;
    let zone = world.options.database_zone;
    let time = |instant: DateTime<Utc>| {
        let local = instant.with_timezone(&zone).naive_local();
        Key::Time(local.and_utc().timestamp())
    };
    match column {
        "id" => Key::Number(Some(record.number)),
        "assigned_user_id" => Key::Number(Some(record.owner)),
        "modifiedby" => Key::Number(Some(record.modified_by)),
        "contact_id" if record.module().is_activity() => Key::Number(contact),
        "contact_id" | "account_id" => Key::literal(column, record.cell(column)),
        "starred" => record
            .marks
            .star_of(user)
            .map_or(Key::Null, |star| Key::Text(star.to_owned())),
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
    if *cell == Key::Null {
        return false;
    }
    let orders = |wanted: &[Ordering]| literals.iter().any(|literal| wanted.contains(&cell.cmp(literal)));
    match condition.operator.as_str() {
        "=" | "in" => orders(&[Ordering::Equal]),
        "!=" => !orders(&[Ordering::Equal]),
        "<" => orders(&[Ordering::Less]),
        ">" => orders(&[Ordering::Greater]),
        "<=" => orders(&[Ordering::Less, Ordering::Equal]),
        ">=" => orders(&[Ordering::Greater, Ordering::Equal]),
        _ => literals.iter().any(|literal| match (literal, cell) {
            (Key::Text(literal), Key::Text(cell)) => is_like(cell.chars(), literal.chars()),
            (Key::Null | Key::Number(_) | Key::Time(_) | Key::Text(_), _) => false,
        }),
    }
}

/// `like`: `%` stands for any text, `_` for one character.
fn is_like(mut cell: Chars<'_>, mut pattern: Chars<'_>) -> bool {
    match pattern.next() {
        None => cell.next().is_none(),
        Some('_') => cell.next().is_some() && is_like(cell, pattern),
        Some('%') => loop {
            if is_like(cell.clone(), pattern.clone()) {
                return true;
            }
            if cell.next().is_none() {
                return false;
            }
        },
        Some(character) => cell.next() == Some(character) && is_like(cell, pattern),
    }
}

/// Tags can be read and not asked by.
fn asks_by_tags(query: &Query) -> bool {
    let conditions = query.alternatives.iter().flatten();
    let mut asked = conditions.map(|condition| &condition.column).chain(&query.order);
    asked.any(|column| column == "tags")
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
