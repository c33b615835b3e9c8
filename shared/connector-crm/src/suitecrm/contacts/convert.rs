//! Between SuiteCRM's attributes and the neutral contact.

use serde_json::{Map, Value};
use sync_core::change::{Observed, Traits};
use sync_core::id::{RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::contact::{
    Address, AddressChars, Birthday, ContactField, ContactLimits, ContactRecord, Value as Held,
};
use url::Url;

use super::super::shape::address;
use super::super::site::{DESCRIPTION_BYTES, Site};
use super::super::text::{held, lines, one_line, spaced, stamp};
use super::super::wire::{Attributes, Module, Resource, parse_date};
use crate::text::cut_to_bytes;

/// The fields that are one attribute of one line each.
const LINES: [(ContactField, &str); 11] = [
    (ContactField::Prefix, SALUTATION),
    (ContactField::GivenName, "first_name"),
    (ContactField::FamilyName, "last_name"),
    (ContactField::JobTitle, "title"),
    (ContactField::Department, "department"),
    (ContactField::PhoneMobile, "phone_mobile"),
    (ContactField::PhoneWork, "phone_work"),
    (ContactField::PhoneHome, "phone_home"),
    (ContactField::PhoneOther, "phone_other"),
    (ContactField::PhoneFax, "phone_fax"),
    (ContactField::Organization, ACCOUNT_NAME),
];
/// The primary address and the second one.
pub(super) const ADDRESSES: [(ContactField, &str); 2] = [
    (ContactField::EmailWork, "email1"),
    (ContactField::EmailOther, "email2"),
];
/// The postal addresses, by the beginnings of their attributes' names.
const PLACES: [(ContactField, &str); 2] = [
    (ContactField::AddressWork, "primary_address"),
    (ContactField::AddressOther, "alt_address"),
];
/// The parts of a postal address, in the order of [`Address::parts`].
const PARTS: [&str; 5] = ["street", "city", "state", "postalcode", "country"];
const SALUTATION: &str = "salutation";
/// The values of the drop-down `salutation_dom`. Any other is kept by the table and lost by the next person who
/// saves the contact on its page.
///
/// # Source
/// `include/language/en_us.lang.php` of salesagility/SuiteCRM; the keys are the same in every language.
const SALUTATIONS: [&str; 6] = ["Mr.", "Ms.", "Mrs.", "Miss", "Dr.", "Prof."];
/// The name of the contact's account. It follows `account_id` and cannot be set.
pub(super) const ACCOUNT_NAME: &str = "account_name";

/// What is read besides the checkboxes that serve as tags.
pub(super) fn fields() -> Vec<String> {
    let places = PLACES
        .iter()
        .flat_map(|(_, place)| PARTS.map(|part| format!("{place}_{part}")));
    let single = LINES.iter().chain(&ADDRESSES).map(|(_, name)| (*name).to_owned());
    let others = ["birthdate", "description", "date_modified", "assigned_user_id"];
    single.chain(places).chain(others.map(str::to_owned)).collect()
}

/// What the site cannot hold. There are no middle names, suffixes, private e-mail or postal addresses, and no web
/// sites; and only contacts that can be marked have a label.
pub(super) fn limits(site: &Site, tagged: bool) -> ContactLimits {
    let own = LINES
        .iter()
        .chain(&ADDRESSES)
        .chain(&PLACES)
        .map(|(field, _)| *field);
    let others = [ContactField::Birthday, ContactField::Notes];
    let part = |part: &str| {
        let each = PLACES
            .iter()
            .map(|(_, place)| site.chars(&format!("{place}_{part}")));
        each.min()
    };
    ContactLimits {
        fields: own
            .chain(others)
            .chain(tagged.then_some(ContactField::Labelled))
            .collect(),
        chars: LINES
            .iter()
            .filter(|(field, _)| *field != ContactField::Organization)
            .map(|(field, name)| (*field, site.chars(name)))
            .collect(),
        notes_bytes: Some(DESCRIPTION_BYTES),
        address_chars: AddressChars {
            street: part("street"),
            city: part("city"),
            region: part("state"),
            postal_code: part("postalcode"),
            country: part("country"),
        },
        birthday_without_year: false,
        four_byte_characters: site.four_byte_characters,
    }
}

/// The contact that a resource is.
pub(super) fn observed(resource: &Resource, labelled: bool, base_url: &Url) -> Observed<ContactRecord> {
    let attributes = &resource.attributes;
    let line = |name: &str| one_line(&attributes.text(name).unwrap_or_default());
    let mut record = ContactRecord {
        birthday: birthday(attributes),
        notes: lines(&attributes.text("description").unwrap_or_default()),
        labelled,
        ..ContactRecord::default()
    };
    for (field, name) in LINES.iter().chain(&ADDRESSES) {
        record.put(*field, Held::Text(&line(name)));
    }
    for (field, place) in PLACES {
        let part = |part: &str| line(&format!("{place}_{part}"));
        let street = attributes.text(&format!("{place}_street"));
        let at = Address {
            street: lines(&street.unwrap_or_default()),
            city: part("city"),
            region: part("state"),
            postal_code: part("postalcode"),
            country: part("country"),
        };
        record.put(field, Held::Address(&at));
    }
    Observed {
        id: RemoteId::new(Module::Contacts.as_str(), &resource.id),
        version: version(&record),
        modified_at: attributes.filled("date_modified").as_deref().and_then(parse_date),
        traits: Traits {
            address: Some(address(base_url, Module::Contacts, &resource.id)),
            ..Traits::default()
        },
        record,
    }
}

/// A date that is none is as good as no birthday.
fn birthday(attributes: &Attributes) -> Option<Birthday> {
    let text = attributes.filled("birthdate")?;
    text.get(..10)?
        .parse()
        .ok()
        .filter(|birthday: &Birthday| birthday.year().is_some())
}

/// A stamp in two parts, the second of which covers the e-mail addresses.
fn version(record: &ContactRecord) -> Version {
    let is_address = |field: &ContactField| ADDRESSES.iter().any(|(address, _)| address == field);
    let of = |addresses: bool| {
        let fields = ContactField::ALL
            .iter()
            .filter(|field| is_address(field) == addresses);
        let prints: Vec<String> = fields
            .map(|field| format!("{:016x}", record.fingerprint(*field).0))
            .collect();
        stamp(prints.iter().map(String::as_str))
    };
    Version(format!("{}.{}", of(false), of(true)))
}

/// Whether two versions differ in nothing but the e-mail addresses.
pub(super) fn same_but_for_addresses(one: &Version, two: &Version) -> bool {
    let rest = |version: &Version| version.0.split_once('.').map(|(rest, _)| rest.to_owned());
    rest(one).is_some() && rest(one) == rest(two)
}

/// The attributes that make the named fields of a contact read as they shall. The account is not among them, and nor
/// are the addresses of a contact that is there already.
pub(super) fn attributes(
    record: &ContactRecord,
    fields: &[ContactField],
    before: Option<&Resource>,
    site: &Site,
) -> Map<String, Value> {
    let mut attributes = Map::new();
    for field in fields {
        let single = LINES.iter().chain(&ADDRESSES).find(|(of, _)| of == field);
        let place = PLACES.iter().find(|(of, _)| of == field);
        match (record.value(*field), single, place) {
            (Held::Text(_), Some((ContactField::Organization, _)), _) => {}
            (Held::Text(text), Some((ContactField::Prefix, name)), _) => {
                if let Some(salutation) = salutation(text) {
                    attributes.insert((*name).to_owned(), salutation.into());
                }
            }
            (Held::Text(text), Some((_, name @ ("email1" | "email2"))), _) => {
                if before.is_none() && !text.is_empty() {
                    attributes.insert((*name).to_owned(), text.into());
                }
            }
            (Held::Text(text), Some((_, name)), _) => {
                attributes.insert((*name).to_owned(), held(text, site.chars(name)).into());
            }
            (Held::Text(notes), None, _) if *field == ContactField::Notes => {
                let notes = cut_to_bytes(&spaced(notes), DESCRIPTION_BYTES);
                attributes.insert("description".to_owned(), notes.into());
            }
            (Held::Address(at), _, Some((_, place))) => {
                for (part, text) in PARTS.iter().zip(at.parts()) {
                    let name = format!("{place}_{part}");
                    let text = held(text, site.chars(&name));
                    attributes.insert(name, text.into());
                }
            }
            (Held::Birthday(birthday), _, _) => {
                // A day without a year is no date, and better left out than made up.
                let date = birthday.map_or(Some(String::new()), |birthday| {
                    birthday.date().map(|date| date.to_string())
                });
                if let Some(date) = date {
                    attributes.insert("birthdate".to_owned(), date.into());
                }
            }
            // What SuiteCRM has no place for stays where it is.
            (Held::Text(_), None, _) | (Held::Address(_), _, None) | (Held::Flag(_), _, _) => {}
        }
    }
    attributes
}

/// What stands for a form of address in the CRM's list; `None` where nothing does.
fn salutation(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("");
    }
    let bare = |text: &str| text.trim_end_matches('.').to_lowercase();
    SALUTATIONS.into_iter().find(|known| bare(known) == bare(text))
}
