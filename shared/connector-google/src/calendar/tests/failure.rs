//! Reasons, not codes.

use connector_http::client::Answer;
use connector_http::lane::Verdict;
use serde_json::{Value, json};

use super::google::error;
use crate::calendar::failure_of;
use crate::reason::verdict;

fn answer((status, body): (u16, Value)) -> Answer {
    Answer {
        status,
        headers: http::HeaderMap::new(),
        body: body.to_string().into_bytes(),
    }
}

#[test]
fn the_same_status_means_different_things() {
    let missing = json!({ "error": { "code": 403, "status": "PERMISSION_DENIED",
        "details": [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }] } });
    for (answered, code, class, verdict_expected) in [
        (
            error(403, "rateLimitExceeded"),
            "rate_limited",
            "retryable",
            Verdict::Refused,
        ),
        (
            error(403, "userRateLimitExceeded"),
            "rate_limited",
            "retryable",
            Verdict::Refused,
        ),
        (
            error(403, "quotaExceeded"),
            "quota_exceeded",
            "retryable",
            Verdict::Refused,
        ),
        (
            error(403, "dailyLimitExceeded"),
            "quota_exceeded",
            "retryable",
            Verdict::Refused,
        ),
        (
            error(429, "rateLimitExceeded"),
            "rate_limited",
            "retryable",
            Verdict::Refused,
        ),
        (
            error(403, "insufficientPermissions"),
            "missing_scope",
            "reauth",
            Verdict::Final,
        ),
        ((403, missing), "missing_scope", "reauth", Verdict::Final),
        (
            (403, json!({ "error": { "status": "PERMISSION_DENIED" } })),
            "missing_scope",
            "reauth",
            Verdict::Final,
        ),
        (
            error(403, "forbiddenForNonOrganizer"),
            "not_organizer",
            "permanent",
            Verdict::Final,
        ),
        (error(403, "forbidden"), "forbidden", "permanent", Verdict::Final),
        (
            error(403, "accessNotConfigured"),
            "api_disabled",
            "permanent",
            Verdict::Final,
        ),
        (
            error(401, "authError"),
            "token_refused",
            "retryable",
            Verdict::Final,
        ),
        (error(400, "invalid"), "refused", "permanent", Verdict::Final),
        (error(404, "notFound"), "not_found", "permanent", Verdict::Final),
        (error(410, "deleted"), "not_found", "permanent", Verdict::Final),
        (
            error(412, "conditionNotMet"),
            "changed",
            "conflict",
            Verdict::Final,
        ),
        (
            error(500, "backendError"),
            "google_away",
            "retryable",
            Verdict::Broken,
        ),
        (
            (503, json!("<html>")),
            "google_away",
            "retryable",
            Verdict::Broken,
        ),
        ((302, Value::Null), "answer_unexpected", "bug", Verdict::Final),
    ] {
        let answer = answer(answered);
        let failure = failure_of(&answer);
        let found = format!("{:?}", failure.class).to_lowercase();
        assert!(found.starts_with(class), "{failure:?}");
        assert_eq!(failure.code, code);
        assert_eq!(verdict(&answer), verdict_expected, "{failure:?}");
    }
}

#[test]
fn nothing_of_the_answers_own_text_is_shown_but_its_reason() {
    let body = json!({ "error": { "message": "anna@example.com", "errors": [{ "reason": "no<b>such" }, { "reason": "odd" }] } });
    let failure = failure_of(&answer((400, body)));
    assert_eq!(failure.message, "Google does not take it as it is (400: odd)");
}
