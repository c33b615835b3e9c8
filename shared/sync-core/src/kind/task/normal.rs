//! The normal form of a task's values, their fingerprints, and their comparison at the poorer side's precision.

use super::{Due, Status};
use crate::kind::Fingerprint;
use crate::kind::event::normal_text;
use crate::mutation::{self, Mutation};

/// Notes in normal form: the same as any description's.
pub fn task_text(text: &str) -> String {
    normal_text(text)
}

/// Whether two due days differ in nothing that both sides can hold. A time that one of them leaves unsaid is equal
/// to any.
pub(super) fn same_due(mine: Option<Due>, theirs: Option<Due>, times: bool) -> bool {
    match (mine, theirs) {
        (None, None) => true,
        (Some(mine), Some(theirs)) => {
            if mutation::on(Mutation::TimeOfDayCompared) {
                return mine == theirs;
            }
            let clocks = mine.time.zip(theirs.time).filter(|_| times);
            mine.day == theirs.day && clocks.is_none_or(|(one, two)| one == two)
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whether two states differ in nothing that both sides can hold, given the coarser step of the two in which the
/// instant of completion is kept.
pub(super) fn same_status(mine: Status, theirs: Status, step_seconds: Option<u32>) -> bool {
    match (mine, theirs) {
        (Status::Open, Status::Open) => true,
        (Status::Completed { at: mine }, Status::Completed { at: theirs }) => {
            let Some((step, (mine, theirs))) = step_seconds.zip(mine.zip(theirs)) else {
                return true;
            };
            let step = i64::from(step.max(1));
            mine.timestamp().div_euclid(step) == theirs.timestamp().div_euclid(step)
        }
        (Status::Open, Status::Completed { at: _ }) | (Status::Completed { at: _ }, Status::Open) => false,
    }
}

/// The fingerprint of a due day.
pub(super) fn fingerprint_of_due(due: Option<Due>) -> Fingerprint {
    match due {
        None => Fingerprint::of("n"),
        Some(Due { day, time: None }) => Fingerprint::of_written(format_args!("d{day}")),
        Some(Due {
            day,
            time: Some(time),
        }) => Fingerprint::of_written(format_args!("t{day}/{time}")),
    }
}

/// The fingerprint of a state.
pub(super) fn fingerprint_of_status(status: Status) -> Fingerprint {
    match status {
        Status::Open => Fingerprint::of("o"),
        Status::Completed { at: None } => Fingerprint::of("c"),
        Status::Completed { at: Some(at) } => Fingerprint::of_written(format_args!("c{}", at.timestamp())),
    }
}
