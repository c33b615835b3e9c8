//! Schedules in memory: remembered, never fired. Whoever simulates time asks what is due.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sync_core::id::AccountLinkId;
use sync_core::port::{Schedules, SchedulesFailure, Trigger};

/// An account link's schedule as it was last set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecurringRun {
    /// Minutes between two runs.
    pub interval_minutes: u32,
    /// Stays, but does not fire.
    pub paused: bool,
}

/// A run asked for outside the schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleRun {
    /// Whose run.
    pub link: AccountLinkId,
    /// What asked for it.
    pub trigger: Trigger,
    /// Its id.
    pub run_id: String,
    /// After how much time it was to start.
    pub delay: Duration,
}

/// Remembers schedules until it is dropped.
#[derive(Debug, Default)]
pub struct InMemorySchedules {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    recurring: BTreeMap<AccountLinkId, RecurringRun>,
    single: Vec<SingleRun>,
}

impl InMemorySchedules {
    /// Without any schedule.
    pub fn new() -> Self {
        Self::default()
    }

    /// The account link's schedule.
    pub fn recurring(&self, link: &AccountLinkId) -> Option<RecurringRun> {
        self.entries().recurring.get(link).copied()
    }

    /// All schedules, by account link.
    pub fn all_recurring(&self) -> BTreeMap<AccountLinkId, RecurringRun> {
        self.entries().recurring.clone()
    }

    /// Takes out the single runs asked for since the last time, in the order in which they were asked for.
    pub fn take_single_runs(&self) -> Vec<SingleRun> {
        std::mem::take(&mut self.entries().single)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Schedules for InMemorySchedules {
    async fn set(
        &self,
        link: &AccountLinkId,
        interval_minutes: u32,
        paused: bool,
    ) -> Result<(), SchedulesFailure> {
        if interval_minutes == 0 {
            return Err(SchedulesFailure::Refused(
                "an interval is at least one minute".to_owned(),
            ));
        }
        self.entries().recurring.insert(
            link.clone(),
            RecurringRun {
                interval_minutes,
                paused,
            },
        );
        Ok(())
    }

    async fn remove(&self, link: &AccountLinkId) -> Result<(), SchedulesFailure> {
        self.entries().recurring.remove(link);
        Ok(())
    }

    async fn run_after(
        &self,
        delay: Duration,
        link: &AccountLinkId,
        trigger: Trigger,
        run_id: &str,
    ) -> Result<(), SchedulesFailure> {
        if run_id.is_empty() {
            return Err(SchedulesFailure::Refused("a run has an id".to_owned()));
        }
        let mut entries = self.entries();
        if !entries
            .single
            .iter()
            .any(|run| run.link == *link && run.run_id == run_id)
        {
            entries.single.push(SingleRun {
                link: link.clone(),
                trigger,
                run_id: run_id.to_owned(),
                delay,
            });
        }
        Ok(())
    }
}
