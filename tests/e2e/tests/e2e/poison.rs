//! A record that will not go through delays nobody, is told once, and goes through when it can.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule, When};

use crate::rig::{
    ANNA, ANNA_MAIL, Kind, Rig, assert_same, at, crm_items, google_items, item, over_every_crm,
};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);

async fn parked(rig: &Rig) -> u64 {
    rig.of_link("GET", ANNA, "", None).await.good()["parked"]
        .as_u64()
        .unwrap()
}

async fn a_meeting_without_a_date_is_told_once_and_its_neighbours_go_on(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let poisoned = rig
        .anna()
        .create("Meetings", &json!({ "name": "No date at all" }))
        .unwrap();
    rig.anna()
        .create_meeting("Neighbour", at("2026-11-24T10:00"), HALF_AN_HOUR)
        .unwrap();
    // A whole reading asks for dates, so a meeting without one is not in it: it is met when it is edited.
    rig.sync().await;
    rig.later(5);
    rig.anna()
        .edit("Meetings", &poisoned, &json!({ "description": "Still no date" }))
        .unwrap();
    rig.anna()
        .create_meeting("Another neighbour", at("2026-11-24T12:00"), HALF_AN_HOUR)
        .unwrap();
    let run = rig.sync().await;
    assert_eq!(run.outcome, "partial", "{run:#?}");
    assert_eq!(run.problems.len(), 1, "{run:#?}");
    let problem = &run.problems[0];
    assert_eq!(problem.crm_id.as_deref(), Some(poisoned.as_str()));
    assert_eq!(problem.kind, "event");
    assert!(!problem.message.is_empty() && !problem.code.is_empty());
    assert!(
        problem
            .retry_at
            .is_some_and(|retry_at| retry_at > run.finished_at)
    );
    assert_eq!(google_items(&rig.google, ANNA_MAIL).len(), 2);
    assert_eq!(parked(&rig).await, 1);

    rig.later(5);
    rig.sync().await.ok().changed_nothing();
    rig.later(30);
    let told_again = rig.sync().await;
    assert_eq!(told_again.problems, [], "a problem is told once");
    assert_eq!(parked(&rig).await, 1);

    rig.anna()
        .reschedule("Meetings", &poisoned, at("2026-11-24T15:00"), HALF_AN_HOUR)
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(parked(&rig).await, 0);
    assert_same(&rig, ANNA, ANNA_MAIL);
    assert_eq!(crm_items(&rig.crm, ANNA).len(), 3);
}

async fn an_event_that_google_will_not_take_waits_longer_each_time_and_goes_through_at_last(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    let poisoned = online
        .create_timed(
            "primary",
            "Poisoned",
            at("2026-11-24T09:00"),
            at("2026-11-24T09:30"),
        )
        .unwrap();
    online
        .create_timed(
            "primary",
            "Neighbour",
            at("2026-11-24T10:00"),
            at("2026-11-24T10:30"),
        )
        .unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    let is_poisoned = poisoned.clone();
    rig.google.faults().add(
        FaultRule::new(Fault::Html(400), When::Always)
            .methods(&["PATCH"])
            .paths(move |path| path.contains(&is_poisoned)),
    );
    for row in rig.crm.rows("Meetings") {
        let name = format!("{} again", row["name"].as_str().unwrap());
        rig.anna()
            .edit("Meetings", row["id"].as_str().unwrap(), &json!({ "name": name }))
            .unwrap();
    }
    let run = rig.sync().await;
    assert_eq!(
        (run.outcome.as_str(), run.to_google()),
        ("partial", (0, 1, 0)),
        "{run:#?}"
    );
    assert_eq!(run.problems.len(), 1);
    assert_eq!(run.problems[0].google_id.as_deref(), Some(poisoned.as_str()));

    // How often it is tried within a day: with growing delay.
    let tries = |rig: &Rig| {
        let log = rig.google.traffic().log();
        log.iter()
            .filter(|asked| asked.method == "PATCH" && asked.target.contains(&poisoned))
            .count()
    };
    let mut told = 0;
    let before = tries(&rig);
    for _ in 0..24 {
        rig.later(60);
        told += rig.sync().await.problems.len();
    }
    let in_a_day = tries(&rig) - before;
    assert_eq!(told, 0, "a problem is told once");
    assert!((2..=8).contains(&in_a_day), "tried {in_a_day} times in a day");

    rig.google.faults().clear();
    rig.later(24 * 60);
    rig.sync_to_rest().await;
    assert_eq!(
        google_items(&rig.google, ANNA_MAIL),
        [
            item("Neighbour again", "2026-11-24T10:00", 30),
            item("Poisoned again", "2026-11-24T09:00", 30)
        ]
    );
    assert_same(&rig, ANNA, ANNA_MAIL);
    assert_eq!(parked(&rig).await, 0);
}

async fn an_event_for_which_google_always_fails_does_not_stop_the_others(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    let poisoned = online
        .create_timed(
            "primary",
            "Poisoned",
            at("2026-11-24T09:00"),
            at("2026-11-24T09:30"),
        )
        .unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    let is_poisoned = poisoned.clone();
    rig.google.faults().add(
        FaultRule::new(Fault::ServerErrorBefore(500), When::Always)
            .methods(&["PATCH"])
            .paths(move |path| path.contains(&is_poisoned)),
    );
    let meeting = rig.crm.rows("Meetings")[0]["id"].as_str().unwrap().to_owned();
    rig.anna()
        .edit("Meetings", &meeting, &json!({ "name": "Never arrives" }))
        .unwrap();
    for hour in 10..13 {
        let start = at(&format!("2026-11-24T{hour}:00"));
        rig.anna()
            .create_meeting("Neighbour", start, HALF_AN_HOUR)
            .unwrap();
    }
    for _ in 0..3 {
        rig.sync().await;
        rig.later(20);
    }
    let arrived = google_items(&rig.google, ANNA_MAIL);
    assert_eq!(
        arrived.iter().filter(|item| item.title == "Neighbour").count(),
        3,
        "{arrived:?}"
    );
    // One whose neighbours are met only afterwards: they arrive too.
    rig.anna()
        .create_meeting("Late neighbour", at("2026-11-25T10:00"), HALF_AN_HOUR)
        .unwrap();
    rig.sync().await;
    let arrived = google_items(&rig.google, ANNA_MAIL);
    assert!(
        arrived.iter().any(|item| item.title == "Late neighbour"),
        "{arrived:?}"
    );
    rig.google.faults().clear();
    rig.later(24 * 60);
    rig.sync_to_rest().await;
    assert_same(&rig, ANNA, ANNA_MAIL);
}

over_every_crm! {
    #[tokio::test]
    a_meeting_without_a_date_is_told_once_and_its_neighbours_go_on,
    an_event_that_google_will_not_take_waits_longer_each_time_and_goes_through_at_last,
    an_event_for_which_google_always_fails_does_not_stop_the_others,
}
