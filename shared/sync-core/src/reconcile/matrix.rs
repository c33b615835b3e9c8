//! The state table: what a pair needs, given how each side stands.

use super::gather::Paired;
use super::{Ground, Seen, Stands, join, merge};
use crate::base::{Pair, PairState};
use crate::kind::Record;
use crate::mutation::{self, Mutation};
use crate::plan::{Action, Step, Why};
use crate::policy::{Deletions, KindSettings, Scope, travels};
use crate::port::Create;
use crate::side::{PerSide, Side};

/// What a pair needs. `None`: nothing at all, not even a note.
pub(super) fn step_for_pair<R: Record>(
    ground: &Ground<'_, R>,
    pair: Pair,
    stands: PerSide<Stands<R>>,
) -> Option<Step<R>> {
    // That a record goes by another name now is remembered, whatever else is to be done.
    let is_renamed = Side::BOTH
        .into_iter()
        .any(|side| pair.half.get(side).former_id.is_some());
    let (state, renamed) = (pair.state, is_renamed.then(|| pair.clone()));
    let name_alone = || renamed.map(|pair| step_of(pair, PerSide::default(), Action::Remember(state)));
    match state {
        PairState::Living => {}
        PairState::Gone(gone) => return step_for_kept(ground, pair, stands, gone).or_else(name_alone),
        PairState::Left(left) => return step_for_left(ground, pair, stands, left).or_else(name_alone),
    }
    match (stands.crm, stands.google) {
        (Stands::Left, other) => Some(remember(pair, Side::Crm, other, PairState::Left(Side::Crm))),
        (other, Stands::Left) => Some(remember(pair, Side::Google, other, PairState::Left(Side::Google))),
        (Stands::Gone, Stands::Gone) => Some(forget(pair)),
        (Stands::Gone, survivor) => Some(step_for_deleted(ground, pair, Side::Crm, survivor)),
        (survivor, Stands::Gone) => Some(step_for_deleted(ground, pair, Side::Google, survivor)),
        (Stands::Unread, Stands::Unread) => None,
        (Stands::Present(crm), Stands::Present(google)) => merge::step_for_living(
            ground,
            pair,
            PerSide {
                crm: Some(crm),
                google: Some(google),
            },
        ),
        (Stands::Present(crm), Stands::Unread) => merge::step_for_living(
            ground,
            pair,
            PerSide {
                crm: Some(crm),
                google: None,
            },
        ),
        (Stands::Unread, Stands::Present(google)) => merge::step_for_living(
            ground,
            pair,
            PerSide {
                crm: None,
                google: Some(google),
            },
        ),
    }
}

/// A pair whose deleted record has a successor: both are joined anew.
pub(super) fn step_for_made_anew<R: Record>(
    ground: &Ground<'_, R>,
    item: Paired<R>,
    (side, successor): (Side, Seen<R>),
) -> Step<R> {
    let Paired { pair, stands } = item;
    match split(stands, side) {
        (_, Stands::Present(survivor)) => with_base(pair, merge_of(ground, side, successor, survivor)),
        (_, Stands::Unread | Stands::Gone | Stands::Left) => forget(pair),
    }
}

/// A record that stands in no pair: a copy of it, if it is in scope.
pub(super) fn step_for_new<R: Record>(
    ground: &Ground<'_, R>,
    side: Side,
    seen: Seen<R>,
    generation: u32,
) -> Option<Step<R>> {
    create(ground, None, side, seen, generation)
}

