//! What Google Contacts' refusals mean.

use std::time::Duration;

use connector_http::client::Answer;
use sync_core::failure::Failure;

use crate::reason::Reasons;
use crate::refusal::Words;

/// How long it may take until a write is seen in lists: "several minutes", says Google.
///
/// # Source
/// The published API description, `people.connections.list`
pub(super) const PROPAGATION: Duration = Duration::from_mins(10);

const WORDS: Words = Words {
    used_up: "Google's allowance for this account is used up for now",
    not_granted: "the permission for contacts was not granted or was withdrawn",
    switched_off: "the People API is switched off in the project of our Google client",
    not_there: "the contact or label is not there any more",
    being_changed: "Google says that the contact is being changed right now",
    changed: "the contact was changed meanwhile",
    away: "Google Contacts is busy or away",
};

/// What an answer that is an error means, where it has no special meaning for the call.
pub(super) fn failure_of(answer: &Answer) -> Failure {
    // Google says so with a 400, not with a 412.
    if answer.status == 400 && is_stale(&Reasons::of(answer)) {
        return changed();
    }
    WORDS.failure_of(answer)
}

fn is_stale(reasons: &Reasons) -> bool {
    reasons.any(&["FAILED_PRECONDITION", "failedPrecondition"]) && !reasons.any(&["EXPIRED_SYNC_TOKEN"])
}

/// The contact is not as we last saw it.
pub(super) fn changed() -> Failure {
    Failure::conflict("changed", WORDS.changed)
}

/// The contact is not there any more.
pub(super) fn gone() -> Failure {
    Failure::conflict("gone", "the contact was deleted meanwhile")
}
