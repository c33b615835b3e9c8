//! The run itself, from the lease to the record.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sync_core::failure::{Class, Failure};
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::plan::Plan;
use sync_core::policy::Settings;
use sync_core::port::{Claim, Holder, StoreFailure, Trigger};
use sync_core::reconcile::{Ground, reconcile};
use sync_core::side::{PerSide, Side};

use super::applying::{Site, apply, unpark_settled};
use super::reading::{ReadBoth, read_both, reading_settings, window};
use super::tally::Tally;
use super::{Engine, RunRequest, lease, parking, store_failure};
use crate::connections::Opened;
use crate::memory::{AccountLink, AccountLinkState, HeldDeletions, Leased, Progress};
use crate::report::{Changes, Outcome, RunRecord};

/// Time kept back at the end of a run for what is under way, the last commit and the record.
const CLOSING_TIME: Duration = Duration::from_secs(10);
/// Examples of held deletions that the page shows.
const EXAMPLES: usize = 20;

/// How the work of a run ended.
#[derive(Debug)]
struct Ended {
    outcome: Outcome,
    reason: Option<String>,
    more: bool,
    requests: PerSide<u64>,
}

impl Ended {
    fn new(outcome: Outcome, reason: Option<&str>) -> Self {
        Self {
            outcome,
            reason: reason.map(str::to_owned),
            more: false,
            requests: PerSide::default(),
        }
    }
}

pub(super) async fn run(engine: &Engine, request: RunRequest, budget: Duration) -> RunRecord {
    let doors = &engine.doors;
    let started_at = doors.clock.now();
    let run_id = request.run_id.clone().unwrap_or_else(|| engine.new_run_id());
    let mut record = RunRecord {
        run_id: run_id.clone(),
        crm: request.link.crm.clone(),
        user: request.link.user.clone(),
        trigger: request.trigger,
        started_at,
        finished_at: started_at,
        outcome: Outcome::Skipped,
        reason: None,
        changes: Changes::default(),
        problems: Vec::new(),
        requests: PerSide::default(),
        more: false,
    };
    let claim = Claim {
        run_id,
        now: started_at,
        until: lease::until(started_at),
    };
    let (link, holder) = match doors.memory.lease(&request.link, &claim).await {
        Ok(Leased::Granted(link, holder)) => (link, holder),
        Ok(Leased::Busy) => return skipped(record, "leased"),
        Ok(Leased::Unknown) => return skipped(record, "unknown"),
        Err(failure) => return failed(record, &failure),
    };
    let mut progress = link.progress.clone();
    let mut tally = Tally::default();
    let stop_at = started_at + budget.saturating_sub(CLOSING_TIME.min(budget / 4));
    let work = Box::pin(work(
        engine,
        &link,
        &holder,
        &record.run_id,
        stop_at,
        &mut progress,
        &mut tally,
    ));
    let ended = match lease::while_held(doors, &request.link, &holder, work).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(failure)) | Err(failure) => return failed(record, &failure),
    };
    record.outcome = ended.outcome;
    record.reason = ended.reason;
    record.requests = ended.requests;
    record.more = ended.more;
    record.changes.events = tally.events.clone();
    record.problems = std::mem::take(&mut tally.problems);
    record.finished_at = doors.clock.now();
    close(engine, &link, &holder, progress, &tally, &record)
        .await
        .unwrap_or_else(|failure| failed(record, &failure))
}

fn skipped(mut record: RunRecord, reason: &str) -> RunRecord {
    record.reason = Some(reason.to_owned());
    record
}

fn failed(mut record: RunRecord, failure: &StoreFailure) -> RunRecord {
    let told = store_failure(failure);
    tracing::error!(
        account_link.crm = %record.crm, run.id = %record.run_id, failure.code = told.code,
        "the run could not be kept: {told}"
    );
    record.outcome = Outcome::Failed;
    record.reason = Some(told.message);
    record
}

