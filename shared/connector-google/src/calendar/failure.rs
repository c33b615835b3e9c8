//! What Google Calendar's refusals mean.

use connector_http::client::Answer;
use sync_core::failure::Failure;

use crate::reason::Reasons;
use crate::refusal::Words;

const WORDS: Words = Words {
    used_up: "Google's allowance for this account is used up for now",
    not_granted: "the permission for the calendar was not granted or was withdrawn",
    switched_off: "the Google Calendar API is switched off in the project of our Google client",
    not_there: "the calendar or event is not there any more",
    being_changed: "Google says that the event is being changed right now",
    changed: "the event was changed meanwhile",
    away: "Google Calendar is busy or away",
};

/// What an answer that is an error means, where it has no special meaning for the call.
pub(crate) fn failure_of(answer: &Answer) -> Failure {
    if answer.status == 403 && Reasons::of(answer).any(&["forbiddenForNonOrganizer"]) {
        return Failure::permanent(
            "not_organizer",
            "somebody else organises the event and lets no guest change it",
        );
    }
    WORDS.failure_of(answer)
}
