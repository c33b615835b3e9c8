//! Field by field: which side's value travels, which one loses.

use super::Ground;
use crate::base::{Pair, PairState};
use crate::change::Observed;
use crate::id::Version;
use crate::kind::Record;
use crate::kind::event::{EventField, EventLimits, EventRecord};
use crate::plan::{Action, Lost, Step};
use crate::policy::{ConflictWinner, Scope, scope_of, travels};
use crate::port::Update;
use crate::side::{PerSide, Side};

/// What a private event is called on a side that may not know more.
const BUSY: &str = "Busy";

/// How a record travels from its side, if it does.
pub(super) fn scope(ground: &Ground<'_>, side: Side, seen: &Observed<EventRecord>) -> Scope {
    let scope = scope_of(ground.settings, ground.window, side, seen);
    let target: &EventLimits = ground.limits.get(side.other());
    match scope {
        // A side that cannot keep a secret is told none.
        Scope::Carried if seen.record.private && !target.has_private => Scope::AsBusy,
        Scope::Carried | Scope::AsBusy | Scope::Outside => scope,
    }
}

/// The record as it travels.
pub(super) fn outgoing(scope: Scope, record: &EventRecord) -> EventRecord {
    match scope {
        Scope::Carried | Scope::Outside => record.clone(),
        Scope::AsBusy => EventRecord {
            title: BUSY.to_owned(),
            description: String::new(),
            location: String::new(),
            when: record.when.clone(),
            private: record.private,
        },
    }
}

/// One side of a pair while it is merged.
struct Party<'a> {
    side: Side,
    seen: Option<&'a Observed<EventRecord>>,
    /// Whether this side's changes travel, and how.
    scope: Scope,
    /// The record as it travels.
    out: Option<EventRecord>,
    /// The fields that differ from the base.
    changed: Vec<EventField>,
}

impl<'a> Party<'a> {
    fn of(ground: &Ground<'_>, side: Side, pair: &Pair, seen: Option<&'a Observed<EventRecord>>) -> Self {
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
        let mut changed = half.changed(seen_now);
        if changed.contains(&EventField::Private) {
            // What was hidden is shown, or the other way round: every field travels anew.
            changed = EventRecord::FIELDS.to_vec();
        }
        Self {
            side,
            seen,
            scope,
            out: Some(outgoing(scope, &seen_now.record)),
            changed,
        }
    }

    fn sends(&self, field: EventField) -> bool {
        self.scope != Scope::Outside && self.changed.contains(&field)
    }
}

