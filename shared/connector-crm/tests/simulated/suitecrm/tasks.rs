//! Tasks, both ways.

use chrono::NaiveTime;
use serde_json::json;
use sync_core::change::Reading;
use sync_core::id::RemoteId;
use sync_core::kind::task::{Due, Status, TaskField, TaskRecord};

use super::hands::{Crm, at_will};
use crate::hands::{change, copy_of};

fn task(title: &str) -> TaskRecord {
    TaskRecord {
        title: title.to_owned(),
        notes: "First line\nsecond line".to_owned(),
        due: Some(Due {
            day: "2026-12-24".parse().unwrap(),
            time: None,
        }),
        status: Status::Open,
    }
}

#[tokio::test]
async fn a_copy_is_the_users_task_on_the_right_day() {
    let crm = Crm::start(at_will()).await;
    let tasks = crm.tasks();
    let created = tasks
        .create(&copy_of("g1", task("Send the brochure")))
        .await
        .unwrap();
    let row = crm.sim.row("Tasks", &created.observed.id.id).unwrap();
    // Noon in Rome.
    assert_eq!(row["date_due"], "2026-12-24 11:00:00");
    assert_eq!(
        (row["assigned_user_id"].as_str(), row["status"].as_str()),
        (Some(crm.user().as_str()), Some("Not Started"))
    );
}

#[tokio::test]
async fn what_is_not_carried_stays_and_the_time_of_day_with_it() {
    let crm = Crm::start(at_will()).await;
    let id = crm
        .person()
        .create(
            "Tasks",
            &json!({"name": "Call back", "date_due": "2026-12-23 15:30:00", "date_start": "2026-12-20 08:00:00",
        "status": "Pending Input", "priority": "High", "parent_type": "Accounts", "parent_id": "p", "contact_id": "c"}),
        )
        .unwrap();
    let tasks = crm.tasks();
    let id = RemoteId::new("Tasks", id);
    let Reading::Present(seen) = tasks.read(&id).await.unwrap() else {
        panic!("not present")
    };
    assert_eq!(
        seen.record.due.unwrap().time,
        NaiveTime::from_hms_opt(16, 30, 0),
        "as the user reads it"
    );
    let before = crm.sim.row("Tasks", &id.id).unwrap();
    let fields = [
        TaskField::Title,
        TaskField::Notes,
        TaskField::Due,
        TaskField::Status,
    ];
    let moved = change(&seen, |record| *record = task("Call back soon"), &fields);
    let after = tasks.update(&moved).await.unwrap();
    let row = crm.sim.row("Tasks", &id.id).unwrap();
    assert_eq!(row["date_due"], "2026-12-24 15:30:00");
    for name in ["status", "priority", "date_start", "parent_id", "contact_id"] {
        assert_eq!(row[name], before[name], "{name}");
    }
    let done = change(
        &after,
        |record| record.status = Status::Completed { at: None },
        &[TaskField::Status],
    );
    let after = tasks.update(&done).await.unwrap();
    assert_eq!(crm.sim.row("Tasks", &id.id).unwrap()["status"], "Completed");
    let reopened = change(
        &after,
        |record| record.status = Status::Open,
        &[TaskField::Status],
    );
    tasks.update(&reopened).await.unwrap();
    assert_eq!(crm.sim.row("Tasks", &id.id).unwrap()["status"], "Not Started");
}

#[tokio::test]
async fn a_site_that_empties_dates_keeps_no_task_without_its_day() {
    // The API user of that site reads dates in a zone of its own: an hour of the night comes back on another day.
    let mut options = at_will();
    options.users[0].time_zone = chrono_tz::America::New_York;
    let crm = Crm::start(options).await;
    let mut record = task("At night");
    // 06:30 in UTC: half past one in New York for the second time on that day.
    record.due = Some(Due {
        day: "2026-11-01".parse().unwrap(),
        time: NaiveTime::from_hms_opt(7, 30, 0),
    });
    let created = crm.tasks().create(&copy_of("g1", record)).await.unwrap();
    assert_eq!(
        created.observed.record.due.unwrap().time,
        NaiveTime::from_hms_opt(6, 30, 0),
        "the hour is the CRM's, the day is kept"
    );
}
