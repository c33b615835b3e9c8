//! Between Vtiger's rows and the neutral contact.

use serde_json::{Map, Value};
use sync_core::change::{Observed, Traits};
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::contact::{
    Address, AddressChars, Birthday, ContactField, ContactLimits, ContactRecord, Value as Held,
};
use sync_core::kind::event::normal_text;
use sync_core::kind::line::one_line;
use url::Url;

use super::super::shape::{Unreadable, address};
use super::super::site::Site;
use super::super::text::{broken_up, held, put, stamp};
use super::super::wire::{Key, Module, Row, parse_stamp};
use super::{ACCOUNT, ACCOUNT_NAME};

/// The columns that are read, beside those that serve as tags.
pub(super) const COLUMNS: &[&str] = &[
    "id",
    "salutationtype",
    "firstname",
    "lastname",
    "title",
    "department",
    "email",
    "secondaryemail",
    "phone",
    "mobile",
    "homephone",
    "otherphone",
    "fax",
    "birthday",
    "account_id",
    "mailingstreet",
    "mailingcity",
    "mailingstate",
    "mailingzip",
    "mailingcountry",
    "otherstreet",
    "othercity",
    "otherstate",
    "otherzip",
    "othercountry",
    "description",
    "portal",
    "modifiedtime",
    "modifiedby",
    "assigned_user_id",
    "source",
];
/// The fields that are one column of one line each, with the column's length; longer texts are cut in silence.
///
/// # Source
/// `schema/DatabaseSchema.xml`. The service does not tell lengths; a site may have made its columns longer.
const LINES: [(ContactField, &str, usize); 11] = [
    (ContactField::GivenName, "firstname", 40),
    (ContactField::FamilyName, "lastname", 80),
    (ContactField::JobTitle, "title", 50),
    (ContactField::Department, "department", 30),
    (ContactField::EmailWork, "email", 100),
    (ContactField::EmailOther, "secondaryemail", 100),
    (ContactField::PhoneWork, "phone", 50),
    (ContactField::PhoneMobile, "mobile", 50),
    (ContactField::PhoneHome, "homephone", 50),
    (ContactField::PhoneOther, "otherphone", 50),
    (ContactField::PhoneFax, "fax", 50),
];
/// The postal addresses, by the beginnings of their columns' names.
const PLACES: [(ContactField, &str); 2] = [
    (ContactField::AddressWork, "mailing"),
    (ContactField::AddressOther, "other"),
];
/// The parts of a postal address in the order of [`Address::parts`], with the shorter of both columns' lengths.
const PARTS: [(&str, usize); 5] = [
    ("street", 250),
    ("city", 40),
    ("state", 30),
    ("zip", 30),
    ("country", 30),
];
const SALUTATION: &str = "salutationtype";
/// The forms of address that Vtiger is delivered with.
const SALUTATIONS: [&str; 5] = ["Mr.", "Ms.", "Mrs.", "Dr.", "Prof."];
/// Stands for a choice that was not made.
const NONE: &str = "--None--";
/// Stands for the last name of somebody who has none: the CRM demands one.
const NO_NAME: &str = "-";
/// What Vtiger's own Google connector writes for the last name of somebody who has no name at all.
const NO_NAME_AT_ALL: &str = "Google Contact";

/// What the site cannot hold. There are no middle names, suffixes, private e-mail or postal addresses, and no web
/// sites; and only contacts that can be marked have a label.
pub(super) fn limits(site: &Site, tagged: bool) -> ContactLimits {
    let lines = LINES
        .iter()
        .filter(|(_, column, _)| site.has(column))
        .map(|(field, _, _)| *field);
    let places = PLACES
        .iter()
        .filter(|(_, place)| site.has(&format!("{place}street")))
        .map(|(field, _)| *field);
    let others = [
        (ContactField::Prefix, SALUTATION),
        (ContactField::Organization, ACCOUNT),
        (ContactField::Birthday, "birthday"),
        (ContactField::Notes, "description"),
    ];
    let others = others
        .into_iter()
        .filter(|(_, column)| site.has(column))
        .map(|(field, _)| field);
    let [street, city, region, postal_code, country] = PARTS.map(|(_, chars)| Some(chars));
    ContactLimits {
        fields: lines
            .chain(places)
            .chain(others)
            .chain(tagged.then_some(ContactField::Labelled))
            .collect(),
        chars: LINES.iter().map(|(field, _, chars)| (*field, *chars)).collect(),
        notes_bytes: None,
        address_chars: AddressChars {
            street,
            city,
            region,
            postal_code,
            country,
        },
        birthday_without_year: false,
        four_byte_characters: site.four_byte_characters,
    }
}

