//! Every language says everything, and says it with the same variables.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeZone, Utc};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use sync_core::policy::FieldError;

use super::{Language, Words, catalogue, told};
use crate::origin::Origin;

/// The plural categories of each language, by CLDR, as far as whole numbers below a million need them.
fn categories(language: Language) -> &'static [&'static str] {
    match language {
        Language::English | Language::Portuguese | Language::Italian | Language::Spanish => &["one", "other"],
        Language::Russian => &["one", "few", "many", "other"],
        Language::Romanian => &["one", "few", "other"],
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Text {
    variables: BTreeSet<String>,
    /// The variants of each choice by number.
    plurals: Vec<BTreeSet<String>>,
}

fn look(pattern: &Pattern<&str>, text: &mut Text) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else {
            continue;
        };
        let selector = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                let keys = variants.iter().map(|variant| match &variant.key {
                    fluent_syntax::ast::VariantKey::Identifier { name } => (*name).to_owned(),
                    fluent_syntax::ast::VariantKey::NumberLiteral { value } => (*value).to_owned(),
                });
                text.plurals.push(keys.collect());
                for variant in variants {
                    look(&variant.value, text);
                }
                selector
            }
        };
        if let InlineExpression::VariableReference { id } = selector {
            text.variables.insert(id.name.to_owned());
        }
    }
}

fn texts(language: Language) -> BTreeMap<String, Text> {
    let mut found = BTreeMap::new();
    for file in catalogue::texts(language) {
        let resource = parse(file).unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let name = message.id.name.to_owned();
            let mut text = Text::default();
            look(
                &message.value.unwrap_or_else(|| panic!("{name} is empty")),
                &mut text,
            );
            assert!(
                found.insert(name.clone(), text).is_none(),
                "{language:?} has {name} twice"
            );
        }
    }
    found
}

fn words(language: Language, headers: &[(header::HeaderName, &str)]) -> Words {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    let uri: Uri = format!("/me?lang={}", language.code()).parse().unwrap();
    let now = Utc.with_ymd_and_hms(2026, 3, 4, 12, 0, 0).unwrap();
    Words::of(&Method::GET, &uri, &map, &origin(), now)
}

fn origin() -> Origin {
    Origin {
        base: "https://sync.example.com".to_owned(),
    }
}

#[test]
fn every_key_is_in_every_language_with_the_same_variables() {
    let english = texts(Language::English);
    assert!(english.len() > 400, "{}", english.len());
    for language in Language::ALL {
        let found = texts(language);
        for (key, text) in &english {
            let there = found
                .get(key)
                .unwrap_or_else(|| panic!("{language:?} lacks {key}"));
            assert_eq!(there.variables, text.variables, "{language:?}: {key}");
            for plural in &there.plurals {
                for category in categories(language) {
                    assert!(plural.contains(*category), "{language:?}: {key} lacks {category}");
                }
            }
            assert_eq!(there.plurals.len(), text.plurals.len(), "{language:?}: {key}");
        }
        let more: Vec<_> = found.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(more.is_empty(), "{language:?} has what English lacks: {more:?}");
    }
}

#[test]
fn every_key_that_a_page_asks_for_is_there_and_every_text_is_asked_for() {
    let english = texts(Language::English);
    let sources = sources();
    let asked = keys_in(&sources);
    let missing: Vec<_> = asked.iter().filter(|key| !english.contains_key(*key)).collect();
    assert!(missing.is_empty(), "no text for {missing:?}");
    // Keys put together from a value, by their beginning.
    let made = [
        "month-",
        "label-",
        "day-",
        "trigger-",
        "planned-",
        "field-",
        "crm-",
        "sign-in-hint-",
        "reason-",
        "kind-",
        "private-",
        "deletions-",
        "direction-",
        "winner-",
        "description-",
        "contacts-",
        "lost-",
        "moment",
        "snippet-",
    ];
    let [_, _, _, told] = catalogue::texts(Language::English);
    let unused: Vec<_> = english
        .keys()
        .filter(|key| !asked.contains(*key) && !made.iter().any(|begin| key.starts_with(begin)))
        .filter(|key| !told.contains(&format!("\n{key} =")))
        .collect();
    assert!(unused.is_empty(), "nobody asks for {unused:?}");
}

/// Templates and pages, as text.
fn sources() -> String {
    fn walk(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, text);
            } else {
                text.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = std::fs::read_to_string(root.join("src/speech/words.rs")).unwrap();
    walk(&root.join("templates"), &mut text);
    walk(&root.join("src/pages"), &mut text);
    text
}

