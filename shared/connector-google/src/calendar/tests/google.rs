//! A Google that answers as the test says, and checks every request.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse;
use chrono::{DateTime, TimeZone, Utc};
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::token::{AccessToken, TokenSource};
use serde_json::{Value, json};
use simulators::google::GoogleSim;
use sync_core::change::Window;
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, Cursor};
use sync_core::policy::Description;
use sync_core::port::{Entropy, ReadRequest, SecretText};

use super::discovery;
use crate::GoogleEndpoints;
use crate::calendar::{CALENDAR_CONCURRENCY, GoogleCalendar, GoogleCalendarConfig};
use crate::calendars::OwnCalendar;
use crate::oauth::{SCOPE_CALENDAR_EVENTS, SCOPE_CALENDAR_LIST, SCOPE_CALENDAR_OWN};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: String,
    /// Path below the API's base, unescaped.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Seen {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// `GET events`, `GET instances`, `GET event`, `POST events`, …
    pub(super) fn call(&self) -> String {
        let what = match self.path.len() {
            3 => "events",
            4 => "event",
            _ => "instances",
        };
        format!("{} {what}", self.method)
    }
}

/// The running server.
#[derive(Debug)]
pub(super) struct Google {
    pub(super) endpoints: GoogleEndpoints,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Google {
    /// Answers every request by the function; ends with the test's runtime.
    pub(super) async fn start(answer: impl Fn(&Seen) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        let handler = move |request: Request| {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let request = received(parts.method.as_ref(), &parts.uri, parts.headers, &body);
                log.lock().unwrap().push(request.clone());
                let (status, body) = answer(&request);
                (
                    axum::http::StatusCode::from_u16(status).unwrap(),
                    axum::Json(body),
                )
                    .into_response()
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoints = GoogleEndpoints {
            calendar: format!("http://{}/calendar/v3", listener.local_addr().unwrap()),
            ..GoogleEndpoints::default()
        };
        let router = Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoints, seen }
    }

    /// What arrived, checked. Checked here rather than on arrival, so that a fault fails the test.
    pub(super) fn seen(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap().clone();
        seen.iter().for_each(discovery::check);
        seen
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.seen().iter().map(Seen::call).collect()
    }

    pub(super) fn calendar(&self) -> GoogleCalendar {
        self.calendar_with(&["primary"], Description::Text)
    }

    pub(super) fn calendar_with(&self, calendars: &[&str], description: Description) -> GoogleCalendar {
        GoogleCalendar::new(GoogleCalendarConfig {
            endpoints: self.endpoints.clone(),
            link: link(),
            calendars: calendars.iter().map(|id| (*id).to_owned()).collect(),
            target_calendar: "primary".to_owned(),
            description,
            lane: lane(),
            tokens: one_token(),
        })
    }
}

/// The calendar of the sync's own in a simulated account.
pub(super) async fn simulated_own(google: &GoogleSim, email: &str) -> Result<String, Failure> {
    let scopes = [SCOPE_CALENDAR_EVENTS, SCOPE_CALENDAR_LIST, SCOPE_CALENDAR_OWN];
    let tokens = google.issue_tokens(email, &scopes).unwrap();
    let endpoints = GoogleEndpoints {
        calendar: google.calendar_url(),
        ..GoogleEndpoints::default()
    };
    let tokens = Arc::new(OneToken(tokens.access_token));
    let own = OwnCalendar::of(&endpoints, lane(), tokens, &link());
    match own.found().await? {
        Some(found) => Ok(found),
        None => own.made("CRM").await,
    }
}

/// The calendar of a simulated account.
pub(super) fn simulated(google: &GoogleSim, email: &str) -> GoogleCalendar {
    let tokens = google.issue_tokens(email, &[SCOPE_CALENDAR_EVENTS]).unwrap();
    GoogleCalendar::new(GoogleCalendarConfig {
        endpoints: GoogleEndpoints {
            calendar: google.calendar_url(),
            ..GoogleEndpoints::default()
        },
        link: link(),
        calendars: vec!["primary".to_owned()],
        target_calendar: "primary".to_owned(),
        description: Description::Text,
        lane: lane(),
        tokens: Arc::new(OneToken(tokens.access_token)),
    })
}

fn received(method: &str, uri: &Uri, headers: HeaderMap, body: &Bytes) -> Seen {
    let url = url::Url::parse(&format!("http://localhost{uri}")).unwrap();
    let path = url.path_segments().unwrap().skip(2);
    Seen {
        method: method.to_owned(),
        path: path.map(unescaped).collect(),
        query: url
            .query_pairs()
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect(),
        headers,
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
    }
}

fn unescaped(part: &str) -> String {
    url::form_urlencoded::parse(part.replace('+', "%2B").as_bytes())
        .next()
        .unwrap()
        .0
        .into_owned()
}

/// A way out without a pace.
pub(super) fn lane() -> Lane {
    Lane::new(
        HttpClient::unguarded().unwrap(),
        CALENDAR_CONCURRENCY,
        Arc::new(Zeroes),
    )
}

pub(super) fn one_token() -> Arc<dyn TokenSource> {
    Arc::new(OneToken("token".to_owned()))
}

/// The account link of all tests.
pub(super) fn link() -> AccountLinkId {
    AccountLinkId::new("acme", "user-1")
}

pub(super) fn at(day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, day, hour, 0, 0).unwrap()
}

/// From the first of March, a year.
pub(super) fn window() -> Window {
    Window {
        from: at(1, 0),
        until: Utc.with_ymd_and_hms(2027, 3, 1, 0, 0, 0).unwrap(),
    }
}

pub(super) fn reading(cursor: Option<Cursor>) -> ReadRequest {
    ReadRequest {
        cursor,
        window: window(),
    }
}

/// A plain event on that day of March, ten to eleven.
pub(super) fn event(id: &str, day: u32) -> Value {
    json!({
        "id": id, "status": "confirmed", "etag": format!("\"{id}-1\""), "updated": "2026-02-20T08:00:00.000Z",
        "summary": format!("Event {id}"), "iCalUID": format!("{id}@google.com"),
        "htmlLink": format!("https://calendar.example.com/{id}"),
        "start": { "dateTime": format!("2026-03-{day:02}T11:00:00+01:00") },
        "end": { "dateTime": format!("2026-03-{day:02}T12:00:00+01:00") },
        "organizer": { "email": "anna@example.com", "self": true },
    })
}

/// The last page of a list.
pub(super) fn page(items: &[Value], token: &str) -> (u16, Value) {
    (
        200,
        json!({ "items": items, "nextSyncToken": token, "timeZone": "Europe/Rome", "accessRole": "owner" }),
    )
}

/// Google's error answer.
pub(super) fn error(status: u16, reason: &str) -> (u16, Value) {
    (
        status,
        json!({ "error": { "code": status, "message": "x", "errors": [{ "domain": "global", "reason": reason }] } }),
    )
}

#[derive(Debug)]
struct OneToken(String);

#[async_trait]
impl TokenSource for OneToken {
    async fn token(&self) -> Result<AccessToken, Failure> {
        Ok(AccessToken {
            text: SecretText::from(self.0.clone()),
            expires_at: DateTime::<Utc>::MAX_UTC,
        })
    }

    async fn replace(&self, _refused: &AccessToken) -> Result<AccessToken, Failure> {
        self.token().await
    }
}

#[derive(Debug)]
struct Zeroes;

impl Entropy for Zeroes {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}
