//! Two records found to be one thing that have no base yet: what each takes from the other.

use std::borrow::Cow;

use super::merge::{scope, winner};
use super::room::{Moves, make_room};
use super::veil::{self, Unpaired};
use super::{Ground, Seen};
use crate::change::Observed;
use crate::kind::Record;
use crate::plan::{Action, Lost, Step};
use crate::policy::{KindSettings, Scope, travels};
use crate::port::Update;
use crate::side::{PerSide, Side};

/// Joins two records that have no base: equal fields are agreed, an empty one takes the other's value, and
/// where both say something else the winner's value stays and the other one is journaled.
pub(super) fn step_for_match<R: Record>(ground: &Ground<'_, R>, crm: Seen<R>, google: Seen<R>) -> Step<R> {
    let veils = match veil::over_unpaired(ground, &crm, &google) {
        Unpaired::Hides(step) => return *step,
        Unpaired::Veils(copy) => Some(copy),
        Unpaired::Shown => None,
    };
    let joining = Joining::of(ground, &crm, &google, veils);
    let mut lost = Vec::new();
    let mut gives_way = Vec::new();
    let mut waiting: PerSide<Vec<R::Field>> = PerSide::default();
    let mut targets: PerSide<Vec<R::Field>> = PerSide::default();
    let may_write = PerSide::from_fn(|side| joining.may_send(ground, side.other()));
    let mut room = Moves::between(Some(&*joining.out.crm), Some(&*joining.out.google), may_write);
    for field in R::FIELDS.iter().copied() {
        match joining.decide(ground, field) {
            Decision::Agreed => {}
            Decision::Waits => {
                for side in Side::BOTH {
                    waiting.get_mut(side).push(field);
                }
            }
            Decision::WaitsOn(side) => waiting.get_mut(side).push(field),
            Decision::Travels { target, replaces } => {
                if replaces {
                    gives_way.push((target.other(), field));
                }
                targets.get_mut(target).push(field);
            }
        }
    }
    for (sender, field) in gives_way {
        if !room.keep_both(ground, sender, field, &targets) {
            let side = sender.other();
            lost.push(Lost { side, field });
        }
    }
    let writes = PerSide::from_fn(|target| joining.write(target, std::mem::take(targets.get_mut(target))));
    let writes = make_room(ground, writes, joining.seen.map(Some), room, &mut waiting);
    Step {
        base: None,
        action: Action::Write(writes),
        lost,
        waiting,
        origin: joining.origin,
        veiled: *joining.scopes.get(joining.origin) == Scope::AsBusy,
        seen: PerSide {
            crm: Some(crm),
            google: Some(google),
        },
    }
}

/// Two records that are to be joined.
struct Joining<'a, R: Record> {
    seen: PerSide<&'a Observed<R>>,
    /// How each travels.
    scopes: PerSide<Scope>,
    /// Each as it travels.
    out: PerSide<Cow<'a, R>>,
    /// The side of the original.
    origin: Side,
    /// The side whose record shows what may not be shown there any more.
    veils: Option<Side>,
}

/// What becomes of a field.
enum Decision {
    /// Both say the same, or say nothing to each other.
    Agreed,
    /// What they say is unagreed until one of them may travel.
    Waits,
    /// What this side says is unagreed.
    WaitsOn(Side),
    /// The other side's value is written to this one, in the place of another value or of none.
    Travels { target: Side, replaces: bool },
}

impl<'a, R: Record> Joining<'a, R> {
    fn of(
        ground: &Ground<'_, R>,
        crm: &'a Observed<R>,
        google: &'a Observed<R>,
        veils: Option<Side>,
    ) -> Self {
        let mut scopes = scopes(ground, crm, google);
        if let Some(copy) = veils {
            *scopes.get_mut(copy.other()) = Scope::AsBusy;
        }
        Self {
            out: PerSide {
                crm: crm.record.outgoing(scopes.crm),
                google: google.record.outgoing(scopes.google),
            },
            scopes,
            origin: veil::born_on(ground, crm, google),
            veils,
            seen: PerSide { crm, google },
        }
    }

    fn reads(&self, side: Side) -> &R {
        &self.seen.get(side).record
    }