/// What stands in quotes after a word that asks for a text.
fn keys_in(sources: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for asking in [".say(", ".with(", ".count(", ".maybe(", ".filled("] {
        for part in sources.split(asking).skip(1) {
            let inside = part.split(')').next().unwrap_or_default().trim_start();
            // A conditional asks for one of two; what is no text itself is put together elsewhere.
            let asked = match inside {
                one if one.starts_with('"') => 1,
                two if two.starts_with("if ") => 2,
                _ => 0,
            };
            let quoted = inside.split('"').skip(1).step_by(2).take(asked);
            let whole = quoted.filter(|key| !key.is_empty() && !key.contains(['{', ' ', '/', ':']));
            keys.extend(whole.map(str::to_owned));
        }
    }
    for part in sources.split("(\"did-").skip(1) {
        keys.insert(format!("did-{}", part.split('"').next().unwrap_or_default()));
    }
    for (begin, end) in [("Side::Crm => \"", "\""), ("Side::Google => \"side", "\"")] {
        for part in sources.split(begin).skip(1) {
            let key = part.split(end).next().unwrap_or_default();
            let key = if begin.ends_with("side") {
                format!("side{key}")
            } else {
                key.to_owned()
            };
            if key.starts_with("side-") {
                keys.insert(key);
            }
        }
    }
    keys
}

#[test]
fn every_sentence_of_the_messages_is_known_in_every_language() {
    let messages = include_str!("../messages.rs");
    let mut sentences = BTreeSet::new();
    for line in messages
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        let quoted = line.split('"').skip(1).step_by(2);
        // A single word is the name of something that was done.
        sentences.extend(quoted.filter(|text| text.contains(' ')));
    }
    assert!(sentences.len() > 100, "{}", sentences.len());
    for language in Language::ALL {
        for sentence in &sentences {
            let found = told::told(language, sentence);
            let found = found.unwrap_or_else(|| panic!("{language:?} does not know: {sentence}"));
            assert_eq!(
                found == **sentence,
                language == Language::English,
                "{language:?}: {sentence}"
            );
        }
    }
}

#[test]
fn what_is_wrong_with_settings_and_files_is_said_in_every_language() {
    let settings = serde_json::json!({
        "interval_minutes": 1,
        "events": {
            "calendars": [], "target_calendar": "", "record_types": ["visit"], "direction": "up", "private_as_busy": "perhaps",
            "hours": { "days": [], "from": "8", "to": "7", "time_zone": "Mars" },
        },
        "tasks": { "list": " " },
        "contacts": { "tags": [], "label": "" },
        "more": 1,
    });
    let mut errors = sync_core::policy::Settings::default()
        .patched(&settings)
        .unwrap_err();
    for file in [
        "",
        "[]",
        "{}",
        "{\"installed\":{}}",
        "{\"type\":\"service_account\"}",
        "{\"web\":{\"client_id\":\" \"}}",
    ] {
        errors.extend(
            connector_google::client_file::read_client_file(file.as_bytes(), "https://sync.example.com/x")
                .unwrap_err(),
        );
    }
    let auth = serde_json::json!({ "client_id": " ", "client_secret": 1, "username": "u" });
    errors.extend(
        connector_crm::registry::check_auth(connector_crm::registry::CrmKind::SuiteCrm, &auth).unwrap_err(),
    );
    assert!(errors.len() > 15, "{errors:?}");
    for language in Language::ALL
        .into_iter()
        .filter(|language| *language != Language::English)
    {
        for FieldError { field, message } in &errors {
            assert!(
                told::told(language, message).is_some(),
                "{language:?} does not know of {field}: {message}"
            );
        }
    }
}

/// What nobody is ever shown: it makes a run read everything again, or is a fault of ours.
const UNSEEN: [&str; 5] = [
    "so many records are missing that everything is read again",
    "the cursor was written by another version",
    "the cursor cannot be written down",
    "the record lies in no module of its kind",
    "the contact has no id",
];

