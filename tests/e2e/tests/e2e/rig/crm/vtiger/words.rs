//! Between the scenarios' words and Vtiger's columns.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::{NUMBERS, record_number};

/// The checkbox that the administrator has labelled "Google".
pub(super) const CHECKBOX: &str = "cf_853";

/// An event's and a task's words and columns.
const ACTIVITY: [(&str, &str); 4] = [
    ("name", "subject"),
    ("description", "description"),
    ("location", "location"),
    ("priority", "taskpriority"),
];

/// A contact's.
const CONTACT: [(&str, &str); 26] = [
    ("salutation", "salutationtype"),
    ("first_name", "firstname"),
    ("last_name", "lastname"),
    ("title", "title"),
    ("department", "department"),
    ("email1", "email"),
    ("email2", "secondaryemail"),
    ("phone_work", "phone"),
    ("phone_mobile", "mobile"),
    ("phone_home", "homephone"),
    ("phone_other", "otherphone"),
    ("phone_fax", "fax"),
    ("primary_address_street", "mailingstreet"),
    ("primary_address_city", "mailingcity"),
    ("primary_address_state", "mailingstate"),
    ("primary_address_postalcode", "mailingzip"),
    ("primary_address_country", "mailingcountry"),
    ("alt_address_street", "otherstreet"),
    ("alt_address_city", "othercity"),
    ("alt_address_state", "otherstate"),
    ("alt_address_postalcode", "otherzip"),
    ("alt_address_country", "othercountry"),
    ("birthdate", "birthday"),
    ("description", "description"),
    ("lead_source", "leadsource"),
    ("google_c", CHECKBOX),
];

