//! Records that go by another name now: moved to another collection, occurrences of a series that was moved or split,
//! rows of a series that the CRM made anew.
//!
//! A provider names an occurrence after its original time. A series moved by an hour is a series whose old
//! occurrences are all gone and whose new ones are all unknown; "this and following" is a series cut short and
//! another one that goes on from there; "edit all" in a CRM deletes every row but one and makes new ones. Carried over
//! like that, every record on the other side would be deleted and made anew, and lose what only that side knows of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::gather::Reported;
use crate::base::{Half, Pair};
use crate::change::{Observed, Window};
use crate::id::RemoteId;
use crate::kind::Record;
use crate::side::{PerSide, Side};

/// How far an occurrence may have been moved by the split that made it part of another series: less than half a week,
/// so that the occurrences of a weekly series are not taken for their neighbours.
const SPLIT_MOVES: TimeDelta = TimeDelta::hours(84);

/// Gives the pairs' records the names they go by now.
pub(super) fn follow<R: Record>(pairs: &mut [Pair], reported: &PerSide<Reported<R>>, window: Window) {
    for side in Side::BOTH {
        let reported = reported.get(side);
        let mut free = Free::of(pairs, side, reported);
        if free.names.is_empty() {
            continue;
        }
        let mut missing: Vec<&mut Half> = pairs
            .iter_mut()
            .filter(|pair| pair.state.is_kept(side) && reported.is_missing(pair.half.get(side), window))
            .map(|pair| pair.half.get_mut(side))
            .collect();
        missing.sort_by_key(|half| half.starts_at);
        for half in missing {
            if let Some(name) = free.successor(half) {
                free.take(&name);
                half.former_id = Some(std::mem::replace(&mut half.id, name));
            }
        }
    }
}

/// The records reported that stand in no pair.
struct Free<'a, R> {
    names: BTreeSet<RemoteId>,
    reported: &'a Reported<R>,
    /// By the series that the side listed whole and of which no occurrence is paired.
    new_series: BTreeMap<&'a RemoteId, BTreeSet<RemoteId>>,
    /// By the series whose rows they are.
    rows: BTreeMap<&'a RemoteId, BTreeSet<RemoteId>>,
}

impl<'a, R: Record> Free<'a, R> {
    fn of(pairs: &[Pair], side: Side, reported: &'a Reported<R>) -> Self {
        let halves = || pairs.iter().map(|pair| pair.half.get(side));
        let taken: BTreeSet<&RemoteId> = halves().map(|half| &half.id).collect();
        let known: BTreeSet<&RemoteId> = halves().filter_map(|half| half.series.as_ref()).collect();
        let names: BTreeSet<RemoteId> = reported
            .present
            .keys()
            .filter(|id| !taken.contains(id))
            .cloned()
            .collect();
        let new_series = reported
            .series
            .iter()
            .filter(|(series, _)| !known.contains(series))
            .map(|(series, occurrences)| (series, occurrences.intersection(&names).cloned().collect()))
            .collect();
        let mut rows: BTreeMap<&RemoteId, BTreeSet<RemoteId>> = BTreeMap::new();
        for id in &names {
            let row_of = reported
                .present
                .get(id)
                .and_then(|seen| seen.traits.row_of.as_ref());
            if let Some(series) = row_of {
                rows.entry(series).or_default().insert(id.clone());
            }
        }
        Self {
            names,
            reported,
            new_series,
            rows,
        }
    }

    fn take(&mut self, name: &RemoteId) {
        self.names.remove(name);
        for names in self.new_series.values_mut().chain(self.rows.values_mut()) {
            names.remove(name);
        }
    }

    /// The name that a missing record goes by now.
    fn successor(&self, half: &Half) -> Option<RemoteId> {
        self.moved(half)
            .or_else(|| self.in_same_series(half))
            .or_else(|| self.row_made_anew(half))
            .or_else(|| self.split_off(half))
    }

    /// The same id in another collection.
    fn moved(&self, half: &Half) -> Option<RemoteId> {
        let id = &half.id;
        self.names
            .iter()
            .find(|name| name.id == id.id && name.collection != id.collection)
            .cloned()
    }

    /// The free occurrence of its series, listed whole, that lies nearest in time.
    fn in_same_series(&self, half: &Half) -> Option<RemoteId> {
        let occurrences = self.reported.series.get(half.series.as_ref()?)?;
        self.nearest(occurrences.intersection(&self.names), half.starts_at?, |_, _| {
            true
        })
    }

    /// The free row of its series that lies nearest in time.
    fn row_made_anew(&self, half: &Half) -> Option<RemoteId> {
        let rows = self.rows.get(half.row_of.as_ref()?)?;
        self.nearest(rows.iter(), half.starts_at?, |_, _| true)
    }

    /// The occurrence of a new series that carries its own one on: at the same time, or of the same title not far off.
    fn split_off(&self, half: &Half) -> Option<RemoteId> {
        half.series.as_ref()?;
        let title = R::field_named("title")?;
        let goes_on = |seen: &Observed<R>, away: TimeDelta| {
            away.is_zero() || away < SPLIT_MOVES && !half.differs(title, &seen.record)
        };
        let occurrences = self.new_series.values().flatten();
        self.nearest(occurrences, half.starts_at?, goes_on)
    }

    fn nearest<'b>(
        &self,
        names: impl Iterator<Item = &'b RemoteId>,
        starts_at: DateTime<Utc>,
        fits: impl Fn(&Observed<R>, TimeDelta) -> bool,
    ) -> Option<RemoteId> {
        let (_, nearest) = names
            .filter_map(|name| self.reported.present.get(name))
            .filter_map(|seen| Some(((seen.record.starts_at()? - starts_at).abs(), seen)))
            .filter(|(away, seen)| fits(seen, *away))
            .map(|(away, seen)| (away, &seen.id))
            .min()?;
        Some(nearest.clone())
    }
}
