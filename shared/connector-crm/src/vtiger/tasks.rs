//! Tasks: the same table as the events', in a class of their own.
//!
//! A task has a status and no time of completion. It starts at an instant, and is due on a day that nobody shifts by any
//! zone, as in Google; so the day travels as it stands, and when the task starts is the CRM's own.
//!
//! The CRM demands a due day and most of Google's tasks have none. A copy of one of these is due on the day it was made,
//! and starts one second after that day's beginning. By this second, which no form of the CRM writes, it is read as a
//! task without a due day until somebody gives it one.
//!
//! # Source
//! Field guide, section 2.2; `include/Webservices/Revise.php` for the fields that may not be emptied.

use async_trait::async_trait;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use sync_core::change::{Observed, Traits};
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::normal_text;
use sync_core::kind::line::one_line;
use sync_core::kind::task::{Due, Status, TaskField, TaskLimits, TaskRecord};
use url::Url;

use super::activity::{self, CONTACTS};
use super::door::Door;
use super::events::{PRIVATE, YEARS, point};
use super::login::Session;
use super::shape::{Shape, Unreadable, address};
use super::site::{Described, Site};
use super::text::{SUBJECT_CHARS, broken_up, put, stamp, subject, title};
use super::wire::{Key, Module, Row, WireId, parse_stamp};
use crate::day::start_of_day;

/// The type of every task. Without it a record is an event, whatever module it was made in.
const TASK: &str = "Task";
/// The one status that says done; every other one, a site's own included, says that there is still something to do.
const COMPLETED: &str = "Completed";
/// The status of a task that is made or opened again: which one it had before, nobody knows.
const OPENED: &str = "Not Started";
/// How far behind its day's beginning a task without a due day starts.
const UNDATED: TimeDelta = TimeDelta::seconds(1);

/// The tasks of one user.
#[derive(Debug)]
pub(crate) struct Tasks {
    /// The zone in which the user's days begin.
    pub(crate) zone: Tz,
}

impl Tasks {
    /// The day by which a task is due.
    fn due(&self, row: &Row) -> Result<Option<NaiveDate>, Unreadable> {
        let Some(day) = due_day(row)? else { return Ok(None) };
        let undated = start(row) == self.begins(day).checked_add_signed(UNDATED);
        Ok((!undated).then_some(day))
    }

    fn begins(&self, day: NaiveDate) -> DateTime<Utc> {
        start_of_day(day, self.zone)
    }

    /// Adds the columns that make a task due on that day, or on none.
    pub(super) fn write_due(
        &self,
        due: Option<Due>,
        before: Option<&Row>,
        today: NaiveDate,
        values: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        let day = due.map_or(today, |due| due.day);
        if !YEARS.contains(&day.year()) {
            return Err(Failure::permanent(
                "due_unfit",
                "the CRM cannot keep the due date: years go from 1000 to 9999",
            ));
        }
        put(values, "due_date", day.to_string());
        // When a person's task starts is the CRM's own. A start that says no more than the day moves with it.
        let moves = before.is_none_or(|before| {
            let former = due_day(before).ok().flatten();
            former.zip(start(before)).is_some_and(|(former, starts)| {
                let begins = self.begins(former);
                starts == begins || starts - begins == UNDATED
            })
        });
        if due.is_none() || moves {
            let begins = self.begins(day);
            let starts = if due.is_none() { begins + UNDATED } else { begins };
            put(values, "date_start", starts.format("%Y-%m-%d").to_string());
            put(values, "time_start", starts.format("%H:%M:%S").to_string());
        }
        Ok(())
    }
}

fn start(row: &Row) -> Option<DateTime<Utc>> {
    point(&row.text("date_start"), &row.text("time_start"))
}

fn due_day(row: &Row) -> Result<Option<NaiveDate>, Unreadable> {
    let day = row.filled("due_date").filter(|day| day != "0000-00-00");
    day.map(|day| NaiveDate::parse_from_str(&day, "%Y-%m-%d"))
        .transpose()
        .map_err(|_| Unreadable::BadDue)
}

#[async_trait]
impl Shape for Tasks {
    type Record = TaskRecord;

