//! Sorts two change sets by item.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::present::Present;
use super::{ById, Stands, renamed};
use crate::base::{Half, Pair};
use crate::change::{Change, ChangeSet, Observed, Window};
use crate::id::RemoteId;
use crate::kind::Record;
use crate::mutation::{self, Mutation};
use crate::plan::Unreadable;
use crate::side::{PerSide, Side};

/// Both change sets, by item.
pub(super) struct Gathered<R> {
    /// Every pair that something was reported of, with how its sides stand.
    pub(super) paired: Vec<Paired<R>>,
    /// The pairs of which nothing was reported.
    untouched: Vec<Pair>,
    /// The records that stand in no pair.
    pub(super) unpaired: PerSide<ById<R>>,
    /// The records that cannot be carried.
    pub(super) unreadable: Vec<Unreadable>,
}

impl<R> Gathered<R> {
    /// Every pair, in no order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.paired.iter().map(|item| &item.pair).chain(&self.untouched)
    }
}

/// A pair and how its sides stand.
pub(super) struct Paired<R> {
    pub(super) pair: Pair,
    pub(super) stands: PerSide<Stands<R>>,
}

/// One side's change set by record, the last report of each counting.
pub(super) struct Reported<R> {
    pub(super) present: Present<R>,
    removed: BTreeSet<RemoteId>,
    pub(super) series: BTreeMap<RemoteId, BTreeSet<RemoteId>>,
    /// The series of which the occurrences after the window were listed, too.
    whole: BTreeSet<RemoteId>,
    left: BTreeSet<RemoteId>,
    unreadable: BTreeSet<RemoteId>,
    complete: BTreeSet<String>,
}

impl<R: Record> Reported<R> {
    fn of(side: Side, set: ChangeSet<R>, unreadable: &mut Vec<Unreadable>) -> Self {
        let mut reported = Self {
            present: Present::with_room_for(set.changes.len()),
            removed: BTreeSet::new(),
            series: BTreeMap::new(),
            whole: BTreeSet::new(),
            left: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            complete: set.complete,
        };
        let mut with_occurrences: BTreeSet<RemoteId> = BTreeSet::new();
        for change in set.changes {
            match change {
                Change::Present(seen) => {
                    if mutation::on(Mutation::RepeatedReportDropped)
                        && reported.present.take(&seen.id).is_some()
                    {
                        continue;
                    }
                    note_series(&mut with_occurrences, &seen);
                    reported.removed.remove(&seen.id);
                    reported.present.put(seen);
                }
                Change::Removed(id) => {
                    reported.present.take(&id);
                    // A deleted series takes along whatever was reported of it before.
                    if with_occurrences.remove(&id) {
                        reported
                            .present
                            .retain(|seen| seen.traits.series.as_ref() != Some(&id));
                    }
                    reported.series.remove(&id);
                    reported.removed.insert(id);
                }
                Change::Left(id) => {
                    reported.present.take(&id);
                    reported.left.insert(id);
                }
                Change::Series {
                    id,
                    occurrences,
                    whole,
                } => {
                    reported.removed.remove(&id);
                    reported.whole.remove(&id);
                    reported.whole.extend(whole.then(|| id.clone()));
                    let names = occurrences.iter().map(|seen| seen.id.clone()).collect();
                    for seen in occurrences {
                        note_series(&mut with_occurrences, &seen);
                        reported.removed.remove(&seen.id);
                        reported.present.put(seen);
                    }
                    reported.series.insert(id, names);
                }
                Change::Unreadable { id, code, message } => {
                    reported.unreadable.insert(id.clone());
                    unreadable.push(Unreadable {
                        side,
                        id,
                        code,
                        message,
                    });
                }
            }
        }
        reported
    }

    /// How a half of a pair stands, if anything was reported of it: what is present is taken out of the report. The
    /// absence of a record on which the pair does not count any more says nothing.
    fn stands(&mut self, half: &Half, is_kept: bool, window: Window) -> Stands<R> {
        if let Some(seen) = self.present.take(&half.id) {
            return Stands::Present(seen);
        }
        if self.left.contains(&half.id) {
            return Stands::Left;
        }
        if self.is_removed(half) || is_kept && self.is_absent(half, window) {
            Stands::Gone
        } else {
            Stands::Unread
        }
    }

