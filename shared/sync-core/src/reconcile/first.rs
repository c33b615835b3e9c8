//! Which records that were never paired are one thing.
//!
//! In this order, each record matched at most once: our own marker or our own derived id, for a record or for the
//! series whose row or occurrence it is; the mark that the CRM's built-in sync left; the iCalendar UID; the kind's own
//! signs of likeness, the strongest first.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::Gathered;
use super::present::Lookup;
use super::series::by_own_series;
use super::{ById, GENERATIONS, Ground, Seen, merge};
use crate::base::PairState;
use crate::change::{Observed, ReadOnly};
use crate::id::RemoteId;
use crate::kind::Record;
use crate::mutation::{self, Mutation};
use crate::plan::Unreadable;
use crate::policy::{KindSettings, Scope, travels};
use crate::side::{PerSide, Side};

/// Two records found to be one thing: the CRM's and Google's.
type Match<R> = (Seen<R>, Seen<R>);

/// Matches, and the records that have none.
pub(super) struct Matched<R> {
    pub(super) matches: Vec<Match<R>>,
    pub(super) alone: Vec<(Side, Seen<R>)>,
    /// Records that are like several others, where a person shall decide.
    pub(super) ambiguous: Vec<Unreadable>,
}

pub(super) fn match_unpaired<R: Record>(ground: &Ground<'_, R>, unpaired: PerSide<ById<R>>) -> Matched<R> {
    let mut left = unpaired;
    for side in Side::BOTH {
        // What is left out of the sync is no other record's counterpart either.
        left.get_mut(side)
            .retain(|_, seen| seen.traits.read_only.is_none_or(ReadOnly::is_carried));
    }
    let mut matches = Vec::new();
    let mut ambiguous = Vec::new();
    if !left.crm.is_empty() && !left.google.is_empty() && !mutation::on(Mutation::NothingMatched) {
        for found in [by_own_mark, by_own_series, by_built_in_mark, by_ical_uid] {
            let names = found(ground, &left);
            join(names, &mut left, &mut matches);
        }
        let mut signed = signed(ground, &left);
        let strengths = signed.iter().map(|one| one.signs.len()).max();
        for strength in 0..strengths.unwrap_or_default() {
            signed.retain(|one| left.get(one.side).contains_key(&one.id));
            let alike = by_likeness::<R>(&mut signed, strength);
            for (side, id) in alike.ambiguous {
                left.get_mut(side).remove(&id);
                ambiguous.push(told(side, id));
            }
            join(alike.names, &mut left, &mut matches);
        }
    }
    let alone = left
        .crm
        .into_values()
        .map(|seen| (Side::Crm, seen))
        .chain(left.google.into_values().map(|seen| (Side::Google, seen)))
        .collect();
    Matched {
        matches,
        alone,
        ambiguous,
    }
}

/// Takes the records found to be one thing out of those that are left.
fn join<R: Record>(names: Names, left: &mut PerSide<ById<R>>, matches: &mut Vec<Match<R>>) {
    for (crm, google) in names {
        // One of them may be matched already, by a stronger sign; the other one then stays.
        if left.crm.contains_key(&crm) && left.google.contains_key(&google) {
            matches.extend(left.crm.remove(&crm).zip(left.google.remove(&google)));
        }
    }
}

type Names = Vec<(RemoteId, RemoteId)>;

fn by_own_mark<R: Record>(ground: &Ground<'_, R>, left: &PerSide<ById<R>>) -> Names {
    let mut names = Vec::new();
    let every = left.as_ref().map(by_every_name);
    for (id, seen) in &left.google {
        let marked = seen.traits.made_from.as_ref().and_then(|crm| every.crm.get(crm));
        let derived = || copy_of_any(ground, Side::Crm, seen, &every.crm);
        if let Some(crm) = marked.copied().or_else(derived) {
            names.push((crm.clone(), id.clone()));
        }
    }
    for (id, seen) in &left.crm {
        if let Some(google) = copy_of_any(ground, Side::Google, seen, &every.google) {
            names.push((id.clone(), google.clone()));
        }
    }
    // The copy we made ourselves comes before somebody's duplicate of it, which carries the same marker.
    names.sort_by_cached_key(|(crm, google)| {
        let ours = (0..GENERATIONS).any(|n| ground.copies.copy_of(Side::Google, crm, n) == *google);
        (!ours, crm.clone(), google.clone())
    });
    names.dedup();
    names
}

/// The record on `side` that is named after another one: after the name that it has, or one that it had.
fn copy_of_any<'a, R: Record>(
    ground: &Ground<'_, R>,
    side: Side,
    original: &Observed<R>,
    there: &EveryName<'a>,
) -> Option<&'a RemoteId> {
    let names = std::iter::once(&original.id).chain(&original.traits.former_ids);
    names
        .flat_map(|name| (0..GENERATIONS).map(move |generation| (name, generation)))
        .find_map(|(name, generation)| there.get(&ground.copies.copy_of(side, name, generation)).copied())
}

