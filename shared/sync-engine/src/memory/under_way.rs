//! Work at a side that is under way, noted before it is begun: a run that dies in the middle cannot say so afterwards.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::{Fingerprint, Kind};
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
    /// Copies are made.
    Copies {
        /// Each of them.
        makings: Vec<Making>,
        /// The records that were there already, in no pair, and bear a trace of one of the originals too, on the side
        /// where copies bear no mark of ours.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        known: BTreeSet<RemoteId>,
        /// Whether everything that was there had been read.
        whole: bool,
    },
}

/// The making of a copy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Making {
    /// The side on which it is made.
    pub on: Side,
    /// The original.
    pub origin: RemoteId,
    /// Which making of the copy it is, from 0.
    #[serde(default, skip_serializing_if = "is_first")]
    pub generation: u32,
    /// The fingerprint of all that both sides can hold of what is sent.
    pub said: Fingerprint,
    /// Whether it shows less than its original, on purpose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub veiled: bool,
    /// The series of which the original is an occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<RemoteId>,
    /// The series of which the original is one row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_of: Option<RemoteId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
fn is_first(generation: &u32) -> bool {
    *generation == 0
}

impl Memory {
    /// All work of a kind that was under way and is not known to have come to its end, oldest first.
    pub async fn under_way(&self, link: &AccountLinkId, kind: Kind) -> Remembered<Vec<UnderWay>> {
        self.listed(link, &keys::under_way_prefix(kind), "work under way")
            .await
    }
}