/// The sentences that Vtiger's connector says, with something in place of what changes: every text of more than two
/// words in its sources that is no trace, no query and no part of another.
fn sentences_of_vtiger() -> BTreeSet<String> {
    fn walk(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true if name == "tests" => {}
                true => walk(&path, found),
                false if name == "wire.rs" => {}
                false => spoken(&std::fs::read_to_string(&path).unwrap(), found),
            }
        }
    }
    fn spoken(source: &str, found: &mut BTreeSet<String>) {
        let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        let source = lines.collect::<Vec<_>>().join("\n");
        // What stands outside of quotes, since the last statement ended, says what the text in quotes is for.
        let mut code = String::new();
        for (number, part) in source.split('"').enumerate() {
            if number % 2 == 0 {
                let statement = part.rsplit([';', '{', '}']).next().unwrap_or_default();
                if statement.len() < part.len() {
                    code.clear();
                }
                code.push_str(statement);
                continue;
            }
            let parts = part.split("\\\n").map(str::trim_start);
            let mut text = parts.collect::<String>();
            while let Some((before, behind)) = text.split_once('{') {
                let behind = behind.split_once('}').map_or("", |(_, behind)| behind);
                text = format!("{before}7{behind}");
            }
            let is_seen = !["tracing::", "Query::"].iter().any(|word| code.contains(word));
            if text.ends_with(" cannot be read") {
                text.push_str(": the CRM did not understand the query.");
            }
            let is_part = text.starts_with(['.', ':']);
            if is_seen && text.split(' ').count() > 2 && !is_part && !UNSEEN.contains(&text.as_str()) {
                found.insert(text);
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/connector-crm/src/vtiger");
    let mut found = BTreeSet::new();
    walk(&root, &mut found);
    found
}

#[test]
fn every_sentence_of_vtiger_is_known_in_every_language() {
    let mut sentences = sentences_of_vtiger();
    assert!(sentences.len() > 50, "{sentences:#?}");
    // What is put together from parts.
    sentences.extend(
        [
            "The CRM refused the access key. It stands under My Preferences of that user in the CRM, and is not the \
             password.",
            "There is no Vtiger web service at this address: a web page or nothing answers instead. Give the address \
             at which people open the CRM.",
            "Tasks cannot be read: the CRM demands a value in the field that it does not name.",
            "The event cannot be carried over: it ends before it begins.",
            "The contact cannot be read back: it has no id.",
            "Contacts can be read, made, changed and deleted.",
        ]
        .map(str::to_owned),
    );
    for language in Language::ALL {
        let unknown: Vec<&String> = sentences
            .iter()
            .filter(|sentence| {
                let found = told::told(language, sentence);
                found.is_none_or(|found| (found == **sentence) != (language == Language::English))
            })
            .collect();
        assert!(unknown.is_empty(), "{language:?} does not know: {unknown:#?}");
    }
    let russian = told::told(
        Language::Russian,
        "Contacts cannot be read: the CRM did not understand the query.",
    );
    let russian = russian.unwrap();
    assert!(
        russian.contains("Контакты") || russian.contains("контакты"),
        "{russian}"
    );
}

#[test]
fn sentences_around_others_and_at_the_beginning_of_others_are_known() {
    let italian = |text: &str| told::told(Language::Italian, text);
    let whole = italian("Meetings cannot be read: the CRM is busy or away (status 503).").unwrap();
    assert!(
        whole.contains("503") && !whole.contains("busy") && whole.ends_with('.'),
        "{whole}"
    );
    let capital = italian("The server cannot be reached.").unwrap();
    assert!(
        capital.chars().next().unwrap().is_uppercase() && capital.ends_with('.'),
        "{capital}"
    );
    assert_eq!(italian("Nobody has ever said this"), None);
}

#[test]
fn numbers_are_counted_as_each_language_does() {
    let counted = |language, count: u64| words(language, &[]).count("due-in", count);
    assert_eq!(counted(Language::English, 1), "in 1 minute");
    assert_eq!(counted(Language::Italian, 2), "tra 2 minuti");
    assert_eq!(counted(Language::Russian, 1), "через 1 минуту");
    assert_eq!(counted(Language::Russian, 3), "через 3 минуты");
    assert_eq!(counted(Language::Russian, 11), "через 11 минут");
    assert_eq!(counted(Language::Russian, 21), "через 21 минуту");
    assert_eq!(counted(Language::Romanian, 2), "peste 2 minute");
    assert_eq!(counted(Language::Romanian, 20), "peste 20 de minute");
}

#[test]
fn a_moment_is_told_in_the_zone_of_the_browser_and_in_its_language() {
    let at = Utc.with_ymd_and_hms(2026, 3, 4, 23, 30, 0).unwrap();
    let zone = [(header::COOKIE, "__Host-sync_zone=Europe/Rome")];
    assert_eq!(words(Language::Italian, &zone).moment(&at), "5 mar 2026, 00:30");
    assert_eq!(words(Language::Russian, &zone).moment(&at), "5 марта 2026, 00:30");
    assert_eq!(words(Language::English, &[]).moment(&at), "4 Mar 2026, 23:30 UTC");
    let nonsense = [(header::COOKIE, "__Host-sync_zone=<b>")];
    assert_eq!(
        words(Language::English, &nonsense).moment(&at),
        "4 Mar 2026, 23:30 UTC"
    );
}

#[test]
fn a_browser_gets_the_language_it_likes_best_of_those_there_are() {
    let liked = |accepted: &str, cookie: Option<&str>| {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accepted).unwrap());
        if let Some(cookie) = cookie {
            headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        Language::of(&headers, &origin())
    };
    assert_eq!(liked("de-DE,de;q=0.9,ru;q=0.5,it;q=0.7", None), Language::Italian);
    assert_eq!(liked("pt-BR", None), Language::Portuguese);
    assert_eq!(liked("de, fr;q=0.5", None), Language::English);
    assert_eq!(liked("ro;q=0, es;q=nonsense", None), Language::English);
    assert_eq!(liked("ro", Some("__Host-sync_language=es")), Language::Spanish);
    assert_eq!(liked("ro", Some("__Host-sync_language=xx")), Language::Romanian);
    assert_eq!(Language::of_tag("es_es"), Some(Language::Spanish));
}