/// The names of a side's records by every name that leads to them.
type EveryName<'a> = Lookup<&'a RemoteId, &'a RemoteId>;

/// The records of a side by their names, by those they had, and by the derived names under which we made them.
fn by_every_name<R>(records: &ById<R>) -> EveryName<'_> {
    let others = records.iter().flat_map(|(id, seen)| {
        let names = seen.traits.made_as.iter().chain(&seen.traits.former_ids);
        names.map(move |name| (name, id))
    });
    others.chain(records.keys().map(|id| (id, id))).collect()
}

fn by_built_in_mark<R: Record>(_: &Ground<'_, R>, left: &PerSide<ById<R>>) -> Names {
    let by_google = partners(&left.google, &left.crm).into_iter();
    let by_google = by_google.map(|(google, crm)| (crm, google));
    by_google.chain(partners(&left.crm, &left.google)).collect()
}

/// The records that bear the mark of the CRM's built-in sync, each with the one across that it names.
fn partners<R>(records: &ById<R>, across: &ById<R>) -> Names {
    let marks = records
        .iter()
        .filter_map(|(id, seen)| Some((id, seen.traits.built_in_partner.as_deref()?)));
    let marks: Vec<(&RemoteId, &str)> = marks.collect();
    if marks.is_empty() {
        // As everywhere but where such a sync was in use.
        return Vec::new();
    }
    let by_id: BTreeMap<&str, &RemoteId> = across.keys().map(|id| (id.id.as_str(), id)).collect();
    let partner = |(id, mark): (&RemoteId, &str)| Some((id.clone(), (*by_id.get(mark)?).clone()));
    marks.into_iter().filter_map(partner).collect()
}

fn by_ical_uid<R: Record>(_: &Ground<'_, R>, left: &PerSide<ById<R>>) -> Names {
    // Occurrences of one series share a UID: only a single event is named by it.
    let single = |seen: &&Seen<R>| seen.traits.series.is_none();
    let uids: BTreeMap<&str, &RemoteId> = left
        .crm
        .values()
        .filter(single)
        .filter_map(|seen| seen.traits.ical_uid.as_deref().map(|uid| (uid, &seen.id)))
        .collect();
    left.google
        .values()
        .filter(single)
        .filter_map(|seen| {
            let crm = uids.get(seen.traits.ical_uid.as_deref()?)?;
            Some(((*crm).clone(), seen.id.clone()))
        })
        .collect()
}

/// A record by its signs of likeness.
struct Signed {
    side: Side,
    id: RemoteId,
    /// The strongest sort first.
    signs: Vec<Vec<String>>,
}

/// The signs of every record that may be matched by them, side by side and in the order of their names.
fn signed<R: Record>(ground: &Ground<'_, R>, left: &PerSide<ById<R>>) -> Vec<Signed> {
    let mut signed = Vec::new();
    for side in Side::BOTH {
        for seen in left.get(side).values() {
            // A record of which we know what it was made from is not taken for something else.
            let claimed = seen.traits.made_from.is_some();
            // Nor is what is hidden compared: a match would tell the other side of it.
            let hidden = match merge::scope(ground, side, seen) {
                Scope::AsBusy | Scope::Hidden => true,
                // It may be hidden on the day when it comes into scope.
                Scope::Outside | Scope::Leaving => {
                    seen.record.is_secret() && travels(ground.settings.direction(), side)
                }
                Scope::Carried => false,
            };
            if !claimed && (!hidden || mutation::on(Mutation::SecretsCompared)) {
                let (id, signs) = (seen.id.clone(), seen.record.likenesses(ground.limits));
                signed.push(Signed { side, id, signs });
            }
        }
    }
    signed
}

/// The records that are alike, and those that are like several others.
struct Alike {
    names: Names,
    ambiguous: Vec<(Side, RemoteId)>,
}

/// Which records share a sign of that strength. The signs are taken out: each strength is looked at once.
fn by_likeness<R: Record>(signed: &mut [Signed], strength: usize) -> Alike {
    let mut signs: Vec<(String, Side, &RemoteId)> = Vec::new();
    for one in signed {
        let of_strength = one.signs.get_mut(strength).map(std::mem::take);
        let of_strength = of_strength.into_iter().flatten();
        signs.extend(of_strength.map(|sign| (sign, one.side, &one.id)));
    }
    signs.sort_unstable();
    signs.dedup();
    let groups = signs
        .chunk_by(|(one, _, _), (other, _, _)| one == other)
        .map(|group| {
            let of = |side: Side| group.iter().filter(move |(_, own, _)| *own == side);
            PerSide::from_fn(|side| of(side).map(|(_, _, id)| *id).collect::<Vec<_>>())
        })
        .filter(|group| !(group.crm.is_empty() || group.google.is_empty()));
    if R::TELLS_AMBIGUITY {
        return told_apart(groups);
    }
    let pairs = groups.flat_map(|group| {
        let crm = group.crm.into_iter().cloned();
        crm.zip(group.google.into_iter().cloned()).collect::<Names>()
    });
    Alike {
        names: pairs.collect(),
        ambiguous: Vec::new(),
    }
}

