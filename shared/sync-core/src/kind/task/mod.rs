//! Tasks: CRM tasks, Google Tasks.

mod normal;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

pub use normal::task_text;

use super::event::{reduced, same_text, shown};
use super::{Fingerprint, Kind, Record};
use crate::change::{Observed, Window};
use crate::mutation::{self, Mutation};
use crate::policy::{Scope, TaskSettings, travels};
use crate::side::{PerSide, Side};
use normal::{same_due, same_status};

/// A task that belongs to no provider.
///
/// Texts are in normal form (see [`one_line`](super::line::one_line) and [`task_text`]); connectors bring them there
/// when they read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRecord {
    /// Title, one line.
    pub title: String,
    /// Notes, plain text with `\n` line ends.
    pub notes: String,
    /// When it is due.
    pub due: Option<Due>,
    /// Whether it is done.
    pub status: Status,
}

/// The day by which a task is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The day, as the user reads it.
    pub day: NaiveDate,
    /// The time of day as the user reads it. `None` says nothing about it: whoever writes to a side that has times
    /// leaves the one that is there.
    pub time: Option<NaiveTime>,
}

/// Whether a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is still to be done.
    Open,
    /// It is done.
    Completed {
        /// Since when; `None` where the side does not tell.
        at: Option<DateTime<Utc>>,
    },
}

impl Status {
    /// Whether it is done.
    pub fn is_completed(self) -> bool {
        match self {
            Status::Open => false,
            Status::Completed { at: _ } => true,
        }
    }
}

/// The units in which two people's edits of one task are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskField {
    /// [`TaskRecord::title`].
    Title,
    /// [`TaskRecord::notes`].
    Notes,
    /// [`TaskRecord::due`], day and time together: a time of one day means nothing on another.
    Due,
    /// [`TaskRecord::status`], with the instant of completion.
    Status,
}

/// What a side cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskLimits {
    /// Longest title in characters; longer ones come back cut.
    pub title_chars: Option<usize>,
    /// Longest notes in characters.
    pub notes_chars: Option<usize>,
    /// Longest notes in bytes.
    pub notes_bytes: Option<usize>,
    /// Whether a due day can have a time.
    pub has_due_time: bool,
    /// Smallest step in which the instant of completion is kept, in seconds; `None` where it is not kept at all.
    pub completed_step_seconds: Option<u32>,
    /// Whether characters of four bytes (most emoji) survive; where not, each comes back as `?`.
    pub four_byte_characters: bool,
}

impl TaskLimits {
    /// A side that holds everything.
    pub fn none() -> Self {
        Self {
            title_chars: None,
            notes_chars: None,
            notes_bytes: None,
            has_due_time: true,
            completed_step_seconds: Some(1),
            four_byte_characters: true,
        }
    }
}

impl Record for TaskRecord {
    type Field = TaskField;
    type Limits = TaskLimits;
    type Settings = TaskSettings;

