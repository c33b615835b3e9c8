//! One run, in a straight line: lease, open, read, plan, apply, settle, commit, report.
//!
//! | file | does |
//! |---|---|
//! | `session` | the run itself, from the lease to the record |
//! | `mapping` | one kind of record: read, plan, apply, settle |
//! | `asking` | which side is asked only where there is a reason to |
//! | `lease` | holds the lease while the work goes on |
//! | `reading` | both sides' changes, the pairs they name, and what has to be looked at once more |
//! | `applying` | carries the plan out and commits what was learnt, batch by batch |
//! | `step` | one step: do, and decide again where the record was other than expected |
//! | `performing` | does what a step asks of the sides |
//! | `series` | a step that makes one series from many rows |
//! | `journaling` | notes down what is about to be overwritten or deleted |
//! | `making` | copies are noted before they are made, and known again where they bear no mark of ours |
//! | `orphans` | copies that a dead run could not remember, and whose originals are gone |
//! | `parking` | records that do not go through, and when they are tried again |
//! | `under_way` | work that is noted before it is begun, and what becomes of it where a run died |
//! | `tally` | counts what was done, for the record |
//! | `waiting` | sides that ask not to be called for a while |
//! | `preview` | the plan of the next run, with nothing written |
//! | `restore` | puts a journaled value back |

mod applying;
mod asking;
mod journaling;
mod lease;
mod making;
mod mapping;
mod orphans;
mod parking;
mod performing;
mod preview;
mod reading;
mod restore;
mod series;
mod session;
mod step;
mod tally;
mod under_way;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use sync_core::failure::Failure;
use sync_core::id::AccountLinkId;
use sync_core::port::{Clock, Entropy, Schedules, StoreFailure, Trigger};

use crate::connections::Connections;
use crate::memory::Memory;
use crate::report::{Preview, RunRecord};

/// The doors of the engine.
#[derive(Debug, Clone)]
pub struct Doors {
    /// What we remember.
    pub memory: Memory,
    /// The way to both sides.
    pub connections: Arc<dyn Connections>,
    /// The clockwork, for continuations and for pausing what cannot go on.
    pub schedules: Arc<dyn Schedules>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Names of runs.
    pub entropy: Arc<dyn Entropy>,
}

/// Is told how far a run is.
pub trait Watcher: Send + Sync + std::fmt::Debug {
    /// So many steps of so many are done.
    fn advanced(&self, link: &AccountLinkId, done: usize, of: usize);
}

/// Runs account links.
#[derive(Debug, Clone)]
pub struct Engine {
    doors: Doors,
    watcher: Option<Arc<dyn Watcher>>,
    asks_always: bool,
}

/// What to run. It names the account link and carries no other instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRequest {
    /// The account link.
    pub link: AccountLinkId,
    /// What started the run.
    pub trigger: Trigger,
    /// The run's name, where it was promised to somebody; else one is made.
    pub run_id: Option<String>,
}

/// Why a preview could not be made, or a value not be put back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such account link.
    #[error("there is no such account link")]
    Unknown,
    /// There is no such journal entry.
    #[error("there is no such journal entry")]
    UnknownEntry,
    /// The entry was put back before.
    #[error("this value was put back before")]
    AlreadyRestored,
    /// Another run is at work; try again when it has ended.
    #[error("another run is at work; try again when it has ended")]
    Leased,
    /// The user must authorise first.
    #[error("the user must authorise access to Google first")]
    NeedsAuthorization,
    /// A side or the store did not do it.
    #[error("{0}")]
    Failed(Failure),
}

impl From<StoreFailure> for Refusal {
    fn from(failure: StoreFailure) -> Self {
        Self::Failed(store_failure(&failure))
    }
}

/// A failure of the store, as every other failure is told.
fn store_failure(failure: &StoreFailure) -> Failure {
    match failure {
        StoreFailure::LeaseLost => Failure::retryable("lease_lost", failure.to_string(), None),
        StoreFailure::ConditionFailed | StoreFailure::Unavailable(_) => {
            Failure::retryable("store_unavailable", failure.to_string(), None)
        }
        StoreFailure::Refused(_) => Failure::bug("store_refused", failure.to_string()),
    }
}

impl Engine {
    /// An engine with these doors.
    pub fn new(doors: Doors) -> Self {
        Self {
            doors,
            watcher: None,
            asks_always: false,
        }
    }

    /// The same engine, telling somebody how far its runs are.
    #[must_use]
    pub fn watched_by(mut self, watcher: Arc<dyn Watcher>) -> Self {
        self.watcher = Some(watcher);
        self
    }

    /// The same engine, asking every side in every run: where people watch the runs, and no quota is to be kept.
    #[must_use]
    pub fn asking_always(mut self) -> Self {
        self.asks_always = true;
        self
    }

    /// A name for a run to come, to be promised to somebody. Names sort by time.
    pub fn new_run_id(&self) -> String {
        let mut random = [0_u8; 5];
        self.doors.entropy.fill(&mut random);
        let at = self.doors.clock.now().format("%Y%m%dT%H%M%S%3fZ");
        format!("{at}-{}", data_encoding::HEXLOWER.encode(&random))
    }

    /// Runs once, within the time given. Never fails: what went wrong is in the record.
    pub async fn run(&self, request: RunRequest, budget: Duration) -> RunRecord {
        Box::pin(session::run(self, request, budget)).await
    }

    /// The plan of the next run, with nothing written.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn preview(&self, link: &AccountLinkId) -> Result<Preview, Refusal> {
        Box::pin(preview::preview(self, link)).await
    }

    /// Puts a journaled value back, as an ordinary edit that the next run carries.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn restore(&self, link: &AccountLinkId, entry: &str) -> Result<(), Refusal> {
        Box::pin(restore::restore(self, link, entry)).await
    }
}
