//! Which records that were never paired are one thing.
//!
//! In this order, each record matched at most once: our own marker or our own derived id, for a record or for the
//! series whose row or occurrence it is; the mark that the
//! CRM's built-in sync left; the iCalendar UID; strict equality of time and title.

use std::collections::BTreeMap;

use super::gather::Paired;
use super::series::by_own_series;
use super::{ById, Ground, Stands};
use crate::change::Observed;
use crate::id::RemoteId;
use crate::kind::Record;
use crate::plan::Unreadable;
use crate::side::{PerSide, Side};

/// Generations of a derived id that are looked for.
const GENERATIONS: u32 = 3;

/// Matches, and the records that have none.
pub(super) struct Matched<R> {
    pub(super) matches: Vec<(Observed<R>, Observed<R>)>,
    pub(super) alone: Vec<(Side, Observed<R>)>,
    /// Records that are like several others, where a person shall decide.
    pub(super) ambiguous: Vec<Unreadable>,
}

pub(super) fn match_unpaired<R: Record>(ground: &Ground<'_, R>, unpaired: PerSide<ById<R>>) -> Matched<R> {
    let mut left = unpaired;
    let mut matches = Vec::new();
    let mut ambiguous = Vec::new();
    if !left.crm.is_empty() && !left.google.is_empty() {
        for found in [by_own_mark, by_own_series, by_built_in_mark, by_ical_uid] {
            let names = found(ground, &left);
            join(names, &mut left, &mut matches);
        }
        for strength in 0..likenesses_of(ground, &left) {
            let alike = by_likeness(ground, &left, strength);
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
fn join<R: Record>(names: Names, left: &mut PerSide<ById<R>>, matches: &mut Vec<(Observed<R>, Observed<R>)>) {
    for (crm, google) in names {
        // One of them may be matched already, by a stronger sign; the other one then stays.
        if left.crm.contains_key(&crm) && left.google.contains_key(&google) {
            matches.extend(left.crm.remove(&crm).zip(left.google.remove(&google)));
        }
    }
}

/// The record that takes the place of a pair's deleted one: a copy of the survivor that a run made before its
/// answer was lost, or a person's duplicate of the deleted one. It is taken out of the unpaired ones.
pub(super) fn made_anew<R: Record>(
    ground: &Ground<'_, R>,
    item: &Paired<R>,
    unpaired: &mut PerSide<ById<R>>,
) -> Option<(Side, Observed<R>)> {
    let Paired { pair, stands } = item;
    Side::BOTH.into_iter().find_map(|side| {
        let survivor = pair.half.get(side.other());
        let gone = *stands.get(side) == Stands::Gone || !pair.state.is_kept(side);
        let survives = matches!(stands.get(side.other()), Stands::Present(_));
        if !gone || !survives {
            return None;
        }
        let copies = unpaired.get_mut(side);
        let named = (0..=pair.generation + GENERATIONS)
            .map(|generation| ground.copies.copy_of(side, &survivor.id, generation))
            .find(|id| copies.contains_key(id));
        let marked = || {
            copies
                .values()
                .find(|seen| seen.traits.made_from.as_ref() == Some(&survivor.id))
                .map(|seen| seen.id.clone())
        };
        let id = named.or_else(marked)?;
        copies.remove(&id).map(|seen| (side, seen))
    })
}

type Names = Vec<(RemoteId, RemoteId)>;

fn by_own_mark<R: Record>(ground: &Ground<'_, R>, left: &PerSide<ById<R>>) -> Names {
    let mut names = Vec::new();
    for (id, seen) in &left.google {
        let marked = seen
            .traits
            .made_from
            .as_ref()
            .filter(|crm| left.crm.contains_key(crm));
        let derived = (0..GENERATIONS)
            .map(|generation| ground.copies.copy_of(Side::Crm, id, generation))
            .find(|crm| left.crm.contains_key(crm));
        if let Some(crm) = marked.cloned().or(derived) {
            names.push((crm, id.clone()));
        }
    }
    for id in left.crm.keys() {
        let derived = (0..GENERATIONS)
            .map(|generation| ground.copies.copy_of(Side::Google, id, generation))
            .find(|google| left.google.contains_key(google));
        if let Some(google) = derived {
            names.push((id.clone(), google));
        }
    }
    // The copy we made ourselves comes before somebody's duplicate of it, which carries the same marker.
    names.sort_by_key(|(crm, google)| {
        let ours = (0..GENERATIONS).any(|n| ground.copies.copy_of(Side::Google, crm, n) == *google);
        (!ours, crm.clone(), google.clone())
    });
    names.dedup();
    names
}

fn by_built_in_mark<R: Record>(_: &Ground<'_, R>, left: &PerSide<ById<R>>) -> Names {
    let crm_by_id: BTreeMap<&str, &RemoteId> = left.crm.keys().map(|id| (id.id.as_str(), id)).collect();
    let google_by_id: BTreeMap<&str, &RemoteId> = left.google.keys().map(|id| (id.id.as_str(), id)).collect();
    let mut names = Vec::new();
    for (id, seen) in &left.google {
        if let Some(crm) = seen
            .traits
            .built_in_partner
            .as_deref()
            .and_then(|mark| crm_by_id.get(mark))
        {
            names.push(((*crm).clone(), id.clone()));
        }
    }
    for (id, seen) in &left.crm {
        if let Some(google) = seen
            .traits
            .built_in_partner
            .as_deref()
            .and_then(|mark| google_by_id.get(mark))
        {
            names.push((id.clone(), (*google).clone()));
        }
    }
    names
}

fn by_ical_uid<R: Record>(_: &Ground<'_, R>, left: &PerSide<ById<R>>) -> Names {
    // Occurrences of one series share a UID: only a single event is named by it.
    let single = |seen: &&Observed<R>| seen.traits.series.is_none();
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

/// How many kinds of likeness the records have.
fn likenesses_of<R: Record>(ground: &Ground<'_, R>, left: &PerSide<ById<R>>) -> usize {
    let records = left.crm.values().chain(left.google.values());
    records
        .map(|seen| seen.record.likenesses(ground.limits).len())
        .max()
        .unwrap_or_default()
}

/// The records that are alike, and those that are like several others.
struct Alike {
    names: Names,
    ambiguous: Vec<(Side, RemoteId)>,
}

/// Which records share the sign of that strength.
fn by_likeness<R: Record>(ground: &Ground<'_, R>, left: &PerSide<ById<R>>, strength: usize) -> Alike {
    let mut groups: BTreeMap<String, PerSide<Vec<&RemoteId>>> = BTreeMap::new();
    for side in Side::BOTH {
        for seen in left.get(side).values() {
            // A record of which we know what it was made from is not taken for something else.
            let claimed = seen.traits.made_from.is_some();
            let sign = seen.record.likenesses(ground.limits).into_iter().nth(strength);
            if let (false, Some(sign)) = (claimed, sign.filter(|sign| !sign.is_empty())) {
                groups.entry(sign).or_default().get_mut(side).push(&seen.id);
            }
        }
    }
    let mut alike = Alike {
        names: Vec::new(),
        ambiguous: Vec::new(),
    };
    for PerSide { crm, google } in groups.into_values() {
        if crm.is_empty() || google.is_empty() {
            continue;
        }
        if R::TELLS_AMBIGUITY && crm.len() + google.len() > 2 {
            let crm = crm.into_iter().map(|id| (Side::Crm, id.clone()));
            let google = google.into_iter().map(|id| (Side::Google, id.clone()));
            alike.ambiguous.extend(crm.chain(google));
        } else {
            let pairs = crm.into_iter().cloned().zip(google.into_iter().cloned());
            alike.names.extend(pairs);
        }
    }
    alike
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