/// The contact that a row is.
pub(super) fn observed(
    row: &Row,
    labelled: bool,
    base_url: &Url,
) -> Result<Observed<ContactRecord>, Unreadable> {
    let id = row.id("id").ok_or(Unreadable::NoId)?;
    let line = |column: &str| one_line(&row.text(column));
    let mut record = ContactRecord {
        prefix: Some(line(SALUTATION))
            .filter(|text| text != NONE)
            .unwrap_or_default(),
        organization: line(ACCOUNT_NAME),
        birthday: birthday(row),
        notes: normal_text(&row.text("description")),
        labelled,
        ..ContactRecord::default()
    };
    for (field, column, _) in &LINES {
        record.put(*field, Held::Text(&line(column)));
    }
    let nameless = record.given_name.is_empty() && record.family_name == NO_NAME_AT_ALL;
    if nameless || record.family_name == NO_NAME {
        record.family_name = String::new();
    }
    for (field, place) in PLACES {
        let [_, city, region, postal_code, country] = PARTS.map(|(part, _)| line(&format!("{place}{part}")));
        let at = Address {
            street: normal_text(&row.text(&format!("{place}street"))),
            city,
            region,
            postal_code,
            country,
        };
        record.put(field, Held::Address(&at));
    }
    let made_as = Key::read(&row.text("source"));
    Ok(Observed {
        id: RemoteId::new(Module::Contacts.as_str(), row.text("id")),
        version: version(&record),
        modified_at: parse_stamp(&row.text("modifiedtime")),
        traits: Traits {
            made_as: made_as.map(|key| RemoteId::new(Module::Contacts.as_str(), key.as_str())),
            address: Some(address(base_url, Module::Contacts, id.number)),
            ..Traits::default()
        },
        record,
    })
}

/// A date that is none is as good as no birthday.
fn birthday(row: &Row) -> Option<Birthday> {
    let text = row.filled("birthday").filter(|day| day != "0000-00-00")?;
    text.parse()
        .ok()
        .filter(|birthday: &Birthday| birthday.year().is_some())
}

/// A stamp that covers what is carried and nothing else.
fn version(record: &ContactRecord) -> Version {
    let prints: Vec<String> = ContactField::ALL
        .iter()
        .map(|field| format!("{:016x}", record.fingerprint(*field).0))
        .collect();
    Version(stamp(prints.iter().map(String::as_str)))
}

/// The columns that make the named fields of a contact read as they shall. Account and tags are not among them.
pub(in super::super) fn values(
    record: &ContactRecord,
    fields: &[ContactField],
    site: &Site,
) -> Result<Map<String, Value>, Failure> {
    let mut values = Map::new();
    for field in fields {
        let single = LINES.iter().find(|(of, _, _)| of == field);
        let place = PLACES.iter().find(|(of, _)| of == field);
        match (record.value(*field), single, place) {
            (Held::Text(text), Some((ContactField::FamilyName, column, chars)), _) => {
                let text = if text.is_empty() { NO_NAME } else { text };
                put(&mut values, column, held(text, *chars));
            }
            (Held::Text(text), Some((_, column, chars)), _) if site.has(column) => {
                put(&mut values, column, held(text, *chars));
            }
            (Held::Text(text), None, _) if *field == ContactField::Prefix && site.has(SALUTATION) => {
                if let Some(salutation) = salutation(text, site) {
                    put(&mut values, SALUTATION, salutation);
                }
            }
            (Held::Text(notes), None, _) if *field == ContactField::Notes && site.has("description") => {
                put(&mut values, "description", broken_up(notes));
            }
            (Held::Address(at), _, Some((_, place))) => {
                for ((part, chars), text) in PARTS.iter().zip(at.parts()) {
                    let column = format!("{place}{part}");
                    if site.has(&column) {
                        put(&mut values, &column, held(text, *chars));
                    }
                }
            }
            (Held::Birthday(birthday), _, _) if site.has("birthday") => {
                // A day without a year is no date, and better left out than made up.
                let date = birthday.map_or(Some(String::new()), |birthday| {
                    birthday.date().map(|date| date.to_string())
                });
                if let Some(date) = date {
                    put(&mut values, "birthday", date);
                }
            }
            // What Vtiger has no place for stays where it is.
            (Held::Text(_) | Held::Address(_) | Held::Birthday(_) | Held::Flag(_), _, _) => {}
        }
    }
    let named = [ContactField::GivenName, ContactField::FamilyName];
    let renames = named.iter().any(|field| fields.contains(field));
    if renames && record.given_name.is_empty() && record.family_name.is_empty() {
        return Err(Failure::permanent(
            "no_name",
            "the CRM demands a last name, and this contact has no name at all: give it one in Google",
        ));
    }
    Ok(values)
}

/// What stands for a form of address in the CRM's list; `None` where nothing does.
fn salutation(text: &str, site: &Site) -> Option<String> {
    let listed = site.salutations.iter().map(String::as_str);
    let known: Vec<&str> = if site.salutations.is_empty() {
        SALUTATIONS.to_vec()
    } else {
        listed.collect()
    };
    let bare = |text: &str| text.trim_end_matches('.').to_lowercase();
    if text.is_empty() {
        return Some(String::new());
    }
    let same = known.into_iter().find(|known| bare(known) == bare(text));
    same.map(str::to_owned)
}
