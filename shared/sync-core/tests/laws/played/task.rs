//! Tasks. One side may know neither a time of day nor when a task was done.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use sync_core::kind::Record;
use sync_core::kind::task::{Due, Status, TaskField, TaskLimits, TaskRecord};
use sync_core::policy::TaskSettings;

use super::{Carried, Played, Terms, Texts};
use crate::history::{Content, Kept, Policy, at, text};

impl Played for TaskRecord {
    const EDITED: &'static [TaskField] = &[
        TaskField::Title,
        TaskField::Notes,
        TaskField::Due,
        TaskField::Due,
        TaskField::Status,
        TaskField::Status,
    ];

    fn of(content: Content, other: bool) -> Self {
        Self {
            title: text(content.title, other),
            notes: text(content.description, other),
            due: due(content.when),
            status: if content.private {
                status(content.location)
            } else {
                Status::Open
            },
        }
    }

    fn edit(&mut self, field: TaskField, value: usize, other: bool) {
        match field {
            TaskField::Title => self.title = text(value, other),
            TaskField::Notes => self.notes = text(value, other),
            TaskField::Due => self.due = due(value),
            TaskField::Status => self.status = status(value),
        }
    }

    fn limits(kept: Kept) -> TaskLimits {
        match kept {
            Kept::Whole | Kept::Rewritten => TaskLimits::none(),
            Kept::Cut => TaskLimits {
                title_chars: Some(4),
                notes_chars: Some(2),
                completed_step_seconds: Some(60),
                four_byte_characters: false,
                ..TaskLimits::none()
            },
            Kept::Poor => TaskLimits {
                has_due_time: false,
                completed_step_seconds: None,
                ..TaskLimits::none()
            },
        }
    }

    /// A server that rewrites puts a time where it was given none.
    fn kept(&self, limits: &TaskLimits, rewrites: bool) -> Self {
        let texts = Texts {
            rewrites,
            four_byte_characters: limits.four_byte_characters,
        };
        let time = |time: Option<NaiveTime>| match time {
            None => rewrites.then(noon),
            Some(_) => time.filter(|_| limits.has_due_time),
        };
        let done_at = |done_at: Option<DateTime<Utc>>| {
            let step = i64::from(limits.completed_step_seconds?);
            let done_at = done_at.or_else(|| rewrites.then(|| at(8)))?;
            Some(done_at - Duration::seconds(done_at.timestamp().rem_euclid(step)))
        };
        Self {
            title: texts.keep(&self.title, limits.title_chars),
            notes: texts.keep(&self.notes, limits.notes_chars),
            due: self.due.map(|due| Due {
                time: time(due.time),
                ..due
            }),
            status: match self.status {
                Status::Open => Status::Open,
                Status::Completed { at } => Status::Completed { at: done_at(at) },
            },
        }
    }

    fn settings(policy: &Policy) -> TaskSettings {
        TaskSettings {
            direction: policy.direction,
            conflict_winner: policy.winner,
            deletions: policy.deletions,
            ..TaskSettings::default()
        }
    }

    /// What was to be done before the start, or has no day and was done before it, is left alone.
    fn carried(&self, terms: &Terms, _target: &TaskLimits) -> Carried {
        let placed_at = match (self.due, self.status) {
            (Some(due), _) => Some(due.day.and_time(NaiveTime::MIN).and_utc()),
            (None, Status::Completed { at }) => Some(at.unwrap_or(terms.modified_at)),
            (None, Status::Open) => None,
        };
        if placed_at.is_some_and(|at| at < terms.policy.starts_from()) {
            Carried::Not
        } else {
            Carried::Whole
        }
    }

    /// A time of day, or an instant of completion, that one of them leaves unsaid is as good as any.
    fn is_one(&self, field: TaskField, other: &Self, there: TaskField) -> bool {
        match field {
            TaskField::Title | TaskField::Notes => self.fingerprint(field) == other.fingerprint(there),
            TaskField::Due => match (self.due, other.due) {
                (Some(one), Some(two)) => {
                    one.day == two.day && one.time.zip(two.time).is_none_or(|(one, two)| one == two)
                }
                (one, two) => one == two,
            },
            TaskField::Status => match (self.status, other.status) {
                (Status::Completed { at: one }, Status::Completed { at: two }) => {
                    one.zip(two).is_none_or(|(one, two)| one == two)
                }
                (one, two) => one == two,
            },
        }
    }

    /// A side without times says nothing about the one that is there.
    fn written_over(&self, field: TaskField, there: Option<&Self>) -> Self {
        let mut written = self.clone();
        match (field, there) {
            (TaskField::Due, Some(there)) => {
                let time = there.due.and_then(|due| due.time);
                written.due = written.due.map(|due| Due {
                    time: due.time.or(time),
                    ..due
                });
            }
            (TaskField::Status, Some(there)) => {
                if let (Status::Completed { at: None }, Status::Completed { .. }) =
                    (written.status, there.status)
                {
                    written.status = there.status;
                }
            }
            (_, _) => {}
        }
        written
    }
}

/// The days of a world: with a time and without, none, and before the window.
fn due(number: usize) -> Option<Due> {
    let day = |month: u32, day: u32| NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default();
    let (day, time) = match number % 7 {
        0 => (day(6, 2), None),
        1 => (day(6, 2), Some(noon())),
        2 => (day(6, 3), None),
        3 => (day(6, 3), NaiveTime::from_hms_opt(15, 30, 0)),
        4 => (day(3, 3), None),
        5 => (day(6, 2), NaiveTime::from_hms_opt(15, 30, 0)),
        _ => return None,
    };
    Some(Due { day, time })
}

fn noon() -> NaiveTime {
    NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default()
}

/// Open, and done: at some time, not on the minute, before the window, nobody knows when.
fn status(number: usize) -> Status {
    let done_at = match number % 7 {
        0 | 2 => return Status::Open,
        1 => Some(at(12)),
        3 => None,
        4 => Some(at(12) + Duration::seconds(30)),
        5 => Some(at(-24 * 90)),
        _ => Some(at(9)),
    };
    Status::Completed { at: done_at }
}
