//! Engine, providers, store and clock, put together: several account links of two CRMs in one store.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use sync_core::failure::Failure;
use sync_core::id::AccountLinkId;
use sync_core::kind::Kind;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::policy::{ContactScope, Settings};
use sync_core::port::{Clock, Entropy, Remote, Trigger};
use sync_core::side::{PerSide, Side};
use sync_engine::connections::{Connections, Keepsakes, Opened, Sides};
use sync_engine::in_memory::{InMemorySchedules, InMemoryStore};
use sync_engine::memory::{AccountLink, AccountLinkBody, Confirmation, GoogleAccount, Memory};
use sync_engine::report::{Outcome, RunRecord};
use sync_engine::run::{Doors as EngineDoors, Engine, RunRequest};

use crate::broken::Broken;
use crate::door::Door;
use crate::doubts;
use crate::faults::Faults;
use crate::habits::Habits;
use crate::kinds::Played;
use crate::log::{Entry, Log, Mark};
use crate::reach::Reach;
use crate::server::{Gate, Nature, Server};
use crate::store::FailingStore;

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

/// One provider: its records of every kind, behind one gate.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) gate: Arc<Gate>,
    pub(crate) events: Arc<Server<EventRecord>>,
    pub(crate) tasks: Arc<Server<TaskRecord>>,
    pub(crate) contacts: Arc<Server<ContactRecord>>,
}

impl Provider {
    fn new(side: Side, habits: Habits, clock: &Arc<dyn Clock>, log: &Arc<Log>) -> Self {
        let gate = Arc::new(Gate::default());
        Self {
            events: Self::server(side, habits.events, &gate, clock, log),
            tasks: Self::server(side, habits.tasks, &gate, clock, log),
            contacts: Self::server(side, habits.contacts, &gate, clock, log),
            gate,
        }
    }

    fn server<R: Played>(
        side: Side,
        nature: Nature<R>,
        gate: &Arc<Gate>,
        clock: &Arc<dyn Clock>,
        log: &Arc<Log>,
    ) -> Arc<Server<R>> {
        let server = Server::new(side, nature, gate.clone(), clock.clone(), log.clone());
        Arc::new(server)
    }

    /// The server refuses the cursors it gave out.
    pub(crate) fn refuse_cursors(&self) {
        self.events.refuse_cursors();
        self.tasks.refuse_cursors();
        self.contacts.refuse_cursors();
    }
}

/// Opens doors for the runs.
#[derive(Debug)]
struct Wiring {
    alpha: Provider,
    beta: Provider,
    google: Provider,
    faults: Arc<Faults>,
    log: Arc<Log>,
    openings: AtomicUsize,
    broken: Option<Broken>,
}

impl Wiring {
    fn crm(&self, link: usize) -> &Provider {
        if LINKS[link].0 == "alpha" {
            &self.alpha
        } else {
            &self.beta
        }
    }

    fn door<R: Played>(
        &self,
        (opening, link): (usize, usize),
        provider: &Provider,
        settings: &Settings,
    ) -> Door<R> {
        let server = R::at(provider).clone();
        Door {
            reach: Reach::of::<R>(server.side, settings),
            server,
            link,
            user: format!("{}-{}", LINKS[link].0, LINKS[link].1),
            opening,
            faults: self.faults.clone(),
            log: self.log.clone(),
            broken: self.broken,
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
        let settings = &link.body.value.settings;
        let doors = |provider: &Provider| Doors {
            events: self.door((opening, number), provider, settings),
            tasks: self.door((opening, number), provider, settings),
            contacts: self.door((opening, number), provider, settings),
        };
        Ok(Box::new(Doorway(PerSide {
            crm: doors(self.crm(number)),
            google: doors(&self.google),
        })))
    }
}

/// One provider's doors.
#[derive(Debug)]
struct Doors {
    events: Door<EventRecord>,
    tasks: Door<TaskRecord>,
    contacts: Door<ContactRecord>,
}

#[derive(Debug)]
struct Doorway(PerSide<Doors>);

impl Opened for Doorway {
    fn events(&self) -> Option<Sides<'_, EventRecord>> {
        Some(self.0.as_ref().map(|doors| -> &dyn Remote<_> { &doors.events }))
    }

