//! Tasks, both ways.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use simulators::crm::vtiger::VtigerOptions;
use simulators::{Fault, FaultRule, When as Strikes};
use sync_core::change::{Change, Observed, Reading};
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::task::{Due, Status, TaskField, TaskRecord};

use crate::hands::{ANNA, BEN, Crm, change, copy_of, newest, releases, reported};

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

fn make(crm: &Crm, subject: &str) -> u64 {
    let columns = json!({"subject": subject, "date_start": "2026-12-01", "time_start": "08:00:00",
        "due_date": "2026-12-02"});
    crm.person().create_task(&columns).unwrap()
}

fn name(number: u64) -> RemoteId {
    RemoteId::new("Calendar", format!("9x{number}"))
}

fn row(crm: &Crm, seen: &Observed<TaskRecord>) -> Map<String, Value> {
    let (_, number) = seen.id.id.split_once('x').unwrap();
    crm.sim.record(number.parse().unwrap()).unwrap()
}

#[tokio::test]
async fn edits_and_deletions_are_told_and_an_idle_run_costs_two_calls() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let anna = crm.person();
        let (kept, done, dropped) = (make(&crm, "Kept"), make(&crm, "Done"), make(&crm, "Dropped"));
        let (given, turned) = (make(&crm, "Given"), make(&crm, "Turned"));
        let bens = json!({"subject": "Ben's", "date_start": "2026-12-01", "time_start": "08:00:00",
            "due_date": "2026-12-02"});
        crm.sim.person(BEN).create_task(&bens).unwrap();
        anna.create_meeting("No task", crm.in_days(2), std::time::Duration::from_hours(1))
            .unwrap();
        crm.later();
        let first = crm.changes_of(&*crm.tasks(), None).await;
        let mut expected: Vec<String> = [kept, done, dropped, given, turned]
            .map(|number| name(number).id)
            .to_vec();
        expected.sort();
        assert_eq!(
            reported(&first),
            expected,
            "neither events nor other people's tasks"
        );
        assert_eq!(first.complete.iter().collect::<Vec<_>>(), ["Calendar"]);

        crm.later();
        anna.edit(done, &json!({"taskstatus": "Completed"})).unwrap();
        anna.delete(dropped).unwrap();
        anna.assign(given, BEN).unwrap();
        anna.edit(
            turned,
            &json!({"activitytype": "Meeting", "time_end": "09:00:00"}),
        )
        .unwrap();
        crm.later();
        let second = crm.changes_of(&*crm.tasks(), Some(&first.cursor)).await;
        let mut expected = [
            format!("-9x{dropped}"),
            format!("9x{done}"),
            format!("9x{given}>"),
            format!("9x{turned}>"),
        ];
        expected.sort();
        assert_eq!(reported(&second), expected);
        let Some(Change::Present(seen)) = second
            .changes
            .iter()
            .find(|change| matches!(change, Change::Present(_)))
        else {
            panic!("not present")
        };
        assert!(seen.record.status.is_completed());
        assert_eq!(crm.tasks().read(&name(dropped)).await, Ok(Reading::Gone));

        crm.later();
        crm.sim.traffic().reset();
        let third = crm.changes_of(&*crm.tasks(), Some(&second.cursor)).await;
        assert!(third.changes.is_empty());
        assert_eq!((crm.sim.traffic().calls(), crm.sim.traffic().writes()), (2, 0));
    }
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
        let set = crm.changes_of(&*tasks, None).await;
        assert_eq!(set.changes, [Change::Present(created.observed.clone())]);
        let events = crm.changes(None).await;
        assert!(events.changes.is_empty(), "a task is no event: {events:?}");
        let again = crm.tasks().create(&copy_of("g1", task("Another"))).await.unwrap();
        assert!(again.adopted && again.observed == created.observed);
        assert_eq!(crm.sim.tasks().len(), 1);
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
async fn what_is_not_carried_stays_and_the_time_of_day_with_it() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let anna = crm.person();
        let number = anna
            .create_task(
                &json!({"subject": "Call back", "date_start": "2026-12-20", "time_start": "08:15:00",
            "due_date": "2026-12-23", "taskstatus": "Pending Input", "taskpriority": "High", "visibility": "Public",
            "reminder_time": "30"}),
            )
            .unwrap();
        let contact = anna.create_contact(&json!({"lastname": "Verdi"})).unwrap();
        anna.add_contact(number, contact).unwrap();
        let second = anna.create_contact(&json!({"lastname": "Conti"})).unwrap();
        anna.add_contact(number, second).unwrap();
        let before = crm.sim.record(number).unwrap();
        let tasks = crm.careful_tasks();
        let Reading::Present(seen) = tasks.read(&name(number)).await.unwrap() else {
            panic!("not present")
        };
        let all = [
            TaskField::Title,
            TaskField::Notes,
            TaskField::Due,
            TaskField::Status,
        ];
        let moved = change(&seen, |record| *record = task("Call back soon"), &all);
        let after = tasks.update(&moved).await.unwrap();
        assert_eq!(after.record, task("Call back soon"));
        let now = row(&crm, &after);
        let carried = ["subject", "description", "due_date", "modified", "modified_by"];
        let changed: Vec<&String> = now
            .keys()
            .filter(|column| before.get(*column) != now.get(*column) && !carried.contains(&column.as_str()))
            .collect();
        assert!(
            changed.iter().all(|column| column.starts_with("modified")),
            "{changed:?}: {before:?} {now:?}"
        );
        let status = |status: Status| move |record: &mut TaskRecord| record.status = status;
        let done = change(
            &after,
            status(Status::Completed { at: None }),
            &[TaskField::Status],
        );
        let after = tasks.update(&done).await.unwrap();
        assert_eq!(row(&crm, &after)["taskstatus"], "Completed");
        let reopened = change(&after, status(Status::Open), &[TaskField::Status]);
        let after = tasks.update(&reopened).await.unwrap();
        assert_eq!(row(&crm, &after)["taskstatus"], "Not Started");
    }
}

