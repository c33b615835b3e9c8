//! Contacts. What people add to one slot on both sides is kept in two; a tag or label may decide about the scope.

use std::collections::BTreeSet;

use sync_core::kind::Record;
use sync_core::kind::contact::{
    Address, Birthday, ContactField, ContactLimits, ContactRecord, Value, ValueMut,
};
use sync_core::policy::{ContactScope, ContactSettings};

use super::{Carried, Played, Terms, Texts};
use crate::history::{Content, Kept, Policy, text};

impl Played for ContactRecord {
    const EDITED: &'static [ContactField] = &[
        ContactField::GivenName,
        ContactField::EmailWork,
        ContactField::EmailOther,
        ContactField::PhoneWork,
        ContactField::PhoneWork,
        ContactField::PhoneWork,
        ContactField::PhoneMobile,
        ContactField::PhoneMobile,
        ContactField::PhoneMobile,
        ContactField::PhoneOther,
        ContactField::PhoneFax,
        ContactField::AddressWork,
        ContactField::Organization,
        ContactField::Birthday,
        ContactField::Labelled,
        ContactField::Labelled,
    ];
    const LEAVING: Option<ContactField> = Some(ContactField::Labelled);

    fn of(content: Content, other: bool) -> Self {
        let mut contact = Self {
            given_name: text(content.title, other),
            labelled: !content.private,
            ..Self::default()
        };
        contact.edit(ContactField::PhoneWork, content.description, other);
        contact.edit(ContactField::EmailWork, content.location, other);
        contact.edit(ContactField::Birthday, content.when, other);
        contact
    }

    fn edit(&mut self, field: ContactField, value: usize, other: bool) {
        let sort = sort_of(field);
        match self.value_mut(field) {
            ValueMut::Text(into) => {
                *into = match sort {
                    Sort::Email => picked(&EMAILS, value),
                    Sort::Phone | Sort::Fax => picked(&PHONES, value),
                    Sort::Address | Sort::Other => text(value, other),
                }
            }
            ValueMut::Address(into) => {
                *into = Address {
                    street: text(value, other),
                    ..Address::default()
                }
            }
            ValueMut::Birthday(into) => *into = birthday(value),
            ValueMut::Flag(into) => *into = !value.is_multiple_of(3),
        }
    }

    fn limits(kept: Kept) -> ContactLimits {
        let lacks = |fields: &[ContactField]| -> BTreeSet<ContactField> {
            let all = ContactField::ALL.iter().copied();
            all.filter(|field| !fields.contains(field)).collect()
        };
        match kept {
            Kept::Whole | Kept::Rewritten => ContactLimits::none(),
            Kept::Cut => ContactLimits {
                chars: [(ContactField::GivenName, 4), (ContactField::Organization, 2)].into(),
                four_byte_characters: false,
                ..ContactLimits::none()
            },
            Kept::Poor => ContactLimits {
                fields: lacks(&[
                    ContactField::EmailHome,
                    ContactField::PhoneOther,
                    ContactField::PhoneHome,
                    ContactField::Birthday,
                ]),
                ..ContactLimits::none()
            },
        }
    }

    /// A server that rewrites has its own way of writing numbers and addresses.
    fn kept(&self, limits: &ContactLimits, rewrites: bool) -> Self {
        let texts = Texts {
            rewrites,
            four_byte_characters: limits.four_byte_characters,
        };
        let mut kept = self.clone();
        for field in ContactField::ALL.iter().copied() {
            if kept.is_empty(field) {
                continue;
            }
            if !limits.holds(field) {
                kept.put(field, Self::default().value(field));
                continue;
            }
            let sort = sort_of(field);
            match kept.value_mut(field) {
                ValueMut::Text(text) => {
                    *text = texts.keep(text, limits.chars.get(&field).copied());
                    match sort {
                        Sort::Phone | Sort::Fax if rewrites => text.retain(|c| c != ' '),
                        Sort::Email if rewrites => *text = text.to_lowercase(),
                        _ => {}
                    }
                }
                ValueMut::Address(address) => {
                    address.street = texts.keep(&address.street, limits.address_chars.street);
                }
                ValueMut::Birthday(_) | ValueMut::Flag(_) => {}
            }
        }
        kept
    }

    /// Whether tags count is drawn by what contacts have no use for: whether guests are told.
    fn settings(policy: &Policy) -> ContactSettings {
        ContactSettings {
            direction: policy.direction,
            conflict_winner: policy.winner,
            deletions: policy.deletions,
            scope: if policy.notify {
                ContactScope::Tagged
            } else {
                ContactScope::All
            },
            ..ContactSettings::default()
        }
    }

    fn carried(&self, terms: &Terms, _target: &ContactLimits) -> Carried {
        if self.labelled || !terms.policy.notify {
            Carried::Whole
        } else {
            Carried::Leaving
        }
    }

    /// A number is the same however it is written, and an address in capitals.
    fn is_one(&self, field: ContactField, other: &Self, there: ContactField) -> bool {
        let bare = |value: Value<'_>| match value {
            Value::Text(text) => match sort_of(field) {
                Sort::Email => Some(text.to_lowercase()),
                Sort::Phone | Sort::Fax => Some(text.replace(' ', "").replace("00", "+")),
                Sort::Address | Sort::Other => None,
            },
            Value::Address(_) | Value::Birthday(_) | Value::Flag(_) => None,
        };
        let (one, two) = (self.value(field), other.value(there));
        bare(one).zip(bare(two)).map_or_else(
            || self.value(field) == other.value(there),
            |(one, two)| one == two,
        )
    }

    fn slots(field: ContactField) -> &'static [ContactField] {
        match sort_of(field) {
            Sort::Email => &[
                ContactField::EmailWork,
                ContactField::EmailHome,
                ContactField::EmailOther,
            ],
            Sort::Phone => &[
                ContactField::PhoneMobile,
                ContactField::PhoneWork,
                ContactField::PhoneHome,
                ContactField::PhoneOther,
            ],
            Sort::Address => &[
                ContactField::AddressWork,
                ContactField::AddressHome,
                ContactField::AddressOther,
            ],
            Sort::Fax | Sort::Other => &[],
        }
    }
}

/// What a field is for.
#[derive(Debug, Clone, Copy)]
enum Sort {
    Email,
    Phone,
    Fax,
    Address,
    Other,
}

fn sort_of(field: ContactField) -> Sort {
    match field {
        ContactField::EmailWork | ContactField::EmailHome | ContactField::EmailOther => Sort::Email,
        ContactField::PhoneMobile
        | ContactField::PhoneWork
        | ContactField::PhoneHome
        | ContactField::PhoneOther => Sort::Phone,
        ContactField::PhoneFax => Sort::Fax,
        ContactField::AddressWork | ContactField::AddressHome | ContactField::AddressOther => Sort::Address,
        _ => Sort::Other,
    }
}

/// One line is written in two ways.
const PHONES: [&str; 7] = ["+49 30 1234567", "0049 30 1234567", "", "2", "3", "2", ""];

const EMAILS: [&str; 7] = ["a@x", "b@x", "", "A@x", "c@x", "d@x", ""];

fn picked(values: &[&str], number: usize) -> String {
    values
        .get(number % values.len())
        .copied()
        .unwrap_or_default()
        .to_owned()
}

/// None, with a year, and the same day without one.
fn birthday(number: usize) -> Option<Birthday> {
    match number % 4 {
        0 | 1 => None,
        2 => Birthday::new(Some(1980), 5, 12),
        _ => Birthday::new(None, 5, 12),
    }
}
