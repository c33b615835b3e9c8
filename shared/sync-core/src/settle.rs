//! The bookkeeping after the work: what we now know about an item, given what the sides said.

use crate::base::{Half, Pair, PairState, fingerprints};
use crate::change::Observed;
use crate::failure::Failure;
use crate::id::RemoteId;
use crate::kind::Record;
use crate::mutation::{self, Mutation};
use crate::plan::{Action, Step};
use crate::port::{Created, Update};
use crate::side::{PerSide, Side};

/// What the sides said to a step's operations.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every value is the large variant"
)]
#[derive(Debug, Clone)]
pub enum Did<R: Record> {
    /// The step asked nothing of a side.
    Nothing,
    /// To a copy to make.
    Created(Result<Created<R>, Failure>),
    /// To the writes.
    Wrote(PerSide<Option<Result<Observed<R>, Failure>>>),
    /// To a deletion: whether the record was there to delete.
    Deleted(Result<bool, Failure>),
}

/// What to remember about an item.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The pair as it was stored.
    pub before: Option<Pair>,
    /// The pair as it shall be stored; `None` forgets it.
    pub after: Option<Pair>,
    /// How many values were overwritten that had been changed as well.
    pub conflicts: usize,
    /// The writes that were done.
    pub done: Vec<(Side, Done)>,
    /// Whether two records were joined that had been on their own.
    pub joined: bool,
    /// The record whose change did not get through, and why.
    pub failed: Option<(Side, RemoteId, Failure)>,
    /// The record across that it belongs with, where no pair says so yet.
    pub partner: Option<RemoteId>,
}

/// A write that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// A record was made.
    Created,
    /// A record was changed.
    Updated,
    /// A record was deleted.
    Deleted,
}

/// What we know after a step, whatever the sides said.
///
/// Laws: the base of a field moves only when the other side said yes; what failed stays different from the base;
/// what a side returned is what is remembered of it.
pub fn settle<R: Record>(step: Step<R>, did: Did<R>) -> Settled {
    let names = PerSide::from_fn(|side| step.id(side).cloned());
    let mut settled = match (&step.action, did) {
        (Action::Create { on, create: _ }, Did::Created(answer)) => {
            let on = *on;
            settle_created(step, on, answer)
        }
        (Action::Write(_), Did::Wrote(answers)) => settle_written(step, answers),
        (Action::Write(_), Did::Nothing) => settle_written(step, PerSide::default()),
        (
            Action::Delete {
                on,
                id: _,
                expected: _,
                why: _,
            },
            Did::Deleted(answer),
        ) => {
            let on = *on;
            settle_deleted(step, on, answer)
        }
        (Action::Remember(state), Did::Nothing) => {
            let state = *state;
            settle_remembered(step, state)
        }
        (Action::Forget, Did::Nothing) => settled(step.base, None),
        // An answer to something else than was asked: nothing was learnt.
        (_, _) => {
            let before = step.base;
            settled(before.clone(), before)
        }
    };
    let across = settled.failed.as_ref().map(|(side, _, _)| side.other());
    settled.partner = across.and_then(|side| names.get(side).clone());
    settled
}

/// What is known of a pair when one of a step's writes went through and the other one did not: the basis on which the
/// rest is decided again, lest our own write be taken for somebody's change.
pub fn settle_part<R: Record>(step: &Step<R>, did: &Did<R>) -> Option<Settled> {
    let Did::Wrote(answers) = did else { return None };
    let went_through = |side: Side| matches!(answers.get(side), Some(Ok(_)));
    let some = Side::BOTH.into_iter().any(went_through);
    let mut part = (some && step.base.is_some()).then(|| settle(step.clone(), did.clone()))?;
    if let Some((before, after)) = part.before.as_ref().zip(part.after.as_mut()) {
        for side in Side::BOTH {
            // Nothing of it is stored yet: it is known by the name that its record had before.
            let stored = before.half.get(side).former_id.clone();
            after.half.get_mut(side).former_id = stored;
        }
    }
    Some(part)
}

fn settled(before: Option<Pair>, after: Option<Pair>) -> Settled {
    Settled {
        before,
        after,
        conflicts: 0,
        done: Vec::new(),
        joined: false,
        failed: None,
        partner: None,
    }
}

fn settle_created<R: Record>(step: Step<R>, on: Side, answer: Result<Created<R>, Failure>) -> Settled {
    let Step {
        base,
        seen,
        action: _,
        lost: _,
        waiting: _,
        origin,
        veiled,
    } = step;
    let (source, _) = split(seen, on.other());
    let Some(source) = source else {
        return settled(base.clone(), base);
    };
    match answer {
        Ok(created) => {
            let copy = Half::agreed(&created.observed);
            let original = Half::agreed(&source);
            let half = match on {
                Side::Crm => PerSide {
                    crm: copy,
                    google: original,
                },
                Side::Google => PerSide {
                    crm: original,
                    google: copy,
                },
            };
            let pair = Pair {
                kind: R::KIND,
                half,
                origin,
                generation: created.generation,
                state: PairState::Living,
                veiled,
            };
            Settled {
                done: vec![(on, Done::Created)],
                ..settled(base, Some(pair))
            }
        }
        Err(failure) => {
            let failed = Some((on.other(), source.id, failure));
            Settled {
                failed,
                ..settled(base.clone(), base)
            }
        }
    }
}