/// One record of a pair is deleted, the other one is not.
fn step_for_deleted<R: Record>(
    ground: &Ground<'_, R>,
    pair: Pair,
    gone: Side,
    survivor: Stands<R>,
) -> Step<R> {
    let kept = gone.other();
    let half = pair.half.get(kept);
    if let Stands::Present(seen) = &survivor {
        let changed = half.changed(seen);
        if !changed.is_empty() && !shows_elsewhere::<R>(&pair, kept, &changed) {
            // That the copy comes back would tell the other side of the edit; that the edited original goes would lose
            // it.
            return remember(pair, gone, survivor, PairState::Gone(gone));
        }
        if !changed.is_empty() && !mutation::on(Mutation::DeletionBeatsEdit)
            || mutation::on(Mutation::DeletedIsMadeAnew)
        {
            // An edit beats a delete: the copy is made anew, under a new generation of its id.
            let generation = pair.generation + 1;
            let again = create(ground, Some(pair.clone()), kept, seen.clone(), generation);
            return again.unwrap_or_else(|| remember(pair, gone, survivor, PairState::Gone(gone)));
        }
        if seen.traits.read_only.is_some() {
            return remember(pair, gone, survivor, PairState::Gone(gone));
        }
        if kept == pair.origin && merge::scope(ground, kept, seen) == Scope::Hidden {
            // A run that was cut off took the copy away to hide the original. The original stays.
            return forget(pair);
        }
    }
    if half.pending && matches!(survivor, Stands::Unread) {
        // An edit that has not travelled yet, and was not read again: it is not deleted unseen.
        return remember(pair, gone, survivor, PairState::Gone(gone));
    }
    let propagates =
        ground.settings.deletions() == Deletions::Propagate && travels(ground.settings.direction(), gone);
    if !propagates {
        return remember(pair, gone, survivor, PairState::Gone(gone));
    }
    let expected = match &survivor {
        Stands::Present(seen) => seen.version.clone(),
        Stands::Unread | Stands::Gone | Stands::Left => half.version.clone(),
    };
    let action = Action::Delete {
        on: kept,
        id: half.id.clone(),
        expected,
        why: Why::Deleted,
    };
    step_of(pair, seen_of(kept, survivor), action)
}

/// Whether a change of some fields would show on the other side: what a veil covers does not, since the copy would say
/// "Busy" as before.
fn shows_elsewhere<R: Record>(pair: &Pair, side: Side, changed: &[R::Field]) -> bool {
    let hidden = |field: &R::Field| pair.veiled && side == pair.origin && R::is_veiled(*field);
    !changed.iter().all(hidden)
}

/// A pair of which one record was deleted and the other one kept.
fn step_for_kept<R: Record>(
    ground: &Ground<'_, R>,
    pair: Pair,
    stands: PerSide<Stands<R>>,
    gone: Side,
) -> Option<Step<R>> {
    let (was_gone, was_kept) = split(stands, gone);
    match (was_gone, was_kept) {
        // It is back: somebody restored it. What was agreed then is the base still.
        (back @ Stands::Present(_), kept @ (Stands::Present(_) | Stands::Unread)) => {
            merge::step_for_living(ground, pair, seen_of_both(gone, back, kept))
        }
        (back @ Stands::Present(_), Stands::Left) => {
            let kept = gone.other();
            Some(remember(pair, kept, back, PairState::Left(kept)))
        }
        (Stands::Present(back), Stands::Gone) => {
            // Only the restored one exists now: as new.
            let generation = pair.generation + 1;
            let again = create(ground, Some(pair.clone()), gone, back, generation);
            again.or_else(|| Some(forget(pair)))
        }
        (Stands::Unread | Stands::Gone | Stands::Left, Stands::Gone) => Some(forget(pair)),
        (Stands::Unread | Stands::Gone | Stands::Left, Stands::Present(seen)) => {
            let kept = gone.other();
            if !shows_elsewhere::<R>(&pair, kept, &pair.half.get(kept).changed(&seen)) {
                return None;
            }
            let generation = pair.generation + 1;
            create(ground, Some(pair), gone.other(), seen, generation)
        }
        (Stands::Unread | Stands::Gone | Stands::Left, Stands::Unread | Stands::Left) => None,
    }
}

