//! The built-in schedule of one process: due times of account links, a queue of runs wanted soon, and the loop
//! that starts them.
//!
//! Nothing of it is stored. What an account link's interval is stands in its settings and when it last ran in its
//! progress, so a process that starts again computes the same due times; a run that was queued and lost is made up
//! for by the next due one.

mod driver;
mod plan;

use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use sync_core::id::AccountLinkId;
use sync_core::port::{Clock, Schedules, SchedulesFailure, Trigger};
use sync_engine::run::RunRequest;
use tokio::sync::Notify;

pub use driver::{GRACE, RUNS_AT_ONCE, Runs, drive};
use plan::Plan;

/// The schedule of this process; clones share it.
#[derive(Debug, Clone)]
pub struct Timetable {
    plan: Arc<Mutex<Plan>>,
    changed: Arc<Notify>,
    clock: Arc<dyn Clock>,
    /// Replaces the interval of every account link, where a person wants to see things happen (the demo).
    every: Option<Duration>,
}

impl Timetable {
    /// An empty schedule.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            plan: Arc::default(),
            changed: Arc::default(),
            clock,
            every: None,
        }
    }

    /// An empty schedule that runs every account link that often, whatever its settings say.
    pub fn with_interval(clock: Arc<dyn Clock>, every: Duration) -> Self {
        Self {
            every: Some(every),
            ..Self::new(clock)
        }
    }

    /// Enters an account link whose next run is due then; used for what is found in the store at the start.
    pub fn enter(&self, link: &AccountLinkId, interval_minutes: u32, due_at: DateTime<Utc>) {
        self.plan().enter(link, self.interval(interval_minutes), due_at);
        self.changed.notify_one();
    }

    /// Takes the next run that may start now, queued ones first; its account link counts as running until
    /// [`ended`](Self::ended) is called.
    pub fn take(&self) -> Option<RunRequest> {
        self.plan().take(self.clock.now())
    }

    /// Says that the account link's run has ended.
    pub fn ended(&self, link: &AccountLinkId) {
        self.plan().ended(link);
        self.changed.notify_one();
    }

    /// When the next run is due, if nothing is queued for now.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.plan().next_due()
    }

    fn interval(&self, minutes: u32) -> Duration {
        self.every
            .unwrap_or_else(|| Duration::minutes(i64::from(minutes)))
    }

    // A panic while the plan is locked leaves it whole: every method changes it in one step.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Schedules for Timetable {
    async fn set(
        &self,
        link: &AccountLinkId,
        interval_minutes: u32,
        paused: bool,
    ) -> Result<(), SchedulesFailure> {
        self.plan()
            .set(link, self.interval(interval_minutes), paused, self.clock.now());
        self.changed.notify_one();
        Ok(())
    }

    async fn remove(&self, link: &AccountLinkId) -> Result<(), SchedulesFailure> {
        self.plan().remove(link);
        Ok(())
    }

    async fn run_after(
        &self,
        delay: std::time::Duration,
        link: &AccountLinkId,
        trigger: Trigger,
        run_id: &str,
    ) -> Result<(), SchedulesFailure> {
        let request = RunRequest {
            link: link.clone(),
            trigger,
            run_id: Some(run_id.to_owned()),
        };
        let delay = Duration::from_std(delay)
            .map_err(|_| SchedulesFailure::Refused("a run cannot be put off that long".to_owned()))?;
        self.plan().queue(request, self.clock.now() + delay)?;
        self.changed.notify_one();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
