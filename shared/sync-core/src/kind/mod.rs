//! The neutral records, one folder a kind, and what every kind must be able to do.

pub mod event;

use std::fmt::Debug;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::side::PerSide;

/// The kinds of record that can be kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// CRM meetings and calls with Google Calendar events.
    Event,
    /// CRM tasks with Google Tasks.
    Task,
    /// CRM contacts with Google Contacts.
    Contact,
}

impl Kind {
    /// The word used in keys, logs and problems.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Event => "event",
            Kind::Task => "task",
            Kind::Contact => "contact",
        }
    }
}

/// A neutral record that can be merged field by field.
///
/// Law: two records with equal fingerprints in every field are the same record to the sync.
pub trait Record: Clone + Debug + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The units of merging.
    type Field: Copy + Debug + Ord + Send + Sync + 'static;
    /// What a side cannot hold (lengths, characters), by which values are compared at the poorer precision.
    type Limits: Clone + Debug + Send + Sync;

    /// Which kind this is.
    const KIND: Kind;
    /// Every field, in a fixed order.
    const FIELDS: &'static [Self::Field];

    /// The field's name in the store and in the journal.
    fn field_name(field: Self::Field) -> &'static str;
    /// A fingerprint of the field's value in normal form.
    fn fingerprint(&self, field: Self::Field) -> Fingerprint;
    /// Takes one field's value from another record.
    fn take(&mut self, field: Self::Field, from: &Self);
    /// Whether two values of a field differ in nothing that both sides can hold.
    fn same(&self, field: Self::Field, other: &Self, limits: PerSide<&Self::Limits>) -> bool;
    /// The field's value as a journal shows and restores it.
    fn journal_value(&self, field: Self::Field) -> serde_json::Value;
    /// Takes a field's value from a journal; `None` where it is no value of that field.
    fn put_journal_value(&mut self, field: Self::Field, value: &serde_json::Value) -> Option<()>;
    /// The field of that name.
    fn field_named(name: &str) -> Option<Self::Field> {
        Self::FIELDS
            .iter()
            .copied()
            .find(|field| Self::field_name(*field) == name)
    }
}

/// A short hash of one field's value: enough to see that it changed, not enough to know what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of a value's normal form.
    pub fn of(normal_form: impl AsRef<[u8]>) -> Self {
        let digest = Sha256::digest(normal_form.as_ref());
        Self(
            digest
                .iter()
                .take(8)
                .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
        )
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}
