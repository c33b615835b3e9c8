//! Counts what was done, for the record.

use chrono::{DateTime, Utc};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::settle::{Done, Settled};
use sync_core::side::{PerSide, Side};

use crate::report::{Changes, Problem};

/// Most problems that a record names; the item that keeps the last run stays far below the store's limit.
const PROBLEMS_MAX: usize = 100;

/// What one run did so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) changes: Changes,
    pub(super) problems: Vec<Problem>,
    /// Entries made in the journal.
    pub(super) journaled: usize,
    /// Whether a record was parked or is parked no more.
    pub(super) parking_changed: bool,
}

impl Tally {
    /// Counts what was done to an item, and answers how many pairs there are more.
    pub(super) fn count(&mut self, kind: Kind, settled: &Settled) -> i64 {
        let changes = self.changes.of(kind);
        for (side, done) in &settled.done {
            let counts = changes.side(*side);
            match done {
                Done::Created => counts.created += 1,
                Done::Updated => counts.updated += 1,
                Done::Deleted => counts.deleted += 1,
            }
        }
        changes.paired += u64::from(settled.joined);
        changes.conflicts += settled.conflicts as u64;
        i64::from(settled.after.is_some()) - i64::from(settled.before.is_some())
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

/// A record that did not go through, as the run record names it.
pub(super) fn problem(
    kind: Kind,
    ids: &PerSide<Option<RemoteId>>,
    failure: &Failure,
    retry_at: Option<DateTime<Utc>>,
) -> Problem {
    let name = |side: Side| ids.get(side).as_ref().map(|id| id.id.clone());
    Problem {
        kind: kind.as_str().to_owned(),
        crm_id: name(Side::Crm),
        google_id: name(Side::Google),
        code: failure.code.to_owned(),
        message: failure.message.clone(),
        retry_at,
    }
}
