//! What Google says went wrong, by its reason.

use connector_http::client::Answer;
use connector_http::lane::{Verdict, by_status};
use serde::Deserialize;

/// Google's error body, as far as decisions are made by it.
///
/// # Source
/// <https://developers.google.com/workspace/calendar/api/guides/errors>
#[derive(Debug, Default, Deserialize)]
struct ErrorBody {
    error: Option<ErrorPart>,
}

#[derive(Debug, Default, Deserialize)]
struct ErrorPart {
    status: Option<String>,
    #[serde(default)]
    errors: Vec<ErrorItem>,
    #[serde(default)]
    details: Vec<ErrorItem>,
}

#[derive(Debug, Default, Deserialize)]
struct ErrorItem {
    reason: Option<String>,
}

/// The reasons of an answer that is an error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reasons {
    words: Vec<String>,
}

impl Reasons {
    /// The reasons in the body; none where the body names none.
    pub(crate) fn of(answer: &Answer) -> Self {
        if answer.is_success() {
            return Self::default();
        }
        let part = answer
            .json::<ErrorBody>()
            .ok()
            .and_then(|body| body.error)
            .unwrap_or_default();
        let words = part
            .errors
            .into_iter()
            .chain(part.details)
            .filter_map(|item| item.reason)
            .chain(part.status)
            .filter(|word| word.len() <= 64 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
            .collect();
        Self { words }
    }

    /// Whether one of these words is among the reasons.
    pub(crate) fn any(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    /// The first reason, to be shown.
    pub(crate) fn first(&self) -> &str {
        self.words.first().map_or("no reason given", String::as_str)
    }

    /// Whether it was too many or too soon.
    pub(crate) fn is_quota(&self) -> bool {
        self.any(&[
            "rateLimitExceeded",
            "userRateLimitExceeded",
            "quotaExceeded",
            "dailyLimitExceeded",
            "variableTermLimitExceeded",
            "RESOURCE_EXHAUSTED",
            "RATE_LIMIT_EXCEEDED",
        ])
    }

    /// Whether the token lacks a scope.
    pub(crate) fn is_missing_scope(&self) -> bool {
        self.any(&[
            "insufficientPermissions",
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "insufficientScopes",
        ])
    }
}

/// The verdict on repeating: Google also says "too many" with a 403.
pub(crate) fn verdict(answer: &Answer) -> Verdict {
    if answer.status == 403 && Reasons::of(answer).is_quota() {
        return Verdict::Refused;
    }
    by_status(answer)
}