    fn tasks(&self) -> Option<Sides<'_, TaskRecord>> {
        Some(self.0.as_ref().map(|doors| -> &dyn Remote<_> { &doors.tasks }))
    }

    fn contacts(&self) -> Option<Sides<'_, ContactRecord>> {
        Some(self.0.as_ref().map(|doors| -> &dyn Remote<_> { &doors.contacts }))
    }

    fn requests(&self) -> PerSide<u64> {
        PerSide::default()
    }

    fn keepsakes(&self) -> Keepsakes {
        Keepsakes::default()
    }
}

/// Settings to begin with.
fn drawn(random: &mut SmallRng, scope: ContactScope) -> serde_json::Value {
    let winner = |random: &mut SmallRng| *["newest", "crm", "google"].choose(random).unwrap();
    let deletions = |random: &mut SmallRng| *["keep", "propagate", "propagate"].choose(random).unwrap();
    serde_json::json!({
        "start_from": "2026-01-01",
        "events": { "conflict_winner": winner(random), "private_as_busy": random.random_bool(0.2),
            "notify_guests": random.random_bool(0.4),
            "target_calendar": *["primary", "primary", "primary", "dedicated"].choose(random).unwrap() },
        "tasks": { "conflict_winner": winner(random), "deletions": deletions(random) },
        "contacts": { "conflict_winner": winner(random), "deletions": deletions(random), "scope": scope },
    })
}

/// Everything a history needs.
pub(crate) struct World {
    pub(crate) log: Arc<Log>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) memory: Memory,
    wiring: Arc<Wiring>,
    pub(crate) store: Arc<FailingStore>,
    clock: Arc<dyn Clock>,
    engine: Engine,
    settings: Mutex<Vec<Settings>>,
    /// The run of each account link that ended last.
    ended: Mutex<Vec<Option<String>>>,
    kinds: Vec<Kind>,
}

