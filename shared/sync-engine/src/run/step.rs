//! One step: do, and decide again where the record was other than expected.

use std::collections::BTreeSet;

use sync_core::base::Pair;
use sync_core::change::{Observed, Reading};
use sync_core::failure::{Class, Failure};
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::mutation::{self, Mutation};
use sync_core::plan::{Action, Step};
use sync_core::policy::{KindSettings, travels};
use sync_core::port::{Create, Created, Remote, StoreFailure};
use sync_core::reconcile::{Ground, Stands, step_again, step_for_match};
use sync_core::settle::{Did, Settled, settle, settle_part};
use sync_core::side::{PerSide, Side};

use super::applying::Site;
use super::journaling::{Noted, note, take_back};
use super::performing::perform;
use super::{series, store_failure};
use crate::connections::Sides;
use crate::memory::{JournalEntry, Loss};

/// How often a step is decided again because the record had changed meanwhile, before it is parked.
const ROUNDS: usize = 3;

/// So many makings of a copy anew are looked for beyond the one that is known.
const GENERATIONS: u32 = 3;

/// What became of a step.
pub(super) enum Carried {
    /// Its items are settled; each may have failed for its own record.
    Settled(Vec<Settled>),
    /// It failed for a reason that concerns the whole side: the run stops.
    Stopped(Side, Failure),
    /// The store failed: nothing more may be written.
    Unkept(StoreFailure),
}

/// Carries a step out.
pub(super) async fn carry_out<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    step: Step<R>,
) -> Carried {
    if let Action::CreateSeries { on, create, rows } = &step.action {
        return Box::pin(series::carry_out(site, ground, sides, &step, (*on, create, rows))).await;
    }
    let base = step.base.clone();
    let mut step = step;
    // How a copy that was found made already shall be remembered.
    let mut born: Option<(Side, u32)> = None;
    // The writes that went through before the rest was decided again.
    let mut done = Vec::new();
    let mut overwritten = 0;
    if let Some((side, copy)) = copy_met_again(ground, &step)
        && let Err(failure) = sides.get(side).complete(&copy).await
    {
        return if stopping(&failure) {
            Carried::Stopped(side, failure)
        } else {
            Carried::Settled(vec![Settled {
                failed: Some((side, copy, failure)),
                partner: step.id(side.other()).cloned(),
                ..unchanged(base)
            }])
        };
    }
    for _ in 0..ROUNDS {
        let (did, noted) = match attempt(site, sides, &step).await {
            Ok(attempted) => attempted,
            Err(ended) => return ended,
        };
        if let Some((side, failure)) = stops(&step, &did) {
            return Carried::Stopped(side, failure);
        }
        let anew = if conflicts(&did) {
            if let Some(part) = settle_part(&step, &did) {
                done.extend(part.done);
                overwritten += part.conflicts;
                step.base = part.after;
            }
            match decide_again(site, ground, sides, &step).await {
                Ok(anew) => Some(anew),
                Err((on, failure)) => return Carried::Stopped(on, failure),
            }
        } else {
            None
        };
        let untouched: Vec<_> = noted
            .into_iter()
            .filter(|entry| failed_on(&did, entry.side))
            .filter(|entry| anew.as_ref().is_none_or(|anew| anew.still_shows(entry)))
            .collect();
        if let Err(failure) = take_back(site, &untouched).await {
            return Carried::Unkept(failure);
        }
        let again = match (&step.action, &did, anew) {
            (_, _, Some(anew)) => anew.step.map_or(Again::Nothing, Again::Step),
            (Action::Create { on, create }, Did::Created(Ok(created)), None) if created.adopted => {
                match meet_again(site, ground, &step, (*on, create), created).await {
                    Ok((next, copy)) => {
                        born = copy.or(born);
                        next
                    }
                    Err(failure) => return Carried::Unkept(failure),
                }
            }
            (_, _, None) => Again::Settle,
        };
        match again {
            Again::Step(next) => step = *next,
            Again::Nothing => {
                return Carried::Settled(vec![Settled {
                    after: step.base,
                    done,
                    conflicts: overwritten,
                    ..unchanged(base)
                }]);
            }
            Again::Settle => {
                let mut settled = settle(step, did);
                settled.before = base;
                settled.done.extend(done);
                settled.conflicts += overwritten;
                if let (Some((origin, generation)), Some(pair)) = (born, settled.after.as_mut()) {
                    pair.origin = origin;
                    pair.generation = generation;
                }
                return Carried::Settled(vec![settled]);
            }
        }
    }
    let known = Settled {
        after: step.base.clone(),
        done,
        conflicts: overwritten,
        ..unchanged(base)
    };
    Carried::Settled(vec![changed_meanwhile(&step, known)])
}

