//! Field by field: which side's value travels, which one loses.

use std::borrow::Cow;

use super::room::{Moves, make_room};
use super::veil::{self, Veil};
use super::{Ground, Seen};
use crate::base::{Pair, PairState};
use crate::change::Observed;
use crate::kind::{Fingerprint, Record};
use crate::mutation::{self, Mutation};
use crate::plan::{Action, Lost, Step};
use crate::policy::{ConflictWinner, KindSettings, Scope};
use crate::port::Update;
use crate::side::{PerSide, Side};

/// How a record travels from its side, if it does.
pub(super) fn scope<R: Record>(ground: &Ground<'_, R>, side: Side, seen: &Observed<R>) -> Scope {
    let target = ground.limits.get(side.other());
    R::scope(ground.settings, ground.window, side, seen, target)
}

/// One side of a pair while it is merged.
pub(super) struct Party<'a, R: Record> {
    pub(super) side: Side,
    pub(super) seen: Option<&'a Observed<R>>,
    /// Whether this side's changes travel, and how.
    pub(super) scope: Scope,
    /// The record as it travels.
    out: Option<Cow<'a, R>>,
    /// The fields that differ from the base.
    pub(super) changed: Vec<R::Field>,
}

impl<'a, R: Record> Party<'a, R> {
    fn of(ground: &Ground<'_, R>, side: Side, pair: &Pair, seen: Option<&'a Observed<R>>) -> Self {
        let Some(seen_now) = seen else {
            return Self {
                side,
                seen,
                scope: Scope::Outside,
                out: None,
                changed: Vec::new(),
            };
        };
        let half = pair.half.get(side);
        let scope = scope(ground, side, seen_now);
        Self {
            side,
            seen,
            scope,
            out: Some(seen_now.record.outgoing(scope)),
            changed: if mutation::on(Mutation::OthersBase) {
                pair.half.get(side.other()).changed(seen_now)
            } else {
                half.changed(seen_now)
            },
        }
    }

    fn sends(&self, field: R::Field) -> bool {
        let travels = self.scope.is_carried() || (self.scope == Scope::Leaving && R::tells_leaving(field));
        travels && self.changed.contains(&field)
    }

    /// Whether the record may not be written, as far as was seen.
    fn is_read_only(&self) -> bool {
        self.seen.is_some_and(|seen| seen.traits.read_only.is_some())
    }

    /// The record as it travels.
    pub(super) fn out(&self) -> Option<&R> {
        self.out.as_deref()
    }

    /// Has the record travel under another scope than its own.
    pub(super) fn travels_as(&mut self, scope: Scope) {
        self.scope = scope;
        self.out = self.seen.map(|seen| seen.record.outgoing(scope));
    }

    /// The fields of which its record says nothing.
    fn silent_on(&self) -> Vec<R::Field> {
        let fields = R::FIELDS.iter().copied();
        self.seen.map_or_else(Vec::new, |seen| {
            fields.filter(|field| R::says_nothing(*field, seen)).collect()
        })
    }
}

/// Where one side says nothing of a field, the other one's value is the one that travels, if it may.
fn let_the_other_speak<R: Record>(parties: &mut PerSide<Party<'_, R>>) {
    for side in Side::BOTH {
        let silent = parties.get(side).silent_on();
        if !silent.is_empty() && parties.get(side.other()).scope.is_carried() {
            parties
                .get_mut(side)
                .changed
                .retain(|field| !silent.contains(field));
            let speaking = &mut parties.get_mut(side.other()).changed;
            speaking.retain(|field| !silent.contains(field));
            speaking.extend(silent);
        }
    }
}

/// Merges a pair of which neither record is gone.
pub(super) fn step_for_living<R: Record>(
    ground: &Ground<'_, R>,
    pair: Pair,
    seen: PerSide<Option<Seen<R>>>,
) -> Option<Step<R>> {
    let mut parties = PerSide::from_fn(|side| Party::of(ground, side, &pair, seen.get(side).as_deref()));
    let_the_other_speak(&mut parties);
    let veil = match veil::over(&pair, &mut parties) {
        Veil::Hides(action) => return Some(veil::hide(pair, seen, action)),
        Veil::Lies(veiled) => veiled,
    };
    let mut lost = Vec::new();
    let mut gives_way = Vec::new();
    let mut waiting: PerSide<Vec<R::Field>> = PerSide::default();
    let mut targets: PerSide<Vec<R::Field>> = PerSide::default();
    let may_write = PerSide::from_fn(|side| {
        parties.get(side.other()).scope.is_carried() && !parties.get(side).is_read_only()
    });
    let mut room = Moves::between(parties.crm.out(), parties.google.out(), may_write);
    let is_changed = |field: &R::Field| {
        let mut sides = Side::BOTH.into_iter();
        sides.any(|side| parties.get(side).changed.contains(field))
    };
    for field in R::FIELDS.iter().copied().filter(is_changed) {
        let sends = PerSide::from_fn(|side| {
            parties.get(side).sends(field)
                && !parties.get(side.other()).is_read_only()
                && veil::lets_through(&pair, veil, parties.get(side), field)
        });
        let sender = match (sends.crm, sends.google) {
            (false, false) => {
                let waits = |side: &Side| {
                    half_differs(&pair, &parties, *side, field)
                        && !veil::is_agreed::<R>(&pair, veil, &parties, *side, field)
                };
                for side in Side::BOTH.into_iter().filter(waits) {
                    waiting.get_mut(side).push(field);
                }
                None
            }
            (true, false) if mutation::on(Mutation::OneSideDropped) && !parties.google.changed.is_empty() => {
                None
            }
            (true, false) => Some(Side::Crm),
            (false, true) => Some(Side::Google),
            (true, true) => contest(ground, &parties, field),
        };
        let Some(sender) = sender else { continue };
        let target = sender.other();
        if !needs_writing(ground, &pair, &parties, sender, field) {
            continue;
        }
        if parties.get(target).changed.contains(&field) && !mutation::on(Mutation::LossUntold) {
            gives_way.push((sender, field));
        }
        targets.get_mut(target).push(field);
    }
    for (sender, field) in gives_way {
        let may_move = was_added::<R>(&pair, field);
        if !(may_move && room.keep_both(ground, sender, field, &targets)) {
            let side = sender.other();
            lost.push(Lost { side, field });
        }
    }
    let writes = PerSide::from_fn(|target| {
        let fields = std::mem::take(targets.get_mut(target));
        update(ground, &parties, target, fields, &pair)
    });
    let writes = make_room(
        ground,
        writes,
        seen.as_ref().map(Option::as_deref),
        room,
        &mut waiting,
    );
    let moved = Side::BOTH.iter().any(|side| {
        let half = pair.half.get(*side);
        seen.get(*side).as_deref().is_some_and(|now| !half.is_known(now))
    });
    let nothing = writes.crm.is_none() && writes.google.is_none();
    if nothing && !moved && pair.state == PairState::Living && pair.veiled == veil.veiled {
        return None;
    }
    Some(Step {
        seen,
        action: Action::Write(writes),
        lost,
        waiting,
        origin: pair.origin,
        veiled: veil.veiled,
        base: Some(pair),
    })
}

