//! Carries the plan out, several steps side by side, and commits what was learnt batch by batch.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::kind::Record;
use sync_core::plan::{Plan, Step};
use sync_core::port::StoreFailure;
use sync_core::reconcile::Ground;
use sync_core::settle::Settled;
use sync_core::side::{PerSide, Side};
use tokio::sync::mpsc;

use super::Engine;
use super::making::{self, COPIES_A_NOTE, Unpaired};
use super::parking::{is_news, park};
use super::step::{Carried, carry_out};
use super::tally::{Tally, problem};
use super::under_way::Notes;
use crate::connections::Sides;
use crate::memory::{AccountLink, PairWrite, ParkedRecord};

/// Steps under way at once; the lanes of each side hold back what it does not stand. More than both lanes
/// together take, so that neither waits for the other.
const STEPS_AT_ONCE: usize = 24;
/// Items committed together: each takes a few rows, and a transaction holds a hundred.
const ITEMS_A_COMMIT: usize = 24;

/// Everything that carrying out needs to know.
#[derive(Debug)]
pub(super) struct Site<'a> {
    pub(super) engine: &'a Engine,
    pub(super) link: &'a AccountLink,
    pub(super) run_id: &'a str,
    /// The kind that is carried.
    pub(super) kind: Kind,
    /// No further step is begun after this instant.
    pub(super) stop_at: DateTime<Utc>,
    /// The records that were parked when the run began.
    pub(super) parked: &'a BTreeMap<(Side, RemoteId), ParkedRecord>,
    /// The side on which copies bear no mark of ours, and what stood there in no pair when the run began.
    pub(super) unmarked: Option<Side>,
    pub(super) unpaired: &'a Unpaired,
    /// Entries made in the journal.
    pub(super) journaled: AtomicUsize,
    /// Notes of what is under way.
    pub(super) notes: Notes<'a>,
}

impl Site<'_> {
    /// Writes what was learnt, under the lease.
    pub(super) async fn commit(&self, writes: &[PairWrite]) -> Result<(), StoreFailure> {
        self.notes.write(writes).await
    }

    /// The number of the next entry in the journal.
    pub(super) fn next_entry(&self) -> usize {
        self.journaled.fetch_add(1, Ordering::Relaxed)
    }
}

/// How far the plan was carried out.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Pairs made less pairs forgotten.
    pub(super) pairs: i64,
    /// Whether time ran out before the end.
    pub(super) out_of_time: bool,
    /// What stopped it, if something did.
    pub(super) stopped: Option<(Side, Failure)>,
    /// The store's refusal, after which nothing may be written any more.
    pub(super) store: Option<StoreFailure>,
}

impl Applied {
    /// Whether every step was carried out, or parked.
    pub(super) fn is_complete(&self) -> bool {
        !self.out_of_time && self.stopped.is_none() && self.store.is_none()
    }
}

/// Carries out the plan: creations and changes first, deletions after them.
pub(super) async fn apply<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    plan: Plan<R>,
    tally: &mut Tally,
) -> Applied {
    let total = plan.steps.len();
    let mut applied = Applied::default();
    let mut done = 0;
    park_unreadable(site, &plan, tally, &mut applied).await;
    let (deletions, others): (Vec<_>, Vec<_>) = plan
        .steps
        .into_iter()
        .partition(|step| step.deletes_on().is_some());
    for steps in [others, deletions] {
        if applied.is_complete() && !steps.is_empty() {
            apply_some(
                site,
                ground,
                sides,
                steps,
                tally,
                &mut applied,
                (&mut done, total),
            )
            .await;
        }
    }
    applied
}

async fn apply_some<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    steps: Vec<Step<R>>,
    tally: &mut Tally,
    applied: &mut Applied,
    (done, total): (&mut usize, usize),
) {
    let ends = Ends::default();
    let ends = &ends;
    let mut unsettled = steps.len();
    let (sender, mut receiver) = mpsc::channel::<Carried>(STEPS_AT_ONCE);
    let producing = async move {
        let mut under_way = FuturesUnordered::new();
        let mut steps = steps.into_iter();
        while !steps.as_slice().is_empty() {
            let some: Vec<_> = steps.by_ref().take(COPIES_A_NOTE).collect();
            // Nothing of what is not begun any more needs to be noted.
            if !ends.is_near(site)
                && let Err(failure) = making::note(site, sides, &some).await
            {
                ends.halt.store(true, Ordering::Relaxed);
                if sender.send(Carried::Unkept(failure)).await.is_err() {
                    return;
                }
            }
            for step in some {
                if under_way.len() >= STEPS_AT_ONCE
                    && let Some(Some(carried)) = under_way.next().await
                    && sender.send(carried).await.is_err()
                {
                    return;
                }
                under_way.push(Box::pin(begin(site, ground, sides, step, ends)));
            }
        }
        while let Some(carried) = under_way.next().await {
            if let Some(carried) = carried
                && sender.send(carried).await.is_err()
            {
                return;
            }
        }
    };
    let committing = async {
        let mut waiting = Vec::with_capacity(ITEMS_A_COMMIT);
        while receiver.recv_many(&mut waiting, ITEMS_A_COMMIT).await > 0 {
            let mut writes = Vec::with_capacity(waiting.len());
            for carried in waiting.drain(..) {
                *done += 1;
                match carried {
                    Carried::Settled(items) => {
                        unsettled -= 1;
                        for settled in items {
                            applied.pairs += tally.count(site.kind, &settled);
                            writes.push(write_of(site, settled, tally));
                        }
                    }
                    Carried::Stopped(on, failure) => {
                        applied.stopped.get_or_insert((on, failure));
                    }
                    Carried::Unkept(failure) => {
                        applied.store.get_or_insert(failure);
                    }
                }
            }
            if let Some(watcher) = &site.engine.watcher {
                watcher.advanced(&site.link.id, *done, total);
            }
            if unsettled == 0 {
                writes.extend(site.notes.copies_over());
            }
            if let Err(failure) = site.commit(&writes).await {
                ends.halt.store(true, Ordering::Relaxed);
                applied.store.get_or_insert(failure);
            }
        }
    };
    futures::join!(producing, committing);
    applied.out_of_time |= ends.out_of_time.load(Ordering::Relaxed);
}

