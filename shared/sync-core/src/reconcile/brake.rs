//! How many deletions a run may do without a person's word.

use super::Ground;
use crate::kind::Record;
use crate::mutation::{self, Mutation};
use crate::plan::Plan;

/// Deletions that are never held, however few pairs there are.
const ALWAYS_ALLOWED: u64 = 10;
/// The share of the pairs that may be deleted in one run: one in five.
const ONE_IN: u64 = 5;

/// The most deletions that a run does by itself: max(10, 20 % of the pairs).
pub fn deletions_allowed(pairs_in_all: u64) -> usize {
    usize::try_from(ALWAYS_ALLOWED.max(pairs_in_all / ONE_IN)).unwrap_or(usize::MAX)
}

pub(super) fn is_braked<R: Record>(ground: &Ground<'_, R>, plan: &Plan<R>) -> bool {
    let deletions = plan.deletions();
    let wanted = deletions.crm + deletions.google;
    !mutation::on(Mutation::NoBrake)
        && wanted > deletions_allowed(ground.pairs_in_all).max(ground.deletions_confirmed)
}
