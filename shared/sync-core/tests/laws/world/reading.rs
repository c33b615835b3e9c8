//! What a run reads, by the engine's rules: reports, the pairs they name, and what has to be looked at once more.

use std::collections::BTreeSet;

use sync_core::base::Pair;
use sync_core::change::{Change, ChangeSet, Observed, Window};
use sync_core::id::RemoteId;
use sync_core::reconcile::absent;
use sync_core::side::{PerSide, Side};

use super::World;
use crate::played::Played;

type Changes<R> = PerSide<ChangeSet<R>>;

impl<R: Played> World<R> {
    /// Both sides' reports, and the pairs that a run loads for them.
    pub(crate) fn read(&mut self, whole: bool, window: Window) -> (Vec<Pair>, Changes<R>) {
        let mut changes = PerSide::from_fn(|side| {
            let cursor = self.cursors.get(side).filter(|_| !whole);
            self.servers.get(side).report(cursor, window)
        });
        for (side, id) in std::mem::take(&mut self.parked) {
            self.look(side, &id, &mut changes);
        }
        let pairs = self.named_pairs(whole, &changes);
        self.look_at_originals(&pairs, &mut changes);
        // An original may go by another name by now, under which it is paired.
        let pairs = self.named_pairs(whole, &changes);
        if whole {
            for (side, id) in absent(&pairs, &changes, window) {
                self.look(side, &id, &mut changes);
            }
        }
        self.look_at_pending(&pairs, &mut changes);
        (pairs, changes)
    }

    fn look(&self, side: Side, id: &RemoteId, changes: &mut Changes<R>) {
        let change = self.servers.get(side).change(id);
        changes.get_mut(side).changes.push(change);
    }

    fn named_pairs(&self, whole: bool, changes: &Changes<R>) -> Vec<Pair> {
        if whole {
            return self.pairs.clone();
        }
        let mut named: PerSide<BTreeSet<&RemoteId>> = PerSide::default();
        for side in Side::BOTH {
            for change in &changes.get(side).changes {
                match change {
                    Change::Present(seen) => {
                        named.get_mut(side).insert(&seen.id);
                        named.get_mut(side).extend(&seen.traits.former_ids);
                        named.get_mut(side.other()).extend(&seen.traits.made_from);
                    }
                    Change::Removed(id)
                    | Change::Left(id)
                    | Change::Unreadable { id, .. }
                    | Change::Series { id, .. } => {
                        named.get_mut(side).insert(id);
                    }
                }
            }
        }
        let is_named = |pair: &&Pair| {
            Side::BOTH
                .iter()
                .any(|side| named.get(*side).contains(&pair.half.get(*side).id))
        };
        self.pairs.iter().filter(is_named).cloned().collect()
    }

    /// What a record was made from, as its mark says, or the notes of a run that did not come to its end.
    fn origin_of(&self, side: Side, seen: &Observed<R>) -> Option<RemoteId> {
        let noted = || {
            let held = self.servers.get(side).records.get(&seen.id)?;
            held.noted_from.clone().filter(|_| self.is_cut_off)
        };
        seen.traits.made_from.clone().or_else(noted)
    }

    /// A copy of ours that is in no pair: its original is looked at. Where that passed to somebody else, the copy is
    /// left alone.
    fn look_at_originals(&self, pairs: &[Pair], changes: &mut Changes<R>) {
        let is_paired = |side: Side, id: &RemoteId| pairs.iter().any(|pair| pair.half.get(side).id == *id);
        for side in Side::BOTH {
            let across: BTreeSet<&RemoteId> = present(&changes.get(side.other()).changes);
            let orphans: BTreeSet<RemoteId> = changes
                .get(side)
                .changes
                .iter()
                .filter_map(|change| match change {
                    Change::Present(seen) if !is_paired(side, &seen.id) => self.origin_of(side, seen),
                    _ => None,
                })
                .filter(|origin| !is_paired(side.other(), origin) && !across.contains(origin))
                .collect();
            for origin in orphans {
                self.look(side.other(), &origin, changes);
            }
            let left: BTreeSet<RemoteId> = changes
                .get(side.other())
                .changes
                .iter()
                .filter_map(|change| match change {
                    Change::Left(id) => Some(id.clone()),
                    _ => None,
                })
                .collect();
            changes.get_mut(side).changes.retain(|change| match change {
                Change::Present(seen) => {
                    is_paired(side, &seen.id)
                        || seen
                            .traits
                            .made_from
                            .as_ref()
                            .is_none_or(|origin| !left.contains(origin))
                }
                _ => true,
            });
        }
    }

    /// Where a change waits on one side and the other one was reported, the waiting side is looked at.
    fn look_at_pending(&self, pairs: &[Pair], changes: &mut Changes<R>) {
        for side in Side::BOTH {
            for pair in pairs {
                let (half, across) = (pair.half.get(side), pair.half.get(side.other()));
                let was_reported = |side: Side, id: &RemoteId| {
                    changes.get(side).changes.iter().any(|change| match change {
                        Change::Present(seen) => seen.id == *id,
                        Change::Removed(gone) => gone == id,
                        _ => false,
                    })
                };
                if half.pending && was_reported(side.other(), &across.id) && !was_reported(side, &half.id) {
                    self.look(side, &half.id, changes);
                }
            }
        }
    }
}

fn present<R>(changes: &[Change<R>]) -> BTreeSet<&RemoteId> {
    let ids = changes.iter().filter_map(|change| match change {
        Change::Present(seen) => Some(&seen.id),
        _ => None,
    });
    ids.collect()
}
