//! One run, in a straight line: lease, open, read, plan, apply, settle, commit, report.

use std::sync::Arc;
use std::time::Duration;

use sync_core::id::AccountLinkId;
use sync_core::port::{Clock, Entropy, Schedules, Trigger};

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

/// Runs account links.
#[derive(Debug, Clone)]
pub struct Engine {
    doors: Doors,
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
    Failed(sync_core::failure::Failure),
}

impl Engine {
    /// An engine with these doors.
    pub fn new(doors: Doors) -> Self {
        Self { doors }
    }

    /// A name for a run to come, to be promised to somebody.
    pub fn new_run_id(&self) -> String {
        let mut random = [0_u8; 5];
        self.doors.entropy.fill(&mut random);
        format!(
            "{}-{}",
            self.doors.clock.now().format("%Y%m%dT%H%M%SZ"),
            data_encoding::HEXLOWER.encode(&random)
        )
    }

    /// Runs once, within the time given. Never fails: what went wrong is in the record.
    pub async fn run(&self, request: RunRequest, budget: Duration) -> RunRecord {
        let _ = (&request, budget);
        unreachable!()
    }

    /// The plan of the next run, with nothing written.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn preview(&self, link: &AccountLinkId) -> Result<Preview, Refusal> {
        let _ = link;
        unreachable!()
    }

    /// Puts a journaled value back, as an ordinary edit that the next run carries.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn restore(&self, link: &AccountLinkId, entry: &str) -> Result<(), Refusal> {
        let _ = (link, entry);
        unreachable!()
    }
}
