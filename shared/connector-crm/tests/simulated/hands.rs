//! Connections to a simulated CRM as runs open them, and words for what tests ask of them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use connector_crm::crm::{ContactsFor, CrmConnection, EventsFor, TasksFor};
use connector_crm::registry::{self, CrmConfig, CrmKind};
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::token::{AccessToken, TokenCache};
use serde_json::Value;
use simulators::SimClock;
use sync_core::change::{Change, ChangeSet, Observed, Window};
use sync_core::id::{AccountLinkId, Cursor, RemoteId};
use sync_core::kind::Record;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::{EventRecord, When};
use sync_core::kind::task::TaskRecord;
use sync_core::policy::Description;
use sync_core::port::{Create, Entropy, ReadRequest, Remote, Update};

#[derive(Debug)]
struct Zeroes;

impl Entropy for Zeroes {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// Keeps a token or session from run to run.
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

/// A new connection to a registered CRM.
pub(crate) fn open(
    kind: CrmKind,
    base_url: &str,
    auth: &Value,
    drawer: Arc<Drawer>,
    clock: SimClock,
) -> Box<dyn CrmConnection> {
    let config = CrmConfig {
        slug: "acme".to_owned(),
        kind,
        base_url: base_url.parse().unwrap(),
        auth: auth.to_string().into(),
    };
    let limit = registry::requests_in_flight_max(kind);
    let lane = Lane::new(HttpClient::unguarded().unwrap(), limit, Arc::new(Zeroes));
    registry::open(config, lane, drawer, Arc::new(clock)).unwrap()
}

/// A user's events; the days begin in Rome.
pub(crate) fn events_of(connection: &dyn CrmConnection, user: &str) -> Box<dyn Remote<EventRecord>> {
    let link = AccountLinkId::new("acme", user);
    let (zone, description) = (Tz::Europe__Rome, Description::Text);
    let user = EventsFor {
        link,
        zone,
        description,
    };
    connection.events(user).unwrap()
}

/// A user's tasks; the days begin in Rome.
pub(crate) fn tasks_of(connection: &dyn CrmConnection, user: &str) -> Box<dyn Remote<TaskRecord>> {
    let link = AccountLinkId::new("acme", user);
    let zone = Tz::Europe__Rome;
    connection.tasks(TasksFor { link, zone }).unwrap()
}

/// A user's contacts, chosen by these tags.
pub(crate) fn contacts_of(
    connection: &dyn CrmConnection,
    user: &str,
    tags: &[&str],
) -> Box<dyn Remote<ContactRecord>> {
    let link = AccountLinkId::new("acme", user);
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    connection.contacts(ContactsFor { link, tags }).unwrap()
}

/// Everything from yesterday on, or what changed.
pub(crate) fn request(clock: &SimClock, cursor: Option<&Cursor>) -> ReadRequest {
    let now = clock.now();
    ReadRequest {
        cursor: cursor.cloned(),
        window: Window {
            from: now - TimeDelta::days(1),
            until: now + TimeDelta::days(365),
        },
    }
}

/// A whole hour, so many days from now.
pub(crate) fn in_days(clock: &SimClock, days: i64) -> DateTime<Utc> {
    let at = clock.now() + TimeDelta::days(days);
    at.date_naive().and_hms_opt(15, 0, 0).unwrap().and_utc()
}

/// A copy to make of Google's event of that number.
pub(crate) fn event(clock: &SimClock, number: i64, title: &str) -> Create<EventRecord> {
    let start = in_days(clock, 1 + number);
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
    copy_of(&format!("google{number}"), record)
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

/// The ids that were reported, deletions with a minus sign, sorted.
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
