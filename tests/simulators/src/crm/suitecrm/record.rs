//! One record: read, create, update, delete.
//!
//! # Source
//! Field guide, sections 2, 4 and 5.

use serde_json::{Map, Value, json};

use super::crm::{Begun, Call};
use super::date::stored;
use super::error::{Refused, document};
use super::fields::{Kind, Module};
use super::table::{Row, Saving, assign, attributes, fresh, wear};
use crate::front::Answer;

/// A record in an answer.
pub(super) fn resource(
    call: &Call<'_>,
    module: &Module,
    row: &Row,
    wanted: Option<&[String]>,
    place: &str,
) -> Value {
    let names = |id: &str| call.world.name_of(id);
    let shown = attributes(
        module,
        row,
        wanted,
        &names,
        call.world.display(call.user),
        call.world.site(),
    );
    let mut relationships = Map::new();
    for link in module.links {
        relationships.insert(
            link.target.to_owned(),
            json!({ "links": { "related": format!("{place}/relationships/{}", link.name) } }),
        );
    }
    json!({ "type": module.object, "id": row.id, "attributes": shown, "relationships": relationships })
}

/// `GET /module/{module}/{id}`.
pub(super) fn get(call: &Call<'_>, module: &str, id: &str) -> Result<Answer, Refused> {
    let module = call.world.module(module)?;
    let mut wanted = None;
    for (key, value) in &call.request.query {
        if !key.starts_with("fields[") {
            return Err(Refused::new(format!(
                "The option \"{key}\" does not exist. Defined options are: \"fields\"."
            )));
        }
        let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
        if let Some(unknown) = names.iter().find(|name| module.field(name).is_none()) {
            return Err(Refused::property(unknown, module.name));
        }
        wanted = Some(names);
    }
    let row = living(call, module, id)?;
    let place = format!("/V8/module/{}/{}", module.name, row.id);
    Ok(document(
        200,
        &json!({ "data": resource(call, module, row, wanted.as_deref(), &place) }),
    ))
}

/// The row, if it is alive and open to the user.
pub(super) fn living<'a>(call: &'a Call<'_>, module: &Module, id: &str) -> Result<&'a Row, Refused> {
    check_id(id)?;
    let row = call
        .world
        .table(module.name)?
        .living(id)
        .ok_or_else(|| Refused::not_found(module.name, id))?;
    if call.world.may_see(module.name, &row.id) {
        Ok(row)
    } else {
        Err(Refused::access_denied())
    }
}

/// `POST /module`.
pub(super) fn create(call: &mut Call<'_>, begun: &Begun) -> Result<Answer, Refused> {
    let (module_name, id, attributes) = body(call)?;
    let module = call.world.module(&module_name)?;
    if module.name == "Users" || call.world.forbidden_modules.contains(module.name) {
        return Err(Refused::access_denied());
    }
    if let Some(id) = &id {
        check_new_id(id)?;
        if begun.row.is_some() {
            return Err(Refused::new(format!(
                "Bean {} with id {id} is already exist",
                module.name
            )));
        }
        // Another request made it after this one had looked: the primary key refuses.
        if call.world.table(module.name)?.get(id).is_some() {
            return Err(Refused::database());
        }
    }
    let display = call.world.display(call.user);
    let site = call.world.site();
    let misplaced = attributes.get("id").and_then(Value::as_str).map(str::to_owned);
    let new_id = match (&id, &misplaced) {
        (Some(id), _) | (None, Some(id)) => id.clone(),
        (None, None) => call.world.new_id(),
    };
    let module = call.world.module(&module_name)?;
    let mut row = fresh(module, &new_id, call.user, call.now);
    assign(module, &mut row, &attributes, Saving::New, display, site)?;
    if id.is_none() && misplaced.is_some() {
        // An id among the attributes makes an update of a row that is not there: 201, and nothing is stored.
        row.cells.remove("date_entered");
        return Ok(made(call, module, &row));
    }
    let name = module.name;
    call.world.put(name, row.clone());
    call.world.save_addresses((name, &row.id), &attributes, call.now);
    Ok(made_anew(call, name, row, &attributes))
}