pub(super) fn text(row: &Map<String, Value>, name: &str) -> String {
    row.get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn point(row: &Map<String, Value>, day: &str, time: &str) -> Option<DateTime<Utc>> {
    let text = format!("{} {}", text(row, day), text(row, time));
    let shapes = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    shapes
        .into_iter()
        .find_map(|shape| NaiveDateTime::parse_from_str(&text, shape).ok())
        .map(|point| point.and_utc())
}

/// An instant in the scenarios' words.
fn instant(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .unwrap()
        .and_utc()
}

fn day_of(at: DateTime<Utc>) -> Value {
    json!(at.format("%Y-%m-%d").to_string())
}

fn time_of(at: DateTime<Utc>) -> Value {
    json!(at.format("%H:%M:%S").to_string())
}

/// The day on which a task is due, for somebody who lives there.
pub(super) fn due_day(text: &str, home: Tz) -> String {
    instant(text).with_timezone(&home).date_naive().to_string()
}

/// A record in the scenarios' words. What they have no word for keeps its own.
pub(super) fn neutral(module: &str, mut row: Map<String, Value>) -> Map<String, Value> {
    let start = point(&row, "date_start", "time_start");
    let end = point(&row, "due_date", "time_end");
    let minutes = start
        .zip(end)
        .map_or(0, |(start, end)| (end - start).num_minutes());
    let start = start.map(|start| start.format("%Y-%m-%d %H:%M:%S").to_string());
    let owner = row["assigned_user_id"].as_u64().unwrap();
    let owner = NUMBERS.iter().find(|(_, number)| *number == owner);
    let class = match module {
        "Tasks" => 9,
        "Contacts" => 12,
        _ => 18,
    };
    let mut put = |word: &str, value: Value| row.insert(word.to_owned(), value);
    put(
        "assigned_user_id",
        json!(owner.map_or("somebody", |(word, _)| word)),
    );
    match module {
        "Contacts" => {}
        "Tasks" => {
            let row = &mut row;
            let [due, status] = ["due_date", "taskstatus"].map(|column| row.remove(column));
            row.insert("date_due".to_owned(), due.unwrap_or_default());
            row.insert("status".to_owned(), status.unwrap_or_default());
        }
        _ => {
            put("duration_hours", json!((minutes / 60).to_string()));
            put("duration_minutes", json!((minutes % 60).to_string()));
            put("date_start", json!(start.unwrap_or_default()));
            for column in ["time_start", "due_date", "time_end"] {
                row.remove(column);
            }
        }
    }
    row.insert("id".to_owned(), json!(format!("{class}x{}", row["id"])));
    let own: &[(&str, &str)] = if module == "Contacts" { &CONTACT } else { &ACTIVITY };
    let of_all = [
        ("date_modified", "modifiedtime"),
        ("modified_user_id", "modifiedby"),
    ];
    for (word, column) in own.iter().chain(&of_all) {
        if let Some(value) = row.remove(*column) {
            row.insert((*word).to_owned(), value);
        }
    }
    row
}

/// The columns that make a record read so, given what it reads by now: empty for a new one.
pub(super) fn columns(
    module: &str,
    record: &Value,
    before: &Map<String, Value>,
    home: Tz,
) -> Map<String, Value> {
    let record = record.as_object().unwrap();
    let own: &[(&str, &str)] = if module == "Contacts" { &CONTACT } else { &ACTIVITY };
    let own = own.iter().filter_map(|(word, column)| {
        let value = record.get(*word)?;
        Some(((*column).to_owned(), value.clone()))
    });
    let mut columns: Map<String, Value> = own.collect();
    match module {
        "Contacts" => {}
        "Tasks" => add_columns_of_task(record, home, &mut columns),
        _ => add_columns_of_event(module, record, before, &mut columns),
    }
    columns
}

fn add_columns_of_task(record: &Map<String, Value>, home: Tz, columns: &mut Map<String, Value>) {
    if let Some(status) = record.get("status") {
        columns.insert("taskstatus".to_owned(), status.clone());
    }
    if let Some(due) = record.get("date_due").and_then(Value::as_str) {
        columns.insert("due_date".to_owned(), json!(due_day(due, home)));
    }
}

fn add_columns_of_event(
    module: &str,
    record: &Map<String, Value>,
    before: &Map<String, Value>,
    columns: &mut Map<String, Value>,
) {
    if let Some(status) = record.get("status") {
        columns.insert("eventstatus".to_owned(), status.clone());
    }
    if let Some(seconds) = record.get("reminder_time").and_then(Value::as_str) {
        let minutes = seconds.parse::<u64>().unwrap() / 60;
        columns.insert("reminder_time".to_owned(), json!(minutes.to_string()));
    }
    if module == "Calls" && before.is_empty() {
        columns.insert("activitytype".to_owned(), json!("Call"));
    }
    let times = ["date_start", "duration_hours", "duration_minutes"];
    if times.iter().all(|name| !record.contains_key(*name)) {
        return;
    }
    let now = neutral_times(before);
    let number = |name: &str, now: i64| match record.get(name) {
        Some(value) => value
            .as_i64()
            .or_else(|| value.as_str()?.parse().ok())
            .unwrap_or_default(),
        None => now,
    };
    let start = record.get("date_start").and_then(Value::as_str);
    let start = start.map_or(now.0, instant);
    let minutes = number("duration_hours", now.1 / 60) * 60 + number("duration_minutes", now.1 % 60);
    let end = start + TimeDelta::minutes(minutes);
    columns.insert("date_start".to_owned(), day_of(start));
    columns.insert("time_start".to_owned(), time_of(start));
    columns.insert("due_date".to_owned(), day_of(end));
    columns.insert("time_end".to_owned(), time_of(end));
}

/// What the form has filled in for a new task that says nothing of it: it is due today, and begins when it is due.
pub(super) fn fill_in_task(record: &Value, now: DateTime<Utc>, home: Tz, columns: &mut Map<String, Value>) {
    let at = record["date_due"].as_str().map_or(now, instant);
    let today = at.with_timezone(&home).date_naive().to_string();
    columns.entry("due_date").or_insert(json!(today));
    columns.insert("date_start".to_owned(), day_of(at));
    columns.insert("time_start".to_owned(), json!(at.format("%H:%M:00").to_string()));
}

/// Start and length of a record by now.
fn neutral_times(row: &Map<String, Value>) -> (DateTime<Utc>, i64) {
    let start = point(row, "date_start", "time_start");
    let end = point(row, "due_date", "time_end");
    start.zip(end).map_or((DateTime::UNIX_EPOCH, 0), |(start, end)| {
        (start, (end - start).num_minutes())
    })
}

/// The contact that a new record names as its own.
pub(super) fn contact_of(record: &Value) -> Option<u64> {
    let is_contact = record["parent_type"] == "Contacts";
    is_contact.then(|| record_number(record["parent_id"].as_str().unwrap()))
}
