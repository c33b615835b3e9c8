//! The decision: what both sides changed since the base, and what that asks for.
//!
//! | file | decides |
//! |---|---|
//! | `gather` | sorts the two change sets by item: who is paired, who is new, who is missing |
//! | `present` | finds one side's records by their names |
//! | `renamed` | which records go by another name now |
//! | `anew` | which record takes the place of a deleted one |
//! | `first` | which records that were never paired are one thing |
//! | `matrix` | the state table: what a pair needs, given how each side stands |
//! | `merge` | field by field: which side's value travels, which one loses |
//! | `join` | the same for two records that have no base yet |
//! | `veil` | what the copy of a private record must not show |
//! | `series` | which rows become one series on the other side, and which row is which occurrence |
//! | `room` | where a value goes that gives way without being lost |
//! | `brake` | how many deletions a run may do without a person's word |

mod anew;
mod brake;
mod first;
mod gather;
mod join;
mod matrix;
mod merge;
mod present;
mod renamed;
mod room;
mod series;
mod veil;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::base::Pair;
use crate::change::{ChangeSet, Observed, Window};
use crate::id::RemoteId;
use crate::kind::Record;
use crate::plan::{Plan, Step};
use crate::port::Remote;
use crate::side::{PerSide, Side};

pub use brake::deletions_allowed;
pub use gather::absent;
pub use renamed::SHIFT_DAYS;
pub use series::pairs_of_series;

/// Generations of a derived id by which a copy is looked for.
const GENERATIONS: u32 = 3;

/// Everything the decision looks at besides the changes.
#[derive(Debug)]
pub struct Ground<'a, R: Record> {
    /// The user's settings for the kind.
    pub settings: &'a R::Settings,
    /// The part of time in scope.
    pub window: Window,
    /// What each side cannot hold.
    pub limits: PerSide<&'a R::Limits>,
    /// How many pairs there are in all.
    pub pairs_in_all: u64,
    /// How many deletions a person has confirmed.
    pub deletions_confirmed: usize,
    /// The names that copies get.
    pub copies: &'a dyn CopyNames,
    /// Guests may be told of changes to what lies after this instant; `None` where nobody is told of anything.
    pub guests_told_after: Option<DateTime<Utc>>,
    /// The zone whose time of day the user reads, for series.
    pub zone: Tz,
}

/// Knows the id under which a side would keep a copy of the other side's record. Pure.
pub trait CopyNames: Send + Sync + std::fmt::Debug {
    /// The copy's id on `side`.
    fn copy_of(&self, side: Side, origin: &RemoteId, generation: u32) -> RemoteId;
}

impl<R: Record> CopyNames for PerSide<&dyn Remote<R>> {
    fn copy_of(&self, side: Side, origin: &RemoteId, generation: u32) -> RemoteId {
        self.get(side).derived_id(origin, generation)
    }
}

/// Decides what two readings ask for. Pure: the same input gives the same plan, in the same order.
///
/// `pairs` holds at least every pair in which a reported record stands, and every pair where a collection or a
/// series was listed whole.
pub fn reconcile<R: Record>(
    ground: &Ground<'_, R>,
    pairs: Vec<Pair>,
    changes: PerSide<ChangeSet<R>>,
) -> Plan<R> {
    let mut gathered = gather::gather(pairs, changes, ground.window);
    let taken = first::Taken::of(&gathered);
    let mut successors = anew::Successors::among(ground, &mut gathered);
    let mut steps: Vec<Step<R>> = Vec::with_capacity(gathered.paired.len());
    for item in gathered.paired {
        let step = match successors.take_for(ground, &item) {
            Some(anew) => Some(matrix::step_for_made_anew(ground, item, anew)),
            None => matrix::step_for_pair(ground, item.pair, item.stands),
        };
        steps.extend(step);
    }
    let first::Matched {
        matches,
        alone,
        ambiguous,
    } = first::match_unpaired(ground, successors.left());
    gathered.unreadable.extend(ambiguous);
    let (alone, second_copies) = taken.told_apart(&matches, alone);
    gathered.unreadable.extend(second_copies);
    for (crm, google) in matches {
        steps.push(step_for_match(ground, crm, google));
    }
    let series::Grouped { series, single } = series::group(ground, alone);
    steps.extend(series);
    for (side, seen) in single {
        steps.extend(matrix::step_for_new(ground, side, seen, 0));
    }
    let mut plan = Plan {
        steps,
        unreadable: gathered.unreadable,
        braked: false,
    };
    plan.braked = brake::is_braked(ground, &plan);
    plan
}

/// How a side of a pair stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Stands<R> {
    /// It was not reported, so it is as it was.
    Unread,
    /// It reads so.
    Present(Box<Observed<R>>),
    /// It is deleted.
    Gone,
    /// It no longer belongs to the user.
    Left,
}

/// Decides about one pair, of which the records may go by other names by now.
pub fn step_for_pair<R: Record>(
    ground: &Ground<'_, R>,
    mut pair: Pair,
    stands: PerSide<Stands<R>>,
) -> Option<Step<R>> {
    for side in Side::BOTH {
        if let Stands::Present(seen) = stands.get(side) {
            pair.half.get_mut(side).rename(&seen.id);
        }
    }
    matrix::step_for_pair(ground, pair, stands)
}

/// Decides again about a step, after one of its records turned out to be other than expected.
pub fn step_again<R: Record>(
    ground: &Ground<'_, R>,
    step: &Step<R>,
    stands: PerSide<Stands<R>>,
) -> Option<Step<R>> {
    if let Some(pair) = &step.base {
        return step_for_pair(ground, pair.clone(), stands);
    }
    // What is left of two records that were about to be joined is new, unless it is a copy of one that passed to
    // somebody else.
    let alone = |side: Side, seen: Box<Observed<R>>, across: &Stands<R>| {
        let other = step.id(side.other());
        let is_copy = other.is_some_and(|original| veil::is_copy(ground, side, &seen, original));
        match across {
            Stands::Gone => step_for_new(ground, side, seen),
            Stands::Left if !is_copy => step_for_new(ground, side, seen),
            Stands::Left | Stands::Unread | Stands::Present(_) => None,
        }
    };
    match (stands.crm, stands.google) {
        (Stands::Present(crm), Stands::Present(google)) => Some(step_for_match(ground, crm, google)),
        (Stands::Present(crm), google) => alone(Side::Crm, crm, &google),
        (crm, Stands::Present(google)) => alone(Side::Google, google, &crm),
        (_, _) => None,
    }
}

/// Decides about two records found to be one thing that has no base yet.
pub fn step_for_match<R: Record>(
    ground: &Ground<'_, R>,
    crm: impl Into<Box<Observed<R>>>,
    google: impl Into<Box<Observed<R>>>,
) -> Step<R> {
    join::step_for_match(ground, crm.into(), google.into())
}

/// Decides about a record that stands in no pair: a copy of it on the other side, if it is in scope.
pub fn step_for_new<R: Record>(
    ground: &Ground<'_, R>,
    side: Side,
    seen: impl Into<Box<Observed<R>>>,
) -> Option<Step<R>> {
    matrix::step_for_new(ground, side, seen.into(), 0)
}

/// The records of a side by id, the last report of each.
type ById<R> = BTreeMap<RemoteId, Seen<R>>;

/// A record as it was read. It is large and goes from hand to hand, so it lies in one place.
type Seen<R> = Box<Observed<R>>;
