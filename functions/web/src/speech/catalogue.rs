//! The texts of `locales/`, read once in a process and only for the languages that are asked for.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use super::Language;

/// The files of a language: what everybody meets, the user's page, the administrator's pages, sentences that come
/// from elsewhere.
macro_rules! texts {
    ($language:literal) => {
        [
            include_str!(concat!("../../locales/", $language, "/common.ftl")),
            include_str!(concat!("../../locales/", $language, "/user.ftl")),
            include_str!(concat!("../../locales/", $language, "/admin.ftl")),
            include_str!(concat!("../../locales/", $language, "/told.ftl")),
        ]
    };
}

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| made(Language::English));
static PORTUGUESE: LazyLock<Bundle> = LazyLock::new(|| made(Language::Portuguese));
static ITALIAN: LazyLock<Bundle> = LazyLock::new(|| made(Language::Italian));
static SPANISH: LazyLock<Bundle> = LazyLock::new(|| made(Language::Spanish));
static RUSSIAN: LazyLock<Bundle> = LazyLock::new(|| made(Language::Russian));
static ROMANIAN: LazyLock<Bundle> = LazyLock::new(|| made(Language::Romanian));

/// The files of a language.
pub(super) fn texts(language: Language) -> [&'static str; 4] {
    match language {
        Language::English => texts!("en"),
        Language::Portuguese => texts!("pt"),
        Language::Italian => texts!("it"),
        Language::Spanish => texts!("es"),
        Language::Russian => texts!("ru"),
        Language::Romanian => texts!("ro"),
    }
}

/// A text with its variables filled in; `None` where the language has no such key.
pub(super) fn text(language: Language, key: &str, values: &FluentArgs<'_>) -> Option<String> {
    let bundle = bundle(language);
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(values), &mut errors);
    for error in &errors {
        tracing::warn!(language = language.code(), key, "a text lacks something: {error}");
    }
    Some(text.into_owned())
}

fn bundle(language: Language) -> &'static Bundle {
    match language {
        Language::English => &ENGLISH,
        Language::Portuguese => &PORTUGUESE,
        Language::Italian => &ITALIAN,
        Language::Spanish => &SPANISH,
        Language::Russian => &RUSSIAN,
        Language::Romanian => &ROMANIAN,
    }
}

fn made(language: Language) -> Bundle {
    let tag = language.code().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Every language here is written in the same direction as the names and numbers it takes in.
    bundle.set_use_isolating(false);
    for text in texts(language) {
        // A line that cannot be read leaves the others good; the tests read every file.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, errors)| {
            tracing::error!(
                language = language.code(),
                "{} texts cannot be read",
                errors.len()
            );
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(
                language = language.code(),
                "{} keys are there twice",
                errors.len()
            );
        }
    }
    bundle
}
