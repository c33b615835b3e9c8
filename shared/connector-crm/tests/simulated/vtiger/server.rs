//! How people act on a Vtiger, for the laws of the door.

use std::sync::Arc;
use std::time::Duration;

use connector_crm::crm::CrmConnection;
use connector_crm::registry::CrmKind;
use serde_json::{Map, Value, json};
use simulators::crm::vtiger::{VtigerOptions, VtigerUser};
use simulators::{Faults, SimClock, Traffic};
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_engine::contract::remote::{Habits, Whose};

use super::hands::{ANNA, BEN, Crm, SYNC, releases};
use crate::contract::{Server, Tables};

/// What the CRM counts by itself at every save.
const ITS_OWN: [&str; 4] = ["modifiedtime", "modifiedby", "duration_hours", "duration_minutes"];

const EVENT: &[&str] = &[
    "subject",
    "description",
    "location",
    "visibility",
    "date_start",
    "time_start",
    "due_date",
    "time_end",
];
/// The start moves with a due day that says no more than it.
const TASK: &[&str] = &[
    "subject",
    "description",
    "due_date",
    "date_start",
    "time_start",
    "taskstatus",
];
const CONTACT: &[&str] = &[
    "salutationtype",
    "firstname",
    "lastname",
    "title",
    "department",
    "phone",
    "mobile",
    "homephone",
    "otherphone",
    "fax",
    "email",
    "secondaryemail",
    "mailingstreet",
    "mailingcity",
    "mailingstate",
    "mailingzip",
    "mailingcountry",
    "otherstreet",
    "othercity",
    "otherstate",
    "otherzip",
    "othercountry",
    "birthday",
    "account_id",
    "description",
    "cf_853",
];

impl Crm {
    /// One of the [`releases`] with what the laws need. Between the two halves of a write there is time for another
    /// one.
    pub(crate) async fn for_the_laws(release: usize, tables: Tables) -> Self {
        let crm = Self::start(VtigerOptions {
            write_gap: Duration::from_millis(2),
            three_byte_text: tables == Tables::OfThreeBytes,
            ..releases()[release].clone()
        })
        .await;
        for name in ["Acme", "Globex"] {
            crm.add_account(name);
        }
        crm
    }

    fn rows(&self, kind: Kind) -> Vec<Map<String, Value>> {
        match kind {
            Kind::Event => self.sim.events(),
            Kind::Task => self.sim.tasks(),
            Kind::Contact => self.sim.contacts(),
        }
    }
}

fn number(id: &RemoteId) -> u64 {
    let (_, number) = id.id.split_once('x').unwrap();
    number.parse().unwrap()
}

impl Server for Crm {
    fn kind(&self) -> CrmKind {
        CrmKind::Vtiger
    }

    fn connect(&self) -> Box<dyn CrmConnection> {
        Crm::connect(self)
    }

    fn connect_with(&self, auth: &Value) -> Box<dyn CrmConnection> {
        Crm::connect_with(self, auth, Arc::default())
    }

    fn wrong_sign_ins(&self) -> Vec<(Value, &'static str)> {
        let users = self.sim.users();
        let auth = |name: &str, key: &str| json!({ "username": name, "access_key": key });
        vec![
            (auth(&users[0].user_name, "wrong-one"), "auth.access_key"),
            (auth("nobody", &users[0].access_key), "auth.username"),
            // Whoever is no administrator cannot tell what is deleted from what is hidden.
            (auth(&users[2].user_name, &users[2].access_key), "auth.username"),
        ]
    }

    fn user(&self) -> String {
        ANNA.to_string()
    }

    fn add_user(&self, name: &str, is_active: bool) {
        let number = 100 + self.sim.users().len() as u64;
        let email = format!("{name}@example.com");
        let mut user = VtigerUser::new(number, name, "One", "Of many", &email);
        user.is_active = is_active;
        self.sim.add_user(user);
    }

    fn add_account(&self, name: &str) {
        self.person().create_account(name).unwrap();
    }

