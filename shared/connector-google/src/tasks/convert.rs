//! Tasks to records.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use sync_core::change::{Observed, Traits};
use sync_core::id::{RemoteId, Version};
use sync_core::kind::line::one_line;
use sync_core::kind::task::{Due, Status, TaskRecord, task_text};

use super::wire::Task;

/// Turns a task into what the engine sees.
pub(super) fn observed(list: &str, task: &Task) -> Observed<TaskRecord> {
    let updated = task.updated.as_deref().and_then(instant);
    // Every change moves the etag; without one, the time of change has to do.
    let version = task.etag.clone().or_else(|| task.updated.clone());
    Observed {
        id: RemoteId::new(list, &task.id),
        version: Version(version.unwrap_or_default()),
        modified_at: updated,
        record: TaskRecord {
            title: one_line(task.title.as_deref().unwrap_or_default()),
            notes: task_text(task.notes.as_deref().unwrap_or_default()),
            due: task.due.as_deref().and_then(due),
            status: status(task),
        },
        traits: Traits {
            address: task.web_view_link.clone(),
            ..Traits::default()
        },
    }
}

/// The day, which is all that Google keeps: the rest is a midnight that says nothing.
fn due(text: &str) -> Option<Due> {
    let day = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    Some(Due { day, time: None })
}

fn status(task: &Task) -> Status {
    if task.status.as_deref() == Some("completed") {
        Status::Completed {
            at: task
                .completed
                .as_deref()
                .and_then(instant)
                .map(|at| at.trunc_subsecs(0)),
        }
    } else {
        Status::Open
    }
}

/// An instant as Google writes it.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}
