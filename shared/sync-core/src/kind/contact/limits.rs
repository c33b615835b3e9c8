//! What a side cannot hold of a contact.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::field::ContactField;
use super::normal::AddressChars;

/// What a side cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactLimits {
    /// The fields the side has. What the other side has in others stays there, and is never written.
    pub fields: BTreeSet<ContactField>,
    /// Longest value in characters of the fields that are cut; longer ones come back cut.
    pub chars: BTreeMap<ContactField, usize>,
    /// Longest notes in bytes.
    pub notes_bytes: Option<usize>,
    /// Longest parts of an address in characters.
    pub address_chars: AddressChars,
    /// Whether a birthday can be without a year.
    pub birthday_without_year: bool,
    /// Whether characters of four bytes (most emoji) survive; where not, each comes back as `?`.
    pub four_byte_characters: bool,
}

impl ContactLimits {
    /// A side that holds everything.
    pub fn none() -> Self {
        Self {
            fields: ContactField::ALL.iter().copied().collect(),
            chars: BTreeMap::new(),
            notes_bytes: None,
            address_chars: AddressChars::default(),
            birthday_without_year: true,
            four_byte_characters: true,
        }
    }

    /// Whether the side has the field.
    pub fn holds(&self, field: ContactField) -> bool {
        self.fields.contains(&field)
    }
}
