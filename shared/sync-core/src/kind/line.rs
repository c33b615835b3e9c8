//! Texts of one line.

use std::borrow::Cow;

use super::event::{is_normal, normal_text};

/// A text of one line in normal form: what [`normal_text`] makes of it, with every run of blanks and line ends as
/// one blank. A normal line is its own normal form.
pub fn one_line(text: &str) -> String {
    as_one_line(text).into_owned()
}

/// The same, where most are one normal line already.
pub(super) fn as_one_line(text: &str) -> Cow<'_, str> {
    let is_blank = |c: char| c.is_whitespace() && c != ' ';
    if is_normal(text) && !text.contains("  ") && !text.contains(is_blank) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(normal_text(text).split_whitespace().collect::<Vec<_>>().join(" "))
}
