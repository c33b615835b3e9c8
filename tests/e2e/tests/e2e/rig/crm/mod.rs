//! The CRMs that every scenario is played in, and what people do in them, in one vocabulary.
//!
//! Scenarios speak of `Meetings` and `Calls` with `name`, `description`, `location`, `date_start`
//! (`2026-12-01 15:00:00`, UTC), `duration_hours` and `duration_minutes`, of `Tasks` with `name`, `description`,
//! `status`, `priority` and `date_due`, of `Contacts` with SuiteCRM's words for them and the checkbox `google_c`, and
//! of users by the words [`ANNA`] and [`BEN`]. Each CRM's hands turn these into what its own pages and tables have.

mod suitecrm;
mod vtiger;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use connector_crm::registry::{self, CrmKind};
use serde_json::{Map, Value, json};
use simulators::crm::suitecrm::SuiteCrmSim;
use simulators::crm::vtiger::VtigerSim;
use simulators::{Faults, SimClock, Traffic};

use suitecrm::SuiteHands;
use vtiger::VtigerHands;

/// The first user of every CRM.
pub(crate) const ANNA: &str = "11111111-1111-4111-8111-111111111111";
/// The second.
pub(crate) const BEN: &str = "22222222-2222-4222-8222-222222222222";

/// The CRMs that scenarios are played in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    SuiteCrm,
    Vtiger82,
    Vtiger84,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::SuiteCrm, Kind::Vtiger82, Kind::Vtiger84];
}

/// How a CRM is set up.
#[derive(Debug, Clone)]
pub(crate) struct CrmOptions {
    pub(crate) kind: Kind,
    pub(crate) clock: SimClock,
    /// Where Anna lives.
    pub(crate) home: Tz,
    /// Whether its tables lose characters of four bytes.
    pub(crate) three_byte_text: bool,
    /// A number of its own for each of several CRMs.
    pub(crate) seed: u64,
}

impl CrmOptions {
    pub(crate) fn of(kind: Kind) -> Self {
        Self {
            kind,
            clock: SimClock::real(),
            home: Tz::Europe__Rome,
            three_byte_text: false,
            seed: 1,
        }
    }
}

