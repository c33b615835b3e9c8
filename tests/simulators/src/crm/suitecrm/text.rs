//! What becomes of text on its way in and out.
//!
//! # Source
//! Field guide, section 5: purified on entry, cut without a word, encoded on output.

/// Tags that survive purification.
const ALLOWED: [&str; 32] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "td",
    "th",
    "tr",
    "u",
    "ul",
];
/// Tags without an end.
const VOID: [&str; 3] = ["br", "hr", "img"];
/// Tags that vanish with what is in them.
const SWALLOWED: [&str; 2] = ["script", "style"];

/// Text as it is stored: decoded, purified, line ends unified, and without characters the tables cannot hold.
pub(super) fn stored(text: &str, three_byte: bool) -> String {
    let decoded = decode(&text.replace("\r\n", "\n"));
    let purified = decode_entities_once(&purify(&decoded));
    if !three_byte {
        return purified;
    }
    let mut held = String::with_capacity(purified.len());
    for letter in purified.chars() {
        if letter.len_utf8() == 4 {
            held.push_str("????");
        } else {
            held.push(letter);
        }
    }
    held
}

/// The first so many characters.
pub(super) fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

/// The first 65 535 bytes, whole characters only.
pub(super) fn cut_bytes(text: &str) -> String {
    let mut bytes = 0;
    text.chars()
        .take_while(|letter| {
            bytes += letter.len_utf8();
            bytes <= 65_535
        })
        .collect()
}

/// Text as it is answered: four characters are encoded, the ampersand is not.
pub(super) fn encode(text: &str) -> String {
    text.replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#039;")
}

fn decode(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#039;", "'")
        .replace("&#39;", "'")
}

fn decode_entities_once(text: &str) -> String {
    text.replace("&nbsp;", "\u{a0}")
        .replace("&copy;", "©")
        .replace("&amp;", "&")
}

/// Takes out what looks like a tag and is not an allowed one. A `<` that no letter follows is text.
fn purify(text: &str) -> String {
    let mut pure = String::with_capacity(text.len());
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find('<') {
        let (before, from) = rest.split_at(place);
        pure.push_str(before);
        let body = from.strip_prefix('<').unwrap_or_default();
        let follows = body.chars().next();
        let closes = follows == Some('/');
        let name_at = body.strip_prefix('/').unwrap_or(body);
        if !(name_at.starts_with(|letter: char| letter.is_ascii_alphabetic()) || follows == Some('!')) {
            pure.push('<');
            rest = body;
            continue;
        }
        // A tag that never ends takes everything after it along.
        let Some((inside, after)) = name_at.split_once('>') else {
            rest = "";
            break;
        };
        rest = after;
        let name: String = inside
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        let whole_name = inside
            .get(name.len()..)
            .is_none_or(|next| next.is_empty() || next.starts_with([' ', '/', '\n', '\t']));
        if SWALLOWED.contains(&name.as_str()) && !closes {
            rest = after_end_of(after, &name);
        } else if whole_name && ALLOWED.contains(&name.as_str()) {
            push_tag(&mut pure, &mut open, &name, inside, closes);
        }
    }
    pure.push_str(rest);
    for name in open.iter().rev() {
        push_end(&mut pure, name);
    }
    pure
}

fn push_tag(pure: &mut String, open: &mut Vec<String>, name: &str, inside: &str, closes: bool) {
    if closes {
        // An end without a beginning is dropped; one that skips others closes them too.
        if let Some(place) = open.iter().rposition(|one| one == name) {
            for name in open.split_off(place).iter().rev() {
                push_end(pure, name);
            }
        }
        return;
    }
    let attributes: String = inside
        .split_whitespace()
        .skip(1)
        .filter(|part| {
            ["href=\"http", "src=\"http", "alt=\"", "title=\""]
                .iter()
                .any(|head| part.starts_with(head))
        })
        .flat_map(|part| [" ", part.trim_end_matches('/')])
        .collect();
    if VOID.contains(&name) {
        pure.push_str(&["<", name, &attributes, " />"].concat());
    } else {
        pure.push_str(&["<", name, &attributes, ">"].concat());
        open.push(name.to_owned());
    }
}

fn push_end(pure: &mut String, name: &str) {
    pure.push_str(&["</", name, ">"].concat());
}

fn after_end_of<'text>(text: &'text str, name: &str) -> &'text str {
    let end = format!("</{name}");
    let lower = text.to_ascii_lowercase();
    let Some(place) = lower.find(&end) else { return "" };
    text.get(place..)
        .and_then(|tail| tail.split_once('>'))
        .map_or("", |(_, after)| after)
}
