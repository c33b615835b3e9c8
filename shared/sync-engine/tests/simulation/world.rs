//! Engine, providers, store and clock, put together: several account links of two CRMs in one store.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use sync_core::failure::Failure;
use sync_core::id::AccountLinkId;
use sync_core::kind::event::{EventLimits, EventRecord};
use sync_core::policy::Settings;
use sync_core::port::{Clock, Entropy, Trigger};
use sync_core::side::{PerSide, Side};
use sync_engine::connections::{Connections, Keepsakes, Opened, Sides};
use sync_engine::in_memory::{InMemorySchedules, InMemoryStore};
use sync_engine::memory::{AccountLink, AccountLinkBody, Confirmation, GoogleAccount, Memory};
use sync_engine::report::{Outcome, RunRecord};
use sync_engine::run::{Doors, Engine, RunRequest};

use crate::broken::Broken;
use crate::door::Door;
use crate::faults::Faults;
use crate::log::{Entry, Log, Mark};
use crate::server::{Nature, Server};
use crate::store::FailingStore;

/// Longest title the poor CRM keeps: short, so that cutting happens often.
const POOR_TITLE_CHARS: usize = 4;

/// The account links of a world: CRM and user. The first two have nothing in common but the user's name, the first
/// and the last share a CRM.
const LINKS: [(&str, &str); 3] = [("alpha", "user-1"), ("beta", "user-1"), ("alpha", "user-2")];

/// How long a run may take.
const BUDGET: Duration = Duration::from_mins(5);

/// Time as the paused runtime tells it.
#[derive(Debug)]
struct VirtualClock {
    epoch: DateTime<Utc>,
    began: tokio::time::Instant,
}

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        self.epoch + self.began.elapsed()
    }
}

#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (at, byte) in buffer.iter_mut().enumerate() {
            *byte = next[at % next.len()];
        }
    }
}

/// Opens doors for the runs.
#[derive(Debug)]
struct Wiring {
    alpha: Arc<Server>,
    beta: Arc<Server>,
    google: Arc<Server>,
    faults: Arc<Faults>,
    log: Arc<Log>,
    openings: AtomicUsize,
    broken: Option<Broken>,
}

impl Wiring {
    fn crm(&self, link: usize) -> &Arc<Server> {
        if LINKS[link].0 == "alpha" {
            &self.alpha
        } else {
            &self.beta
        }
    }
}

#[async_trait]
impl Connections for Wiring {
    async fn open(&self, link: &AccountLink) -> Result<Box<dyn Opened>, (Side, Failure)> {
        let opening = self.openings.fetch_add(1, Ordering::Relaxed);
        let here = |(crm, user): &(&str, &str)| *crm == link.id.crm && *user == link.id.user;
        let number = LINKS.iter().position(here).expect("a link of this world");
        self.log.add(Entry::Opened {
            opening,
            link: number,
        });
        let by_name = |(_, user): &(&str, &str)| *user == link.id.user;
        let number = match self.broken {
            Some(Broken::WrongUser) => LINKS.iter().position(by_name).expect("a link of this world"),
            _ => number,
        };
        let door = |server: &Arc<Server>| Door {
            server: server.clone(),
            link: number,
            user: format!("{}-{}", LINKS[number].0, LINKS[number].1),
            opening,
            faults: self.faults.clone(),
            log: self.log.clone(),
            broken: self.broken,
        };
        Ok(Box::new(Doorway {
            crm: door(self.crm(number)),
            google: door(&self.google),
        }))
    }
}

#[derive(Debug)]
struct Doorway {
    crm: Door,
    google: Door,
}

impl Opened for Doorway {
    fn events(&self) -> Option<Sides<'_, EventRecord>> {
        Some(PerSide {
            crm: &self.crm,
            google: &self.google,
        })
    }

    fn requests(&self) -> PerSide<u64> {
        PerSide::default()
    }

    fn keepsakes(&self) -> Keepsakes {
        Keepsakes::default()
    }
}

