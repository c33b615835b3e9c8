//! Contacts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::contact::{Address, Birthday, ContactField, ContactRecord, Family, Value, ValueMut};
use sync_core::policy::{ContactScope, Settings};
use sync_core::side::{PerSide, Side};

use super::{Played, Shown};
use crate::log::{Entry, Of};
use crate::people::{People, tail};
use crate::reach::Reach;
use crate::server::{Nature, Server};
use crate::world::Provider;

/// How often a new contact says something in a field that is no name and no first e-mail.
const SAYS_SOMETHING: f64 = 0.3;

/// How often a person who edits a field empties it.
const EMPTIES: f64 = 0.15;

impl Played for ContactRecord {
    const COLLECTIONS: PerSide<&'static str> = PerSide {
        crm: "Contacts",
        google: "people",
    };
    const EDITED: &'static [ContactField] = &[
        ContactField::GivenName,
        ContactField::FamilyName,
        ContactField::MiddleName,
        ContactField::EmailWork,
        ContactField::EmailWork,
        ContactField::EmailOther,
        ContactField::EmailOther,
        ContactField::EmailHome,
        ContactField::PhoneMobile,
        ContactField::PhoneWork,
        ContactField::PhoneWork,
        ContactField::PhoneHome,
        ContactField::PhoneOther,
        ContactField::PhoneFax,
        ContactField::AddressWork,
        ContactField::AddressHome,
        ContactField::JobTitle,
        ContactField::Birthday,
        ContactField::Website,
        ContactField::Notes,
        ContactField::Notes,
        ContactField::Labelled,
        ContactField::Labelled,
    ];

    fn at(provider: &Provider) -> &Arc<Server<Self>> {
        &provider.contacts
    }

    fn entry(of: Of<Self>) -> Entry {
        Entry::Contact(Box::new(of))
    }

    fn of_entry(entry: &Entry) -> Option<&Of<Self>> {
        if let Entry::Contact(of) = entry {
            Some(of)
        } else {
            None
        }
    }

    fn rewritten(&self, nature: &Nature<Self>) -> Self {
        let mut record = self.clone();
        let limits = &nature.limits;
        let nothing = Self::default();
        for field in ContactField::ALL.iter().copied() {
            if !limits.holds(field) {
                record.take(field, &nothing);
            }
            if let ValueMut::Text(text) = record.value_mut(field) {
                if !limits.four_byte_characters {
                    *text = text.replace('😀', "????");
                }
                if let Some(most) = limits.chars.get(&field) {
                    let cut: String = text.chars().take(*most).collect();
                    cut.trim_end().clone_into(text);
                }
            }
        }
        if nature.squeezes {
            record.notes = record.notes.replace("  ", " ");
        }
        if !limits.birthday_without_year {
            record.birthday = record.birthday.filter(|birthday| birthday.year().is_some());
        }
        record
    }

    fn lose_label(&mut self) {
        self.labelled = false;
    }

    fn texts(&self) -> Vec<&str> {
        let said = ContactField::ALL.iter().map(|field| match self.value(*field) {
            Value::Text(text) => text,
            Value::Address(address) => &address.street,
            Value::Birthday(_) | Value::Flag(_) => "",
        });
        said.filter(|text| !text.is_empty()).collect()
    }

    fn poisonable(&mut self) -> &mut String {
        &mut self.job_title
    }

    fn written(people: &mut People, random: &mut SmallRng, _now: DateTime<Utc>) -> Self {
        let mut record = Self {
            given_name: people.text(""),
            family_name: people.text(tail(random)),
            email_work: people.text("@example.com"),
            labelled: random.random_bool(0.8),
            ..Self::default()
        };
        for field in ContactField::ALL.iter().copied() {
            if record.is_empty(field) && random.random_bool(SAYS_SOMETHING) {
                put_something(&mut record, field, people, random);
            }
        }
        record
    }

    /// Writes something into the field, or empties it.
    fn edit(&mut self, field: ContactField, people: &mut People, random: &mut SmallRng, _now: DateTime<Utc>) {
        if field == ContactField::Labelled {
            self.labelled = !self.labelled;
        } else if random.random_bool(EMPTIES) && field != ContactField::GivenName {
            self.take(field, &Self::default());
        } else {
            put_something(self, field, people, random);
        }
    }

    fn slots(field: ContactField) -> &'static [ContactField] {
        // A fax number among the phones helps nobody.
        let family = field.family().filter(|_| field != ContactField::PhoneFax);
        family.map_or(&[], Family::slots)
    }

    fn made_by_hand_twice(self) -> Self {
        Self {
            labelled: true,
            ..self
        }
    }

    fn shown(&self, settings: &Settings, side: Side, _id: &RemoteId, _across: &Nature<Self>) -> Shown {
        let is_labelled = self.labelled && !Reach::of::<Self>(side, settings).is_labelled_otherwise;
        match settings.contacts.scope {
            ContactScope::Tagged if !is_labelled => Shown::Not,
            ContactScope::Tagged | ContactScope::All => Shown::Whole,
        }
    }

    fn is_flag(field: ContactField) -> bool {
        field == ContactField::Labelled
    }
}

fn put_something(
    record: &mut ContactRecord,
    field: ContactField,
    people: &mut People,
    random: &mut SmallRng,
) {
    match record.value_mut(field) {
        ValueMut::Text(text) => {
            *text = match field {
                ContactField::EmailWork | ContactField::EmailHome | ContactField::EmailOther => {
                    people.text("@example.com")
                }
                ContactField::PhoneMobile
                | ContactField::PhoneWork
                | ContactField::PhoneHome
                | ContactField::PhoneOther
                | ContactField::PhoneFax => format!("9{:07}", people.number()),
                ContactField::Website | ContactField::WebsiteOther => people.text(".example.com"),
                ContactField::Prefix
                | ContactField::GivenName
                | ContactField::MiddleName
                | ContactField::FamilyName
                | ContactField::Suffix
                | ContactField::AddressWork
                | ContactField::AddressHome
                | ContactField::AddressOther
                | ContactField::Organization
                | ContactField::Department
                | ContactField::JobTitle
                | ContactField::Birthday
                | ContactField::Notes
                | ContactField::Labelled => people.text(tail(random)),
            };
        }
        ValueMut::Address(address) => {
            *address = Address {
                street: people.text(" street"),
                ..Address::default()
            };
        }
        ValueMut::Birthday(birthday) => {
            let year = random.random_bool(0.6).then(|| random.random_range(1950..2000));
            *birthday = Birthday::new(year, random.random_range(1..13), random.random_range(1..28));
        }
        ValueMut::Flag(_) => {}
    }
}
