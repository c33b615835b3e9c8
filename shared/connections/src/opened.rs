//! Both sides of an account link, open for one run.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use connector_crm::crm::{ContactsFor, CrmConnection, EventsFor, TasksFor};
use connector_google::calendar::{CALENDAR_CONCURRENCY, GoogleCalendar, GoogleCalendarConfig};
use connector_google::calendars::{OwnCalendar, list_calendars};
use connector_google::people::{GooglePeople, GooglePeopleConfig, PEOPLE_CONCURRENCY, PEOPLE_PACING};
use connector_google::tasks::{GoogleTasks, GoogleTasksConfig, TASKS_CONCURRENCY, TASKS_PACING};
use connector_http::lane::Lane;
use connector_http::pacer::{Pacer, Pacing};
use connector_http::token::TokenSource;
use sync_core::failure::{Class, Failure};
use sync_core::kind::Kind;
use sync_core::kind::contact::{ContactLimits, ContactRecord};
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::policy::ContactScope;
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
        self.open_for(link, Purpose::Run).await
    }

    async fn open_to_look(&self, link: &AccountLink) -> Result<Box<dyn Opened>, (Side, Failure)> {
        self.open_for(link, Purpose::Look).await
    }
}

/// What the sides are opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// A run: what it needs is made.
    Run,
    /// Nothing is made, and nothing written.
    Look,
}

impl Connector {
    async fn open_for(
        &self,
        link: &AccountLink,
        purpose: Purpose,
    ) -> Result<Box<dyn Opened>, (Side, Failure)> {
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
            .own_calendar(link, &google, purpose)
            .await
            .map_err(|failure| (Side::Google, failure))?;
        let google_events = self.google_events(link, &google, own_calendar.clone());
        let google_tasks = self.google_tasks(link, &google);
        let crm = crm_side(crm.as_ref(), link, zone.unwrap_or(Tz::UTC));
        let contacts = crm.contacts.as_ref().map(|contacts| contacts.limits());
        let google_contacts = contacts.map(|limits| self.google_contacts(link, &google, limits));
        Ok(Box::new(Pair {
            crm,
            crm_lane,
            google_events,
            google,
            google_tasks,
            google_contacts,
            zone,
            own_calendar,
            clock: Arc::clone(&self.clock),
        }))
    }

    /// The way to Google for one run.
    pub(crate) fn google_way(&self, link: &AccountLink) -> GoogleWay {
        let tokens = self.google_tokens(link);
        let (lane, pacer) = self.lane_to(link, Kind::Event, CALENDAR_CONCURRENCY, self.google_pacing);
        GoogleWay { lane, pacer, tokens }
    }

    fn google_events(
        &self,
        link: &AccountLink,
        way: &GoogleWay,
        own_calendar: Option<String>,
    ) -> GoogleCalendar {
        let settings = &link.body.value.settings.events;
        let target_calendar = if settings.wants_own_calendar() {
            // One that is not there yet holds nothing to be read.
            own_calendar.or_else(|| settings.calendars.first().cloned())
        } else {
            Some(settings.target_calendar.clone())
        };
        GoogleCalendar::new(GoogleCalendarConfig {
            endpoints: self.google.clone(),
            link: link.id.clone(),
            calendars: settings.calendars.clone(),
            target_calendar: target_calendar.unwrap_or_else(|| "primary".to_owned()),
            description: settings.description,
            lane: way.lane.clone(),
            tokens: Arc::clone(&way.tokens) as Arc<dyn TokenSource>,
        })
    }

    /// The calendar of the sync's own, where the user wants one: as the last run knew it, or found, or made for a run.
    async fn own_calendar(
        &self,
        link: &AccountLink,
        way: &GoogleWay,
        purpose: Purpose,
    ) -> Result<Option<String>, Failure> {
        let events = &link.body.value.settings.events;
        if !(events.enabled && events.wants_own_calendar()) {
            return Ok(None);
        }
        if let Some(known) = &link.progress.own_calendar {
            return Ok(Some(known.clone()));
        }
        let tokens = Arc::clone(&way.tokens) as Arc<dyn TokenSource>;
        let calendars = OwnCalendar::of(&self.google, way.lane.clone(), tokens, &link.id);
        match (calendars.found().await?, purpose) {
            (Some(found), _) => Ok(Some(found)),
            (None, Purpose::Look) => Ok(None),
            (None, Purpose::Run) => {
                let label = self.directory.crm(&link.id.crm).await?.registration.label.clone();
                let name = if label.is_empty() { &link.id.crm } else { &label };
                calendars.made(name).await.map(Some)
            }
        }
    }

    fn google_tasks(&self, link: &AccountLink, google: &GoogleWay) -> Reached<GoogleTasks> {
        let pacing = self.google_pacing.map(|_| TASKS_PACING);
        let (lane, pacer) = self.lane_to(link, Kind::Task, TASKS_CONCURRENCY, pacing);
        let records = GoogleTasks::new(GoogleTasksConfig {
            endpoints: self.google.clone(),
            link: link.id.clone(),
            list: link.body.value.settings.tasks.list.clone(),
            lane: lane.clone(),
            tokens: Arc::clone(&google.tokens) as Arc<dyn TokenSource>,
        });
        Reached { records, lane, pacer }
    }

