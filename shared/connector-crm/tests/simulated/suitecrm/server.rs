//! How people act on a SuiteCRM, for the laws of the door.

use std::time::Duration;

use connector_crm::crm::CrmConnection;
use connector_crm::registry::CrmKind;
use serde_json::{Map, Value, json};
use simulators::crm::suitecrm::{CrmUser, SuiteCrmOptions};
use simulators::{Faults, SimClock, Traffic};
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_engine::contract::remote::{Habits, Whose};

use super::hands::{Crm, at_will};
use crate::contract::{Server, Tables};

/// What the CRM counts at every save, or rewrites by itself: it cuts the seconds of its own dates.
const ITS_OWN: [&str; 3] = ["date_modified", "modified_user_id", "date_entered"];

const EVENT: &[&str] = &[
    "name",
    "description",
    "location",
    "date_start",
    "date_end",
    "duration_hours",
    "duration_minutes",
];
const TASK: &[&str] = &["name", "description", "date_due", "status"];
const CONTACT: &[&str] = &[
    "salutation",
    "first_name",
    "last_name",
    "title",
    "department",
    "phone_home",
    "phone_mobile",
    "phone_work",
    "phone_other",
    "phone_fax",
    "primary_address_street",
    "primary_address_city",
    "primary_address_state",
    "primary_address_postalcode",
    "primary_address_country",
    "alt_address_street",
    "alt_address_city",
    "alt_address_state",
    "alt_address_postalcode",
    "alt_address_country",
    "birthdate",
    "account_id",
    "description",
    "google_c",
    "email1",
    "email2",
    "addresses",
];

impl Crm {
    /// One with what the laws need. Between the two halves of a write there is time for another one.
    pub(crate) async fn for_the_laws(tables: Tables) -> Self {
        let crm = Self::start(SuiteCrmOptions {
            write_gap: Duration::from_millis(2),
            three_byte_text: tables == Tables::OfThreeBytes,
            ..at_will()
        })
        .await;
        for name in ["Acme", "Globex"] {
            crm.add_account(name);
        }
        crm
    }

    /// The addresses of a contact by the CRM's database, the primary one first.
    pub(crate) fn addresses(&self, contact: &str) -> Vec<String> {
        let everything = self.sim.snapshot();
        let linked = &everything["relationships"][format!("Contacts/{contact}/email_addresses")];
        let ids = linked.as_array().cloned().unwrap_or_default();
        let text = |id: &Value| {
            let row = self.sim.row("EmailAddresses", id.as_str().unwrap()).unwrap();
            row["email_address"].as_str().unwrap().to_owned()
        };
        ids.iter().map(text).collect()
    }
}

fn module(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "Meetings",
        Kind::Task => "Tasks",
        Kind::Contact => "Contacts",
    }
}

fn named(module: &str, name: &str) -> Value {
    match module {
        "Contacts" => json!({ "last_name": name }),
        _ => json!({ "name": name }),
    }
}

impl Server for Crm {
    fn kind(&self) -> CrmKind {
        CrmKind::SuiteCrm
    }

    fn connect(&self) -> Box<dyn CrmConnection> {
        Crm::connect(self)
    }

    fn connect_with(&self, auth: &Value) -> Box<dyn CrmConnection> {
        Crm::connect_with(self, auth)
    }

    fn wrong_sign_ins(&self) -> Vec<(Value, &'static str)> {
        let (client, user) = (&self.sim.clients()[1], &self.sim.users()[0]);
        let good = json!({ "client_id": client.id, "client_secret": client.secret, "username": user.user_name,
            "password": user.password });
        [
            ("client_secret", "wrong-one", "auth.client_secret"),
            (
                "client_id",
                "c0ffee00-0000-4000-8000-0000000000ff",
                "auth.client_id",
            ),
            ("password", "wrong-one", "auth.password"),
            ("username", "nobody", "auth.username"),
        ]
        .map(|(name, wrong, field)| {
            let mut auth = good.clone();
            auth[name] = json!(wrong);
            (auth, field)
        })
        .to_vec()
    }

    fn user(&self) -> String {
        Crm::user(self)
    }

    fn add_user(&self, name: &str, is_active: bool) {
        let id = format!("0000000a-aaaa-4bbb-8ccc-{:012x}", self.sim.users().len());
        let email = format!("{name}@example.com");
        let mut user = CrmUser::new(&id, name, "One", "Of many", &email);
        user.active = is_active;
        self.sim.add_user(user);
    }

    fn add_account(&self, name: &str) {
        self.person()
            .create("Accounts", &json!({ "name": name }))
            .unwrap();
    }

