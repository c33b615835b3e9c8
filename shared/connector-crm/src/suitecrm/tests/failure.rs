//! The table of refusals, row by row, and what an unknown one must never be taken for.

use proptest::prelude::*;
use sync_core::failure::{Class, Failure};

use super::super::failure::{SignInFailure, SuiteFailure};
use super::super::wire::{Page, first_json};

fn refusal(detail: &str) -> Vec<u8> {
    serde_json::json!({"errors": {"status": 400, "title": null, "detail": detail}})
        .to_string()
        .into_bytes()
}

#[test]
fn refusals_are_told_apart_by_their_text() {
    let missing = |module: &str, id: &str| SuiteFailure::NotFound {
        module: module.into(),
        id: id.into(),
    };
    let table = [
        (
            "Meetings module with id 0000000A-aaaa-4bbb-8ccc-000000000001 is not found",
            missing("Meetings", "0000000A-aaaa-4bbb-8ccc-000000000001"),
        ),
        ("Users module with id 1 is not found", missing("Users", "1")),
        ("[SuiteCRM] [AccessDeniedException] ", SuiteFailure::AccessDenied),
        (
            "[SuiteCRM] [Not Allowed] The API user does not have access to this module.",
            SuiteFailure::AccessDenied,
        ),
        (
            "Bean Meetings with id 0000000A-aaaa-4bbb-8ccc-000000000001 is already exist",
            SuiteFailure::AlreadyExists,
        ),
        (
            "Database failure. Please refer to suitecrm.log for details.",
            SuiteFailure::Database,
        ),
        (
            "Property gsync_id in Meetings module is invalid",
            SuiteFailure::UnknownProperty {
                property: "gsync_id".into(),
                module: "Meetings".into(),
            },
        ),
        (
            "The option \"id\" with value \"x\" is invalid.",
            SuiteFailure::InvalidId,
        ),
        ("Not found", SuiteFailure::UserRefused),
        (
            "Something that nobody has seen yet",
            SuiteFailure::Unknown { status: 400 },
        ),
        ("", SuiteFailure::Unknown { status: 400 }),
    ];
    for (detail, expected) in table {
        assert_eq!(
            SuiteFailure::of(400, &refusal(detail), None),
            expected,
            "{detail}"
        );
    }
}

#[test]
fn only_the_first_json_value_of_a_body_counts() {
    let mut body = refusal("Database failure. Please refer to suitecrm.log for details.");
    body.extend_from_slice(b"Database failure. Please refer to suitecrm.log for details.");
    assert_eq!(SuiteFailure::of(400, &body, None), SuiteFailure::Database);
}

#[test]
fn statuses_that_speak_for_themselves() {
    let slim = br#"{"message":"Slim Application Error","error":[{"file":"/var/www/x.php"}]}"#;
    assert_eq!(SuiteFailure::of(500, slim, None), SuiteFailure::Crashed);
    assert_eq!(
        SuiteFailure::of(502, b"<html>Bad gateway</html>", None),
        SuiteFailure::Page { status: 502 }
    );
    assert_eq!(
        SuiteFailure::of(404, b"\n <!DOCTYPE html>", None),
        SuiteFailure::Page { status: 404 }
    );
    assert_eq!(
        SuiteFailure::of(503, b"", None),
        SuiteFailure::Unavailable {
            status: 503,
            after: None
        }
    );
    let wait = Some(std::time::Duration::from_secs(7));
    for (status, body) in [(429, ""), (503, ""), (503, "<html>Maintenance</html>")] {
        let class = Failure::from(SuiteFailure::of(status, body.as_bytes(), wait)).class;
        assert_eq!(class, Class::Retryable { after: wait }, "{status} {body}");
    }
    let refused = br#"{"error":"access_denied","hint":"Access token has been revoked"}"#;
    assert_eq!(SuiteFailure::of(401, refused, None), SuiteFailure::TokenRefused);
}

