//! Copies that a dead run has made and could not remember, and whose originals are gone by now.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use sync_core::base::{Half, Pair, PairState, fingerprints, shared_fingerprint};
use sync_core::change::{Change, ChangeSet, Observed};
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId, Version};
use sync_core::kind::Record;
use sync_core::mutation::{self, Mutation};
use sync_core::port::Remote;
use sync_core::reconcile::SHIFT_DAYS;
use sync_core::side::{PerSide, Side};

use super::making::{unmarked_makings, unmarked_side};
use super::reading::read_each;
use super::store_failure;
use super::under_way::Notes;
use crate::connections::Sides;
use crate::memory::{Making, Memory, PairWrite, UnderWay, Work};

/// So many makings of a copy anew are looked for beyond the one that was noted.
const GENERATIONS: u32 = 3;

/// What is known of copies that were begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun<'a> {
    pub(super) notes: &'a Notes<'a>,
    /// The notes that are left.
    pub(super) left: &'a [UnderWay],
}

/// A noted copy, or records of which one may be it.
struct Orphan<'a, R> {
    making: &'a Making,
    copies: Vec<(u32, Observed<R>)>,
    /// Whether it says exactly what was sent.
    is_untouched: bool,
}

/// Remembers as a pair each copy that says exactly what was sent while its original is gone, so that what became of the
/// original is carried over as it is for every other pair. Says how many.
pub(super) async fn remember<R: Record>(
    begun: Begun<'_>,
    memory: &Memory,
    link: &AccountLinkId,
    sides: &Sides<'_, R>,
    changes: &mut PerSide<ChangeSet<R>>,
) -> Result<u64, (Side, Failure)> {
    if mutation::on(Mutation::MakingsUnread) {
        return Ok(0);
    }
    let found = orphans(sides, begun.left, changes);
    look_for_originals((memory, link, sides), (begun.left, &found), changes).await?;
    let told = changes.as_ref().map(Told::of);
    let gone: Vec<Orphan<'_, R>> = found
        .into_iter()
        .filter(|orphan| orphan.is_untouched && told.get(orphan.making.on.other()).says_gone(orphan.making))
        .collect();
    if gone.is_empty() {
        return Ok(0);
    }
    let unkept = |failure| (Side::Crm, store_failure(&failure));
    let mut names: PerSide<BTreeSet<RemoteId>> = PerSide::default();
    for Orphan { making, copies, .. } in &gone {
        names.get_mut(making.on.other()).insert(making.origin.clone());
        let copies = copies.iter().map(|(_, copy)| copy.id.clone());
        names.get_mut(making.on).extend(copies);
    }
    let pairs = memory
        .pairs_of(link, R::KIND, &names.crm, &names.google)
        .await
        .map_err(unkept)?;
    let mut writes: BTreeMap<RemoteId, PairWrite> = BTreeMap::new();
    for orphan in gone {
        let before = pairs
            .iter()
            .find(|pair| pair.half.get(orphan.making.on.other()).id == orphan.making.origin);
        if before.is_none_or(|pair| is_broken(pair, orphan.making.on, &told))
            && let Some(after) = pair_of(&orphan, before, &pairs)
        {
            let write = PairWrite {
                before: before.cloned(),
                after: Some(after),
                ..PairWrite::default()
            };
            writes.insert(orphan.making.origin.clone(), write);
        }
    }
    let remembered = writes.values().filter(|write| write.before.is_none()).count();
    let honoured = without(begun.left, &writes);
    let writes: Vec<_> = writes.into_values().chain([honoured]).collect();
    begun.notes.write(&writes).await.map_err(unkept)?;
    Ok(remembered as u64)
}

/// The notes without what was remembered: a copy that somebody takes back out of the bin later is theirs.
fn without(left: &[UnderWay], remembered: &BTreeMap<RemoteId, PairWrite>) -> PairWrite {
    let mut honoured = PairWrite::default();
    for note in left {
        let mut note = note.clone();
        if let Work::Copies { makings, .. } = &mut note.work {
            let before = makings.len();
            makings.retain(|making| !remembered.contains_key(&making.origin));
            if makings.len() < before {
                honoured.begun.push(note);
            }
        }
    }
    honoured
}

/// The pair that a copy was going to be. The original said what the copy says, as far as both sides can hold it.
fn pair_of<R: Record>(orphan: &Orphan<'_, R>, before: Option<&Pair>, pairs: &[Pair]) -> Option<Pair> {
    let Making {
        on,
        origin,
        generation: _,
        said: _,
        veiled,
        series,
        row_of,
    } = orphan.making;
    let is_free = |copy: &Observed<R>| pairs.iter().all(|pair| pair.half.get(*on).id != copy.id);
    let mut free = orphan.copies.iter().filter(|(_, copy)| is_free(copy));
    let (Some((generation, copy)), None) = (free.next(), free.next()) else {
        return None;
    };
    let original = Half {
        id: origin.clone(),
        former_id: None,
        version: Version::default(),
        fields: fingerprints(&copy.record),
        series: series.clone(),
        row_of: row_of.clone(),
        starts_at: copy.record.starts_at(),
        pending: false,
    };
    let half = match on {
        Side::Crm => PerSide {
            crm: Half::agreed(copy),
            google: original,
        },
        Side::Google => PerSide {
            crm: original,
            google: Half::agreed(copy),
        },
    };
    Some(Pair {
        kind: R::KIND,
        half,
        origin: before.map_or(on.other(), |pair| pair.origin),
        generation: *generation,
        state: PairState::Living,
        veiled: *veiled,
    })
}