impl World {
    pub(crate) fn new(random: &mut SmallRng, links: usize, broken: Option<Broken>) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock {
            epoch: Utc.with_ymd_and_hms(2026, 3, 1, 8, 0, 0).unwrap(),
            began: tokio::time::Instant::now(),
        });
        let log = Arc::new(Log::new(clock.clone()));
        let faults = Arc::new(Faults::default());
        let (poor, rich) = (Habits::poor(random), Habits::rich(random));
        let scope = *[ContactScope::Tagged, ContactScope::All].choose(random).unwrap();
        let google = Habits::of_google(random, scope);
        let (alpha, beta) = if random.random_bool(0.5) {
            (poor, rich)
        } else {
            (rich, poor)
        };
        let provider = |side: Side, habits: Habits| Provider::new(side, habits, &clock, &log);
        let wiring = Arc::new(Wiring {
            alpha: provider(Side::Crm, alpha),
            beta: provider(Side::Crm, beta),
            google: provider(Side::Google, google),
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
            written: Mutex::default(),
        });
        let memory = Memory::new(store.clone());
        let doors = EngineDoors {
            memory: memory.clone(),
            connections: wiring.clone(),
            schedules: Arc::new(InMemorySchedules::new()),
            clock: clock.clone(),
            entropy: Arc::new(Counting::default()),
        };
        let kinds = match random.random_range(0..10) {
            0..4 => vec![Kind::Event],
            4 | 5 => vec![Kind::Task],
            6 | 7 => vec![Kind::Contact],
            _ => Kind::ALL.to_vec(),
        };
        let mut settings = Settings::default()
            .patched(&drawn(random, scope))
            .expect("settings");
        for kind in Kind::ALL {
            settings.switch(kind, kinds.contains(&kind));
        }
        Self {
            log,
            faults,
            memory,
            wiring,
            store,
            clock,
            engine: Engine::new(doors),
            settings: Mutex::new(vec![settings; links]),
            ended: Mutex::new(vec![None; links]),
            kinds,
        }
    }

    pub(crate) fn links(&self) -> usize {
        self.settings.lock().unwrap().len()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The kinds that are played with.
    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    pub(crate) fn provider(&self, link: usize, side: Side) -> &Provider {
        match side {
            Side::Crm => self.wiring.crm(link),
            Side::Google => &self.wiring.google,
        }
    }

    pub(crate) fn server<R: Played>(&self, link: usize, side: Side) -> &Server<R> {
        R::at(self.provider(link, side))
    }

    /// What each side of an account link does to what it is given.
    pub(crate) fn natures<R: Played>(&self, link: usize) -> PerSide<Nature<R>> {
        PerSide::from_fn(|side| self.server(link, side).nature.clone())
    }

    pub(crate) fn settings(&self, link: usize) -> Settings {
        self.settings.lock().unwrap()[link].clone()
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
        self.faults.settle(None);
        for link in 0..self.links() {
            doubts::note::<TaskRecord>(self, link).await;
        }
        *self.store.inner.lock().unwrap() = Arc::new(InMemoryStore::new(self.clock.clone()));
        for link in 0..self.links() {
            self.mark(link, Mark::StoreLost);
            self.link(link).await;
        }
    }

    /// The memory behind the store that fails.
    pub(crate) fn memory_as_it_is(&self) -> Memory {
        Memory::new(self.store.inner())
    }

    /// Puts a value back from the journal.
    pub(crate) async fn restore(&self, link: usize, entry: &str) {
        let restored = self.engine.restore(&Self::id(link), entry).await;
        restored.expect("it can be put back");
    }

    async fn run_once(&self, link: usize) -> RunRecord {
        doubts::leave_out(self, link).await;
        let request = RunRequest {
            link: Self::id(link),
            trigger: Trigger::Schedule,
            run_id: None,
        };
        let record = self.engine.run(request, BUDGET).await;
        self.note_end(link, Some(&record)).await;
        record
    }

    /// Notes how a run has ended. The answer to its last write may be lost, or the process dead by then: what was kept
    /// counts.
    async fn note_end(&self, link: usize, record: Option<&RunRecord>) {
        let memory = self.memory_as_it_is().account_link(&Self::id(link)).await;
        let kept = memory.ok().flatten().and_then(|kept| kept.progress.last_run);
        let of_it = |kept: &RunRecord| match record {
            Some(record) => kept.run_id == record.run_id,
            None => self.ended.lock().unwrap()[link].as_ref() != Some(&kept.run_id),
        };
        let kept = kept.filter(of_it);
        let Some(ended) = kept.as_ref().or(record) else {
            return;
        };
        self.ended.lock().unwrap()[link] = Some(ended.run_id.clone());
        match ended.outcome {
            Outcome::Ok | Outcome::Partial | Outcome::Held => {
                let well = !ended.more;
                self.log.add(Entry::Ended { link, well });
            }
            Outcome::Failed | Outcome::NeedsAuthorization => self.log.add(Entry::Ended { link, well: false }),
            // It has done nothing at all.
            Outcome::Skipped => {}
        }
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
                self.wiring.google.gate.authorise(link, true);
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
        let (dead, frozen) = tokio::select! {
            biased;
            () = self.faults.crashed() => (true, false),
            () = self.faults.frozen() => (false, true),
            _ = &mut runs => (false, false),
        };
        if dead {
            for link in links {
                self.note_end(*link, None).await;
            }
        }
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
            self.wiring.crm(*link).gate.authorise(*link, true);
        }
    }
}
