//! Which record takes the place of a pair's deleted one: a copy of the survivor that a run made before its answer was
//! lost, or a person's duplicate of the deleted one.

use std::hash::Hash;

use super::gather::{Gathered, Paired};
use super::present::Lookup;
use super::{ById, GENERATIONS, Ground, Seen, Stands};
use crate::change::Observed;
use crate::id::RemoteId;
use crate::kind::Record;
use crate::side::{PerSide, Side};

/// The records that stand in no pair, by what shows that one of them is a deleted one's successor.
pub(super) struct Successors<R> {
    left: PerSide<ById<R>>,
    known_by: PerSide<KnownBy>,
}

/// The records of a side by a sign, in their order.
type BySign<K> = Lookup<K, Vec<RemoteId>>;

/// What the records of a side are known by. Nothing, where no record of a pair is gone.
#[derive(Default)]
struct KnownBy {
    /// The name that one goes by, or the derived one under which we made it.
    name: BySign<RemoteId>,
    /// What it was made from, as our own mark says.
    origin: BySign<RemoteId>,
    /// Exactly what it says, where no side keeps a mark.
    likeness: BySign<Vec<String>>,
    /// The names that its copies get on the other side, where those there are known by what they say.
    copy: BySign<RemoteId>,
}

impl<R: Record> Successors<R> {
    /// Takes the records that stand in no pair out of what was gathered.
    pub(super) fn among(ground: &Ground<'_, R>, gathered: &mut Gathered<R>) -> Self {
        let left = std::mem::take(&mut gathered.unpaired);
        let is_any_gone = gathered.paired.iter().any(|item| {
            let mut sides = Side::BOTH.into_iter();
            sides.any(|side| survivor_of(item, side).is_some())
        });
        let mut known_by = PerSide::<KnownBy>::default();
        if is_any_gone {
            known_by = left.as_ref().map(|records| KnownBy::of(ground, records));
            for side in Side::BOTH {
                if !known_by.get(side.other()).likeness.is_empty() {
                    known_by.get_mut(side).copy = by_copies(ground, side, left.get(side));
                }
            }
        }
        Self { left, known_by }
    }

    /// Takes out the record that stands in the place of a pair's deleted one.
    pub(super) fn take_for(&mut self, ground: &Ground<'_, R>, item: &Paired<R>) -> Option<(Side, Seen<R>)> {
        Side::BOTH.into_iter().find_map(|side| {
            let survivor = survivor_of(item, side)?;
            let id = self.successor(ground, side, item, survivor)?.clone();
            let seen = self.left.get_mut(side).remove(&id)?;
            Some((side, seen))
        })
    }

    /// The records that took nobody's place.
    pub(super) fn left(self) -> PerSide<ById<R>> {
        self.left
    }

    fn successor(
        &self,
        ground: &Ground<'_, R>,
        side: Side,
        item: &Paired<R>,
        survivor: &Observed<R>,
    ) -> Option<&RemoteId> {
        let known_by = self.known_by.get(side);
        let paired = &item.pair.half.get(side.other()).id;
        let named = (0..=item.pair.generation + GENERATIONS).find_map(|generation| {
            let name = ground.copies.copy_of(side, paired, generation);
            self.still_there(side, known_by.name.get(&name)).next()
        });
        let marked = || self.still_there(side, known_by.origin.get(paired)).next();
        named
            .or_else(marked)
            .or_else(|| self.says_the_same(ground, side, survivor))
    }

    /// The copy that says exactly what the survivor says, where no side keeps a mark by which it would be known. One that
    /// is known to be another record's copy, or to have one of its own, is not taken for it.
    fn says_the_same(&self, ground: &Ground<'_, R>, side: Side, survivor: &Observed<R>) -> Option<&RemoteId> {
        let said = said_by(ground, &survivor.record)?;
        let mut same = self.still_there(side, self.known_by.get(side).likeness.get(&said));
        same.find(|id| {
            let copy = self.left.get(side).get(*id);
            copy.is_some_and(|copy| !self.is_anothers(ground, side, copy))
        })
    }

    fn is_anothers(&self, ground: &Ground<'_, R>, side: Side, copy: &Observed<R>) -> bool {
        let across = self.known_by.get(side.other());
        let is_there = |ids: Option<&Vec<RemoteId>>| self.still_there(side.other(), ids).next().is_some();
        let mut names = std::iter::once(&copy.id).chain(&copy.traits.made_as);
        let mut copies = (0..GENERATIONS).map(|n| ground.copies.copy_of(side.other(), &copy.id, n));
        copy.traits.made_from.is_some()
            || names.any(|name| is_there(across.copy.get(name)))
            || is_there(across.origin.get(&copy.id))
            || copies.any(|name| is_there(across.name.get(&name)))
    }

    /// Those of some records that have taken nobody's place yet.
    fn still_there<'a>(
        &'a self,
        side: Side,
        ids: Option<&'a Vec<RemoteId>>,
    ) -> impl Iterator<Item = &'a RemoteId> {
        let left = self.left.get(side);
        ids.into_iter().flatten().filter(|id| left.contains_key(id))
    }
}

impl KnownBy {
    fn of<R: Record>(ground: &Ground<'_, R>, records: &ById<R>) -> Self {
        let mut known_by = Self::default();
        for (id, seen) in records {
            for name in std::iter::once(id).chain(&seen.traits.made_as) {
                put(&mut known_by.name, name.clone(), id);
            }
            if let Some(origin) = &seen.traits.made_from {
                put(&mut known_by.origin, origin.clone(), id);
            }
            if let Some(said) = said_by(ground, &seen.record) {
                put(&mut known_by.likeness, said, id);
            }
        }
        known_by
    }
}

fn put<K: Eq + Hash>(records: &mut BySign<K>, sign: K, id: &RemoteId) {
    records.entry(sign).or_default().push(id.clone());
}

/// The records of a side by the names of their copies on the other one.
fn by_copies<R: Record>(ground: &Ground<'_, R>, side: Side, records: &ById<R>) -> BySign<RemoteId> {
    let mut by_copies = BySign::default();
    for id in records.keys() {
        for generation in 0..GENERATIONS {
            put(
                &mut by_copies,
                ground.copies.copy_of(side.other(), id, generation),
                id,
            );
        }
    }
    by_copies
}

/// All that a record says, where a copy of it bears no mark and is known by that.
fn said_by<R: Record>(ground: &Ground<'_, R>, record: &R) -> Option<Vec<String>> {
    if record.traces().is_empty() {
        return None;
    }
    record.likenesses(ground.limits).into_iter().next()
}

/// What is left of a pair of which this side's record is gone.
fn survivor_of<R: Record>(item: &Paired<R>, side: Side) -> Option<&Observed<R>> {
    let Paired { pair, stands } = item;
    let is_gone = matches!(stands.get(side), Stands::Gone) || !pair.state.is_kept(side);
    match stands.get(side.other()) {
        Stands::Present(survivor) if is_gone => Some(survivor),
        Stands::Present(_) | Stands::Unread | Stands::Gone | Stands::Left => None,
    }
}
