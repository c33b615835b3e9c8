//! Google's reasons to failures.

use std::time::Duration;

use connector_http::client::Answer;
use sync_core::failure::Failure;

use crate::reason::Reasons;

/// How long it may take until a write is seen in lists: "several minutes", says Google.
///
/// # Source
/// The published API description, `people.connections.list`
pub(super) const PROPAGATION: Duration = Duration::from_mins(10);

/// What an answer that is an error means, where it has no special meaning for the call.
pub(super) fn failure_of(answer: &Answer) -> Failure {
    let reasons = Reasons::of(answer);
    let after = answer.retry_after();
    if answer.status == 429 || reasons.is_quota() {
        return Failure::retryable("rate_limited", "Google asks us to call less often", after);
    }
    match answer.status {
        // Google says so with a 400, not with a 412.
        400 if is_stale(&reasons) => changed(),
        // The token was replaced once already. Whether the grant has ended is for the token endpoint to say.
        401 => Failure::retryable(
            "token_refused",
            "Google refuses a token that it has just given",
            after,
        ),
        403 if reasons.any(&["accessNotConfigured", "SERVICE_DISABLED"]) => Failure::permanent(
            "api_disabled",
            "the People API is switched off in the project of our Google client",
        ),
        403 if reasons.is_missing_scope() || reasons.any(&["PERMISSION_DENIED"]) => Failure::reauth(
            "missing_scope",
            "the permission for contacts was not granted or was withdrawn",
        ),
        403 => Failure::permanent(
            "forbidden",
            format!("Google does not allow it ({})", reasons.first()),
        ),
        404 | 410 => Failure::permanent("not_found", "the contact or label is not there any more"),
        409 => Failure::retryable(
            "collision",
            "Google says that the contact is being changed right now",
            after,
        ),
        400..=499 => Failure::permanent(
            "refused",
            format!(
                "Google does not take it as it is ({}: {})",
                answer.status,
                reasons.first()
            ),
        ),
        500..=599 => Failure::retryable("google_away", "Google Contacts is busy or away", after),
        status => Failure::bug(
            "answer_unexpected",
            format!("Google gave an answer that makes no sense ({status})"),
        ),
    }
}

fn is_stale(reasons: &Reasons) -> bool {
    reasons.any(&["FAILED_PRECONDITION", "failedPrecondition"]) && !reasons.any(&["EXPIRED_SYNC_TOKEN"])
}

/// The contact is not as we last saw it.
pub(super) fn changed() -> Failure {
    Failure::conflict("changed", "the contact was changed meanwhile")
}

/// The contact is not there any more.
pub(super) fn gone() -> Failure {
    Failure::conflict("gone", "the contact was deleted meanwhile")
}
