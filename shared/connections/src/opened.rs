//! Both sides of an account link, open for one run.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use connector_crm::crm::{CrmConnection, EventsFor};
use connector_google::calendar::{CALENDAR_CONCURRENCY, GoogleCalendar, GoogleCalendarConfig};
use connector_google::calendars::{list_calendars, own_calendar};
use connector_http::lane::Lane;
use connector_http::pacer::{Pacer, Pacing};
use connector_http::token::TokenSource;
use sync_core::failure::{Class, Failure};
use sync_core::kind::event::EventRecord;
use sync_core::port::{Clock, Remote};
use sync_core::side::{PerSide, Side};
use sync_engine::connections::{Connections, Keepsakes, Opened, Sides};
use sync_engine::memory::AccountLink;

use crate::Connector;
use crate::google_tokens::{GoogleTokens, State};

/// How long the user's zone is kept after both sides were read whole.
const ZONE_KEPT: TimeDelta = TimeDelta::days(7);

#[async_trait]
impl Connections for Connector {
    async fn open(&self, link: &AccountLink) -> Result<Box<dyn Opened>, (Side, Failure)> {
        let (crm, crm_lane) = self
            .open_crm(&link.id.crm)
            .await
            .map_err(|failure| (Side::Crm, failure))?;
        let google = self.google_way(link);
        let zone = match user_zone(link, crm.as_ref(), self.clock.now()).await {
            Ok(None) => self
                .calendar_zone(&google)
                .await
                .map_err(|failure| (Side::Google, failure))?,
            found => found.map_err(|failure| (Side::Crm, failure))?,
        };
        let own_calendar = self
            .own_calendar(link, &google)
            .await
            .map_err(|failure| (Side::Google, failure))?;
        let google_events = self.google_events(link, &google, own_calendar.clone());
        let settings = &link.body.value.settings.events;
        let user = EventsFor {
            link: link.id.clone(),
            zone: zone.unwrap_or(Tz::UTC),
            description: settings.description,
        };
        let crm_events = crm.events(user).ok_or_else(|| {
            (
                Side::Crm,
                Failure::permanent("no_events", "this CRM has no meetings or calls to keep in step"),
            )
        })?;
        Ok(Box::new(Pair {
            crm_events,
            crm_lane,
            google_events,
            google,
            zone,
            own_calendar,
            clock: Arc::clone(&self.clock),
        }))
    }
}

impl Connector {
    /// The way to Google for one run.
    pub(crate) fn google_way(&self, link: &AccountLink) -> GoogleWay {
        let tokens = self.google_tokens(link);
        let pacer = self
            .google_pacing
            .map(|pacing| Arc::new(self.pacer(pacing, link)));
        let lane = Lane::new(
            self.google_http.clone(),
            CALENDAR_CONCURRENCY,
            Arc::clone(&self.entropy),
        );
        let lane = match &pacer {
            Some(pacer) => lane.paced(Arc::clone(pacer)),
            None => lane,
        };
        GoogleWay { lane, pacer, tokens }
    }

    fn google_events(
        &self,
        link: &AccountLink,
        way: &GoogleWay,
        own_calendar: Option<String>,
    ) -> GoogleCalendar {
        let settings = &link.body.value.settings.events;
        GoogleCalendar::new(GoogleCalendarConfig {
            endpoints: self.google.clone(),
            link: link.id.clone(),
            calendars: settings.calendars.clone(),
            target_calendar: own_calendar.unwrap_or_else(|| settings.target_calendar.clone()),
            description: settings.description,
            lane: way.lane.clone(),
            tokens: Arc::clone(&way.tokens) as Arc<dyn TokenSource>,
        })
    }

    /// The calendar of the sync's own, where the user wants one: as the last run knew it, found or made.
    async fn own_calendar(&self, link: &AccountLink, way: &GoogleWay) -> Result<Option<String>, Failure> {
        if !link.body.value.settings.events.wants_own_calendar() {
            return Ok(None);
        }
        if let Some(known) = &link.progress.own_calendar {
            return Ok(Some(known.clone()));
        }
        let label = self.directory.crm(&link.id.crm).await?.registration.label.clone();
        let name = if label.is_empty() { &link.id.crm } else { &label };
        let tokens = Arc::clone(&way.tokens) as Arc<dyn TokenSource>;
        own_calendar(&self.google, way.lane.clone(), tokens, &link.id, name)
            .await
            .map(Some)
    }

