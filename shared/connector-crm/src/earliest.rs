//! The CRM's own time, as a reading meets it.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// The earliest instant that the CRM's answers have named since a reading began.
#[derive(Debug, Default)]
pub(crate) struct Earliest(Mutex<Option<DateTime<Utc>>>);

impl Earliest {
    /// Notes the time of an answer.
    pub(crate) fn note(&self, date: Option<DateTime<Utc>>) {
        let mut earliest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *earliest = [*earliest, date].into_iter().flatten().min();
    }

    /// That instant; `None` where no answer had a date.
    pub(crate) fn get(&self) -> Option<DateTime<Utc>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
