//! Contacts as an answer shows them: which fields, of which sources, under which etag.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::fields::{mask, shown};
use super::refusal::{Denial, Denied};
use super::store::{AddressBooks, Book, Version};
use crate::front::Request;

/// What of a contact is asked for, and by which call: the person's etag depends on both.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) mask: Vec<String>,
    pub(super) profile: bool,
    pub(super) call: &'static str,
}

impl View {
    /// The view that a query asks for.
    pub(super) fn of(request: &Request, call: &'static str) -> Denied<Self> {
        let sources = request.parameters("sources");
        Ok(Self {
            mask: mask(request.parameter("personFields"), "personFields")?,
            profile: sees_profile(&sources),
            call,
        })
    }
}

/// Whether profiles are mixed in, which they are unless the sources are named without them.
pub(super) fn sees_profile(sources: &[&str]) -> bool {
    sources.is_empty() || sources.contains(&"READ_SOURCE_TYPE_PROFILE")
}

/// The etag of the contact itself, whoever asks.
pub(super) fn source_etag(version: &Version) -> String {
    format!("#src{:08}", version.sequence)
}

/// The etag of a person as one call with one mask answers it.
pub(super) fn person_etag(version: &Version, mask: &[String], call: &str) -> String {
    let text = format!("{} {} {call}", version.sequence, mask.join(","));
    let hash = Sha256::digest(text.as_bytes());
    format!("%E{}", HEXLOWER.encode(hash.get(..9).unwrap_or_default()))
}

/// A contact as it was in one version.
pub(super) fn person(book: &Book, name: &str, version: &Version, view: &View) -> Value {
    let mut body = Map::new();
    body.insert("resourceName".to_owned(), json!(format!("people/{name}")));
    body.insert(
        "etag".to_owned(),
        json!(person_etag(version, &view.mask, view.call)),
    );
    let id = name.trim_start_matches('c');
    let wants = |field: &str| view.mask.iter().any(|one| one == field);
    let profile = book
        .people
        .get(name)
        .and_then(|stored| stored.profile.as_ref())
        .filter(|_| view.profile);
    if wants("metadata") {
        let mut sources = vec![json!({
            "type": "CONTACT", "id": id, "etag": source_etag(version),
            "updateTime": version.updated.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        })];
        if profile.is_some() {
            sources.push(
                json!({ "type": "PROFILE", "id": "1", "etag": "#profile", "profileMetadata":
                { "objectType": "PERSON", "userTypes": ["GOOGLE_USER"] } }),
            );
        }
        let mut metadata = json!({ "sources": sources, "objectType": "PERSON" });
        if let (true, Some(metadata)) = (version.fields.is_none(), metadata.as_object_mut()) {
            metadata.insert("deleted".to_owned(), json!(true));
        }
        body.insert("metadata".to_owned(), metadata);
    }
    let Some(fields) = &version.fields else {
        return Value::Object(body);
    };
    let contact = json!({ "type": "CONTACT", "id": id });
    let other = json!({ "type": "PROFILE", "id": "1" });
    for field in view.mask.iter().filter(|field| *field != "metadata") {
        let own = fields.get(field).and_then(Value::as_array).into_iter().flatten();
        let of_profile = profile
            .and_then(|profile| profile.get(field))
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        // What the profile says comes first, and is primary.
        let all: Vec<Value> = of_profile
            .map(|value| (value, &other))
            .chain(own.map(|value| (value, &contact)))
            .enumerate()
            .map(|(at, (value, source))| shown(field, value, source, at == 0))
            .collect();
        if !all.is_empty() {
            body.insert(field.clone(), Value::Array(all));
        }
    }
    Value::Object(body)
}

/// `people.get`: fresh, also under a name that the contact had before.
pub(super) fn get(people: &AddressBooks, account: &str, name: &str, request: &Request) -> Denied<Value> {
    let view = View::of(request, "get")?;
    let book = people.book(account)?;
    if name == "me" {
        return Err(Denial::invalid("people/me is no contact."));
    }
    let (name, version) = book.living(name)?;
    Ok(person(book, name, version, &view))
}
