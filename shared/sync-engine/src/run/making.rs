//! Copies are noted before they are made, and known again where the run died before it could remember them.
//!
//! Where a run dies between a side's yes and our commit, the copy stands there without a pair. As long as its original
//! stands, both are joined again: by the copy's name, by our mark, or by being like each other. The notes help where that
//! is not enough:
//!
//! * *The original is gone.* Somebody has deleted it by then, and nothing says that the copy is no record of a person's
//!   own. Where it still says exactly what was sent, it is remembered as the pair that it was going to be, and the deletion
//!   is carried over as any other. Where it says anything else, somebody has worked on it: it is a record of its own.
//! * *The copy bears no mark of ours*, since its side draws the names itself and has no place for one, and somebody has
//!   edited it. The note says which records there shared a trace with the original already: one that shares a trace and
//!   is not among them is the copy. Where every trace was edited away, within minutes of its making, it is not known again
//!   and doubles once: it could as well be somebody's own new task, and to take that for the copy would mix two tasks
//!   into one.
//!
//! A note asks for nothing. Where there is any doubt, nothing follows from it.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::base::shared_fingerprint;
use sync_core::change::{Change, ChangeSet, Observed};
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::plan::{Action, Step};
use sync_core::port::{Remote, StoreFailure};
use sync_core::side::Side;

use super::applying::Site;
use super::reading::ReadBoth;
use crate::connections::Sides;
use crate::memory::{Making, UnderWay, Work};

/// Copies that are noted together.
pub(super) const COPIES_A_NOTE: usize = 24;
/// Most records that a note names as known: where more share a trace with what is copied, nobody could tell them apart.
const KNOWN_MAX: usize = 1000;

/// The records of a side that stand in no pair, by their traces.
#[derive(Debug, Default)]
pub(super) struct Unpaired {
    by_trace: BTreeMap<String, BTreeSet<RemoteId>>,
    whole: bool,
}

/// The side on which copies bear no mark, if there is one.
pub(super) fn unmarked_side<R: Record>(sides: &Sides<'_, R>) -> Option<Side> {
    Side::BOTH
        .into_iter()
        .find(|side| sides.get(*side).leaves_copies_unmarked())
}

/// What stands in no pair before anything is made.
pub(super) fn unpaired<R: Record>(sides: &Sides<'_, R>, read: &ReadBoth<R>) -> Unpaired {
    let mut unpaired = Unpaired::default();
    if let Some(side) = unmarked_side(sides) {
        unpaired.whole = is_whole(read.changes.get(side));
        for seen in alone(read, side) {
            for trace in seen.record.traces() {
                let by_trace = &mut unpaired.by_trace;
                by_trace.entry(trace).or_default().insert(seen.id.clone());
            }
        }
    }
    unpaired
}

/// Whether a side has shown all that there is.
fn is_whole<R>(shown: &ChangeSet<R>) -> bool {
    !shown.complete.is_empty()
}

/// Notes the copies that these steps are about to make, all in one note, as far as they are not noted yet.
pub(super) async fn note<R: Record>(
    site: &Site<'_>,
    sides: &Sides<'_, R>,
    steps: &[Step<R>],
) -> Result<(), StoreFailure> {
    let mut makings = Vec::new();
    let mut known = BTreeSet::new();
    for step in steps {
        let Some(making) = making_of(sides, step).filter(|making| !site.notes.has(making)) else {
            continue;
        };
        if site.unmarked == Some(making.on) {
            let there = there_already(site, step);
            if known.len() + there.len() > KNOWN_MAX {
                continue;
            }
            known.extend(there);
        }
        makings.push(making);
    }
    if makings.is_empty() {
        return Ok(());
    }
    site.notes.begin_copies(makings, known, site.unpaired.whole).await
}

fn making_of<R: Record>(sides: &Sides<'_, R>, step: &Step<R>) -> Option<Making> {
    let Action::Create { on, create } = &step.action else {
        return None;
    };
    let original = step.seen.get(on.other()).as_ref()?;
    let limits = sides.map(Remote::limits);
    Some(Making {
        on: *on,
        origin: create.origin.clone(),
        generation: create.generation,
        said: shared_fingerprint(&create.record, limits.as_ref()),
        veiled: step.veiled,
        series: original.traits.series.clone(),
        row_of: original.traits.row_of.clone(),
    })
}