/// The step whose record changed again and again: it is parked.
fn changed_meanwhile<R: Record>(step: &Step<R>, known: Settled) -> Settled {
    let failure = Failure::permanent(
        "changed_meanwhile",
        "The record changed again and again while it was written.",
    );
    let failed = Side::BOTH
        .into_iter()
        .find_map(|side| step.id(side).map(|id| (side, id.clone(), failure.clone())));
    let across = failed.as_ref().map(|(side, _, _)| side.other());
    Settled {
        partner: across.and_then(|side| step.id(side).cloned()),
        failed,
        ..known
    }
}

/// A copy of ours that no pair knows: the run that made it ended before it could say so, perhaps in the middle of
/// making it.
fn copy_met_again<R: Record>(ground: &Ground<'_, R>, step: &Step<R>) -> Option<(Side, RemoteId)> {
    Side::BOTH.into_iter().find_map(|side| {
        let copy = &step.seen.get(side).as_ref()?.id;
        let origin = step.id(side.other())?;
        let known = step.base.as_ref();
        let generations = 0..=known.map_or(0, |pair| pair.generation) + GENERATIONS;
        let is_copy = travels(ground.settings.direction(), side.other())
            && known.is_none_or(|pair| pair.half.get(side).id != *copy)
            && generations
                .into_iter()
                .any(|generation| ground.copies.copy_of(side, origin, generation) == *copy);
        is_copy.then(|| (side, copy.clone()))
    })
}

enum Again<R: Record> {
    Step(Box<Step<R>>),
    Nothing,
    Settle,
}

pub(super) fn unchanged(base: Option<Pair>) -> Settled {
    Settled {
        before: base.clone(),
        after: base,
        conflicts: 0,
        done: Vec::new(),
        joined: false,
        failed: None,
        partner: None,
    }
}

/// Notes what will be lost, and does it.
async fn attempt<R: Record>(
    site: &Site<'_>,
    sides: &Sides<'_, R>,
    step: &Step<R>,
) -> Result<(Did<R>, Vec<JournalEntry>), Carried> {
    match note(site, sides, step).await {
        Noted::Kept(noted) => match perform(site, sides, step).await {
            Ok(did) => Ok((did, noted)),
            Err(failure) => Err(Carried::Unkept(failure)),
        },
        Noted::Changed => {
            let changed = Failure::conflict("changed", "The record changed.");
            Ok((Did::Deleted(Err(changed)), Vec::new()))
        }
        Noted::Failed(on, failure) => Err(Carried::Stopped(on, failure)),
        Noted::Store(failure) => Err(Carried::Unkept(failure)),
    }
}

/// The failures of what was done, with the side that failed.
fn failures<'a, R: Record>(step: &Step<R>, did: &'a Did<R>) -> Vec<(Side, &'a Failure)> {
    let on = match &step.action {
        Action::Create { on, .. } | Action::CreateSeries { on, .. } | Action::Delete { on, .. } => *on,
        Action::Write(_) | Action::Remember(_) | Action::Forget => Side::Crm,
    };
    match did {
        Did::Nothing => Vec::new(),
        Did::Created(answer) => answer
            .as_ref()
            .err()
            .map(|failure| (on, failure))
            .into_iter()
            .collect(),
        Did::Deleted(answer) => answer
            .as_ref()
            .err()
            .map(|failure| (on, failure))
            .into_iter()
            .collect(),
        Did::Wrote(answers) => Side::BOTH
            .into_iter()
            .filter_map(|side| Some((side, answers.get(side).as_ref()?.as_ref().err()?)))
            .collect(),
    }
}

/// Whether the side refused what it was asked, so that nothing changed there.
fn failed_on<R: Record>(did: &Did<R>, side: Side) -> bool {
    match did {
        Did::Nothing | Did::Created(_) => false,
        // Gone already, though it was there a moment ago: by our own call, most likely, whose answer was lost.
        Did::Deleted(answer) => answer.is_err(),
        Did::Wrote(answers) => answers.get(side).as_ref().is_some_and(Result::is_err),
    }
}

fn stops<R: Record>(step: &Step<R>, did: &Did<R>) -> Option<(Side, Failure)> {
    failures(step, did)
        .into_iter()
        .find(|(_, failure)| stopping(failure))
        .map(|(side, failure)| (side, failure.clone()))
}

/// Whether a failure concerns more than the record.
pub(super) fn stopping(failure: &Failure) -> bool {
    match failure.class {
        Class::Retryable { .. } | Class::Reauth | Class::Resync | Class::Bug => true,
        Class::Conflict => false,
        Class::Permanent => mutation::on(Mutation::RefusalStopsAll),
    }
}

fn conflicts<R: Record>(did: &Did<R>) -> bool {
    let conflict = |answer: &Failure| answer.class == Class::Conflict;
    match did {
        Did::Nothing => false,
        Did::Created(answer) => answer.as_ref().is_err_and(conflict),
        Did::Deleted(answer) => answer.as_ref().is_err_and(conflict),
        Did::Wrote(answers) => [&answers.crm, &answers.google]
            .into_iter()
            .flatten()
            .any(|answer| answer.as_ref().is_err_and(conflict)),
    }
}