    fn google_contacts(
        &self,
        link: &AccountLink,
        google: &GoogleWay,
        crm: ContactLimits,
    ) -> Reached<GooglePeople> {
        let pacing = self.google_pacing.map(|_| PEOPLE_PACING);
        let (lane, pacer) = self.lane_to(link, Kind::Contact, PEOPLE_CONCURRENCY, pacing);
        let settings = &link.body.value.settings.contacts;
        let records = GooglePeople::new(GooglePeopleConfig {
            endpoints: self.google.clone(),
            link: link.id.clone(),
            label: (settings.scope == ContactScope::Tagged).then(|| settings.label.clone()),
            stood: link.progress.contacts.cursors.google.clone(),
            crm_fields: crm.fields,
            lane: lane.clone(),
            tokens: Arc::clone(&google.tokens) as Arc<dyn TokenSource>,
        });
        Reached { records, lane, pacer }
    }

    /// The way to one of Google's services: so many calls at once, and paced where a quota is to be kept.
    fn lane_to(
        &self,
        link: &AccountLink,
        kind: Kind,
        at_once: usize,
        pacing: Option<Pacing>,
    ) -> (Lane, Option<Arc<Pacer>>) {
        let lane = Lane::new(self.google_http.clone(), at_once, Arc::clone(&self.entropy));
        match pacing.map(|pacing| Arc::new(self.pacer(pacing, link, kind))) {
            Some(pacer) => (lane.paced(Arc::clone(&pacer)), Some(pacer)),
            None => (lane, None),
        }
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
    fn pacer(&self, pacing: Pacing, link: &AccountLink, kind: Kind) -> Pacer {
        match link.progress.google_calls.get(&kind) {
            Some((ended_at, calls)) => {
                let age = (self.clock.now() - *ended_at).to_std().unwrap_or_default();
                Pacer::seeded(pacing, &[*calls], age)
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

/// The CRM's side of an account link.
fn crm_side(crm: &dyn CrmConnection, link: &AccountLink, zone: Tz) -> CrmSide {
    let settings = &link.body.value.settings;
    let id = || link.id.clone();
    let tags = match settings.contacts.scope {
        ContactScope::Tagged => settings.contacts.tags.clone(),
        ContactScope::All => Vec::new(),
    };
    CrmSide {
        events: crm.events(EventsFor {
            link: id(),
            zone,
            description: settings.events.description,
        }),
        tasks: crm.tasks(TasksFor { link: id(), zone }),
        contacts: crm.contacts(ContactsFor { link: id(), tags }),
    }
}

/// The CRM's side, open; a kind that it does not have is `None`.
#[derive(Debug)]
struct CrmSide {
    events: Option<Box<dyn Remote<EventRecord>>>,
    tasks: Option<Box<dyn Remote<TaskRecord>>>,
    contacts: Option<Box<dyn Remote<ContactRecord>>>,
}

/// One of Google's services beside the calendar.
#[derive(Debug)]
struct Reached<T> {
    records: T,
    lane: Lane,
    pacer: Option<Arc<Pacer>>,
}

/// The way to Google for one run: counted, limited, paced, with the user's tokens. The lane is the calendar's.
#[derive(Debug)]
pub(crate) struct GoogleWay {
    pub(crate) lane: Lane,
    pacer: Option<Arc<Pacer>>,
    pub(crate) tokens: Arc<GoogleTokens>,
}

/// Both sides, open.
#[derive(Debug)]
struct Pair {
    crm: CrmSide,
    crm_lane: Lane,
    google_events: GoogleCalendar,
    google: GoogleWay,
    google_tasks: Reached<GoogleTasks>,
    google_contacts: Option<Reached<GooglePeople>>,
    zone: Option<Tz>,
    own_calendar: Option<String>,
    clock: Arc<dyn Clock>,
}

impl Pair {
    /// The ways to Google's services, by the kind of their records.
    fn ways(&self) -> impl Iterator<Item = (Kind, &Lane, Option<&Pacer>)> {
        let (events, tasks) = (&self.google, &self.google_tasks);
        let contacts = self.google_contacts.as_ref();
        [
            Some((Kind::Event, &events.lane, events.pacer.as_deref())),
            Some((Kind::Task, &tasks.lane, tasks.pacer.as_deref())),
            contacts.map(|contacts| (Kind::Contact, &contacts.lane, contacts.pacer.as_deref())),
        ]
        .into_iter()
        .flatten()
    }
}

impl Opened for Pair {
    fn events(&self) -> Option<Sides<'_, EventRecord>> {
        Some(PerSide {
            crm: self.crm.events.as_deref()?,
            google: &self.google_events,
        })
    }

    fn tasks(&self) -> Option<Sides<'_, TaskRecord>> {
        Some(PerSide {
            crm: self.crm.tasks.as_deref()?,
            google: &self.google_tasks.records,
        })
    }

    fn contacts(&self) -> Option<Sides<'_, ContactRecord>> {
        Some(PerSide {
            crm: self.crm.contacts.as_deref()?,
            google: &self.google_contacts.as_ref()?.records,
        })
    }

    fn requests(&self) -> PerSide<u64> {
        let google: u64 = self.ways().map(|(_, lane, _)| lane.requests()).sum();
        PerSide {
            crm: self.crm_lane.requests(),
            google: google + self.google.tokens.requests(),
        }
    }

    fn keepsakes(&self) -> Keepsakes {
        let now = self.clock.now();
        let recent = |(kind, _, pacer): (Kind, &Lane, Option<&Pacer>)| {
            let calls: u32 = pacer?.history().iter().sum();
            (calls > 0).then_some((kind, (now, calls)))
        };
        Keepsakes {
            google_access: self.google.tokens.keepsake(),
            google_recent: self.ways().filter_map(recent).collect::<BTreeMap<_, _>>(),
            time_zone: self.zone.map(|zone| zone.name().to_owned()),
            own_calendar: self.own_calendar.clone(),
        }
    }
}