/// A pair of which one record left the user: nothing happens until it comes back.
fn step_for_left<R: Record>(
    ground: &Ground<'_, R>,
    pair: Pair,
    stands: PerSide<Stands<R>>,
    left: Side,
) -> Option<Step<R>> {
    let (was_left, other) = split(stands, left);
    match (was_left, other) {
        (back @ Stands::Present(_), there @ (Stands::Present(_) | Stands::Unread)) => {
            merge::step_for_living(ground, pair, seen_of_both(left, back, there))
        }
        (back @ Stands::Present(_), Stands::Left) => {
            let there = left.other();
            Some(remember(pair, there, back, PairState::Left(there)))
        }
        (Stands::Present(back), Stands::Gone) => {
            let generation = pair.generation + 1;
            let again = create(ground, Some(pair.clone()), left, back, generation);
            again.or_else(|| Some(forget(pair)))
        }
        (Stands::Gone | Stands::Unread | Stands::Left, Stands::Gone) => Some(forget(pair)),
        // Whoever had it deleted it. The other one is no new record for that, unless somebody has edited it.
        (Stands::Gone, Stands::Present(seen)) => {
            let changed = pair.half.get(left.other()).changed(&seen);
            let again = if shows_elsewhere::<R>(&pair, left.other(), &changed) {
                let generation = pair.generation + 1;
                create(ground, Some(pair.clone()), left.other(), seen.clone(), generation)
            } else {
                None
            };
            again.or_else(|| Some(remember(pair, left, Stands::Present(seen), PairState::Gone(left))))
        }
        (Stands::Gone, other @ (Stands::Unread | Stands::Left)) => {
            Some(remember(pair, left, other, PairState::Gone(left)))
        }
        (Stands::Unread | Stands::Left, Stands::Unread | Stands::Left | Stands::Present(_)) => None,
    }
}

fn merge_of<R: Record>(ground: &Ground<'_, R>, side: Side, back: Seen<R>, other: Seen<R>) -> Step<R> {
    match side {
        Side::Crm => join::step_for_match(ground, back, other),
        Side::Google => join::step_for_match(ground, other, back),
    }
}

fn with_base<R: Record>(pair: Pair, step: Step<R>) -> Step<R> {
    Step {
        base: Some(pair),
        ..step
    }
}

/// The copy of a record of `from` on the other side, if the record is in scope.
fn create<R: Record>(
    ground: &Ground<'_, R>,
    base: Option<Pair>,
    from: Side,
    seen: Seen<R>,
    generation: u32,
) -> Option<Step<R>> {
    let scope = merge::scope(ground, from, &seen);
    if !scope.is_carried() {
        return None;
    }
    let create = Create {
        origin: seen.id.clone(),
        generation,
        record: seen.record.outgoing(scope).into_owned(),
        notify: false,
    };
    let action = Action::Create {
        on: from.other(),
        create: Box::new(create),
    };
    Some(Step {
        base,
        seen: seen_of(from, Stands::Present(seen)),
        action,
        lost: Vec::new(),
        waiting: PerSide::default(),
        // What a copy is made from is the original, also where it was a copy of the one that is gone.
        origin: from,
        veiled: scope == Scope::AsBusy,
    })
}

fn remember<R: Record>(pair: Pair, away: Side, other: Stands<R>, state: PairState) -> Step<R> {
    step_of(pair, seen_of(away.other(), other), Action::Remember(state))
}

fn forget<R: Record>(pair: Pair) -> Step<R> {
    step_of(pair, PerSide::default(), Action::Forget)
}

fn step_of<R: Record>(pair: Pair, seen: PerSide<Option<Seen<R>>>, action: Action<R>) -> Step<R> {
    Step {
        seen,
        action,
        lost: Vec::new(),
        waiting: PerSide::default(),
        origin: pair.origin,
        veiled: pair.veiled,
        base: Some(pair),
    }
}

fn split<R: Record>(stands: PerSide<Stands<R>>, first: Side) -> (Stands<R>, Stands<R>) {
    match first {
        Side::Crm => (stands.crm, stands.google),
        Side::Google => (stands.google, stands.crm),
    }
}

fn seen_of_both<R: Record>(side: Side, there: Stands<R>, across: Stands<R>) -> PerSide<Option<Seen<R>>> {
    let (there, across) = (seen_of(side, there), seen_of(side.other(), across));
    PerSide {
        crm: there.crm.or(across.crm),
        google: there.google.or(across.google),
    }
}

fn seen_of<R: Record>(side: Side, stands: Stands<R>) -> PerSide<Option<Seen<R>>> {
    let mut seen = PerSide::default();
    *seen.get_mut(side) = match stands {
        Stands::Present(observed) => Some(observed),
        Stands::Unread | Stands::Gone | Stands::Left => None,
    };
    seen
}
