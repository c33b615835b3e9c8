//! The table of refusals, row by row, and what an unknown one must never be taken for.

use connector_http::client::Answer;
use http::HeaderMap;
use proptest::prelude::*;
use sync_core::failure::{Class, Failure};

use super::super::failure::{SignInFailure, VtigerFailure};

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body: body.into(),
    }
}

fn refusal(code: &str, message: &str) -> Answer {
    let body = serde_json::json!({"success": false, "error": {"code": code, "message": message}});
    answer(200, body.to_string())
}

fn failure(answer: &Answer) -> VtigerFailure {
    VtigerFailure::understood(answer).unwrap_err()
}

#[test]
fn refusals_are_told_apart_by_their_code() {
    let mandatory = |field: &str| VtigerFailure::Mandatory { field: field.into() };
    let table = [
        ("ACCESS_DENIED", "Permission …", VtigerFailure::Denied),
        ("INVALID_SESSIONID", "", VtigerFailure::SessionLapsed),
        ("SESSION_EXPIRED", "", VtigerFailure::SessionLapsed),
        ("SESSION_LEFT_IDLE", "", VtigerFailure::SessionLapsed),
        ("AUTHENTICATION_REQUIRED", "", VtigerFailure::SessionLapsed),
        (
            "MANDATORY_FIELDS_MISSING",
            "cf_851 does not have a value",
            mandatory("cf_851"),
        ),
        (
            "MANDATORY_FIELDS_MISSING",
            "<b>secret</b> does not …",
            mandatory("that it does not name"),
        ),
        ("REFERENCE_INVALID", "", VtigerFailure::Reference),
        ("INVALID_ID_ATTRIBUTE", "", VtigerFailure::OtherClass),
        ("QUERY_SYNTAX_ERROR", "", VtigerFailure::Query),
        ("INTERNAL_SERVER_ERROR", "", VtigerFailure::Internal),
        ("SOMETHING_NEW", "", VtigerFailure::Unknown),
    ];
    for (code, message, expected) in table {
        assert_eq!(failure(&refusal(code, message)), expected, "{code}");
    }
}

#[test]
fn answers_without_an_envelope_leave_a_write_open_and_are_never_a_refusal() {
    let crashed = |status| VtigerFailure::Crashed { status };
    let page = |status| VtigerFailure::Page { status };
    let away = |status| VtigerFailure::Unavailable { status, after: None };
    let table = [
        (500, "", crashed(500)),
        (200, "", crashed(200)),
        (200, "<pre>array (\n 0 => 'x'", crashed(200)),
        (200, "Sorry! Attempt to access restricted file.", crashed(200)),
        (200, "<!DOCTYPE html><html>Sign in</html>", page(200)),
        (404, "<html>Not Found</html>", page(404)),
        (502, "<html>Bad gateway</html>", away(502)),
        (429, "", away(429)),
        (200, "{\"success\":tr", crashed(200)),
    ];
    for (status, body, expected) in table {
        let cause = failure(&answer(status, body));
        assert_eq!(cause, expected, "{status} {body}");
        assert!(cause.outcome_unknown());
        assert!(matches!(Failure::from(cause).class, Class::Retryable { .. }));
    }
}

#[test]
fn an_envelope_counts_whatever_stands_around_it() {
    let good = "{\"success\":true,\"result\":{\"id\":\"18x1\"}}";
    for body in [
        good.to_owned(),
        format!("<br />\n<b>Warning</b>: Undefined {{\"x\"}}<br />\n{good}"),
        format!("\u{feff}{good}\n<!-- footer -->"),
        "{\"result\":{\"id\":\"18x1\"},\"success\":true}".to_owned(),
        "{\"success\":true,\"result\":{\"id\":\"18x1\",\"a\":\"x\u{0}\u{7}y\"}}".to_owned(),
    ] {
        for status in [200, 500] {
            let result = VtigerFailure::understood(&answer(status, body.clone())).unwrap();
            assert_eq!(result["id"], "18x1", "{body}");
        }
    }
}

#[test]
fn sign_ins_are_told_apart() {
    let table = [
        (refusal("INVALID_USER_CREDENTIALS", ""), SignInFailure::AccessKey),
        (refusal("INVALID_AUTH_TOKEN", ""), SignInFailure::AccessKey),
        (refusal("ACCESS_DENIED", ""), SignInFailure::UnknownUser),
        (refusal("NEW", ""), SignInFailure::Unknown),
        (answer(404, "<html></html>"), SignInFailure::NoServiceHere),
        (answer(200, "<html></html>"), SignInFailure::NoServiceHere),
        (answer(301, ""), SignInFailure::NoServiceHere),
        (answer(500, ""), SignInFailure::Unavailable { status: 500 }),
        (answer(503, ""), SignInFailure::Unavailable { status: 503 }),
    ];
    for (answer, expected) in table {
        assert_eq!(SignInFailure::of(&answer), expected, "{answer:?}");
    }
    for lost in [SignInFailure::AccessKey, SignInFailure::UnknownUser] {
        assert_eq!(Failure::from(lost).class, Class::Reauth);
    }
    for away in [
        SignInFailure::NoServiceHere,
        SignInFailure::Unavailable { status: 502 },
    ] {
        assert!(matches!(Failure::from(away).class, Class::Retryable { .. }));
    }
}

proptest! {
    #[test]
    fn no_text_of_the_crm_is_passed_on(code in "[A-Z_]{0,20}", secret in "[a-z]{12}") {
        let message = format!("{secret} with blanks {secret}");
        let told = Failure::from(failure(&refusal(&code, &message)));
        prop_assert!(code == "MANDATORY_FIELDS_MISSING" || !told.message.contains(&secret));
    }

    #[test]
    fn whatever_comes_is_read_without_a_crash(status in 200_u16..600, body in any::<Vec<u8>>()) {
        drop(VtigerFailure::understood(&answer(status, body)));
    }
}