#[test]
fn a_missing_api_user_is_a_lost_authorisation_and_no_deleted_record() {
    let cause = SuiteFailure::of(400, &refusal("Users module with id 7 is not found"), None);
    assert!(!cause.says_gone("Meetings", "7"));
    assert_eq!(Failure::from(cause).class, Class::Reauth);
}

#[test]
fn ids_are_compared_as_the_database_does() {
    let cause = SuiteFailure::of(400, &refusal("Calls module with id ABC-1 is not found"), None);
    assert!(cause.says_gone("Calls", "abc-1"));
    assert!(!cause.says_gone("Calls", "abc-2"));
    assert!(!cause.says_gone("Meetings", "abc-1"));
}

#[test]
fn sign_ins_are_refused_for_reasons() {
    let table: [(u16, &str, SignInFailure); 14] = [
        (
            401,
            r#"{"error":"invalid_client","message":"Client authentication failed"}"#,
            SignInFailure::Client,
        ),
        (
            500,
            r#"{"error":"unknown_error","error_description":"OAuth2Clients module with id x is not found"}"#,
            SignInFailure::UnknownClient,
        ),
        (
            500,
            r#"{"error":"unknown_error","error_description":"The password is invalid: hunter2"}"#,
            SignInFailure::Password,
        ),
        (
            500,
            r#"{"error":"unknown_error","error_description":"No user found with this username: bob"}"#,
            SignInFailure::UnknownUser,
        ),
        (
            500,
            r#"{"error":"unknown_error","error_description":"Not Authorized"}"#,
            SignInFailure::UserRefused,
        ),
        (400, r#"{"error":"unsupported_grant_type"}"#, SignInFailure::Grant),
        (500, "", SignInFailure::KeysMissing),
        (404, "<html></html>", SignInFailure::NoApiHere),
        (
            200,
            "<!doctype html><title>Log in</title>",
            SignInFailure::NoApiHere,
        ),
        (404, r#"{"message":"Not found"}"#, SignInFailure::NoApiHere),
        (503, "<html></html>", SignInFailure::Unavailable { status: 503 }),
        (
            500,
            r#"{"message":"Slim Application Error","error":[{"file":"/x"}]}"#,
            SignInFailure::Unavailable { status: 500 },
        ),
        (502, "", SignInFailure::Unavailable { status: 502 }),
        (418, "{}", SignInFailure::Unknown { status: 418 }),
    ];
    for (status, body, expected) in table {
        assert_eq!(
            SignInFailure::of(status, body.as_bytes()),
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn no_text_of_the_crm_reaches_a_message() {
    let body = br#"{"error":"unknown_error","error_description":"The password is invalid: hunter2"}"#;
    let failure = Failure::from(SignInFailure::of(500, body));
    assert!(!format!("{failure} {failure:?}").contains("hunter2"));
    let failure = Failure::from(SuiteFailure::of(400, &refusal("SELECT * FROM secret"), None));
    assert!(!format!("{failure} {failure:?}").contains("secret"));
}

proptest! {
    /// Whatever a server says, nothing but the one text about the very record reads as its absence, and nothing at
    /// 5xx or 429 reads as a lost authorisation.
    #[test]
    fn nonsense_is_never_an_absence(status in 400_u16..600, text in ".{0,60}", whole in any::<bool>()) {
        let body = if whole { text.clone().into_bytes() } else { refusal(&text) };
        let cause = SuiteFailure::of(status, &body, None);
        prop_assert!(!cause.says_gone("Meetings", "0000000a-aaaa-4bbb-8ccc-000000000001"));
        if status >= 500 || status == 429 {
            let retried = matches!(Failure::from(cause).class, Class::Retryable { .. });
            prop_assert!(retried);
        }
    }

    /// A list that was cut off is no list.
    #[test]
    fn a_cut_list_is_not_understood(keep in 0_usize..87) {
        let whole = br#"{"meta":{"message":"Request was successful, but there is no result"},"data":[], "end":1}"#;
        prop_assert!(first_json::<Page>(&whole[..keep]).is_none());
        prop_assert!(first_json::<Page>(whole).is_some());
    }
}
