//! Labels: contact groups and their members.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::super::world::Chance;
use super::check::groups_of;
use super::refusal::{Denial, Denied};
use super::store::{AddressBooks, Book, Group};
use super::text;
use crate::front::Request;

/// The page size where none is asked for.
const PAGE_ITEMS: usize = 30;
/// Most members changed in one call.
const MEMBERS_MAX: usize = 1000;

fn shown(book: &Book, id: &str, group: &Group) -> Value {
    let kind = if group.system {
        "SYSTEM_CONTACT_GROUP"
    } else {
        "USER_CONTACT_GROUP"
    };
    let mut value = json!({
        "resourceName": format!("contactGroups/{id}"), "etag": format!("grp{}", group.sequence),
        "groupType": kind, "name": group.name, "formattedName": group.name,
        "metadata": { "updateTime": group.updated.to_rfc3339() },
    });
    let count = members(book, id).len();
    if let (true, Some(value)) = (count > 0, value.as_object_mut()) {
        value.insert("memberCount".to_owned(), json!(count));
    }
    value
}

fn members(book: &Book, id: &str) -> Vec<String> {
    let living = book.people.iter().filter_map(|(name, stored)| {
        let fields = stored.now()?.fields.as_ref()?;
        groups_of(fields)
            .iter()
            .any(|group| group == id)
            .then(|| format!("people/{name}"))
    });
    living.collect()
}

/// `contactGroups.list`.
pub(super) fn list(people: &AddressBooks, account: &str, request: &Request) -> Denied<Value> {
    let book = people.book(account)?;
    let size = match request.parameter("pageSize").map(str::parse::<usize>) {
        None | Some(Ok(0)) => PAGE_ITEMS,
        Some(Ok(size)) if size <= 1000 => size,
        Some(_) => return Err(Denial::invalid("Page size must be between 1 and 1000.")),
    };
    let size = size.min(people.page_items_max.unwrap_or(size));
    let from: usize = match request.parameter("pageToken") {
        None => 0,
        Some(token) => token
            .parse()
            .map_err(|_| Denial::invalid("Invalid page token."))?,
    };
    let groups: Vec<Value> = book
        .groups
        .iter()
        .skip(from)
        .take(size)
        .map(|(id, group)| shown(book, id, group))
        .collect();
    let mut body = json!({ "contactGroups": groups, "totalItems": book.groups.len() });
    if let (true, Some(body)) = (from + size < book.groups.len(), body.as_object_mut()) {
        body.insert("nextPageToken".to_owned(), json!((from + size).to_string()));
    }
    Ok(body)
}

/// `contactGroups.get`.
pub(super) fn get(people: &AddressBooks, account: &str, id: &str, request: &Request) -> Denied<Value> {
    let book = people.book(account)?;
    let group = book.groups.get(id).ok_or_else(Denial::not_found)?;
    let mut value = shown(book, id, group);
    let most: usize = request
        .parameter("maxMembers")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let names: Vec<String> = members(book, id).into_iter().take(most).collect();
    if let (false, Some(value)) = (names.is_empty(), value.as_object_mut()) {
        value.insert("memberResourceNames".to_owned(), json!(names));
    }
    Ok(value)
}

/// `contactGroups.create`: a name must be new to the user.
pub(super) fn create(
    people: &mut AddressBooks,
    chance: &mut Chance,
    account: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let name = checked_name(people, account, body)?;
    let id = chance.text(b"0123456789abcdef", 16);
    let book = people.book_mut(account)?;
    book.sequence += 1;
    let group = Group {
        name,
        system: false,
        sequence: book.sequence,
        updated: now,
    };
    book.groups.insert(id.clone(), group.clone());
    Ok(shown(book, &id, &group))
}

/// `contactGroups.update`.
pub(super) fn rename(
    people: &mut AddressBooks,
    account: &str,
    id: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let name = checked_name(people, account, body)?;
    let book = people.book_mut(account)?;
    book.sequence += 1;
    let sequence = book.sequence;
    let group = book
        .groups
        .get_mut(id)
        .filter(|group| !group.system)
        .ok_or_else(Denial::not_found)?;
    group.name = name;
    group.sequence = sequence;
    group.updated = now;
    let group = group.clone();
    Ok(shown(book, id, &group))
}

