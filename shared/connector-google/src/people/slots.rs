//! Which value of a free list is in which slot.
//!
//! A value whose type has a slot of its own takes it; the others are dealt out in their order to the slots that are left.
//! Only slots that the CRM has are dealt out, so that a private address reaches a CRM that has but one e-mail. The same
//! list always gives the same slots.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::kind::contact::{ContactField, Family};

use super::wire::{Entry, is_own, text};

/// The positions in the list by slot.
pub(super) fn deal(
    family: Family,
    entries: &[Entry],
    crm_fields: &BTreeSet<ContactField>,
) -> BTreeMap<ContactField, usize> {
    let open: Vec<ContactField> = family
        .slots()
        .iter()
        .copied()
        .filter(|slot| crm_fields.contains(slot))
        .collect();
    let fax = (family == Family::Phone && crm_fields.contains(&ContactField::PhoneFax))
        .then_some(ContactField::PhoneFax);
    let values: Vec<(usize, &str)> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| is_own(entry) && says_something(family, entry))
        .map(|(at, entry)| (at, text(entry, "type")))
        .collect();
    let mut dealt: BTreeMap<ContactField, usize> = BTreeMap::new();
    let mut left = Vec::new();
    for (at, kind) in values {
        let own = slot_of(family, kind).filter(|slot| open.contains(slot) || fax == Some(*slot));
        match own {
            Some(slot) if !dealt.contains_key(&slot) => {
                dealt.insert(slot, at);
            }
            // A fax number among the phones would help nobody.
            Some(_) | None if is_fax(kind) => {}
            Some(_) | None => left.push(at),
        }
    }
    let free: Vec<ContactField> = open
        .into_iter()
        .filter(|slot| !dealt.contains_key(slot))
        .collect();
    dealt.extend(free.into_iter().zip(left));
    dealt
}

fn says_something(family: Family, entry: &Entry) -> bool {
    match family {
        Family::Email | Family::Phone | Family::Website => !text(entry, "value").trim().is_empty(),
        Family::Address => ADDRESS_PARTS
            .iter()
            .any(|part| !text(entry, part).trim().is_empty()),
    }
}

/// The parts in which an address says something.
const ADDRESS_PARTS: [&str; 8] = [
    "streetAddress",
    "extendedAddress",
    "poBox",
    "city",
    "region",
    "postalCode",
    "country",
    "formattedValue",
];

fn is_fax(kind: &str) -> bool {
    matches!(kind, "homeFax" | "workFax" | "otherFax")
}

/// The slot of a type.
///
/// # Source
/// API description, `EmailAddress.type`, `PhoneNumber.type`, `Address.type`, `Url.type`
fn slot_of(family: Family, kind: &str) -> Option<ContactField> {
    Some(match (family, kind) {
        (Family::Email, "work") => ContactField::EmailWork,
        (Family::Email, "home") => ContactField::EmailHome,
        (Family::Email, "other") => ContactField::EmailOther,
        (Family::Phone, "mobile" | "workMobile") => ContactField::PhoneMobile,
        (Family::Phone, "work" | "main") => ContactField::PhoneWork,
        (Family::Phone, "home") => ContactField::PhoneHome,
        (Family::Phone, "other") => ContactField::PhoneOther,
        (Family::Phone, kind) if is_fax(kind) => ContactField::PhoneFax,
        (Family::Address, "work") => ContactField::AddressWork,
        (Family::Address, "home") => ContactField::AddressHome,
        (Family::Address, "other") => ContactField::AddressOther,
        (Family::Website, "work" | "homePage") => ContactField::Website,
        (Family::Website, "other") => ContactField::WebsiteOther,
        _ => return None,
    })
}

/// The type that a value gets which is new in a slot.
pub(super) fn type_of(slot: ContactField) -> &'static str {
    match slot {
        ContactField::EmailWork
        | ContactField::PhoneWork
        | ContactField::AddressWork
        | ContactField::Website => "work",
        ContactField::EmailHome | ContactField::PhoneHome | ContactField::AddressHome => "home",
        ContactField::PhoneMobile => "mobile",
        ContactField::PhoneFax => "workFax",
        ContactField::EmailOther
        | ContactField::PhoneOther
        | ContactField::AddressOther
        | ContactField::WebsiteOther
        | ContactField::Prefix
        | ContactField::GivenName
        | ContactField::MiddleName
        | ContactField::FamilyName
        | ContactField::Suffix
        | ContactField::Organization
        | ContactField::Department
        | ContactField::JobTitle
        | ContactField::Birthday
        | ContactField::Notes
        | ContactField::Labelled => "other",
    }
}
