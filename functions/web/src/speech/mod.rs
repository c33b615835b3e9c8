//! The languages that the pages speak.
//!
//! | module | holds |
//! |---|---|
//! | `language` | which languages there are, and which one a browser wants |
//! | `catalogue` | the texts of `locales/`, one folder a language, in Fluent's form |
//! | `told` | sentences that other crates and `messages.rs` say in English, found in the catalogue by their text |
//! | `words` | what templates and handlers ask for: a text, a count, a moment |
//! | `layer` | keeps a language that was chosen on a page, and puts refusals into words |
//!
//! A text that a page always shows has a key; a sentence that comes from elsewhere (a field's error, a failure)
//! is looked up by its English words, so that no crate below has to know of languages. One that is not in the
//! catalogue is shown in English rather than not at all.

mod catalogue;
mod language;
mod layer;
mod told;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use language::Language;
pub(crate) use layer::spoken;
pub(crate) use words::Words;
