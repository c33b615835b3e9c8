//! Normal forms, comparison and room for second values.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    Address, AddressChars, Birthday, ContactField, ContactLimits, ContactRecord, Family, Value, ValueMut,
    email_key, normal_address, phone_key, same_line, website_key,
};
use crate::kind::line::one_line;
use crate::kind::{Record, Room};
use crate::side::PerSide;

/// A CRM with two e-mails, five phones, two addresses, and short columns.
fn crm() -> ContactLimits {
    let all = ContactLimits::none();
    let lacks = [
        ContactField::MiddleName,
        ContactField::Suffix,
        ContactField::EmailHome,
        ContactField::AddressHome,
        ContactField::Website,
        ContactField::WebsiteOther,
    ];
    ContactLimits {
        fields: all
            .fields
            .iter()
            .copied()
            .filter(|field| !lacks.contains(field))
            .collect(),
        chars: BTreeMap::from([(ContactField::GivenName, 4), (ContactField::JobTitle, 3)]),
        notes_bytes: Some(10),
        address_chars: AddressChars {
            street: Some(5),
            ..AddressChars::default()
        },
        birthday_without_year: false,
        four_byte_characters: false,
    }
}

fn text() -> impl Strategy<Value = String> {
    "[a-c+0-9@. 😀]{0,8}".prop_map(|text| one_line(&text))
}

fn address() -> impl Strategy<Value = Address> {
    ("[a-c\n, ]{0,8}", text(), text(), text(), text()).prop_map(
        |(street, city, region, postal_code, country)| {
            normal_address(&Address {
                street,
                city,
                region,
                postal_code,
                country,
            })
        },
    )
}

fn birthday() -> impl Strategy<Value = Option<Birthday>> {
    prop::option::of((prop::option::of(1990..1992_i32), 1..3_u32, 27..30_u32))
        .prop_map(|parts| parts.and_then(|(year, month, day)| Birthday::new(year, month, day)))
}

fn contact() -> impl Strategy<Value = ContactRecord> {
    let texts = prop::collection::vec(text(), ContactField::ALL.len());
    let addresses = prop::collection::vec(address(), ContactField::ALL.len());
    (texts, addresses, birthday(), any::<bool>()).prop_map(|(texts, addresses, birthday, labelled)| {
        let mut contact = ContactRecord::default();
        for (field, (text, address)) in ContactField::ALL.iter().zip(texts.into_iter().zip(addresses)) {
            match contact.value_mut(*field) {
                ValueMut::Text(into) => *into = text,
                ValueMut::Address(into) => *into = address,
                ValueMut::Birthday(into) => *into = birthday,
                ValueMut::Flag(into) => *into = labelled,
            }
        }
        contact
    })
}