/// The work under the lease. `Err`: the store failed, nothing more may be written.
async fn work(
    engine: &Engine,
    link: &AccountLink,
    holder: &Holder,
    run_id: &str,
    stop_at: DateTime<Utc>,
    progress: &mut Progress,
    tally: &mut Tally,
) -> Result<Ended, StoreFailure> {
    let settings = &link.body.value.settings;
    if !settings.enabled {
        return Ok(Ended::new(Outcome::Skipped, Some("disabled")));
    }
    if let Some(why) = link.reauthorization_reason() {
        return Ok(Ended::new(Outcome::NeedsAuthorization, Some(why)));
    }
    progress.needs_authorization = None;
    if !settings.events.enabled {
        return Ok(Ended::new(Outcome::Ok, Some("nothing_enabled")));
    }
    let opened = match engine.doors.connections.open(link).await {
        Ok(opened) => opened,
        Err((side, failure)) => return Ok(stopped(engine, link, progress, side, &failure).await),
    };
    let mut ended = events(engine, link, holder, run_id, stop_at, &*opened, progress, tally).await?;
    ended.requests = opened.requests();
    let kept = opened.keepsakes();
    progress.google_access = kept.google_access;
    progress.google_recent = kept.google_recent;
    progress.time_zone = kept.time_zone.or(progress.time_zone.take());
    Ok(ended)
}

/// What a run does about a failure that concerns a whole side.
async fn stopped(
    engine: &Engine,
    link: &AccountLink,
    progress: &mut Progress,
    side: Side,
    failure: &Failure,
) -> Ended {
    tracing::warn!(
        account_link.id = %link.id, side = %side, failure.code = failure.code,
        "the run stops: {failure}"
    );
    match (failure.class, side) {
        (Class::Reauth, Side::Google) => {
            progress.needs_authorization = Some((engine.doors.clock.now(), failure.code.to_owned()));
            progress.google_access = None;
            let interval = link.body.value.settings.interval_minutes;
            if let Err(failure) = engine.doors.schedules.set(&link.id, interval, true).await {
                tracing::warn!(account_link.id = %link.id, "the schedule could not be paused: {failure}");
            }
            Ended::new(Outcome::NeedsAuthorization, Some(failure.code))
        }
        (Class::Resync, _) => {
            *progress.event_cursors.get_mut(side) = None;
            Ended::new(Outcome::Failed, Some(&format!("{side}: {failure}")))
        }
        (Class::Reauth, Side::Crm)
        | (Class::Retryable { .. } | Class::Conflict | Class::Permanent | Class::Bug, _) => {
            Ended::new(Outcome::Failed, Some(&format!("{side}: {failure}")))
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "each is one thing the straight line needs, and it has one caller"
)]
async fn events(
    engine: &Engine,
    link: &AccountLink,
    holder: &Holder,
    run_id: &str,
    stop_at: DateTime<Utc>,
    opened: &dyn Opened,
    progress: &mut Progress,
    tally: &mut Tally,
) -> Result<Ended, StoreFailure> {
    let sides = opened.events();
    let now = engine.doors.clock.now();
    let window = window(link, now);
    let read = match read_both(&engine.doors.memory, link, &sides, window, now).await {
        Ok(read) => read,
        Err((side, failure)) => return Ok(stopped(engine, link, progress, side, &failure).await),
    };
    let limits = sides.map(sync_core::port::Remote::limits);
    let ground = ground(
        &link.body.value.settings,
        &read,
        window,
        limits.as_ref(),
        &sides,
        link,
    );
    let cursors = read.cursors();
    let whole = read.whole;
    let known_pairs = read.pairs.len();
    let mut plan = reconcile(&ground, read.pairs, read.changes);
    let held = hold_deletions(&mut plan, progress, now);
    let mut parked = read.parked;
    if parked.is_empty()
        && link.progress.parked.count > 0
        && !(plan.steps.is_empty() && plan.unreadable.is_empty())
    {
        parked = parking::all(&engine.doors.memory, &link.id).await?;
    }

    let site = Site {
        engine,
        link,
        holder,
        run_id,
        stop_at,
        parked: &parked,
        journaled: AtomicUsize::new(0),
    };
    let planned: Vec<(Side, RemoteId)> = plan
        .steps
        .iter()
        .flat_map(|step| {
            Side::BOTH
                .into_iter()
                .filter_map(|side| Some((side, step.id(side)?.clone())))
        })
        .chain(
            plan.unreadable
                .iter()
                .map(|unreadable| (unreadable.side, unreadable.id.clone())),
        )
        .collect();
    unpark_settled(&site, tally, &read.retried, &planned).await?;
    let applied = Box::pin(apply(&site, &ground, &sides, plan, tally)).await;
    if let Some(failure) = applied.store {
        return Err(failure);
    }
    if whole {
        progress.pairs = known_pairs as u64;
    }
    progress.pairs = progress.pairs.saturating_add_signed(tally.pairs);
    if let Some((side, failure)) = &applied.stopped {
        return Ok(stopped(engine, link, progress, *side, failure).await);
    }
    if applied.out_of_time {
        let mut ended = Ended::new(Outcome::Partial, Some("out_of_time"));
        ended.more = true;
        return Ok(ended);
    }
    if held {
        // The cursors stay: what is held is found again, until a person decides.
        return Ok(Ended::new(Outcome::Held, Some("too_many_deletions")));
    }
    progress.event_cursors = cursors;
    progress.reading_settings = Some(reading_settings(link));
    if whole {
        progress.read_whole_at = Some(now);
    }
    let outcome = if tally.problems.is_empty() {
        Outcome::Ok
    } else {
        Outcome::Partial
    };
    Ok(Ended::new(outcome, None))
}

/// What the decision looks at besides the changes.
pub(super) fn ground<'a>(
    settings: &'a Settings,
    read: &ReadBoth,
    window: sync_core::change::Window,
    limits: PerSide<&'a sync_core::kind::event::EventLimits>,
    sides: &'a super::reading::Sides<'a>,
    link: &AccountLink,
) -> Ground<'a> {
    let known = if read.whole {
        read.pairs.len() as u64
    } else {
        link.progress.pairs
    };
    Ground {
        settings: &settings.events,
        window,
        limits,
        pairs_in_all: known,
        deletions_confirmed: link.deletions_confirmed(),
        copies: sides,
    }
}

