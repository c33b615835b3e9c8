//! Which records that were never paired are one thing.
//!
//! In this order, each record matched at most once: our own marker or our own derived id; the mark that the
//! CRM's built-in sync left; the iCalendar UID; strict equality of time and title.

use std::collections::BTreeMap;

use super::gather::Paired;
use super::{ById, Ground, Stands};
use crate::change::Observed;
use crate::id::RemoteId;
use crate::kind::Record;
use crate::kind::event::{EventField, EventRecord, When};
use crate::side::{PerSide, Side};

/// Generations of a derived id that are looked for.
const GENERATIONS: u32 = 3;

/// Matches, and the records that have none.
pub(super) struct Matched {
    pub(super) matches: Vec<(Observed<EventRecord>, Observed<EventRecord>)>,
    pub(super) alone: Vec<(Side, Observed<EventRecord>)>,
}

pub(super) fn match_unpaired(ground: &Ground<'_>, unpaired: PerSide<ById>) -> Matched {
    let mut left = unpaired;
    let mut matches = Vec::new();
    if !left.crm.is_empty() && !left.google.is_empty() {
        for found in [by_own_mark, by_built_in_mark, by_ical_uid, by_equality] {
            for (crm, google) in found(ground, &left) {
                // One of them may be matched already, by a stronger sign; the other one then stays.
                if left.crm.contains_key(&crm) && left.google.contains_key(&google) {
                    matches.extend(left.crm.remove(&crm).zip(left.google.remove(&google)));
                }
            }
        }
    }
    let alone = left
        .crm
        .into_values()
        .map(|seen| (Side::Crm, seen))
        .chain(left.google.into_values().map(|seen| (Side::Google, seen)))
        .collect();
    Matched { matches, alone }
}

/// The record that takes the place of a pair's deleted one: a copy of the survivor that a run made before its
/// answer was lost, or a person's duplicate of the deleted one. It is taken out of the unpaired ones.
pub(super) fn made_anew(
    ground: &Ground<'_>,
    item: &Paired,
    unpaired: &mut PerSide<ById>,
) -> Option<(Side, Observed<EventRecord>)> {
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

fn by_own_mark(ground: &Ground<'_>, left: &PerSide<ById>) -> Names {
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

fn by_built_in_mark(_: &Ground<'_>, left: &PerSide<ById>) -> Names {
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

fn by_ical_uid(_: &Ground<'_>, left: &PerSide<ById>) -> Names {
    // Occurrences of one series share a UID: only a single event is named by it.
    let single = |seen: &&Observed<EventRecord>| seen.traits.series.is_none();
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

/// What two records must share to be taken for one thing without any mark.
fn strict_key(record: &EventRecord, title_chars: Option<usize>) -> (String, String) {
    let title = match title_chars {
        Some(most) => record
            .title
            .chars()
            .take(most)
            .collect::<String>()
            .trim_end()
            .to_owned(),
        None => record.title.clone(),
    };
    let when = match &record.when {
        When::Timed { start, end } => format!("t{}/{}", start.timestamp(), end.timestamp()),
        When::AllDay { start, end } => format!("d{start}/{end}"),
    };
    (title, when)
}

fn by_equality(ground: &Ground<'_>, left: &PerSide<ById>) -> Names {
    let title_chars = [ground.limits.crm.title_chars, ground.limits.google.title_chars]
        .into_iter()
        .flatten()
        .min();
    let mut crm_by_key: BTreeMap<(String, String), Vec<&Observed<EventRecord>>> = BTreeMap::new();
    for seen in left.crm.values() {
        crm_by_key
            .entry(strict_key(&seen.record, title_chars))
            .or_default()
            .push(seen);
    }
    let mut names = Vec::new();
    for seen in left.google.values() {
        // A record of which we know what it was made from is not taken for something else.
        let claimed = seen.traits.made_from.is_some();
        let candidates = crm_by_key.get_mut(&strict_key(&seen.record, title_chars));
        if let (false, Some(candidates)) = (claimed, candidates) {
            let same = |crm: &&Observed<EventRecord>| {
                [EventField::Title, EventField::When]
                    .iter()
                    .all(|field| crm.record.same(*field, &seen.record, ground.limits))
            };
            if let Some(at) = candidates.iter().position(same) {
                names.push((candidates.remove(at).id.clone(), seen.id.clone()));
            }
        }
    }
    names
}