    /// Whether the half is deleted or goes by another name, as far as was reported.
    pub(super) fn is_missing(&self, half: &Half, window: Window) -> bool {
        let is_whole = half
            .series
            .as_ref()
            .is_some_and(|series| self.whole.contains(series));
        let looked_at = Window {
            until: if is_whole {
                DateTime::<Utc>::MAX_UTC
            } else {
                window.until
            },
            ..window
        };
        self.is_removed(half) || self.is_absent(half, looked_at)
    }

    /// Whether there is nothing under the half's name, as far as was reported; it may lie before the window.
    pub(super) fn may_have_moved(&self, half: &Half) -> bool {
        let is_told = self.present.contains(&half.id)
            || self.left.contains(&half.id)
            || self.unreadable.contains(&half.id);
        !is_told && (self.is_removed(half) || self.is_listed(&half.id.collection))
    }

    /// Whether the half was deleted by itself, not with its series.
    pub(super) fn is_cancelled(&self, half: &Half) -> bool {
        self.removed.contains(&half.id)
    }

    fn is_removed(&self, half: &Half) -> bool {
        !self.present.contains(&half.id)
            && (self.removed.contains(&half.id)
                || half
                    .series
                    .as_ref()
                    .is_some_and(|series| self.removed.contains(series)))
    }

    /// Whether a collection was listed whole.
    fn is_listed(&self, collection: &str) -> bool {
        self.complete.contains(collection) || mutation::on(Mutation::AbsenceDeletes)
    }

    /// Whether the half should have been reported, and was not. An occurrence of a series that cannot be carried is
    /// not missed.
    fn is_absent(&self, half: &Half, window: Window) -> bool {
        if self.present.contains(&half.id)
            || self.left.contains(&half.id)
            || self.unreadable.contains(&half.id)
            || half
                .series
                .as_ref()
                .is_some_and(|series| self.unreadable.contains(series))
        {
            return false;
        }
        match &half.series {
            Some(series) => {
                half.starts_at.is_none_or(|at| window.holds(at))
                    && (self.series.contains_key(series) || self.complete.contains(&half.id.collection))
            }
            None => window.reaches(half.starts_at) && self.is_listed(&half.id.collection),
        }
    }
}

/// Notes down of which series an occurrence was reported.
fn note_series<R>(with_occurrences: &mut BTreeSet<RemoteId>, seen: &Observed<R>) {
    if let Some(series) = &seen.traits.series
        && !with_occurrences.contains(series)
    {
        with_occurrences.insert(series.clone());
    }
}

/// The records of pairs that whole listings lack: deleted, or out of reach. The engine makes sure of each, as
/// long as they are few, and reports what it found in `changes`.
pub fn absent<R: Record>(
    pairs: &[Pair],
    changes: &PerSide<ChangeSet<R>>,
    window: Window,
) -> Vec<(Side, RemoteId)> {
    let reported = PerSide::from_fn(|side| Reported::of(side, changes.get(side).clone(), &mut Vec::new()));
    let mut pairs = pairs.to_vec();
    renamed::follow(&mut pairs, &reported, window);
    let mut found = Vec::new();
    for side in Side::BOTH {
        for pair in &pairs {
            let half = pair.half.get(side);
            let reported = reported.get(side);
            if !reported.is_removed(half) && pair.state.is_kept(side) && reported.is_absent(half, window) {
                found.push((side, half.id.clone()));
            }
        }
    }
    found
}

pub(super) fn gather<R: Record>(
    mut pairs: Vec<Pair>,
    changes: PerSide<ChangeSet<R>>,
    window: Window,
) -> Gathered<R> {
    let mut unreadable = Vec::new();
    let mut reported = PerSide {
        crm: Reported::of(Side::Crm, changes.crm, &mut unreadable),
        google: Reported::of(Side::Google, changes.google, &mut unreadable),
    };
    renamed::follow(&mut pairs, &reported, window);
    let mut paired = Vec::with_capacity(pairs.len());
    let mut untouched = Vec::new();
    for pair in pairs {
        let stands = PerSide::from_fn(|side| {
            let is_kept = pair.state.is_kept(side);
            reported
                .get_mut(side)
                .stands(pair.half.get(side), is_kept, window)
        });
        if matches!((&stands.crm, &stands.google), (Stands::Unread, Stands::Unread)) {
            untouched.push(pair);
        } else {
            paired.push(Paired { pair, stands });
        }
    }
    let unpaired = reported.map(|side| side.present.in_order());
    Gathered {
        paired,
        untouched,
        unpaired,
        unreadable,
    }
}
