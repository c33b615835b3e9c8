//! One kind of record of one account link: read both sides, plan, apply, settle, commit, and remember how far it is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sync_core::change::Window;
use sync_core::failure::{Class, Failure};
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::mutation::{self, Mutation};
use sync_core::plan::Plan;
use sync_core::policy::KindSettings;
use sync_core::port::{Holder, Remote, StoreFailure, Trigger};
use sync_core::reconcile::{Ground, reconcile};
use sync_core::side::{PerSide, Side};

use super::applying::{Site, apply, unpark_settled};
use super::asking::{Asking, asking};
use super::making::{self, unmarked_side};
use super::orphans::Begun;
use super::reading::{ReadBoth, read_both, reading_settings, window};
use super::session::{Ended, stopped};
use super::tally::Tally;
use super::under_way::{self, Notes};
use super::{Engine, parking};
use crate::connections::Sides;
use crate::memory::{AccountLink, HeldDeletions, ParkedRecord, Progress, UnderWay};
use crate::report::Outcome;

/// Examples of held deletions that the page shows.
const EXAMPLES: usize = 20;

/// For which account link, under which lease, until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mapping<'a> {
    pub(super) engine: &'a Engine,
    pub(super) link: &'a AccountLink,
    pub(super) holder: &'a Holder,
    pub(super) run_id: &'a str,
    pub(super) trigger: Trigger,
    /// No further step is begun after this instant.
    pub(super) stop_at: DateTime<Utc>,
}

/// Keeps both sides' records of one kind in step.
pub(super) async fn keep_in_step<R: Record>(
    mapping: &Mapping<'_>,
    sides: &Sides<'_, R>,
    progress: &mut Progress,
    tally: &mut Tally,
) -> Result<Ended, StoreFailure> {
    let Mapping {
        engine, link, holder, ..
    } = *mapping;
    // The record names the kind even where nothing of it changed.
    tally.changes.of(R::KIND);
    let now = engine.doors.clock.now();
    let asking = asking(mapping, sides, now);
    // Whatever keeps this run from its end has the next one ask, and look at what is left.
    let asked_at = progress.of_mut(R::KIND).asked_at.take();
    let notes = Notes::new(&engine.doors, &link.id, holder, R::KIND);
    let left = match asked_at {
        None => engine.doors.memory.under_way(&link.id, R::KIND).await?,
        Some(_) => Vec::new(),
    };
    let read = match read_with(mapping, sides, (&notes, &left), asking, now).await? {
        Ok(read) => read,
        Err((side, failure)) => {
            if failure.class == Class::Resync {
                *progress.of_mut(R::KIND).cursors.get_mut(side) = None;
            }
            return Ok(stopped(mapping, progress, &[R::KIND], side, &failure).await);
        }
    };
    let limits = sides.map(Remote::limits);
    let told_after = guests_told_after::<R>(mapping, &read, now);
    let ground = Ground {
        guests_told_after: told_after,
        ..ground(link, &read, window(link, now), limits.as_ref(), sides)
    };
    let cursors = read.cursors();
    let (whole, all_asked) = (read.whole, read.all_asked);
    let known_pairs = if whole {
        read.pairs.len() as u64
    } else {
        progress.of(R::KIND).pairs + read.remembered
    };
    let unpaired = making::unpaired(sides, &read);
    let mut plan = reconcile(&ground, read.pairs, read.changes);
    let is_quiet = plan.steps.is_empty();
    let held = hold_deletions(&mut plan, link, progress, now);
    let parked = parked_of(mapping, read.parked, &plan).await?;
    let site = Site {
        engine,
        link,
        run_id: mapping.run_id,
        kind: R::KIND,
        stop_at: mapping.stop_at,
        parked: &parked,
        unmarked: unmarked_side(sides),
        unpaired: &unpaired,
        journaled: AtomicUsize::new(tally.journaled),
        notes,
    };
    unpark_settled(&site, tally, &read.retried, &names_of(&plan)).await?;
    let problems_before = tally.problems.len();
    let applied = Box::pin(apply(&site, &ground, sides, plan, tally)).await;
    tally.journaled = site.journaled.load(Ordering::Relaxed);
    if let Some(failure) = applied.store {
        return Err(failure);
    }
    let kind = progress.of_mut(R::KIND);
    kind.pairs = known_pairs.saturating_add_signed(applied.pairs);
    if mutation::on(Mutation::CursorsBeforeWork) {
        kind.cursors = cursors.clone();
        kind.reading_settings = Some(reading_settings::<R>(link));
        kind.read_whole_at = Some(now);
    }
    if let Some((side, failure)) = &applied.stopped {
        if failure.class == Class::Resync {
            *kind.cursors.get_mut(*side) = None;
        }
        return Ok(stopped(mapping, progress, &[R::KIND], *side, failure).await);
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
    site.notes.end_copies(&left).await?;
    kind.cursors = cursors;
    kind.reading_settings = Some(reading_settings::<R>(link));
    if whole {
        kind.read_whole_at = Some(now);
    }
    let last_asked = if all_asked { Some(now) } else { asked_at };
    kind.asked_at = last_asked.filter(|_| !site.notes.is_any_left());
    kind.changed_at = kind.changed_at.filter(|_| is_quiet).or(Some(now));
    let outcome = if tally.problems.len() == problems_before {
        Outcome::Ok
    } else {
        Outcome::Partial
    };
    Ok(Ended::new(outcome, None))
}

/// Puts back what was cut off, reads both sides, and knows the copies again that were being made.
async fn read_with<R: Record>(
    mapping: &Mapping<'_>,
    sides: &Sides<'_, R>,
    (notes, left): (&Notes<'_>, &[UnderWay]),
    asking: Asking,
    now: DateTime<Utc>,
) -> Result<Result<ReadBoth<R>, (Side, Failure)>, StoreFailure> {
    let Mapping { engine, link, .. } = *mapping;
    if let Err(stopped) = under_way::put_back(notes, sides, left).await? {
        return Ok(Err(stopped));
    }
    let begun = Some(Begun { notes, left });
    let read = read_both(&engine.doors.memory, link, sides, asking, (begun, now)).await;
    Ok(read.map(|mut read| {
        making::mark(sides, left, &mut read);
        read
    }))
}

/// Every parked record, where what is to be done may concern one.
async fn parked_of<R: Record>(
    mapping: &Mapping<'_>,
    read: BTreeMap<(Side, RemoteId), ParkedRecord>,
    plan: &Plan<R>,
) -> Result<BTreeMap<(Side, RemoteId), ParkedRecord>, StoreFailure> {
    let Mapping { engine, link, .. } = *mapping;
    let idle = plan.steps.is_empty() && plan.unreadable.is_empty();
    if read.is_empty() && link.progress.parked.count > 0 && !idle {
        return parking::all(&engine.doors.memory, &link.id, R::KIND).await;
    }
    Ok(read)
}

/// What the decision looks at besides the changes, with nobody told of anything.
pub(super) fn ground<'a, R: Record>(
    link: &'a AccountLink,
    read: &ReadBoth<R>,
    window: Window,
    limits: PerSide<&'a R::Limits>,
    sides: &'a Sides<'a, R>,
) -> Ground<'a, R> {
    let known = if read.whole {
        read.pairs.len() as u64
    } else {
        link.progress.of(R::KIND).pairs
    };
    Ground {
        settings: R::Settings::of(&link.body.value.settings),
        window,
        limits,
        pairs_in_all: known,
        deletions_confirmed: link.deletions_confirmed(),
        copies: sides,
        guests_told_after: None,
        zone: zone(link, read),
    }
}

