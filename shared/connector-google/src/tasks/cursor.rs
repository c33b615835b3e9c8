//! How far reading is: the instant of the last reading, by Google's clock, and what was seen shortly before it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sync_core::id::Cursor;

/// Stamps are made on more than one machine, and a change may be stamped earlier than one that was listed before it.
/// How much is not published; clocks that differ by minutes would be noticed by everybody.
pub(super) const OVERLAP: TimeDelta = TimeDelta::minutes(5);

/// Most tasks of the overlap that are remembered. Others are told once more, which does no harm.
const SEEN_MAX: usize = 400;

/// Raised when the shape below changes in a way that an older reader would misread.
const SCHEMA: u32 = 1;

/// The content of our cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    schema: u32,
    /// The list as the settings had it; another one makes the cursor worthless.
    wanted: String,
    /// Its id.
    pub(super) list: String,
    /// The instant of the last reading.
    since: DateTime<Utc>,
    /// The tasks of the overlap, with their etags.
    seen: BTreeMap<String, String>,
}

impl Mark {
    /// The mark after a reading: at which instant, and which tasks it brought with which etag and time of change.
    pub(super) fn new(
        wanted: &str,
        list: &str,
        since: DateTime<Utc>,
        read: Vec<(String, String, DateTime<Utc>)>,
    ) -> Self {
        let mut recent: Vec<_> = read
            .into_iter()
            .filter(|(_, _, updated)| *updated >= since - OVERLAP)
            .collect();
        recent.sort_by_key(|(_, _, updated)| std::cmp::Reverse(*updated));
        recent.truncate(SEEN_MAX);
        Self {
            schema: SCHEMA,
            wanted: wanted.to_owned(),
            list: list.to_owned(),
            since,
            seen: recent.into_iter().map(|(id, etag, _)| (id, etag)).collect(),
        }
    }

    /// Reads a cursor. One that cannot be read, or belongs to another list, says nothing.
    pub(super) fn read(cursor: Option<&Cursor>, wanted: &str) -> Option<Self> {
        cursor
            .and_then(|cursor| serde_json::from_str::<Self>(&cursor.0).ok())
            .filter(|mark| mark.schema == SCHEMA && mark.wanted == wanted)
    }

    pub(super) fn to_cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }

    /// From which time of change on the next reading asks.
    pub(super) fn from(&self) -> DateTime<Utc> {
        self.since - OVERLAP
    }

    /// The instant of the last reading.
    pub(super) fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// Whether a task was seen with this etag before.
    pub(super) fn knows(&self, id: &str, etag: &str) -> bool {
        self.seen.get(id).is_some_and(|seen| seen == etag)
    }
}
