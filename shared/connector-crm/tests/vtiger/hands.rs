//! A simulated CRM, and connections to it as runs open them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use connector_crm::crm::{ContactsFor, CrmConnection, EventsFor, TasksFor};
use connector_crm::registry::{self, CrmConfig, CrmKind};
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::token::{AccessToken, TokenCache};
use serde_json::{Value, json};
use simulators::SimClock;
use simulators::crm::vtiger::{Version, VtigerOptions, VtigerPerson, VtigerSim};
use sync_core::change::{Change, ChangeSet, Observed, Window};
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, Cursor, RemoteId};
use sync_core::kind::Record;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::{EventRecord, When};
use sync_core::kind::task::TaskRecord;
use sync_core::policy::Description;
use sync_core::port::{Clock, Create, Entropy, ReadRequest, Remote, Update};

/// Anna's number.
pub(crate) const ANNA: u64 = 7;
/// Ben's.
pub(crate) const BEN: u64 = 8;
/// The number of the user of the sync.
pub(crate) const SYNC: u64 = 5;

#[derive(Debug)]
struct SameClock(SimClock);

impl Clock for SameClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}

#[derive(Debug)]
struct Zeroes;

impl Entropy for Zeroes {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Drawer(Mutex<Option<AccessToken>>);

#[async_trait]
impl TokenCache for Drawer {
    async fn load(&self) -> Option<AccessToken> {
        self.0.lock().unwrap().clone()
    }

    async fn save(&self, token: &AccessToken) {
        *self.0.lock().unwrap() = Some(token.clone());
    }
}

/// A simulated CRM with a drawer for its session.
pub(crate) struct Crm {
    pub(crate) sim: VtigerSim,
    drawer: Arc<Drawer>,
}

/// Both releases, on a clock that stands until it is moved.
pub(crate) fn releases() -> [VtigerOptions; 2] {
    [Version::V8_2, Version::V8_4].map(|version| VtigerOptions {
        version,
        clock: SimClock::stopped("2026-11-22T09:00:00Z".parse().unwrap()),
        ..VtigerOptions::default()
    })
}

/// The newer one.
pub(crate) fn newest() -> VtigerOptions {
    let [_, newest] = releases();
    newest
}

impl Crm {
    pub(crate) async fn start(options: VtigerOptions) -> Self {
        Self {
            sim: VtigerSim::start(options).await.unwrap(),
            drawer: Arc::default(),
        }
    }

    /// The registration's `auth`, with the word on invited users.
    pub(crate) fn auth(&self, invited_users: &str) -> Value {
        let user = &self.sim.users()[0];
        json!({"username": user.user_name, "access_key": user.access_key, "invited_users": invited_users})
    }

    /// A new connection that minds nothing but what it can keep.
    pub(crate) fn connect(&self) -> Box<dyn CrmConnection> {
        self.connect_with(&self.auth("drop"), Arc::clone(&self.drawer))
    }

    pub(crate) fn connect_with(&self, auth: &Value, drawer: Arc<Drawer>) -> Box<dyn CrmConnection> {
        let config = CrmConfig {
            slug: "acme".to_owned(),
            kind: CrmKind::Vtiger,
            base_url: self.sim.base_url().parse().unwrap(),
            auth: auth.to_string().into(),
        };
        let limit = registry::requests_in_flight_max(CrmKind::Vtiger);
        let lane = Lane::new(HttpClient::unguarded().unwrap(), limit, Arc::new(Zeroes));
        let clock = Arc::new(SameClock(self.sim.clock()));
        registry::open(config, lane, drawer, clock).unwrap()
    }

    /// Anna's events, over a new connection.
    pub(crate) fn events(&self) -> Box<dyn Remote<EventRecord>> {
        anna(&*self.connect(), &ANNA.to_string())
    }

    /// Anna's events, where invited users are kept whatever it costs.
    pub(crate) fn careful_events(&self) -> Box<dyn Remote<EventRecord>> {
        let connection = self.connect_with(&self.auth("keep"), Arc::clone(&self.drawer));
        anna(&*connection, &ANNA.to_string())
    }

    /// Anna's tasks, over a new connection; her days begin in Rome.
    pub(crate) fn tasks(&self) -> Box<dyn Remote<TaskRecord>> {
        let link = AccountLinkId::new("acme", ANNA.to_string());
        let zone = Tz::Europe__Rome;
        self.connect().tasks(TasksFor { link, zone }).unwrap()
    }

    /// Anna's tasks, where invited users are kept whatever it costs: tasks have none.
    pub(crate) fn careful_tasks(&self) -> Box<dyn Remote<TaskRecord>> {
        let connection = self.connect_with(&self.auth("keep"), Arc::clone(&self.drawer));
        let link = AccountLinkId::new("acme", ANNA.to_string());
        let zone = Tz::Europe__Rome;
        connection.tasks(TasksFor { link, zone }).unwrap()
    }

