//! The decision: what both sides changed since the base, and what that asks for.
//!
//! | file | decides |
//! |---|---|
//! | `gather` | sorts the two change sets by item: who is paired, who is new, who is missing |
//! | `renamed` | which records go by another name now |
//! | `first` | which records that were never paired are one thing |
//! | `matrix` | the state table: what a pair needs, given how each side stands |
//! | `merge` | field by field: which side's value travels, which one loses |
//! | `brake` | how many deletions a run may do without a person's word |

mod brake;
mod first;
mod gather;
mod matrix;
mod merge;
mod renamed;

use std::collections::BTreeMap;

use crate::base::{Pair, Placed};
use crate::change::{ChangeSet, Observed, Window};
use crate::id::RemoteId;
use crate::kind::event::{EventLimits, EventRecord};
use crate::plan::{Plan, Step};
use crate::policy::EventSettings;
use crate::port::Remote;
use crate::side::{PerSide, Side};

pub use brake::deletions_allowed;
pub use gather::absent;

/// Everything the decision looks at besides the changes.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The user's settings for the kind.
    pub settings: &'a EventSettings,
    /// The part of time in scope.
    pub window: Window,
    /// What each side cannot hold.
    pub limits: PerSide<&'a EventLimits>,
    /// How many pairs there are in all.
    pub pairs_in_all: u64,
    /// How many deletions a person has confirmed.
    pub deletions_confirmed: usize,
    /// The names that copies get.
    pub copies: &'a dyn CopyNames,
}

/// Knows the id under which a side would keep a copy of the other side's record. Pure.
pub trait CopyNames: Send + Sync + std::fmt::Debug {
    /// The copy's id on `side`.
    fn copy_of(&self, side: Side, origin: &RemoteId, generation: u32) -> RemoteId;
}

impl CopyNames for PerSide<&dyn Remote<EventRecord>> {
    fn copy_of(&self, side: Side, origin: &RemoteId, generation: u32) -> RemoteId {
        self.get(side).derived_id(origin, generation)
    }
}

/// Decides what two readings ask for. Pure: the same input gives the same plan, in the same order.
///
/// `pairs` holds at least every pair in which a reported record stands, and every pair where a collection or a
/// series was listed whole.
pub fn reconcile(
    ground: &Ground<'_>,
    pairs: Vec<Pair>,
    changes: PerSide<ChangeSet<EventRecord>>,
) -> Plan<EventRecord> {
    let mut gathered = gather::gather(pairs, changes, ground.window);
    let mut steps: Vec<Step<EventRecord>> = Vec::new();
    for item in gathered.paired {
        let step = match first::made_anew(ground, &item, &mut gathered.unpaired) {
            Some(anew) => Some(matrix::step_for_made_anew(ground, item, anew)),
            None => matrix::step_for_pair(ground, item.pair, item.stands),
        };
        steps.extend(step);
    }
    let first::Matched { matches, alone } = first::match_unpaired(ground, gathered.unpaired);
    for (crm, google) in matches {
        steps.push(step_for_match(ground, crm, google));
    }
    for (side, seen) in alone {
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
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every value is the large variant"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum Stands {
    /// It was not reported, so it is as it was.
    Unread,
    /// It reads so.
    Present(Observed<EventRecord>),
    /// It is deleted.
    Gone,
    /// It no longer belongs to the user.
    Left,
}

/// Decides again about one pair, after one of its records turned out to be other than expected.
pub fn step_for_pair(ground: &Ground<'_>, pair: Pair, stands: PerSide<Stands>) -> Option<Step<EventRecord>> {
    matrix::step_for_pair(ground, pair, stands)
}

/// Decides about two records found to be one thing that has no base yet.
pub fn step_for_match(
    ground: &Ground<'_>,
    crm: Observed<EventRecord>,
    google: Observed<EventRecord>,
) -> Step<EventRecord> {
    merge::step_for_match(ground, crm, google)
}

/// Decides about a record that stands in no pair: a copy of it on the other side, if it is in scope.
pub fn step_for_new(
    ground: &Ground<'_>,
    side: Side,
    seen: Observed<EventRecord>,
) -> Option<Step<EventRecord>> {
    matrix::step_for_new(ground, side, seen, 0)
}

/// The records of a side by id, the last report of each.
type ById = BTreeMap<RemoteId, Observed<EventRecord>>;

impl Placed for Observed<EventRecord> {
    fn starts_at(&self) -> chrono::DateTime<chrono::Utc> {
        self.record.starts_at()
    }
}
