//! Records that go by another name now: renamed by a side that says so, moved to another collection, occurrences of a
//! series that was moved or split, rows of a series that the CRM made anew.
//!
//! A provider names an occurrence after its original time. A series moved by an hour is a series whose old
//! occurrences are all gone and whose new ones are all unknown; "this and following" is a series cut short and
//! another one that goes on from there; "edit all" in a CRM deletes every row but one and makes new ones. Carried over
//! like that, every record on the other side would be deleted and made anew, and lose what only that side knows of it.
//!
//! All of a series follow the one move that most of them agree on: nearness alone would have a neighbour take the place
//! of an occurrence that is gone, and each one after it that of the next.
//!
//! Rows are followed only where their whole series was made anew: all but one of those that are paired are gone, and the
//! others have gone where that one went, or two of them have gone the same way. A row that is deleted by itself is
//! deleted, although another one of its series stands in no pair, because it is out of scope or was refused.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::gather::Reported;
use crate::base::{Half, Pair};
use crate::change::{Observed, Window};
use crate::id::RemoteId;
use crate::kind::Record;
use crate::mutation::{self, Mutation};
use crate::side::{PerSide, Side};

/// A series is taken to have been moved by less than this. What lies farther apart is another occurrence.
pub const SHIFT_DAYS: i64 = 7;

/// An occurrence may lie so far from where its series' move puts it: the clocks may have changed in between.
const SHIFT_SLACK_HOURS: i64 = 2;

/// Gives the pairs' records the names they go by now.
pub(super) fn follow<R: Record>(pairs: &mut [Pair], reported: &PerSide<Reported<R>>, window: Window) {
    if pairs.is_empty() {
        return;
    }
    for side in Side::BOTH {
        let reported = reported.get(side);
        let Some(mut free) = Free::of(pairs, side, reported) else {
            continue;
        };
        free.stayed = Stayed::of(pairs, side, reported, window);
        let told = free.told();
        for pair in pairs.iter_mut() {
            let half = pair.half.get_mut(side);
            if let Some(name) = told.get(&half.id) {
                free.take(name);
                half.rename(name);
            }
        }
        for pair in pairs.iter_mut().filter(|pair| pair.state.is_kept(side)) {
            let half = pair.half.get_mut(side);
            if reported.may_have_moved(half)
                && let Some(name) = free.moved(half)
            {
                free.take(&name);
                half.rename(&name);
            }
        }
        let mut missing: Vec<&mut Half> = pairs
            .iter_mut()
            .filter(|pair| pair.state.is_kept(side) && reported.is_missing(pair.half.get(side), window))
            .map(|pair| pair.half.get_mut(side))
            .collect();
        missing.sort_by_key(|half| half.starts_at);
        let moves = free.moves(&missing);
        for half in missing {
            if let Some(name) = free.follows(half, &moves) {
                free.take(&name);
                half.rename(&name);
            }
        }
    }
}

/// Where a series went, and by how much it was moved on the way.
type Move = (RemoteId, TimeDelta);

/// The free records of one series, each with the instant at which it starts.
type Family<'a, R> = Vec<(DateTime<Utc>, &'a Observed<R>)>;

/// The records reported that stand in no pair.
struct Free<'a, R> {
    names: BTreeSet<&'a RemoteId>,
    /// By their ids, whatever the collection.
    by_id: BTreeMap<&'a str, Vec<&'a RemoteId>>,
    reported: &'a Reported<R>,
    /// By the series, listed whole, whose occurrences they are, or whose rows.
    families: BTreeMap<RemoteId, Family<'a, R>>,
    /// What is left of series that are kept as rows, by the name under which the pairs know them.
    stayed: BTreeMap<RemoteId, Stayed>,
}

/// The paired rows of a series that are there as before.
#[derive(Default)]
struct Stayed {
    count: usize,
    /// By how much one of them was moved, as far as it was reported.
    shift: Option<TimeDelta>,
    /// The name by which the series goes now: it changes with its first row, and nothing shows it until a row is read.
    goes_as: Option<RemoteId>,
}

impl Stayed {
    fn of<R: Record>(
        pairs: &[Pair],
        side: Side,
        reported: &Reported<R>,
        window: Window,
    ) -> BTreeMap<RemoteId, Self> {
        let mut stayed: BTreeMap<RemoteId, Self> = BTreeMap::new();
        for pair in pairs.iter().filter(|pair| pair.state.is_kept(side)) {
            let half = pair.half.get(side);
            let Some(series) = half
                .row_of
                .as_ref()
                .filter(|_| !reported.is_missing(half, window))
            else {
                continue;
            };
            let of_series = stayed.entry(series.clone()).or_default();
            of_series.count += 1;
            if let Some(seen) = reported.present.get(&half.id) {
                of_series.goes_as.clone_from(&seen.traits.row_of);
                let there = seen.record.starts_at().zip(half.starts_at);
                of_series.shift = there.map(|(now, before)| now - before);
            }
        }
        stayed
    }

    /// Whether so many rows that are gone and would have been moved by so much were made anew with their whole series.
    fn fits(&self, shift: TimeDelta, rows: usize) -> bool {
        if mutation::on(Mutation::RowsMadeAnewUnfollowed) {
            return false;
        }
        let off = shift - self.shift.unwrap_or_default();
        self.count <= 1 && (rows > 1 || off.abs() <= TimeDelta::hours(SHIFT_SLACK_HOURS))
    }
}

