//! The field `auth` of a registration, and what a version means.

use serde_json::{Value, json};
use sync_core::port::SecretText;

use super::super::login::{Credentials, InvitedUsers, check_auth};

fn at_fault(auth: &Value) -> Vec<String> {
    check_auth(auth)
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|error| error.field)
        .collect()
}

#[test]
fn name_and_key_are_enough_and_invited_users_are_kept_unless_said_otherwise() {
    let invited = |auth: Value| {
        assert!(at_fault(&auth).is_empty(), "{auth}");
        Credentials::parse(&SecretText::from(auth.to_string()))
            .unwrap()
            .invited_users
    };
    assert_eq!(
        invited(json!({"username": "u", "access_key": "k"})),
        InvitedUsers::Keep
    );
    assert_eq!(
        invited(json!({"username": "u", "access_key": "k", "invited_users": "keep"})),
        InvitedUsers::Keep
    );
    assert_eq!(
        invited(json!({"username": "u", "access_key": "k", "invited_users": "drop"})),
        InvitedUsers::Drop
    );
}

#[test]
fn every_field_at_fault_is_named() {
    assert_eq!(at_fault(&json!([])), ["auth"]);
    assert_eq!(at_fault(&json!({})), ["auth.username", "auth.access_key"]);
    assert_eq!(
        at_fault(&json!({"username": 7, "access_key": " "})),
        ["auth.username", "auth.access_key"]
    );
    for wrong in [json!("perhaps"), json!(true), json!(null)] {
        let auth = json!({"username": "u", "access_key": "k", "invited_users": wrong});
        assert_eq!(at_fault(&auth), ["auth.invited_users"]);
    }
    let extra = json!({"username": "u", "access_key": "k", "password": "p"});
    assert_eq!(at_fault(&extra), ["auth.password"]);
}

#[test]
fn credentials_show_no_secret() {
    let auth = json!({"username": "u", "access_key": "very-secret"}).to_string();
    let credentials = Credentials::parse(&SecretText::from(auth)).unwrap();
    assert!(!format!("{credentials:?}").contains("very-secret"));
}