/// `PATCH /module`: the whole row as it was read is written back with the sent values in it.
pub(super) fn update(call: &mut Call<'_>, begun: Begun) -> Result<Answer, Refused> {
    let (module_name, id, attributes) = body(call)?;
    let id = id.ok_or_else(|| Refused::missing("id"))?;
    let module = call.world.module(&module_name)?;
    let current = living(call, module, &id)?.clone();
    if module.name == "Users" {
        return Err(Refused::access_denied());
    }
    let display = call.world.display(call.user);
    let mut row = begun.row.filter(|row| !row.deleted()).unwrap_or(current);
    wear(module, &mut row, display);
    assign(
        module,
        &mut row,
        &attributes,
        Saving::Again,
        display,
        call.world.site(),
    )?;
    if !attributes.get("date_modified").is_some_and(Value::is_string) {
        row.cells.insert("date_modified", stored(call.now));
    }
    if !attributes.get("modified_user_id").is_some_and(Value::is_string) {
        row.cells.insert("modified_user_id", call.user.to_owned());
    }
    let name = module.name;
    call.world.put(name, row.clone());
    call.world.save_addresses((name, &row.id), &attributes, call.now);
    Ok(made_anew(call, name, row, &attributes))
}

/// `DELETE /module/{module}/{id}`.
pub(super) fn delete(call: &mut Call<'_>, module: &str, id: &str) -> Result<Answer, Refused> {
    let module = call.world.module(module)?;
    let mut row = living(call, module, id)?.clone();
    if module.name == "Users" {
        return Err(Refused::access_denied());
    }
    let name = module.name;
    row.cells.insert("deleted", "1".to_owned());
    row.cells.insert("date_modified", stored(call.now));
    row.cells.insert("modified_user_id", call.user.to_owned());
    let message = format!("Record with id {} is deleted", row.id);
    call.world.put(name, row);
    Ok(document(
        200,
        &json!({ "meta": { "message": message }, "data": [] }),
    ))
}

/// The answer shows the bean that was written, not the row that was stored: of the addresses, what was sent.
fn made_anew(call: &Call<'_>, module: &str, mut row: Row, sent: &Map<String, Value>) -> Answer {
    let Ok(module) = call.world.module(module) else {
        return Refused::not_found(module, &row.id).into();
    };
    if let Ok(table) = call.world.table(module.name)
        && let Some(stored) = table.get(&row.id)
    {
        row.clone_from(stored);
    }
    for field in module.fields.iter().filter(|field| field.kind == Kind::Email) {
        if let Some(text) = sent.get(field.name).and_then(Value::as_str) {
            row.cells.insert(field.name, text.to_owned());
        }
    }
    made(call, module, &row)
}

/// After a write the links lack the module's name.
fn made(call: &Call<'_>, module: &Module, row: &Row) -> Answer {
    let place = format!("/V8/module/{}", row.id);
    document(201, &json!({ "data": resource(call, module, row, None, &place) }))
}

/// Module, id and attributes of a write.
type Body = (String, Option<String>, Map<String, Value>);

fn body(call: &Call<'_>) -> Result<Body, Refused> {
    let body = json_body(call);
    let data = body
        .get("data")
        .and_then(Value::as_object)
        .ok_or_else(|| Refused::missing("data"))?;
    let module = data
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(|| Refused::missing("type"))?;
    for name in data.keys() {
        if !["type", "id", "attributes"].contains(&name.as_str()) {
            return Err(Refused::new(format!(
                "The option \"{name}\" does not exist. Defined options are: \"attributes\", \"id\", \"type\"."
            )));
        }
    }
    let id = match data.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(id.clone()),
        Some(other) => return Err(Refused::option("id", &other.to_string())),
    };
    let attributes = match data.get("attributes") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(attributes)) => attributes.clone(),
        Some(Value::Array(list)) if list.is_empty() => Map::new(),
        Some(other) => return Err(Refused::option("attributes", &other.to_string())),
    };
    Ok((module.to_owned(), id, attributes))
}

/// The body, or nothing where it is not declared as one of the two kinds that the server reads.
pub(super) fn json_body(call: &Call<'_>) -> Value {
    let kind = call.request.header("content-type").unwrap_or_default();
    let read = kind.starts_with("application/json") || kind.starts_with("application/vnd.api+json");
    if read {
        serde_json::from_slice(&call.request.body).unwrap_or_default()
    } else {
        Value::Null
    }
}

/// A UUID with dashes, any version, either case.
fn check_id(id: &str) -> Result<(), Refused> {
    if is_uuid(id) {
        Ok(())
    } else {
        Err(Refused::option("id", id))
    }
}

/// On create 32 hex digits without dashes pass too, and make a record that nothing can reach.
fn check_new_id(id: &str) -> Result<(), Refused> {
    let bare = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if bare { Ok(()) } else { check_id(id) }
}

fn is_uuid(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
