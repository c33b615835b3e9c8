//! Which run may start next. Pure: it is told the time.

use std::collections::{HashMap, HashSet, VecDeque};

use chrono::{DateTime, Duration, Utc};
use sync_core::id::AccountLinkId;
use sync_core::port::{SchedulesFailure, Trigger};
use sync_engine::run::RunRequest;

/// Most runs that may wait for one account link: enough for every trigger to wait once, few enough that a person
/// who leans on the button cannot fill the memory.
const QUEUED_PER_LINK_MAX: usize = 8;

/// Due times, the queue, and what is running.
#[derive(Debug, Default)]
pub(super) struct Plan {
    entries: HashMap<AccountLinkId, Entry>,
    queue: VecDeque<RunRequest>,
    running: HashSet<AccountLinkId>,
}

#[derive(Debug)]
struct Entry {
    interval: Duration,
    /// `None` while paused.
    due_at: Option<DateTime<Utc>>,
}

impl Plan {
    pub(super) fn enter(&mut self, link: &AccountLinkId, interval: Duration, due_at: DateTime<Utc>) {
        self.entries.insert(
            link.clone(),
            Entry {
                interval,
                due_at: Some(due_at),
            },
        );
    }

    /// Makes or replaces an entry. One that keeps its interval keeps its due time, so that saving a setting twice
    /// does not put the next run off.
    pub(super) fn set(&mut self, link: &AccountLinkId, interval: Duration, paused: bool, now: DateTime<Utc>) {
        let kept = self
            .entries
            .get(link)
            .filter(|entry| entry.interval == interval)
            .and_then(|entry| entry.due_at);
        let due_at = (!paused).then(|| kept.unwrap_or(now + interval));
        self.entries.insert(link.clone(), Entry { interval, due_at });
    }

    pub(super) fn remove(&mut self, link: &AccountLinkId) {
        self.entries.remove(link);
        self.queue.retain(|request| request.link != *link);
    }

    /// Queues a run. Triggers that say no more than "something changed" are not queued twice.
    pub(super) fn queue(&mut self, request: RunRequest) -> Result<(), SchedulesFailure> {
        let waiting = || self.queue.iter().filter(|queued| queued.link == request.link);
        let promised = matches!(request.trigger, Trigger::Manual);
        if !promised && waiting().any(|queued| queued.trigger == request.trigger) {
            return Ok(());
        }
        if waiting().count() >= QUEUED_PER_LINK_MAX {
            return Err(SchedulesFailure::Unavailable(format!(
                "{QUEUED_PER_LINK_MAX} runs of this account link are waiting already"
            )));
        }
        self.queue.push_back(request);
        Ok(())
    }

    /// The next run that may start: a queued one, else the one that has been due longest. Of one account link
    /// only one runs at a time.
    pub(super) fn take(&mut self, now: DateTime<Utc>) -> Option<RunRequest> {
        let request = self.take_queued().or_else(|| self.due(now))?;
        if let Some(entry) = self.entries.get_mut(&request.link)
            && entry.due_at.is_some()
        {
            entry.due_at = Some(now + entry.interval);
        }
        self.running.insert(request.link.clone());
        Some(request)
    }

    fn take_queued(&mut self) -> Option<RunRequest> {
        let free = self
            .queue
            .iter()
            .position(|request| !self.running.contains(&request.link))?;
        self.queue.remove(free)
    }

    fn due(&self, now: DateTime<Utc>) -> Option<RunRequest> {
        let (link, _) = self
            .waiting()
            .filter(|(_, due_at)| *due_at <= now)
            .min_by_key(|(_, due_at)| *due_at)?;
        Some(RunRequest {
            link: link.clone(),
            trigger: Trigger::Schedule,
            run_id: None,
        })
    }

    fn waiting(&self) -> impl Iterator<Item = (&AccountLinkId, DateTime<Utc>)> {
        self.entries
            .iter()
            .filter(|(link, _)| !self.running.contains(*link))
            .filter_map(|(link, entry)| entry.due_at.map(|due_at| (link, due_at)))
    }

    pub(super) fn ended(&mut self, link: &AccountLinkId) {
        self.running.remove(link);
    }

    pub(super) fn next_due(&self) -> Option<DateTime<Utc>> {
        self.waiting().map(|(_, due_at)| due_at).min()
    }
}
