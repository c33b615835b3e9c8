//! The calls, and the description put together of them.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use sync_core::policy::Settings;

use super::bodies;
use super::describe::{Call, Described};
use crate::api::{crms, google_client, health, links, runs};
use crate::problem;

/// What the handler's signature cannot say.
struct Told {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    /// Statuses of problems, beside those that follow from what the call takes.
    problems: &'static [u16],
    is_open: bool,
}

/// The statuses of problems, and when they come.
const PROBLEMS: [(u16, &str, &str); 9] = [
    (400, "NotJson", "The body is not JSON. Nothing was changed."),
    (
        401,
        "Unauthorized",
        "The administrator's key is missing or wrong.",
    ),
    (404, "NotFound", "There is no such thing."),
    (
        409,
        "Conflict",
        "It cannot be done as things stand; `type` says why.",
    ),
    (
        413,
        "TooLarge",
        "The body has more than 64 KiB. Nothing was changed.",
    ),
    (
        422,
        "InvalidFields",
        "Fields are missing, unknown or wrong; `errors` names each of them. Nothing was changed.",
    ),
    (
        429,
        "TooManyTries",
        "Too many wrong keys were tried from here, or in all.",
    ),
    (500, "Internal", "The fault is ours and has been logged."),
    (
        503,
        "Unavailable",
        "A part of the installation, the CRM or Google does not answer. Try again.",
    ),
];

/// What may go wrong with every call behind the key.
const ALWAYS: [u16; 4] = [401, 429, 500, 503];

/// The whole description.
pub(super) fn description() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.for_serialize().into_generator();
    let mut paths = Map::new();
    let mut parameters = Map::new();
    for (told, described, body) in calls(&mut schemas) {
        for parameter in &described.parameters {
            parameters.insert(parameter["name"].as_str().unwrap().to_owned(), parameter.clone());
        }
        let call = operation(&told, described, body);
        let path = paths.entry(told.path).or_insert_with(|| json!({}));
        path[told.method] = call;
    }
    schemas.subschema_for::<Settings>();
    schemas.subschema_for::<problem::Body<'static>>();
    let mut definitions = schemas.take_definitions(true);
    let mut patch = bodies::patch_of(&definitions["Settings"], &definitions);
    bodies::without_what_is_not_done_yet(&mut patch);
    definitions.insert(
        "SettingsPatch".to_owned(),
        described(
            patch,
            "A merge-patch (RFC 7396) of the settings: what is left out stays, `null` puts the default back.",
        ),
    );
    let registration = bodies::registration(&json!({ "$ref": "#/components/schemas/SettingsPatch" }));
    definitions.insert("Registration".to_owned(), registration);
    definitions.insert("GoogleClientFile".to_owned(), bodies::google_client());
    // Comments of the code speak of the code's own words.
    for definition in definitions.values_mut() {
        *definition = serde_json::from_str(&definition.to_string().replace("`None`", "`null`")).unwrap();
    }
    let responses: Map<String, Value> = PROBLEMS
        .iter()
        .map(|(status, name, when)| ((*name).to_owned(), problem_response(*status, when)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "crm-google-sync",
            "summary": "The administration calls.",
            "description": "Whatever the admin pages do, these calls do. Lists are paged: send `next_cursor` back as `cursor`. What goes wrong is answered as `application/problem+json` (RFC 9457).",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/", "description": "Where this description was read." }],
        "security": [{ "adminKey": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "adminKey": { "type": "http", "scheme": "bearer", "description": "The administrator's key." },
            },
            "parameters": parameters,
            "responses": responses,
            "schemas": definitions,
        },
    })
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = json!(description);
    schema
}

