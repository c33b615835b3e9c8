//! Sentences that are said in English elsewhere, found by their words.
//!
//! Every text of `locales/en/told.ftl` is such a sentence, letter by letter, with variables where a number or a
//! name stands. What stands there is looked up in turn: `Meetings cannot be read: the CRM is busy` is one sentence
//! around another.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::FluentArgs;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};
use fluent_syntax::parser::parse;

use super::Language;
use super::catalogue;

/// Sentences in sentences that are looked up; more are not said.
const DEPTH_MAX: u8 = 3;

static SENTENCES: LazyLock<Sentences> = LazyLock::new(Sentences::read);

/// The sentences that are known.
struct Sentences {
    /// Without variables: key by text.
    plain: HashMap<String, String>,
    /// With variables.
    open: Vec<Open>,
}

/// A sentence with variables.
struct Open {
    key: String,
    /// The text before the first variable.
    begins: String,
    /// Each variable with the text behind it.
    rest: Vec<(String, String)>,
}

/// The sentence in another language; `None` where it is not known.
pub(super) fn told(language: Language, sentence: &str) -> Option<String> {
    within(language, sentence, DEPTH_MAX)
}

fn within(language: Language, sentence: &str, depth: u8) -> Option<String> {
    if let Some(text) = exactly(language, sentence, depth) {
        return Some(text);
    }
    // The same words inside of another sentence, or at the beginning of one.
    let bare = sentence.trim_end_matches('.');
    let (text, capital) = match exactly(language, bare, depth) {
        Some(text) => (text, false),
        None => (
            exactly(language, &with_first(bare, char::to_lowercase), depth)?,
            true,
        ),
    };
    let text = if capital {
        with_first(&text, char::to_uppercase)
    } else {
        text
    };
    let stop = if sentence.ends_with('.') && !text.ends_with('.') {
        "."
    } else {
        ""
    };
    Some(format!("{text}{stop}"))
}

fn exactly(language: Language, sentence: &str, depth: u8) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let mut values = FluentArgs::new();
    if let Some(key) = SENTENCES.plain.get(sentence) {
        return catalogue::text(language, key, &values);
    }
    let (open, found) = SENTENCES
        .open
        .iter()
        .find_map(|open| Some((open, open.matched(sentence)?)))?;
    for (name, value) in found {
        let value = within(language, value, depth).unwrap_or_else(|| value.to_owned());
        values.set(name.to_owned(), value);
    }
    catalogue::text(language, &open.key, &values)
}

fn with_first<I: Iterator<Item = char>>(text: &str, change: impl Fn(char) -> I) -> String {
    let mut characters = text.chars();
    let first = characters.next();
    first.into_iter().flat_map(change).chain(characters).collect()
}

impl Sentences {
    fn read() -> Self {
        let [_, _, _, text] = catalogue::texts(Language::English);
        let resource = parse(text).unwrap_or_else(|(resource, _)| resource);
        let mut plain = HashMap::new();
        let mut open = Vec::new();
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let key = message.id.name.to_owned();
            let elements = message.value.map(|pattern| pattern.elements).unwrap_or_default();
            let mut begins = String::new();
            let mut rest: Vec<(String, String)> = Vec::new();
            for element in elements {
                match element {
                    PatternElement::TextElement { value } => {
                        rest.last_mut()
                            .map_or(&mut begins, |(_, text)| text)
                            .push_str(value);
                    }
                    PatternElement::Placeable { expression } => match expression {
                        Expression::Inline(InlineExpression::VariableReference { id }) => {
                            rest.push((id.name.to_owned(), String::new()));
                        }
                        Expression::Inline(InlineExpression::StringLiteral { value }) => {
                            rest.last_mut()
                                .map_or(&mut begins, |(_, text)| text)
                                .push_str(value);
                        }
                        Expression::Inline(_) | Expression::Select { .. } => {}
                    },
                }
            }
            if rest.is_empty() {
                plain.insert(begins, key);
            } else {
                open.push(Open { key, begins, rest });
            }
        }
        // The one that says more in words of its own is the better match.
        open.sort_by_key(|open| std::cmp::Reverse(open.words()));
        Self { plain, open }
    }
}

impl Open {
    fn words(&self) -> usize {
        self.begins.len() + self.rest.iter().map(|(_, text)| text.len()).sum::<usize>()
    }

    /// What stands in place of each variable, if the sentence is this one.
    fn matched<'s>(&self, sentence: &'s str) -> Option<Vec<(&str, &'s str)>> {
        let mut left = sentence.strip_prefix(self.begins.as_str())?;
        let mut found = Vec::new();
        let last = self.rest.len().checked_sub(1)?;
        for (number, (name, text)) in self.rest.iter().enumerate() {
            let (value, behind) = if number == last {
                (left.strip_suffix(text.as_str())?, "")
            } else {
                left.split_once(text.as_str())?
            };
            if value.is_empty() {
                return None;
            }
            found.push((name.as_str(), value));
            left = behind;
        }
        Some(found)
    }
}
