//! Descriptions: plain text, HTML, and the blocks that Google Meet leaves in them.

use sync_core::kind::event::normal_text;
use sync_core::policy::Description;

/// What Google Meet puts before and after its block; more of the same follows it in the same line.
const MEET_DELIMITER: &str = "-::~:~::~:~:";

/// Wider than any description's longest line (Google's limit is some 8,000 characters), so that no line is wrapped.
const LINE_WIDTH: usize = 20_000;

/// Tags by which a description is taken for HTML: those that Google's own editor and mail programs make.
const TAGS: [&str; 38] = [
    "a",
    "b",
    "blockquote",
    "body",
    "br",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "html",
    "html-blob",
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

/// Character references by which a description is taken for HTML.
const REFERENCES: [&str; 8] = [
    "&amp;", "&lt;", "&gt;", "&quot;", "&nbsp;", "&apos;", "&#39;", "&#039;",
];

/// A text of one line in normal form.
pub(super) fn one_line(text: &str) -> String {
    normal_text(&normal_text(text).replace(['\n', '\t'], " "))
}

/// The plain text of a description, without Google Meet's block.
pub(super) fn plain_description(description: &str) -> String {
    let (before, _, after) = split_meet(description);
    let text = format!("{before}{after}");
    if looks_like_html(&text) {
        normal_text(&html_to_text(&text))
    } else {
        normal_text(&text)
    }
}

/// The plain text of HTML.
pub(crate) fn plain_text(html: &str) -> String {
    normal_text(&html_to_text(html))
}

/// Google Meet's block, where the description has one.
pub(super) fn meet_block(description: &str) -> Option<&str> {
    split_meet(description).1
}

/// A description to write, with the block that was there.
pub(super) fn written_description(text: &str, mode: Description, meet: Option<&str>) -> String {
    let html = match mode {
        Description::Html => true,
        // Google shows as HTML whatever looks like it; escaped, it shows what the person has written.
        Description::Text => looks_like_html(text),
    };
    let written = if html { text_to_html(text) } else { text.to_owned() };
    match meet {
        None => written,
        Some(block) if written.is_empty() => block.to_owned(),
        Some(block) => format!("{written}\n\n{block}"),
    }
}

/// What is before the block, the block with its delimiters, and what is after it.
fn split_meet(description: &str) -> (&str, Option<&str>, &str) {
    let Some((before, from)) = description
        .find(MEET_DELIMITER)
        .and_then(|at| description.split_at_checked(at))
    else {
        return (description, None, "");
    };
    let is_delimiter = |c: char| matches!(c, '-' | ':' | '~');
    // The block ends with the last delimiter; where there is only the first, with the text.
    let after = from
        .trim_start_matches(is_delimiter)
        .rfind(MEET_DELIMITER)
        .and_then(|at| from.trim_start_matches(is_delimiter).split_at_checked(at))
        .map_or("", |(_, last)| last.trim_start_matches(is_delimiter));
    let block = from.strip_suffix(after).unwrap_or(from);
    (before, Some(block), after)
}

/// Whether a text has a tag or a character reference that only HTML has.
fn looks_like_html(text: &str) -> bool {
    REFERENCES.iter().any(|reference| text.contains(reference))
        || text.split('<').skip(1).any(begins_with_tag)
}

/// Whether a text that follows `<` goes on like a tag and has its end.
fn begins_with_tag(rest: &str) -> bool {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .unwrap_or(rest.len());
    let Some((name, next)) = rest.split_at_checked(end) else {
        return false;
    };
    TAGS.contains(&name.to_ascii_lowercase().as_str())
        && next.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace())
        && next.contains('>')
}

fn text_to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    // A line's first blank, and every blank after a blank, would vanish.
    let mut blank = true;
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\n' => html.push_str("<br>"),
            ' ' if blank => html.push_str("&nbsp;"),
            other => html.push(other),
        }
        blank = matches!(c, ' ' | '\n');
    }
    html
}

fn html_to_text(html: &str) -> String {
    // The marks of links are from a range that no text uses on purpose.
    let clean: String = html
        .chars()
        .filter(|c| !('\u{e000}'..='\u{e002}').contains(c))
        .collect();
    // The library leaves rules out, and with them the line break.
    let clean = ["<hr>", "<hr/>", "<hr />"]
        .iter()
        .fold(clean, |text, rule| text.replace(rule, "<br>---<br>"));
    let rendered = html2text::config::with_decorator(Links::default())
        .raw_mode(true)
        .allow_width_overflow()
        .string_from_read(clean.as_bytes(), LINE_WIDTH)
        .unwrap_or(clean);
    with_addresses(&rendered)
}

/// Puts each link's address behind its text, unless the text is the address.
fn with_addresses(text: &str) -> String {
    let mut parts = text.split(LINK_START);
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((link, rest)) = part.split_once(LINK_END) else {
            result.push_str(part);
            continue;
        };
        let (shown, address) = link.split_once(LINK_MIDDLE).unwrap_or((link, ""));
        result.push_str(shown);
        let bare = address
            .strip_prefix("mailto:")
            .or_else(|| address.strip_prefix("tel:"))
            .unwrap_or(address);
        let told = [address, bare, address.trim_end_matches('/')].contains(&shown.trim());
        if !told && !bare.is_empty() && !address.starts_with('#') {
            if !shown.trim().is_empty() {
                result.push(' ');
            }
            result.push('<');
            result.push_str(bare);
            result.push('>');
        }
        result.push_str(rest);
    }
    result
}

const LINK_START: char = '\u{e000}';
const LINK_MIDDLE: char = '\u{e001}';
const LINK_END: char = '\u{e002}';

/// Renders plain text, with lists as lists and links with their addresses.
#[derive(Debug, Clone, Default)]
struct Links {
    open: Vec<String>,
}

impl html2text::render::TextDecorator for Links {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.open.push(url.to_owned());
        (LINK_START.to_string(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        format!("{LINK_MIDDLE}{}{LINK_END}", self.open.pop().unwrap_or_default())
    }

    fn decorate_em_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        Self::default()
    }
}
