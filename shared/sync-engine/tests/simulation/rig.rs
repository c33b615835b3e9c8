//! Engine, sides, store and clock, put together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::event::EventRecord;
use sync_core::policy::Settings;
use sync_core::port::{Clock, Entropy, Trigger};
use sync_core::side::{PerSide, Side};
use sync_engine::connections::{Connections, Keepsakes, Opened, Sides};
use sync_engine::in_memory::{InMemorySchedules, InMemoryStore};
use sync_engine::memory::{AccountLink, AccountLinkBody, GoogleAccount, Memory};
use sync_engine::report::{Outcome, RunRecord};
use sync_engine::run::{Doors, Engine, RunRequest};

use crate::door::{FailingStore, Lying, SimulatedSide};
use crate::faults::Faults;

/// Runs without a fault after which everything must be settled, with a day between them, so that what was
/// parked is tried again.
const CALM_RUNS: usize = 8;
/// Runs with nothing to do that must write nothing.
const QUIET_RUNS: usize = 2;

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

#[derive(Debug, Clone)]
struct Both {
    crm: Arc<SimulatedSide>,
    google: Arc<SimulatedSide>,
}

#[async_trait]
impl Connections for Both {
    async fn open(&self, _: &AccountLink) -> Result<Box<dyn Opened>, (Side, Failure)> {
        Ok(Box::new(self.clone()))
    }
}

impl Opened for Both {
    fn events(&self) -> Option<Sides<'_, EventRecord>> {
        Some(PerSide {
            crm: &*self.crm,
            google: &*self.google,
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
pub(crate) struct Rig {
    pub(crate) sides: PerSide<Arc<SimulatedSide>>,
    pub(crate) memory: Memory,
    pub(crate) link: AccountLinkId,
    engine: Engine,
    faults: Arc<Faults>,
    settings: Settings,
    linked: std::sync::atomic::AtomicBool,
}

impl Rig {
    pub(crate) fn new(seed: u64, google_wins: bool) -> Self {
        let epoch = Utc.with_ymd_and_hms(2026, 3, 1, 8, 0, 0).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock {
            epoch,
            began: tokio::time::Instant::now(),
        });
        let faults = Arc::new(Faults::default());
        let side = |side| Arc::new(SimulatedSide::new(side, clock.clone(), faults.clone()));
        let sides = PerSide::from_fn(side);
        let store = FailingStore {
            inner: InMemoryStore::new(clock.clone()),
            faults: faults.clone(),
        };
        let memory = Memory::new(Arc::new(store));
        let connections = Both {
            crm: sides.crm.clone(),
            google: sides.google.clone(),
        };
        let doors = Doors {
            memory: memory.clone(),
            connections: Arc::new(connections),
            schedules: Arc::new(InMemorySchedules::new()),
            clock,
            entropy: Arc::new(Counting::default()),
        };
        let winner = if google_wins { "google" } else { "newest" };
        let settings = Settings::default()
            .patched(&serde_json::json!({
                "start_from": "2026-01-01",
                "events": { "conflict_winner": winner, "private_as_busy": seed.is_multiple_of(3) },
            }))
            .unwrap();
        Self {
            sides,
            memory,
            link: AccountLinkId::new("acme", "user-1"),
            engine: Engine::new(doors),
            faults,
            settings,
            linked: false.into(),
        }
    }

    async fn link(&self) {
        if self.linked.swap(true, Ordering::Relaxed) {
            return;
        }
        let now = Utc.with_ymd_and_hms(2026, 3, 1, 8, 0, 0).unwrap();
        let body = AccountLinkBody {
            name: None,
            email: None,
            locale: None,
            google: Some(GoogleAccount {
                subject: "1".to_owned(),
                email: "user@example.com".to_owned(),
                scopes: Vec::new(),
                unticked: Vec::new(),
                ends_at: None,
                authorized_at: now,
            }),
            settings: self.settings.clone(),
            linked_at: now,
            confirmation: None,
        };
        self.memory
            .put_account_link(&self.link, &body, None)
            .await
            .unwrap();
    }

    async fn run(&self) -> RunRecord {
        self.link().await;
        let request = RunRequest {
            link: self.link.clone(),
            trigger: Trigger::Schedule,
            run_id: None,
        };
        self.engine.run(request, Duration::from_mins(5)).await
    }

    /// A run at whose calls anything may go wrong; the process may die in it.
    pub(crate) async fn faulty_run(&self, random: &mut SmallRng) {
        let share = *[0.02, 0.1, 0.3].get(random.random_range(0..3)).unwrap();
        self.faults.begin(random.random(), share);
        tokio::select! {
            biased;
            () = self.faults.crashed() => {}
            _ = self.run() => {}
        }
        self.faults.end();
        // The lease of a dead run ends by itself.
        tokio::time::sleep(Duration::from_secs(random.random_range(1..1200))).await;
    }

    /// Both sides refuse the cursors they gave out.
    pub(crate) async fn lose_cursors(&self) {
        self.sides.google.refuse_cursors();
        tokio::task::yield_now().await;
    }

    /// Runs without faults until a run finds nothing to do.
    pub(crate) async fn calm(&self) -> Result<(), String> {
        let mut last = None;
        for _ in 0..CALM_RUNS {
            tokio::time::sleep(Duration::from_hours(25)).await;
            let record = self.run().await;
            let quiet = record.outcome == Outcome::Ok && record.changes.events.is_nothing();
            last = Some(record);
            if quiet {
                return Ok(());
            }
        }
        Err(format!(
            "after {CALM_RUNS} calm runs there still is something to do: {last:?}"
        ))
    }

    /// Runs that must write nothing on either side.
    pub(crate) async fn check_quiet(&self) -> Result<(), String> {
        let writes = || self.sides.crm.writes() + self.sides.google.writes();
        let before = writes();
        for _ in 0..QUIET_RUNS {
            tokio::time::sleep(Duration::from_mins(15)).await;
            self.run().await;
        }
        if writes() == before {
            Ok(())
        } else {
            Err("a run with nothing to do wrote something".to_owned())
        }
    }

    pub(crate) fn everything(&self) -> PerSide<BTreeMap<RemoteId, Lying>> {
        self.sides.as_ref().map(|side| side.records())
    }
}
