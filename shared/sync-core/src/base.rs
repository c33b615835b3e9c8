//! What both sides last agreed on.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::change::Observed;
use crate::id::{RemoteId, Version};
use crate::kind::{Fingerprint, Fingerprints, Kind, Record};
use crate::mutation::{self, Mutation};
use crate::side::{PerSide, Side};

/// Two records known to be one thing, one per side, with the base of the next merge.
///
/// The base is kept per side, as that side *returned* it: a title the CRM cut at fifty characters is unchanged
/// as long as the CRM shows the cut one, so the cut never flows back over the long one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The kind of both records.
    pub kind: Kind,
    /// Each side's half.
    pub half: PerSide<Half>,
    /// The side on which the pair was born.
    pub origin: Side,
    /// How often the copy has been made anew; part of the copy's derived id.
    pub generation: u32,
    /// Whether both records are still kept in step.
    pub state: PairState,
    /// Whether the copy is veiled: it shows less than its original, on purpose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub veiled: bool,
}

/// Whether a pair's records are kept in step, or only remembered so that the one that is left is not taken for
/// a new record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairState {
    /// Both are kept in step.
    #[default]
    Living,
    /// The record on this side was deleted and policy kept the other one; an edit of that one makes it anew.
    Gone(Side),
    /// The record on this side no longer belongs to the user; the other one is left alone until it comes back.
    Left(Side),
}

/// One side of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Half {
    /// The record's name there.
    pub id: RemoteId,
    /// The name under which it is stored, where it goes by another one since.
    #[serde(skip)]
    pub former_id: Option<RemoteId>,
    /// Its stamp when we last saw it.
    pub version: Version,
    /// The fingerprint of each field as the side returned it when both last agreed on that field.
    pub fields: Fingerprints,
    /// The series the record belongs to.
    pub series: Option<RemoteId>,
    /// The series of which it is one row, on a side that keeps every occurrence as a record of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_of: Option<RemoteId>,
    /// When it starts, to know whether its absence from a window says anything; `None` for what has no place in
    /// time.
    pub starts_at: Option<DateTime<Utc>>,
    /// Whether some field of this version differs from `fields`: a change that has not travelled yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

impl Half {
    /// The half that a record makes when all of it is agreed.
    pub fn agreed<R: Record>(seen: &Observed<R>) -> Self {
        Self {
            id: seen.id.clone(),
            former_id: None,
            version: seen.version.clone(),
            fields: fingerprints(&seen.record),
            series: seen.traits.series.clone(),
            row_of: seen.traits.row_of.clone(),
            starts_at: seen.record.starts_at(),
            pending: false,
        }
    }

    /// Gives the record the name it goes by now, if that is another one.
    pub fn rename(&mut self, id: &RemoteId) {
        if self.id != *id {
            let before = std::mem::replace(&mut self.id, id.clone());
            let stored = self.former_id.take().unwrap_or(before);
            self.former_id = Some(stored).filter(|stored| stored != id);
        }
    }

    /// The name under which it is stored.
    pub fn stored_id(&self) -> &RemoteId {
        self.former_id.as_ref().unwrap_or(&self.id)
    }

    /// Whether a record is the version we know, under the name we know.
    pub fn is_known<R>(&self, seen: &Observed<R>) -> bool {
        self.former_id.is_none() && self.version == seen.version
    }

    /// The fields in which a record differs from what was agreed; none where it still is the version we know.
    pub fn changed<R: Record>(&self, seen: &Observed<R>) -> Vec<R::Field> {
        if self.is_known(seen) && !self.pending {
            return Vec::new();
        }
        let fields = R::FIELDS.iter().copied().enumerate();
        fields
            .filter(|(place, field)| {
                let agreed = self.fields.get_near(*place, R::field_name(*field));
                agreed != Some(seen.record.fingerprint(*field)) || mutation::on(Mutation::WholeRecordChanged)
            })
            .map(|(_, field)| field)
            .collect()
    }

    /// Whether a field of a record differs from what was agreed.
    pub fn differs<R: Record>(&self, field: R::Field, record: &R) -> bool {
        self.fields.get(R::field_name(field)) != Some(record.fingerprint(field))
    }
}

/// The fingerprint of every field.
pub fn fingerprints<R: Record>(record: &R) -> Fingerprints {
    Fingerprints::of(record)
}

/// The fingerprint of all that both sides can hold of a record.
pub fn shared_fingerprint<R: Record>(record: &R, limits: PerSide<&R::Limits>) -> Fingerprint {
    let of = |field: &R::Field| format!("{:016x}", record.shared_fingerprint(*field, limits).0);
    Fingerprint::of(&R::FIELDS.iter().map(of).collect::<String>())
}

impl Pair {
    /// Whether both are the same pair as it is stored, whatever its records are called by now.
    pub fn is_stored_as(&self, other: &Pair) -> bool {
        let stored = |pair: &Pair| pair.half.as_ref().map(|half| half.stored_id().clone());
        stored(self) == stored(other)
    }
}

impl PairState {
    /// Whether the pair still counts on the record of this side.
    pub fn is_kept(self, side: Side) -> bool {
        match self {
            PairState::Living => true,
            PairState::Gone(gone) | PairState::Left(gone) => gone != side,
        }
    }
}
