//! Reading, against the simulated Google.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use simulators::google::GoogleOptions;
use sync_core::change::{Change, Reading};
use sync_core::failure::Class;
use sync_core::kind::task::Status;
use sync_core::port::Remote;

use super::google::{
    ANNA, at, create, delta, google, google_with, person, present, reading, record, tasks, tasks_in, titles,
    whole,
};
use crate::GoogleEndpoints;
use crate::oauth::SCOPE_TASKS;
use crate::scripted::{lane, token};
use crate::tasks::list_task_lists;

#[tokio::test]
async fn an_idle_list_costs_one_call_and_brings_nothing() {
    let google = google().await;
    google.seed_tasks(ANNA, 5);
    let tasks = tasks(&google);
    let first = whole(&tasks).await;
    assert_eq!(present(&first).len(), 5);
    assert_eq!(first.complete.len(), 1);
    // Within the overlap everything comes again from Google, and nothing from us.
    for minutes in [0, 1, 30] {
        google.clock().advance(Duration::from_mins(minutes));
        google.traffic().reset();
        let idle = delta(&tasks, &first).await;
        assert!(
            idle.changes.is_empty() && idle.complete.is_empty(),
            "after {minutes} minutes"
        );
        assert_eq!(google.traffic().calls(), 1);
    }
}

#[tokio::test]
async fn a_change_that_is_stamped_early_is_not_missed() {
    let google = google_with(GoogleOptions {
        tasks_updated_jitter: Duration::from_mins(2),
        ..GoogleOptions::default()
    })
    .await;
    let tasks = tasks(&google);
    let mut set = whole(&tasks).await;
    let mut told = 0;
    for number in 0..8 {
        person(&google)
            .create_task("@default", &json!({ "title": format!("T{number}") }))
            .unwrap();
        set = delta(&tasks, &set).await;
        told += present(&set).len();
        google.clock().advance(Duration::from_secs(20));
    }
    assert_eq!(told, 8, "each once");
}

#[tokio::test]
async fn completed_hidden_deleted_and_moved_are_told_apart() {
    let google = google().await;
    let (tasks, person) = (tasks(&google), person(&google));
    let other = person.create_task_list("Other").unwrap();
    let make = |title: &str| {
        person
            .create_task("@default", &json!({ "title": title }))
            .unwrap()
    };
    let (done, cleared, deleted, moved) = (make("done"), make("cleared"), make("deleted"), make("moved"));
    let first = whole(&tasks).await;
    google.clock().advance(Duration::from_mins(50));
    person.complete_task("@default", &done).unwrap();
    person.complete_task("@default", &cleared).unwrap();
    person.delete_task("@default", &deleted).unwrap();
    person.move_task("@default", &moved, &other).unwrap();
    let next = delta(&tasks, &first).await;
    assert_eq!(titles(&next), ["cleared", "done"]);
    assert!(present(&next).iter().all(|seen| seen.record.status
        == Status::Completed {
            at: Some(at(2, 8) + TimeDelta::minutes(50))
        }));
    let id = |set: &sync_core::change::ChangeSet<_>, title: &str| {
        let seen: Vec<_> = present(set)
            .into_iter()
            .filter(|seen| seen.record.title == title)
            .cloned()
            .collect();
        seen[0].id.clone()
    };
    let (gone, left) = (id(&first, "deleted"), id(&first, "moved"));
    assert!(next.changes.contains(&Change::Removed(gone.clone())));
    assert!(next.changes.contains(&Change::Left(left.clone())));
    assert_eq!(tasks.read(&gone).await, Ok(Reading::Gone));
    assert_eq!(tasks.read(&left).await, Ok(Reading::OutOfReach));
    // For good, and in a whole list as well.
    google.purge_tombstones();
    assert_eq!(tasks.read(&gone).await, Ok(Reading::Gone));
    assert_eq!(tasks.read(&left).await, Ok(Reading::OutOfReach));
    assert_eq!(titles(&whole(&tasks).await), ["cleared", "done"]);
    person.move_task(&other, &moved, "@default").unwrap();
    assert_eq!(titles(&delta(&tasks, &next).await), ["moved"]);
}

#[tokio::test]
async fn a_list_is_found_by_its_id_or_title_and_one_of_our_own_is_made_once() {
    let google = google().await;
    let person = person(&google);
    let work = person.create_task_list("Work").unwrap();
    person.create_task(&work, &json!({ "title": "in work" })).unwrap();
    for name in ["Work", &work] {
        let tasks = tasks_in(&google, name);
        let set = whole(&tasks).await;
        assert_eq!(titles(&set), ["in work"], "{name}");
        assert_eq!(set.complete, BTreeSet::from([work.clone()]));
    }
    let missing = tasks_in(&google, "Nowhere")
        .changes(&reading(None))
        .await
        .unwrap_err();
    assert_eq!(
        (missing.class, missing.code),
        (Class::Permanent, "list_not_found")
    );
    for _ in 0..2 {
        let own = tasks_in(&google, "dedicated");
        whole(&own).await;
        own.create(&create("t1", record("A"))).await.unwrap();
    }
    let tokens = google.issue_tokens(ANNA, &[SCOPE_TASKS]).unwrap();
    let endpoints = GoogleEndpoints {
        tasks: google.tasks_url(),
        ..GoogleEndpoints::default()
    };
    let lists = list_task_lists(&endpoints, lane(4), token(&tokens.access_token))
        .await
        .unwrap();
    let names: Vec<_> = lists.iter().map(|list| list.title.as_str()).collect();
    assert_eq!((names.len(), names[0]), (3, "My Tasks"));
    assert_eq!(
        BTreeSet::from_iter(names),
        BTreeSet::from(["My Tasks", "CRM", "Work"])
    );
    person.create_task_list("Work").unwrap();
    let twice = tasks_in(&google, "Work")
        .changes(&reading(None))
        .await
        .unwrap_err();
    assert_eq!(twice.code, "list_ambiguous");
}

#[tokio::test]
async fn the_days_allowance_is_waited_for() {
    let google = google().await;
    google.set_tasks_quota_per_day(Some(1));
    let tasks = tasks(&google);
    let failure = tasks.changes(&reading(None)).await.unwrap_err();
    assert_eq!(failure.code, "quota_exceeded");
    let hour = Some(Duration::from_hours(1));
    assert_eq!(failure.class, Class::Retryable { after: hour });
    let tokens = google
        .issue_tokens(ANNA, &["https://www.googleapis.com/auth/calendar"])
        .unwrap();
    let other = super::google::tasks_at(&google.tasks_url(), "@default", &tokens.access_token);
    let failure = other.changes(&reading(None)).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Reauth, "missing_scope"));
}
