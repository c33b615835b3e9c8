//! Records to the fields to write. Each field of Google's is replaced as a whole, so it is made from what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use sync_core::kind::Record;
use sync_core::kind::contact::{Address, ContactField, ContactRecord, Family, Value as Of};
use sync_core::kind::line::one_line;

use super::GooglePeople;
use super::convert::{address, employer, group_of, lists};
use super::slots::{deal, type_of};
use super::wire::{Entry, Person, is_own, text};

/// The group that every contact is in which a person would see.
const MY_CONTACTS: &str = "contactGroups/myContacts";

/// Google's own additions to a value; sent back they would be ignored at best.
const COMPUTED: [&str; 5] = [
    "metadata",
    "formattedType",
    "canonicalForm",
    "displayNameLastFirst",
    "unstructuredName",
];

/// Google's fields by name, each with all its values.
pub(super) type Fields = BTreeMap<&'static str, Vec<Entry>>;

impl GooglePeople {
    /// The fields of a new contact.
    pub(super) fn new_fields(&self, record: &ContactRecord) -> Fields {
        let mut fields = self.fields(&Person::default(), record, ContactRecord::FIELDS);
        fields.retain(|_, values| !values.is_empty());
        fields
    }

    /// The fields of Google's that named fields of a record touch, as they shall be, given what is there.
    pub(super) fn fields(&self, there: &Person, record: &ContactRecord, named: &[ContactField]) -> Fields {
        let mut fields = Fields::new();
        let named: BTreeSet<ContactField> = named.iter().copied().collect();
        let touches = |some: &[ContactField]| some.iter().any(|field| named.contains(field));
        if touches(&NAMES) {
            fields.insert("names", names(&there.names, record, &named));
        }
        for (family, entries) in lists(there) {
            let changed: Vec<ContactField> = named
                .iter()
                .copied()
                .filter(|field| field.family() == Some(family))
                .collect();
            if !changed.is_empty() {
                fields.insert(list_name(family), self.list_of(family, entries, record, &changed));
            }
        }
        if touches(&[
            ContactField::Organization,
            ContactField::Department,
            ContactField::JobTitle,
        ]) {
            fields.insert(
                "organizations",
                organizations(&there.organizations, record, &named),
            );
        }
        let said = self.record(there);
        if named.contains(&ContactField::Birthday) {
            let date = || {
                let birthday = record.birthday?;
                let mut date = json!({ "month": birthday.month(), "day": birthday.day() });
                if let (Some(year), Some(date)) = (birthday.year(), date.as_object_mut()) {
                    date.insert("year".to_owned(), json!(year));
                }
                Some(entry([("date", date)]))
            };
            let same = said.birthday == record.birthday;
            fields.insert("birthdays", single(&there.birthdays, same, date));
        }
        if named.contains(&ContactField::Notes) {
            let notes = || {
                let parts = [
                    ("value", json!(record.notes)),
                    ("contentType", json!("TEXT_PLAIN")),
                ];
                Some(entry(parts)).filter(|_| !record.notes.is_empty())
            };
            let same = said.notes == record.notes;
            fields.insert("biographies", single(&there.biographies, same, notes));
        }
        if named.contains(&ContactField::Labelled)
            && let Some(group) = self.group()
        {
            fields.insert(
                "memberships",
                memberships(&there.memberships, &group, record.labelled),
            );
        }
        fields
    }

    /// A list with the values of some slots changed, added or taken out; all others stay as they are.
    fn list_of(
        &self,
        family: Family,
        entries: &[Entry],
        record: &ContactRecord,
        changed: &[ContactField],
    ) -> Vec<Entry> {
        let dealt = deal(family, entries, &self.crm_fields);
        let mut list: Vec<Option<Entry>> = entries
            .iter()
            .map(|entry| is_own(entry).then(|| plain(entry)))
            .collect();
        for slot in changed.iter().copied() {
            let value = record.value(slot);
            let there = dealt.get(&slot).and_then(|at| list.get_mut(*at));
            match (there, value.is_empty()) {
                (Some(place), true) => *place = None,
                (Some(place), false) => {
                    if let Some(entry) = place {
                        put(entry, value);
                    }
                }
                (None, true) => {}
                (None, false) => {
                    let mut new = entry([("type", json!(type_of(slot)))]);
                    put(&mut new, value);
                    list.push(Some(new));
                }
            }
        }
        list.into_iter().flatten().collect()
    }
}

/// The fields that make a name.
const NAMES: [ContactField; 5] = [
    ContactField::Prefix,
    ContactField::GivenName,
    ContactField::MiddleName,
    ContactField::FamilyName,
    ContactField::Suffix,
];

fn list_name(family: Family) -> &'static str {
    match family {
        Family::Email => "emailAddresses",
        Family::Phone => "phoneNumbers",
        Family::Address => "addresses",
        Family::Website => "urls",
    }
}

