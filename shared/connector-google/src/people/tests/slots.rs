//! Which value is in which slot.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use sync_core::kind::contact::{ContactField, Family};

use super::google::crm_fields;
use crate::people::slots::{deal, type_of};
use crate::people::wire::Entry;

fn entries(list: &[(&str, &str)]) -> Vec<Entry> {
    list.iter()
        .map(|(value, kind)| {
            let mut entry = Entry::new();
            entry.insert("value".to_owned(), json!(value));
            if !kind.is_empty() {
                entry.insert("type".to_owned(), json!(kind));
            }
            entry
        })
        .collect()
}

fn dealt(family: Family, list: &[(&str, &str)]) -> BTreeMap<ContactField, String> {
    let entries = entries(list);
    deal(family, &entries, &crm_fields())
        .into_iter()
        .map(|(slot, at)| (slot, entries[at]["value"].as_str().unwrap().to_owned()))
        .collect()
}

fn slots<const N: usize>(list: [(ContactField, &str); N]) -> BTreeMap<ContactField, String> {
    list.into_iter()
        .map(|(slot, value)| (slot, value.to_owned()))
        .collect()
}

#[test]
fn a_value_with_a_slot_of_its_own_takes_it_and_the_others_what_is_left() {
    assert_eq!(
        dealt(Family::Email, &[("h", "home"), ("w", "work"), ("x", "custom")]),
        slots([(ContactField::EmailWork, "w"), (ContactField::EmailOther, "h")])
    );
    // A CRM with no private e-mail gets the only one there is.
    assert_eq!(
        dealt(Family::Email, &[("h", "home")]),
        slots([(ContactField::EmailWork, "h")])
    );
    assert_eq!(
        dealt(Family::Email, &[("", "work"), ("n", "")]),
        slots([(ContactField::EmailWork, "n")])
    );
    assert_eq!(
        dealt(
            Family::Phone,
            &[
                ("1", "mobile"),
                ("2", "mobile"),
                ("3", "workFax"),
                ("4", "homeFax"),
                ("5", "main")
            ]
        ),
        slots([
            (ContactField::PhoneMobile, "1"),
            (ContactField::PhoneWork, "5"),
            (ContactField::PhoneOther, "2"),
            (ContactField::PhoneFax, "3"),
        ])
    );
}

#[test]
fn what_a_profile_says_is_nobodys_value() {
    let mut list = entries(&[("p", "work"), ("c", "work")]);
    list[0].insert("metadata".to_owned(), json!({ "source": { "type": "PROFILE" } }));
    let dealt = deal(Family::Email, &list, &crm_fields());
    assert_eq!(dealt, BTreeMap::from([(ContactField::EmailWork, 1)]));
}

proptest! {
    /// Every value has one slot at most, every slot is one that the CRM has, none is free while a value waits; and a new
    /// value of a slot's own type is found in that slot again.
    #[test]
    fn values_are_dealt_out_fairly(
        kinds in prop::collection::vec(prop::sample::select(vec!["", "work", "home", "other", "mobile", "workFax", "x"]), 0..7),
        fields in prop::collection::btree_set(prop::sample::select(ContactField::ALL.to_vec()), 0..24),
    ) {
        for family in [Family::Email, Family::Phone, Family::Website] {
            let values: Vec<(String, &str)> = kinds.iter().enumerate().map(|(at, kind)| (at.to_string(), *kind)).collect();
            let list: Vec<(&str, &str)> = values.iter().map(|(value, kind)| (value.as_str(), *kind)).collect();
            let entries = entries(&list);
            let dealt = deal(family, &entries, &fields);
            let used: BTreeSet<usize> = dealt.values().copied().collect();
            prop_assert_eq!(used.len(), dealt.len());
            prop_assert!(dealt.keys().all(|slot| fields.contains(slot) && slot.family() == Some(family)));
            let free: Vec<ContactField> = family.slots().iter().copied()
                .filter(|slot| fields.contains(slot) && !dealt.contains_key(slot)).collect();
            let waits = entries.iter().enumerate()
                .any(|(at, entry)| !used.contains(&at) && entry.get("type") != Some(&json!("workFax")));
            prop_assert!(free.is_empty() || !waits);
            for slot in free {
                let mut more = entries.clone();
                let new: Entry = [("value".to_owned(), json!("new")), ("type".to_owned(), Value::from(type_of(slot)))].into_iter().collect();
                more.push(new);
                let again = deal(family, &more, &fields);
                prop_assert_eq!(again.get(&slot), Some(&entries.len()));
            }
        }
    }
}