/// `contactGroups.delete`: its members leave it, or are deleted with it.
pub(super) fn delete(
    people: &mut AddressBooks,
    account: &str,
    id: &str,
    request: &Request,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let book = people.book_mut(account)?;
    if book.groups.get(id).is_none_or(|group| group.system) {
        return Err(Denial::not_found());
    }
    let with_contacts = request.parameter("deleteContacts") == Some("true");
    for resource in members(book, id) {
        let name = resource.trim_start_matches("people/").to_owned();
        if with_contacts {
            book.keep(&name, None, None, now);
        } else {
            regroup(book, &name, id, false, now);
        }
    }
    book.groups.remove(id);
    Ok(json!({}))
}

/// `contactGroups.members.modify`.
pub(super) fn modify(
    people: &mut AddressBooks,
    account: &str,
    id: &str,
    body: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Denied<Value> {
    let book = people.book_mut(account)?;
    if !book.groups.contains_key(id) {
        return Err(Denial::not_found());
    }
    let names = |key: &str| -> Vec<String> {
        body.get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let (add, remove) = (names("resourceNamesToAdd"), names("resourceNamesToRemove"));
    if add.len() + remove.len() > MEMBERS_MAX {
        return Err(Denial::invalid("At most 1000 resource names."));
    }
    if !add.is_empty() && !book.takes_members(id) {
        return Err(Denial::invalid("The group cannot have members added."));
    }
    let (mut missing, mut last) = (Vec::new(), Vec::new());
    for (asked, joins) in add
        .iter()
        .map(|name| (name, true))
        .chain(remove.iter().map(|name| (name, false)))
    {
        let found = asked
            .strip_prefix("people/")
            .and_then(|name| book.living(name).ok())
            .map(|(name, version)| (name.to_owned(), version.fields.clone().unwrap_or_default()));
        let Some((name, fields)) = found else {
            missing.push(asked.clone());
            continue;
        };
        if !joins && groups_of(&fields) == [id.to_owned()] {
            last.push(asked.clone());
            continue;
        }
        regroup(book, &name, id, joins, now);
    }
    let mut answer = Map::new();
    for (key, names) in [
        ("notFoundResourceNames", missing),
        ("canNotRemoveLastContactGroupResourceNames", last),
    ] {
        if !names.is_empty() {
            answer.insert(key.to_owned(), json!(names));
        }
    }
    Ok(Value::Object(answer))
}

/// Puts a contact into a group or takes it out. The contact's etag moves, its time of change does not.
pub(super) fn regroup(book: &mut Book, name: &str, id: &str, joins: bool, now: DateTime<Utc>) {
    let Some(version) = book.people.get(name).and_then(|stored| stored.now()).cloned() else {
        return;
    };
    let Some(mut fields) = version.fields else { return };
    let mut groups = groups_of(&fields);
    if groups.iter().any(|group| group == id) == joins {
        return;
    }
    if joins {
        groups.push(id.to_owned());
    } else {
        groups.retain(|group| group != id);
    }
    let memberships: Vec<Value> = groups
        .iter()
        .map(|group| {
            json!({ "contactGroupMembership": { "contactGroupResourceName": format!("contactGroups/{group}") } })
        })
        .collect();
    fields.insert("memberships".to_owned(), Value::Array(memberships));
    book.keep(name, Some(fields), Some(version.updated), now);
}

fn checked_name(people: &AddressBooks, account: &str, body: &Map<String, Value>) -> Denied<String> {
    let group = body.get("contactGroup").cloned().unwrap_or(Value::Null);
    let name = text(&group, "name").trim().to_owned();
    if name.is_empty() {
        return Err(Denial::invalid("contactGroup.name is required."));
    }
    let taken = people
        .book(account)?
        .groups
        .values()
        .any(|group| group.name == name);
    if taken {
        return Err(Denial::exists("Contact group name already exists."));
    }
    Ok(name)
}
