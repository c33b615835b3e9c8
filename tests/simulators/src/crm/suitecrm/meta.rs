//! Who one is, how users see dates, what fields there are.
//!
//! # Source
//! Field guide, section 9.

use serde_json::{Map, Value, json};

use super::crm::Call;
use super::date::parse_stored;
use super::error::{Refused, document};
use super::fields::Kind;
use super::options::TimeFormat;
use super::table::full_name;
use crate::front::Answer;

/// `GET /current-user`: everything is shown, and dates are in the display form, not in ISO 8601.
pub(super) fn current_user(call: &Call<'_>) -> Result<Answer, Refused> {
    let table = call.world.table("Users")?;
    let row = table
        .get(call.user)
        .ok_or_else(|| Refused::not_found("Users", call.user))?;
    let display = call.world.display(call.user);
    let mut fields = Map::new();
    for field in &call.world.module("Users")?.fields {
        let held = row.cell(field.name).unwrap_or_default();
        let value = match field.kind {
            Kind::DateTime => json!(parse_stored(held).map(|at| display.show(at)).unwrap_or_default()),
            Kind::FullName => json!(full_name(row)),
            Kind::Link => json!({}),
            Kind::RealFlag => json!(held == "1"),
            Kind::Text(_)
            | Kind::LongText
            | Kind::Date
            | Kind::Number
            | Kind::RealNumber
            | Kind::Flag
            | Kind::Id
            | Kind::Email
            | Kind::NameOf(_)
            | Kind::Blank
            | Kind::Hidden(_) => json!(held),
        };
        fields.insert(field.name.to_owned(), value);
    }
    Ok(document(
        200,
        &json!({ "data": { "type": "User", "id": row.id, "attributes": fields, "relationships": {} } }),
    ))
}

/// `GET /user-preferences/{id}`: anyone may read anyone's, the built-in sync's tokens included.
pub(super) fn preferences(call: &Call<'_>, id: &str) -> Result<Answer, Refused> {
    let user = call
        .world
        .user(id)
        .ok_or_else(|| Refused::not_found("Users", id))?;
    let time = match user.time_format {
        TimeFormat::Minutes => "H:i",
        TimeFormat::Seconds => "H:i:s",
    };
    let attributes = json!({
        "global": {
            "timezone": user.time_zone.name(), "datef": "Y-m-d", "timef": time, "ut": "1", "reminder_time": "1800",
            "default_locale_name_format": "s f l", "fdow": "0", "mail_smtpauth_req": "",
        },
        "ETag": { "main_menu_ETag": 4 },
        "GoogleSync": { "GoogleApiToken": "c2ltdWxhdGVkLXRva2VuLW9mLXRoZS1idWlsdC1pbi1zeW5j", "syncGCal": "" },
    });
    Ok(document(
        200,
        &json!({ "data": { "type": "UserPreference", "id": id, "attributes": attributes } }),
    ))
}

/// `GET /meta/modules`.
pub(super) fn module_list(call: &Call<'_>) -> Answer {
    let access = json!([
        "access",
        "delete",
        "edit",
        "export",
        "import",
        "list",
        "massupdate",
        "view"
    ]);
    let modules = call
        .world
        .modules
        .iter()
        .filter(|module| !call.world.forbidden_modules.contains(module.name));
    let listed: Map<String, Value> = modules
        .map(|module| {
            (
                module.name.to_owned(),
                json!({ "label": module.name, "access": access }),
            )
        })
        .collect();
    document(
        200,
        &json!({ "data": { "type": "modules", "id": "", "attributes": listed } }),
    )
}

/// `GET /meta/fields/{module}`: the site's own lengths.
pub(super) fn field_list(call: &Call<'_>, module: &str) -> Result<Answer, Refused> {
    if call.world.forbidden_modules.contains(module) {
        return Err(Refused::new("The API user does not have access to this module."));
    }
    let module = call.world.module(module)?;
    let listed: Map<String, Value> = module
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), definition(field.name, field.kind)))
        .collect();
    Ok(document(
        200,
        &json!({ "data": { "type": "fields", "id": "", "attributes": listed } }),
    ))
}

/// Lengths are text in some places and numbers in others.
fn definition(name: &str, kind: Kind) -> Value {
    match kind {
        Kind::Text(length) if name == "name" => {
            json!({ "type": "name", "dbType": "varchar", "len": length.to_string(), "required": true })
        }
        Kind::Text(length) | Kind::Hidden(length) => {
            json!({ "type": "varchar", "dbType": "varchar", "len": length, "required": false })
        }
        Kind::LongText => json!({ "type": "text", "dbType": "text", "required": false }),
        Kind::DateTime => json!({ "type": "datetime", "dbType": "datetime", "required": false }),
        Kind::Date => json!({ "type": "date", "dbType": "date", "required": false }),
        Kind::Number | Kind::RealNumber => {
            json!({ "type": "int", "dbType": "int", "len": "3", "required": false })
        }
        Kind::Flag | Kind::RealFlag => {
            json!({ "type": "bool", "dbType": "bool", "default": "0", "required": false })
        }
        Kind::Id => json!({ "type": "id", "dbType": "id", "len": 36, "required": false }),
        Kind::Email | Kind::NameOf(_) | Kind::FullName | Kind::Blank => {
            json!({ "type": "relate", "source": "non-db", "dbType": "varchar", "required": false })
        }
        Kind::Link => {
            json!({ "type": "link", "source": "non-db", "dbType": "link", "relationship": name, "required": false })
        }
    }
}
