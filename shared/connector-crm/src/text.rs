//! Texts that a column does not hold as they are.

use sync_core::kind::event::same_text;

/// The first characters of a text, without blanks at the new end.
pub(crate) fn cut_to_chars(text: &str, chars_max: usize) -> String {
    text.chars()
        .take(chars_max)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// The first bytes of a text, whole characters only, without blanks at the new end.
pub(crate) fn cut_to_bytes(text: &str, bytes_max: usize) -> String {
    let keep = text
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= bytes_max)
        .last();
    text.get(..keep.unwrap_or(0))
        .unwrap_or_default()
        .trim_end()
        .to_owned()
}

/// Whether a text came back with question marks for its characters of four bytes: the CRM's tables do not hold them.
/// Both texts are in normal form.
pub(crate) fn lost_four_bytes(sent: &str, kept: &str) -> bool {
    sent.chars().any(|character| character.len_utf8() == 4)
        && !same_text(sent, kept, None, None, true)
        && same_text(sent, kept, Some(kept.chars().count()), None, false)
}
