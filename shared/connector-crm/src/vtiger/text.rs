//! What becomes of texts on their way in and out.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::text::cut_to_chars;

/// A text for a column of so many characters: without the tags of scripts, and cut as the CRM would in silence.
pub(crate) fn held(text: &str, chars_max: usize) -> Value {
    cut_to_chars(&broken_up(text), chars_max).into()
}

/// Stands for the subject of an event or a task that has none: the CRM demands one.
const UNTITLED: &str = "(No title)";
/// The length of the column of subjects; longer ones are cut in silence.
///
/// # Source
/// Measured on 8.2.0 and 8.4.0; `schema/DatabaseSchema.xml`.
pub(crate) const SUBJECT_CHARS: usize = 255;

/// A title as a subject.
pub(crate) fn subject(title: &str) -> Value {
    held(if title.is_empty() { UNTITLED } else { title }, SUBJECT_CHARS)
}

/// The title that a subject, as one line, says.
pub(crate) fn title(subject: String) -> String {
    if subject == UNTITLED {
        return String::new();
    }
    subject
}

/// Puts a space into every tag of a script: a text with one is escaped altogether.
///
/// # Source
/// Measured: 8.2.0 escapes the tag, 8.4.0 the whole text.
pub(crate) fn broken_up(text: &str) -> String {
    const TAG: &str = "script";
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        safe.push_str(before);
        safe.push('<');
        let name = behind.strip_prefix('/').unwrap_or(behind);
        if name
            .get(..TAG.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(TAG))
        {
            safe.push(' ');
        }
        rest = behind;
    }
    safe.push_str(rest);
    safe
}

/// A stamp made of a record's content: the CRM has no revision, and two writes of one second have the same time of
/// change. Half of the digest is plenty to tell two states of one record apart.
pub(crate) fn stamp<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part.as_bytes());
    }
    HEXLOWER.encode(digest.finalize().as_slice().get(..16).unwrap_or_default())
}

/// Puts a value among the columns to send.
pub(crate) fn put(values: &mut Map<String, Value>, column: &str, value: impl Into<Value>) {
    values.insert(column.to_owned(), value.into());
}
