//! What one site can hold, learnt once and kept in the cursor.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::Attributes;

/// The lengths of fields in characters where the site does not say otherwise. Where several modules have a field of
/// the name, all have it this long.
///
/// # Source
/// `vardefs.php` of Meetings, Calls, Tasks and Contacts, and of the templates they use, 7.14.6 to 8.10.1.
const LENGTHS: [(&str, usize); 21] = [
    ("name", 50),
    ("location", 50),
    ("salutation", 255),
    ("first_name", 100),
    ("last_name", 100),
    ("title", 100),
    ("department", 255),
    ("phone_mobile", 100),
    ("phone_work", 100),
    ("phone_home", 100),
    ("phone_other", 100),
    ("phone_fax", 100),
    ("primary_address_street", 150),
    ("primary_address_city", 100),
    ("primary_address_state", 100),
    ("primary_address_postalcode", 20),
    ("primary_address_country", 255),
    ("alt_address_street", 150),
    ("alt_address_city", 100),
    ("alt_address_state", 100),
    ("alt_address_postalcode", 20),
];
/// The length of every other text.
const LENGTH_USUAL: usize = 255;
/// The bytes of a MySQL `text` column, which is what descriptions are.
pub(crate) const DESCRIPTION_BYTES: usize = 65_535;

/// What one site can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Site {
    /// Lengths of fields that are not the usual ones.
    pub(crate) lengths: BTreeMap<String, usize>,
    /// Fields that can be done without and that the site lacks.
    pub(crate) lacks: BTreeSet<String>,
    /// Whether characters of four bytes survive.
    pub(crate) four_byte_characters: bool,
    /// Whether the site gave fewer rows than asked for and had more: then a short page is not the last one.
    pub(crate) caps_pages: bool,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            lengths: BTreeMap::new(),
            lacks: BTreeSet::new(),
            four_byte_characters: true,
            caps_pages: false,
        }
    }
}

impl Site {
    /// Longest value of a field in characters.
    pub(crate) fn chars(&self, field: &str) -> usize {
        let usual = || LENGTHS.iter().find(|(name, _)| *name == field);
        self.lengths
            .get(field)
            .copied()
            .or_else(|| usual().map(|(_, length)| *length))
            .unwrap_or(LENGTH_USUAL)
    }

    /// Takes over what the descriptions of modules' fields say; what they do not say stays as it was. A field of
    /// several modules is as long as the shortest of them.
    pub(crate) fn learn(&mut self, described: &[Attributes], dispensable: &[&str]) {
        for (field, usual) in LENGTHS {
            let told = described
                .iter()
                .filter_map(|fields| length_of(fields, field))
                .min();
            match told {
                Some(length) if length == usual => self.lengths.remove(field),
                Some(length) => self.lengths.insert(field.to_owned(), length),
                None => None,
            };
        }
        let mut told = described.iter().filter(|fields| !fields.0.is_empty()).peekable();
        if told.peek().is_none() {
            return;
        }
        let told: Vec<&Attributes> = told.collect();
        for field in dispensable {
            if told.iter().any(|fields| fields.0.contains_key(*field)) {
                self.lacks.remove(*field);
            } else {
                self.lacks.insert((*field).to_owned());
            }
        }
    }
}

/// The length of a field; a number or a number in text, and no help where it is neither or nothing.
pub(crate) fn length_of(fields: &Attributes, name: &str) -> Option<usize> {
    let length = match fields.0.get(name)?.get("len")? {
        Value::String(text) => text.trim().parse().ok()?,
        Value::Number(number) => usize::try_from(number.as_u64()?).ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (length > 0).then_some(length)
}
