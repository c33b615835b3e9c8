//! What people do in Vtiger, in the scenarios' vocabulary.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use simulators::crm::vtiger::{Version, VtigerOptions, VtigerPerson, VtigerSim, VtigerUser};
use simulators::{Faults, Traffic};

use super::{ANNA, BEN, CrmOptions, Hands, Kind};

/// The users' numbers.
const NUMBERS: [(&str, u64); 2] = [(ANNA, 7), (BEN, 8)];

/// A simulated Vtiger, whose administrator has said that nobody is ever invited to events.
pub(super) struct VtigerHands(VtigerSim);

impl VtigerHands {
    pub(super) async fn start(options: CrmOptions) -> Self {
        let mut own = VtigerOptions {
            clock: options.clock,
            three_byte_text: options.three_byte_text,
            version: match options.kind {
                Kind::Vtiger82 => Version::V8_2,
                Kind::SuiteCrm | Kind::Vtiger84 => Version::V8_4,
            },
            ..VtigerOptions::default()
        };
        for user in own.users.iter_mut().filter(|user| user.number == number_of(ANNA)) {
            user.time_zone = options.home;
        }
        Self(VtigerSim::start(own).await.unwrap())
    }

    fn person(&self, user: &str) -> VtigerPerson {
        self.0.person(number_of(user))
    }

    fn stored(&self, id: &str) -> Map<String, Value> {
        self.0.record(record_number(id)).unwrap_or_default()
    }
}

fn number_of(user: &str) -> u64 {
    let known = NUMBERS.iter().find(|(word, _)| *word == user);
    known.map_or_else(|| user.parse().unwrap(), |(_, number)| *number)
}

fn record_number(id: &str) -> u64 {
    id.split_once('x')
        .map_or(0, |(_, number)| number.parse().unwrap())
}