/// What people and hosts do in a CRM. Records are named as the sync names them.
pub(crate) trait Hands: Send + Sync {
    /// The address of the site.
    fn base_url(&self) -> String;
    /// What `PUT /crms/{crm}` gets for it.
    fn registration(&self) -> Value;
    /// Sign-ins that are wrong in one field, with that field. The secrets begin with `wrong-` or `hunter2-`.
    fn wrong_sign_ins(&self) -> Vec<(Value, &'static str)>;
    /// A sign-in that lacks a field, with that field.
    fn incomplete_sign_in(&self) -> (Value, &'static str);
    /// The CRM's own id of a user.
    fn id_of(&self, user: &str) -> String;
    /// Adds a user.
    fn add_user(&self, name: &str, email: &str);
    /// A person makes a record.
    fn create(&self, user: &str, module: &str, record: &Value) -> Result<String, String>;
    /// A person changes a record.
    fn edit(&self, user: &str, module: &str, id: &str, record: &Value) -> Result<(), String>;
    /// A person deletes a record.
    fn delete(&self, user: &str, module: &str, id: &str) -> Result<(), String>;
    /// A person invites another to a meeting.
    fn invite(&self, user: &str, module: &str, id: &str, invited: &str);
    /// Whether the interface shows who is invited, so that they can be kept whatever is written.
    fn shows_invited_users(&self) -> bool;
    /// The living records of a module.
    fn rows(&self, module: &str) -> Vec<Map<String, Value>>;
    /// Everything stored.
    fn snapshot(&self) -> Value;
    /// The living records in a user's own calendar.
    fn in_calendar_of(&self, user: &str) -> Vec<(String, String)>;
    /// Everyday records.
    fn seed_sample(&self);
    /// So many meetings of a user.
    fn seed_meetings(&self, user: &str, count: usize);
    /// So many tasks of a user, due from tomorrow on.
    fn seed_tasks(&self, user: &str, count: usize);
    /// So many contacts of a user that are marked for the sync.
    fn seed_contacts(&self, user: &str, count: usize);
    /// The name, as the settings have it, of a mark of contacts that needs no administrator.
    fn mark_of_everybodys(&self) -> &'static str;
    /// A person puts that mark on a contact or takes it off.
    fn mark(&self, user: &str, contact: &str, on: bool);
    /// Every token or session ends.
    fn end_sessions(&self);
    /// The interface shows no meetings any more, or does again.
    fn hide_meetings(&self, hidden: bool);
    /// How long so many whole days are for somebody, in minutes, as the CRM keeps them.
    fn whole_days_minutes(&self, first: NaiveDate, days: i64, home: Tz) -> i64;
    /// How a task's due date reads for a user when it was given as this instant, the hour included.
    fn kept_due(&self, user: &str, due: &str) -> String;
    /// Requests for one kind in a run in which nothing changed, at most.
    fn idle_requests_max(&self, kind: &str) -> u64;
    /// How many more there are as long as what was just written is read again.
    fn rereading_requests_max(&self, _kind: &str) -> u64 {
        0
    }
    fn traffic(&self) -> Traffic;
    fn faults(&self) -> Faults;
    fn set_latency(&self, latency: Duration);
    /// The SuiteCRM that this is, for what only SuiteCRM has.
    fn suitecrm(&self) -> Option<&SuiteCrmSim> {
        None
    }
    /// The Vtiger that this is, for what only Vtiger has.
    fn vtiger(&self) -> Option<&VtigerSim> {
        None
    }
}

/// A simulated CRM of some kind.
#[derive(Clone)]
pub(crate) struct Crm(Arc<dyn Hands>);

impl std::ops::Deref for Crm {
    type Target = dyn Hands;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl Crm {
    pub(crate) async fn start(options: CrmOptions) -> Self {
        Self(match options.kind {
            Kind::SuiteCrm => Arc::new(SuiteHands::start(options).await),
            Kind::Vtiger82 | Kind::Vtiger84 => Arc::new(VtigerHands::start(options).await),
        })
    }

    /// A user in the CRM's pages.
    pub(crate) fn person(&self, user: &str) -> Person {
        Person {
            crm: self.clone(),
            user: user.to_owned(),
        }
    }

    /// One living record.
    pub(crate) fn row(&self, module: &str, id: &str) -> Option<Map<String, Value>> {
        self.rows(module).into_iter().find(|row| row["id"] == id)
    }
}

/// A user in the CRM's pages.
#[derive(Clone)]
pub(crate) struct Person {
    crm: Crm,
    user: String,
}

impl Person {
    pub(crate) fn create(&self, module: &str, record: &Value) -> Result<String, String> {
        self.crm.create(&self.user, module, record)
    }

    pub(crate) fn create_meeting(
        &self,
        name: &str,
        start: DateTime<Utc>,
        length: Duration,
    ) -> Result<String, String> {
        let mut record = times(start, length);
        record["name"] = json!(name);
        self.create("Meetings", &record)
    }

    pub(crate) fn edit(&self, module: &str, id: &str, record: &Value) -> Result<(), String> {
        self.crm.edit(&self.user, module, id, record)
    }

    pub(crate) fn reschedule(
        &self,
        module: &str,
        id: &str,
        start: DateTime<Utc>,
        length: Duration,
    ) -> Result<(), String> {
        self.edit(module, id, &times(start, length))
    }

    pub(crate) fn delete(&self, module: &str, id: &str) -> Result<(), String> {
        self.crm.delete(&self.user, module, id)
    }

    pub(crate) fn invite(&self, module: &str, id: &str, invited: &str) {
        self.crm.invite(&self.user, module, id, invited);
    }
}

fn times(start: DateTime<Utc>, length: Duration) -> Value {
    let minutes = length.as_secs() / 60;
    json!({ "date_start": start.format("%Y-%m-%d %H:%M:%S").to_string(),
            "duration_hours": minutes / 60, "duration_minutes": minutes % 60 })
}

/// Plays scenarios in every CRM, each as a test of its own.
macro_rules! over_every_crm {
    (#[$test:meta] $($scenario:ident),+ $(,)?) => {
        $crate::rig::over_crms! { #[$test] suitecrm = SuiteCrm: $($scenario),+ }
        $crate::rig::over_crms! { #[$test] vtiger_8_2 = Vtiger82: $($scenario),+ }
        $crate::rig::over_crms! { #[$test] vtiger_8_4 = Vtiger84: $($scenario),+ }
    };
}

/// Plays scenarios in one CRM.
macro_rules! over_crms {
    (#[$test:meta] $name:ident = $kind:ident: $($scenario:ident),+ $(,)?) => {
        mod $name {
            $(
                #[$test]
                async fn $scenario() {
                    super::$scenario($crate::rig::Kind::$kind).await;
                }
            )+
        }
    };
}

pub(crate) use {over_crms, over_every_crm};

#[tokio::test]
async fn every_crm_of_the_registry_is_played() {
    let mut played = BTreeSet::new();
    for kind in Kind::ALL {
        let crm = Crm::start(CrmOptions::of(kind)).await;
        played.insert(crm.registration()["kind"].as_str().unwrap().to_owned());
    }
    let supported = CrmKind::ALL.into_iter().filter(|kind| registry::supported(*kind));
    assert_eq!(played, supported.map(|kind| kind.to_string()).collect());
}