/// The records that share a trace with what a step copies.
fn there_already<R: Record>(site: &Site<'_>, step: &Step<R>) -> BTreeSet<RemoteId> {
    let Action::Create { create, .. } = &step.action else {
        return BTreeSet::new();
    };
    let there = |trace: &String| site.unpaired.by_trace.get(trace);
    let traces = create.record.traces();
    traces.iter().filter_map(there).flatten().cloned().collect()
}

/// Knows the copies again that bear no mark, and that somebody has edited since a run that did not come to its end has
/// made them. They are marked as the side itself would mark them if it could.
pub(super) fn mark<R: Record>(sides: &Sides<'_, R>, left: &[UnderWay], read: &mut ReadBoth<R>) {
    let Some(side) = unmarked_side(sides) else {
        return;
    };
    let limits = sides.map(Remote::limits);
    let signs = |seen: &Observed<R>| -> BTreeSet<String> {
        let sorts = seen.record.likenesses(limits.as_ref());
        let every = sorts.into_iter().enumerate();
        every
            .flat_map(|(sort, signs)| signs.into_iter().map(move |sign| format!("{sort} {sign}")))
            .collect()
    };
    let originals: BTreeMap<&RemoteId, &Observed<R>> =
        alone(read, side.other()).map(|seen| (&seen.id, seen)).collect();
    let like: BTreeSet<String> = originals.values().flat_map(|seen| signs(seen)).collect();
    // What is like an original, be it edited or not, is joined with it without our help.
    let (plain, edited): (Vec<_>, Vec<_>) =
        alone(read, side).partition(|seen| signs(seen).iter().any(|sign| like.contains(sign)));
    let found: BTreeSet<String> = plain.into_iter().flat_map(signs).collect();
    let mut copies: BTreeMap<RemoteId, RemoteId> = BTreeMap::new();
    for (making, known) in unmarked_makings(side, left, read.changes.get(side)) {
        let Some(original) = originals.get(&making.origin) else {
            continue;
        };
        if signs(original).iter().any(|sign| found.contains(sign)) {
            continue;
        }
        let traces = original.record.traces();
        let copy = edited.iter().find(|seen| {
            !known.contains(&seen.id)
                && !copies.contains_key(&seen.id)
                && seen.record.traces().iter().any(|trace| traces.contains(trace))
        });
        if let Some(copy) = copy {
            copies.insert(copy.id.clone(), making.origin.clone());
        }
    }
    for change in &mut read.changes.get_mut(side).changes {
        if let Change::Present(seen) = change
            && let Some(origin) = copies.get(&seen.id)
        {
            seen.traits.made_from = Some(origin.clone());
        }
    }
}

/// The makings on a side where copies bear no mark, each with what was there already. Where a partial reading did not
/// show all that was there, nothing can be said of a whole one.
pub(super) fn unmarked_makings<'a, R>(
    side: Side,
    left: &'a [UnderWay],
    now: &ChangeSet<R>,
) -> impl Iterator<Item = (&'a Making, &'a BTreeSet<RemoteId>)> {
    let whole = is_whole(now);
    let all = left.iter().filter_map(move |note| match &note.work {
        Work::Copies {
            makings,
            known,
            whole: then,
        } if *then || !whole => Some(makings.iter().map(move |making| (making, known))),
        Work::Copies { .. } | Work::Change { .. } => None,
    });
    all.flatten().filter(move |(making, _)| making.on == side)
}

/// What a side shows that stands in no pair and says of nothing that it was made from it.
fn alone<R: Record>(read: &ReadBoth<R>, side: Side) -> impl Iterator<Item = &Observed<R>> {
    let paired: BTreeSet<&RemoteId> = read.pairs.iter().map(|pair| &pair.half.get(side).id).collect();
    let shown = read.changes.get(side).changes.iter();
    shown.filter_map(move |change| match change {
        Change::Present(seen) => {
            (seen.traits.made_from.is_none() && !paired.contains(&seen.id)).then_some(seen)
        }
        Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => None,
    })
}
