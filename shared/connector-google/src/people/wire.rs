//! Google Contacts' shapes, as far as they are used. Values are kept as they came, so that what we do not know of them
//! goes back unchanged.
//!
//! # Source
//! The published API description, people v1; `tests/discovery.json` keeps the parts that are used.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The fields of a contact that are asked for: the same ones everywhere, or sync tokens would be refused.
pub(super) const PERSON_FIELDS: &str = "addresses,biographies,birthdays,clientData,emailAddresses,memberships,metadata,\
    names,organizations,phoneNumbers,urls";

/// Only what the user has written down of a contact, not what its owner tells in a Google profile.
pub(super) const SOURCE: &str = "READ_SOURCE_TYPE_CONTACT";

/// One value of a field.
pub(super) type Entry = Map<String, Value>;

/// A contact.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Person {
    pub(super) resource_name: String,
    pub(super) etag: String,
    pub(super) metadata: Metadata,
    pub(super) names: Vec<Entry>,
    pub(super) email_addresses: Vec<Entry>,
    pub(super) phone_numbers: Vec<Entry>,
    pub(super) addresses: Vec<Entry>,
    pub(super) organizations: Vec<Entry>,
    pub(super) birthdays: Vec<Entry>,
    pub(super) urls: Vec<Entry>,
    pub(super) biographies: Vec<Entry>,
    pub(super) memberships: Vec<Entry>,
    pub(super) client_data: Vec<Entry>,
}

/// What is known about a contact beside what it says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) deleted: bool,
    pub(super) sources: Vec<Entry>,
    pub(super) previous_resource_names: Vec<String>,
}

/// One page of `people.connections.list`. A quiet one has no contacts at all.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Page {
    pub(super) connections: Vec<Person>,
    pub(super) next_page_token: Option<String>,
    pub(super) next_sync_token: Option<String>,
}

/// The answer to many reads, creations or changes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Batch {
    pub(super) responses: Vec<PersonResponse>,
    pub(super) created_people: Vec<PersonResponse>,
    pub(super) update_result: BTreeMap<String, PersonResponse>,
}

/// One of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PersonResponse {
    pub(super) requested_resource_name: String,
    pub(super) person: Option<Person>,
}

/// One page of `contactGroups.list`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct GroupsPage {
    pub(super) contact_groups: Vec<Group>,
    pub(super) next_page_token: Option<String>,
}

/// A contact group.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) resource_name: String,
    #[serde(rename = "groupType")]
    pub(super) kind: String,
    pub(super) name: String,
}

impl Person {
    /// Its name without `people/`.
    pub(super) fn id(&self) -> &str {
        id_of(&self.resource_name)
    }

    /// What the contact itself is, as opposed to a profile linked with it.
    pub(super) fn source(&self) -> Option<&Entry> {
        self.metadata
            .sources
            .iter()
            .find(|source| text(source, "type") == "CONTACT")
    }
}

/// A contact's name without `people/`.
pub(super) fn id_of(resource_name: &str) -> &str {
    resource_name.strip_prefix("people/").unwrap_or(resource_name)
}

/// A text of an entry; empty where there is none.
pub(super) fn text<'a>(entry: &'a Entry, name: &str) -> &'a str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a value is the contact's own; one that says nothing of its source is.
pub(super) fn is_own(entry: &Entry) -> bool {
    let source = entry.get("metadata").and_then(|metadata| metadata.get("source"));
    let kind = source
        .and_then(|source| source.get("type"))
        .and_then(Value::as_str);
    kind.is_none_or(|kind| kind == "CONTACT")
}
