//! Contacts: CRM contacts, Google Contacts.
//!
//! | file | holds |
//! |---|---|
//! | `field` | the units of merging, down to single e-mails and phones |
//! | `parts` | addresses and birthdays |
//! | `normal` | normal forms, and what makes two values the same |
//! | `limits` | what a side cannot hold |
//! | `likeness` | what two contacts must share to be taken for one without any mark |
//! | `room` | where a second value goes, when both sides have put one into the same slot |

mod field;
mod likeness;
mod limits;
mod normal;
mod parts;
mod room;
mod shared;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use field::{ContactField, Family};
pub use limits::ContactLimits;
pub use normal::{AddressChars, email_key, normal_address, phone_key, same_line, website_key};
pub use parts::{Address, Birthday, NoBirthday};

use super::event::same_text;
use super::line::one_line;
use super::{Fingerprint, Kind, Record, Room};
use crate::change::{Observed, Window};
use crate::mutation::{self, Mutation};
use crate::policy::{ContactScope, ContactSettings, Scope, travels};
use crate::side::{PerSide, Side};
use normal::{same_address, same_birthday};

/// A contact that belongs to no provider.
///
/// Every text is one line in normal form (see [`one_line`]), but for the notes and an address' street, which may
/// have several; connectors bring them there when they read. An empty text is no value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "each is described at the field of the same name in `ContactField`"
)]
pub struct ContactRecord {
    pub prefix: String,
    pub given_name: String,
    pub middle_name: String,
    pub family_name: String,
    pub suffix: String,
    pub email_work: String,
    pub email_home: String,
    pub email_other: String,
    pub phone_mobile: String,
    pub phone_work: String,
    pub phone_home: String,
    pub phone_other: String,
    pub phone_fax: String,
    pub address_work: Address,
    pub address_home: Address,
    pub address_other: Address,
    pub organization: String,
    pub department: String,
    pub job_title: String,
    pub birthday: Option<Birthday>,
    pub website: String,
    pub website_other: String,
    pub notes: String,
    pub labelled: bool,
}

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Of most fields.
    Text(&'a str),
    /// Of an address.
    Address(&'a Address),
    /// Of the birthday.
    Birthday(Option<Birthday>),
    /// Of the tag or label.
    Flag(bool),
}

/// A field's value, to change it.
#[derive(Debug)]
pub enum ValueMut<'a> {
    /// Of most fields.
    Text(&'a mut String),
    /// Of an address.
    Address(&'a mut Address),
    /// Of the birthday.
    Birthday(&'a mut Option<Birthday>),
    /// Of the tag or label.
    Flag(&'a mut bool),
}

impl Value<'_> {
    /// Whether there is no value. A contact that is not labelled has no label.
    pub fn is_empty(self) -> bool {
        match self {
            Value::Text(text) => text.is_empty(),
            Value::Address(address) => address.is_empty(),
            Value::Birthday(birthday) => birthday.is_none(),
            Value::Flag(flag) => !flag,
        }
    }
}

impl ContactRecord {
    /// The value of a field.
    pub fn value(&self, field: ContactField) -> Value<'_> {
        match field {
            ContactField::Prefix => Value::Text(&self.prefix),
            ContactField::GivenName => Value::Text(&self.given_name),
            ContactField::MiddleName => Value::Text(&self.middle_name),
            ContactField::FamilyName => Value::Text(&self.family_name),
            ContactField::Suffix => Value::Text(&self.suffix),
            ContactField::EmailWork => Value::Text(&self.email_work),
            ContactField::EmailHome => Value::Text(&self.email_home),
            ContactField::EmailOther => Value::Text(&self.email_other),
            ContactField::PhoneMobile => Value::Text(&self.phone_mobile),
            ContactField::PhoneWork => Value::Text(&self.phone_work),
            ContactField::PhoneHome => Value::Text(&self.phone_home),
            ContactField::PhoneOther => Value::Text(&self.phone_other),
            ContactField::PhoneFax => Value::Text(&self.phone_fax),
            ContactField::AddressWork => Value::Address(&self.address_work),
            ContactField::AddressHome => Value::Address(&self.address_home),
            ContactField::AddressOther => Value::Address(&self.address_other),
            ContactField::Organization => Value::Text(&self.organization),
            ContactField::Department => Value::Text(&self.department),
            ContactField::JobTitle => Value::Text(&self.job_title),
            ContactField::Birthday => Value::Birthday(self.birthday),
            ContactField::Website => Value::Text(&self.website),
            ContactField::WebsiteOther => Value::Text(&self.website_other),
            ContactField::Notes => Value::Text(&self.notes),
            ContactField::Labelled => Value::Flag(self.labelled),
        }
    }

    /// The value of a field, to change it.
    pub fn value_mut(&mut self, field: ContactField) -> ValueMut<'_> {
        match field {
            ContactField::Prefix => ValueMut::Text(&mut self.prefix),
            ContactField::GivenName => ValueMut::Text(&mut self.given_name),
            ContactField::MiddleName => ValueMut::Text(&mut self.middle_name),
            ContactField::FamilyName => ValueMut::Text(&mut self.family_name),
            ContactField::Suffix => ValueMut::Text(&mut self.suffix),
            ContactField::EmailWork => ValueMut::Text(&mut self.email_work),
            ContactField::EmailHome => ValueMut::Text(&mut self.email_home),
            ContactField::EmailOther => ValueMut::Text(&mut self.email_other),
            ContactField::PhoneMobile => ValueMut::Text(&mut self.phone_mobile),
            ContactField::PhoneWork => ValueMut::Text(&mut self.phone_work),
            ContactField::PhoneHome => ValueMut::Text(&mut self.phone_home),
            ContactField::PhoneOther => ValueMut::Text(&mut self.phone_other),
            ContactField::PhoneFax => ValueMut::Text(&mut self.phone_fax),
            ContactField::AddressWork => ValueMut::Address(&mut self.address_work),
            ContactField::AddressHome => ValueMut::Address(&mut self.address_home),
            ContactField::AddressOther => ValueMut::Address(&mut self.address_other),
            ContactField::Organization => ValueMut::Text(&mut self.organization),
            ContactField::Department => ValueMut::Text(&mut self.department),
            ContactField::JobTitle => ValueMut::Text(&mut self.job_title),
            ContactField::Birthday => ValueMut::Birthday(&mut self.birthday),
            ContactField::Website => ValueMut::Text(&mut self.website),
            ContactField::WebsiteOther => ValueMut::Text(&mut self.website_other),
            ContactField::Notes => ValueMut::Text(&mut self.notes),
            ContactField::Labelled => ValueMut::Flag(&mut self.labelled),
        }
    }

    /// Puts a value of the field's own sort into it; one of another sort leaves it as it is.
    pub fn put(&mut self, field: ContactField, value: Value<'_>) {
        match (self.value_mut(field), value) {
            (ValueMut::Text(into), Value::Text(text)) => text.clone_into(into),
            (ValueMut::Address(into), Value::Address(address)) => into.clone_from(address),
            (ValueMut::Birthday(into), Value::Birthday(birthday)) => *into = birthday,
            (ValueMut::Flag(into), Value::Flag(flag)) => *into = flag,
            (
                ValueMut::Text(_) | ValueMut::Address(_) | ValueMut::Birthday(_) | ValueMut::Flag(_),
                Value::Text(_) | Value::Address(_) | Value::Birthday(_) | Value::Flag(_),
            ) => {}
        }
    }

    /// The values of a family that there are, with their slots, fax numbers left out.
    pub fn values(&self, family: Family) -> impl Iterator<Item = (ContactField, &str)> {
        family.slots().iter().filter_map(|slot| match self.value(*slot) {
            Value::Text(text) if !text.is_empty() => Some((*slot, text)),
            Value::Text(_) | Value::Address(_) | Value::Birthday(_) | Value::Flag(_) => None,
        })
    }

    /// First and last name in one line and in small letters, by which namesakes are found; empty where it has
    /// neither.
    pub fn name_key(&self) -> String {
        one_line(&format!("{} {}", self.given_name, self.family_name)).to_lowercase()
    }
}

impl Record for ContactRecord {
    type Field = ContactField;
    type Limits = ContactLimits;
    type Settings = ContactSettings;

    const KIND: Kind = Kind::Contact;
    const FIELDS: &'static [ContactField] = ContactField::ALL;
    // Two people of one name are not one.
    const TELLS_AMBIGUITY: bool = true;

    fn field_name(field: ContactField) -> &'static str {
        field.name()
    }

    fn fingerprint(&self, field: ContactField) -> Fingerprint {
        match self.value(field) {
            Value::Text(text) => Fingerprint::of(text),
            Value::Address(address) if address.is_empty() => Fingerprint::of_nothing(),
            Value::Address(address) => {
                let [street, city, region, postal_code, country] = address.parts();
                let parts =
                    format_args!("{street}\u{1f}{city}\u{1f}{region}\u{1f}{postal_code}\u{1f}{country}");
                Fingerprint::of_written(parts)
            }
            Value::Birthday(None) => Fingerprint::of_nothing(),
            Value::Birthday(Some(birthday)) => Fingerprint::of_written(birthday),
            Value::Flag(flag) => Fingerprint::of_flag(flag),
        }
    }

    fn take(&mut self, field: ContactField, from: &Self) {
        self.put(field, from.value(field));
    }

    fn same(&self, field: ContactField, other: &Self, limits: PerSide<&ContactLimits>) -> bool {
        let (crm, google) = (limits.crm, limits.google);
        let (mine, theirs) = (self.value(field), other.value(field));
        mine == theirs
            || !(crm.holds(field) && google.holds(field))
            || same_value(field, mine, theirs, limits)
    }

    fn stands_for(&self, field: ContactField, other: &Self, _limits: PerSide<&ContactLimits>) -> bool {
        field == ContactField::FamilyName
            && likeness::family_of(self) == likeness::family_of(other)
            && (self.family_name.is_empty() || other.family_name.is_empty())
    }

    fn is_rearranged(&self, field: ContactField, other: &Self) -> bool {
        let (family, key): (Family, fn(&str) -> String) = match field.family() {
            Some(family @ Family::Email) => (family, email_key),
            Some(family @ Family::Phone) => (family, phone_key),
            Some(Family::Website | Family::Address) | None => return false,
        };
        let mut slots = family.slots().iter();
        let keys = |record: &Self| -> BTreeSet<String> {
            let values = record.values(family);
            values.map(|(_, value)| key(value)).collect()
        };
        slots.all(|slot| self.value(*slot) == other.value(*slot)) || keys(self) == keys(other)
    }

    fn shared_fingerprint(&self, field: ContactField, limits: PerSide<&ContactLimits>) -> Fingerprint {
        let (crm, google) = (limits.crm, limits.google);
        if !(crm.holds(field) && google.holds(field)) {
            return Fingerprint::of_nothing();
        }
        shared::fingerprint(field, self.value(field), limits)
    }

    fn journal_value(&self, field: ContactField) -> serde_json::Value {
        match self.value(field) {
            Value::Text(text) => text.into(),
            Value::Address(address) => serde_json::to_value(address).unwrap_or_default(),
            Value::Birthday(birthday) => birthday.map(|birthday| birthday.to_string()).into(),
            Value::Flag(flag) => flag.into(),
        }
    }

    fn put_journal_value(&mut self, field: ContactField, value: &serde_json::Value) -> Option<()> {
        match self.value_mut(field) {
            ValueMut::Text(into) => value.as_str()?.clone_into(into),
            ValueMut::Address(into) => *into = serde_json::from_value(value.clone()).ok()?,
            ValueMut::Birthday(into) => *into = serde_json::from_value(value.clone()).ok()?,
            ValueMut::Flag(into) => *into = value.as_bool()?,
        }
        Some(())
    }

    fn starts_at(&self) -> Option<DateTime<Utc>> {
        None
    }

    fn title(&self) -> Cow<'_, str> {
        let name = one_line(&format!("{} {}", self.given_name, self.family_name));
        let others = [
            &self.organization,
            &self.email_work,
            &self.email_other,
            &self.email_home,
        ];
        let other = others.into_iter().find(|text| !text.is_empty());
        match other {
            Some(other) if name.is_empty() => Cow::Borrowed(other),
            Some(_) | None => Cow::Owned(name),
        }
    }

    fn is_empty(&self, field: ContactField) -> bool {
        self.value(field).is_empty()
    }

    fn can_hold(field: ContactField, limits: &ContactLimits) -> bool {
        limits.holds(field)
    }

    fn likenesses(&self, _limits: PerSide<&ContactLimits>) -> Vec<Vec<String>> {
        likeness::likenesses(self)
    }

    fn scope(
        settings: &ContactSettings,
        _window: Window,
        side: Side,
        seen: &Observed<Self>,
        _target: &ContactLimits,
    ) -> Scope {
        if !travels(settings.direction, side) || seen.traits.read_only.is_some_and(|why| !why.is_carried()) {
            return Scope::Outside;
        }
        match settings.scope {
            ContactScope::All => Scope::Carried,
            ContactScope::Tagged if seen.record.labelled => Scope::Carried,
            ContactScope::Tagged if mutation::on(Mutation::UntaggedIsHidden) => Scope::Hidden,
            ContactScope::Tagged => Scope::Leaving,
        }
    }

    fn outgoing(&self, _scope: Scope) -> Cow<'_, Self> {
        Cow::Borrowed(self)
    }

    fn is_veiled(_field: ContactField) -> bool {
        false
    }

    fn tells_leaving(field: ContactField) -> bool {
        field == ContactField::Labelled
    }

    fn says_nothing(field: ContactField, seen: &Observed<Self>) -> bool {
        field == ContactField::Labelled && seen.traits.relabelled && !seen.record.labelled
    }

    fn room_for(
        &self,
        field: ContactField,
        loser: &Self,
        limits: PerSide<&ContactLimits>,
    ) -> Room<ContactField> {
        room::room_for(self, field, loser, limits)
    }

    fn take_into(&mut self, slot: ContactField, field: ContactField, from: &Self) {
        self.put(slot, from.value(field));
    }

    fn concerns_guests(_field: ContactField) -> bool {
        false
    }
}

