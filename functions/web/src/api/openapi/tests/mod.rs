//! Makes the description, and holds it against what is served.

mod bodies;
mod calls;
mod describe;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use connector_crm::registry::{CrmKind, check_auth, supported};
use serde_json::{Value, json};

use super::DESCRIPTION;

#[test]
fn the_description_is_what_the_code_makes_it() {
    let made = written(&calls::description());
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/openapi/openapi.json");
        std::fs::write(file, made).unwrap();
        return;
    }
    assert!(
        made == DESCRIPTION,
        "the calls have changed: write their description anew with UPDATE_OPENAPI=1 cargo test -p web openapi, and \
         look at what has changed in it"
    );
}

/// One line for each call and each schema: short enough to be carried along, and a change can be read in it.
fn written(description: &Value) -> String {
    fn lines(value: &Value, depth: usize) -> String {
        let Some(object) = value.as_object().filter(|_| depth > 0) else {
            return value.to_string();
        };
        let parts = object.iter().map(|(name, inner)| {
            let depth = if ["paths", "components"].contains(&name.as_str()) {
                2
            } else {
                depth - 1
            };
            format!("{}:{}", json!(name), lines(inner, depth))
        });
        format!("{{\n{}\n}}", parts.collect::<Vec<_>>().join(",\n"))
    }
    lines(description, 1) + "\n"
}

/// Path and methods of every route in a source of ours, as `.route("path", get(…).put(…))` is written.
fn routes(source: &str, prefix: &str) -> BTreeMap<String, BTreeSet<String>> {
    let methods = ["get", "put", "post", "patch", "delete"];
    let mut found = BTreeMap::new();
    for rest in source.split(".route(").skip(1) {
        let path = rest.split('"').nth(1).unwrap();
        let handlers = rest.split_once(',').unwrap().1.split(".route(").next().unwrap();
        let used = methods.into_iter().filter(|method| {
            [format!(" {method}("), format!(".{method}(")]
                .iter()
                .any(|call| handlers.replace('\n', " ").contains(call.as_str()))
        });
        found.insert(format!("{prefix}{path}"), used.map(str::to_owned).collect());
    }
    found
}

#[test]
fn every_call_is_described_and_nothing_else() {
    let mut served = routes(include_str!("../../mod.rs"), "/api/v1");
    assert!(
        served.len() > 10 && served["/api/v1/crms/{crm}"].len() == 3,
        "{served:?}"
    );
    // The description does not describe itself.
    served.remove("/api/v1/openapi.json");
    served.insert("/healthz".to_owned(), ["get".to_owned()].into());
    let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
    let paths = description["paths"].as_object().unwrap().iter();
    let described: BTreeMap<String, BTreeSet<String>> = paths
        .map(|(path, calls)| (path.clone(), calls.as_object().unwrap().keys().cloned().collect()))
        .collect();
    assert_eq!(described, served);
}

#[test]
fn sign_ins_are_described_as_the_code_takes_them() {
    for kind in CrmKind::ALL.into_iter().filter(|kind| supported(*kind)) {
        let schema = bodies::auth(kind);
        let ways = schema["oneOf"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![schema.clone()]);
        for way in ways {
            let names: Vec<&str> = way["required"]
                .as_array()
                .unwrap()
                .iter()
                .map(|name| name.as_str().unwrap())
                .collect();
            let whole: Value = names
                .iter()
                .map(|name| ((*name).to_owned(), json!("https://x.example.com/")))
                .collect::<serde_json::Map<_, _>>()
                .into();
            assert_eq!(check_auth(kind, &whole), Ok(()), "{kind}");
            for missing in &names {
                let mut part = whole.clone();
                part.as_object_mut().unwrap().remove(*missing);
                let is_a_way = schema["oneOf"].as_array().into_iter().flatten().any(|way| {
                    way["required"].as_array().unwrap().len() == names.len() - 1
                        && way["required"]
                            .as_array()
                            .unwrap()
                            .iter()
                            .all(|name| part.get(name.as_str().unwrap()).is_some())
                });
                assert_eq!(
                    check_auth(kind, &part).is_ok(),
                    is_a_way,
                    "{kind} without {missing}"
                );
                let mut empty = whole.clone();
                empty[*missing] = json!(" ");
                assert!(
                    check_auth(kind, &empty).is_err(),
                    "{kind} with an empty {missing}"
                );
            }
            let mut more = whole.clone();
            more["beside"] = json!("x");
            assert!(check_auth(kind, &more).is_err(), "{kind} with an unknown field");
        }
    }
}
