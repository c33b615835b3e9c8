//! Field masks, and the form in which Google keeps a contact's fields.

use serde_json::{Map, Value, json};

use super::refusal::{Denial, Denied};
use super::text;

/// Fields that can be asked for.
const READABLE: [&str; 31] = [
    "addresses",
    "ageRanges",
    "biographies",
    "birthdays",
    "calendarUrls",
    "clientData",
    "coverPhotos",
    "emailAddresses",
    "events",
    "externalIds",
    "genders",
    "imClients",
    "interests",
    "locales",
    "locations",
    "memberships",
    "metadata",
    "miscKeywords",
    "names",
    "nicknames",
    "occupations",
    "organizations",
    "phoneNumbers",
    "photos",
    "relations",
    "sipAddresses",
    "skills",
    "urls",
    "userDefined",
    "fileAses",
    "taglines",
];

/// Fields that can be written.
pub(super) const WRITABLE: [&str; 23] = [
    "addresses",
    "biographies",
    "birthdays",
    "calendarUrls",
    "clientData",
    "emailAddresses",
    "events",
    "externalIds",
    "genders",
    "imClients",
    "interests",
    "locales",
    "locations",
    "memberships",
    "miscKeywords",
    "names",
    "nicknames",
    "occupations",
    "organizations",
    "phoneNumbers",
    "relations",
    "sipAddresses",
    "urls",
];

/// Fields of which a contact has one value at most.
const SINGLETONS: [&str; 4] = ["biographies", "birthdays", "genders", "names"];

/// What Google works out itself.
const COMPUTED: [&str; 6] = [
    "formattedType",
    "canonicalForm",
    "displayName",
    "displayNameLastFirst",
    "metadata",
    "contactGroupId",
];