/// Merges a pair of which neither record is gone.
pub(super) fn step_for_living(
    ground: &Ground<'_>,
    pair: Pair,
    seen: PerSide<Option<Observed<EventRecord>>>,
) -> Option<Step<EventRecord>> {
    let parties = PerSide::from_fn(|side| Party::of(ground, side, &pair, seen.get(side).as_ref()));
    let mut lost = Vec::new();
    let mut waiting: PerSide<Vec<EventField>> = PerSide::default();
    let mut targets: PerSide<Vec<EventField>> = PerSide::default();
    for field in EventRecord::FIELDS.iter().copied() {
        let mut wait = |side: Side| {
            if half_differs(&pair, &parties, side, field) {
                waiting.get_mut(side).push(field);
            }
        };
        let sender = match (parties.crm.sends(field), parties.google.sends(field)) {
            (false, false) => {
                Side::BOTH.into_iter().for_each(&mut wait);
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
        if parties.get(target).changed.contains(&field) {
            lost.push(Lost { side: target, field });
        }
        targets.get_mut(target).push(field);
    }
    let writes = PerSide::from_fn(|target| {
        update(
            &parties,
            target,
            targets.get(target),
            &pair.half.get(target).version,
            &pair,
        )
    });
    let moved = Side::BOTH.iter().any(|side| {
        let half = pair.half.get(*side);
        seen.get(*side).as_ref().is_some_and(|now| !half.is_known(now))
    });
    let nothing = writes.crm.is_none() && writes.google.is_none();
    if nothing && !moved && pair.state == PairState::Living {
        return None;
    }
    Some(Step {
        base: Some(pair),
        seen,
        action: Action::Write(writes),
        lost,
        waiting,
    })
}

/// Whether what a side shows of a field is not what was agreed.
fn half_differs(pair: &Pair, parties: &PerSide<Party<'_>>, side: Side, field: EventField) -> bool {
    let party = parties.get(side);
    party.changed.contains(&field)
        && party
            .seen
            .is_some_and(|seen| pair.half.get(side).differs(field, &seen.record))
}

/// Whether the sender's value says anything that the other side does not hold already.
fn needs_writing(
    ground: &Ground<'_>,
    pair: &Pair,
    parties: &PerSide<Party<'_>>,
    sender: Side,
    field: EventField,
) -> bool {
    let target = sender.other();
    let limits = ground.limits.get(target);
    if (field == EventField::Location && !limits.has_location)
        || (field == EventField::Private && !limits.has_private)
    {
        return false;
    }
    let Some(value) = &parties.get(sender).out else {
        return false;
    };
    match parties.get(target).seen {
        Some(there) => !value.same(field, &there.record, ground.limits),
        None => pair.half.get(target).differs(field, value),
    }
}

/// Whose value of a field wins that both sides changed; `None` where both say the same.
fn contest(ground: &Ground<'_>, parties: &PerSide<Party<'_>>, field: EventField) -> Option<Side> {
    let (Some(crm), Some(google)) = (&parties.crm.out, &parties.google.out) else {
        return None;
    };
    if crm.same(field, google, ground.limits) {
        return None;
    }
    Some(winner(ground, parties.crm.seen, parties.google.seen))
}

fn winner(
    ground: &Ground<'_>,
    crm: Option<&Observed<EventRecord>>,
    google: Option<&Observed<EventRecord>>,
) -> Side {
    match ground.settings.conflict_winner {
        ConflictWinner::Crm => Side::Crm,
        ConflictWinner::Google => Side::Google,
        ConflictWinner::Newest => {
            let at = |seen: Option<&Observed<EventRecord>>| seen.and_then(|seen| seen.modified_at);
            if at(google) > at(crm) {
                Side::Google
            } else {
                Side::Crm
            }
        }
    }
}

/// The write that brings the other side's fields to `target`.
fn update(
    parties: &PerSide<Party<'_>>,
    target: Side,
    fields: &[EventField],
    version: &Version,
    pair: &Pair,
) -> Option<Update<EventRecord>> {
    if fields.is_empty() {
        return None;
    }
    let sender = parties.get(target.other());
    let there = parties.get(target).seen;
    // Only the named fields are written; the others are filled from what is known, so that a connector that
    // must send neighbours along (a start with a length) sends what is there.
    let mut record = there.map_or_else(|| sender.out.clone(), |seen| Some(seen.record.clone()))?;
    for field in fields {
        record.take(*field, sender.out.as_ref()?);
    }
    debug_assert_eq!(sender.side, target.other());
    Some(Update {
        id: pair.half.get(target).id.clone(),
        expected: there.map_or_else(|| version.clone(), |seen| seen.version.clone()),
        record,
        fields: fields.to_vec(),
        notify: false,
    })
}

/// Joins two records that have no base: equal fields are agreed, an empty one takes the other's value, and
/// where both say something else the winner's value stays and the other one is journaled.
pub(super) fn step_for_match(
    ground: &Ground<'_>,
    crm: Observed<EventRecord>,
    google: Observed<EventRecord>,
) -> Step<EventRecord> {
    let scopes = PerSide {
        crm: scope(ground, Side::Crm, &crm),
        google: scope(ground, Side::Google, &google),
    };
    let out = PerSide {
        crm: outgoing(scopes.crm, &crm.record),
        google: outgoing(scopes.google, &google.record),
    };
    let seen = PerSide {
        crm: Some(crm),
        google: Some(google),
    };
    let mut lost = Vec::new();
    let mut targets: PerSide<Vec<EventField>> = PerSide::default();
    for field in EventRecord::FIELDS.iter().copied() {
        let reads = |side: Side| seen.get(side).as_ref().map(|now| &now.record);
        let differs_on = |target: Side| {
            reads(target).is_some_and(|there| !out.get(target.other()).same(field, there, ground.limits))
        };
        let wins = match (is_empty(&out.crm, field), is_empty(&out.google, field)) {
            (true, false) => Side::Google,
            (false, true) => Side::Crm,
            (true, true) | (false, false) => winner(ground, seen.crm.as_ref(), seen.google.as_ref()),
        };
        let may_send =
            |side: Side| *scopes.get(side) != Scope::Outside && travels(ground.settings.direction, side);
        let sender = [wins, wins.other()].into_iter().find(|side| may_send(*side));
        let Some(sender) = sender else { continue };
        let target = sender.other();
        let hidden = *scopes.get(target) == Scope::AsBusy;
        if hidden && field != EventField::When {
            // The copy of a private event shows less than the event itself, and stays so.
            continue;
        }
        if differs_on(target) && can_hold(ground, target, field) {
            if !reads(target).is_some_and(|there| is_empty(there, field)) {
                lost.push(Lost { side: target, field });
            }
            targets.get_mut(target).push(field);
        }
    }
    let writes = PerSide::from_fn(|target| {
        let there = seen.get(target).as_ref()?;
        let fields = targets.get(target);
        if fields.is_empty() {
            return None;
        }
        let mut record = there.record.clone();
        for field in fields {
            record.take(*field, out.get(target.other()));
        }
        Some(Update {
            id: there.id.clone(),
            expected: there.version.clone(),
            record,
            fields: fields.clone(),
            notify: false,
        })
    });
    Step {
        base: None,
        seen,
        action: Action::Write(writes),
        lost,
        waiting: PerSide::default(),
    }
}

fn can_hold(ground: &Ground<'_>, target: Side, field: EventField) -> bool {
    let limits = ground.limits.get(target);
    match field {
        EventField::Location => limits.has_location,
        EventField::Private => limits.has_private,
        EventField::Title | EventField::Description | EventField::When => true,
    }
}

fn is_empty(record: &EventRecord, field: EventField) -> bool {
    match field {
        EventField::Title => record.title.is_empty(),
        EventField::Description => record.description.is_empty(),
        EventField::Location => record.location.is_empty(),
        EventField::When | EventField::Private => false,
    }
}
