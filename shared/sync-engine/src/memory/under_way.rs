//! Work at a side that is under way, noted before it is begun: a run that dies in the middle cannot say so afterwards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::Kind;
use sync_core::side::Side;

use super::{Memory, Remembered, keys};

/// A note of work that is under way. It says what was to be seen before, and asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// Its name among the notes of its kind.
    pub name: String,
    /// The kind.
    pub kind: Kind,
    /// The work.
    pub work: Work,
}

/// What may be under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A record is changed, and what is not read of it is taken away for a moment.
    Change {
        /// Its side.
        side: Side,
        /// The record.
        id: RemoteId,
        /// What is taken away, in its connector's own words.
        taken: serde_json::Value,
    },
    /// A copy is made that will bear no mark of ours.
    Copy(Making),
}

/// The making of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// The original.
    pub origin: RemoteId,
    /// The records that were there already, in no pair, and bear a trace of the original too.
    pub known: BTreeSet<RemoteId>,
    /// Whether everything that was there had been read.
    pub whole: bool,
}

impl Memory {
    /// All work of a kind that was under way and is not known to have come to its end, oldest first.
    pub async fn under_way(&self, link: &AccountLinkId, kind: Kind) -> Remembered<Vec<UnderWay>> {
        self.listed(link, &keys::under_way_prefix(kind), "work under way")
            .await
    }
}
