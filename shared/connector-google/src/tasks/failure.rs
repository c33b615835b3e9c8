//! What Google Tasks' refusals mean.

use connector_http::client::Answer;
use sync_core::failure::Failure;

use crate::refusal::Words;

const WORDS: Words = Words {
    used_up: "the day's allowance of Google Tasks calls for the whole project is used up for now",
    not_granted: "the permission for tasks was not granted or was withdrawn",
    switched_off: "the Google Tasks API is switched off in the project of our Google client",
    not_there: "the list or task is not there any more",
    being_changed: "Google says that the task is being changed right now",
    changed: "the task was changed meanwhile",
    away: "Google Tasks is busy or away",
};

/// What an answer that is an error means, where it has no special meaning for the call.
pub(super) fn failure_of(answer: &Answer) -> Failure {
    WORDS.failure_of(answer)
}
