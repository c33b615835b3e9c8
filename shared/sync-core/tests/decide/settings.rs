//! Changes to settings.

use proptest::prelude::*;
use serde_json::{Value, json};
use sync_core::policy::Settings;

fn wrong_fields(patch: &Value) -> Vec<String> {
    match Settings::default().patched(patch) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|error| error.field).collect(),
    }
}

#[test]
fn the_defaults_are_those_of_the_public_interface() {
    let shown = serde_json::to_value(Settings::default()).unwrap();
    let expected = json!({ "enabled": true, "interval_minutes": 15, "start_from": null,
        "events": { "enabled": true, "direction": "both", "conflict_winner": "newest",
            "calendars": ["primary"], "target_calendar": "primary", "record_types": ["meeting", "call"],
            "private": "both", "private_as_busy": false, "deletions": "propagate", "hours": null,
            "description": "text", "notify_guests": false },
        "tasks": { "enabled": false, "direction": "both", "conflict_winner": "newest", "list": "@default", "deletions": "propagate" },
        "contacts": { "enabled": false, "direction": "both", "conflict_winner": "newest", "scope": "tagged",
            "tags": ["Google"], "label": "CRM", "deletions": "keep" } });
    assert_eq!(shown, expected);
}

#[test]
fn every_wrong_field_is_named() {
    let patch = json!({
        "interval_minutes": 4, "colour": "red", "start_from": "yesterday", "enabled": "yes",
        "events": { "direction": "up", "calendars": [], "record_types": ["lunch"], "sound": true,
                    "hours": { "days": ["mon"], "from": "19:00", "to": "08:00", "time_zone": "Rome" } },
    });
    assert_eq!(
        wrong_fields(&patch),
        [
            "colour",
            "enabled",
            "events.calendars",
            "events.direction",
            "events.hours.time_zone",
            "events.hours.to",
            "events.record_types",
            "events.sound",
            "interval_minutes",
            "start_from",
        ]
    );
    assert_eq!(wrong_fields(&json!([1])), [""]);
    for (patch, field) in [
        (json!({ "tasks": { "list": " " } }), "tasks.list"),
        (json!({ "contacts": { "tags": [] } }), "contacts.tags"),
        (json!({ "contacts": { "tags": ["Google", ""] } }), "contacts.tags"),
        (json!({ "contacts": { "label": "" } }), "contacts.label"),
    ] {
        assert_eq!(wrong_fields(&patch), [field]);
    }
    assert_eq!(wrong_fields(&json!({ "events": 1 })), ["events"]);
}

#[test]
fn an_object_in_the_place_of_a_value_is_wrong_and_not_passed_over() {
    for (patch, field) in [
        (json!({ "enabled": {} }), "enabled"),
        (json!({ "tasks": { "list": {} } }), "tasks.list"),
        (
            json!({ "events": { "calendars": { "a": 1 } } }),
            "events.calendars",
        ),
        (json!({ "events": { "hours": {} } }), "events.hours"),
        (json!({ "start_from": {} }), "start_from"),
    ] {
        assert_eq!(wrong_fields(&patch), [field]);
    }
}

#[test]
fn a_whole_number_may_be_written_with_a_fraction_of_nothing() {
    let patched = Settings::default().patched(&json!({ "interval_minutes": 30.0 }));
    assert_eq!(patched.unwrap().interval_minutes, 30);
    for wrong in [json!(30.5), json!(-5.0), json!(1e300), json!("30")] {
        assert_eq!(
            wrong_fields(&json!({ "interval_minutes": wrong })),
            ["interval_minutes"]
        );
    }
}

#[test]
fn what_was_given_is_never_said_back() {
    let secret = "hush-hush";
    let patch = json!({
        "enabled": secret, "interval_minutes": secret, "start_from": secret,
        "events": { "direction": secret, "calendars": secret, "record_types": [secret], "hours": secret,
                    "private": [secret], "notify_guests": secret, "target_calendar": [secret] },
        "tasks": secret,
        "contacts": { "tags": [[secret]], "scope": secret },
    });
    let errors = Settings::default().patched(&patch).unwrap_err();
    assert_eq!(errors.len(), 13, "{errors:?}");
    for error in errors {
        assert!(
            !error.message.contains(secret) && !error.message.is_empty(),
            "{error:?}"
        );
    }
    let hours = json!({ "days": [secret], "from": secret, "to": secret, "time_zone": secret });
    let errors = Settings::default()
        .patched(&json!({ "events": { "hours": hours } }))
        .unwrap_err();
    assert!(
        errors.iter().all(|error| !error.message.contains(secret)),
        "{errors:?}"
    );
}

#[test]
fn a_patch_changes_what_it_names_and_null_puts_the_default_back() {
    let hours = json!({ "days": ["mon"], "from": "08:00", "to": "24:00", "time_zone": "Europe/Rome" });
    let changed = Settings::default()
        .patched(
            &json!({ "interval_minutes": 30, "events": { "hours": hours, "direction": "crm_to_google" } }),
        )
        .unwrap();
    assert_eq!(serde_json::to_value(&changed).unwrap()["events"]["hours"], hours);
    let back = changed
        .patched(&json!({ "events": { "hours": null, "direction": null } }))
        .unwrap();
    assert_eq!(back.interval_minutes, 30);
    assert_eq!(back.events, Settings::default().events);
}

proptest! {
    #[test]
    fn a_patch_either_holds_or_changes_nothing(minutes in any::<i32>(), direction in "[a-z_]{0,14}", calendar in ".{0,3}") {
        let before = Settings::default();
        let patch = json!({ "interval_minutes": minutes, "events": { "direction": direction, "calendars": [calendar] } });
        match before.patched(&patch) {
            Ok(after) => {
                prop_assert!(after.problems().is_empty());
                let shown = serde_json::to_value(&after).unwrap();
                prop_assert_eq!(&shown["interval_minutes"], &json!(minutes));
                prop_assert_eq!(serde_json::from_value::<Settings>(shown).unwrap(), after);
            }
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }
}
