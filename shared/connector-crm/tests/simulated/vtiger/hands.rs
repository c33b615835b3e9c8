//! A simulated CRM, and connections to it as runs open them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use connector_crm::crm::CrmConnection;
use connector_crm::registry::CrmKind;
use serde_json::{Value, json};
use simulators::SimClock;
use simulators::crm::vtiger::{Version, VtigerOptions, VtigerPerson, VtigerSim};
use sync_core::change::{Change, ChangeSet, Observed};
use sync_core::failure::Failure;
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::Record;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::port::{Create, ReadRequest, Remote};

use crate::hands::{Drawer, contacts_of, event, events_of, in_days, open, request, tasks_of};

/// Anna's number.
pub(crate) const ANNA: u64 = 7;
/// Ben's.
pub(crate) const BEN: u64 = 8;
/// The number of the user of the sync.
pub(crate) const SYNC: u64 = 5;

/// A simulated CRM with a drawer for its session.
pub(crate) struct Crm {
    pub(crate) sim: VtigerSim,
    access_key: String,
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
        let sim = VtigerSim::start(options).await.unwrap();
        Self {
            access_key: sim.users()[0].access_key.clone(),
            sim,
            drawer: Arc::default(),
        }
    }

    /// The registration's `auth`, with the word on invited users.
    pub(crate) fn auth(&self, invited_users: &str) -> Value {
        let user = &self.sim.users()[0];
        json!({"username": user.user_name, "access_key": self.access_key, "invited_users": invited_users})
    }

    /// A new connection that minds nothing but what it can keep.
    pub(crate) fn connect(&self) -> Box<dyn CrmConnection> {
        self.connect_with(&self.auth("drop"), Arc::clone(&self.drawer))
    }

    pub(crate) fn connect_with(&self, auth: &Value, drawer: Arc<Drawer>) -> Box<dyn CrmConnection> {
        open(
            CrmKind::Vtiger,
            self.sim.base_url(),
            auth,
            drawer,
            self.sim.clock(),
        )
    }

    /// Anna's events, over a new connection.
    pub(crate) fn events(&self) -> Box<dyn Remote<EventRecord>> {
        events_of(&*self.connect(), &ANNA.to_string())
    }

    /// Anna's events, where invited users are kept whatever it costs.
    pub(crate) fn careful_events(&self) -> Box<dyn Remote<EventRecord>> {
        let connection = self.connect_with(&self.auth("keep"), Arc::clone(&self.drawer));
        events_of(&*connection, &ANNA.to_string())
    }

    /// Anna's tasks, over a new connection; her days begin in Rome.
    pub(crate) fn tasks(&self) -> Box<dyn Remote<TaskRecord>> {
        tasks_of(&*self.connect(), &ANNA.to_string())
    }

    /// Anna's contacts, over a new connection, chosen by these tags.
    pub(crate) fn contacts(&self, tags: &[&str]) -> Box<dyn Remote<ContactRecord>> {
        contacts_of(&*self.connect(), &ANNA.to_string(), tags)
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
        request(&self.sim.clock(), cursor)
    }

    /// A whole hour, so many days from now.
    pub(crate) fn in_days(&self, days: i64) -> DateTime<Utc> {
        in_days(&self.sim.clock(), days)
    }

    /// A copy to make of Google's event of that number.
    pub(crate) fn copy(&self, number: i64, title: &str) -> Create<EventRecord> {
        event(&self.sim.clock(), number, title)
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

/// The name of an event.
pub(crate) fn name(number: u64) -> RemoteId {
    RemoteId::new("Events", format!("18x{number}"))
}
