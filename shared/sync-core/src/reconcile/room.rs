//! Values that give way without being lost: two people who have added different numbers to one contact keep both.

use std::borrow::Cow;

use super::Ground;
use crate::change::Observed;
use crate::kind::{Record, Room};
use crate::mutation::{self, Mutation};
use crate::plan::Writes;
use crate::port::Update;
use crate::side::{PerSide, Side};

/// The values that move to another field.
pub(super) struct Moves<'a, R: Record> {
    /// Both records as they travel, with what has moved in them already.
    records: Option<PerSide<Cow<'a, R>>>,
    moved: Vec<R::Field>,
    /// Whether each side's record may be written at all.
    may_write: PerSide<bool>,
}

impl<'a, R: Record> Moves<'a, R> {
    /// None yet; and none ever where one of the records was not seen.
    pub(super) fn between(crm: Option<&'a R>, google: Option<&'a R>, may_write: PerSide<bool>) -> Self {
        let records = crm.zip(google).map(|(crm, google)| PerSide {
            crm: Cow::Borrowed(crm),
            google: Cow::Borrowed(google),
        });
        Self {
            records,
            moved: Vec::new(),
            may_write,
        }
    }

    /// Finds room for the value of a field that gives way to the sender's; `targets` are the fields that are written to
    /// each side. `false` where it is lost, as far as its own side is concerned: there is none, or it is on the other side
    /// alone, which may refuse it, or lose it.
    pub(super) fn keep_both(
        &mut self,
        ground: &Ground<'_, R>,
        sender: Side,
        field: R::Field,
        targets: &PerSide<Vec<R::Field>>,
    ) -> bool {
        let Some(records) = &mut self.records else {
            return false;
        };
        if mutation::on(Mutation::SecondValueDropped) {
            return true;
        }
        let (keeper, loser) = (records.get(sender), records.get(sender.other()));
        if mutation::on(Mutation::RoomForgotten) {
            return false;
        }
        match keeper.room_for(field, loser, ground.limits) {
            Room::AlreadyThere(slot) => {
                let own = sender.other();
                R::can_hold(slot, ground.limits.get(own))
                    && !targets.get(sender).contains(&slot)
                    && (targets.get(own).contains(&slot) || keeper.same(slot, loser, ground.limits))
            }
            Room::None => false,
            Room::Free(slot) => {
                let takes_it =
                    |side: Side| *self.may_write.get(side) && R::can_hold(slot, ground.limits.get(side));
                if !(takes_it(Side::Crm) || takes_it(Side::Google)) {
                    return false;
                }
                let stays = takes_it(sender.other());
                let loser = loser.clone();
                for side in Side::BOTH {
                    records.get_mut(side).to_mut().take_into(slot, field, &loser);
                }
                self.moved.push(slot);
                stays
            }
        }
    }
}

/// Adds the moved values to the writes of each side that has the fields and may be written. What may be written to one
/// side alone is a change there that waits, like any other that does not travel as things are.
pub(super) fn make_room<R: Record>(
    ground: &Ground<'_, R>,
    mut writes: Writes<R>,
    seen: PerSide<Option<&Observed<R>>>,
    moves: Moves<'_, R>,
    waiting: &mut PerSide<Vec<R::Field>>,
) -> Writes<R> {
    let Moves {
        records,
        moved,
        may_write,
    } = moves;
    let Some(records) = records else { return writes };
    for side in Side::BOTH {
        let limits = ground.limits.get(side);
        for slot in moved.iter().copied().filter(|slot| R::can_hold(*slot, limits)) {
            let Some(there) = seen.get(side).filter(|_| *may_write.get(side)) else {
                continue;
            };
            let write = writes.get_mut(side).get_or_insert_with(|| {
                Box::new(Update {
                    id: there.id.clone(),
                    expected: there.version.clone(),
                    record: there.record.clone(),
                    fields: Vec::new(),
                    notify: false,
                })
            });
            write.record.take(slot, records.get(side));
            write.fields.push(slot);
            if !may_write.get(side.other()) {
                waiting.get_mut(side).push(slot);
            }
        }
    }
    writes
}
