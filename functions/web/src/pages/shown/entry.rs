//! An entry of the journal, in words.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sync_core::kind::event::When;
use sync_core::side::Side;
use sync_engine::memory::{JournalEntry, Loss};

use super::{Addresses, brief};
use crate::speech::Words;

/// An entry of the journal.
#[derive(Debug)]
pub(in crate::pages) struct EntryShown {
    pub(in crate::pages) id: String,
    pub(in crate::pages) at: DateTime<Utc>,
    /// What was lost where, as the beginning of a sentence.
    pub(in crate::pages) what: String,
    pub(in crate::pages) value: String,
    /// The record, where it is still there to look at.
    pub(in crate::pages) address: Option<String>,
    pub(in crate::pages) restored: bool,
}

impl EntryShown {
    pub(in crate::pages) fn of(words: &Words, addresses: &Addresses, entry: &JournalEntry) -> Self {
        let on = match entry.side {
            Side::Crm => "crm",
            Side::Google => "google",
        };
        let (what, value, is_gone) = match &entry.loss {
            Loss::Field { field, value } => {
                let name = words
                    .maybe(&format!("field-{field}"))
                    .unwrap_or_else(|| field.clone());
                (
                    words.with(&format!("lost-field-{on}"), "field", name),
                    value_of(words, field, value),
                    false,
                )
            }
            Loss::Record(record) => (words.say(format!("lost-record-{on}")), name_of(record), true),
        };
        let id = entry.ids.get(entry.side).as_ref().filter(|_| !is_gone);
        Self {
            id: entry.id.clone(),
            at: entry.at,
            what,
            value,
            address: id.and_then(|id| addresses.of(entry.kind, entry.side, id)),
            restored: entry.restored_at.is_some(),
        }
    }
}

/// What people call a record: its title, or a contact's name.
fn name_of(record: &Value) -> String {
    let text = |field: &str| {
        record
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let parts = ["title", "given_name", "family_name"].map(text);
    let name = parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    if name.is_empty() { brief(record) } else { name }
}

/// A field's value as people write it.
fn value_of(words: &Words, field: &str, value: &Value) -> String {
    if let Value::Bool(yes) = value {
        return words.say(if *yes { "yes" } else { "no" });
    }
    if field != "when" {
        return brief(value);
    }
    match serde_json::from_value::<When>(value.clone()) {
        Ok(When::Timed { start, end }) => format!("{} – {}", words.moment(&start), words.moment(&end)),
        Ok(When::AllDay { start, end }) => match end.pred_opt() {
            Some(last) if last > start => format!("{} – {}", words.day(start), words.day(last)),
            Some(_) | None => words.day(start),
        },
        Err(_) => brief(value),
    }
}
