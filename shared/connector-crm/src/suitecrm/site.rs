//! What one site can hold, learnt once and kept in the cursor.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_core::kind::event::EventLimits;

use super::wire::{Attributes, Module};

/// The length of a meeting's and a call's name where the site does not say otherwise.
///
/// # Source
/// `modules/Meetings/vardefs.php` and `modules/Calls/vardefs.php`, 7.14.6 to 8.10.1.
const NAME_CHARS: usize = 50;
/// The length of a meeting's place; same source.
const LOCATION_CHARS: usize = 50;
/// The bytes of a MySQL `text` column.
const DESCRIPTION_BYTES: usize = 65_535;

/// What one site can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Site {
    /// Longest name that both meetings and calls hold.
    pub(crate) title_chars: usize,
    /// Longest place of a meeting.
    pub(crate) location_chars: usize,
    /// Longest description.
    pub(crate) description_bytes: usize,
    /// Whether meetings still have the column of the built-in sync.
    pub(crate) has_built_in_sync: bool,
    /// Whether characters of four bytes survive.
    pub(crate) four_byte_characters: bool,
    /// Whether the site gave fewer rows than asked for and had more: then a short page is not the last one.
    pub(crate) caps_pages: bool,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            title_chars: NAME_CHARS,
            location_chars: LOCATION_CHARS,
            description_bytes: DESCRIPTION_BYTES,
            has_built_in_sync: true,
            four_byte_characters: true,
            caps_pages: false,
        }
    }
}

impl Site {
    /// The limits by which values are compared.
    ///
    /// The step of time is a minute even where the site shows seconds, because durations are whole minutes.
    pub(crate) fn limits(&self) -> EventLimits {
        EventLimits {
            title_chars: Some(self.title_chars),
            location_chars: Some(self.location_chars),
            description_bytes: Some(self.description_bytes),
            has_location: true,
            has_private: false,
            four_byte_characters: self.four_byte_characters,
            time_step_seconds: 60,
            has_rules: false,
        }
    }

    /// Takes over what the description of a module's fields says; what it does not say stays as it was.
    pub(crate) fn learn(&mut self, fields: [(Module, &Attributes); 2]) {
        let names = fields.iter().filter_map(|(_, fields)| length_of(fields, "name"));
        self.title_chars = names.min().unwrap_or(self.title_chars);
        for (module, fields) in fields {
            if module == Module::Meetings && !fields.0.is_empty() {
                self.has_built_in_sync = fields.0.contains_key("gsync_id");
                self.location_chars = length_of(fields, "location").unwrap_or(self.location_chars);
            }
        }
    }

    /// The attributes that are read of a module's records.
    pub(crate) fn fields(&self, module: Module) -> Vec<&'static str> {
        let mut fields = vec![
            "name",
            "description",
            "date_start",
            "date_end",
            "duration_hours",
            "duration_minutes",
            "date_modified",
            "assigned_user_id",
            "repeat_type",
            "repeat_parent_id",
        ];
        if module.has_location() {
            fields.push("location");
        }
        if module == Module::Meetings && self.has_built_in_sync {
            fields.push("gsync_id");
        }
        fields
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