fn settle_deleted<R: Record>(step: Step<R>, on: Side, answer: Result<bool, Failure>) -> Settled {
    let original = step.id(on.other()).cloned();
    let base = step.base;
    match answer {
        Ok(deleted) => {
            let done = deleted.then_some((on, Done::Deleted)).into_iter().collect();
            Settled {
                done,
                ..settled(base, None)
            }
        }
        Err(failure) => {
            let after = base
                .clone()
                .filter(|_| !mutation::on(Mutation::ForgottenBeforeDeleted));
            Settled {
                failed: original.map(|id| (on.other(), id, failure)),
                ..settled(base, after)
            }
        }
    }
}

fn settle_remembered<R: Record>(step: Step<R>, state: PairState) -> Settled {
    let before = step.base;
    let after = before.clone().map(|mut pair| {
        pair.state = state;
        if let PairState::Gone(away) | PairState::Left(away) = state {
            // What changes on the other side meanwhile does not travel: it is looked at when this one comes back.
            pair.half.get_mut(away.other()).pending = true;
        }
        pair
    });
    settled(before, after)
}

fn settle_written<R: Record>(
    step: Step<R>,
    mut answers: PerSide<Option<Result<Observed<R>, Failure>>>,
) -> Settled {
    let Step {
        base,
        seen,
        action,
        lost,
        waiting,
        origin,
        veiled,
    } = step;
    let Action::Write(writes) = action else {
        return settled(base.clone(), base);
    };
    let failed_on = |side: Side, answers: &PerSide<Option<Result<Observed<R>, Failure>>>| {
        writes.get(side).is_some()
            && !matches!(answers.get(side), Some(Ok(_)))
            && !mutation::on(Mutation::RefusedIsAgreed)
    };
    let failures = PerSide::from_fn(|side| failed_on(side, &answers));
    let mut result: Settled = settled(base.clone(), base.clone());
    result.joined = base.is_none();

    // What did not get through is asked for again from the side where it was changed.
    for target in Side::BOTH {
        if *failures.get(target) {
            let source = target.other();
            let id = seen
                .get(source)
                .as_ref()
                .map(|now| now.id.clone())
                .or_else(|| base.as_ref().map(|pair| pair.half.get(source).id.clone()));
            let failure = match answers.get_mut(target).take() {
                Some(Err(failure)) => failure,
                Some(Ok(_)) | None => Failure::bug("no_answer", "a write was not answered"),
            };
            result.failed = id.map(|id| (source, id, failure));
        }
    }
    if base.is_none() && result.failed.is_some() {
        // Two records that have no base are joined when they agree, not before.
        result.joined = false;
        return result;
    }

    for side in Side::BOTH {
        if writes.get(side).is_some() && !failures.get(side) {
            result.done.push((side, Done::Updated));
        }
    }
    result.conflicts = lost.iter().filter(|loser| !failures.get(loser.side)).count();
    let half = |side: Side| {
        let known = base.as_ref().map(|pair| pair.half.get(side));
        // A failed write leaves its fields as they were on both sides: the change still has to travel, and what
        // it would have overwritten has not lost yet.
        let failed = Side::BOTH.into_iter().filter(|target| *failures.get(*target));
        let unwritten = failed
            .filter_map(|target| writes.get(target).as_ref())
            .flat_map(|write| &write.fields);
        let unagreed: Vec<R::Field> = waiting.get(side).iter().chain(unwritten).copied().collect();
        let returned = writes
            .get(side)
            .as_deref()
            .zip(answers.get(side).as_ref().and_then(|answer| answer.as_ref().ok()));
        half_after(known, seen.get(side).as_deref(), &unagreed, returned)
    };
    let halves = half(Side::Crm).zip(half(Side::Google));
    result.after = halves.map(|(crm, google)| Pair {
        kind: R::KIND,
        half: PerSide { crm, google },
        origin,
        generation: base.as_ref().map_or(0, |pair| pair.generation),
        state: PairState::Living,
        // A copy that could not be written shows what it showed before.
        veiled: match (failures.get(origin.other()), &base) {
            (true, Some(pair)) => pair.veiled,
            (true, None) | (false, _) => veiled,
        },
    });
    result
}

/// What is remembered of one side: what was seen, without the changes that wait or whose write failed, and with
/// the fields that were written as the side returned them.
fn half_after<R: Record>(
    known: Option<&Half>,
    seen: Option<&Observed<R>>,
    unagreed: &[R::Field],
    returned: Option<(&Update<R>, &Observed<R>)>,
) -> Option<Half> {
    let mut half = seen.map(Half::agreed).or_else(|| known.cloned())?;
    for field in unagreed {
        let name = R::field_name(*field);
        match known.and_then(|known| known.fields.get(name)) {
            Some(agreed) => half.fields.insert(name, agreed),
            None => half.fields.remove(name),
        }
    }
    if let Some((write, now)) = returned {
        // What moved was written on both sides; where only one of them took it, it still has to travel.
        for field in write.fields.iter().filter(|field| !unagreed.contains(field)) {
            let agreed = if mutation::on(Mutation::BaseHoldsWhatWasSent) {
                &write.record
            } else {
                &now.record
            };
            half.fields
                .insert(R::field_name(*field), agreed.fingerprint(*field));
        }
        half.version = now.version.clone();
        half.starts_at = now.record.starts_at();
    }
    if let Some(shown) = returned.map(|(_, now)| now).or(seen) {
        half.pending = fingerprints(&shown.record) != half.fields;
    }
    Some(half)
}

fn split<T>(both: PerSide<T>, first: Side) -> (T, T) {
    match first {
        Side::Crm => (both.crm, both.google),
        Side::Google => (both.google, both.crm),
    }
}
