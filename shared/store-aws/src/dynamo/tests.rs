//! Items, expressions, start keys, cancelled transactions.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use sync_core::port::{Expect, Holder, Key, Order, StoreFailure, Write};

use super::item::{fresh_item, is_live, row};
use super::read::{Start, start};
use super::request::names_in;
use super::transaction::{Verdict, verdict};

proptest! {
    #[test]
    fn an_item_is_read_as_it_was_made(pk: String, sk: String, body: String, at in prop::option::of(0_i64..4_000_000_000)) {
        let expires_at = at.and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
        let item = fresh_item(&Key::new(&pk, &sk), &body, expires_at);
        let row = row(&item).unwrap();
        prop_assert_eq!((row.key, row.version, row.body), (Key::new(pk, sk), 1, body));
        prop_assert_eq!((row.expires_at, row.progress, row.fence), (expires_at, None, 0));
        prop_assert!(at.is_none_or(|at| is_live(&item, at - 1).unwrap() && !is_live(&item, at).unwrap()));
    }

    #[test]
    fn a_page_begins_where_the_plain_list_would(
        names in prop::collection::btree_set("[ab]{1,3}", 0..12), prefix in "[ab]{0,2}", after in "[ab]{0,3}", descending: bool,
    ) {
        let order = if descending { Order::Descending } else { Order::Ascending };
        let begins = start(&prefix, Some(&after), order);
        // DynamoDB takes a start key of the list's own prefix only.
        if let Start::After(key) = &begins {
            prop_assert!(key.starts_with(&prefix) && !key.is_empty());
        }
        for name in names.iter().filter(|name| name.starts_with(&prefix)) {
            let is_listed = if descending { *name < after } else { *name > after };
            let is_found = match &begins {
                Start::Beginning => true,
                Start::End => false,
                Start::After(key) if descending => name.as_str() < *key,
                Start::After(key) => name.as_str() > *key,
            };
            prop_assert_eq!(is_found, is_listed, "{} after {}", name, after);
        }
    }
}

#[test]
fn an_item_of_another_shape_is_told_by_its_attribute_alone() {
    let item = fresh_item(&Key::new("p", "s"), "seldom-seen-text", None);
    for (name, value) in [
        ("ver", AttributeValue::S("1".to_owned())),
        ("ver", AttributeValue::N("-1".to_owned())),
        ("exp", AttributeValue::N("1e3x".to_owned())),
        ("body", AttributeValue::Bool(true)),
        ("progress", AttributeValue::N("1".to_owned())),
    ] {
        let mut altered = item.clone();
        altered.insert(name.to_owned(), value);
        let failure = row(&altered).unwrap_err().to_string();
        assert!(
            failure.contains(name) && !failure.contains("seldom-seen-text"),
            "{failure}"
        );
    }
    let mut cut = item;
    cut.remove("body");
    assert!(matches!(row(&cut), Err(StoreFailure::Refused(_))));
}

#[test]
fn the_names_are_those_in_the_expressions() {
    let names = names_in([
        "attribute_not_exists(#exp) OR #exp > :now",
        "SET #lease_run = :run, #a=:b",
    ]);
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort();
    let expected = [("#a", "a"), ("#exp", "exp"), ("#lease_run", "lease_run")];
    assert_eq!(
        names,
        expected.map(|(name, attribute)| (name.to_owned(), attribute.to_owned()))
    );
}

#[test]
fn cancelled_transactions_are_read_by_their_reasons() {
    let key = |sk: &str| Key::new("p", sk);
    let put = |sk: &str, expect| Write::Put {
        key: key(sk),
        body: String::new(),
        expires_at: None,
        expect,
    };
    let writes = [
        put("anything", Expect::Anything),
        put("version", Expect::Version(1)),
        Write::Guard {
            key: key("guard"),
            holder: Holder {
                run_id: String::new(),
                fence: 1,
            },
            until: DateTime::<Utc>::UNIX_EPOCH,
        },
    ];
    let read = |codes: [&str; 3], expired: &[usize]| {
        let reasons = codes.map(|code| CancellationReason::builder().code(code).build());
        verdict(&writes, &reasons, &expired.iter().copied().collect())
    };
    let (none, failed, conflict) = ("None", "ConditionalCheckFailed", "TransactionConflict");
    assert_eq!(
        read([none, failed, failed], &[]),
        Verdict::Failed(StoreFailure::LeaseLost)
    );
    assert_eq!(
        read([conflict, none, failed], &[]),
        Verdict::Failed(StoreFailure::LeaseLost)
    );
    assert_eq!(
        read([failed, failed, none], &[]),
        Verdict::Failed(StoreFailure::ConditionFailed)
    );
    assert_eq!(
        read([failed, none, conflict], &[]),
        Verdict::Replace(BTreeSet::from([0]))
    );
    // Sent to replace an expired row, it met a new one.
    assert_eq!(
        read([failed, none, none], &[0]),
        Verdict::Replace(BTreeSet::new())
    );
    assert_eq!(read([none, conflict, none], &[]), Verdict::Again);
    assert_eq!(read([none, "ThrottlingError", none], &[0]), Verdict::Again);
    assert!(matches!(
        read([none, "ValidationError", none], &[]),
        Verdict::Failed(StoreFailure::Refused(_))
    ));
}
