//! What people do in Vtiger, in the scenarios' vocabulary.

mod words;

use std::time::Duration;

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use simulators::crm::vtiger::{EditRefused, Version, VtigerOptions, VtigerPerson, VtigerSim, VtigerUser};
use simulators::{Faults, Traffic};

use super::{ANNA, BEN, CrmOptions, Hands, Kind};
use words::{CHECKBOX, columns, contact_of, due_day, fill_in_task, neutral, text};

/// The users' numbers.
const NUMBERS: [(&str, u64); 2] = [(ANNA, 7), (BEN, 8)];

/// A tag that everybody sees.
const TAG: &str = "Customers";

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

    /// The zone that a user has chosen.
    fn home(&self, user: &str) -> Tz {
        let users = self.0.users();
        let found = users.iter().find(|known| known.number == number_of(user));
        found.unwrap().time_zone
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

fn told<T>(done: Result<T, EditRefused>) -> Result<T, String> {
    done.map_err(|refused| refused.to_string())
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
        let (person, home) = (self.person(user), self.home(user));
        let mut columns = columns(module, record, &Map::new(), home);
        match module {
            "Contacts" => {
                let number = told(person.create_contact(&Value::Object(columns)))?;
                Ok(format!("12x{number}"))
            }
            "Tasks" => {
                fill_in_task(record, self.0.clock().now(), home, &mut columns);
                let number = told(person.create_task(&Value::Object(columns)))?;
                Ok(format!("9x{number}"))
            }
            _ => {
                columns.entry("visibility").or_insert(json!("Public"));
                let number = told(person.create_event(&Value::Object(columns)))?;
                if let Some(contact) = contact_of(record) {
                    told(person.add_contact(number, contact))?;
                }
                Ok(format!("18x{number}"))
            }
        }
    }

    fn edit(&self, user: &str, module: &str, id: &str, record: &Value) -> Result<(), String> {
        let number = record_number(id);
        let columns = columns(module, record, &self.stored(id), self.home(user));
        let person = self.person(user);
        told(person.edit(number, &Value::Object(columns)))?;
        match record["assigned_user_id"].as_str() {
            Some(owner) => told(person.assign(number, number_of(owner))),
            None => Ok(()),
        }
    }

    fn delete(&self, user: &str, _: &str, id: &str) -> Result<(), String> {
        told(self.person(user).delete(record_number(id)))
    }

    fn invite(&self, user: &str, _: &str, id: &str, invited: &str) {
        let person = self.person(user);
        person.invite(record_number(id), number_of(invited)).unwrap();
    }

    fn shows_invited_users(&self) -> bool {
        false
    }

    fn rows(&self, module: &str) -> Vec<Map<String, Value>> {
        let rows = match module {
            "Tasks" => self.0.tasks(),
            "Contacts" => self.0.contacts(),
            _ => {
                let mut events = self.0.events();
                events.retain(|row| (module == "Calls") == text(row, "activitytype").contains("Call"));
                events
            }
        };
        rows.into_iter().map(|row| neutral(module, row)).collect()
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

    fn seed_tasks(&self, user: &str, count: usize) {
        self.0.seed_tasks(number_of(user), count);
    }

    fn seed_contacts(&self, user: &str, count: usize) {
        self.0.seed_contacts(number_of(user), count, Some(CHECKBOX));
    }

    /// A tag that everybody sees. The star is of no use: the sync would see that of the administrator whose key it
    /// has, and nobody else's.
    fn mark_of_everybodys(&self) -> &'static str {
        TAG
    }

    fn mark(&self, user: &str, contact: &str, on: bool) {
        let (person, number) = (self.person(user), record_number(contact));
        let done = if on {
            person.tag(number, TAG)
        } else {
            person.untag(number, TAG)
        };
        done.unwrap();
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

    /// The day alone.
    fn kept_due(&self, user: &str, due: &str) -> String {
        due_day(due, self.home(user))
    }

    fn idle_requests_max(&self, _: &str) -> u64 {
        2
    }

    fn rereading_requests_max(&self, kind: &str) -> u64 {
        // A contact's account is a number, whose name is looked up.
        if kind == "contacts" { 2 } else { 1 }
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
