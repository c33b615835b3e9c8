//! Many contacts in one call. One that cannot be makes the whole call fail, and nothing is done.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::world::Chance;
use super::fields::{mask, write_mask};
use super::refusal::{Denial, Denied};
use super::show::{View, person, sees_profile};
use super::store::AddressBooks;
use super::write::{add, checked_change, checked_new};
use crate::front::Request;

/// Most contacts read, made or changed in one call.
const CONTACTS_MAX: usize = 200;
/// Most contacts deleted in one call.
const DELETIONS_MAX: usize = 500;

/// `people.getBatchGet`: each with its own status.
pub(super) fn get(people: &AddressBooks, account: &str, request: &Request) -> Denied<Value> {
    let view = View::of(request, "get")?;
    let names = request.parameters("resourceNames");
    if names.is_empty() || names.len() > CONTACTS_MAX {
        return Err(Denial::invalid("Request must have 1 to 200 resource names."));
    }
    let book = people.book(account)?;
    let responses = names.iter().map(|asked| {
        let found = asked.strip_prefix("people/").ok_or_else(Denial::not_found);
        match found.and_then(|name| book.living(name)) {
            Ok((name, version)) => json!({
                "requestedResourceName": asked, "httpStatusCode": 200, "status": {},
                "person": person(book, name, version, &view),
            }),
            Err(denial) => json!({
                "requestedResourceName": asked, "httpStatusCode": denial.status(),
                "status": { "code": 5, "message": "Requested entity was not found." },
            }),
        }
    });
    Ok(json!({ "responses": responses.collect::<Vec<_>>() }))
}

fn view(body: &Map<String, Value>) -> Denied<Option<View>> {
    let Some(read) = body
        .get("readMask")
        .and_then(Value::as_str)
        .filter(|mask| !mask.is_empty())
    else {
        return Ok(None);
    };
    let sources: Vec<&str> = body
        .get("sources")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    Ok(Some(View {
        mask: mask(Some(read), "readMask")?,
        profile: sees_profile(&sources),
        call: "batch",
    }))
}

/// `people.batchCreateContacts`.
pub(super) fn create(
    people: &mut AddressBooks,
    chance: &mut Chance,
    account: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let view = view(body)?;
    let contacts = body
        .get("contacts")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if contacts.is_empty() || contacts.len() > CONTACTS_MAX {
        return Err(Denial::invalid("Request must have 1 to 200 contacts."));
    }
    let book = people.book_mut(account)?;
    let bodies: Vec<Map<String, Value>> = contacts
        .iter()
        .map(|contact| {
            let person = contact.get("contactPerson").and_then(Value::as_object);
            person
                .cloned()
                .ok_or_else(|| Denial::invalid("contactPerson is required."))
        })
        .collect::<Denied<_>>()?;
    for body in &bodies {
        checked_new(book, body.clone())?;
    }
    let mut made = Vec::new();
    for body in bodies {
        made.push(add(book, chance, body, now)?);
    }
    let Some(view) = view else { return Ok(json!({})) };
    let mut created = Vec::new();
    for name in made {
        let (name, version) = book.living(&name)?;
        created.push(json!({
            "httpStatusCode": 200, "status": {}, "requestedResourceName": format!("people/{name}"),
            "person": person(book, name, version, &view),
        }));
    }
    // In no promised order.
    created.reverse();
    Ok(json!({ "createdPeople": created }))
}

/// `people.batchUpdateContacts`: one mask for all.
pub(super) fn update(
    people: &mut AddressBooks,
    account: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let view = view(body)?;
    let mask = write_mask(body.get("updateMask").and_then(Value::as_str), "updateMask")?;
    let contacts = body
        .get("contacts")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    if contacts.is_empty() || contacts.len() > CONTACTS_MAX {
        return Err(Denial::invalid("Request must have 1 to 200 contacts."));
    }
    let book = people.book_mut(account)?;
    let mut changes = Vec::new();
    for (asked, body) in &contacts {
        let name = asked.strip_prefix("people/").ok_or_else(Denial::not_found)?;
        let body = body.as_object().cloned().unwrap_or_default();
        changes.push((asked.clone(), checked_change(book, name, &body, &mask)?));
    }
    let mut result = Map::new();
    for (asked, (name, fields)) in changes {
        book.keep(&name, Some(fields), None, now);
        let Some(view) = &view else { continue };
        let (name, version) = book.living(&name)?;
        let response = json!({
            "requestedResourceName": asked, "httpStatusCode": 200, "status": {},
            "person": person(book, name, version, view),
        });
        result.insert(asked, response);
    }
    Ok(if result.is_empty() {
        json!({})
    } else {
        json!({ "updateResult": result })
    })
}

/// `people.batchDeleteContacts`.
pub(super) fn delete(
    people: &mut AddressBooks,
    account: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let names: Vec<String> = body
        .get("resourceNames")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if names.is_empty() || names.len() > DELETIONS_MAX {
        return Err(Denial::invalid("Request must have 1 to 500 resource names."));
    }
    let book = people.book_mut(account)?;
    let mut gone = Vec::new();
    for asked in &names {
        let name = asked.strip_prefix("people/").ok_or_else(Denial::not_found)?;
        gone.push(book.living(name)?.0.to_owned());
    }
    for name in gone {
        book.keep(&name, None, None, now);
    }
    Ok(json!({}))
}
