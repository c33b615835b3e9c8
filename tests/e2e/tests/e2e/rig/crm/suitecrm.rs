//! What people do in SuiteCRM.

use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use simulators::crm::suitecrm::{CrmUser, EditRefused, SuiteCrmOptions, SuiteCrmSim};
use simulators::{Faults, Traffic};

use super::{ANNA, CrmOptions, Hands};

/// A simulated SuiteCRM. Its vocabulary is the scenarios' own.
pub(super) struct SuiteHands(SuiteCrmSim);

impl SuiteHands {
    pub(super) async fn start(options: CrmOptions) -> Self {
        let mut own = SuiteCrmOptions {
            clock: options.clock,
            three_byte_text: options.three_byte_text,
            seed: options.seed,
            ..SuiteCrmOptions::default()
        };
        for user in own.users.iter_mut().filter(|user| user.id == ANNA) {
            user.time_zone = options.home;
        }
        Self(SuiteCrmSim::start(own).await.unwrap())
    }
}

impl Hands for SuiteHands {
    fn base_url(&self) -> String {
        self.0.base_url().to_owned()
    }

    fn registration(&self) -> Value {
        let clients = self.0.clients();
        json!({
            "kind": "suitecrm",
            "label": "The CRM",
            "base_url": self.0.base_url(),
            "auth": { "client_id": clients[0].id, "client_secret": clients[0].secret },
        })
    }

    fn wrong_sign_ins(&self) -> Vec<(Value, &'static str)> {
        let clients = self.0.clients();
        let password = |user: &str, password: &str| {
            json!({ "client_id": clients[1].id, "client_secret": clients[1].secret,
                    "username": user, "password": password })
        };
        vec![
            (
                json!({ "client_id": clients[0].id, "client_secret": "wrong-secret" }),
                "auth.client_secret",
            ),
            (
                json!({ "client_id": "c0ffee00-0000-4000-8000-00000000dead", "client_secret": "wrong-secret" }),
                "auth.client_id",
            ),
            (password("api", "hunter2-wrong"), "auth.password"),
            (password("nobody", "hunter2-wrong"), "auth.username"),
        ]
    }

    fn incomplete_sign_in(&self) -> (Value, &'static str) {
        (json!({ "client_id": "only" }), "auth.client_secret")
    }

    fn id_of(&self, user: &str) -> String {
        user.to_owned()
    }

    fn add_user(&self, name: &str, email: &str) {
        let id = "33333333-3333-4333-8333-333333333333";
        self.0.add_user(CrmUser::new(id, name, name, "Double", email));
    }

    fn create(&self, user: &str, module: &str, record: &Value) -> Result<String, String> {
        let person = self.0.person(user);
        person
            .create(module, record)
            .map_err(|refused| refused.to_string())
    }

    fn edit(&self, user: &str, module: &str, id: &str, record: &Value) -> Result<(), String> {
        let person = self.0.person(user);
        let refused = |refused: EditRefused| refused.to_string();
        let addresses = ["email1", "email2"].map(|name| record[name].as_str());
        if addresses.iter().any(Option::is_some) {
            // The page sends all addresses there are, in their order.
            let addresses: Vec<&str> = addresses
                .into_iter()
                .flatten()
                .filter(|address| !address.is_empty())
                .collect();
            person.give_addresses(id, &addresses).map_err(refused)?;
        }
        person.edit(module, id, record).map_err(refused)
    }

    fn delete(&self, user: &str, module: &str, id: &str) -> Result<(), String> {
        let person = self.0.person(user);
        person.delete(module, id).map_err(|refused| refused.to_string())
    }

    fn invite(&self, user: &str, module: &str, id: &str, invited: &str) {
        self.0.person(user).invite(module, id, invited);
    }

    fn shows_invited_users(&self) -> bool {
        true
    }

    fn rows(&self, module: &str) -> Vec<Map<String, Value>> {
        self.0.rows(module)
    }

    fn snapshot(&self) -> Value {
        self.0.snapshot()
    }

    fn in_calendar_of(&self, user: &str) -> Vec<(String, String)> {
        self.0.in_calendar_of(user)
    }

    fn seed_sample(&self) {
        self.0.seed_sample();
    }

    fn seed_meetings(&self, user: &str, count: usize) {
        self.0.seed_meetings(user, count);
    }

    fn seed_tasks(&self, user: &str, count: usize) {
        self.0.seed_tasks(user, count);
    }

    fn seed_contacts(&self, user: &str, count: usize) {
        self.0.seed_contacts(user, count, Some("google_c"));
    }

    /// The star.
    fn mark_of_everybodys(&self) -> &'static str {
        "Favorites"
    }

    fn mark(&self, user: &str, contact: &str, on: bool) {
        let person = self.0.person(user);
        let done = if on {
            person.star("Contacts", contact)
        } else {
            person.unstar("Contacts", contact)
        };
        done.unwrap();
    }

    fn end_sessions(&self) {
        self.0.expire_access_tokens();
    }

    fn hide_meetings(&self, hidden: bool) {
        if hidden {
            self.0.forbid_module("Meetings");
        } else {
            self.0.permit_everything();
        }
    }

    fn whole_days_minutes(&self, _: NaiveDate, days: i64, _: Tz) -> i64 {
        days * 24 * 60
    }

    fn kept_due(&self, _: &str, due: &str) -> String {
        due.to_owned()
    }

    fn idle_requests_max(&self, kind: &str) -> u64 {
        // Two a module, and an event is a meeting or a call.
        if kind == "events" { 4 } else { 2 }
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

    fn suitecrm(&self) -> Option<&SuiteCrmSim> {
        Some(&self.0)
    }
}