    fn habits(&self, _kind: Kind) -> Habits {
        Habits {
            finds_copies: true,
            tells_what_left: true,
            tells_again_for: Duration::from_mins(15),
            // What changed, and the number of records that are there.
            idle_requests: 2,
        }
    }

    fn make(&self, kind: Kind, whose: Whose, name: &str) -> RemoteId {
        let person = self.sim.person(if whose == Whose::Theirs { ANNA } else { BEN });
        let (collection, class, made) = match kind {
            Kind::Event => {
                let made = person.create_meeting(name, self.in_days(3), Duration::from_mins(90));
                ("Events", 18, made)
            }
            Kind::Task => {
                let columns = json!({ "subject": name, "date_start": "2026-12-01", "time_start": "08:15:00",
                    "due_date": "2026-12-24" });
                ("Calendar", 9, person.create_task(&columns))
            }
            Kind::Contact => {
                let made = person.create_contact(&json!({ "lastname": name, "cf_853": "1" }));
                ("Contacts", 12, made)
            }
        };
        RemoteId::new(collection, format!("{class}x{}", made.unwrap()))
    }

    fn rename(&self, id: &RemoteId, name: &str) {
        let column = if id.collection == "Contacts" {
            "lastname"
        } else {
            "subject"
        };
        self.person().edit(number(id), &json!({ column: name })).unwrap();
    }

    fn adorn(&self, id: &RemoteId) {
        let (person, number) = (self.person(), number(id));
        let columns = match id.collection.as_str() {
            "Events" => json!({ "reminder_time": "75", "eventstatus": "Held", "activitytype": "Mobile Call",
                "taskpriority": "High", "sendnotification": "1" }),
            "Calendar" => json!({ "taskpriority": "High", "reminder_time": "30", "visibility": "Public",
                "taskstatus": "Pending Input" }),
            _ => {
                json!({ "leadsource": "Cold Call", "assistant": "Dario", "mailingpobox": "7", "donotcall": "1" })
            }
        };
        person.edit(number, &columns).unwrap();
        if id.collection == "Contacts" {
            person.star(number, true).unwrap();
            return;
        }
        // Of many contacts, a plain change would leave one.
        for name in ["Verdi", "Conti"] {
            let contact = self
                .sim
                .person(BEN)
                .create_contact(&json!({ "lastname": name }))
                .unwrap();
            person.add_contact(number, contact).unwrap();
        }
    }

    fn delete(&self, id: &RemoteId) {
        self.person().delete(number(id)).unwrap();
    }

    fn give_away(&self, id: &RemoteId) {
        self.person().assign(number(id), BEN).unwrap();
    }

    fn seed(&self, kind: Kind, count: usize) {
        match kind {
            Kind::Event => self.sim.seed_meetings(ANNA, count),
            Kind::Task => self.sim.seed_tasks(ANNA, count),
            Kind::Contact => self.sim.seed_contacts(ANNA, count, Some("cf_853")),
        }
    }

    fn living(&self, kind: Kind) -> usize {
        let rows = self.rows(kind);
        rows.iter().filter(|row| row["assigned_user_id"] == ANNA).count()
    }

    fn row(&self, id: &RemoteId) -> Option<Map<String, Value>> {
        let mut row = self
            .sim
            .record(number(id))
            .filter(|row| row["deleted"] == false)?;
        row.retain(|column, _| !ITS_OWN.contains(&column.as_str()));
        Some(row)
    }

    fn carried(&self, kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::Event => EVENT,
            Kind::Task => TASK,
            Kind::Contact => CONTACT,
        }
    }

    fn end_sessions(&self) {
        self.sim.forget_sessions();
    }

    fn withdraw(&self) {
        self.sim.change_access_key(SYNC, "another");
        self.sim.forget_sessions();
    }

    fn signs_in(target: &str) -> bool {
        target.contains("getchallenge") || target.ends_with("/login")
    }

    fn mails(&self) -> usize {
        self.sim.portal_mails().len()
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