impl<'a, R: Record> Free<'a, R> {
    /// `None` where all that was reported is paired.
    fn of(pairs: &[Pair], side: Side, reported: &'a Reported<R>) -> Option<Self> {
        let halves = || pairs.iter().map(|pair| pair.half.get(side));
        let names = reported.present.names_without(halves().map(|half| &half.id));
        if names.is_empty() {
            return None;
        }
        let mut by_id: BTreeMap<&str, Vec<&RemoteId>> = BTreeMap::new();
        for name in &names {
            by_id.entry(&name.id).or_default().push(name);
        }
        let free = || {
            names
                .iter()
                .filter_map(|id| Some((*id, reported.present.get(id)?)))
        };
        let mut families: BTreeMap<RemoteId, Family<'_, R>> = BTreeMap::new();
        for (id, seen) in free() {
            let listed = |series: &&RemoteId| {
                let occurrences = reported.series.get(*series);
                occurrences.is_some_and(|occurrences| occurrences.contains(id))
            };
            let occurrence_of = seen.traits.series.as_ref().filter(listed);
            let family = occurrence_of.or(seen.traits.row_of.as_ref());
            if let Some((family, at)) = family.zip(seen.record.starts_at()) {
                families.entry(family.clone()).or_default().push((at, seen));
            }
        }
        Some(Self {
            names: names.into_iter().collect(),
            by_id,
            reported,
            families,
            stayed: BTreeMap::new(),
        })
    }

    fn take(&mut self, name: &RemoteId) {
        self.names.remove(name);
    }

    /// The names of now by the former ones, as far as the side tells them.
    fn told(&self) -> BTreeMap<RemoteId, RemoteId> {
        let named = self
            .names
            .iter()
            .filter_map(|name| self.reported.present.get(name));
        named
            .flat_map(|seen| {
                let former = seen.traits.former_ids.iter();
                former.map(|former| (former.clone(), seen.id.clone()))
            })
            .collect()
    }

    /// The same id in another collection.
    fn moved(&self, half: &Half) -> Option<RemoteId> {
        let id = &half.id;
        let mut namesakes = self.by_id.get(id.id.as_str())?.iter();
        let moved = namesakes.find(|name| name.collection != id.collection && self.names.contains(*name))?;
        Some((*moved).clone())
    }

    /// The series that a missing record was one of, if it went away together with others of it: an occurrence deleted
    /// by itself is gone. Rows are always deleted one by one.
    fn family<'b>(&self, half: &'b Half) -> Option<&'b RemoteId> {
        let series = half.series.as_ref().filter(|_| !self.reported.is_cancelled(half));
        series.or(half.row_of.as_ref())
    }

    /// Where each series went: the move at which most of its missing records find a free one.
    fn moves(&self, missing: &[&mut Half]) -> BTreeMap<RemoteId, Move> {
        let mut votes: BTreeMap<RemoteId, BTreeMap<Move, usize>> = BTreeMap::new();
        for half in missing {
            let (Some(family), Some(at)) = (self.family(half), half.starts_at) else {
                continue;
            };
            let goes_as = self.stayed.get(family).and_then(|stayed| stayed.goes_as.as_ref());
            let own = goes_as.unwrap_or(family);
            // Rows stay with their series. An occurrence may go on in another one, of which some may be known already:
            // a run that died in the middle of the move has carried a part of it.
            let targets = self
                .families
                .iter()
                .filter(|(target, _)| half.series.is_some() || *target == own);
            for (target, free) in targets {
                for (there, seen) in free {
                    let shift = *there - at;
                    let goes_on = target == own || shift.is_zero() || has_title_of(half, seen);
                    if goes_on && shift.abs() < TimeDelta::days(SHIFT_DAYS) {
                        let of_family = votes.entry(family.clone()).or_default();
                        *of_family.entry((target.clone(), shift)).or_default() += 1;
                    }
                }
            }
        }
        let rows: BTreeSet<&RemoteId> = missing.iter().filter_map(|half| half.row_of.as_ref()).collect();
        let nothing = Stayed::default();
        let chosen = |family: &RemoteId, votes: BTreeMap<Move, usize>| {
            let stayed = self.stayed.get(family).unwrap_or(&nothing);
            let may_be = |shift: TimeDelta, count: usize| !rows.contains(family) || stayed.fits(shift, count);
            let most = votes
                .into_iter()
                .filter(|((_, shift), count)| may_be(*shift, *count))
                .max_by_key(|((_, shift), count)| (*count, std::cmp::Reverse(shift.abs())));
            most.map(|(chosen, _)| chosen)
        };
        votes
            .into_iter()
            .filter_map(|(family, votes)| Some((family.clone(), chosen(&family, votes)?)))
            .collect()
    }

    /// The free record that lies where its series' move puts this one.
    fn follows(&self, half: &Half, moves: &BTreeMap<RemoteId, Move>) -> Option<RemoteId> {
        let (target, shift) = moves.get(self.family(half)?)?;
        let there = half.starts_at? + *shift;
        self.families
            .get(target)?
            .iter()
            .filter(|(_, seen)| self.names.contains(&seen.id))
            .map(|(at, seen)| ((*at - there).abs(), &seen.id))
            .filter(|(off, _)| *off <= TimeDelta::hours(SHIFT_SLACK_HOURS))
            .min()
            .map(|(_, id)| id.clone())
    }
}

/// Whether a record bears the title that both sides agreed on for another one.
fn has_title_of<R: Record>(half: &Half, seen: &Observed<R>) -> bool {
    R::field_named("title").is_some_and(|title| !half.differs(title, &seen.record))
}
