//! What becomes of values on their way into the columns.

use chrono::NaiveDate;

use super::columns::Kind;
use super::options::{Version, VtigerOptions};

/// A value as its column keeps it.
pub(super) fn kept(text: &str, kind: Kind, options: &VtigerOptions) -> String {
    let whole_is_escaped = options.version == Version::V8_4;
    let text_kept = |chars_max| kept_text(text, chars_max, options.three_byte_text, whole_is_escaped);
    match kind {
        Kind::Text(most) => text_kept(Some(most)),
        Kind::LongText | Kind::Picklist(_) | Kind::Time | Kind::Date => text_kept(None),
        Kind::Day if text.is_empty() => String::new(),
        Kind::Day => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map_or_else(|_| "0000-00-00".to_owned(), |day| day.to_string()),
        Kind::Flag => if is_on(text) { "1" } else { "0" }.to_owned(),
        Kind::Reference(_) | Kind::Owner | Kind::Number => text.to_owned(),
    }
}

/// Whether a checkbox takes it for on.
pub(super) fn is_on(text: &str) -> bool {
    ["1", "on"].contains(&text)
}

/// Keeps a text: cut in silence, without characters of four bytes where the table has none, and
/// with scripts escaped.
fn kept_text(text: &str, chars_max: Option<usize>, three_byte: bool, whole_is_escaped: bool) -> String {
    let text = without_scripts(text, whole_is_escaped);
    let text: String = if three_byte {
        text.chars()
            .flat_map(|character| {
                let lost = character.len_utf8() == 4;
                let (times, shown) = if lost { (4, '?') } else { (1, character) };
                std::iter::repeat_n(shown, times)
            })
            .collect()
    } else {
        text
    };
    match chars_max {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    }
}

/// 8.2 escapes the tags of a script, 8.4 the whole text that has one (section 2.4 and the correction to it).
fn without_scripts(text: &str, whole_is_escaped: bool) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("<script") && !lower.contains("</script") {
        return text.to_owned();
    }
    if whole_is_escaped {
        return text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;");
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        plain.push_str(before);
        let name = behind.strip_prefix('/').unwrap_or(behind).to_ascii_lowercase();
        match behind.split_once('>') {
            Some((tag, after)) if name.starts_with("script") => {
                plain.push_str("&lt;");
                plain.push_str(tag);
                plain.push_str("&gt;");
                rest = after;
            }
            Some(_) | None => {
                plain.push('<');
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// A reminder is written in seconds and read in minutes; whole hours gain a minute (section 2.1).
pub(super) fn reminder_minutes(seconds: &str) -> String {
    let Ok(seconds) = seconds.trim().parse::<u64>() else {
        return String::new();
    };
    match seconds {
        0 => String::new(),
        1..60 => "1".to_owned(),
        _ => {
            let minutes = seconds / 60;
            if minutes.is_multiple_of(60) {
                minutes + 1
            } else {
                minutes
            }
            .to_string()
        }
    }
}

/// `<`, `>`, `&` and quotation marks escaped, as in `label`.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
