//! Schedules as planned.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use sync_core::id::AccountLinkId;
use sync_core::port::{SchedulesFailure, Trigger};

use super::plan::{recurring, recurring_name, single};

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:58.5Z".parse().unwrap()
}

proptest! {
    #[test]
    fn every_account_link_has_a_name_of_its_own(
        crm in "[a-z0-9-]{1,40}", user: String, other_crm in "[a-z0-9-]{1,40}", other_user: String, run in ".+",
    ) {
        let (one, other) = (AccountLinkId::new(&crm, &user), AccountLinkId::new(&other_crm, &other_user));
        let single_name = single(&one, Trigger::Manual, &run, noon()).unwrap().name;
        for name in [&recurring_name(&one), &single_name] {
            prop_assert!(name.len() <= 64 && !name.is_empty());
            prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{}", name);
        }
        prop_assert_eq!(recurring_name(&one) == recurring_name(&other), one == other);
        prop_assert_ne!(recurring_name(&one), single_name);
    }

    #[test]
    fn every_interval_is_one_that_the_scheduler_takes(minutes in 1_u32..=527_040, paused: bool) {
        let planned = recurring(&AccountLinkId::new("acme", "1"), minutes, paused).unwrap();
        prop_assert_eq!(planned.expression, format!("rate({minutes} minutes)"));
        prop_assert!(planned.window_minutes.is_none_or(|window| (1..=5).contains(&window)));
        // A start at the end of the window is still before the next interval begins.
        prop_assert!(planned.window_minutes.unwrap_or(0).unsigned_abs() * 3 <= minutes);
        prop_assert!((60..=86_400).contains(&planned.event_age_seconds));
        prop_assert_eq!(planned.paused, paused);
    }

    #[test]
    fn the_input_names_the_account_link_whatever_it_is_called(crm: String, user: String, run in ".+") {
        let link = AccountLinkId::new(&crm, &user);
        let input: Value = serde_json::from_str(&recurring(&link, 15, false).unwrap().input).unwrap();
        prop_assert_eq!(input, json!({ "crm": &crm, "user": &user }));
        let planned = single(&link, Trigger::Continuation, &run, noon()).unwrap();
        let input: Value = serde_json::from_str(&planned.input).unwrap();
        let expected = json!({ "crm": &crm, "user": &user, "trigger": "continuation", "run_id": &run });
        prop_assert_eq!(input, expected);
    }
}

#[test]
fn parts_of_a_name_do_not_run_into_each_other() {
    let name = |crm: &str, user: &str| recurring_name(&AccountLinkId::new(crm, user));
    assert_ne!(name("a", "bc"), name("ab", "c"));
    assert_ne!(name("a-b", "c"), name("a", "b-c"));
    assert!(name("acme", "42").starts_with("acme-42-"));
}

#[test]
fn a_single_run_is_set_to_an_instant_that_has_not_passed() {
    let planned = single(&AccountLinkId::new("acme", "1"), Trigger::Manual, "run", noon()).unwrap();
    assert_eq!(planned.expression, "at(2026-03-01T12:01:03)");
    assert_eq!((planned.window_minutes, planned.is_single), (None, true));
}

#[test]
fn what_the_scheduler_would_refuse_is_refused() {
    let link = AccountLinkId::new("acme", "1");
    for minutes in [0, 527_041, u32::MAX] {
        assert!(matches!(
            recurring(&link, minutes, false),
            Err(SchedulesFailure::Refused(_))
        ));
    }
    assert!(matches!(
        single(&link, Trigger::Manual, "", noon()),
        Err(SchedulesFailure::Refused(_))
    ));
    let long = AccountLinkId::new("acme", "x".repeat(300_000));
    assert!(matches!(
        recurring(&long, 15, false),
        Err(SchedulesFailure::Refused(_))
    ));
}
