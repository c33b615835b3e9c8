//! A provider's habits.

use chrono::Duration;

use crate::kinds::Played;

/// What a provider does to what it is given.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(crate) struct Nature<R: Played> {
    pub(crate) limits: R::Limits,
    /// Makes two blanks one, which no limit tells.
    pub(crate) squeezes: bool,
    /// How far its clock is off.
    pub(crate) skew: Duration,
    /// Whether it draws the names of new records itself.
    pub(crate) draws_names: bool,
    /// Whether it keeps our mark on a copy.
    pub(crate) keeps_marks: bool,
    /// Whether a list of changes tells of deletions.
    pub(crate) has_tombstones: bool,
    /// Whether it keeps series with a rule.
    pub(crate) keeps_series: bool,
    /// Whether it keeps every occurrence of a series as a record of its own, and tells which belong together.
    pub(crate) keeps_rows: bool,
    /// How far its lists are behind; a record read by name is fresh.
    pub(crate) lists_lag: Duration,
}

impl<R: Played> Nature<R> {
    /// What the side makes of a record.
    pub(crate) fn rewritten(&self, record: &R) -> R {
        record.rewritten(self)
    }

    /// The same side, were it not for the habit that no limit tells.
    pub(crate) fn without_squeezing(&self) -> Self {
        Self {
            squeezes: false,
            ..self.clone()
        }
    }
}
