//! Decided work, as data: it can be counted, shown, held back, and carried out.

use crate::base::{Pair, PairState};
use crate::change::Observed;
use crate::id::{RemoteId, Version};
use crate::kind::Record;
use crate::port::{Create, CreateSeries, Update};
use crate::side::{PerSide, Side};

/// Everything that one reading of both sides asks for.
#[derive(Debug, Clone)]
pub struct Plan<R: Record> {
    /// One step for each item that needs one; items that need nothing have none.
    pub steps: Vec<Step<R>>,
    /// Records that cannot be carried, and why.
    pub unreadable: Vec<Unreadable>,
    /// Whether the deletions are more than a run may do without a person's word.
    pub braked: bool,
}

/// What one item needs.
#[derive(Debug, Clone)]
pub struct Step<R: Record> {
    /// The pair as stored.
    pub base: Option<Pair>,
    /// The records as read in this run; `None` where a side was not read or has none.
    pub seen: PerSide<Option<Box<Observed<R>>>>,
    /// What to do.
    pub action: Action<R>,
    /// The values that lose.
    pub lost: Vec<Lost<R>>,
    /// The fields changed on a side whose change does not travel as things are; they stay different from the
    /// base, so that the change is not lost when it may travel later.
    pub waiting: PerSide<Vec<R::Field>>,
    /// The side on which the item was born.
    pub origin: Side,
    /// Whether the copy is veiled afterwards: it shows less than its original, on purpose.
    pub veiled: bool,
}

/// What to do about one item.
#[derive(Debug, Clone)]
pub enum Action<R: Record> {
    /// Make a copy on a side; the other side's record is in `seen`.
    Create {
        /// The side that gets the copy.
        on: Side,
        /// The copy.
        create: Box<Create<R>>,
    },
    /// Make one series on a side from rows that stand in no pair.
    CreateSeries {
        /// The side that gets the series.
        on: Side,
        /// The series.
        create: Box<CreateSeries<R>>,
        /// The rows, by their start.
        rows: Vec<Observed<R>>,
    },
    /// Write some fields, on one side or on both, or on none where only the base moves.
    Write(Writes<R>),
    /// Delete the record on a side.
    Delete {
        /// The side.
        on: Side,
        /// The record.
        id: RemoteId,
        /// The version it must still be.
        expected: Version,
        /// Why.
        why: Why,
    },
    /// Remember the pair in another state.
    Remember(PairState),
    /// Forget the pair: both records are gone.
    Forget,
}

/// The write of each side, where there is one.
pub type Writes<R> = PerSide<Option<Box<Update<R>>>>;

/// Why a record is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The record on the other side was deleted.
    Deleted,
    /// It is a copy of what the other side may no longer see. The original stays, so the brake does not count it.
    Hidden,
}

/// A field's value that loses against the other side's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost<R: Record> {
    /// The side whose value is overwritten.
    pub side: Side,
    /// The field.
    pub field: R::Field,
}

/// A record that cannot be carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its side.
    pub side: Side,
    /// Its name.
    pub id: RemoteId,
    /// A short word for programs.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
}

impl<R: Record> Step<R> {
    /// The side on which the step deletes, if it does.
    pub fn deletes_on(&self) -> Option<Side> {
        match &self.action {
            Action::Delete {
                on,
                id: _,
                expected: _,
                why: _,
            } => Some(*on),
            Action::Create { .. }
            | Action::CreateSeries { .. }
            | Action::Write(_)
            | Action::Remember(_)
            | Action::Forget => None,
        }
    }

    /// The side to which the step carries a deletion, if it does: what the brake counts and holds.
    pub fn carries_deletion_to(&self) -> Option<Side> {
        match &self.action {
            Action::Delete {
                on,
                why: Why::Deleted,
                ..
            } => Some(*on),
            Action::Delete { why: Why::Hidden, .. }
            | Action::Create { .. }
            | Action::CreateSeries { .. }
            | Action::Write(_)
            | Action::Remember(_)
            | Action::Forget => None,
        }
    }

    /// The record's name on a side, as far as it is known.
    pub fn id(&self, side: Side) -> Option<&RemoteId> {
        self.seen
            .get(side)
            .as_ref()
            .map(|seen| &seen.id)
            .or_else(|| self.base.as_ref().map(|pair| &pair.half.get(side).id))
    }

    /// Every record that the step is about.
    pub fn names(&self) -> Vec<(Side, RemoteId)> {
        let known = Side::BOTH
            .into_iter()
            .filter_map(|side| Some((side, self.id(side)?.clone())));
        let rows = match &self.action {
            Action::CreateSeries { on, create: _, rows } => {
                let named = rows.iter().map(|row| (on.other(), row.id.clone()));
                named.collect()
            }
            Action::Create { .. }
            | Action::Write(_)
            | Action::Delete { .. }
            | Action::Remember(_)
            | Action::Forget => Vec::new(),
        };
        known.chain(rows).collect()
    }

    /// Whether carrying the step out calls a provider.
    pub fn is_remote(&self) -> bool {
        match &self.action {
            Action::Create { .. } | Action::CreateSeries { .. } | Action::Delete { .. } => true,
            Action::Write(writes) => writes.crm.is_some() || writes.google.is_some(),
            Action::Remember(_) | Action::Forget => false,
        }
    }
}

impl<R: Record> Plan<R> {
    /// How many records would be deleted on each side because the other one's was.
    pub fn deletions(&self) -> PerSide<usize> {
        PerSide::from_fn(|side| {
            self.steps
                .iter()
                .filter(|step| step.carries_deletion_to() == Some(side))
                .count()
        })
    }
}