/// Whether the record that stands in a pair on that side is not there any more, so that a copy was made anew.
fn is_broken<R>(pair: &Pair, on: Side, told: &PerSide<Told<'_, R>>) -> bool {
    let there = told.get(on).has(&pair.half.get(on).id);
    let has_left = matches!(pair.state, PairState::Left(_));
    !there && !has_left
}

/// The noted copies that stand there while their originals do not.
fn orphans<'a, R: Record>(
    sides: &Sides<'_, R>,
    left: &'a [UnderWay],
    changes: &PerSide<ChangeSet<R>>,
) -> Vec<Orphan<'a, R>> {
    let told = changes.as_ref().map(Told::of);
    let limits = sides.map(Remote::limits);
    let says = |seen: &Observed<R>, making: &Making| {
        seen.traits.read_only.is_none() && shared_fingerprint(&seen.record, limits.as_ref()) == making.said
    };
    let unmarked = unmarked_side(sides);
    let mut found = Vec::new();
    for making in makings(left).filter(|making| unmarked != Some(making.on)) {
        if told.get(making.on.other()).has(&making.origin) {
            continue;
        }
        let there = told.get(making.on);
        let by_name = (making.generation..=making.generation + GENERATIONS).find_map(|generation| {
            let name = sides.get(making.on).derived_id(&making.origin, generation);
            let copy = there.present.values().find(|seen| seen.goes_by(&name))?;
            Some(vec![(generation, *copy)])
        });
        let by_mark = || {
            let of_it = |seen: &&&Observed<R>| seen.traits.made_from.as_ref() == Some(&making.origin);
            let marked = there.present.values().filter(of_it);
            marked.map(|seen| (making.generation, *seen)).collect()
        };
        let copies: Vec<_> = by_name.unwrap_or_else(by_mark);
        // An occurrence that was split off goes by another name, and is joined with the copy by its likeness.
        let has_twin = || {
            let mut across = told.get(making.on.other()).present.values();
            across.any(|seen| seen.traits.series.is_some() && says(seen, making))
        };
        if !copies.is_empty() {
            let is_untouched =
                copies.iter().all(|(_, seen)| says(seen, making)) && (making.series.is_none() || !has_twin());
            let copies = copies.into_iter().map(|(of, seen)| (of, seen.clone()));
            found.push(Orphan {
                making,
                copies: copies.collect(),
                is_untouched,
            });
        }
    }
    if let Some(side) = unmarked {
        let originals = told.get(side.other());
        let mut alike: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (making, known) in unmarked_makings(side, left, changes.get(side)) {
            let known_of = alike.entry(making.said).or_default();
            known_of.push((making, known));
        }
        for makings in alike.into_values() {
            // Two originals that said the same: whose copy is gone cannot be told.
            let Some((making, known)) = makings.first().filter(|(first, _)| {
                let is_it = |(other, _): &(&Making, _)| other.origin == first.origin;
                makings.iter().all(is_it)
            }) else {
                continue;
            };
            if originals.has(&making.origin) {
                continue;
            }
            let is_copy = |seen: &&&Observed<R>| {
                !known.contains(&seen.id) && !seen.record.traces().is_empty() && says(seen, making)
            };
            let copies = told.get(side).present.values().filter(is_copy);
            let copies: Vec<_> = copies.map(|seen| (making.generation, (*seen).clone())).collect();
            if !copies.is_empty() {
                found.push(Orphan {
                    making,
                    copies,
                    is_untouched: true,
                });
            }
        }
    }
    found
}