/// The zone whose time of day the user reads: as the CRM tells, or as the last run knew, or as Google tells.
fn zone<R>(link: &AccountLink, read: &ReadBoth<R>) -> Tz {
    [
        &read.changes.crm.time_zone,
        &link.progress.time_zone,
        &read.changes.google.time_zone,
    ]
    .into_iter()
    .find_map(|name| name.as_ref()?.parse().ok())
    .unwrap_or(Tz::UTC)
}

/// From when on guests may be told of what a person changed in the CRM. Nobody is told by a whole reading (which a
/// first run is, and one after a refused cursor), nor by a run that picks up what another one left undone: what it
/// finds may be old, or told already.
fn guests_told_after<R: Record>(
    mapping: &Mapping<'_>,
    read: &ReadBoth<R>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let progress = &mapping.link.progress;
    let follows_on = progress.ended_fence + 1 == mapping.holder.fence;
    let went_well = progress.last_run.as_ref().is_some_and(|run| match run.outcome {
        Outcome::Ok | Outcome::Partial | Outcome::Held | Outcome::Skipped => !run.more,
        Outcome::Failed | Outcome::NeedsAuthorization => false,
    });
    let wanted = R::Settings::of(&mapping.link.body.value.settings).tells_guests();
    let nothing_whole = Side::BOTH
        .iter()
        .all(|side| read.changes.get(*side).complete.is_empty());
    let ordinary = follows_on && went_well && nothing_whole || mutation::on(Mutation::RecoveryTellsGuests);
    (wanted && ordinary).then_some(now)
}

/// The records that the plan names.
fn names_of<R: Record>(plan: &Plan<R>) -> Vec<(Side, RemoteId)> {
    let stepped = plan.steps.iter().flat_map(sync_core::plan::Step::names);
    let unreadable = plan
        .unreadable
        .iter()
        .map(|unreadable| (unreadable.side, unreadable.id.clone()));
    stepped.chain(unreadable).collect()
}

/// Takes the deletions out of a braked plan, and remembers what was held.
fn hold_deletions<R: Record>(
    plan: &mut Plan<R>,
    link: &AccountLink,
    progress: &mut Progress,
    now: DateTime<Utc>,
) -> bool {
    if !plan.braked {
        return false;
    }
    let deletions = plan.deletions();
    let held = progress.held.get_or_insert_with(|| HeldDeletions {
        since: link.progress.held.as_ref().map_or(now, |held| held.since),
        deletions: PerSide::default(),
        examples: Vec::new(),
    });
    held.deletions.crm += deletions.crm;
    held.deletions.google += deletions.google;
    for step in &plan.steps {
        if let Some((side, id)) = step
            .carries_deletion_to()
            .and_then(|side| Some((side, step.id(side)?)))
            && held.examples.len() < EXAMPLES
        {
            held.examples.push(format!("{side}: {id}"));
        }
    }
    plan.steps.retain(|step| step.carries_deletion_to().is_none());
    true
}
