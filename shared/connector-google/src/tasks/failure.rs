//! Google's reasons to failures.

use std::time::Duration;

use connector_http::client::Answer;
use sync_core::failure::Failure;

use crate::reason::Reasons;

/// How long to leave Google alone after the day's allowance of the project is used up: it comes back bit by bit.
const ALLOWANCE_WAIT: Duration = Duration::from_hours(1);

/// What an answer that is an error means, where it has no special meaning for the call.
pub(super) fn failure_of(answer: &Answer) -> Failure {
    let reasons = Reasons::of(answer);
    let after = answer.retry_after();
    if reasons.any(&["quotaExceeded", "dailyLimitExceeded"]) {
        return Failure::retryable(
            "quota_exceeded",
            "the day's allowance of Google Tasks calls for the whole project is used up for now",
            after.or(Some(ALLOWANCE_WAIT)),
        );
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
        403 if reasons.any(&["accessNotConfigured", "SERVICE_DISABLED"]) => Failure::permanent(
            "api_disabled",
            "the Google Tasks API is switched off in the project of our Google client",
        ),
        403 if reasons.is_missing_scope() || reasons.first() == "PERMISSION_DENIED" => Failure::reauth(
            "missing_scope",
            "the permission for tasks was not granted or was withdrawn",
        ),
        403 => Failure::permanent(
            "forbidden",
            format!("Google does not allow it ({})", reasons.first()),
        ),
        404 | 410 => Failure::permanent("not_found", "the list or task is not there any more"),
        409 => Failure::retryable(
            "collision",
            "Google says that the task is being changed right now",
            after,
        ),
        412 => Failure::conflict("changed", "the task was changed meanwhile"),
        400..=499 => Failure::permanent(
            "refused",
            format!(
                "Google does not take it as it is ({}: {})",
                answer.status,
                reasons.first()
            ),
        ),
        500..=599 => Failure::retryable("google_away", "Google Tasks is busy or away", after),
        status => Failure::bug(
            "answer_unexpected",
            format!("Google gave an answer that makes no sense ({status})"),
        ),
    }
}
