//! Texts and stamps: what SuiteCRM does to every text on its way in and out.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sync_core::kind::event::normal_text;

use crate::text::cut_to_chars;

/// A text on one line, decoded and in normal form.
pub(crate) fn one_line(text: &str) -> String {
    normal_text(&decoded(text)).replace(['\n', '\t'], " ")
}

/// A text of several lines, decoded and in normal form.
pub(crate) fn lines(text: &str) -> String {
    normal_text(&decoded(text))
}

/// Decodes, once, what the CRM encodes in every text it puts out: `<`, `>` and both quotation marks. It leaves `&`
/// as it is, so `&amp;` is what a person typed.
///
/// # Source
/// Measured on 7.14.6: `htmlspecialchars` without the ampersand. An HTML library would decode too much.
pub(crate) fn decoded(text: &str) -> String {
    const ENCODED: [(&str, char); 4] = [("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#039;", '\'')];
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from_ampersand)) = rest.split_once('&') {
        plain.push_str(before);
        let known = ENCODED.iter().find_map(|(entity, character)| {
            from_ampersand
                .strip_prefix(entity.trim_start_matches('&'))
                .map(|after| (character, after))
        });
        rest = if let Some((character, after)) = known {
            plain.push(*character);
            after
        } else {
            plain.push('&');
            from_ampersand
        };
    }
    plain.push_str(rest);
    plain
}

/// Puts a space after every `<` that would begin a tag: the CRM throws tags away, and `<someone@example.com>` with
/// them.
///
/// # Source
/// Measured on 7.14.6: `1<2` and `<3` survive, `x<y and y>z` becomes `xz`.
pub(crate) fn spaced(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        safe.push(character);
        if character == '<'
            && characters
                .peek()
                .is_some_and(|next| next.is_alphabetic() || matches!(next, '/' | '!' | '?'))
        {
            safe.push(' ');
        }
    }
    safe
}

/// A text as it is sent to a field that holds so many characters.
pub(crate) fn held(text: &str, chars_max: usize) -> String {
    cut_to_chars(&spaced(text), chars_max)
}

/// A stamp made of content: the CRM has no revisions, and its times of change come without seconds.
pub(crate) fn stamp<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part.as_bytes());
    }
    // Half of the digest is plenty to tell two states of one record apart.
    HEXLOWER.encode(digest.finalize().as_slice().get(..16).unwrap_or_default())
}
