//! Copies on a side that draws the names itself and has no place for a mark of ours.
//!
//! Where a run dies between the side's yes and our commit, the copy stands there without a pair, and is found again by
//! being like its original. Somebody may have edited it by then. So it is noted before that the making is under way, and
//! which records there share a trace with the original already: one that shares a trace and is not among them is the
//! copy. The note asks for nothing: where no such record is found, the original is as new as any other.
//!
//! A copy of which every trace was edited away, within minutes of its making, is not known again and doubles once. It
//! could as well be somebody's own new task, and to take that for the copy would mix two tasks into one.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::change::{Change, Observed};
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::port::{Remote, StoreFailure};
use sync_core::side::Side;

use super::applying::Site;
use super::reading::ReadBoth;
use crate::connections::Sides;
use crate::memory::{Making, UnderWay, Work};

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
    let mut by_trace: BTreeMap<String, BTreeSet<RemoteId>> = BTreeMap::new();
    if let Some(side) = unmarked_side(sides) {
        for seen in alone(read, side) {
            for trace in seen.record.traces() {
                by_trace.entry(trace).or_default().insert(seen.id.clone());
            }
        }
    }
    Unpaired {
        by_trace,
        whole: read.whole,
    }
}

/// Notes that a copy is about to be made.
pub(super) async fn note<R: Record>(
    site: &Site<'_>,
    origin: &RemoteId,
    record: &R,
) -> Result<(), StoreFailure> {
    let there = |trace: &String| site.unpaired.by_trace.get(trace);
    let traces = record.traces();
    let making = Making {
        origin: origin.clone(),
        known: traces.iter().filter_map(there).flatten().cloned().collect(),
        whole: site.unpaired.whole,
    };
    site.notes.begin(Work::Copy(making)).await.map(drop)
}

/// Knows the copies again that a run has made which did not come to its end.
///
/// They are marked as the side itself would mark them if it could.
pub(super) fn mark<R: Record>(sides: &Sides<'_, R>, left: &[UnderWay], read: &mut ReadBoth<R>) {
    let makings = left.iter().filter_map(|note| match &note.work {
        Work::Copy(making) => Some(making),
        Work::Change { .. } => None,
    });
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
    for making in makings.filter(|making| making.whole || !read.whole) {
        let Some(original) = originals.get(&making.origin) else {
            continue;
        };
        if signs(original).iter().any(|sign| found.contains(sign)) {
            continue;
        }
        let traces = original.record.traces();
        let copy = edited.iter().find(|seen| {
            !making.known.contains(&seen.id)
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
