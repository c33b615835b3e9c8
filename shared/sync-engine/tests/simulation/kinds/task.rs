//! Tasks.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::task::{Due, Status, TaskField, TaskRecord};
use sync_core::policy::Settings;
use sync_core::side::{PerSide, Side};

use super::{Played, Shown};
use crate::log::{Entry, Of};
use crate::people::{People, tail};
use crate::server::{Nature, Server};
use crate::world::Provider;

impl Played for TaskRecord {
    const COLLECTIONS: PerSide<&'static str> = PerSide {
        crm: "Tasks",
        google: "list",
    };
    const EDITED: &'static [TaskField] = &[
        TaskField::Title,
        TaskField::Notes,
        TaskField::Notes,
        TaskField::Due,
        TaskField::Due,
        TaskField::Status,
        TaskField::Status,
    ];

    fn at(provider: &Provider) -> &Arc<Server<Self>> {
        &provider.tasks
    }

    fn entry(of: Of<Self>) -> Entry {
        Entry::Task(Box::new(of))
    }

    fn of_entry(entry: &Entry) -> Option<&Of<Self>> {
        if let Entry::Task(of) = entry {
            Some(of)
        } else {
            None
        }
    }

    fn rewritten(&self, nature: &Nature<Self>) -> Self {
        let mut record = self.clone();
        let limits = &nature.limits;
        if !limits.four_byte_characters {
            for text in [&mut record.title, &mut record.notes] {
                *text = text.replace('😀', "????");
            }
        }
        if let Some(most) = limits.title_chars {
            let cut: String = record.title.chars().take(most).collect();
            cut.trim_end().clone_into(&mut record.title);
        }
        if nature.squeezes {
            record.notes = record.notes.replace("  ", " ");
        }
        if !limits.has_due_time {
            record.due = record.due.map(|due| Due { time: None, ..due });
        }
        if let (None, Status::Completed { at: _ }) = (limits.completed_step_seconds, record.status) {
            record.status = Status::Completed { at: None };
        }
        record
    }

    /// A side says itself when a task was done, where nobody else does.
    fn stamped(self, nature: &Nature<Self>, now: DateTime<Utc>) -> Self {
        match (nature.limits.completed_step_seconds, self.status) {
            (Some(_), Status::Completed { at: None }) => Self {
                status: Status::Completed { at: Some(now) },
                ..self
            },
            (Some(_) | None, _) => self,
        }
    }

    fn texts(&self) -> Vec<&str> {
        vec![&self.title, &self.notes]
    }

    fn poisonable(&mut self) -> &mut String {
        &mut self.notes
    }

    fn written(people: &mut People, random: &mut SmallRng, now: DateTime<Utc>) -> Self {
        let time = NaiveTime::from_hms_opt(random.random_range(0..24), 30, 0);
        let due = random.random_bool(0.7).then(|| Due {
            day: (now + Duration::days(random.random_range(-3..20))).date_naive(),
            time: time.filter(|_| random.random_bool(0.5)),
        });
        let status = if random.random_bool(0.2) {
            Status::Completed { at: Some(now) }
        } else {
            Status::Open
        };
        Self {
            title: people.text(tail(random)),
            notes: people.text(tail(random)),
            due,
            status,
        }
    }

    fn edit(&mut self, field: TaskField, people: &mut People, random: &mut SmallRng, now: DateTime<Utc>) {
        let mut value = Self::written(people, random, now);
        if random.random_bool(0.03) {
            // Out of what is kept in step.
            let day = (now - Duration::days(300)).date_naive();
            value.due = Some(Due { day, time: None });
        }
        match (field, self.status) {
            (TaskField::Status, Status::Open) => self.status = Status::Completed { at: None },
            (TaskField::Status, Status::Completed { at: _ }) => self.status = Status::Open,
            (TaskField::Title | TaskField::Notes | TaskField::Due, _) => self.take(field, &value),
        }
    }

    /// Title, day and notes are all that is told of it.
    fn is_recognised_as(&self, copy: &Self, is_new: bool) -> bool {
        let day = |task: &Self| task.due.map(|due| due.day);
        let (title, notes) = (self.title == copy.title, self.notes == copy.notes);
        title && notes && day(self) == day(copy) || is_new && (title || notes)
    }

    /// A side without times of day takes none away.
    fn spoilt(&self, field: TaskField, after: &Self) -> bool {
        let had_time = self.due.is_some_and(|due| due.time.is_some());
        field == TaskField::Due && had_time && after.due.is_some_and(|due| due.time.is_none())
    }

    fn shown(&self, _settings: &Settings, _side: Side, _id: &RemoteId, _across: &Nature<Self>) -> Shown {
        Shown::Whole
    }

    /// Without a day it was done by the time it was last touched.
    fn is_placed_by_clock(&self) -> bool {
        self.due.is_none() && self.status == Status::Completed { at: None }
    }

    /// The day of one side, and the time of day that only the other one has.
    fn is_mixed(field: TaskField) -> bool {
        field == TaskField::Due
    }

    fn is_flag(field: TaskField) -> bool {
        field == TaskField::Status
    }

    fn is_place(field: TaskField) -> bool {
        field == TaskField::Due
    }
}