/// What keeps further steps from being begun.
#[derive(Debug, Default)]
struct Ends {
    halt: AtomicBool,
    out_of_time: AtomicBool,
}

impl Ends {
    /// Whether no further step is begun that asks a side.
    fn is_near(&self, site: &Site<'_>) -> bool {
        self.halt.load(Ordering::Relaxed) || site.engine.doors.clock.now() >= site.stop_at
    }
}

/// Carries a step out, where steps are still begun.
async fn begin<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    step: Step<R>,
    ends: &Ends,
) -> Option<Carried> {
    if ends.halt.load(Ordering::Relaxed) {
        return None;
    }
    if step.is_remote() && ends.is_near(site) {
        ends.out_of_time.store(true, Ordering::Relaxed);
        return None;
    }
    let carried = Box::pin(carry_out(site, ground, sides, step)).await;
    if !matches!(carried, Carried::Settled(_)) {
        ends.halt.store(true, Ordering::Relaxed);
    }
    Some(carried)
}

/// What is to be remembered of a settled item.
fn write_of(site: &Site<'_>, settled: Settled, tally: &mut Tally) -> PairWrite {
    let now = site.engine.doors.clock.now();
    let ids = |side: Side| {
        let pair = settled.after.as_ref().or(settled.before.as_ref());
        pair.map(|pair| pair.half.get(side).id.clone())
    };
    let mut ids = PerSide::from_fn(ids);
    let mut write = PairWrite {
        before: settled.before,
        after: settled.after,
        ..PairWrite::default()
    };
    let failed = settled.failed;
    if let Some((side, id, failure)) = &failed {
        *ids.get_mut(*side) = Some(id.clone());
        let partner = ids.get(side.other()).clone().or(settled.partner);
        ids.get_mut(side.other()).clone_from(&partner);
        // One of two records that belong together stands for both: where both fail, now this one is told of, now that.
        let parked_as = |side: Side| site.parked.get(&(side, ids.get(side).clone()?));
        let before = parked_as(*side).or_else(|| parked_as(side.other()));
        let parked = park(site.kind, *side, id.clone(), partner, failure, before, now);
        if is_news(failure, before) {
            tally.problem(problem(site.kind, &ids, failure, Some(parked.retry_at)));
            tracing::warn!(
                account_link.id = %site.link.id, problem.code = failure.code,
                "a record did not go through and is parked"
            );
        }
        tally.parking_changed = true;
        write.park = Some(parked);
    }
    let through = Side::BOTH
        .into_iter()
        .filter_map(|side| ids.get(side).clone().map(|id| (side, id)));
    for name in through {
        let still = write
            .park
            .as_ref()
            .is_some_and(|parked| (parked.side, &parked.id) == (name.0, &name.1));
        if site.parked.contains_key(&name) && !still {
            tally.parking_changed = true;
            write.unpark.push((site.kind, name.0, name.1));
        }
    }
    write
}

/// Parks the records that cannot be carried at all.
async fn park_unreadable<R: Record>(
    site: &Site<'_>,
    plan: &Plan<R>,
    tally: &mut Tally,
    applied: &mut Applied,
) {
    let now = site.engine.doors.clock.now();
    let mut writes = Vec::new();
    for unreadable in &plan.unreadable {
        let failure = Failure::permanent(unreadable.code, unreadable.message.clone());
        let before = site.parked.get(&(unreadable.side, unreadable.id.clone()));
        let parked = park(
            site.kind,
            unreadable.side,
            unreadable.id.clone(),
            None,
            &failure,
            before,
            now,
        );
        if is_news(&failure, before) {
            let mut ids = PerSide::default();
            *ids.get_mut(unreadable.side) = Some(unreadable.id.clone());
            tally.problem(problem(site.kind, &ids, &failure, Some(parked.retry_at)));
        }
        tally.parking_changed = true;
        writes.push(PairWrite {
            park: Some(parked),
            ..PairWrite::default()
        });
    }
    if let Err(failure) = site.commit(&writes).await {
        applied.store = Some(failure);
    }
}

/// Takes the parked records off that were looked at again and need nothing any more.
pub(super) async fn unpark_settled(
    site: &Site<'_>,
    tally: &mut Tally,
    retried: &BTreeSet<(Side, RemoteId)>,
    planned: &[(Side, RemoteId)],
) -> Result<(), StoreFailure> {
    let free: Vec<(Side, RemoteId)> = retried
        .iter()
        .filter(|name| !planned.contains(name))
        .cloned()
        .collect();
    if free.is_empty() {
        return Ok(());
    }
    tally.parking_changed = true;
    let writes: Vec<PairWrite> = free
        .into_iter()
        .map(|name| PairWrite {
            unpark: vec![(site.kind, name.0, name.1)],
            ..PairWrite::default()
        })
        .collect();
    site.commit(&writes).await
}
