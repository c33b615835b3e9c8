//! Making, changing and deleting one contact.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::world::Chance;
use super::check;
use super::fields::{settle, write_mask};
use super::refusal::{Denial, Denied};
use super::show::{View, person};
use super::store::{AddressBooks, Book};
use crate::front::Request;

/// Contacts that a user may have.
const CONTACTS_MAX: usize = 25_000;

/// `people.createContact`. A repeat makes a second one.
pub(super) fn create(
    people: &mut AddressBooks,
    chance: &mut Chance,
    account: &str,
    body: Map<String, Value>,
    request: &Request,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let view = View::of(request, "create")?;
    let book = people.book_mut(account)?;
    let name = add(book, chance, body, now)?;
    let (name, version) = book.living(&name)?;
    Ok(person(book, name, version, &view))
}

/// Makes a contact. Returns its name.
pub(super) fn add(
    book: &mut Book,
    chance: &mut Chance,
    body: Map<String, Value>,
    now: DateTime<Utc>,
) -> Denied<String> {
    let fields = checked_new(book, body)?;
    let name = Book::new_name(chance);
    book.keep(&name, Some(fields), None, now);
    Ok(name)
}

/// The fields of a contact to make, as they will be kept.
pub(super) fn checked_new(book: &Book, body: Map<String, Value>) -> Denied<Map<String, Value>> {
    if book
        .people
        .values()
        .filter(|one| one.now().is_some_and(|now| now.fields.is_some()))
        .count()
        >= CONTACTS_MAX
    {
        return Err(Denial::quota("Contacts"));
    }
    let mut fields = settle(body)?;
    fields.entry("memberships").or_insert_with(
        || json!([{ "contactGroupMembership": { "contactGroupResourceName": "contactGroups/myContacts" } }]),
    );
    check::memberships(book, &fields, None)?;
    Ok(fields)
}

/// `people.updateContact`: the named fields are replaced, emptied where the body lacks them.
pub(super) fn update(
    people: &mut AddressBooks,
    account: &str,
    name: &str,
    body: &Map<String, Value>,
    request: &Request,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let mask = write_mask(request.parameter("updatePersonFields"), "updatePersonFields")?;
    let view = View::of(request, "update")?;
    let book = people.book_mut(account)?;
    let (name, fields) = checked_change(book, name, body, &mask)?;
    book.keep(&name, Some(fields), None, now);
    let (name, version) = book.living(&name)?;
    Ok(person(book, name, version, &view))
}

/// The name a contact to change goes by, and its fields as they will be kept.
pub(super) fn checked_change(
    book: &Book,
    name: &str,
    body: &Map<String, Value>,
    mask: &[String],
) -> Denied<(String, Map<String, Value>)> {
    let (name, version) = book.living(name)?;
    check::version(&Value::Object(body.clone()), version, mask)?;
    let mut given = settle(body.clone())?;
    let mut fields = version.fields.clone().unwrap_or_default();
    for field in mask {
        match given.remove(field) {
            Some(values) => fields.insert(field.clone(), values),
            None => fields.remove(field),
        };
    }
    if mask.iter().any(|field| field == "memberships") {
        check::memberships(book, &fields, Some(version))?;
    }
    Ok((name.to_owned(), fields))
}

/// `people.deleteContact`: without any guard.
pub(super) fn delete(
    people: &mut AddressBooks,
    account: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let book = people.book_mut(account)?;
    let name = book.living(name)?.0.to_owned();
    book.keep(&name, None, None, now);
    Ok(json!({}))
}
