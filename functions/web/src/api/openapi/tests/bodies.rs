//! The bodies that calls take. The code reads them field by field, so that it can name every one that is wrong; what it
//! takes is written down here, and [`super`] holds it against what the code says of it.

use connector_crm::registry::{CrmKind, supported};
use serde_json::{Map, Value, json};
use sync_core::policy::Settings;

/// At least one character that is seen, and none that controls.
const LABEL: &str =
    r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

/// The body of a registration.
pub(super) fn registration(settings_patch: &Value) -> Value {
    let kinds = CrmKind::ALL.into_iter().filter(|kind| supported(*kind));
    let by_kind: Vec<Value> = kinds
        .map(|kind| {
            json!({
                "title": kind.as_str(),
                "properties": { "kind": { "const": kind.as_str() }, "auth": auth(kind) },
            })
        })
        .collect();
    json!({
        "type": "object",
        "description": "A registration. It replaces the one there is; Google client, link keys and links stay.",
        "properties": {
            "kind": { "type": "string", "description": "What it is." },
            "label": {
                "type": ["string", "null"], "minLength": 1, "maxLength": 100, "pattern": LABEL,
                "description": "What people call it; the name in the address where it is left out.",
            },
            "base_url": {
                "type": "string", "format": "uri", "pattern": "^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,3})?(/[A-Za-z0-9._~/-]*)?$",
                "maxLength": 2048, "examples": ["https://crm.example.com"],
                "description": "Its address, as people open it in the browser: without user name, `?` and `#`. It may not lead to a link-local or cloud metadata address, nor to a private one unless the installation allows it.",
            },
            "auth": { "type": "object", "description": "The sign-in for its API; its secrets are never shown again." },
            "settings": {
                "anyOf": [settings_patch, { "type": "null" }],
                "description": "The settings that its users begin with, where they differ from the defaults.",
            },
            "allow_framing": {
                "type": ["boolean", "null"], "default": false,
                "description": "Whether pages of the CRM's own origin may show its users' pages in a frame.",
            },
        },
        "required": ["kind", "base_url", "auth"],
        "additionalProperties": false,
        "oneOf": by_kind,
    })
}

/// The sign-in of each kind.
pub(super) fn auth(kind: CrmKind) -> Value {
    let ways: &[&[&str]] = match kind {
        CrmKind::SuiteCrm => &[
            &["client_id", "client_secret"],
            &["client_id", "client_secret", "username", "password"],
        ],
        CrmKind::Vtiger => &[&["username", "access_key"]],
        CrmKind::Creatio => &[
            &["username", "password"],
            &["identity_url", "client_id", "client_secret"],
        ],
        CrmKind::Socrate => &[&["email", "password"]],
        CrmKind::Open => &[&["token"], &["token_url", "client_id", "client_secret"]],
    };
    let invited = json!({
        "type": "string", "enum": ["keep", "drop"], "default": "keep",
        "description": "Whether events that may have invited users are left alone, or lose them with a change of Google's.",
    });
    let optional = match kind {
        CrmKind::Vtiger => Some(("invited_users".to_owned(), invited)),
        CrmKind::SuiteCrm | CrmKind::Creatio | CrmKind::Socrate | CrmKind::Open => None,
    };
    let way = |fields: &&[&str]| {
        let properties: Map<String, Value> = fields
            .iter()
            .map(|name| ((*name).to_owned(), text(name)))
            .chain(optional.clone())
            .collect();
        json!({ "type": "object", "properties": properties, "required": fields, "additionalProperties": false })
    };
    let ways: Vec<Value> = ways.iter().map(way).collect();
    match ways.as_slice() {
        [way] => way.clone(),
        ways => json!({ "oneOf": ways }),
    }
}

/// Something that is not empty.
fn text(name: &str) -> Value {
    let address = name.ends_with("_url");
    let is_secret = ["client_secret", "password", "access_key", "token"].contains(&name);
    let mut schema = json!({ "type": "string", "minLength": 1, "pattern": "\\S" });
    if address {
        schema["format"] = json!("uri");
    }
    if is_secret {
        schema["writeOnly"] = json!(true);
    }
    schema
}

/// The body with a Google client.
pub(super) fn google_client() -> Value {
    let plain = json!({ "type": "string", "pattern": "^[!-~]{1,1024}$" });
    let mut secret = plain.clone();
    secret["writeOnly"] = json!(true);
    json!({
        "description": "The file of Google's console as it is, at most 64 KiB, or id and secret alone.",
        "oneOf": [
            {
                "title": "file",
                "type": "object",
                "properties": {
                    "web": {
                        "type": "object",
                        "properties": {
                            "client_id": plain,
                            "client_secret": secret,
                            "redirect_uris": {
                                "type": "array", "items": { "type": "string" },
                                "description": "Must list the `redirect_uri` of the CRM.",
                            },
                        },
                        "required": ["client_id", "client_secret", "redirect_uris"],
                    },
                },
                "required": ["web"],
            },
            {
                "title": "id and secret",
                "type": "object",
                "properties": { "client_id": plain, "client_secret": secret, "web": false, "installed": false, "private_key": false },
                "required": ["client_id", "client_secret"],
            },
        ],
    })
}

/// Takes out of a patch of the settings what this version does not do yet. Whether it does, the code is asked.
pub(super) fn without_what_is_not_done_yet(patch: &mut Value) {
    let cases = [
        ("tasks", "enabled", json!(true)),
        ("contacts", "enabled", json!(true)),
    ];
    for (group, field, value) in cases {
        let wanted = json!({ group: { field: value } });
        if Settings::default().patched(&wanted).is_err() {
            patch["properties"][group]["anyOf"][0]["properties"][field]["not"] = json!({ "const": value });
        }
    }
}

/// The merge-patch of an object of that schema: every field may be left out, and `null` puts the default back.
pub(super) fn patch_of(schema: &Value, schemas: &Map<String, Value>) -> Value {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap();
        return patch_of(&schemas[name], schemas);
    }
    let mut patch = schema.clone();
    let object = patch.as_object_mut().unwrap();
    object.remove("required");
    object.remove("default");
    for value in object
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .unwrap()
        .values_mut()
    {
        value.as_object_mut().unwrap().remove("default");
        let inner = value
            .get("$ref")
            .and_then(Value::as_str)
            .map(|name| &schemas[name.rsplit('/').next().unwrap()]);
        let is_object = inner.is_some_and(|inner| inner["type"] == "object");
        let new = if is_object {
            patch_of(value, schemas)
        } else {
            value.clone()
        };
        let takes_null = new["type"]
            .as_array()
            .is_some_and(|types| types.contains(&json!("null")))
            || new["anyOf"]
                .as_array()
                .is_some_and(|ways| ways.contains(&json!({ "type": "null" })));
        *value = if takes_null {
            new
        } else {
            json!({ "anyOf": [new, { "type": "null" }] })
        };
    }
    patch
}