fn entry<const N: usize>(parts: [(&str, Value); N]) -> Entry {
    parts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A value without what Google has added to it.
fn plain(entry: &Entry) -> Entry {
    let mut plain: Map<String, Value> = entry.clone();
    plain.retain(|name, _| !COMPUTED.contains(&name.as_str()));
    plain
}

/// Sets a text of an entry, unless it says the same already; an empty one is taken out.
fn set(entry: &mut Entry, name: &str, new: &str) {
    if new.is_empty() {
        entry.remove(name);
    } else if one_line(text(entry, name)) != new {
        entry.insert(name.to_owned(), json!(new));
    }
}

/// The value of a field that has one at most: as it is, where it says the same already.
fn single(there: &[Entry], same: bool, new: impl FnOnce() -> Option<Entry>) -> Vec<Entry> {
    let kept = there
        .iter()
        .find(|entry| is_own(entry))
        .filter(|_| same)
        .map(plain);
    kept.or_else(new).into_iter().collect()
}

/// Puts a slot's value into an entry, whose type and whatever else it has stays.
fn put(entry: &mut Entry, value: Of<'_>) {
    match value {
        Of::Text(text) => set(entry, "value", text),
        Of::Address(new) => put_address(entry, new),
        Of::Birthday(_) | Of::Flag(_) => {}
    }
}

fn put_address(entry: &mut Entry, new: &Address) {
    let there = address(entry);
    if there == *new {
        return;
    }
    // Given back, it would go on saying the old address.
    entry.remove("formattedValue");
    if there.street != new.street {
        // The street may have several lines, and is set as it is.
        if new.street.is_empty() {
            entry.remove("streetAddress");
        } else {
            entry.insert("streetAddress".to_owned(), json!(new.street));
        }
        // Both were shown as part of the street.
        entry.remove("extendedAddress");
        entry.remove("poBox");
    }
    if there.country != new.country {
        entry.remove("countryCode");
    }
    set(entry, "city", &new.city);
    set(entry, "region", &new.region);
    set(entry, "postalCode", &new.postal_code);
    set(entry, "country", &new.country);
}

fn names(there: &[Entry], record: &ContactRecord, named: &BTreeSet<ContactField>) -> Vec<Entry> {
    let mut name = there
        .iter()
        .find(|entry| is_own(entry))
        .map(plain)
        .unwrap_or_default();
    name.remove("displayName");
    for (field, key, value) in [
        (ContactField::Prefix, "honorificPrefix", &record.prefix),
        (ContactField::GivenName, "givenName", &record.given_name),
        (ContactField::MiddleName, "middleName", &record.middle_name),
        (ContactField::FamilyName, "familyName", &record.family_name),
        (ContactField::Suffix, "honorificSuffix", &record.suffix),
    ] {
        if named.contains(&field) {
            set(&mut name, key, value);
        }
    }
    Some(name).filter(|name| !name.is_empty()).into_iter().collect()
}

fn organizations(there: &[Entry], record: &ContactRecord, named: &BTreeSet<ContactField>) -> Vec<Entry> {
    let mut list: Vec<Entry> = there.iter().filter(|entry| is_own(entry)).map(plain).collect();
    let mut place = employer(&list);
    if place.is_none() {
        place = Some(list.len());
        list.push(entry([("type", json!("work"))]));
    }
    let Some(employer) = place.and_then(|at| list.get_mut(at)) else {
        return list;
    };
    for (field, key, value) in [
        (ContactField::Organization, "name", &record.organization),
        (ContactField::Department, "department", &record.department),
        (ContactField::JobTitle, "title", &record.job_title),
    ] {
        if named.contains(&field) {
            set(employer, key, value);
        }
    }
    list.retain(|entry| entry.keys().any(|key| key != "type" && key != "current"));
    list
}

fn memberships(there: &[Entry], group: &str, labelled: bool) -> Vec<Entry> {
    let mut groups: Vec<&str> = there
        .iter()
        .filter_map(group_of)
        .filter(|name| *name != group)
        .collect();
    if labelled {
        groups.push(group);
    }
    // A contact in no group at all is refused, and one outside this group is seen by nobody.
    if there.is_empty() || groups.is_empty() {
        groups.insert(0, MY_CONTACTS);
    }
    groups
        .into_iter()
        .map(|group| {
            entry([(
                "contactGroupMembership",
                json!({ "contactGroupResourceName": group }),
            )])
        })
        .collect()
}

/// The body of a change: which version it was made from, and the fields.
pub(super) fn body(there: &Person, fields: &Fields) -> Value {
    let mut body = Map::new();
    body.insert("resourceName".to_owned(), json!(there.resource_name));
    body.insert("etag".to_owned(), json!(there.etag));
    // The contact's own etag decides; the other one depends on who asked for what.
    let source = there.source().map(|source| {
        let part = |key: &str| json!(text(source, key));
        json!({ "type": part("type"), "id": part("id"), "etag": part("etag") })
    });
    let sources: Vec<Value> = source.into_iter().collect();
    body.insert("metadata".to_owned(), json!({ "sources": sources }));
    for (name, values) in fields {
        body.insert((*name).to_owned(), json!(values));
    }
    Value::Object(body)
}
