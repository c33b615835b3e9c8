//! The records of the runs, as they happen.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sync_core::side::Side;
use sync_engine::report::{Outcome, RunRecord};
use sync_engine::run::{Engine, RunRequest};

use crate::installation::Installation;
use crate::runs::BUDGET;
use crate::timetable::Runs;

/// Runs kept.
const KEPT: usize = 30;

/// The last runs, newest first, and what people have changed since.
#[derive(Debug, Default)]
pub(super) struct Feed {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    runs: VecDeque<Entry>,
    waiting: BTreeSet<(Side, String)>,
}

/// One line: a run that did something, or several that found nothing to do.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The (last) run.
    pub(super) run: RunRecord,
    /// How many runs in a row were like it.
    pub(super) times: usize,
}

impl Feed {
    /// Adds a run. Those that find nothing to do share one line.
    pub(super) fn add(&self, run: RunRecord) {
        let mut inner = self.locked();
        if let Some(last) = inner.runs.front_mut()
            && is_idle(&last.run)
            && is_idle(&run)
        {
            last.run = run;
            last.times += 1;
            return;
        }
        inner.runs.push_front(Entry { run, times: 1 });
        inner.runs.truncate(KEPT);
    }

    /// The runs, newest first.
    pub(super) fn runs(&self) -> Vec<Entry> {
        self.locked().runs.iter().cloned().collect()
    }

    /// Notes that a person has just changed a record: it waits for the next run.
    pub(super) fn touched(&self, side: Side, id: &str) {
        self.locked().waiting.insert((side, id.to_owned()));
    }

    /// The records that wait for a run.
    pub(super) fn waiting(&self) -> BTreeSet<(Side, String)> {
        self.locked().waiting.clone()
    }

    /// Takes off what waited when a run began that is now done.
    fn done(&self, waited: &BTreeSet<(Side, String)>) {
        self.locked().waiting.retain(|record| !waited.contains(record));
    }

    // A panic while it is locked leaves it whole: it is changed in one step.
    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a run found nothing to do.
pub(super) fn is_idle(run: &RunRecord) -> bool {
    run.outcome == Outcome::Ok && run.changes.is_nothing() && run.problems.is_empty()
}

/// Runs by the engine, with each record going into the feed.
#[derive(Debug)]
pub(super) struct FedRuns {
    engine: Engine,
    feed: Arc<Feed>,
}

impl FedRuns {
    pub(super) fn new(installation: &Installation, feed: Arc<Feed>) -> Self {
        Self {
            engine: installation.engine.clone(),
            feed,
        }
    }
}

#[async_trait]
impl Runs for FedRuns {
    async fn run(&self, request: RunRequest) {
        let waited = self.feed.waiting();
        let record = self.engine.run(request, BUDGET).await;
        match record.outcome {
            Outcome::Ok | Outcome::Partial | Outcome::Held => self.feed.done(&waited),
            Outcome::NeedsAuthorization | Outcome::Failed | Outcome::Skipped => {}
        }
        self.feed.add(record);
    }
}

/// How long a run took.
pub(super) fn took(run: &RunRecord) -> String {
    let milliseconds = (run.finished_at - run.started_at).num_milliseconds();
    format!("{milliseconds}\u{a0}ms")
}

/// A moment in the page's zone.
pub(super) fn clock(at: DateTime<Utc>, zone: chrono_tz::Tz) -> String {
    at.with_timezone(&zone).format("%H:%M:%S").to_string()
}