/// Looks at the originals of which nothing was told: one that was moved out of what is listed, or that a list lacks, is
/// still what its copy was made from. An occurrence that is not there under its name may go by another one since, with
/// all of its series: it is looked at only where another one still goes by its own, none is left, or there is none that
/// it could be.
async fn look_for_originals<R: Record>(
    (memory, link, sides): (&Memory, &AccountLinkId, &Sides<'_, R>),
    (left, found): (&[UnderWay], &[Orphan<'_, R>]),
    changes: &mut PerSide<ChangeSet<R>>,
) -> Result<(), (Side, Failure)> {
    let told = changes.as_ref().map(Told::of);
    let is_unmoved = |making: &Making, series: &RemoteId| {
        let there = told.get(making.on.other());
        let mut siblings = makings(left).filter(|other| other.series.as_ref() == Some(series));
        siblings.any(|other| there.present.contains_key(&other.origin)) || !there.shows_any_of(series)
    };
    let mut names: BTreeSet<(Side, RemoteId)> = BTreeSet::new();
    let mut doubtful: Vec<(&Making, BTreeSet<RemoteId>)> = Vec::new();
    let mut near: PerSide<BTreeSet<RemoteId>> = PerSide::default();
    for orphan in found {
        let making = orphan.making;
        let (side, original) = (making.on.other(), &making.origin);
        if !told.get(side).is_silent(original) {
            continue;
        }
        let series = making.series.as_ref();
        if series.is_none_or(|series| is_unmoved(making, series)) {
            names.insert((side, original.clone()));
        } else {
            let may_be = told.get(side).occurrences_near(orphan);
            near.get_mut(side).extend(may_be.iter().cloned());
            doubtful.push((making, may_be));
        }
    }
    let pairs = memory
        .pairs_of(link, R::KIND, &near.crm, &near.google)
        .await
        .map_err(|failure| (Side::Crm, store_failure(&failure)))?;
    for (making, may_be) in doubtful {
        let side = making.on.other();
        let is_known = |id: &RemoteId| pairs.iter().any(|pair| pair.half.get(side).id == *id);
        if may_be.iter().all(is_known) {
            names.insert((side, making.origin.clone()));
        }
    }
    read_each(sides, names.into_iter().collect(), changes).await
}

/// All copies that are noted.
fn makings(left: &[UnderWay]) -> impl Iterator<Item = &Making> {
    let all = left.iter().filter_map(|note| match &note.work {
        Work::Copies { makings, .. } => Some(makings),
        Work::Change { .. } => None,
    });
    all.flatten()
}

/// The last that a side says of each of its records.
struct Told<'a, R> {
    present: BTreeMap<&'a RemoteId, &'a Observed<R>>,
    removed: BTreeSet<&'a RemoteId>,
    /// Names that records had before.
    former: BTreeSet<&'a RemoteId>,
    /// Those of which it cannot be said how they stand.
    unclear: BTreeSet<&'a RemoteId>,
}

impl<'a, R> Told<'a, R> {
    fn of(set: &'a ChangeSet<R>) -> Self {
        let mut told = Self {
            present: BTreeMap::new(),
            removed: BTreeSet::new(),
            former: BTreeSet::new(),
            unclear: BTreeSet::new(),
        };
        for change in &set.changes {
            match change {
                Change::Present(seen) => told.shows(seen),
                Change::Series {
                    id,
                    occurrences,
                    whole: _,
                } => {
                    told.removed.remove(id);
                    for seen in occurrences {
                        told.shows(seen);
                    }
                }
                Change::Removed(id) => {
                    told.present
                        .retain(|name, seen| *name != id && seen.traits.series.as_ref() != Some(id));
                    told.removed.insert(id);
                }
                Change::Left(id) | Change::Unreadable { id, .. } => {
                    told.present.remove(id);
                    told.unclear.insert(id);
                }
            }
        }
        told
    }

    fn shows(&mut self, seen: &'a Observed<R>) {
        self.removed.remove(&seen.id);
        self.former.extend(&seen.traits.former_ids);
        self.present.insert(&seen.id, seen);
    }

    /// Whether a record is there, be it under another name.
    fn has(&self, id: &RemoteId) -> bool {
        self.present.contains_key(id) || self.former.contains(id)
    }

    fn shows_any_of(&self, series: &RemoteId) -> bool {
        let mut shown = self.present.values();
        shown.any(|seen| seen.traits.series.as_ref() == Some(series))
    }

    /// The occurrences so near to where an original lay that they may be it, moved with its series.
    fn occurrences_near(&self, orphan: &Orphan<'_, R>) -> BTreeSet<RemoteId>
    where
        R: Record,
    {
        let lay = orphan
            .copies
            .first()
            .and_then(|(_, copy)| copy.record.starts_at());
        let is_near = |seen: &&&Observed<R>| {
            let off = lay.zip(seen.record.starts_at()).map(|(was, is)| is - was);
            seen.traits.series.is_some() && off.is_none_or(|off| off.abs() < TimeDelta::days(SHIFT_DAYS))
        };
        let near = self.present.values().filter(is_near);
        near.map(|seen| seen.id.clone()).collect()
    }

    /// Whether nothing was said of a record.
    fn is_silent(&self, id: &RemoteId) -> bool {
        !(self.present.contains_key(id) || self.removed.contains(id) || self.unclear.contains(id))
    }

    /// Whether an original was deleted, by itself or with its series.
    fn says_gone(&self, Making { origin, series, .. }: &Making) -> bool {
        let with_series = series
            .as_ref()
            .is_some_and(|series| self.removed.contains(series));
        !self.has(origin) && (self.removed.contains(origin) || with_series && self.is_silent(origin))
    }
}
