//! A simulated SuiteCRM, and connections to it as runs open them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use connector_crm::crm::CrmConnection;
use connector_crm::registry::CrmKind;
use serde_json::{Value, json};
use simulators::SimClock;
use simulators::crm::suitecrm::{CrmPerson, SuiteCrmOptions, SuiteCrmSim};
use sync_core::change::ChangeSet;
use sync_core::id::Cursor;
use sync_core::kind::Record;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::port::{Create, Remote};

use crate::hands::{Drawer, contacts_of, event, events_of, in_days, open, request, tasks_of};

/// A simulated CRM with a drawer for its token.
pub(crate) struct Crm {
    pub(crate) sim: SuiteCrmSim,
    /// The registration's `auth`: the client that signs in by itself.
    auth: Value,
    drawer: Arc<Drawer>,
}

/// On a clock that stands until it is moved.
pub(crate) fn at_will() -> SuiteCrmOptions {
    SuiteCrmOptions {
        clock: SimClock::stopped("2026-11-22T09:00:00Z".parse().unwrap()),
        ..SuiteCrmOptions::default()
    }
}

impl Crm {
    pub(crate) async fn start(options: SuiteCrmOptions) -> Self {
        let sim = SuiteCrmSim::start(options).await.unwrap();
        let client = &sim.clients()[0];
        Self {
            auth: json!({"client_id": client.id, "client_secret": client.secret}),
            sim,
            drawer: Arc::default(),
        }
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> Box<dyn CrmConnection> {
        self.connect_with(&self.auth)
    }

    pub(crate) fn connect_with(&self, auth: &Value) -> Box<dyn CrmConnection> {
        let (drawer, clock) = (Arc::clone(&self.drawer), self.sim.clock());
        open(CrmKind::SuiteCrm, self.sim.base_url(), auth, drawer, clock)
    }

    /// The first ordinary user's meetings and calls, over a new connection.
    pub(crate) fn events(&self) -> Box<dyn Remote<EventRecord>> {
        events_of(&*self.connect(), &self.user())
    }

    /// The first ordinary user's tasks, over a new connection.
    pub(crate) fn tasks(&self) -> Box<dyn Remote<TaskRecord>> {
        tasks_of(&*self.connect(), &self.user())
    }

    /// The first ordinary user's contacts, over a new connection.
    pub(crate) fn contacts(&self, tags: &[&str]) -> Box<dyn Remote<ContactRecord>> {
        contacts_of(&*self.connect(), &self.user(), tags)
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
        remote.changes(&request(&self.sim.clock(), cursor)).await.unwrap()
    }

    /// A whole hour, so many days from now.
    pub(crate) fn in_days(&self, days: i64) -> DateTime<Utc> {
        in_days(&self.sim.clock(), days)
    }

    /// A copy to make of Google's event of that number.
    pub(crate) fn copy(&self, number: i64, title: &str) -> Create<EventRecord> {
        event(&self.sim.clock(), number, title)
    }
}
