//! Where reading stands: a sync token for each calendar.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sync_core::change::Window;
use sync_core::id::Cursor;

/// How far the window may have moved on before series are expanded anew. Each such time costs a whole list, and
/// the far end of a year's horizon can wait a month.
const HORIZON_SLACK: TimeDelta = TimeDelta::days(30);

/// Raised when the shape below changes in a way that an older reader would misread.
const SCHEMA: u32 = 1;

/// The content of our cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marks {
    schema: u32,
    calendars: BTreeMap<String, Mark>,
}

/// Where reading of one calendar stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Google's sync token.
    pub(super) token: String,
    /// The window of the last whole list: what it left out is not covered by the token.
    pub(super) from: DateTime<Utc>,
    /// How far series were expanded then.
    pub(super) until: DateTime<Utc>,
}

impl Marks {
    pub(super) fn new(calendars: BTreeMap<String, Mark>) -> Self {
        Self {
            schema: SCHEMA,
            calendars,
        }
    }

    /// Reads a cursor. One that cannot be read says nothing, and everything is listed.
    pub(super) fn read(cursor: Option<&Cursor>) -> Self {
        cursor
            .and_then(|cursor| serde_json::from_str::<Self>(&cursor.0).ok())
            .filter(|marks| marks.schema == SCHEMA)
            .unwrap_or_else(|| Self::new(BTreeMap::new()))
    }

    pub(super) fn to_cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }

    /// The calendar's mark, where reading can go on from it. A window that begins earlier, or reaches much
    /// further, takes in what no delta will ever report.
    pub(super) fn usable(&self, calendar: &str, window: Window) -> Option<&Mark> {
        self.calendars
            .get(calendar)
            .filter(|mark| mark.from <= window.from && window.until <= mark.until + HORIZON_SLACK)
    }
}