fn problem_response(status: u16, when: &str) -> Value {
    let mut response = json!({
        "description": when,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    let header = |name: &str, description: &str, schema: Value| json!({ name: { "description": description, "schema": schema } });
    match status {
        401 => {
            response["headers"] = header(
                "WWW-Authenticate",
                "How to show the key.",
                json!({ "type": "string" }),
            );
        }
        429 => {
            response["headers"] = header(
                "Retry-After",
                "Seconds to wait.",
                json!({ "type": "integer", "minimum": 1 }),
            );
        }
        _ => {}
    }
    response
}

fn operation(told: &Told, described: Described, body: Option<&str>) -> Value {
    let mut call = json!({ "operationId": told.id, "summary": told.summary });
    if !described.parameters.is_empty() {
        let named = described.parameters.iter().map(|parameter| {
            let name = parameter["name"].as_str().unwrap();
            json!({ "$ref": format!("#/components/parameters/{name}") })
        });
        call["parameters"] = named.collect();
    }
    assert_eq!(described.takes_a_body, body.is_some(), "the body of {}", told.id);
    if let Some(schema) = body {
        call["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } },
        });
    }
    let mut answers = described.answers;
    let always: &[u16] = if told.is_open { &[] } else { &ALWAYS };
    for status in described.problems.iter().chain(told.problems).chain(always) {
        let (_, name, _) = PROBLEMS.iter().find(|(known, _, _)| known == status).unwrap();
        answers.insert(
            status.to_string(),
            json!({ "$ref": format!("#/components/responses/{name}") }),
        );
    }
    answers.sort_keys();
    call["responses"] = answers.into();
    if told.is_open {
        call["security"] = json!([]);
    }
    call
}

type Told3 = (Told, Described, Option<&'static str>);

fn calls(schemas: &mut SchemaGenerator) -> Vec<Told3> {
    const CRM: &str = "/api/v1/crms/{crm}";
    const CLIENT: &str = "/api/v1/crms/{crm}/google-client";
    const LINK: &str = "/api/v1/crms/{crm}/links/{user}";
    const SETTINGS: &str = "/api/v1/crms/{crm}/links/{user}/settings";
    let mut calls = Vec::new();
    macro_rules! tell {
        ($method:literal, $path:expr, $handler:path, $id:literal, $summary:literal, problems: [$($status:literal),*] $(, body: $body:literal)?) => {
            tell!(@ $method, $path, $handler, $id, $summary, [$($status),*], false, [$($body)?]);
        };
        (open $method:literal, $path:expr, $handler:path, $id:literal, $summary:literal) => {
            tell!(@ $method, $path, $handler, $id, $summary, [], true, []);
        };
        (@ $method:literal, $path:expr, $handler:path, $id:literal, $summary:literal, [$($status:literal),*], $open:literal, [$($body:literal)?]) => {{
            let told = Told { method: $method, path: $path, id: $id, summary: $summary, problems: &[$($status),*], is_open: $open };
            let body: Option<&'static str> = [$($body)?].first().copied();
            calls.push((told, Call::describe(&$handler, schemas), body));
        }};
    }
    tell!(open "get", "/healthz", health::healthz, "health", "Whether the service answers.");
    tell!("get", "/api/v1/crms", crms::list, "listCrms", "The registered CRMs.", problems: []);
    tell!("put", CRM, crms::put, "putCrm", "Registers a CRM, or replaces its registration.", problems: [409], body: "Registration");
    tell!("get", CRM, crms::read, "readCrm", "A registered CRM, without its secrets.", problems: []);
    tell!("delete", CRM, crms::delete, "deleteCrm", "Removes a CRM with its links. Nobody's data is touched.", problems: [409]);
    tell!("post", "/api/v1/crms/{crm}/check", crms::check, "checkCrm", "Signs in to the CRM, asks Google about the client, and names what is wrong.", problems: [409, 422]);
    tell!("put", CLIENT, google_client::put, "putGoogleClient", "Installs the Google client, or replaces it.", problems: [409], body: "GoogleClientFile");
    tell!("get", CLIENT, google_client::read, "readGoogleClient", "Whether a Google client is installed.", problems: []);
    tell!("delete", CLIENT, google_client::delete, "deleteGoogleClient", "Removes the Google client. Users stay linked and cannot be synced.", problems: [409]);
    tell!("post", "/api/v1/crms/{crm}/link-key", crms::new_link_key, "newLinkKey", "Makes a new key for authorize links. The previous one is good for 24 hours more.", problems: []);
    tell!("get", "/api/v1/crms/{crm}/links", links::list, "listLinks", "The links of a CRM.", problems: []);
    tell!("get", LINK, links::read, "readLink", "One link.", problems: []);
    tell!("delete", LINK, links::disconnect, "disconnect", "Ends the access at Google, removes schedule, tokens and pairs. Nobody's data is touched.", problems: [409]);
    tell!("get", SETTINGS, links::settings, "readSettings", "The settings of a link.", problems: []);
    tell!("patch", SETTINGS, links::patch_settings, "patchSettings", "Changes settings.", problems: [409], body: "SettingsPatch");
    tell!("post", "/api/v1/crms/{crm}/links/{user}/preview", links::preview, "preview", "The plan of the next run. Nothing is written.", problems: [409]);
    tell!("post", "/api/v1/crms/{crm}/links/{user}/sync", links::sync, "sync", "Runs now, or soon.", problems: []);
    tell!("post", "/api/v1/crms/{crm}/links/{user}/confirm", links::confirm, "confirm", "Lets held deletions go on.", problems: [409]);
    tell!("get", "/api/v1/crms/{crm}/links/{user}/runs", runs::list, "listRuns", "The history of runs, newest first.", problems: []);
    tell!("get", "/api/v1/crms/{crm}/links/{user}/journal", runs::journal, "listJournal", "What runs overwrote or deleted, newest first; kept 30 days.", problems: []);
    tell!("post", "/api/v1/crms/{crm}/links/{user}/journal/{entry}/restore", runs::restore, "restore", "Puts a lost value back; the next run carries it over.", problems: [409]);
    calls
}
