//! Events and environment.

use serde_json::{Value, json};
use sync_core::port::Trigger;

use crate::SyncEvent;
use crate::config::Config;

#[test]
fn the_schedulers_event_names_the_link_and_nothing_else() {
    let event = SyncEvent::read(&json!({"crm": "acme", "user": "42#x", "extra": true})).unwrap();
    assert_eq!(
        (event.link.crm.as_str(), event.link.user.as_str()),
        ("acme", "42#x")
    );
    assert_eq!(event.trigger, Trigger::Schedule);
    assert_eq!(event.run_id, None);
}

#[test]
fn a_promised_run_keeps_its_name_and_every_trigger_is_known_by_its_word() {
    let words = [
        Trigger::Schedule,
        Trigger::Manual,
        Trigger::GooglePush,
        Trigger::CrmHook,
        Trigger::Continuation,
    ];
    for trigger in words {
        let event = json!({"crm": "acme", "user": "42", "trigger": trigger.as_str(), "run_id": "run-1"});
        let read = SyncEvent::read(&event).unwrap();
        assert_eq!(read.trigger, trigger);
        assert_eq!(read.into_request().run_id.as_deref(), Some("run-1"));
    }
}

#[test]
fn a_bad_event_is_told_by_its_field_and_shows_no_value() {
    let secret = "hunter2";
    let cases: [(Value, &str); 12] = [
        (json!(null), "crm"),
        (json!("hunter2"), "crm"),
        (json!([secret]), "crm"),
        (json!({"user": secret}), "crm"),
        (json!({"crm": "HUNTER2", "user": secret}), "crm"),
        (json!({"crm": secret.repeat(10), "user": secret}), "crm"),
        (json!({"crm": {"hunter2": 1}, "user": secret}), "crm"),
        (json!({"crm": secret}), "user"),
        (json!({"crm": secret, "user": ""}), "user"),
        (json!({"crm": secret, "user": secret.repeat(100)}), "user"),
        (
            json!({"crm": secret, "user": secret, "trigger": secret}),
            "trigger",
        ),
        (json!({"crm": secret, "user": secret, "run_id": 7}), "run_id"),
    ];
    for (event, field) in cases {
        let bad = SyncEvent::read(&event).unwrap_err();
        assert_eq!(bad.field, field, "{event}");
        let told = lambda_runtime::Diagnostic::from(bad.clone()).error_message;
        for shown in [told, format!("{bad:?}")] {
            assert!(!shown.to_lowercase().contains(secret), "{shown}");
        }
    }
}

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "AWS_REGION" => "eu-south-1",
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "key",
        "TABLE_NAME" => "table",
        "SECRETS_PREFIX" => "prefix/",
        "SCHEDULE_GROUP" => "group",
        "SCHEDULE_ROLE_ARN" => "role",
        "SYNC_FUNCTION_ARN" => "function",
        // A template hands a parameter that nobody filled in as an empty text.
        "GOOGLE_TOKEN_URL" | "TOKEN_STORAGE" | "SCHEDULE_DLQ_ARN" | "ALLOW_PRIVATE_CRM" | "RUST_LOG" => "",
        "GOOGLE_CALENDAR_URL" => "http://127.0.0.1:9/calendar/v3/",
        _ => return None,
    };
    Some(value.to_owned())
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let config = Config::read(environment).unwrap();
    assert_eq!(config.google.token, "https://oauth2.googleapis.com/token");
    assert_eq!(config.google.calendar, "http://127.0.0.1:9/calendar/v3");
    assert_eq!(config.token_storage, connections::TokenStorage::SecretsManager);
    assert_eq!(config.aws.schedule_dlq_arn, None);
    assert!(!config.allow_private_crm);
    assert_eq!(config.log_filter, "info");
}

#[test]
fn every_missing_variable_is_named_at_once() {
    let named = |errors: Vec<sync_core::policy::FieldError>| -> Vec<String> {
        errors.into_iter().map(|error| error.field).collect()
    };
    let missing = named(Config::read(|_| None).unwrap_err());
    assert_eq!(
        missing,
        [
            "AWS_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "TABLE_NAME",
            "SECRETS_PREFIX",
            "SCHEDULE_GROUP",
            "SCHEDULE_ROLE_ARN",
            "SYNC_FUNCTION_ARN"
        ]
    );
    let wrong = Config::read(|name| match name {
        "TOKEN_STORAGE" => Some("under the mat".to_owned()),
        "ALLOW_PRIVATE_CRM" => Some("yes".to_owned()),
        other => environment(other),
    });
    assert_eq!(named(wrong.unwrap_err()), ["TOKEN_STORAGE", "ALLOW_PRIVATE_CRM"]);
}
