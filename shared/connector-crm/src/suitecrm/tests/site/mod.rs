//! A small SuiteCRM over loopback HTTP, with switches for the odd habits of real ones.

mod inside;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::token::{AccessToken, TokenCache};
use serde_json::json;
use sync_core::change::{Change, ChangeSet, Window};
use sync_core::id::{AccountLinkId, Cursor};
use sync_core::kind::event::EventRecord;
use sync_core::policy::Description;
use sync_core::port::{Clock, Entropy, ReadRequest, Remote};

use super::super::{REQUESTS_IN_FLIGHT_MAX, SuiteCrm};
use crate::crm::{CrmConnection, EventsFor};
use crate::registry::{CrmConfig, CrmKind};
pub(super) use inside::{Habit, Inside, Trouble, refusal};

/// The user whose records are synced.
pub(super) const ANNA: &str = "0000000a-0000-4000-8000-00000000000a";
/// Somebody else.
pub(super) const BEN: &str = "0000000b-0000-4000-8000-00000000000b";

#[derive(Debug)]
struct Sundial(DateTime<Utc>);

impl Clock for Sundial {
    fn now(&self) -> DateTime<Utc> {
        self.0
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

/// A running site, and the drawer in which its token is kept between connections.
pub(super) struct Site {
    inside: Arc<Mutex<Inside>>,
    address: String,
    drawer: Arc<Drawer>,
    clock_ahead: TimeDelta,
}

impl Site {
    pub(super) async fn start() -> Self {
        let inside = Arc::new(Mutex::new(Inside::new()));
        let shared = Arc::clone(&inside);
        let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let mut inside = shared.lock().unwrap();
            let (status, answer) = inside.answer(&method, &uri, &headers, &body);
            let date = inside.now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let status = StatusCode::from_u16(status).unwrap();
            let response: Response = (status, [(header::DATE, date)], answer).into_response();
            response
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            inside,
            address,
            drawer: Arc::default(),
            clock_ahead: TimeDelta::zero(),
        }
    }

    /// What the site holds.
    pub(super) fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// Lets time pass on both clocks.
    pub(super) fn pass(&mut self, time: TimeDelta) {
        self.inside().now += time;
    }

    /// Sets our clock ahead of the site's.
    pub(super) fn set_ahead(&mut self, by: TimeDelta) {
        self.clock_ahead = by;
    }

    /// A new connection, as a new run opens one.
    pub(super) fn connect(&self) -> SuiteCrm {
        self.connect_at(&format!("{}/", self.address))
    }

    /// A new connection to an address that somebody typed in.
    pub(super) fn connect_at(&self, address: &str) -> SuiteCrm {
        let auth = json!({"client_id": "c", "client_secret": "s", "username": "api", "password": "hunter2"});
        let config = CrmConfig {
            slug: "acme".to_owned(),
            kind: CrmKind::SuiteCrm,
            base_url: address.parse().unwrap(),
            auth: auth.to_string().into(),
        };
        let lane = Lane::new(
            HttpClient::unguarded().unwrap(),
            REQUESTS_IN_FLIGHT_MAX,
            Arc::new(Zeroes),
        );
        let clock = Arc::new(Sundial(self.inside().now + self.clock_ahead));
        SuiteCrm::new(config, lane, self.drawer.clone(), clock).unwrap()
    }

    /// Anna's meetings and calls over a new connection.
    pub(super) fn events(&self) -> Box<dyn Remote<EventRecord>> {
        self.connect().events(anna()).unwrap()
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }
}

/// The user whose records are synced, whose days begin in Rome.
pub(super) fn anna() -> EventsFor {
    EventsFor {
        link: AccountLinkId::new("acme", ANNA),
        zone: Tz::Europe__Rome,
        description: Description::Text,
    }
}

/// What to read, from 2026 on.
pub(super) fn since(cursor: Option<&Cursor>) -> ReadRequest {
    let day = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let window = Window {
        from: day("2026-01-01T00:00:00Z"),
        until: day("2028-01-01T00:00:00Z"),
    };
    ReadRequest {
        cursor: cursor.cloned(),
        window,
    }
}

/// The ids that were reported, deletions with a minus sign, in order.
pub(super) fn reported(set: &ChangeSet<EventRecord>) -> Vec<String> {
    let mut ids: Vec<String> = set
        .changes
        .iter()
        .map(|change| match change {
            Change::Present(observed) => observed.id.to_string(),
            Change::Removed(id) => format!("-{id}"),
            Change::Unreadable { id, code, .. } => format!("{id}?{code}"),
            Change::Series { id, .. } => format!("{id}*"),
            Change::Left(id) => format!("{id}>"),
        })
        .collect();
    ids.sort();
    ids
}