/// The records that are like exactly one other, and the ones among which a person must choose.
fn told_apart<'a>(groups: impl Iterator<Item = PerSide<Vec<&'a RemoteId>>>) -> Alike {
    let mut alike: Vec<(&RemoteId, &RemoteId)> = Vec::new();
    let mut ambiguous: BTreeSet<(Side, &RemoteId)> = BTreeSet::new();
    for group in groups {
        for crm in &group.crm {
            alike.extend(group.google.iter().map(|google| (*crm, *google)));
        }
    }
    let mut across = alike.iter().map(|(crm, google)| (*google, *crm)).collect();
    for (side, alike) in [(Side::Crm, &mut alike), (Side::Google, &mut across)] {
        alike.sort_unstable();
        alike.dedup();
        for several in alike.chunk_by(|(one, _), (other, _)| one == other) {
            if several.len() > 1 {
                ambiguous.extend(several.iter().map(|(id, _)| (side, *id)));
                ambiguous.extend(several.iter().map(|(_, other)| (side.other(), *other)));
            }
        }
    }
    let is_clear = |(crm, google): &&(&RemoteId, &RemoteId)| {
        !ambiguous.contains(&(Side::Crm, *crm)) && !ambiguous.contains(&(Side::Google, *google))
    };
    let names = alike.iter().filter(is_clear);
    Alike {
        names: names
            .map(|(crm, google)| ((*crm).clone(), (*google).clone()))
            .collect(),
        ambiguous: ambiguous
            .into_iter()
            .map(|(side, id)| (side, id.clone()))
            .collect(),
    }
}

/// The records that stand in a living pair, as far as one that stands in none says that it was made from them: that one
/// is a second copy.
///
/// There is one where a side draws the ids itself, an answer was lost, and the copy was not to be seen for longer than
/// anybody waits. It is no record of its own: copied in turn, it would come back as a double of its own original.
pub(super) struct Taken(PerSide<BTreeSet<RemoteId>>);

impl Taken {
    pub(super) fn of<R: Record>(gathered: &Gathered<R>) -> Self {
        let origins_on = |side: Side| -> BTreeSet<&RemoteId> {
            let unpaired = gathered.unpaired.get(side.other()).values();
            let origins = unpaired.filter_map(|seen| seen.traits.made_from.as_ref());
            origins.filter(|_| R::TELLS_AMBIGUITY).collect()
        };
        Self(PerSide::from_fn(|side| {
            let origins = origins_on(side);
            if origins.is_empty() {
                return BTreeSet::new();
            }
            let living = gathered.pairs().filter(|pair| pair.state == PairState::Living);
            let known = living.map(|pair| pair.half.get(side).stored_id());
            known.filter(|id| origins.contains(id)).cloned().collect()
        }))
    }

    /// The records that are left to copy, and the second copies, of which a person is told.
    pub(super) fn told_apart<R: Record>(
        mut self,
        matches: &[Match<R>],
        alone: Vec<(Side, Seen<R>)>,
    ) -> (Vec<(Side, Seen<R>)>, Vec<Unreadable>) {
        if !R::TELLS_AMBIGUITY || alone.iter().all(|(_, seen)| seen.traits.made_from.is_none()) {
            return (alone, Vec::new());
        }
        for (crm, google) in matches {
            self.0.crm.insert(crm.id.clone());
            self.0.google.insert(google.id.clone());
        }
        let is_second = |(side, seen): &(Side, Seen<R>)| {
            let origin = seen.traits.made_from.as_ref();
            origin.is_some_and(|origin| self.0.get(side.other()).contains(origin))
        };
        let (second, single): (Vec<_>, Vec<_>) = alone.into_iter().partition(is_second);
        let second = second.into_iter().map(|(side, seen)| Unreadable {
            side,
            id: seen.id,
            code: "second_copy",
            message: "This is a second copy of a record that has one already. Keep what you need of it in the other \
                      one, and delete it."
                .to_owned(),
        });
        (single, second.collect())
    }
}

fn told(side: Side, id: RemoteId) -> Unreadable {
    Unreadable {
        side,
        id,
        code: "ambiguous",
        message: "Several records on the two sides look like this one. Merge or rename them so that it is clear which \
                  belong together."
            .to_owned(),
    }
}
