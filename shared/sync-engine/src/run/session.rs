//! The run itself, from the lease to the record.

use std::time::Duration;

use sync_core::failure::{Class, Failure};
use sync_core::kind::Kind;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::mutation::{self, Mutation};
use sync_core::policy::KindSettings;
use sync_core::port::{Claim, StoreFailure, Trigger};
use sync_core::side::{PerSide, Side};

use super::mapping::{self, Mapping};
use super::tally::Tally;
use super::{Engine, RunRequest, lease, parking, store_failure, waiting};
use crate::connections::{Kept, Opened};
use crate::memory::{AccountLink, AccountLinkState, Leased, Progress};
use crate::report::{Changes, Outcome, RunRecord};

/// Time kept back at the end of a run for what is under way, the last commit and the record.
const CLOSING_TIME: Duration = Duration::from_secs(10);

/// How the work of a run ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    pub(super) more: bool,
}

impl Ended {
    pub(super) fn new(outcome: Outcome, reason: Option<&str>) -> Self {
        Self {
            outcome,
            reason: reason.map(str::to_owned),
            more: false,
        }
    }

    /// How a run ended one of whose kinds ended so and another one so: as the worse of the two.
    fn and(self, other: Self) -> Self {
        let more = self.more || other.more;
        let worse = if gravity(other.outcome) > gravity(self.outcome) {
            other
        } else {
            self
        };
        Self { more, ..worse }
    }
}

/// How much an outcome weighs against another one in the record of a run.
fn gravity(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Skipped => 0,
        Outcome::Ok => 1,
        Outcome::Partial => 2,
        Outcome::Held => 3,
        Outcome::Failed => 4,
        Outcome::NeedsAuthorization => 5,
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
    if progress.ended_fence + 1 != holder.fence {
        // A run died: each kind looks at what it left, whenever its next turn is.
        for kind in Kind::ALL {
            progress.of_mut(kind).asked_at = None;
        }
    }
    let mut tally = Tally::default();
    let stop_at = started_at + budget.saturating_sub(CLOSING_TIME.min(budget / 4));
    let mapping = Mapping {
        engine,
        link: &link,
        holder: &holder,
        run_id: &record.run_id,
        trigger: record.trigger,
        stop_at,
    };
    let mut requests = PerSide::default();
    let work = Box::pin(work(&mapping, &mut progress, &mut tally, &mut requests));
    let ended = match lease::while_held(doors, &request.link, &holder, work).await {
        Ok(Ok(ended)) => ended,
        Ok(Err(failure)) | Err(failure) => return failed(record, &failure),
    };
    record.outcome = ended.outcome;
    record.reason = ended.reason;
    record.requests = requests;
    record.more = ended.more;
    record.changes = std::mem::take(&mut tally.changes);
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
    mapping: &Mapping<'_>,
    progress: &mut Progress,
    tally: &mut Tally,
    requests: &mut PerSide<u64>,
) -> Result<Ended, StoreFailure> {
    let Mapping { engine, link, .. } = *mapping;
    if !link.body.value.settings.enabled {
        return Ok(Ended::new(Outcome::Skipped, Some("disabled")));
    }
    if let Some(why) = link.reauthorization_reason() {
        return Ok(Ended::new(Outcome::NeedsAuthorization, Some(why)));
    }
    progress.needs_authorization = None;
    if enabled(link).is_empty() {
        return Ok(Ended::new(Outcome::Ok, Some("nothing_enabled")));
    }
    let now = engine.doors.clock.now();
    let waits = |kind: &Kind| waiting::ended(mapping, progress.of(*kind), now);
    if let Some(all) = enabled(link).iter().map(waits).collect::<Option<Vec<_>>>() {
        let nothing = Ended::new(Outcome::Ok, None);
        return Ok(all.into_iter().fold(nothing, Ended::and));
    }
    let opened = match engine.doors.connections.open(link).await {
        Ok(opened) => opened,
        Err((side, failure)) => {
            return Ok(stopped(mapping, progress, &enabled(link), side, &failure).await);
        }
    };
    let ended = kinds(mapping, &*opened, progress, tally).await;
    *requests = opened.requests();
    let kept = opened.keepsakes();
    progress.google_access = kept.google_access;
    progress.google_calls = kept.google_recent;
    progress.time_zone = kept.time_zone.or(progress.time_zone.take());
    progress.own_calendar = kept.own_calendar;
    ended
}

/// The kinds that the user wants kept in step.
pub(super) fn enabled(link: &AccountLink) -> Vec<Kind> {
    let settings = &link.body.value.settings;
    let wanted = |kind: &Kind| match kind {
        Kind::Event => settings.events.enabled(),
        Kind::Task => settings.tasks.enabled(),
        Kind::Contact => settings.contacts.enabled(),
    };
    Kind::ALL.into_iter().filter(wanted).collect()
}

