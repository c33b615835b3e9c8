//! What is missing from the CRM's list is told apart, and never believed too soon.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use sync_core::change::Reading;
use sync_core::failure::Class;

use super::hands::{ANNA, BEN, Crm, SYNC, name, newest, releases};
use crate::hands::reported;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn deleted_given_away_and_turned_into_a_task_are_told_apart() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let person = crm.person();
        let make = |title: &str| person.create_meeting(title, crm.in_days(2), HOUR).unwrap();
        let (deleted, given, task, kept) = (make("Deleted"), make("Given"), make("Task"), make("Kept"));
        crm.later();
        let first = crm.changes(None).await;
        crm.later();
        person.delete(deleted).unwrap();
        person.assign(given, BEN).unwrap();
        person.edit(task, &json!({"activitytype": "Task"})).unwrap();
        crm.later();
        let second = crm.changes(Some(&first.cursor)).await;
        assert_eq!(
            reported(&second),
            [
                format!("-18x{deleted}"),
                format!("18x{given}>"),
                format!("18x{task}>")
            ]
        );
        let events = crm.events();
        assert_eq!(events.read(&name(deleted)).await, Ok(Reading::Gone));
        assert_eq!(events.read(&name(given)).await, Ok(Reading::OutOfReach));
        assert_eq!(events.read(&name(task)).await, Ok(Reading::OutOfReach));
        assert!(matches!(events.read(&name(kept)).await, Ok(Reading::Present(_))));
        // Told once; and what comes back is seen again.
        crm.later();
        let third = crm.changes(Some(&second.cursor)).await;
        assert!(third.changes.is_empty());
        person.restore(deleted).unwrap();
        crm.sim.person(BEN).assign(given, ANNA).unwrap();
        crm.later();
        let fourth = crm.changes(Some(&third.cursor)).await;
        assert_eq!(
            reported(&fourth),
            [format!("18x{deleted}"), format!("18x{given}")]
        );
    }
}

#[tokio::test]
async fn a_deletion_anywhere_in_a_long_list_is_found_in_the_next_run() {
    let crm = Crm::start(newest()).await;
    crm.sim.seed_meetings(ANNA, 450);
    let numbers: Vec<u64> = crm
        .sim
        .events()
        .iter()
        .map(|row| row["id"].as_u64().unwrap())
        .collect();
    crm.later();
    let mut cursor = crm.changes(None).await.cursor;
    for place in [0, 1, 99, 100, 101, 349, 350, 351, 448, 449] {
        crm.person().delete(numbers[place]).unwrap();
        crm.later();
        let set = crm.changes(Some(&cursor)).await;
        assert_eq!(reported(&set), [format!("-18x{}", numbers[place])], "at {place}");
        cursor = set.cursor;
    }
    // Together with a creation, which fills the gap in the count.
    crm.person().delete(numbers[200]).unwrap();
    let made = crm.person().create_meeting("New", crm.in_days(3), HOUR).unwrap();
    crm.later();
    let set = crm.changes(Some(&cursor)).await;
    assert_eq!(
        reported(&set),
        [format!("-18x{}", numbers[200]), format!("18x{made}")]
    );
}

#[tokio::test]
async fn the_last_event_of_a_user_may_go() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let only = crm.person().create_meeting("Only", crm.in_days(2), HOUR).unwrap();
        let first = crm.changes(None).await;
        crm.person().delete(only).unwrap();
        crm.later();
        let second = crm.changes(Some(&first.cursor)).await;
        assert_eq!(reported(&second), [format!("-18x{only}")]);
        crm.later();
        crm.sim.traffic().reset();
        crm.changes(Some(&second.cursor)).await;
        assert_eq!(
            crm.sim.traffic().calls(),
            1,
            "where nothing is known nothing is missed"
        );
    }
}

#[tokio::test]
async fn queries_that_fail_inside_the_crm_delete_nothing() {
    let crm = Crm::start(newest()).await;
    let number = crm.person().create_meeting("Here", crm.in_days(2), HOUR).unwrap();
    crm.later();
    let first = crm.changes(None).await;
    crm.sim.let_queries_fail(true);
    crm.later();
    let failure = crm.try_changes(Some(&first.cursor)).await.unwrap_err();
    assert!(matches!(failure.class, Class::Retryable { .. }), "{failure:?}");
    let failure = crm.events().read(&name(number)).await.unwrap_err();
    assert_eq!(failure.code, "contradictory_answers");
    crm.sim.let_queries_fail(false);
    assert!(crm.changes(Some(&first.cursor)).await.changes.is_empty());
}

#[tokio::test]
async fn a_user_who_is_no_administrator_any_more_deletes_nothing() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let number = crm
            .person()
            .create_event(
                &json!({"subject": "Private", "date_start": "2026-12-01", "time_start": "10:00:00",
                "due_date": "2026-12-01", "time_end": "11:00:00"}),
            )
            .unwrap();
        crm.later();
        let first = crm.changes(None).await;
        crm.sim.set_admin(SYNC, false);
        crm.person().delete(number).unwrap();
        crm.later();
        let failure = crm.try_changes(Some(&first.cursor)).await.unwrap_err();
        assert_eq!(failure.code, "not_administrator");
    }
}

#[tokio::test]
async fn an_event_that_was_entered_behind_the_crms_back_is_found_when_something_else_is_missing() {
    let crm = Crm::start(newest()).await;
    let first_number = crm
        .person()
        .create_meeting("First", crm.in_days(2), HOUR)
        .unwrap();
    crm.later();
    let first = crm.changes(None).await;
    let imported = crm
        .person()
        .create_meeting("Imported", crm.in_days(2), HOUR)
        .unwrap();
    crm.sim.backdate(imported, TimeDelta::days(30));
    crm.later();
    let second = crm.changes(Some(&first.cursor)).await;
    assert_eq!(
        reported(&second),
        [format!("18x{imported}")],
        "it stands behind the last"
    );
    crm.person().delete(first_number).unwrap();
    crm.later();
    let third = crm.changes(Some(&second.cursor)).await;
    assert_eq!(reported(&third), [format!("-18x{first_number}")]);
}

#[tokio::test]
async fn an_event_moved_out_of_the_time_that_is_read_is_not_missed_as_deleted() {
    let crm = Crm::start(newest()).await;
    let moved = crm
        .person()
        .create_meeting("Moved", crm.in_days(2), HOUR)
        .unwrap();
    crm.person()
        .create_meeting("Other", crm.in_days(2), HOUR)
        .unwrap();
    crm.later();
    let first = crm.changes(None).await;
    crm.person().reschedule(moved, crm.in_days(-200), HOUR).unwrap();
    crm.later();
    let second = crm.changes(Some(&first.cursor)).await;
    assert_eq!(reported(&second), [format!("18x{moved}")]);
    crm.later();
    crm.sim.traffic().reset();
    assert!(crm.changes(Some(&second.cursor)).await.changes.is_empty());
    assert_eq!(crm.sim.traffic().calls(), 2);
}