    const MODULE: Module = Module::Calendar;
    const TWIN: Option<Module> = Some(Module::Events);
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "subject",
        "date_start",
        "time_start",
        "due_date",
        "description",
        "visibility",
        "taskstatus",
        "activitytype",
        "reminder_time",
        "modifiedtime",
        "modifiedby",
        "assigned_user_id",
        "source",
    ];
    const NEEDED: &'static [&'static str] = &[
        "id",
        "subject",
        "date_start",
        "time_start",
        "due_date",
        "taskstatus",
        "modifiedtime",
        "assigned_user_id",
    ];
    const TEXTS: &'static [&'static str] = &["subject", "description"];

    fn limits(&self, site: &Site) -> TaskLimits {
        TaskLimits {
            title_chars: Some(SUBJECT_CHARS),
            notes_chars: None,
            notes_bytes: None,
            has_due_time: false,
            completed_step_seconds: None,
            four_byte_characters: site.four_byte_characters,
        }
    }

    fn learn(&self, site: &mut Site, described: &Described) {
        site.choose(described, "taskstatus", OPENED, |value| value != COMPLETED);
        if described.field(CONTACTS).is_none() {
            site.lacks(CONTACTS);
        }
    }

    fn observed(&self, row: &Row, _site: &Site, base_url: &Url) -> Result<Observed<TaskRecord>, Unreadable> {
        let id = row.id("id").ok_or(Unreadable::NoId)?;
        let due = self.due(row)?;
        let done = row.filled("taskstatus").is_some_and(|status| status == COMPLETED);
        let record = TaskRecord {
            title: title(one_line(&row.text("subject"))),
            notes: normal_text(&row.text("description")),
            due: due.map(|day| Due { day, time: None }),
            status: if done {
                Status::Completed { at: None }
            } else {
                Status::Open
            },
        };
        let made_as = Key::read(&row.text("source"));
        Ok(Observed {
            id: RemoteId::new(Module::Calendar.as_str(), row.text("id")),
            version: version(&record),
            modified_at: parse_stamp(&row.text("modifiedtime")),
            traits: Traits {
                made_as: made_as.map(|key| RemoteId::new(Module::Calendar.as_str(), key.as_str())),
                address: Some(address(base_url, Module::Calendar, id.number)),
                ..Traits::default()
            },
            record,
        })
    }

    fn values(
        &self,
        record: &TaskRecord,
        fields: &[TaskField],
        before: Option<&Row>,
        door: &Door<Self>,
    ) -> Result<Map<String, Value>, Failure> {
        let site = door.site();
        let mut values = Map::new();
        for field in fields {
            match field {
                TaskField::Title => put(&mut values, "subject", subject(&record.title)),
                TaskField::Notes if site.has("description") => {
                    put(&mut values, "description", broken_up(&record.notes));
                }
                TaskField::Notes => {}
                TaskField::Due => {
                    let today = door.api.login.now().with_timezone(&self.zone).date_naive();
                    self.write_due(record.due, before, today, &mut values)?;
                }
                TaskField::Status => {
                    let now = before.and_then(|before| before.filled("taskstatus"));
                    let done = now.as_deref() == Some(COMPLETED);
                    match record.status {
                        Status::Completed { at: _ } => put(&mut values, "taskstatus", COMPLETED),
                        // "In Progress", "Deferred" and the like all are open, and stay what they are.
                        Status::Open if done || now.is_none() => {
                            put(&mut values, "taskstatus", site.choice("taskstatus", OPENED));
                        }
                        Status::Open => {}
                    }
                }
            }
        }
        Ok(values)
    }

    /// A task of Google's is its owner's alone, so its copy is too.
    fn for_copy(&self, site: &Site) -> Vec<(&'static str, String)> {
        let private = site.has("visibility").then(|| ("visibility", PRIVATE.to_owned()));
        [Some(("activitytype", TASK.to_owned())), private]
            .into_iter()
            .flatten()
            .collect()
    }

    fn keep(&self, values: &mut Map<String, Value>, before: &Row, _site: &Site) {
        activity::keep(values, before, TASK);
    }

    async fn contacts_to_send(door: &Door<Self>, id: WireId, session: &Session) -> Result<String, Failure> {
        activity::contacts_to_send(door, id, session).await
    }

    fn check_kept(&self, record: &TaskRecord, fields: &[TaskField], after: &Row) -> Result<(), Failure> {
        let asked = record.due.map(|due| due.day);
        if !fields.contains(&TaskField::Due) || self.due(after) == Ok(asked) {
            return Ok(());
        }
        Err(Failure::permanent(
            "due_not_kept",
            "the CRM did not keep the due date it was given",
        ))
    }

    fn put_back(&self, before: &Row) -> Map<String, Value> {
        ["due_date", "date_start", "time_start"]
            .into_iter()
            .filter_map(|column| Some((column.to_owned(), before.filled(column)?.into())))
            .collect()
    }
}

/// A stamp that covers what is carried and nothing else, so a change of priority is no change to the sync.
fn version(record: &TaskRecord) -> Version {
    let due = record.due.map(|due| due.day.to_string()).unwrap_or_default();
    let done = if record.status.is_completed() {
        "done"
    } else {
        "open"
    };
    Version(stamp([record.title.as_str(), &record.notes, &due, done]))
}