    fn habits(&self, kind: Kind) -> Habits {
        Habits {
            finds_copies: true,
            // Lists are asked for the user's own records, and who is given one away is not.
            tells_what_left: false,
            tells_again_for: Duration::from_mins(15),
            // What changed and what was deleted; of meetings and of calls.
            idle_requests: if kind == Kind::Event { 4 } else { 2 },
        }
    }

    fn make(&self, kind: Kind, whose: Whose, name: &str) -> RemoteId {
        let person = match whose {
            Whose::Theirs => self.person(),
            Whose::SomebodyElses => self.sim.person(&self.sim.users()[2].id),
        };
        let mut row = named(module(kind), name);
        match kind {
            Kind::Event => {
                row["date_start"] = json!("2026-11-25 15:00:00");
                row["duration_hours"] = json!(1);
                row["duration_minutes"] = json!(30);
            }
            Kind::Task => row["date_due"] = json!("2026-12-24 15:30:00"),
            Kind::Contact => row["google_c"] = json!("1"),
        }
        RemoteId::new(module(kind), person.create(module(kind), &row).unwrap())
    }

    fn rename(&self, id: &RemoteId, name: &str) {
        let row = named(&id.collection, name);
        self.person().edit(&id.collection, &id.id, &row).unwrap();
    }

    fn adorn(&self, id: &RemoteId) {
        let row = match id.collection.as_str() {
            "Tasks" => {
                json!({ "priority": "High", "date_start": "2026-11-24 08:00:00", "parent_type": "Accounts",
                "parent_id": "p", "contact_id": "c", "outlook_id": "x" })
            }
            "Contacts" => json!({ "lead_source": "Cold Call", "assistant": "Dario", "assistant_phone": "1",
                "reports_to_id": "r" }),
            _ => json!({ "status": "Held", "outlook_id": "x", "parent_type": "Accounts", "parent_id": "p",
                "join_url": "https://example.com/join", "reminder_time": "900" }),
        };
        self.person().edit(&id.collection, &id.id, &row).unwrap();
        if id.collection == "Meetings" {
            let ben = &self.sim.users()[2].id;
            self.person().invite(&id.collection, &id.id, ben);
        }
    }

    fn delete(&self, id: &RemoteId) {
        self.person().delete(&id.collection, &id.id).unwrap();
    }

    fn give_away(&self, id: &RemoteId) {
        let ben = &self.sim.users()[2].id;
        let row = json!({ "assigned_user_id": ben });
        self.person().edit(&id.collection, &id.id, &row).unwrap();
    }

    fn seed(&self, kind: Kind, count: usize) {
        let user = Crm::user(self);
        match kind {
            Kind::Event => self.sim.seed_meetings(&user, count),
            Kind::Task => self.sim.seed_tasks(&user, count),
            Kind::Contact => self.sim.seed_contacts(&user, count, Some("google_c")),
        }
    }

    fn living(&self, kind: Kind) -> usize {
        let rows = self.sim.rows(module(kind));
        let user = Crm::user(self);
        rows.iter()
            .filter(|row| row["assigned_user_id"] == user.as_str())
            .count()
    }

    fn row(&self, id: &RemoteId) -> Option<Map<String, Value>> {
        let mut row = self.sim.row(&id.collection, &id.id)?;
        if row["deleted"] == "1" {
            return None;
        }
        row.retain(|name, _| !ITS_OWN.contains(&name.as_str()));
        row.insert("addresses".to_owned(), json!(self.addresses(&id.id)));
        let everything = self.sim.snapshot();
        let invited = &everything["relationships"][format!("{id}/users")];
        row.insert("invited".to_owned(), invited.clone());
        Some(row)
    }

    /// A meeting is in the user's calendar by its invitation only.
    fn is_whole(&self, id: &RemoteId) -> bool {
        let theirs = self.sim.in_calendar_of(&Crm::user(self));
        id.collection != "Meetings" || theirs.contains(&(id.collection.clone(), id.id.clone()))
    }

    fn carried(&self, kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::Event => EVENT,
            Kind::Task => TASK,
            Kind::Contact => CONTACT,
        }
    }

    fn end_sessions(&self) {
        self.sim.expire_access_tokens();
    }

    fn withdraw(&self) {
        self.sim.change_client_secret("another");
        self.sim.expire_access_tokens();
    }

    fn signs_in(target: &str) -> bool {
        target.contains("access_token")
    }

    fn clock(&self) -> SimClock {
        self.sim.clock()
    }

    fn traffic(&self) -> Traffic {
        self.sim.traffic()
    }

    fn faults(&self) -> Faults {
        self.sim.faults()
    }
}
