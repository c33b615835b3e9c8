//! The field `auth` of a registration.

use serde_json::{Value, json};

use super::super::login::check_auth;

fn at_fault(auth: &Value) -> Vec<String> {
    check_auth(auth)
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|error| error.field)
        .collect()
}

#[test]
fn both_ways_of_signing_in_are_taken() {
    assert!(at_fault(&json!({"client_id": "c", "client_secret": "s"})).is_empty());
    let with_user = json!({"client_id": "c", "client_secret": "s", "username": "u", "password": "p"});
    assert!(at_fault(&with_user).is_empty());
}

#[test]
fn every_field_at_fault_is_named() {
    assert_eq!(at_fault(&json!([])), ["auth"]);
    assert_eq!(at_fault(&json!({})), ["auth.client_id", "auth.client_secret"]);
    assert_eq!(
        at_fault(&json!({"client_id": 7, "client_secret": " "})),
        ["auth.client_id", "auth.client_secret"]
    );
    let half = json!({"client_id": "c", "client_secret": "s", "username": "u"});
    assert_eq!(at_fault(&half), ["auth.password"]);
    let half = json!({"client_id": "c", "client_secret": "s", "password": "p"});
    assert_eq!(at_fault(&half), ["auth.username"]);
    let extra = json!({"client_id": "c", "client_secret": "s", "access_key": "k"});
    assert_eq!(at_fault(&extra), ["auth.access_key"]);
}
