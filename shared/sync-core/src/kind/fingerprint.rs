//! Fingerprints: what is remembered of a field's value.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::contact::ContactRecord;
use super::event::EventRecord;
use super::task::TaskRecord;
use super::{Kind, Record};

/// A short hash of one field's value: enough to see that it changed, not enough to know what it was.
///
/// The first eight bytes of the SHA-256 of the value's normal form. It is stored with every pair, so it stays what it
/// is: by another one, every stored pair would look changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    // What most fields of a contact say, and every flag: known, so that they are not hashed each time.
    const NOTHING: Self = Self(0xe3b0_c442_98fc_1c14);
    const NO: Self = Self(0x6e34_0b9c_ffb3_7a98);
    const YES: Self = Self(0x4bf5_122f_3445_54c5);

    /// The fingerprint of a text that says nothing.
    pub fn of_nothing() -> Self {
        Self::NOTHING
    }

    /// The fingerprint of a flag.
    pub fn of_flag(flag: bool) -> Self {
        if flag { Self::YES } else { Self::NO }
    }

    /// The fingerprint of a value's normal form.
    pub fn of(normal_form: &str) -> Self {
        if normal_form.is_empty() {
            return Self::NOTHING;
        }
        Self::cut(Sha256::digest(normal_form))
    }

    /// The fingerprint of a value by what it is written as, without writing it down.
    pub fn of_written(value: impl fmt::Display) -> Self {
        let mut hashed = Hashed(Sha256::new());
        // Hashing takes every text, so there is nothing to fail.
        match fmt::write(&mut hashed, format_args!("{value}")) {
            Ok(()) | Err(fmt::Error) => Self::cut(hashed.0.finalize()),
        }
    }

    fn cut(digest: impl Into<[u8; 32]>) -> Self {
        let first = digest.into().into_iter().take(8);
        Self(first.fold(0, |sum, byte| (sum << 8) | u64::from(byte)))
    }
}

/// A text that is hashed while it is written.
struct Hashed(Sha256);

impl fmt::Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// Fingerprints of a record's fields, by the fields' names.
///
/// They lie as the kind's fields do, as long as there is one of every field, so that each is found where it is looked
/// for first. Their order says nothing.
#[derive(Debug, Clone, Default)]
pub struct Fingerprints(Vec<(&'static str, Fingerprint)>);

impl Fingerprints {
    /// The fingerprint of every field of a record.
    pub fn of<R: Record>(record: &R) -> Self {
        let fields = R::FIELDS.iter();
        Self(
            fields
                .map(|field| (R::field_name(*field), record.fingerprint(*field)))
                .collect(),
        )
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one of a field.
    pub fn get(&self, name: &str) -> Option<Fingerprint> {
        let mut all = self.0.iter();
        all.find(|(known, _)| *known == name)
            .map(|(_, fingerprint)| *fingerprint)
    }

    /// The one of a field that probably lies at this place.
    pub(crate) fn get_near(&self, place: usize, name: &str) -> Option<Fingerprint> {
        match self.0.get(place) {
            Some((known, fingerprint)) if *known == name => Some(*fingerprint),
            Some(_) | None => self.get(name),
        }
    }

    /// Whether there is one of a field.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Remembers one of a field, in the place of the one that is there.
    pub fn insert(&mut self, name: &'static str, fingerprint: Fingerprint) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, there)) => *there = fingerprint,
            None => self.0.push((name, fingerprint)),
        }
    }

    /// Forgets the one of a field.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| *known != name);
    }
}

impl PartialEq for Fingerprints {
    fn eq(&self, other: &Self) -> bool {
        let mut mine = self.0.iter().enumerate();
        self.len() == other.len()
            && mine.all(|(place, (name, fingerprint))| other.get_near(place, name) == Some(*fingerprint))
    }
}

impl Eq for Fingerprints {}

impl Serialize for Fingerprints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, fingerprint)| (name, fingerprint)))
    }
}

impl<'de> Deserialize<'de> for Fingerprints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByName)
    }
}

/// Reads fingerprints by name, in the order in which they are written. A name that no kind knows is left out: nobody
/// will ask for it.
struct ByName;

impl<'de> Visitor<'de> for ByName {
    type Value = Fingerprints;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("fingerprints by the names of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fingerprints, A::Error> {
        let mut read = Fingerprints(Vec::with_capacity(map.size_hint().unwrap_or_default()));
        while let Some((name, fingerprint)) = map.next_entry::<Cow<'de, str>, Fingerprint>()? {
            if let Some(known) = known_name(&name) {
                read.insert(known, fingerprint);
            }
        }
        Ok(read)
    }
}

/// A field's name as the kinds know it.
fn known_name(name: &str) -> Option<&'static str> {
    Kind::ALL.into_iter().find_map(|kind| match kind {
        Kind::Event => name_in::<EventRecord>(name),
        Kind::Task => name_in::<TaskRecord>(name),
        Kind::Contact => name_in::<ContactRecord>(name),
    })
}

fn name_in<R: Record>(name: &str) -> Option<&'static str> {
    R::field_named(name).map(R::field_name)
}