/// Everything a history needs.
pub(crate) struct World {
    pub(crate) log: Arc<Log>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) memory: Memory,
    wiring: Arc<Wiring>,
    store: Arc<FailingStore>,
    clock: Arc<dyn Clock>,
    engine: Engine,
    settings: Mutex<Vec<Settings>>,
}

impl World {
    pub(crate) fn new(random: &mut SmallRng, links: usize, broken: Option<Broken>) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock {
            epoch: Utc.with_ymd_and_hms(2026, 3, 1, 8, 0, 0).unwrap(),
            began: tokio::time::Instant::now(),
        });
        let log = Arc::new(Log::new(clock.clone()));
        let faults = Arc::new(Faults::default());
        let server =
            |side: Side, nature: Nature| Arc::new(Server::new(side, nature, clock.clone(), log.clone()));
        let mut nature = |limits: EventLimits, squeezes: bool| Nature {
            limits,
            squeezes,
            skew: chrono::Duration::minutes(random.random_range(-10..=10)),
        };
        let poor = EventLimits {
            title_chars: Some(POOR_TITLE_CHARS),
            has_private: false,
            four_byte_characters: false,
            time_step_seconds: 60,
            ..EventLimits::none()
        };
        let (poor, rich) = (nature(poor, true), nature(EventLimits::none(), true));
        let google = nature(EventLimits::none(), false);
        let (alpha, beta) = if random.random_bool(0.5) {
            (poor, rich)
        } else {
            (rich, poor)
        };
        let wiring = Arc::new(Wiring {
            alpha: server(Side::Crm, alpha),
            beta: server(Side::Crm, beta),
            google: server(Side::Google, google),
            faults: faults.clone(),
            log: log.clone(),
            openings: AtomicUsize::new(0),
            broken,
        });
        let store = Arc::new(FailingStore {
            inner: Mutex::new(Arc::new(InMemoryStore::new(clock.clone()))),
            faults: faults.clone(),
            log: log.clone(),
            broken,
        });
        let memory = Memory::new(store.clone());
        let doors = Doors {
            memory: memory.clone(),
            connections: wiring.clone(),
            schedules: Arc::new(InMemorySchedules::new()),
            clock: clock.clone(),
            entropy: Arc::new(Counting::default()),
        };
        let winner = ["newest", "crm", "google"][random.random_range(0..3)];
        let settings = Settings::default()
            .patched(&serde_json::json!({
                "start_from": "2026-01-01",
                "events": { "conflict_winner": winner, "private_as_busy": random.random_bool(0.2) },
            }))
            .expect("settings");
        Self {
            log,
            faults,
            memory,
            wiring,
            store,
            clock,
            engine: Engine::new(doors),
            settings: Mutex::new(vec![settings; links]),
        }
    }

    pub(crate) fn links(&self) -> usize {
        self.settings.lock().unwrap().len()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn server(&self, link: usize, side: Side) -> &Server {
        match side {
            Side::Crm => self.wiring.crm(link),
            Side::Google => &self.wiring.google,
        }
    }

    /// What each side of each account link does to what it is given, and the settings in the beginning.
    pub(crate) fn begins_with(&self) -> Vec<(PerSide<Nature>, Settings)> {
        let settings = self.settings.lock().unwrap();
        let with_natures = |(link, settings): (usize, &Settings)| {
            let natures = PerSide::from_fn(|side| self.server(link, side).nature.clone());
            (natures, settings.clone())
        };
        settings.iter().enumerate().map(with_natures).collect()
    }

    pub(crate) fn id(link: usize) -> AccountLinkId {
        let (crm, user) = LINKS[link];
        AccountLinkId::new(crm, user)
    }

    /// Writes an account link down, as its pages would where there is none.
    pub(crate) async fn link(&self, link: usize) {
        let now = self.now();
        let settings = self.settings.lock().unwrap()[link].clone();
        let body = AccountLinkBody {
            name: None,
            email: None,
            locale: None,
            google: Some(GoogleAccount {
                subject: link.to_string(),
                email: "user@example.com".to_owned(),
                scopes: Vec::new(),
                unticked: Vec::new(),
                ends_at: None,
                authorized_at: now,
            }),
            settings,
            linked_at: now,
            confirmation: None,
        };
        self.memory
            .put_account_link(&Self::id(link), &body, None)
            .await
            .unwrap();
    }

    pub(crate) async fn remembered(&self, link: usize) -> AccountLink {
        self.memory.account_link(&Self::id(link)).await.unwrap().unwrap()
    }

    async fn administer(&self, link: usize, change: impl FnOnce(&mut AccountLinkBody)) {
        let stored = self.remembered(link).await.body;
        let mut body = stored.value;
        change(&mut body);
        self.memory
            .put_account_link(&Self::id(link), &body, Some(stored.version))
            .await
            .unwrap();
    }

    /// A person changes settings.
    pub(crate) async fn set(&self, link: usize, patch: &serde_json::Value) {
        let settings = self.settings.lock().unwrap()[link]
            .patched(patch)
            .expect("settings");
        self.settings.lock().unwrap()[link] = settings.clone();
        self.log.add(Entry::Settings {
            link,
            settings: Box::new(settings.clone()),
        });
        self.administer(link, |body| body.settings = settings).await;
    }

    pub(crate) fn mark(&self, link: usize, mark: Mark) {
        self.log.add(Entry::Mark { link, mark });
    }

    /// The whole memory is lost; the account links are made anew.
    pub(crate) async fn lose_store(&self) {
        self.faults.settle(false);
        *self.store.inner.lock().unwrap() = Arc::new(InMemoryStore::new(self.clock.clone()));
        for link in 0..self.links() {
            self.mark(link, Mark::StoreLost);
            self.link(link).await;
        }
    }

    async fn run_once(&self, link: usize) -> RunRecord {
        let request = RunRequest {
            link: Self::id(link),
            trigger: Trigger::Schedule,
            run_id: None,
        };
        self.engine.run(request, BUDGET).await
    }

    /// A run, with what its end asks of people: to authorise again, or to let deletions go on.
    pub(crate) async fn run(&self, link: usize) -> RunRecord {
        let record = self.run_once(link).await;
        match record.outcome {
            Outcome::NeedsAuthorization => {
                self.mark(link, Mark::Unauthorised);
                tokio::time::sleep(Duration::from_mins(15)).await;
                self.run_once(link).await;
                self.mark(link, Mark::Authorised);
                self.wiring.google.authorise(link, true);
                let now = self.now() + chrono::Duration::seconds(1);
                self.administer(link, |body| {
                    if let Some(google) = &mut body.google {
                        google.authorized_at = now;
                    }
                })
                .await;
            }
            Outcome::Held => {
                let held = self.remembered(link).await.progress.held;
                let count = held.map_or(0, |held| held.deletions.crm + held.deletions.google);
                self.mark(link, Mark::Confirmed);
                let now = self.now();
                let word = Confirmation {
                    at: now,
                    deletions: count,
                };
                self.administer(link, |body| body.confirmation = Some(word)).await;
            }
            Outcome::Ok | Outcome::Partial | Outcome::Failed | Outcome::Skipped => {}
        }
        record
    }

    /// Runs at whose calls anything may go wrong; the process may die in them, or be frozen for a while.
    pub(crate) async fn faulty_runs(&self, links: &[usize], frozen_for: Duration) {
        let mut runs = Box::pin(futures::future::join_all(
            links.iter().map(|link| self.run_once(*link)),
        ));
        let frozen = tokio::select! {
            biased;
            () = self.faults.crashed() => false,
            () = self.faults.frozen() => true,
            _ = &mut runs => false,
        };
        if frozen {
            // Nothing of the process moves while another one does the same work.
            self.faults.end();
            tokio::time::sleep(frozen_for).await;
            for link in links {
                self.run_once(*link).await;
            }
            self.faults.thaw();
            runs.await;
        }
        self.faults.end();
        // The CRM's own door opens again by itself.
        for link in links {
            self.wiring.crm(*link).authorise(*link, true);
        }
    }
}
