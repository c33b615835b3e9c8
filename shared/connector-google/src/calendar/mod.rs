//! Google Calendar's events behind the engine's door.
//!
//! *Reading.* Each calendar has its own sync token; the cursor holds them all. An idle calendar costs one call. A
//! token that Google refuses has that calendar alone listed whole. Lists are asked for without any filter, since a
//! sync token allows none; the window is applied here. A changed series costs one more call, for its occurrences
//! inside the window; one with more than a thousand of them is left out with the reason.
//!
//! *Writing.* Only named fields are patched, under the etag we last saw, and nobody is mailed unless asked for.
//! Copies get an id derived from their origin, so that sending a creation twice makes one event.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | Google's shapes |
//! | `convert`, `text` | event to record; descriptions, HTML, Meet blocks |
//! | `marker` | derived ids, and the properties by which we know our copies |
//! | `cursor`, `read`, `occurrences` | sync tokens, lists, the occurrences of series |
//! | `write`, `series` | insert, patch, delete; series with a rule |
//! | `failure` | reasons to failures |

mod convert;
mod cursor;
mod failure;
mod marker;
mod occurrences;
mod read;
mod series;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod wire;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::pacer::{Pacer, Pacing};
use connector_http::token::TokenSource;
use sync_core::change::{ChangeSet, Observed, Reading, Window};
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId, Version};
use sync_core::kind::event::{EventLimits, EventRecord};
use sync_core::policy::Description;
use sync_core::port::{Create, CreateSeries, Created, Entropy, ReadRequest, Remote, SeriesCreated, Update};

pub(crate) use failure::failure_of;

use crate::api::Api;
use crate::endpoints::GoogleEndpoints;
use marker::Marker;

/// Most calls under way at once for one user. Eight hide the way to Google (some 100 ms a write) behind one
/// another up to the personal quota of ten a second; more would only run into Google's unnumbered limit on fast
/// writes to one calendar.
pub const CALENDAR_CONCURRENCY: usize = 8;

/// Google's personal quota: 600 calls in any minute. The margin is for calls that overtake each other.
///
/// # Source
/// <https://developers.google.com/workspace/calendar/api/guides/quota>
pub const CALENDAR_PACING: Pacing = Pacing {
    calls: 600,
    window: Duration::from_mins(1),
    margin: Duration::from_secs(1),
};

/// A user's way to Google Calendar for one run: counted, limited, and paced to the quota. The pacer is also
/// returned, since its history seeds the next run's (`history` and its `age`; empty where there was none).
pub fn calendar_lane(
    http: HttpClient,
    entropy: Arc<dyn Entropy>,
    history: &[u32],
    age: Duration,
) -> (Lane, Arc<Pacer>) {
    let pacer = Arc::new(Pacer::seeded(CALENDAR_PACING, history, age));
    (
        Lane::new(http, CALENDAR_CONCURRENCY, entropy).paced(Arc::clone(&pacer)),
        pacer,
    )
}

/// What a [`GoogleCalendar`] is made of.
#[derive(Debug)]
pub struct GoogleCalendarConfig {
    /// Where Google is.
    pub endpoints: GoogleEndpoints,
    /// Whose events; part of every derived id and marker.
    pub link: AccountLinkId,
    /// The calendars that are read, by their ids as in the settings.
    pub calendars: Vec<String>,
    /// The calendar that receives copies; it is read as well, whether it is listed or not.
    pub target_calendar: String,
    /// How descriptions are written.
    pub description: Description,
    /// The way out; see [`calendar_lane`].
    pub lane: Lane,
    /// The user's access tokens.
    pub tokens: Arc<dyn TokenSource>,
}

/// One user's events in Google Calendar.
#[derive(Debug)]
pub struct GoogleCalendar {
    api: Api,
    marker: Marker,
    /// What is read, each once; the target among them.
    calendars: Vec<String>,
    target: String,
    description: Description,
    /// What lists have told about each calendar in this run.
    facts: Mutex<BTreeMap<String, Facts>>,
    /// The window of this run's reading, by which a single series is measured.
    window: Mutex<Option<Window>>,
}

/// What a list tells about its calendar.
#[derive(Debug, Clone, Default)]
struct Facts {
    access_role: Option<String>,
    time_zone: Option<String>,
}

impl GoogleCalendar {
    /// Puts it together; nothing is called yet.
    pub fn new(config: GoogleCalendarConfig) -> Self {
        let mut calendars: Vec<String> = Vec::new();
        for calendar in config
            .calendars
            .into_iter()
            .chain([config.target_calendar.clone()])
        {
            if !calendars.contains(&calendar) {
                calendars.push(calendar);
            }
        }
        Self {
            api: Api::new(&config.endpoints.calendar, config.lane, config.tokens),
            marker: Marker::new(&config.link, calendars.clone()),
            calendars,
            target: config.target_calendar,
            description: config.description,
            facts: Mutex::default(),
            window: Mutex::default(),
        }
    }

    fn facts(&self, calendar: &str) -> Facts {
        self.facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(calendar)
            .cloned()
            .unwrap_or_default()
    }

    fn learn(&self, calendar: &str, facts: Facts) {
        self.facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(calendar.to_owned(), facts);
    }
}

#[async_trait]
impl Remote<EventRecord> for GoogleCalendar {
    fn limits(&self) -> EventLimits {
        EventLimits::none()
    }

    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        RemoteId::new(
            self.target.clone(),
            self.marker.event_id(&self.target, origin, generation),
        )
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<EventRecord>, Failure> {
        self.read_changes(request).await
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<EventRecord>, Failure> {
        self.read_one(id).await
    }

    async fn create(&self, create: &Create<EventRecord>) -> Result<Created<EventRecord>, Failure> {
        self.insert(create).await
    }

    async fn create_series(
        &self,
        create: &CreateSeries<EventRecord>,
    ) -> Result<SeriesCreated<EventRecord>, Failure> {
        self.insert_series(create).await
    }

    async fn update(&self, update: &Update<EventRecord>) -> Result<Observed<EventRecord>, Failure> {
        self.patch(update).await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        self.remove(id, expected).await
    }
}
