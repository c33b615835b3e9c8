//! Contacts to records.

use chrono::DateTime;
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sync_core::change::{Observed, Traits};
use sync_core::id::{RemoteId, Version};
use sync_core::kind::contact::{
    Address, Birthday, ContactField, ContactRecord, Family, Value as Of, normal_address,
};
use sync_core::kind::event::normal_text;
use sync_core::kind::line::one_line;

use super::slots::deal;
use super::wire::{Entry, Person, id_of, is_own, text};
use super::{COLLECTION, GooglePeople};
use crate::calendar::text::plain_text;

/// Bytes of the hash that is a contact's version.
const VERSION_BYTES: usize = 16;

impl GooglePeople {
    /// Turns a contact into what the engine sees. `asked` is the name it was asked for by, which it may have lost since.
    pub(super) fn seen(&self, person: &Person, asked: Option<&RemoteId>) -> Observed<ContactRecord> {
        let record = self.record(person);
        let id = RemoteId::new(COLLECTION, person.id());
        let mut former_ids: Vec<RemoteId> = person
            .metadata
            .previous_resource_names
            .iter()
            .map(|name| RemoteId::new(COLLECTION, id_of(name)))
            .collect();
        former_ids.extend(asked.filter(|asked| **asked != id).cloned());
        let number = person
            .source()
            .map(|source| text(source, "id"))
            .unwrap_or_default();
        Observed {
            version: version_of(&record),
            modified_at: person
                .source()
                .and_then(|source| DateTime::parse_from_rfc3339(text(source, "updateTime")).ok())
                .map(|at| at.to_utc()),
            record,
            traits: Traits {
                made_from: self.marker.made_from(&person.client_data),
                former_ids,
                address: (!number.is_empty())
                    .then(|| format!("https://contacts.google.com/person/{}", person.id())),
                relabelled: self.is_relabelled(),
                ..Traits::default()
            },
            id,
        }
    }

    /// What a contact says, in the slots that the CRM has.
    pub(super) fn record(&self, person: &Person) -> ContactRecord {
        let mut record = ContactRecord {
            labelled: self.is_labelled(&person.memberships),
            ..ContactRecord::default()
        };
        if let Some(name) = own(&person.names) {
            let part = |key: &str| one_line(text(name, key));
            record.prefix = part("honorificPrefix");
            record.given_name = part("givenName");
            record.middle_name = part("middleName");
            record.family_name = part("familyName");
            record.suffix = part("honorificSuffix");
            if [&record.given_name, &record.middle_name, &record.family_name]
                .iter()
                .all(|part| part.is_empty())
            {
                record.given_name = part("displayName");
            }
        }
        for (family, entries) in lists(person) {
            for (slot, at) in deal(family, entries, &self.crm_fields) {
                let Some(entry) = entries.get(at) else { continue };
                if family == Family::Address {
                    record.put(slot, Of::Address(&address(entry)));
                } else {
                    record.put(slot, Of::Text(&one_line(text(entry, "value"))));
                }
            }
        }
        if let Some(employer) = employer(&person.organizations).and_then(|at| person.organizations.get(at)) {
            record.organization = one_line(text(employer, "name"));
            record.department = one_line(text(employer, "department"));
            record.job_title = one_line(text(employer, "title"));
        }
        record.birthday = own(&person.birthdays).and_then(birthday);
        record.notes = own(&person.biographies).map(notes).unwrap_or_default();
        record
    }

    fn is_labelled(&self, memberships: &[Entry]) -> bool {
        // Without a label in the settings nothing is said about any.
        let Some(group) = self.group().filter(|_| self.label.is_some()) else {
            return false;
        };
        memberships.iter().any(|entry| group_of(entry) == Some(&group))
    }
}

/// The lists that are dealt out to slots.
pub(super) fn lists(person: &Person) -> [(Family, &[Entry]); 4] {
    [
        (Family::Email, &person.email_addresses),
        (Family::Phone, &person.phone_numbers),
        (Family::Address, &person.addresses),
        (Family::Website, &person.urls),
    ]
}

/// The group that a membership is in.
pub(super) fn group_of(membership: &Entry) -> Option<&str> {
    membership
        .get("contactGroupMembership")?
        .get("contactGroupResourceName")?
        .as_str()
}

/// A hash of what a contact says to the sync. Etags differ by who asks for what; this does not.
pub(super) fn version_of(record: &ContactRecord) -> Version {
    let text = serde_json::to_vec(record).unwrap_or_default();
    let hash = Sha256::digest(&text);
    Version(HEXLOWER.encode(hash.get(..VERSION_BYTES).unwrap_or_default()))
}

/// The value of a field that has one at most.
fn own(entries: &[Entry]) -> Option<&Entry> {
    entries.iter().find(|entry| is_own(entry))
}

/// The place of the employer among the organizations: the one marked as current, or else the first one that is no
/// school.
pub(super) fn employer(organizations: &[Entry]) -> Option<usize> {
    let own = || {
        organizations
            .iter()
            .enumerate()
            .filter(|(_, entry)| is_own(entry))
    };
    own()
        .find(|(_, entry)| entry.get("current") == Some(&Value::Bool(true)))
        .or_else(|| own().find(|(_, entry)| text(entry, "type") != "school"))
        .map(|(at, _)| at)
}

/// An address, what Google keeps beside the street put into it line by line.
pub(super) fn address(entry: &Entry) -> Address {
    let part = |key: &str| text(entry, key).to_owned();
    let lines: Vec<&str> = ["streetAddress", "extendedAddress", "poBox"]
        .iter()
        .map(|key| text(entry, key).trim())
        .filter(|line| !line.is_empty())
        .collect();
    let mut address = normal_address(&Address {
        street: lines.join("\n"),
        city: part("city"),
        region: part("region"),
        postal_code: part("postalCode"),
        country: part("country"),
    });
    if address.is_empty() {
        // Typed in one piece, and never taken apart.
        address.street = normal_text(text(entry, "formattedValue"));
    }
    address
}

fn birthday(entry: &Entry) -> Option<Birthday> {
    let date = entry.get("date")?;
    let part = |key: &str| {
        date.get(key)
            .and_then(Value::as_u64)
            .and_then(|part| u32::try_from(part).ok())
    };
    let year = part("year")
        .filter(|year| *year > 0)
        .and_then(|year| i32::try_from(year).ok());
    Birthday::new(year, part("month")?, part("day")?)
}

fn notes(entry: &Entry) -> String {
    let value = text(entry, "value");
    if text(entry, "contentType") == "TEXT_HTML" {
        plain_text(value)
    } else {
        normal_text(value)
    }
}

/// Whether a contact says in some fields what it was meant to say.
pub(super) fn says(record: &ContactRecord, wanted: &ContactRecord, fields: &[ContactField]) -> bool {
    fields
        .iter()
        .all(|field| record.value(*field) == wanted.value(*field))
}
