//! Google's published API description, and whether a request agrees with it.
//!
//! `discovery.json` holds the parts of calendar v3 (revision of the project's copy) that this crate uses: methods
//! with their parameters, and the schemas' property names.

use std::sync::LazyLock;

use serde_json::Value;

use super::google::Seen;

static DISCOVERY: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("discovery.json")).unwrap());

/// What a list with a sync token must not ask for.
///
/// # Source
/// API description, `events.list.syncToken`
const NOT_WITH_SYNC_TOKEN: [&str; 8] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
];

/// Panics where the request is one that Google does not describe.
pub(super) fn check(request: &Seen) {
    let method =
        method_of(request).unwrap_or_else(|| panic!("no method for {} {:?}", request.method, request.path));
    for (name, value) in &request.query {
        let parameter = method["parameters"]
            .get(name)
            .or_else(|| DISCOVERY["parameters"].get(name));
        let parameter = parameter.unwrap_or_else(|| panic!("{} has no parameter {name}", method["id"]));
        if let Some(allowed) = parameter.get("enum").and_then(Value::as_array) {
            assert!(allowed.iter().any(|known| known == value), "{name}={value}");
        }
        match parameter["type"].as_str() {
            Some("integer") => assert!(
                value.parse::<u32>().is_ok_and(|number| number <= 2500),
                "{name}={value}"
            ),
            Some("boolean") => assert!(matches!(value.as_str(), "true" | "false"), "{name}={value}"),
            _ => {}
        }
        if parameter["format"] == "date-time" || matches!(name.as_str(), "timeMin" | "timeMax") {
            assert!(
                chrono::DateTime::parse_from_rfc3339(value).is_ok(),
                "{name}={value}"
            );
        }
    }
    if request.has("syncToken") {
        for name in NOT_WITH_SYNC_TOKEN {
            assert!(!request.has(name), "{name} beside a sync token");
        }
    }
    if let Some(mask) = request.get("fields") {
        let answer = method["response"].as_str().unwrap();
        check_mask(mask, answer);
    }
    if request.body.is_null() {
        assert!(matches!(request.method.as_str(), "GET" | "DELETE"));
    } else {
        check_object(&request.body, method["request"].as_str().unwrap());
    }
}

fn method_of(request: &Seen) -> Option<&'static Value> {
    DISCOVERY["methods"].as_array().unwrap().iter().find(|method| {
        let pattern: Vec<&str> = method["path"].as_str().unwrap().split('/').collect();
        method["httpMethod"] == request.method.as_str()
            && pattern.len() == request.path.len()
            && pattern
                .iter()
                .zip(&request.path)
                .all(|(part, given)| part.starts_with('{') || *part == given)
    })
}

/// `a,b(c,d),e` against a schema.
fn check_mask(mask: &str, schema: &str) {
    for (name, inner) in parts(mask) {
        let next = property(schema, &name);
        if let Some(inner) = inner {
            if name == "extendedProperties" {
                assert!(inner == "private" || inner == "shared", "{inner}");
                continue;
            }
            let next = next.as_str().unwrap_or_else(|| panic!("{name} has no parts"));
            check_mask(&inner, next);
        }
    }
}

/// Splits at the commas outside brackets.
fn parts(mask: &str) -> Vec<(String, Option<String>)> {
    let (mut found, mut depth, mut current) = (Vec::new(), 0, String::new());
    for c in mask.chars().chain([',']) {
        match c {
            ',' if depth == 0 => {
                let part = std::mem::take(&mut current);
                found.push(match part.split_once('(') {
                    Some((name, rest)) => (name.to_owned(), Some(rest.strip_suffix(')').unwrap().to_owned())),
                    None => (part, None),
                });
                continue;
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        current.push(c);
    }
    assert_eq!(depth, 0, "{mask}");
    found
}

fn check_object(body: &Value, schema: &str) {
    for (name, value) in body.as_object().unwrap() {
        let next = property(schema, name);
        match next.as_str() {
            Some("EventDateTime") => check_object(value, "EventDateTime"),
            _ if name == "extendedProperties" => {
                for (key, text) in value["private"].as_object().unwrap() {
                    assert!(key.len() <= 44 && text.as_str().unwrap().len() <= 1024, "{key}");
                }
            }
            _ => {}
        }
    }
}

/// The schema that a property leads to, or a plain type in brackets.
fn property(schema: &str, name: &str) -> &'static Value {
    DISCOVERY["schemas"][schema]
        .get(name)
        .unwrap_or_else(|| panic!("{schema} has no property {name}"))
}
