//! Tasks.
//!
//! A task has a status and no time of completion, and is due at an instant, while people and Google think of a day.
//! So the day is that of the user's zone, and the CRM's time of day stays when only the day moves.

use chrono::{NaiveTime, Timelike};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use sync_core::change::{Observed, Traits};
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::task::{Due, Status, TaskField, TaskLimits, TaskRecord};
use url::Url;

use super::shape::{Shape, Unreadable, address};
use super::site::{DESCRIPTION_BYTES, Site};
use super::text::{held, lines, one_line, spaced, stamp};
use super::wire::{Attributes, Module, Resource, date_text, parse_date};
use crate::day::{instant, to_minute};
use crate::text::cut_to_bytes;

/// The one status that says done; every other one, a site's own included, says that there is still something to do.
const COMPLETED: &str = "Completed";
/// The status of a task that is opened again: which one it had before, nobody knows.
const REOPENED: &str = "Not Started";
/// When a task is due that says no more than a day. At noon it is the same day for nearly everybody who looks at it,
/// whatever their zone; at midnight it would be the day before for half of the world.
const DUE_HOUR: u32 = 12;

/// The tasks of one user.
#[derive(Debug)]
pub(crate) struct Tasks {
    /// The zone in which the user's days begin.
    pub(crate) zone: Tz,
}

impl Tasks {
    /// When a task is due, as the user reads it; to the minute, because most sites lose the seconds.
    fn due(&self, attributes: &Attributes) -> Result<Option<Due>, Unreadable> {
        let Some(text) = attributes.filled("date_due") else {
            return Ok(None);
        };
        let at = parse_date(&text).ok_or(Unreadable::BadDue)?;
        let local = to_minute(at).with_timezone(&self.zone);
        Ok(Some(Due {
            day: local.date_naive(),
            time: Some(local.time()),
        }))
    }

    /// The date to send: what the record leaves unsaid of the time is as before.
    fn due_text(&self, due: Option<Due>, before: Option<&Resource>) -> String {
        let Some(due) = due else { return String::new() };
        let former = || self.due(&before?.attributes).ok()??.time;
        let noon = || NaiveTime::from_hms_opt(DUE_HOUR, 0, 0);
        let time = due.time.or_else(former).or_else(noon).unwrap_or_default();
        date_text(to_minute(instant(due.day, time, self.zone)))
    }
}

impl Shape for Tasks {
    type Record = TaskRecord;

    const MODULES: &'static [Module] = &[Module::Tasks];
    const COPIES: Module = Module::Tasks;
    const TEXTS: &'static [&'static str] = &["name", "description"];

    fn limits(&self, site: &Site) -> TaskLimits {
        TaskLimits {
            title_chars: Some(site.chars("name")),
            notes_chars: None,
            notes_bytes: Some(DESCRIPTION_BYTES),
            has_due_time: true,
            completed_step_seconds: None,
            four_byte_characters: site.four_byte_characters,
        }
    }

    fn fields(&self, _module: Module, _site: &Site) -> Vec<String> {
        NEEDED.map(str::to_owned).to_vec()
    }

    fn zone(&self) -> Option<Tz> {
        Some(self.zone)
    }

    fn observed(
        &self,
        module: Module,
        resource: &Resource,
        base_url: &Url,
    ) -> Result<Observed<TaskRecord>, Unreadable> {
        let attributes = &resource.attributes;
        let done = attributes
            .filled("status")
            .is_some_and(|status| status == COMPLETED);
        let record = TaskRecord {
            title: one_line(&attributes.text("name").unwrap_or_default()),
            notes: lines(&attributes.text("description").unwrap_or_default()),
            due: self.due(attributes)?,
            status: if done {
                Status::Completed { at: None }
            } else {
                Status::Open
            },
        };
        Ok(Observed {
            id: RemoteId::new(module.as_str(), &resource.id),
            version: version(&record),
            modified_at: attributes.filled("date_modified").as_deref().and_then(parse_date),
            traits: Traits {
                address: Some(address(base_url, module, &resource.id)),
                ..Traits::default()
            },
            record,
        })
    }

    fn attributes(
        &self,
        _module: Module,
        record: &TaskRecord,
        fields: &[TaskField],
        before: Option<&Resource>,
        site: &Site,
    ) -> Map<String, Value> {
        let mut attributes = Map::new();
        for field in fields {
            match field {
                TaskField::Title => {
                    attributes.insert("name".to_owned(), held(&record.title, site.chars("name")).into());
                }
                TaskField::Notes => {
                    let notes = cut_to_bytes(&spaced(&record.notes), DESCRIPTION_BYTES);
                    attributes.insert("description".to_owned(), notes.into());
                }
                TaskField::Due => {
                    attributes.insert("date_due".to_owned(), self.due_text(record.due, before).into());
                }
                TaskField::Status => {
                    let now = before.and_then(|before| before.attributes.filled("status"));
                    let done = now.as_deref() == Some(COMPLETED);
                    let status = match record.status {
                        Status::Completed { at: _ } => COMPLETED,
                        // "In Progress", "Deferred" and the like all are open, and stay what they are.
                        Status::Open if done || now.is_none() => REOPENED,
                        Status::Open => continue,
                    };
                    attributes.insert("status".to_owned(), status.into());
                }
            }
        }
        attributes
    }

    fn tells_all(&self, _module: Module, attributes: &Attributes) -> bool {
        attributes.have(NEEDED)
    }

    fn check_kept(&self, record: &TaskRecord, fields: &[TaskField], after: &Resource) -> Result<(), Failure> {
        let day = |due: Option<Due>| due.map(|due| due.day);
        let kept = self
            .due(&after.attributes)
            .is_ok_and(|kept| day(kept) == day(record.due));
        if kept || !fields.contains(&TaskField::Due) {
            return Ok(());
        }
        Err(Failure::permanent(
            "due_not_kept",
            "the CRM did not keep the due date it was given; is the time zone of its API user UTC?",
        ))
    }

    fn put_back(&self, before: &Resource) -> Map<String, Value> {
        let due = before
            .attributes
            .filled("date_due")
            .as_deref()
            .and_then(parse_date);
        let due = due.map(date_text).unwrap_or_default();
        let status = before.attributes.text("status").unwrap_or_default();
        Map::from_iter([
            ("date_due".to_owned(), due.into()),
            ("status".to_owned(), status.into()),
        ])
    }
}

/// The attributes that are read.
const NEEDED: [&str; 6] = [
    "name",
    "description",
    "status",
    "date_due",
    "date_modified",
    "assigned_user_id",
];

/// A stamp that covers what is carried and nothing else, so a change of priority is no change to the sync.
fn version(record: &TaskRecord) -> Version {
    let time = |time: NaiveTime| format!("{:02}:{:02}", time.hour(), time.minute());
    let due = record.due.map(|due| {
        let time = due.time.map(time).unwrap_or_default();
        format!("{} {time}", due.day)
    });
    let done = if record.status.is_completed() {
        "done"
    } else {
        "open"
    };
    let due = due.unwrap_or_default();
    Version(stamp([record.title.as_str(), &record.notes, &due, done]))
}
