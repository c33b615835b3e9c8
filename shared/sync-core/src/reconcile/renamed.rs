//! Records that go by another name now: moved to another collection, or occurrences of a series that was moved.
//!
//! A provider names an occurrence after its original time. A series moved by an hour is a series whose old
//! occurrences are all gone and whose new ones are all unknown; carried over like that, every record on the other
//! side would be deleted and made anew, and lose what only that side knows of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::gather::Reported;
use crate::base::Pair;
use crate::change::Window;
use crate::id::RemoteId;
use crate::kind::Record;
use crate::side::{PerSide, Side};

/// Gives the pairs' records the names they go by now.
pub(super) fn follow<R: Record>(pairs: &mut [Pair], reported: &PerSide<Reported<R>>, window: Window) {
    for side in Side::BOTH {
        let reported = reported.get(side);
        let mut free = free_names(pairs, side, reported);
        if free.is_empty() {
            continue;
        }
        let mut missing: Vec<(&mut Pair, Option<DateTime<Utc>>)> = pairs
            .iter_mut()
            .filter(|pair| pair.state.is_kept(side) && reported.is_missing(pair.half.get(side), window))
            .map(|pair| {
                let starts_at = pair.half.get(side).starts_at;
                (pair, starts_at)
            })
            .collect();
        missing.sort_by_key(|(_, starts_at)| *starts_at);
        for (pair, starts_at) in missing {
            let half = pair.half.get_mut(side);
            let name = moved(&half.id, &free)
                .or_else(|| nearest(half.series.as_ref()?, starts_at?, &free, reported));
            if let Some(name) = name {
                free.remove(&name);
                half.former_id = Some(std::mem::replace(&mut half.id, name));
            }
        }
    }
}

/// The names reported that stand in no pair.
fn free_names<R: Record>(pairs: &[Pair], side: Side, reported: &Reported<R>) -> BTreeSet<RemoteId> {
    let taken: BTreeSet<&RemoteId> = pairs.iter().map(|pair| &pair.half.get(side).id).collect();
    reported
        .present
        .keys()
        .filter(|id| !taken.contains(id))
        .cloned()
        .collect()
}

/// The same id in another collection.
fn moved(id: &RemoteId, free: &BTreeSet<RemoteId>) -> Option<RemoteId> {
    free.iter()
        .find(|name| name.id == id.id && name.collection != id.collection)
        .cloned()
}

/// The free occurrence of a series, listed whole, that lies nearest in time.
fn nearest<R: Record>(
    series: &RemoteId,
    starts_at: DateTime<Utc>,
    free: &BTreeSet<RemoteId>,
    reported: &Reported<R>,
) -> Option<RemoteId> {
    let names: &BTreeSet<RemoteId> = reported.series.get(series)?;
    let occurrences = names
        .intersection(free)
        .filter_map(|name| reported.present.get(name));
    let nearest = occurrences
        .filter_map(|seen| Some(((seen.record.starts_at()? - starts_at).abs(), &seen.id)))
        .min();
    nearest.map(|(_, id)| id.clone())
}
