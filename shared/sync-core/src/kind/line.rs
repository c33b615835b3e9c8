//! Texts of one line.

use super::event::normal_text;

/// A text of one line in normal form: what [`normal_text`] makes of it, with every run of blanks and line ends as
/// one blank. A normal line is its own normal form.
pub fn one_line(text: &str) -> String {
    normal_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
