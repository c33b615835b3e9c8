//! What one site is made of, learnt once and kept in the cursor.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_core::kind::event::EventLimits;

use super::wire::WireId;

/// The lengths of an event's subject and place; longer ones are cut in silence.
///
/// # Source
/// Measured on 8.2.0 and 8.4.0; `schema/DatabaseSchema.xml`.
pub(crate) const SUBJECT_CHARS: usize = 255;
/// See [`SUBJECT_CHARS`].
pub(crate) const LOCATION_CHARS: usize = 150;

/// The columns that are read of events. `contact_id` is not among them: it turns one event into as many rows as it
/// has contacts.
const COLUMNS: [&str; 17] = [
    "id",
    "subject",
    "date_start",
    "time_start",
    "due_date",
    "time_end",
    "location",
    "description",
    "visibility",
    "eventstatus",
    "activitytype",
    "recurringtype",
    "reminder_time",
    "modifiedtime",
    "modifiedby",
    "assigned_user_id",
    "source",
];
/// The contacts of an event are read apart, and only where a change would drop them.
pub(crate) const CONTACTS: &str = "contact_id";
/// Without these no event can be read at all, so they are asked for whatever the description says.
const NEEDED: [&str; 8] = [
    "id",
    "subject",
    "date_start",
    "time_start",
    "due_date",
    "time_end",
    "modifiedtime",
    "assigned_user_id",
];

/// What one site is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Site {
    /// The class of events.
    pub(crate) events: u32,
    /// The class of tasks.
    pub(crate) tasks: u32,
    /// Columns that the site does not have, or keeps from the API user.
    pub(crate) lacking: BTreeSet<String>,
    /// The type that a copy gets.
    pub(crate) meeting_type: String,
    /// The status that a copy gets.
    pub(crate) planned_status: String,
    /// Whether characters of four bytes survive.
    pub(crate) four_byte_characters: bool,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            events: 18,
            tasks: 9,
            lacking: BTreeSet::new(),
            meeting_type: "Meeting".to_owned(),
            planned_status: "Planned".to_owned(),
            four_byte_characters: true,
        }
    }
}

impl Site {
    /// The limits by which values are compared.
    pub(crate) fn limits(&self) -> EventLimits {
        EventLimits {
            title_chars: Some(SUBJECT_CHARS),
            location_chars: Some(LOCATION_CHARS),
            description_bytes: None,
            has_location: self.has("location"),
            has_private: self.has("visibility"),
            has_rules: false,
            four_byte_characters: self.four_byte_characters,
            time_step_seconds: 1,
        }
    }

    /// Whether events have that column.
    pub(crate) fn has(&self, column: &str) -> bool {
        !self.lacking.contains(column)
    }

    /// The columns to read, as a query lists them.
    pub(crate) fn columns(&self) -> String {
        let known: Vec<&str> = COLUMNS.into_iter().filter(|column| self.has(column)).collect();
        known.join(",")
    }

    /// The id of the event with that number.
    pub(crate) fn event(&self, number: u64) -> WireId {
        WireId {
            prefix: self.events,
            number,
        }
    }

    /// The id of the task with that number.
    pub(crate) fn task(&self, number: u64) -> WireId {
        WireId {
            prefix: self.tasks,
            number,
        }
    }

    /// Takes over what the description of events says; what it does not say stays as it was.
    pub(crate) fn learn_events(&mut self, described: &Value) {
        let described = Described::of(described);
        self.events = described.prefix.unwrap_or(self.events);
        if described.fields.is_empty() {
            return;
        }
        self.lacking = COLUMNS
            .into_iter()
            .chain([CONTACTS])
            .filter(|column| !NEEDED.contains(column) && described.field(column).is_none())
            .map(str::to_owned)
            .collect();
        let choose = |field: &str, usual: &str, fits: &dyn Fn(&str) -> bool| {
            let values = described.field(field).map(|field| field.values.clone())?;
            if values.is_empty() || values.iter().any(|value| value == usual) {
                return Some(usual.to_owned());
            }
            values.into_iter().find(|value| fits(value))
        };
        // The administrator may have renamed the rows of both lists.
        if let Some(meeting) = choose("activitytype", "Meeting", &|value| !is_call(value)) {
            self.meeting_type = meeting;
        }
        if let Some(planned) = choose("eventstatus", "Planned", &|_| true) {
            self.planned_status = planned;
        }
    }

    /// Takes over what the description of tasks says.
    pub(crate) fn learn_tasks(&mut self, described: &Value) {
        self.tasks = Described::of(described).prefix.unwrap_or(self.tasks);
    }
}

/// Whether a type of activity is a telephone call: `Call`, `Mobile Call`, and what administrators add to them.
pub(crate) fn is_call(activity_type: &str) -> bool {
    activity_type.to_lowercase().contains("call")
}

/// The description of a module, as far as it matters.
#[derive(Debug, Default)]
pub(crate) struct Described {
    /// The class of its records.
    pub(crate) prefix: Option<u32>,
    /// Its fields.
    pub(crate) fields: Vec<Field>,
    /// Whether records may be made, changed and deleted.
    pub(crate) writable: bool,
}

/// A field of a module.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Whether a record needs a value in it, and none is given by itself.
    pub(crate) is_demanded: bool,
    values: Vec<String>,
}

impl Described {
    /// Reads a description.
    pub(crate) fn of(described: &Value) -> Self {
        let yes = |value: &Value, name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
        let prefix = described.get("idPrefix").and_then(|prefix| match prefix {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_u64()?.try_into().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        });
        let fields = described.get("fields").and_then(Value::as_array);
        let fields = fields.into_iter().flatten().filter_map(|field| {
            let default = field.get("default").and_then(Value::as_str).unwrap_or_default();
            let values = field
                .pointer("/type/picklistValues")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|value| value.get("value")?.as_str().map(str::to_owned))
                .collect();
            Some(Field {
                name: field.get("name")?.as_str()?.to_owned(),
                is_demanded: yes(field, "mandatory") && default.is_empty(),
                values,
            })
        });
        let writable = ["createable", "updateable", "deleteable"]
            .iter()
            .all(|right| yes(described, right));
        Self {
            prefix,
            fields: fields.collect(),
            writable,
        }
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