    /// Anna's contacts, over a new connection, chosen by these tags.
    pub(crate) fn contacts(&self, tags: &[&str]) -> Box<dyn Remote<ContactRecord>> {
        let link = AccountLinkId::new("acme", ANNA.to_string());
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        self.connect().contacts(ContactsFor { link, tags }).unwrap()
    }

    /// Everything of any kind, or what changed.
    pub(crate) async fn changes_of<R: Record>(
        &self,
        remote: &dyn Remote<R>,
        cursor: Option<&Cursor>,
    ) -> ChangeSet<R> {
        remote.changes(&self.request(cursor)).await.unwrap()
    }

    /// Anna at the CRM's pages.
    pub(crate) fn person(&self) -> VtigerPerson {
        self.sim.person(ANNA)
    }

    /// Everything from yesterday on, or what changed.
    pub(crate) async fn changes(&self, cursor: Option<&Cursor>) -> ChangeSet<EventRecord> {
        self.try_changes(cursor).await.unwrap()
    }

    pub(crate) async fn try_changes(
        &self,
        cursor: Option<&Cursor>,
    ) -> Result<ChangeSet<EventRecord>, Failure> {
        let request = self.request(cursor);
        self.events().changes(&request).await
    }

    pub(crate) fn request(&self, cursor: Option<&Cursor>) -> ReadRequest {
        let now = self.sim.clock().now();
        let window = Window {
            from: now - TimeDelta::days(1),
            until: now + TimeDelta::days(365),
        };
        ReadRequest {
            cursor: cursor.cloned(),
            window,
        }
    }

    /// A whole hour, so many days from now.
    pub(crate) fn in_days(&self, days: i64) -> DateTime<Utc> {
        let at = self.sim.clock().now() + TimeDelta::days(days);
        at.date_naive().and_hms_opt(15, 0, 0).unwrap().and_utc()
    }

    /// A copy to make of Google's event of that number.
    pub(crate) fn copy(&self, number: i64, title: &str) -> Create<EventRecord> {
        let start = self.in_days(1 + number);
        let record = EventRecord {
            title: title.to_owned(),
            description: "First line\nsecond line".to_owned(),
            location: "Room 1".to_owned(),
            when: When::Timed {
                start,
                end: start + TimeDelta::minutes(75),
            },
            private: false,
        };
        let origin = RemoteId::new("primary", format!("google{number}"));
        Create {
            origin,
            generation: 0,
            record,
            notify: false,
        }
    }

    /// The only event that a whole reading shows.
    pub(crate) async fn only_one(&self) -> Observed<EventRecord> {
        let set = self.changes(None).await;
        let [Change::Present(seen)] = set.changes.as_slice() else {
            panic!("not one: {set:?}")
        };
        seen.clone()
    }

    /// Lets a quarter of an hour pass.
    pub(crate) fn later(&self) {
        self.sim.clock().advance(std::time::Duration::from_mins(15));
    }
}

/// A user's events, whose days begin in Rome.
pub(crate) fn anna(connection: &dyn CrmConnection, user: &str) -> Box<dyn Remote<EventRecord>> {
    let link = AccountLinkId::new("acme", user);
    connection
        .events(EventsFor {
            link,
            zone: Tz::Europe__Rome,
            description: Description::Text,
        })
        .unwrap()
}

/// A copy to make of Google's record of that name.
pub(crate) fn copy_of<R>(origin: &str, record: R) -> Create<R> {
    Create {
        origin: RemoteId::new("google", origin),
        generation: 0,
        record,
        notify: false,
    }
}

/// A change of some fields of a record.
pub(crate) fn change<R: Record>(
    seen: &Observed<R>,
    edit: impl FnOnce(&mut R),
    fields: &[R::Field],
) -> Update<R> {
    let mut record = seen.record.clone();
    edit(&mut record);
    Update {
        id: seen.id.clone(),
        expected: seen.version.clone(),
        record,
        fields: fields.to_vec(),
        notify: false,
    }
}

/// The name of an event.
pub(crate) fn name(number: u64) -> RemoteId {
    RemoteId::new("Events", format!("18x{number}"))
}

/// What was reported, deletions with a minus sign, sorted.
pub(crate) fn reported<R: Record>(set: &ChangeSet<R>) -> Vec<String> {
    let mut names: Vec<String> = set
        .changes
        .iter()
        .map(|change| match change {
            Change::Present(observed) => observed.id.id.clone(),
            Change::Removed(id) => format!("-{}", id.id),
            Change::Left(id) => format!("{}>", id.id),
            Change::Series { id, .. } => format!("{}*", id.id),
            Change::Unreadable { id, code, .. } => format!("{}?{code}", id.id),
        })
        .collect();
    names.sort();
    names
}