#[tokio::test]
async fn long_texts_and_lost_characters_do_not_come_back() {
    let crm = Crm::start(VtigerOptions {
        three_byte_text: true,
        ..newest()
    })
    .await;
    let tasks = crm.tasks();
    let long = task(&"Very long ".repeat(40));
    let created = tasks.create(&copy_of("g1", long)).await.unwrap();
    assert!(created.observed.record.title.chars().count() <= 255);
    assert!(tasks.limits().four_byte_characters);
    tasks.create(&copy_of("g2", task("Party 🎉"))).await.unwrap();
    assert!(!tasks.limits().four_byte_characters, "seen from the answer");
    let script = TaskRecord {
        notes: "<script>x</script>".to_owned(),
        ..task("Code")
    };
    let created = tasks.create(&copy_of("g3", script)).await.unwrap();
    assert_eq!(created.observed.record.notes, "< script>x< /script>");
}

#[tokio::test]
async fn no_fault_doubles_or_loses_a_task() {
    for fault in [
        Fault::LostAnswer,
        Fault::ServerErrorAfter(500),
        Fault::ServerErrorBefore(502),
        Fault::Html(200),
    ] {
        let crm = Crm::start(VtigerOptions::default()).await;
        crm.connect().user("7").await.unwrap();
        let chance = Strikes::Chance {
            probability: 0.5,
            seed: 11,
        };
        crm.sim
            .faults()
            .add(FaultRule::new(fault.clone(), chance).methods(&["POST"]));
        for number in 0..5 {
            let copy = copy_of(&format!("g{number}"), task("Talk"));
            let mut runs = 0;
            while crm.tasks().create(&copy).await.is_err() {
                runs += 1;
                assert!(runs < 40, "{fault:?}");
            }
        }
        assert_eq!(crm.sim.tasks().len(), 5, "{fault:?}");
    }
}

#[tokio::test]
async fn a_persons_edit_just_before_the_write_is_a_conflict() {
    let crm = Crm::start(newest()).await;
    let number = make(&crm, "Talk");
    let tasks = crm.tasks();
    let Reading::Present(seen) = tasks.read(&name(number)).await.unwrap() else {
        panic!("not present")
    };
    crm.person().edit(number, &json!({"subject": "Anna's"})).unwrap();
    let update = change(&seen, |record| record.notes.clear(), &[TaskField::Notes]);
    assert_eq!(tasks.update(&update).await.unwrap_err().class, Class::Conflict);
    let failure = tasks.delete(&seen.id, &seen.version).await.unwrap_err();
    assert_eq!(failure.class, Class::Conflict);
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