/// Takes the deletions out of a braked plan, and remembers what was held.
fn hold_deletions(
    plan: &mut Plan<sync_core::kind::event::EventRecord>,
    progress: &mut Progress,
    now: DateTime<Utc>,
) -> bool {
    if !plan.braked {
        progress.held = None;
        return false;
    }
    let deletions = plan.deletions();
    let examples = plan
        .steps
        .iter()
        .filter_map(|step| {
            Some(format!(
                "{}: {}",
                step.deletes_on()?,
                step.id(step.deletes_on()?)?
            ))
        })
        .take(EXAMPLES)
        .collect();
    plan.steps.retain(|step| step.deletes_on().is_none());
    let since = progress.held.as_ref().map_or(now, |held| held.since);
    progress.held = Some(HeldDeletions {
        since,
        deletions,
        examples,
    });
    true
}

/// Writes the run's part, gives the lease back, keeps the record, and starts a continuation where there is more.
async fn close(
    engine: &Engine,
    link: &AccountLink,
    holder: &Holder,
    mut progress: Progress,
    tally: &Tally,
    record: &RunRecord,
) -> Result<RunRecord, StoreFailure> {
    let memory = &engine.doors.memory;
    if tally.parking_changed {
        progress.parked = parking::count(&memory.parked(&link.id, Kind::Event).await?);
    }
    let idle =
        record.outcome == Outcome::Ok && record.changes.events.is_nothing() && record.problems.is_empty();
    let skipped = record.outcome == Outcome::Skipped;
    progress.idle_runs = if idle { progress.idle_runs + 1 } else { 0 };
    if !skipped {
        progress.last_run = Some(record.clone());
        if !idle || record.trigger == Trigger::Manual {
            memory.keep_run(&link.id, record).await?;
        }
    }
    memory.finish(&link.id, holder, &progress).await?;
    if record.more && link.state() == AccountLinkState::Active {
        let next = engine.new_run_id();
        if let Err(failure) = engine
            .doors
            .schedules
            .run_soon(&link.id, Trigger::Continuation, &next)
            .await
        {
            tracing::warn!(account_link.id = %link.id, "the continuation could not be started: {failure}");
        }
    }
    tracing::info!(
        account_link.crm = %record.crm, run.id = %record.run_id, run.outcome = record.outcome.as_str(),
        requests.google = record.requests.google, requests.crm = record.requests.crm,
        duration_ms = (record.finished_at - record.started_at).num_milliseconds(),
        "run finished"
    );
    Ok(record.clone())
}
