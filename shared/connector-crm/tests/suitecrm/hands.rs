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
use simulators::crm::suitecrm::{CrmPerson, SuiteCrmOptions, SuiteCrmSim};
use sync_core::change::{Change, ChangeSet, Observed, Window};
use sync_core::id::{AccountLinkId, Cursor, RemoteId};
use sync_core::kind::Record;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::{EventRecord, When};
use sync_core::kind::task::TaskRecord;
use sync_core::policy::Description;
use sync_core::port::{Clock, Create, Entropy, ReadRequest, Remote, Update};

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
struct Drawer(Mutex<Option<AccessToken>>);

#[async_trait]
impl TokenCache for Drawer {
    async fn load(&self) -> Option<AccessToken> {
        self.0.lock().unwrap().clone()
    }

    async fn save(&self, token: &AccessToken) {
        *self.0.lock().unwrap() = Some(token.clone());
    }
}

/// A simulated CRM with a drawer for its token.
pub(crate) struct Crm {
    pub(crate) sim: SuiteCrmSim,
    drawer: Arc<Drawer>,
}

impl Crm {
    pub(crate) async fn start(options: SuiteCrmOptions) -> Self {
        Self {
            sim: SuiteCrmSim::start(options).await.unwrap(),
            drawer: Arc::default(),
        }
    }

    /// A new connection with the client that signs in by itself.
    pub(crate) fn connect(&self) -> Box<dyn CrmConnection> {
        let client = &self.sim.clients()[0];
        self.connect_with(&json!({"client_id": client.id, "client_secret": client.secret}))
    }

    pub(crate) fn connect_with(&self, auth: &Value) -> Box<dyn CrmConnection> {
        let config = CrmConfig {
            slug: "acme".to_owned(),
            kind: CrmKind::SuiteCrm,
            base_url: self.sim.base_url().parse().unwrap(),
            auth: auth.to_string().into(),
        };
        let limit = registry::requests_in_flight_max(CrmKind::SuiteCrm);
        let lane = Lane::new(HttpClient::unguarded().unwrap(), limit, Arc::new(Zeroes));
        let clock = Arc::new(SameClock(self.sim.clock()));
        registry::open(config, lane, self.drawer.clone(), clock).unwrap()
    }

    /// The first ordinary user's meetings and calls, over a new connection.
    pub(crate) fn events(&self) -> Box<dyn Remote<EventRecord>> {
        let link = self.link();
        let zone = Tz::Europe__Rome;
        self.connect()
            .events(EventsFor {
                link,
                zone,
                description: Description::Text,
            })
            .unwrap()
    }

    /// The first ordinary user's tasks, over a new connection.
    pub(crate) fn tasks(&self) -> Box<dyn Remote<TaskRecord>> {
        let (link, zone) = (self.link(), Tz::Europe__Rome);
        self.connect().tasks(TasksFor { link, zone }).unwrap()
    }

    /// The first ordinary user's contacts, over a new connection.
    pub(crate) fn contacts(&self, tags: &[&str]) -> Box<dyn Remote<ContactRecord>> {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        let link = self.link();
        self.connect().contacts(ContactsFor { link, tags }).unwrap()
    }

    fn link(&self) -> AccountLinkId {
        AccountLinkId::new("acme", self.user())
    }

    /// The id of the first ordinary user.
    pub(crate) fn user(&self) -> String {
        self.sim.users()[1].id.clone()
    }

    /// The first ordinary user at the CRM's pages.
    pub(crate) fn person(&self) -> CrmPerson {
        self.sim.person(&self.user())
    }

    /// Everything from yesterday on, or what changed.
    pub(crate) async fn changes(&self, cursor: Option<&Cursor>) -> ChangeSet<EventRecord> {
        self.changes_of(&*self.events(), cursor).await
    }

    /// The same of any kind.
    pub(crate) async fn changes_of<R: Record>(
        &self,
        remote: &dyn Remote<R>,
        cursor: Option<&Cursor>,
    ) -> ChangeSet<R> {
        let now = self.sim.clock().now();
        let window = Window {
            from: now - TimeDelta::days(1),
            until: now + TimeDelta::days(365),
        };
        remote
            .changes(&ReadRequest {
                cursor: cursor.cloned(),
                window,
            })
            .await
            .unwrap()
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

/// A change of one field of a record.
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

/// What was reported, deletions with a minus sign, sorted.
pub(crate) fn reported<R: Record>(set: &ChangeSet<R>) -> Vec<String> {
    let mut names: Vec<String> = set
        .changes
        .iter()
        .map(|change| match change {
            Change::Present(observed) => observed.id.to_string(),
            Change::Removed(id) => format!("-{id}"),
            Change::Left(id) => format!("{id}>"),
            Change::Series { id, .. } => format!("{id}*"),
            Change::Unreadable { id, .. } => format!("{id}?"),
        })
        .collect();
    names.sort();
    names
}
