//! The normal form of texts: the shape two providers' spellings of one text share.

/// Brings a text to normal form: `\n` line ends, no control characters, no blanks at line ends, no empty
/// lines at either end. A normal text is its own normal form.
pub fn normal_text(text: &str) -> String {
    if is_normal(text) {
        return text.to_owned();
    }
    let unified = text
        .replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}'], "\n")
        .replace('\u{a0}', " ");
    let kept: String = unified
        .chars()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        .collect();
    let lines: Vec<&str> = kept.split('\n').map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

/// Whether a text is in normal form already, as most are that are looked at again.
pub(in crate::kind) fn is_normal(text: &str) -> bool {
    let mut before = '\n';
    for c in text.chars() {
        let is_other = match c {
            '\n' => false,
            '\u{2028}' | '\u{2029}' | '\u{a0}' => true,
            _ => c.is_control() && c != '\t',
        };
        let ends_blank = c == '\n' && before != '\n' && before.is_whitespace();
        if is_other || ends_blank {
            return false;
        }
        before = c;
    }
    let is_edge = |edge: Option<char>| edge.is_some_and(char::is_whitespace);
    !(is_edge(text.chars().next()) || is_edge(text.chars().next_back()))
}

/// Whether two texts in normal form differ in nothing that both sides can hold.
///
/// The side that cannot hold a text cuts it (by characters or bytes, then loses trailing blanks) or puts
/// question marks for the characters it does not know.
pub fn same_text(
    mine: &str,
    theirs: &str,
    chars_max: Option<usize>,
    bytes_max: Option<usize>,
    four_byte_characters: bool,
) -> bool {
    let reduced = |text: &str| reduced(text, chars_max, bytes_max, four_byte_characters);
    mine == theirs || reduced(mine) == reduced(theirs)
}

/// What of a text a side can hold that cuts it so, and may not know the characters of four bytes.
pub(in crate::kind) fn reduced(
    text: &str,
    chars_max: Option<usize>,
    bytes_max: Option<usize>,
    four_byte_characters: bool,
) -> String {
    let plain = shown(text, four_byte_characters);
    let mut cut: String = match chars_max {
        Some(most) => plain.chars().take(most).collect(),
        None => plain,
    };
    if let Some(most) = bytes_max {
        let keep = cut
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|end| *end <= most)
            .last();
        cut.truncate(keep.unwrap_or(0));
    }
    cut.trim_end().to_owned()
}

/// The text as a side shows it that may not know the characters of four bytes: it puts a question mark for each byte.
pub(in crate::kind) fn shown(text: &str, four_byte_characters: bool) -> String {
    if four_byte_characters {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.len_utf8() == 4 {
            plain.push_str("????");
        } else {
            plain.push(c);
        }
    }
    plain
}
