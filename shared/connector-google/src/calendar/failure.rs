//! Google's reasons to failures.

use std::time::Duration;

use connector_http::client::Answer;
use sync_core::failure::Failure;

use crate::reason::Reasons;

/// How long to leave Google alone after a day's or an account's allowance is used up: such limits take hours to
/// recover.
const ALLOWANCE_WAIT: Duration = Duration::from_hours(1);

/// What an answer that is an error means, where it has no special meaning for the call.
///
/// # Source
/// <https://developers.google.com/workspace/calendar/api/guides/errors>
pub(crate) fn failure_of(answer: &Answer) -> Failure {
    let reasons = Reasons::of(answer);
    let after = answer.retry_after();
    if reasons.any(&["quotaExceeded", "dailyLimitExceeded"]) {
        return Failure::retryable(
            "quota_exceeded",
            "Google's allowance for this account is used up for now",
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
        403 if reasons.is_missing_scope() => Failure::reauth(
            "missing_scope",
            "the permission for the calendar was not granted or was withdrawn",
        ),
        403 if reasons.any(&["accessNotConfigured", "SERVICE_DISABLED"]) => Failure::permanent(
            "api_disabled",
            "the Google Calendar API is switched off in the project of our Google client",
        ),
        // Google's newer answers name nothing but this for a scope that is missing.
        403 if reasons.first() == "PERMISSION_DENIED" => Failure::reauth(
            "missing_scope",
            "the permission for the calendar was not granted or was withdrawn",
        ),
        403 if reasons.any(&["forbiddenForNonOrganizer"]) => Failure::permanent(
            "not_organizer",
            "somebody else organises the event and lets no guest change it",
        ),
        403 => Failure::permanent(
            "forbidden",
            format!("Google does not allow it ({})", reasons.first()),
        ),
        404 | 410 => Failure::permanent("not_found", "the calendar or event is not there any more"),
        409 => Failure::retryable(
            "collision",
            "Google says that the event is being changed right now",
            after,
        ),
        412 => Failure::conflict("changed", "the event was changed meanwhile"),
        400..=499 => Failure::permanent(
            "refused",
            format!(
                "Google does not take it as it is ({}: {})",
                answer.status,
                reasons.first()
            ),
        ),
        500..=599 => Failure::retryable("google_away", "Google Calendar is busy or away", after),
        status => Failure::bug(
            "answer_unexpected",
            format!("Google gave an answer that makes no sense ({status})"),
        ),
    }
}