    fn may_send(&self, ground: &Ground<'_, R>, side: Side) -> bool {
        let there = self.seen.get(side.other());
        self.scopes.get(side).is_carried()
            && travels(ground.settings.direction(), side)
            && there.traits.read_only.is_none()
    }

    /// Whether a side shows something else than what would be written there.
    fn differs_on(&self, ground: &Ground<'_, R>, target: Side, field: R::Field) -> bool {
        let sent = self.out.get(target.other());
        let there = self.reads(target);
        !sent.same(field, there, ground.limits) && !sent.stands_for(field, there, ground.limits)
    }

    fn decide(&self, ground: &Ground<'_, R>, field: R::Field) -> Decision {
        if let Some(copy) = self.veils
            && R::is_veiled(field)
            && self.may_send(ground, copy.other())
        {
            return self.sends(ground, copy.other(), field);
        }
        let wins = match (self.out.crm.is_empty(field), self.out.google.is_empty(field)) {
            (true, false) => Side::Google,
            (false, true) => Side::Crm,
            // In a CRM the place of an address means something; in Google it is a word beside it.
            (false, false) if self.out.crm.is_rearranged(field, &self.out.google) => Side::Crm,
            (true, true) | (false, false) => winner(ground, Some(self.seen.crm), Some(self.seen.google)),
        };
        let mut senders = [wins, wins.other()].into_iter();
        let Some(sender) = senders.find(|side| self.may_send(ground, *side)) else {
            // Neither may travel as things are.
            return self.waits(self.differs_on(ground, Side::Crm, field), field);
        };
        let target = sender.other();
        let keeps = |side: Side| *self.scopes.get(side) == Scope::AsBusy && R::is_veiled(field);
        if keeps(target) && (target == self.origin || keeps(sender)) || keeps(sender) && sender != self.origin
        {
            // The copy of a private event shows less than the event itself, and stays so. What somebody wrote on it
            // waits there, and a copy that was made private over there writes no "Busy" over its original.
            return self.waits(self.differs_on(ground, self.origin.other(), field), field);
        }
        if self.out.get(sender).is_empty(field) && !self.reads(target).is_empty(field) {
            return self.waits(true, field);
        }
        self.sends(ground, sender, field)
    }

    /// What does not travel now may travel one day. Where one side says nothing, nobody has emptied it: without a base,
    /// nothing is no change.
    fn waits(&self, differs: bool, field: R::Field) -> Decision {
        let says_nothing = |side: Side| self.reads(side).is_empty(field);
        match (says_nothing(Side::Crm), says_nothing(Side::Google)) {
            _ if !differs => Decision::Agreed,
            (true, false) => Decision::WaitsOn(Side::Google),
            (false, true) => Decision::WaitsOn(Side::Crm),
            (true, true) | (false, false) => Decision::Waits,
        }
    }

    /// The sender's value goes across, where the other side does not show it already.
    fn sends(&self, ground: &Ground<'_, R>, sender: Side, field: R::Field) -> Decision {
        let target = sender.other();
        if !(self.differs_on(ground, target, field) && R::can_hold(field, ground.limits.get(target))) {
            return Decision::Agreed;
        }
        let replaces = !self.reads(target).is_empty(field);
        Decision::Travels { target, replaces }
    }

    /// The write that brings fields to one of the records.
    fn write(&self, target: Side, fields: Vec<R::Field>) -> Option<Box<Update<R>>> {
        if fields.is_empty() {
            return None;
        }
        let there = self.seen.get(target);
        let mut record = there.record.clone();
        for field in &fields {
            record.take(*field, self.out.get(target.other()));
        }
        Some(Box::new(Update {
            id: there.id.clone(),
            expected: there.version.clone(),
            record,
            fields,
            notify: false,
        }))
    }
}

/// How two records travel that were found to be one thing.
fn scopes<R: Record>(ground: &Ground<'_, R>, crm: &Observed<R>, google: &Observed<R>) -> PerSide<Scope> {
    let mut scopes = PerSide {
        crm: scope(ground, Side::Crm, crm),
        google: scope(ground, Side::Google, google),
    };
    for side in Side::BOTH {
        // What is one thing with a record in scope is in scope itself.
        if *scopes.get(side) == Scope::Leaving && scopes.get(side.other()).is_carried() {
            *scopes.get_mut(side) = Scope::Carried;
        }
    }
    scopes
}
