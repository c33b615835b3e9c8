//! Refusals in the People API's error shape, which is not the older APIs'.
//!
//! # Source
//! cloud.google.com/apis/design/errors

use serde_json::{Value, json};

use super::super::refusal::Refusal;
use crate::front::Answer;

/// Why a request was refused.
#[derive(Debug, Clone)]
pub(super) struct Denial {
    status: u16,
    word: &'static str,
    message: String,
    reason: Option<&'static str>,
}

pub(super) type Denied<T> = Result<T, Denial>;

impl Denial {
    fn new(status: u16, word: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            word,
            message: message.into(),
            reason: None,
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    /// 400 as well, which is not what HTTP would have: a stale etag.
    pub(super) fn stale() -> Self {
        Self::new(
            400,
            "FAILED_PRECONDITION",
            "Request person.etag is different than the current person.etag. Clear local cache and get the latest person.",
        )
    }

    /// 400 once more: a sync token is too old.
    pub(super) fn expired() -> Self {
        Self {
            reason: Some("EXPIRED_SYNC_TOKEN"),
            ..Self::new(
                400,
                "FAILED_PRECONDITION",
                "Sync token is expired. Clear local cache and retry call without the sync token.",
            )
        }
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "Requested entity was not found.")
    }

    pub(super) fn exists(message: impl Into<String>) -> Self {
        Self::new(409, "ALREADY_EXISTS", message)
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(
            401,
            "UNAUTHENTICATED",
            "Request had invalid authentication credentials. Expected OAuth 2 access token.",
        )
    }

    pub(super) fn scope() -> Self {
        Self {
            reason: Some("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            ..Self::new(
                403,
                "PERMISSION_DENIED",
                "Request had insufficient authentication scopes.",
            )
        }
    }

    pub(super) fn quota(what: &str) -> Self {
        Self {
            reason: Some("RATE_LIMIT_EXCEEDED"),
            ..Self::new(
                429,
                "RESOURCE_EXHAUSTED",
                format!("Quota exceeded for quota metric '{what}' and limit '{what} per minute per user'."),
            )
        }
    }

    /// Two writes for one user at once.
    pub(super) fn aborted() -> Self {
        Self::new(
            409,
            "ABORTED",
            "Mutate requests for the same user should be sent sequentially.",
        )
    }

    /// Google's own failure.
    pub(super) fn broken(status: u16) -> Self {
        Self::new(status, "UNAVAILABLE", "The service is currently unavailable.")
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }
}

/// What does not agree with the description is refused in the words of this API.
impl From<Refusal> for Denial {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status(), "INVALID_ARGUMENT", refusal.to_string())
    }
}

impl From<Denial> for Answer {
    fn from(denial: Denial) -> Self {
        let mut error = json!({ "code": denial.status, "message": denial.message, "status": denial.word });
        if let (Some(reason), Some(error)) = (denial.reason, error.as_object_mut()) {
            let detail = json!({
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason, "domain": "googleapis.com", "metadata": { "service": "people.googleapis.com" },
            });
            error.insert("details".to_owned(), Value::Array(vec![detail]));
        }
        let answer = Answer::json(denial.status, &json!({ "error": error }));
        match denial.status {
            401 => answer.with_header(
                "www-authenticate",
                "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
            ),
            429 => answer.into_refusal(),
            _ => answer,
        }
    }
}
