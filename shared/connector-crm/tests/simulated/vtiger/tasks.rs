//! Tasks, both ways.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use sync_core::change::{Observed, Reading};
use sync_core::failure::Class;
use sync_core::kind::task::{Due, Status, TaskField, TaskRecord};

use super::hands::{ANNA, Crm, newest, releases};
use crate::hands::{change, copy_of, reported};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn due(text: &str) -> Due {
    Due {
        day: day(text),
        time: None,
    }
}

fn task(title: &str) -> TaskRecord {
    TaskRecord {
        title: title.to_owned(),
        notes: "First line\nsecond line".to_owned(),
        due: Some(due("2026-12-24")),
        status: Status::Open,
    }
}

fn row(crm: &Crm, seen: &Observed<TaskRecord>) -> Map<String, Value> {
    let (_, number) = seen.id.id.split_once('x').unwrap();
    crm.sim.record(number.parse().unwrap()).unwrap()
}

#[tokio::test]
async fn a_copy_is_the_users_own_task_on_the_right_day() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let tasks = crm.tasks();
        let created = tasks
            .create(&copy_of("g1", task("Send the brochure")))
            .await
            .unwrap();
        assert_eq!(created.observed.record, task("Send the brochure"));
        let row = row(&crm, &created.observed);
        for (column, value) in [
            ("activitytype", "Task"),
            ("taskstatus", "Not Started"),
            ("visibility", "Private"),
            ("due_date", "2026-12-24"),
            // Midnight in Rome.
            ("date_start", "2026-12-23"),
            ("time_start", "23:00:00"),
        ] {
            assert_eq!(row[column], value, "{column}");
        }
        let events = crm.changes(None).await;
        assert!(events.changes.is_empty(), "a task is no event: {events:?}");
    }
}

#[tokio::test]
async fn a_task_without_a_due_day_gets_none_however_much_the_crm_demands_one() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let tasks = crm.tasks();
        let undated = TaskRecord {
            due: None,
            ..task("Some time")
        };
        let created = tasks.create(&copy_of("g1", undated.clone())).await.unwrap();
        assert_eq!(created.observed.record, undated);
        assert_eq!(row(&crm, &created.observed)["due_date"], "2026-11-22", "today");
        let fields = [TaskField::Due];
        let dated = change(
            &created.observed,
            |record| record.due = Some(due("2026-11-22")),
            &fields,
        );
        let seen = tasks.update(&dated).await.unwrap();
        assert_eq!(
            seen.record.due,
            Some(due("2026-11-22")),
            "the very day it was made on"
        );
        let cleared = change(&seen, |record| record.due = None, &fields);
        let seen = tasks.update(&cleared).await.unwrap();
        assert_eq!(seen.record.due, None);
        // A person who gives it a day gives it one.
        let (_, number) = seen.id.id.split_once('x').unwrap();
        let number = number.parse().unwrap();
        crm.person()
            .edit(number, &json!({"due_date": "2026-11-25"}))
            .unwrap();
        let Reading::Present(seen) = tasks.read(&seen.id).await.unwrap() else {
            panic!("not present")
        };
        assert_eq!(seen.record.due, Some(due("2026-11-25")));
        // Other changes leave all of it alone.
        let before = row(&crm, &seen);
        let titled = change(
            &seen,
            |record| record.title = "Soon".to_owned(),
            &[TaskField::Title],
        );
        let seen = tasks.update(&titled).await.unwrap();
        for column in ["due_date", "date_start", "time_start"] {
            assert_eq!(row(&crm, &seen)[column], before[column], "{column}");
        }
    }
}

#[tokio::test]
async fn a_deletion_in_a_long_list_is_found_in_the_next_run_and_nothing_fails_silently() {
    let crm = Crm::start(newest()).await;
    crm.sim.seed_tasks(ANNA, 230);
    let numbers: Vec<u64> = crm
        .sim
        .tasks()
        .iter()
        .filter_map(|row| row["id"].as_u64())
        .collect();
    crm.later();
    let mut cursor = crm.changes_of(&*crm.tasks(), None).await.cursor;
    for place in [0, 99, 130, 229] {
        crm.person().delete(numbers[place]).unwrap();
        crm.later();
        let set = crm.changes_of(&*crm.tasks(), Some(&cursor)).await;
        assert_eq!(reported(&set), [format!("-9x{}", numbers[place])], "at {place}");
        cursor = set.cursor;
    }
    crm.sim.let_queries_fail(true);
    crm.later();
    let failure = crm
        .tasks()
        .changes(&crm.request(Some(&cursor)))
        .await
        .unwrap_err();
    assert!(
        matches!(failure.class, Class::Retryable { .. } | Class::Resync),
        "{failure:?}"
    );
}