fn text(row: &Map<String, Value>, name: &str) -> String {
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

/// A record in the scenarios' words. What they have no word for keeps its own.
fn neutral(mut row: Map<String, Value>) -> Map<String, Value> {
    let start = point(&row, "date_start", "time_start");
    let end = point(&row, "due_date", "time_end");
    let minutes = start
        .zip(end)
        .map_or(0, |(start, end)| (end - start).num_minutes());
    for (own, word) in [
        ("subject", "name"),
        ("modifiedtime", "date_modified"),
        ("modifiedby", "modified_user_id"),
    ] {
        if let Some(value) = row.remove(own) {
            row.insert(word.to_owned(), value);
        }
    }
    for column in ["time_start", "due_date", "time_end"] {
        row.remove(column);
    }
    let owner = row["assigned_user_id"].as_u64().unwrap();
    let owner = NUMBERS.iter().find(|(_, number)| *number == owner);
    let id = format!("18x{}", row["id"]);
    let start = start.map(|start| start.format("%Y-%m-%d %H:%M:%S").to_string());
    for (word, value) in [
        ("id", json!(id)),
        (
            "assigned_user_id",
            json!(owner.map_or("somebody", |(word, _)| word)),
        ),
        ("date_start", json!(start.unwrap_or_default())),
        ("duration_hours", json!((minutes / 60).to_string())),
        ("duration_minutes", json!((minutes % 60).to_string())),
    ] {
        row.insert(word.to_owned(), value);
    }
    row
}

/// The columns that make a record read so, given what it reads by now.
fn columns(module: &str, record: &Value, before: &Map<String, Value>) -> Map<String, Value> {
    let mut columns = Map::new();
    let record = record.as_object().unwrap();
    for (word, own) in [
        ("name", "subject"),
        ("description", "description"),
        ("location", "location"),
        ("status", "eventstatus"),
    ] {
        if let Some(value) = record.get(word) {
            columns.insert(own.to_owned(), value.clone());
        }
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
        return columns;
    }
    let now = neutral_times(before);
    let number = |name: &str, now: i64| match record.get(name) {
        Some(value) => value
            .as_i64()
            .or_else(|| value.as_str()?.parse().ok())
            .unwrap_or_default(),
        None => now,
    };
    let start = match record.get("date_start").and_then(Value::as_str) {
        Some(text) => NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
            .unwrap()
            .and_utc(),
        None => now.0,
    };
    let minutes = number("duration_hours", now.1 / 60) * 60 + number("duration_minutes", now.1 % 60);
    let end = start + TimeDelta::minutes(minutes);
    let day = |at: DateTime<Utc>| json!(at.format("%Y-%m-%d").to_string());
    let time = |at: DateTime<Utc>| json!(at.format("%H:%M:%S").to_string());
    columns.insert("date_start".to_owned(), day(start));
    columns.insert("time_start".to_owned(), time(start));
    columns.insert("due_date".to_owned(), day(end));
    columns.insert("time_end".to_owned(), time(end));
    columns
}

/// Start and length of a record by now.
fn neutral_times(row: &Map<String, Value>) -> (DateTime<Utc>, i64) {
    let start = point(row, "date_start", "time_start");
    let end = point(row, "due_date", "time_end");
    start.zip(end).map_or((DateTime::UNIX_EPOCH, 0), |(start, end)| {
        (start, (end - start).num_minutes())
    })
}

impl Hands for VtigerHands {
    fn base_url(&self) -> String {
        self.0.base_url().to_owned()
    }

    fn registration(&self) -> Value {
        let user = &self.0.users()[0];
        json!({
            "kind": "vtiger",
            "label": "The CRM",
            "base_url": self.0.base_url(),
            "auth": { "username": user.user_name, "access_key": user.access_key, "invited_users": "drop" },
        })
    }

    fn wrong_sign_ins(&self) -> Vec<(Value, &'static str)> {
        let users = self.0.users();
        let auth = |name: &str, key: &str| json!({ "username": name, "access_key": key });
        vec![
            (auth(&users[0].user_name, "wrong-secret"), "auth.access_key"),
            (auth("nobody", "hunter2-wrong"), "auth.username"),
            // Her key is right, and she is no administrator.
            (auth(&users[1].user_name, &users[1].access_key), "auth.username"),
        ]
    }

    fn incomplete_sign_in(&self) -> (Value, &'static str) {
        (json!({ "username": "only" }), "auth.access_key")
    }

    fn id_of(&self, user: &str) -> String {
        number_of(user).to_string()
    }

    fn add_user(&self, name: &str, email: &str) {
        self.0.add_user(VtigerUser::new(9, name, name, "Double", email));
    }

    fn create(&self, user: &str, module: &str, record: &Value) -> Result<String, String> {
        let refused = |refused: simulators::crm::vtiger::EditRefused| refused.to_string();
        let person = self.person(user);
        if module == "Contacts" {
            let number = person.create_contact(&json!({ "lastname": record["last_name"] }));
            return Ok(format!("12x{}", number.map_err(refused)?));
        }
        let mut columns = columns(module, record, &Map::new());
        columns.entry("visibility").or_insert(json!("Public"));
        let number = person.create_event(&Value::Object(columns)).map_err(refused)?;
        if record["parent_type"] == "Contacts" {
            let contact = record["parent_id"].as_str().unwrap();
            person
                .add_contact(number, record_number(contact))
                .map_err(refused)?;
        }
        Ok(format!("18x{number}"))
    }

    fn edit(&self, user: &str, module: &str, id: &str, record: &Value) -> Result<(), String> {
        let refused = |refused: simulators::crm::vtiger::EditRefused| refused.to_string();
        let number = record_number(id);
        let columns = columns(module, record, &self.stored(id));
        let person = self.person(user);
        person.edit(number, &Value::Object(columns)).map_err(refused)?;
        match record["assigned_user_id"].as_str() {
            Some(owner) => person.assign(number, number_of(owner)).map_err(refused),
            None => Ok(()),
        }
    }

    fn delete(&self, user: &str, _: &str, id: &str) -> Result<(), String> {
        let person = self.person(user);
        person
            .delete(record_number(id))
            .map_err(|refused| refused.to_string())
    }

    fn invite(&self, user: &str, _: &str, id: &str, invited: &str) {
        let person = self.person(user);
        person.invite(record_number(id), number_of(invited)).unwrap();
    }

    fn shows_invited_users(&self) -> bool {
        false
    }

    fn rows(&self, module: &str) -> Vec<Map<String, Value>> {
        let events = self.0.events().into_iter();
        events
            .filter(|row| (module == "Calls") == text(row, "activitytype").contains("Call"))
            .map(neutral)
            .collect()
    }

    fn snapshot(&self) -> Value {
        self.0.snapshot()
    }

    fn in_calendar_of(&self, user: &str) -> Vec<(String, String)> {
        let of = |module: &'static str| {
            let rows = self.rows(module).into_iter();
            rows.filter(|row| row["assigned_user_id"] == user)
                .map(|row| (module.to_owned(), text(&row, "id")))
                .collect::<Vec<_>>()
        };
        [of("Meetings"), of("Calls")].concat()
    }

    fn seed_sample(&self) {
        self.0.seed_sample();
    }

    fn seed_meetings(&self, user: &str, count: usize) {
        self.0.seed_meetings(number_of(user), count);
    }

    fn end_sessions(&self) {
        self.0.forget_sessions();
    }

    fn hide_meetings(&self, hidden: bool) {
        self.0.let_queries_fail(hidden);
    }

    fn whole_days_minutes(&self, first: NaiveDate, days: i64, home: Tz) -> i64 {
        let begins = |day: NaiveDate| {
            home.from_local_datetime(&day.and_time(NaiveTime::MIN))
                .earliest()
                .unwrap()
        };
        (begins(first + TimeDelta::days(days)) - begins(first)).num_minutes()
    }

    fn idle_requests_max(&self) -> u64 {
        // Two, and one more as long as what was just written is read again.
        3
    }

    fn vtiger(&self) -> Option<&VtigerSim> {
        Some(&self.0)
    }

    fn traffic(&self) -> Traffic {
        self.0.traffic()
    }

    fn faults(&self) -> Faults {
        self.0.faults()
    }

    fn set_latency(&self, latency: Duration) {
        self.0.set_latency(latency);
    }
}