/// Whether two values differ in nothing that both sides can hold. `field` says what sort of text it is.
fn same_value(
    field: ContactField,
    mine: Value<'_>,
    theirs: Value<'_>,
    limits: PerSide<&ContactLimits>,
) -> bool {
    let (crm, google) = (limits.crm, limits.google);
    let four_bytes = crm.four_byte_characters && google.four_byte_characters;
    match (mine, theirs) {
        (Value::Text(mine), Value::Text(theirs)) => {
            let chars = [crm, google].map(|side| side.chars.get(&field).copied());
            let bytes = [crm, google].map(|side| side.notes_bytes.filter(|_| field == ContactField::Notes));
            let same = |mine: &str, theirs: &str| {
                let (chars, bytes) = (
                    chars.into_iter().flatten().min(),
                    bytes.into_iter().flatten().min(),
                );
                same_text(mine, theirs, chars, bytes, four_bytes)
            };
            let key: fn(&str) -> String = match field.family() {
                Some(Family::Email) => email_key,
                Some(Family::Phone) => phone_key,
                Some(Family::Website) => website_key,
                Some(Family::Address) | None => return same(mine, theirs),
            };
            same(mine, theirs) || key(mine) == key(theirs)
        }
        (Value::Address(mine), Value::Address(theirs)) => same_address(
            mine,
            theirs,
            [&crm.address_chars, &google.address_chars],
            four_bytes,
        ),
        (Value::Birthday(mine), Value::Birthday(theirs)) => same_birthday(
            mine,
            theirs,
            crm.birthday_without_year && google.birthday_without_year,
        ),
        (
            Value::Text(_) | Value::Address(_) | Value::Birthday(_) | Value::Flag(_),
            Value::Text(_) | Value::Address(_) | Value::Birthday(_) | Value::Flag(_),
        ) => mine == theirs,
    }
}