proptest! {
    #[test]
    fn normal_forms_are_their_own(text in "(\\PC|\n|\r|\t){0,40}") {
        let address = normal_address(&Address { street: text.clone(), city: text.clone(), ..Address::default() });
        prop_assert_eq!(normal_address(&address), address);
        let line = one_line(&text);
        prop_assert_eq!(email_key(&email_key(&line)), email_key(&line));
        prop_assert_eq!(phone_key(&line.replace('-', " ")), phone_key(&line));
    }

    #[test]
    fn sameness_is_mutual_and_holds_for_equals(one in contact(), two in contact()) {
        let (crm, google) = (crm(), ContactLimits::none());
        let limits = PerSide { crm: &crm, google: &google };
        for field in ContactField::ALL.iter().copied() {
            prop_assert!(one.same(field, &one, limits));
            prop_assert_eq!(one.same(field, &two, limits), two.same(field, &one, limits), "{:?}", field);
            if one.fingerprint(field) == two.fingerprint(field) {
                prop_assert!(one.same(field, &two, limits));
            }
        }
    }

    #[test]
    fn a_field_is_taken_and_no_other(one in contact(), two in contact()) {
        for field in ContactField::ALL.iter().copied() {
            let mut taken = one.clone();
            taken.take(field, &two);
            prop_assert_eq!(taken.value(field), two.value(field));
            prop_assert_eq!(taken.fingerprint(field), two.fingerprint(field));
            for other in ContactField::ALL.iter().copied().filter(|other| *other != field) {
                prop_assert_eq!(taken.fingerprint(other), one.fingerprint(other));
            }
        }
    }

    #[test]
    fn a_journal_gives_back_what_it_got(one in contact(), two in contact()) {
        for field in ContactField::ALL.iter().copied() {
            let mut restored = two.clone();
            prop_assert_eq!(restored.put_journal_value(field, &one.journal_value(field)), Some(()));
            prop_assert_eq!(restored.value(field), one.value(field));
        }
    }

    #[test]
    fn what_a_side_cut_is_the_same(one in contact()) {
        let (crm, google) = (crm(), ContactLimits::none());
        let limits = PerSide { crm: &crm, google: &google };
        let mut cut = one.clone();
        cut.given_name = one_line(&one.given_name.chars().take(4).collect::<String>());
        cut.job_title = one_line(&one.job_title.chars().take(3).collect::<String>());
        cut.middle_name = String::new();
        if cut.birthday.is_some_and(|birthday| birthday.year().is_none()) {
            cut.birthday = None;
        }
        for field in [ContactField::GivenName, ContactField::JobTitle, ContactField::MiddleName, ContactField::Birthday] {
            let four_bytes = one.given_name.contains('😀') || one.job_title.contains('😀');
            prop_assert!(four_bytes || cut.same(field, &one, limits), "{:?}", field);
        }
    }

    /// Of two values for one slot, both are somewhere afterwards, or there was no room at all.
    #[test]
    fn both_values_are_kept_where_there_is_room(one in contact(), two in contact(), at in 0..ContactField::ALL.len()) {
        let (crm, google) = (crm(), ContactLimits::none());
        let limits = PerSide { crm: &crm, google: &google };
        let field = ContactField::ALL[at];
        match one.room_for(field, &two, limits) {
            Room::Free(slot) => {
                prop_assert!(slot != field && slot.family() == field.family());
                prop_assert!(one.value(slot).is_empty() && two.value(slot).is_empty());
                prop_assert!(crm.holds(slot) || google.holds(slot));
            }
            Room::AlreadyThere(_) => {
                let family = field.family().unwrap();
                let held = family.slots().iter().any(|slot| *slot != field && !one.value(*slot).is_empty());
                prop_assert!(held);
            }
            Room::None => {
                let full = field.family().is_none_or(|family| {
                    family.slots().iter().all(|slot| {
                        *slot == field || !one.value(*slot).is_empty() || !two.value(*slot).is_empty()
                    })
                });
                prop_assert!(full || field == ContactField::PhoneFax);
            }
        }
    }

    #[test]
    fn birthdays_are_read_as_they_are_written(year in prop::option::of(1..=9999_i32), month in 0..14_u32, day in 0..33_u32) {
        let birthday = Birthday::new(year, month, day);
        let exists = chrono::NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day).is_some();
        prop_assert_eq!(birthday.is_some(), exists);
        if let Some(birthday) = birthday {
            prop_assert_eq!(birthday.to_string().parse(), Ok(birthday));
        }
    }
}

#[test]
fn every_field_has_a_name_of_its_own_and_the_store_reads_it() {
    let names: BTreeSet<_> = ContactField::ALL.iter().map(|field| field.name()).collect();
    assert_eq!(names.len(), ContactField::ALL.len());
    for field in ContactField::ALL {
        assert_eq!(ContactRecord::field_named(field.name()), Some(*field));
        assert_eq!(serde_json::to_value(field).unwrap(), field.name());
        let in_slots = [Family::Email, Family::Phone, Family::Address, Family::Website]
            .iter()
            .any(|family| family.slots().contains(field));
        assert_eq!(
            in_slots,
            field.family().is_some() && *field != ContactField::PhoneFax
        );
    }
    assert_eq!(
        ContactRecord::default().value(ContactField::Labelled),
        Value::Flag(false)
    );
}

#[test]
fn values_are_told_apart_as_people_do() {
    assert_eq!(phone_key("+39 (06) 12-34.56"), phone_key("0039 06123456"));
    assert_ne!(phone_key("+39 06 123456"), phone_key("06 123456"));
    assert!(same_line("+39 06 1234567", "06 123 4567"));
    assert!(!same_line("+39 06 1234567", "06 1234568"));
    assert!(!same_line("112", "0039112"));
    assert_eq!(email_key(" Anna@Example.com"), "anna@example.com");
    assert_eq!(
        website_key("HTTPS://Example.com/Team/"),
        website_key("example.com/Team")
    );
    assert_ne!(website_key("example.com/Team"), website_key("example.com/team"));
}