/// Keeps one kind after the other in step. Trouble with one does not keep the others from it, unless the user's
/// authorisation or the time is gone.
async fn kinds(
    mapping: &Mapping<'_>,
    opened: &dyn Opened,
    progress: &mut Progress,
    tally: &mut Tally,
) -> Result<Ended, StoreFailure> {
    let mut ended = Ended::new(Outcome::Ok, None);
    progress.held = None;
    for kind in enabled(mapping.link) {
        let next = match kind {
            Kind::Event => one::<EventRecord>(mapping, opened, progress, tally).await?,
            Kind::Task => one::<TaskRecord>(mapping, opened, progress, tally).await?,
            Kind::Contact => one::<ContactRecord>(mapping, opened, progress, tally).await?,
        };
        ended = ended.and(next);
        if ended.more || ended.outcome == Outcome::NeedsAuthorization {
            break;
        }
    }
    progress.pairs = Kind::ALL.into_iter().map(|kind| progress.of(kind).pairs).sum();
    Ok(ended)
}

async fn one<R: Kept>(
    mapping: &Mapping<'_>,
    opened: &dyn Opened,
    progress: &mut Progress,
    tally: &mut Tally,
) -> Result<Ended, StoreFailure> {
    // Its numbers are in the record, also where there is nothing to count.
    tally.changes.of(R::KIND);
    if let Some(ended) = waiting::ended(mapping, progress.of(R::KIND), mapping.engine.doors.clock.now()) {
        return Ok(ended);
    }
    progress.of_mut(R::KIND).asked_to_wait = None;
    match R::of(opened) {
        Some(sides) => Box::pin(mapping::keep_in_step(mapping, &sides, progress, tally)).await,
        None => Ok(Ended::new(Outcome::Ok, None)),
    }
}

/// What a run does about a failure that concerns these kinds as a whole.
pub(super) async fn stopped(
    mapping: &Mapping<'_>,
    progress: &mut Progress,
    kinds: &[Kind],
    side: Side,
    failure: &Failure,
) -> Ended {
    let Mapping { engine, link, .. } = *mapping;
    tracing::warn!(
        account_link.id = %link.id, side = %side, failure.code = failure.code,
        "the run stops: {failure}"
    );
    waiting::note(engine, progress, kinds, side, failure);
    match (failure.class, side) {
        (Class::Reauth, Side::Google) if !mutation::on(Mutation::UnauthorisedGoesOn) => {
            progress.needs_authorization = Some((engine.doors.clock.now(), failure.code.to_owned()));
            progress.google_access = None;
            let interval = link.body.value.settings.interval_minutes;
            if let Err(failure) = engine.doors.schedules.set(&link.id, interval, true).await {
                tracing::warn!(account_link.id = %link.id, "the schedule could not be paused: {failure}");
            }
            Ended::new(Outcome::NeedsAuthorization, Some(failure.code))
        }
        (
            Class::Reauth
            | Class::Retryable { .. }
            | Class::Resync
            | Class::Conflict
            | Class::Permanent
            | Class::Bug,
            _,
        ) => Ended::new(Outcome::Failed, Some(&format!("{side}: {failure}"))),
    }
}

/// Writes the run's part, gives the lease back, keeps the record, and starts a continuation where there is more.
async fn close(
    engine: &Engine,
    link: &AccountLink,
    holder: &sync_core::port::Holder,
    mut progress: Progress,
    tally: &Tally,
    record: &RunRecord,
) -> Result<RunRecord, StoreFailure> {
    let memory = &engine.doors.memory;
    if tally.parking_changed {
        progress.parked = parking::count(memory, &link.id).await?;
    }
    let idle = record.outcome == Outcome::Ok && record.changes.is_nothing() && record.problems.is_empty();
    let skipped = record.outcome == Outcome::Skipped;
    progress.idle_runs = if idle { progress.idle_runs + 1 } else { 0 };
    if !skipped {
        progress.last_run = Some(record.clone());
        if !idle || record.trigger == Trigger::Manual {
            memory.keep_run(&link.id, record).await?;
        }
    }
    progress.ended_fence = holder.fence;
    memory.finish(&link.id, holder, &progress).await?;
    let again_after = if record.more {
        Some(Duration::ZERO)
    } else {
        waiting::runs_again_after(link, &progress, record)
    };
    if let Some(delay) = again_after
        && link.state() == AccountLinkState::Active
    {
        let next = engine.new_run_id();
        if let Err(failure) = engine
            .doors
            .schedules
            .run_after(delay, &link.id, Trigger::Continuation, &next)
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