    /// The zone of the user's own calendar, for want of the CRM's. It is a guess, so a Google that does not tell
    /// leaves it open; one that is away is asked again in the next run, before anything is read by a wrong day.
    pub(crate) async fn calendar_zone(&self, google: &GoogleWay) -> Result<Option<Tz>, Failure> {
        let tokens = Arc::clone(&google.tokens) as Arc<dyn TokenSource>;
        match list_calendars(&self.google, google.lane.clone(), tokens).await {
            Ok(calendars) => {
                let own = calendars.into_iter().find(|calendar| calendar.primary);
                Ok(own.and_then(|calendar| calendar.time_zone?.parse().ok()))
            }
            Err(failure) if matches!(failure.class, Class::Retryable { .. }) => Err(failure),
            Err(_) => Ok(None),
        }
    }

    /// The account link's access token for Google.
    pub(crate) fn google_tokens(&self, link: &AccountLink) -> Arc<GoogleTokens> {
        Arc::new(GoogleTokens {
            link: link.clone(),
            endpoints: self.google.clone(),
            http: self.google_http.clone(),
            clock: Arc::clone(&self.clock),
            vault: Arc::clone(&self.vault),
            directory: Arc::clone(&self.directory),
            refresh_tokens: Arc::clone(&self.refresh_tokens),
            state: tokio::sync::Mutex::new(State::Kept(link.progress.google_access.clone())),
            sealed: Mutex::new(link.progress.google_access.clone()),
            requests: AtomicU64::new(0),
        })
    }

    /// A pacer that counts the calls of the run before, as if all had been made when it ended.
    fn pacer(&self, pacing: Pacing, link: &AccountLink) -> Pacer {
        match link.progress.google_recent {
            Some((ended_at, calls)) => {
                let age = (self.clock.now() - ended_at).to_std().unwrap_or_default();
                Pacer::seeded(pacing, &[calls], age)
            }
            None => Pacer::new(pacing),
        }
    }
}

/// The zone in which the CRM shows the user's days.
///
/// It is asked for when both sides are read whole, as they are every week, and kept in between: it costs a call,
/// and people rarely move. A CRM that does not let its users be read leaves it open.
pub(crate) async fn user_zone(
    link: &AccountLink,
    crm: &dyn CrmConnection,
    now: DateTime<Utc>,
) -> Result<Option<Tz>, Failure> {
    let kept = link
        .progress
        .time_zone
        .as_ref()
        .and_then(|name| name.parse::<Tz>().ok());
    if let Some(zone) = kept
        && link
            .progress
            .read_whole_at()
            .is_some_and(|at| now - at < ZONE_KEPT)
    {
        return Ok(Some(zone));
    }
    match crm.user(&link.id.user).await {
        Ok(Some(user)) => Ok(user.time_zone.or(kept)),
        Ok(None) => Err(Failure::permanent(
            "unknown_user",
            "the CRM no longer has this user",
        )),
        Err(failure) if failure.class == Class::Permanent => Ok(kept),
        Err(failure) => Err(failure),
    }
}

/// The way to Google for one run: counted, limited, paced, with the user's tokens.
#[derive(Debug)]
pub(crate) struct GoogleWay {
    lane: Lane,
    pacer: Option<Arc<Pacer>>,
    tokens: Arc<GoogleTokens>,
}

/// Both sides, open.
#[derive(Debug)]
struct Pair {
    crm_events: Box<dyn Remote<EventRecord>>,
    crm_lane: Lane,
    google_events: GoogleCalendar,
    google: GoogleWay,
    zone: Option<Tz>,
    own_calendar: Option<String>,
    clock: Arc<dyn Clock>,
}

impl Opened for Pair {
    fn events(&self) -> Option<Sides<'_, EventRecord>> {
        Some(PerSide {
            crm: self.crm_events.as_ref(),
            google: &self.google_events,
        })
    }

    fn requests(&self) -> PerSide<u64> {
        PerSide {
            crm: self.crm_lane.requests(),
            google: self.google.lane.requests() + self.google.tokens.requests(),
        }
    }

    fn keepsakes(&self) -> Keepsakes {
        let recent = self
            .google
            .pacer
            .as_ref()
            .map(|pacer| pacer.history().iter().sum());
        Keepsakes {
            google_access: self.google.tokens.keepsake(),
            google_recent: recent.map(|calls| (self.clock.now(), calls)),
            time_zone: self.zone.map(|zone| zone.name().to_owned()),
            own_calendar: self.own_calendar.clone(),
        }
    }
}
