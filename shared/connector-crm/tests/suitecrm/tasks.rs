//! Tasks, both ways.

use std::time::Duration;

use chrono::NaiveTime;
use serde_json::json;
use simulators::crm::suitecrm::SuiteCrmOptions;
use simulators::{Fault, FaultRule, SimClock, When as Strikes};
use sync_core::change::{Change, Reading};
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::task::{Due, Status, TaskField, TaskRecord};

use crate::hands::{Crm, change, copy_of, reported};

const QUARTER: Duration = Duration::from_mins(15);

fn at_will() -> SuiteCrmOptions {
    SuiteCrmOptions {
        clock: SimClock::stopped("2026-11-22T09:00:00Z".parse().unwrap()),
        ..SuiteCrmOptions::default()
    }
}

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
async fn edits_and_deletions_are_told_and_an_idle_run_costs_two_calls() {
    let crm = Crm::start(at_will()).await;
    let anna = crm.person();
    let make = |name: &str| anna.create("Tasks", &json!({ "name": name })).unwrap();
    let (kept, done, dropped) = (make("Kept"), make("Done"), make("Dropped"));
    crm.sim
        .person(&crm.sim.users()[2].id)
        .create("Tasks", &json!({ "name": "Ben's" }))
        .unwrap();
    crm.sim.clock().advance(QUARTER);
    let first = crm.changes_of(&*crm.tasks(), None).await;
    let mut expected: Vec<String> = [&kept, &done, &dropped].map(|id| format!("Tasks/{id}")).to_vec();
    expected.sort();
    assert_eq!(reported(&first), expected, "those without a date as well");
    assert_eq!(first.complete.iter().collect::<Vec<_>>(), ["Tasks"]);

    crm.sim.clock().advance(QUARTER);
    anna.complete_task(&done).unwrap();
    anna.delete("Tasks", &dropped).unwrap();
    crm.sim.clock().advance(QUARTER);
    let second = crm.changes_of(&*crm.tasks(), Some(&first.cursor)).await;
    let mut expected = [format!("-Tasks/{dropped}"), format!("Tasks/{done}")];
    expected.sort();
    assert_eq!(reported(&second), expected);
    let Change::Present(seen) = &second.changes[0] else {
        panic!("not present")
    };
    assert!(seen.record.status.is_completed());

    crm.sim.clock().advance(QUARTER);
    crm.sim.traffic().reset();
    let third = crm.changes_of(&*crm.tasks(), Some(&second.cursor)).await;
    assert!(third.changes.is_empty());
    assert_eq!((crm.sim.traffic().calls(), crm.sim.traffic().writes()), (2, 0));
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
    let set = crm.changes_of(&*tasks, None).await;
    assert_eq!(set.changes, [Change::Present(created.observed.clone())]);
    let again = crm.tasks().create(&copy_of("g1", task("Another"))).await.unwrap();
    assert!(again.adopted && again.observed == created.observed);
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

#[tokio::test]
async fn no_fault_doubles_or_loses_a_task() {
    for fault in [
        Fault::LostAnswer,
        Fault::ServerErrorAfter(500),
        Fault::ServerErrorBefore(502),
        Fault::Html(200),
    ] {
        let crm = Crm::start(SuiteCrmOptions::default()).await;
        crm.connect().user(&crm.user()).await.unwrap();
        let chance = Strikes::Chance {
            probability: 0.5,
            seed: 11,
        };
        let strike = FaultRule::new(fault.clone(), chance).methods(&["POST", "PATCH", "DELETE"]);
        crm.sim
            .faults()
            .add(strike.paths(|path| path.contains("/V8/module")));
        for number in 0..5 {
            let copy = copy_of(&format!("g{number}"), task("Talk"));
            let mut runs = 0;
            while crm.tasks().create(&copy).await.is_err() {
                runs += 1;
                assert!(runs < 40, "{fault:?}");
            }
        }
        assert_eq!(crm.sim.rows("Tasks").len(), 5, "{fault:?}");
    }
}

#[tokio::test]
async fn a_persons_edit_just_before_the_write_is_a_conflict() {
    let crm = Crm::start(SuiteCrmOptions::default()).await;
    let tasks = crm.tasks();
    let seen = tasks.create(&copy_of("g1", task("Talk"))).await.unwrap().observed;
    crm.person()
        .edit("Tasks", &seen.id.id, &json!({"name": "Anna's"}))
        .unwrap();
    let update = change(&seen, |record| record.notes.clear(), &[TaskField::Notes]);
    assert_eq!(tasks.update(&update).await.unwrap_err().class, Class::Conflict);
    assert_eq!(
        tasks.delete(&seen.id, &seen.version).await.unwrap_err().class,
        Class::Conflict
    );
}
