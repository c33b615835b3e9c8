//! Derived ids and our own marks.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use sync_core::id::{AccountLinkId, RemoteId};

use super::google::{event, link};
use crate::calendar::marker::Marker;
use crate::calendar::wire::Event;

fn marker(link: &AccountLinkId) -> Marker {
    Marker::new(link, vec!["primary".to_owned()])
}

fn marked(id: &str, properties: &BTreeMap<&'static str, String>) -> Event {
    let mut value = event(id, 3);
    value["extendedProperties"] = json!({ "private": properties });
    serde_json::from_value(value).unwrap()
}

proptest! {
    #[test]
    fn ids_are_ones_that_google_takes(user in "\\PC{0,40}", id in "\\PC{0,40}", generation in any::<u32>()) {
        let derived = marker(&AccountLinkId::new("acme", user)).event_id("primary", &RemoteId::new("Meetings", id), generation);
        prop_assert!((5..=1024).contains(&derived.len()));
        prop_assert!(derived.chars().all(|c| matches!(c, 'a'..='v' | '0'..='9')));
    }

    #[test]
    fn different_origins_have_different_ids(parts in prop::collection::vec("[ab/]{0,3}", 8)) {
        let id = |at: usize| {
            marker(&AccountLinkId::new(&parts[at], &parts[at + 1]))
                .event_id("primary", &RemoteId::new(&parts[at + 2], &parts[at + 3]), 0)
        };
        prop_assert_eq!(parts[..4] == parts[4..], id(0) == id(4));
    }

    #[test]
    fn our_own_copy_is_known_again(collection in "[A-Za-z]{1,12}", id in "[^\\x00]{1,40}", generation in any::<u32>()) {
        let (marker, origin) = (marker(&link()), RemoteId::new(collection, id));
        let copy = marked(&marker.event_id("primary", &origin, generation), &marker.properties(&origin, generation));
        prop_assert_eq!(marker.made_from("primary", &copy), Some(origin));
    }
}

#[test]
fn the_id_of_a_copy_never_changes() {
    // Ids are in people's calendars; another way to derive them would make every copy twice.
    let origin = RemoteId::new("Meetings", "0f1c");
    assert_eq!(
        marker(&link()).event_id("primary", &origin, 0),
        "49rkhh9kcvs4jsfudueqirj3ola8v1h04bk1v0tojk126cqb93kg"
    );
    assert_eq!(
        marker(&link()).event_id("primary", &origin, 1),
        "mjepgbjc1p6g24285hcdc7gdedltrmi2logrlt76b6cgnlm5aid0"
    );
}

#[test]
fn what_is_not_our_copy_is_not_taken_for_one() {
    let (ours, origin) = (marker(&link()), RemoteId::new("Meetings", "m1"));
    let id = ours.event_id("primary", &origin, 0);
    let properties = ours.properties(&origin, 0);
    assert_eq!(
        ours.made_from("primary", &marked(&id, &properties)),
        Some(origin.clone())
    );
    // A person's duplicate has the properties but not the id.
    assert_eq!(ours.made_from("primary", &marked("duplicate", &properties)), None);
    // Another user's copy, and another CRM's.
    for other in [
        AccountLinkId::new("acme", "user-2"),
        AccountLinkId::new("other", "user-1"),
    ] {
        assert_eq!(
            marker(&other).made_from("primary", &marked(&id, &properties)),
            None
        );
    }
    assert_eq!(ours.made_from("primary", &marked(&id, &BTreeMap::new())), None);
    assert!(properties.keys().all(|key| key.len() <= 44));
}
