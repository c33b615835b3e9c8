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
    queue: VecDeque<Queued>,
    running: HashSet<AccountLinkId>,
}

/// A run that is wanted once, and from when on.
#[derive(Debug)]
struct Queued {
    request: RunRequest,
    not_before: DateTime<Utc>,
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
        self.queue.retain(|queued| queued.request.link != *link);
    }

    /// Queues a run, not to start before then. Triggers that say no more than "something changed" are not queued twice:
    /// the earlier instant counts.
    pub(super) fn queue(
        &mut self,
        request: RunRequest,
        not_before: DateTime<Utc>,
    ) -> Result<(), SchedulesFailure> {
        let promised = matches!(request.trigger, Trigger::Manual);
        let same = |queued: &&mut Queued| {
            queued.request.link == request.link && queued.request.trigger == request.trigger
        };
        if !promised && let Some(queued) = self.queue.iter_mut().find(same) {
            queued.not_before = queued.not_before.min(not_before);
            return Ok(());
        }
        let waiting = self
            .queue
            .iter()
            .filter(|queued| queued.request.link == request.link);
        if waiting.count() >= QUEUED_PER_LINK_MAX {
            return Err(SchedulesFailure::Unavailable(format!(
                "{QUEUED_PER_LINK_MAX} runs of this account link are waiting already"
            )));
        }
        self.queue.push_back(Queued { request, not_before });
        Ok(())
    }

    /// The next run that may start: a queued one, else the one that has been due longest. Of one account link
    /// only one runs at a time.
    pub(super) fn take(&mut self, now: DateTime<Utc>) -> Option<RunRequest> {
        let request = self.take_queued(now).or_else(|| self.due(now))?;
        if let Some(entry) = self.entries.get_mut(&request.link)
            && entry.due_at.is_some()
        {
            entry.due_at = Some(now + entry.interval);
        }
        self.running.insert(request.link.clone());
        Some(request)
    }

    fn take_queued(&mut self, now: DateTime<Utc>) -> Option<RunRequest> {
        let free = self
            .queue
            .iter()
            .position(|queued| queued.not_before <= now && !self.running.contains(&queued.request.link))?;
        self.queue.remove(free).map(|queued| queued.request)
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
        let free = |queued: &&Queued| !self.running.contains(&queued.request.link);
        let queued = self.queue.iter().filter(free).map(|queued| queued.not_before);
        self.waiting().map(|(_, due_at)| due_at).chain(queued).min()
    }
}
