//! What Google's refusals mean: one table for all its APIs, in each one's own words.

use std::time::Duration;

use connector_http::client::Answer;
use sync_core::failure::Failure;

use crate::reason::Reasons;

/// How long to leave Google alone after a day's or an account's allowance is used up: such limits take hours to
/// recover.
const ALLOWANCE_WAIT: Duration = Duration::from_hours(1);

/// What one API's refusals are called where people read of them.
#[derive(Debug)]
pub(crate) struct Words {
    /// The allowance is used up.
    pub(crate) used_up: &'static str,
    /// A scope is missing.
    pub(crate) not_granted: &'static str,
    /// The API is switched off.
    pub(crate) switched_off: &'static str,
    /// There is nothing of that name.
    pub(crate) not_there: &'static str,
    /// Google has not done with another change.
    pub(crate) being_changed: &'static str,
    /// The record has another etag by now.
    pub(crate) changed: &'static str,
    /// The server failed.
    pub(crate) away: &'static str,
}

impl Words {
    /// What an answer that is an error means, where it has no special meaning for the call.
    ///
    /// # Source
    /// <https://developers.google.com/workspace/calendar/api/guides/errors>
    pub(crate) fn failure_of(&self, answer: &Answer) -> Failure {
        let reasons = Reasons::of(answer);
        let after = answer.retry_after();
        if reasons.any(&["quotaExceeded", "dailyLimitExceeded"]) {
            let after = after.or(Some(ALLOWANCE_WAIT));
            return Failure::retryable("quota_exceeded", self.used_up, after);
        }
        if answer.status == 429 || reasons.is_quota() {
            return Failure::retryable("rate_limited", "Google asks us to call less often", after);
        }
        match answer.status {
            // The token was replaced once already. Whether the grant has ended is for the token endpoint to say.
            401 => Failure::retryable(
                "token_refused",
                "Google refuses a token that it has just given",
                after,
            ),
            403 if reasons.any(&["accessNotConfigured", "SERVICE_DISABLED"]) => {
                Failure::permanent("api_disabled", self.switched_off)
            }
            // Google's newer answers name nothing but this for a scope that is missing.
            403 if reasons.is_missing_scope() || reasons.first() == "PERMISSION_DENIED" => {
                Failure::reauth("missing_scope", self.not_granted)
            }
            403 => Failure::permanent(
                "forbidden",
                format!("Google does not allow it ({})", reasons.first()),
            ),
            404 | 410 => Failure::permanent("not_found", self.not_there),
            409 => Failure::retryable("collision", self.being_changed, after),
            412 => Failure::conflict("changed", self.changed),
            400..=499 => Failure::permanent(
                "refused",
                format!(
                    "Google does not take it as it is ({}: {})",
                    answer.status,
                    reasons.first()
                ),
            ),
            500..=599 => Failure::retryable("google_away", self.away, after),
            status => Failure::bug(
                "answer_unexpected",
                format!("Google gave an answer that makes no sense ({status})"),
            ),
        }
    }
}