/// A copy that was there already, from a run whose answer was lost: joined like any two records without a base. Where
/// it stands in another pair by now, it is that one's, and ours is made under the next name.
async fn meet_again<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    step: &Step<R>,
    (on, create): (Side, &Create<R>),
    created: &Created<R>,
) -> Result<(Again<R>, Option<(Side, u32)>), StoreFailure> {
    let copy = &created.observed;
    if !others(site, step, on, &[copy]).await?.is_empty() {
        let create = Create {
            generation: created.generation + 1,
            ..create.clone()
        };
        let create = Box::new(create);
        let action = Action::Create { on, create };
        let next = Step {
            action,
            ..step.clone()
        };
        return Ok((Again::Step(Box::new(next)), None));
    }
    let again = match (on, step.seen.get(on.other()).clone()) {
        (_, None) => Again::Settle,
        (Side::Crm, Some(original)) => Again::Step(Box::new(step_for_match(ground, copy.clone(), original))),
        (Side::Google, Some(original)) => {
            Again::Step(Box::new(step_for_match(ground, original, copy.clone())))
        }
    };
    Ok((again, Some((on.other(), created.generation))))
}

/// Which of some records stand in another pair than the step's own: copies that were there already were joined with
/// something else when nobody could know what they were made from.
pub(super) async fn others<R: Record>(
    site: &Site<'_>,
    step: &Step<R>,
    on: Side,
    records: &[&Observed<R>],
) -> Result<BTreeSet<RemoteId>, StoreFailure> {
    let mut names: PerSide<BTreeSet<RemoteId>> = PerSide::default();
    names
        .get_mut(on)
        .extend(records.iter().map(|seen| seen.id.clone()));
    let memory = &site.engine.doors.memory;
    let pairs = memory
        .pairs_of(&site.link.id, R::KIND, &names.crm, &names.google)
        .await?;
    let is_other = |pair: &Pair| step.base.as_ref().is_none_or(|own| !own.is_stored_as(pair));
    Ok(pairs
        .into_iter()
        .filter(is_other)
        .map(|pair| pair.half.get(on).id.clone())
        .collect())
}

/// What a second look at both records of a step showed, and what it asks for.
struct Anew<R: Record> {
    shown: PerSide<Option<R>>,
    step: Option<Box<Step<R>>>,
}

impl<R: Record> Anew<R> {
    /// Whether a value that was noted down still stands. Where it does not, our own write may have replaced it: one
    /// that was repeated after its answer was lost meets the record as it left it, and is refused.
    fn still_shows(&self, entry: &JournalEntry) -> bool {
        self.shown
            .get(entry.side)
            .as_ref()
            .is_some_and(|record| match &entry.loss {
                Loss::Record(_) => true,
                Loss::Field { field, value } => {
                    R::field_named(field).is_some_and(|field| record.journal_value(field) == *value)
                }
            })
    }
}

/// Reads both records of a step again and decides anew.
async fn decide_again<R: Record>(
    site: &Site<'_>,
    ground: &Ground<'_, R>,
    sides: &Sides<'_, R>,
    step: &Step<R>,
) -> Result<Anew<R>, (Side, Failure)> {
    let crm = stands(site, sides, Side::Crm, step).await?;
    let google = stands(site, sides, Side::Google, step).await?;
    let record = |stands: &Stands<R>| match stands {
        Stands::Present(seen) => Some(seen.record.clone()),
        Stands::Unread | Stands::Gone | Stands::Left => None,
    };
    let shown = PerSide {
        crm: record(&crm),
        google: record(&google),
    };
    let next = step_again(ground, step, PerSide { crm, google });
    Ok(Anew {
        shown,
        step: next.map(Box::new),
    })
}

/// How a side of a pair stands now. A record found under another name counts unless it stands in a pair of its own.
async fn stands<R: Record>(
    run: &Site<'_>,
    sides: &Sides<'_, R>,
    side: Side,
    step: &Step<R>,
) -> Result<Stands<R>, (Side, Failure)> {
    let Some(id) = step.id(side) else {
        return Ok(Stands::Unread);
    };
    let unkept = |failure: StoreFailure| (side, store_failure(&failure));
    let remote: &dyn Remote<R> = *sides.get(side);
    Ok(match remote.read(id).await.map_err(|failure| (side, failure))? {
        Reading::Present(seen)
            if seen.id != *id
                && !others(run, step, side, &[&seen])
                    .await
                    .map_err(unkept)?
                    .is_empty() =>
        {
            Stands::Gone
        }
        Reading::Present(seen) => Stands::Present(Box::new(seen)),
        Reading::Gone => Stands::Gone,
        Reading::OutOfReach => Stands::Left,
        // As where a listing shows it so: it is there, and says nothing.
        Reading::Unreadable { .. } => Stands::Unread,
    })
}