/// Whether a field said nothing on either side when both last agreed: what is there now was added.
fn was_added<R: Record>(pair: &Pair, field: R::Field) -> bool {
    let nothing = Fingerprint::of_nothing();
    Side::BOTH
        .iter()
        .all(|side| pair.half.get(*side).fields.get(R::field_name(field)) == Some(nothing))
}

/// Whether what a side shows of a field is not what was agreed.
fn half_differs<R: Record>(
    pair: &Pair,
    parties: &PerSide<Party<'_, R>>,
    side: Side,
    field: R::Field,
) -> bool {
    let party = parties.get(side);
    party.changed.contains(&field)
        && party
            .seen
            .is_some_and(|seen| pair.half.get(side).differs(field, &seen.record))
}

/// Whether the sender's value says anything that the other side does not hold already.
fn needs_writing<R: Record>(
    ground: &Ground<'_, R>,
    pair: &Pair,
    parties: &PerSide<Party<'_, R>>,
    sender: Side,
    field: R::Field,
) -> bool {
    let target = sender.other();
    if !R::can_hold(field, ground.limits.get(target)) {
        return false;
    }
    let Some(value) = parties.get(sender).out() else {
        return false;
    };
    if mutation::on(Mutation::SameIsWritten) {
        return true;
    }
    if let Some(there) = parties.get(target).seen {
        return !value.same(field, &there.record, ground.limits);
    }
    let there = value.fingerprint_there(field, ground.limits.get(target));
    pair.half.get(target).fields.get(R::field_name(field)) != Some(there)
}

/// Whose value of a field wins that both sides changed; `None` where both say the same.
fn contest<R: Record>(
    ground: &Ground<'_, R>,
    parties: &PerSide<Party<'_, R>>,
    field: R::Field,
) -> Option<Side> {
    let (Some(crm), Some(google)) = (parties.crm.out(), parties.google.out()) else {
        return None;
    };
    if crm.same(field, google, ground.limits) {
        return None;
    }
    Some(winner(ground, parties.crm.seen, parties.google.seen))
}

/// The side whose value wins a contest.
pub(super) fn winner<R: Record>(
    ground: &Ground<'_, R>,
    crm: Option<&Observed<R>>,
    google: Option<&Observed<R>>,
) -> Side {
    let chosen = if mutation::on(Mutation::ClockDecides) {
        ConflictWinner::Newest
    } else {
        ground.settings.conflict_winner()
    };
    match chosen {
        ConflictWinner::Crm => Side::Crm,
        ConflictWinner::Google => Side::Google,
        ConflictWinner::Newest => {
            let at = |seen: Option<&Observed<R>>| seen.and_then(|seen| seen.modified_at);
            if at(google) > at(crm) {
                Side::Google
            } else {
                Side::Crm
            }
        }
    }
}

/// The write that brings the other side's fields to `target`.
fn update<R: Record>(
    ground: &Ground<'_, R>,
    parties: &PerSide<Party<'_, R>>,
    target: Side,
    fields: Vec<R::Field>,
    pair: &Pair,
) -> Option<Box<Update<R>>> {
    if fields.is_empty() {
        return None;
    }
    let sender = parties.get(target.other());
    let there = parties.get(target).seen;
    let known = pair.half.get(target);
    // Only the named fields are written; the others are filled from what is known, so that a connector that
    // must send neighbours along (a start with a length) sends what is there.
    let mut record = there
        .map_or_else(|| sender.out(), |seen| Some(&seen.record))?
        .clone();
    for field in &fields {
        record.take(*field, sender.out()?);
    }
    debug_assert_eq!(sender.side, target.other());
    let lies_ahead = |after| record.starts_at().is_some_and(|starts_at| starts_at > after);
    let notify = mutation::on(Mutation::GuestsToldOfAll)
        || target == Side::Google
            && fields.iter().copied().any(R::concerns_guests)
            && ground.guests_told_after.is_some_and(lies_ahead);
    Some(Box::new(Update {
        id: known.id.clone(),
        expected: there.map_or(&known.version, |seen| &seen.version).clone(),
        record,
        fields,
        notify,
    }))
}
