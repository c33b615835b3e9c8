//! Where a second value goes, when both sides have put one into the same slot.
//!
//! Two people who add different numbers to one contact keep both. Where both numbers fall into the same slot, one
//! of them stays there and the other one moves to a free slot of the same family. Only where every slot is taken, or
//! a person has *changed* a number that the other one changed as well, one of them loses and goes to the journal.

use super::{ContactField, ContactLimits, ContactRecord, same_value};
use crate::kind::Room;
use crate::side::PerSide;

/// What becomes of the loser's value of a slot when `keeper` keeps the slot. A slot that both sides hold comes before
/// one that only one of them does; there the value lives on that side alone.
pub(super) fn room_for(
    keeper: &ContactRecord,
    field: ContactField,
    loser: &ContactRecord,
    limits: PerSide<&ContactLimits>,
) -> Room<ContactField> {
    let Some(family) = field.family() else {
        return Room::None;
    };
    if field == ContactField::PhoneFax {
        // A fax number among the phones helps nobody, and one that stands there already is no fax number.
        return Room::None;
    }
    let value = loser.value(field);
    let slots = || family.slots().iter().copied().filter(|slot| *slot != field);
    let has_it = |slot: &ContactField| {
        let there = keeper.value(*slot);
        !there.is_empty() && same_value(field, there, value, limits)
    };
    if let Some(slot) = slots().find(has_it) {
        return Room::AlreadyThere(slot);
    }
    let free = |slot: &ContactField| keeper.value(*slot).is_empty() && loser.value(*slot).is_empty();
    let held = |slot: &ContactField| (limits.crm.holds(*slot), limits.google.holds(*slot));
    slots()
        .filter(free)
        .find(|slot| held(slot) == (true, true))
        .or_else(|| slots().filter(free).find(|slot| held(slot) != (false, false)))
        .map_or(Room::None, Room::Free)
}
