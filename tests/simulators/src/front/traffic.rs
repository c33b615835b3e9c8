//! What was asked of a simulator: a log and counters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::message::Request;

/// The log keeps this many of the newest requests: a long demo must not grow without end, and no test asks for more.
const LOG_ENTRIES_MAX: usize = 200_000;

/// One request as the simulator saw it, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// When, by the simulator's clock.
    pub at: DateTime<Utc>,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with its query, as sent.
    pub target: String,
    /// The route's pattern, such as `/calendars/{calendarId}/events`.
    pub route: String,
    /// The status answered; `None` where the connection was dropped without an answer.
    pub status: Option<u16>,
    /// Whether the server carried the request out; a fault may have come first.
    pub applied: bool,
    /// The request's headers, names in lower case, without `authorization`.
    pub headers: Vec<(String, String)>,
    /// The request's body; empty for reads.
    pub body: String,
}

impl Logged {
    /// The first value of a request header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The requests that a simulator has seen. Clones look at the same log.
#[derive(Debug, Clone, Default)]
pub struct Traffic(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    calls: u64,
    by_route: BTreeMap<(String, String), u64>,
    refusals: u64,
    in_flight: usize,
    peak: usize,
    log: std::collections::VecDeque<Logged>,
}

impl Traffic {
    /// How many requests came in, whatever became of them.
    pub fn calls(&self) -> u64 {
        self.seen().calls
    }

    /// The same by method and route pattern.
    pub fn calls_by_route(&self) -> BTreeMap<(String, String), u64> {
        self.seen().by_route.clone()
    }

    /// How many requests of one method and route pattern came in.
    pub fn count(&self, method: &str, route: &str) -> u64 {
        self.seen()
            .by_route
            .get(&(method.to_owned(), route.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    /// How many requests other than reads came in, token requests left out.
    pub fn writes(&self) -> u64 {
        let seen = self.seen();
        let of = |(method, route): &(String, String)| method != "GET" && !is_sign_in(route);
        seen.by_route
            .iter()
            .filter(|(key, _)| of(key))
            .map(|(_, count)| count)
            .sum()
    }

    /// How many requests were refused for want of quota, by the quota itself or by a fault.
    pub fn refusals(&self) -> u64 {
        self.seen().refusals
    }

    /// The most requests that were ever under way at once.
    pub fn peak_concurrency(&self) -> usize {
        self.seen().peak
    }

    /// The requests, oldest first.
    pub fn log(&self) -> Vec<Logged> {
        self.seen().log.iter().cloned().collect()
    }

    /// Forgets everything, so that a test can count from here.
    pub fn reset(&self) {
        let mut seen = self.seen();
        let in_flight = seen.in_flight;
        *seen = Seen {
            in_flight,
            peak: in_flight,
            ..Seen::default()
        };
    }

    pub(super) fn enter(&self, request: &Request, route: &str) -> InFlight {
        let mut seen = self.seen();
        seen.calls += 1;
        *seen
            .by_route
            .entry((request.method.clone(), route.to_owned()))
            .or_default() += 1;
        seen.in_flight += 1;
        seen.peak = seen.peak.max(seen.in_flight);
        InFlight(self.clone())
    }

    pub(super) fn refused(&self) {
        self.seen().refusals += 1;
    }

    pub(super) fn record(&self, logged: Logged) {
        let mut seen = self.seen();
        if seen.log.len() >= LOG_ENTRIES_MAX {
            seen.log.pop_front();
        }
        seen.log.push_back(logged);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_sign_in(route: &str) -> bool {
    [
        "/o/oauth2",
        "/token",
        "/revoke",
        "/Api/access_token",
        "/Api/V8/logout",
        "/webservice.php/login",
    ]
    .iter()
    .any(|prefix| route.starts_with(prefix))
}

/// Counts a request as under way until dropped, also where its handler is cancelled by a hung-up client.
#[derive(Debug)]
pub(super) struct InFlight(Traffic);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut seen = self.0.seen();
        seen.in_flight = seen.in_flight.saturating_sub(1);
    }
}