    const KIND: Kind = Kind::Task;
    const FIELDS: &'static [TaskField] = &[
        TaskField::Title,
        TaskField::Notes,
        TaskField::Due,
        TaskField::Status,
    ];
    // Two tasks of one name for one day are as good as each other.
    const TELLS_AMBIGUITY: bool = false;

    fn field_name(field: TaskField) -> &'static str {
        match field {
            TaskField::Title => "title",
            TaskField::Notes => "notes",
            TaskField::Due => "due",
            TaskField::Status => "status",
        }
    }

    fn fingerprint(&self, field: TaskField) -> Fingerprint {
        match field {
            TaskField::Title => Fingerprint::of(&self.title),
            TaskField::Notes => Fingerprint::of(&self.notes),
            TaskField::Due => normal::fingerprint_of_due(self.due),
            TaskField::Status => normal::fingerprint_of_status(self.status),
        }
    }

    /// What the other record leaves unsaid stays as it is: the time of day of a due day, the instant of completion.
    fn take(&mut self, field: TaskField, from: &Self) {
        match field {
            TaskField::Title => self.title.clone_from(&from.title),
            TaskField::Notes => self.notes.clone_from(&from.notes),
            TaskField::Due => {
                let own_time = self
                    .due
                    .and_then(|due| due.time)
                    .filter(|_| !mutation::on(Mutation::TimeOfDayDropped));
                self.due = from.due.map(|due| Due {
                    day: due.day,
                    time: due.time.or(own_time),
                });
            }
            TaskField::Status => {
                self.status = match (from.status, self.status) {
                    (Status::Completed { at: None }, Status::Completed { at }) => Status::Completed { at },
                    (other, _) => other,
                };
            }
        }
    }

    fn same(&self, field: TaskField, other: &Self, limits: PerSide<&TaskLimits>) -> bool {
        let (crm, google) = (limits.crm, limits.google);
        let four_bytes = crm.four_byte_characters && google.four_byte_characters;
        let smallest = |one: Option<usize>, two: Option<usize>| one.into_iter().chain(two).min();
        match field {
            TaskField::Title => same_text(
                &self.title,
                &other.title,
                smallest(crm.title_chars, google.title_chars),
                None,
                four_bytes,
            ),
            TaskField::Notes => same_text(
                &self.notes,
                &other.notes,
                smallest(crm.notes_chars, google.notes_chars),
                smallest(crm.notes_bytes, google.notes_bytes),
                four_bytes,
            ),
            TaskField::Due => same_due(self.due, other.due, crm.has_due_time && google.has_due_time),
            TaskField::Status => {
                let steps = crm.completed_step_seconds.zip(google.completed_step_seconds);
                same_status(self.status, other.status, steps.map(|(one, two)| one.max(two)))
            }
        }
    }

    /// A time of day that only the CRM has changes nothing at Google.
    fn fingerprint_there(&self, field: TaskField, limits: &TaskLimits) -> Fingerprint {
        match (field, self.status) {
            (TaskField::Due, _) if !limits.has_due_time => {
                normal::fingerprint_of_due(self.due.map(|due| Due { time: None, ..due }))
            }
            (TaskField::Status, Status::Completed { at: _ }) if limits.completed_step_seconds.is_none() => {
                normal::fingerprint_of_status(Status::Completed { at: None })
            }
            (TaskField::Title | TaskField::Notes | TaskField::Due | TaskField::Status, _) => {
                self.fingerprint(field)
            }
        }
    }

    fn shared_fingerprint(&self, field: TaskField, limits: PerSide<&TaskLimits>) -> Fingerprint {
        let (crm, google) = (limits.crm, limits.google);
        let four_bytes = crm.four_byte_characters && google.four_byte_characters;
        let smallest = |one: Option<usize>, two: Option<usize>| one.into_iter().chain(two).min();
        let text = |text: &str, chars: Option<usize>, bytes: Option<usize>| {
            Fingerprint::of(&reduced(text, chars, bytes, four_bytes))
        };
        match (field, self.due, self.status) {
            (TaskField::Title, _, _) => {
                text(&self.title, smallest(crm.title_chars, google.title_chars), None)
            }
            (TaskField::Notes, _, _) => text(
                &self.notes,
                smallest(crm.notes_chars, google.notes_chars),
                smallest(crm.notes_bytes, google.notes_bytes),
            ),
            (TaskField::Due, Some(due), _) if !(crm.has_due_time && google.has_due_time) => {
                Fingerprint::of_written(format_args!("d{}", due.day))
            }
            (TaskField::Status, _, Status::Completed { at }) => {
                let steps = crm.completed_step_seconds.zip(google.completed_step_seconds);
                let step = steps.map(|(one, two)| i64::from(one.max(two).max(1)));
                let at = at.zip(step).map(|(at, step)| at.timestamp().div_euclid(step));
                Fingerprint::of_written(format_args!("c{at:?}"))
            }
            (TaskField::Due | TaskField::Status, _, _) => self.fingerprint(field),
        }
    }

    fn journal_value(&self, field: TaskField) -> serde_json::Value {
        match field {
            TaskField::Title => self.title.clone().into(),
            TaskField::Notes => self.notes.clone().into(),
            TaskField::Due => serde_json::to_value(self.due).unwrap_or_default(),
            TaskField::Status => serde_json::to_value(self.status).unwrap_or_default(),
        }
    }

    fn put_journal_value(&mut self, field: TaskField, value: &serde_json::Value) -> Option<()> {
        match field {
            TaskField::Title => value.as_str()?.clone_into(&mut self.title),
            TaskField::Notes => value.as_str()?.clone_into(&mut self.notes),
            TaskField::Due => self.due = serde_json::from_value(value.clone()).ok()?,
            TaskField::Status => self.status = serde_json::from_value(value.clone()).ok()?,
        }
        Some(())
    }

    /// The day it is due, or else the instant it was done; a task to be done some time is inside every window.
    fn starts_at(&self) -> Option<DateTime<Utc>> {
        match (self.due, self.status) {
            (Some(due), _) => Some(due.day.and_time(NaiveTime::MIN).and_utc()),
            (None, Status::Completed { at }) => at,
            (None, Status::Open) => None,
        }
    }

    fn title(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.title)
    }

    fn is_empty(&self, field: TaskField) -> bool {
        match field {
            TaskField::Title => self.title.is_empty(),
            TaskField::Notes => self.notes.is_empty(),
            TaskField::Due => self.due.is_none(),
            TaskField::Status => false,
        }
    }

    fn can_hold(_field: TaskField, _limits: &TaskLimits) -> bool {
        true
    }

    /// Title, day and notes; then title and day. By the first, a copy whose answer was lost is found again among
    /// tasks of the same name: Google Tasks has no place for a mark that people do not see.
    fn likenesses(&self, limits: PerSide<&TaskLimits>) -> Vec<Vec<String>> {
        let four_bytes = limits.crm.four_byte_characters && limits.google.four_byte_characters;
        let cut = |text: &str, most: [Option<usize>; 2]| {
            let most = most.into_iter().flatten().min().unwrap_or(usize::MAX);
            let cut: String = shown(text, four_bytes).chars().take(most).collect();
            cut.trim_end().to_owned()
        };
        let title = cut(&self.title, [limits.crm.title_chars, limits.google.title_chars]);
        let notes = cut(&self.notes, [limits.crm.notes_chars, limits.google.notes_chars]);
        let day = self.due.map(|due| due.day.to_string()).unwrap_or_default();
        vec![
            vec![format!("{day} {title}\n{notes}")],
            vec![format!("{day} {title}")],
        ]
    }

    /// The title, or the notes: nobody changes both of a task that is minutes old.
    fn traces(&self) -> Vec<String> {
        let traces = [("title", &self.title), ("notes", &self.notes)];
        let told = traces.into_iter().filter(|(_, text)| !text.is_empty());
        told.map(|(name, text)| format!("{name} {}", shown(text, false).trim_end()))
            .collect()
    }

    fn scope(
        settings: &TaskSettings,
        window: Window,
        side: Side,
        seen: &Observed<Self>,
        _target: &TaskLimits,
    ) -> Scope {
        let read_only = seen.traits.read_only.is_some_and(|why| !why.is_carried());
        let record = &seen.record;
        // A side that does not say when an undated task was done says when it was last touched: it was done by then.
        let done_by = seen.modified_at.filter(|_| record.status.is_completed());
        let at = record.starts_at().or(done_by);
        if travels(settings.direction, side) && window.reaches(at) && !read_only {
            Scope::Carried
        } else {
            Scope::Outside
        }
    }

    fn outgoing(&self, _scope: Scope) -> Cow<'_, Self> {
        Cow::Borrowed(self)
    }

    fn is_veiled(_field: TaskField) -> bool {
        false
    }

    fn concerns_guests(_field: TaskField) -> bool {
        false
    }
}