/// Reads a mask; `needed` refuses an absent one.
pub(super) fn mask(given: Option<&str>, needed: &str) -> Denied<Vec<String>> {
    let given = given.filter(|mask| !mask.is_empty()).ok_or_else(|| {
        Denial::invalid(format!(
            "{needed} mask is required. Please specify one or more valid paths."
        ))
    })?;
    let mut names: Vec<String> = Vec::new();
    for name in given.split(',').map(str::trim) {
        if !READABLE.contains(&name) && !WRITABLE.contains(&name) {
            return Err(Denial::invalid(format!(
                "Invalid {needed} mask path: \"{name}\"."
            )));
        }
        names.push(name.to_owned());
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// The mask of a write.
pub(super) fn write_mask(given: Option<&str>, needed: &str) -> Denied<Vec<String>> {
    let names = mask(given, needed)?;
    match names.iter().find(|name| !WRITABLE.contains(&name.as_str())) {
        Some(name) => Err(Denial::invalid(format!(
            "Invalid {needed} mask path: \"{name}\"."
        ))),
        None => Ok(names),
    }
}

/// Brings the fields of a body into the form in which they are kept, or refuses them.
pub(super) fn settle(mut fields: Map<String, Value>) -> Denied<Map<String, Value>> {
    fields.retain(|name, _| WRITABLE.contains(&name.as_str()));
    for name in SINGLETONS {
        let count = fields.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        if count > 1 {
            return Err(Denial::invalid(format!(
                "person.{name} is a singleton: only one value may be specified for contact sources."
            )));
        }
    }
    for (name, values) in &mut fields {
        let Some(values) = values.as_array_mut() else {
            continue;
        };
        for value in values.iter_mut().filter_map(Value::as_object_mut) {
            value.retain(|key, value| {
                let computed =
                    COMPUTED.contains(&key.as_str()) && !(name == "emailAddresses" && key == "displayName");
                !computed && !value.is_null() && *value != json!("")
            });
            settle_value(name, value)?;
        }
        values.retain(|value| value.as_object().is_some_and(|value| says_something(name, value)));
        let mut seen: Vec<Value> = Vec::new();
        values.retain(|value| {
            let new = !seen.contains(value);
            seen.push(value.clone());
            new
        });
    }
    fields.retain(|_, values| values.as_array().is_some_and(|values| !values.is_empty()));
    Ok(fields)
}

fn says_something(name: &str, value: &Map<String, Value>) -> bool {
    match name {
        "emailAddresses" | "phoneNumbers" | "urls" | "biographies" => value.contains_key("value"),
        _ => value.keys().any(|key| key != "type"),
    }
}

fn settle_value(name: &str, value: &mut Map<String, Value>) -> Denied<()> {
    match name {
        "names" => {
            let given = value.contains_key("givenName") || value.contains_key("familyName");
            let whole = value
                .get("unstructuredName")
                .and_then(Value::as_str)
                .map(str::to_owned);
            if let (false, Some(whole)) = (given, whole) {
                // A name in one piece is taken apart.
                let (first, last) = whole.rsplit_once(' ').unwrap_or((whole.as_str(), ""));
                value.insert("givenName".to_owned(), json!(first));
                if !last.is_empty() {
                    value.insert("familyName".to_owned(), json!(last));
                }
            }
            value.remove("unstructuredName");
        }
        "birthdays" => {
            let date = value.get("date").cloned().unwrap_or(Value::Null);
            let part = |name: &str| date.get(name).and_then(Value::as_i64).unwrap_or_default();
            let (year, month, day) = (part("year"), part("month"), part("day"));
            let fits = (0..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
            if !value.contains_key("text") && !fits {
                return Err(Denial::invalid("Invalid birthday date."));
            }
            if let Some(date) = value.get_mut("date").and_then(Value::as_object_mut) {
                date.retain(|_, part| *part != json!(0));
            }
        }
        "addresses" => {
            // Worked out from its parts only where it was not given: one that was stays, whatever the parts say.
            let parts = [
                "streetAddress",
                "extendedAddress",
                "poBox",
                "postalCode",
                "city",
                "region",
                "country",
            ];
            let lines: Vec<&str> = parts
                .iter()
                .filter_map(|part| value.get(*part).and_then(Value::as_str))
                .collect();
            let whole = lines.join("\n");
            if !whole.is_empty() {
                value.entry("formattedValue").or_insert_with(|| json!(whole));
            }
        }
        _ => {}
    }
    Ok(())
}

/// One value as an answer shows it.
pub(super) fn shown(name: &str, value: &Value, source: &Value, primary: bool) -> Value {
    let mut shown = value.as_object().cloned().unwrap_or_default();
    let mut metadata = json!({ "source": source });
    if let (true, Some(metadata)) = (primary, metadata.as_object_mut()) {
        metadata.insert("primary".to_owned(), json!(true));
        metadata.insert("sourcePrimary".to_owned(), json!(true));
    }
    let kind = text(value, "type");
    if !kind.is_empty() {
        let mut letters = kind.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        shown.insert(
            "formattedType".to_owned(),
            json!(format!("{first}{}", letters.as_str())),
        );
    }
    match name {
        "names" => {
            let part = |key: &str| text(value, key);
            let whole = [
                part("honorificPrefix"),
                part("givenName"),
                part("middleName"),
                part("familyName"),
            ]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
            shown.insert("displayName".to_owned(), json!(whole));
            shown.insert("unstructuredName".to_owned(), json!(whole));
        }
        "phoneNumbers" => {
            let number = text(value, "value");
            if number.starts_with('+') {
                let digits: String = number.chars().filter(char::is_ascii_digit).collect();
                shown.insert("canonicalForm".to_owned(), json!(format!("+{digits}")));
            }
        }
        "memberships" => {
            if let Some(group) = shown
                .get_mut("contactGroupMembership")
                .and_then(Value::as_object_mut)
            {
                let id = group
                    .get("contactGroupResourceName")
                    .and_then(Value::as_str)
                    .and_then(|name| name.strip_prefix("contactGroups/"))
                    .unwrap_or_default()
                    .to_owned();
                group.insert("contactGroupId".to_owned(), json!(id));
            }
        }
        _ => {}
    }
    shown.insert("metadata".to_owned(), metadata);
    Value::Object(shown)
}
