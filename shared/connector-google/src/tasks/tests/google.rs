//! The simulated account, and records to send.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use simulators::SimClock;
use simulators::google::{GoogleOptions, GooglePerson, GoogleSim};
use sync_core::change::{Change, ChangeSet, Observed, Window};
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::Record;
use sync_core::kind::task::{Due, Status, TaskRecord};
use sync_core::port::{Create, ReadRequest, Remote, Update};

use crate::GoogleEndpoints;
use crate::oauth::SCOPE_TASKS;
use crate::scripted::{lane, link, token};
use crate::tasks::{GoogleTasks, GoogleTasksConfig, TASKS_CONCURRENCY};

pub(super) const ANNA: &str = "anna@example.com";

pub(super) fn at(day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, day, hour, 0, 0).unwrap()
}

pub(super) async fn google() -> GoogleSim {
    google_with(GoogleOptions::default()).await
}

pub(super) async fn google_with(options: GoogleOptions) -> GoogleSim {
    GoogleSim::start(GoogleOptions {
        clock: SimClock::stopped(at(2, 8)),
        ..options
    })
    .await
    .unwrap()
}

pub(super) fn tasks(google: &GoogleSim) -> GoogleTasks {
    tasks_in(google, "@default")
}

pub(super) fn tasks_in(google: &GoogleSim, list: &str) -> GoogleTasks {
    let tokens = google.issue_tokens(ANNA, &[SCOPE_TASKS]).unwrap();
    tasks_at(&google.tasks_url(), list, &tokens.access_token)
}

pub(super) fn tasks_at(url: &str, list: &str, access_token: &str) -> GoogleTasks {
    GoogleTasks::new(GoogleTasksConfig {
        endpoints: GoogleEndpoints {
            tasks: url.to_owned(),
            ..GoogleEndpoints::default()
        },
        link: link(),
        list: list.to_owned(),
        lane: lane(TASKS_CONCURRENCY),
        tokens: token(access_token),
    })
}

pub(super) fn person(google: &GoogleSim) -> GooglePerson {
    google.person(ANNA)
}

pub(super) fn reading(cursor: Option<Cursor>) -> ReadRequest {
    ReadRequest {
        cursor,
        window: Window {
            from: at(1, 0),
            until: Utc.with_ymd_and_hms(2027, 3, 1, 0, 0, 0).unwrap(),
        },
    }
}

pub(super) async fn whole(tasks: &GoogleTasks) -> ChangeSet<TaskRecord> {
    tasks.changes(&reading(None)).await.unwrap()
}

pub(super) async fn delta(tasks: &GoogleTasks, before: &ChangeSet<TaskRecord>) -> ChangeSet<TaskRecord> {
    tasks
        .changes(&reading(Some(before.cursor.clone())))
        .await
        .unwrap()
}

pub(super) fn present(set: &ChangeSet<TaskRecord>) -> Vec<&Observed<TaskRecord>> {
    set.changes
        .iter()
        .filter_map(|change| match change {
            Change::Present(seen) => Some(seen),
            Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => None,
        })
        .collect()
}

pub(super) fn titles(set: &ChangeSet<TaskRecord>) -> Vec<&str> {
    let mut titles: Vec<&str> = present(set)
        .iter()
        .map(|seen| seen.record.title.as_str())
        .collect();
    titles.sort_unstable();
    titles
}

pub(super) fn record(title: &str) -> TaskRecord {
    TaskRecord {
        title: title.to_owned(),
        notes: "one\ntwo".to_owned(),
        due: Some(Due {
            day: NaiveDate::from_ymd_opt(2026, 3, 5).unwrap(),
            time: None,
        }),
        status: Status::Open,
    }
}

pub(super) fn create(id: &str, record: TaskRecord) -> Create<TaskRecord> {
    Create {
        origin: RemoteId::new("Tasks", id),
        generation: 0,
        record,
        notify: false,
    }
}

pub(super) fn update(seen: &Observed<TaskRecord>, record: TaskRecord) -> Update<TaskRecord> {
    Update {
        id: seen.id.clone(),
        expected: seen.version.clone(),
        record,
        fields: TaskRecord::FIELDS.to_vec(),
        notify: false,
    }
}
