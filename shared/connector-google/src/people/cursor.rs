//! Where reading stands: the sync token, and what the reading was made with.

use serde::{Deserialize, Serialize};
use sync_core::id::Cursor;

/// Raised when the shape below changes in a way that an older reader would misread, or the parameters of the list do:
/// a token is good only with those it was given for.
const SCHEMA: u32 = 1;

/// The content of our cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    schema: u32,
    /// The label's name; another one changes what is in scope.
    label: Option<String>,
    /// The slots that values were dealt out to; others change what every contact says.
    slots: String,
    /// The label's group, where there was one.
    pub(super) group: Option<String>,
    /// Google's sync token.
    pub(super) token: String,
}

impl Mark {
    pub(super) fn new(label: Option<&str>, slots: String, group: Option<String>, token: String) -> Self {
        Self {
            schema: SCHEMA,
            label: label.map(str::to_owned),
            slots,
            group,
            token,
        }
    }

    /// Reads a cursor. One that cannot be read, or was made with something else, says nothing.
    pub(super) fn read(cursor: Option<&Cursor>, label: Option<&str>, slots: &str) -> Option<Self> {
        Self::stood(cursor).filter(|mark| mark.is_of(label) && mark.slots == slots)
    }

    /// What is left of an earlier reading, whatever it was made with. A cursor that cannot be read says nothing.
    pub(super) fn stood(cursor: Option<&Cursor>) -> Option<Self> {
        cursor
            .and_then(|cursor| serde_json::from_str::<Self>(&cursor.0).ok())
            .filter(|mark| mark.schema == SCHEMA)
    }

    /// Whether it was made under another label.
    pub(super) fn had_another_label(&self, label: &str) -> bool {
        self.label.as_ref().is_some_and(|other| other != label)
    }

    /// Whether it was made under that label, or like this one under none.
    pub(super) fn is_of(&self, label: Option<&str>) -> bool {
        self.label.as_deref() == label
    }

    pub(super) fn to_cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).unwrap_or_default())
    }
}