#[test]
fn two_people_who_add_different_numbers_keep_both() {
    let (crm, google) = (crm(), ContactLimits::none());
    let limits = PerSide {
        crm: &crm,
        google: &google,
    };
    let contact = |phone: &str, email: &str| ContactRecord {
        phone_mobile: phone.to_owned(),
        email_work: email.to_owned(),
        ..ContactRecord::default()
    };
    let (one, two) = (
        contact("111 1111", "a@example.com"),
        contact("222 2222", "b@example.com"),
    );
    assert_eq!(
        one.room_for(ContactField::PhoneMobile, &two, limits),
        Room::Free(ContactField::PhoneWork)
    );
    assert_eq!(
        one.room_for(ContactField::EmailWork, &two, limits),
        Room::Free(ContactField::EmailOther)
    );
    let mut full = one.clone();
    full.email_other = "c@example.com".to_owned();
    // The CRM has no third e-mail, Google has: there the value stays.
    assert_eq!(
        full.room_for(ContactField::EmailWork, &two, limits),
        Room::Free(ContactField::EmailHome)
    );
    full.email_home = "B@example.com".to_owned();
    assert_eq!(
        full.room_for(ContactField::EmailWork, &two, limits),
        Room::AlreadyThere(ContactField::EmailHome)
    );
    full.email_home = "d@example.com".to_owned();
    assert_eq!(full.room_for(ContactField::EmailWork, &two, limits), Room::None);
    assert_eq!(one.room_for(ContactField::GivenName, &two, limits), Room::None);
    // That somebody's phone has this number does not say that it takes faxes.
    let fax = ContactRecord {
        phone_fax: "111 1111".to_owned(),
        ..two
    };
    assert_eq!(one.room_for(ContactField::PhoneFax, &fax, limits), Room::None);
}

#[test]
fn an_address_is_the_same_however_its_lines_are_broken() {
    let google = ContactLimits::none();
    let limits = PerSide {
        crm: &google,
        google: &google,
    };
    let at = |street: &str| ContactRecord {
        address_work: Address {
            street: street.to_owned(),
            ..Address::default()
        },
        ..ContactRecord::default()
    };
    assert!(at("Via Roma 1\nScala B").same(ContactField::AddressWork, &at("Via Roma 1, Scala B"), limits));
    assert!(!at("Via Roma 1").same(ContactField::AddressWork, &at("Via Roma 11"), limits));
}

#[test]
fn a_last_name_that_only_repeats_is_none() {
    let person = |given: &str, family: &str, email: &str, phone: &str| ContactRecord {
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        email_work: email.to_owned(),
        phone_mobile: phone.to_owned(),
        ..ContactRecord::default()
    };
    let none = ContactLimits::none();
    let limits = || PerSide {
        crm: &none,
        google: &none,
    };
    let alike = |one: &ContactRecord, two: &ContactRecord| {
        let (one, two) = (one.likenesses(limits()), two.likenesses(limits()));
        one.iter()
            .zip(&two)
            .any(|(one, two)| one.iter().any(|sign| two.contains(sign)))
    };
    let same = |one: &ContactRecord, two: &ContactRecord| {
        alike(one, two) && one.stands_for(ContactField::FamilyName, two, limits())
    };
    let (mobile, mail) = ("+39 333 1234567", "elena@example.com");
    assert!(same(
        &person("Elena", "Elena", "", mobile),
        &person("Elena", "", "", "333 1234567")
    ));
    assert!(same(&person("", mail, mail, ""), &person("", "", mail, "")));
    // Two people who share a number.
    let (rossi, neri) = (
        person("Elena", "Rossi", "", mobile),
        person("Elena", "Neri", "", mobile),
    );
    assert!(!alike(&rossi, &neri));
    assert!(!alike(&rossi, &person("Elena", "", "", mobile)));
    assert!(!rossi.stands_for(ContactField::FamilyName, &neri, limits()));
    // Numbers without any name.
    assert!(alike(
        &person("", "", "", mobile),
        &person("", "", "", "3331234567")
    ));
    assert!(!alike(&person("", "", "", mobile), &rossi));
}

#[test]
fn the_same_addresses_in_other_slots_are_only_rearranged() {
    let with = |work: &str, home: &str| ContactRecord {
        email_work: work.to_owned(),
        email_home: home.to_owned(),
        ..ContactRecord::default()
    };
    let one = with("a@example.com", "b@example.com");
    let field = ContactField::EmailWork;
    assert!(one.is_rearranged(field, &with("B@example.com", "a@example.com")));
    assert!(!one.is_rearranged(field, &with("b@example.com", "c@example.com")));
    assert!(!one.is_rearranged(field, &with("b@example.com", "")));
    assert!(!one.is_rearranged(ContactField::JobTitle, &one));
}
