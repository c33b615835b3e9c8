//! A side that asks not to be called for a while is not, and nobody else waits with it.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule, When};
use sync_core::port::Trigger;

use crate::rig::{Kind, Rig, at, over_crms};

const LIST: &str = "@default";

fn questions(rig: &Rig) -> u64 {
    rig.google.traffic().count("GET", "/lists/{tasklist}/tasks")
}

async fn who_is_asked_to_wait_waits_and_goes_on_before_the_schedule(kind: Kind) {
    let rig = Rig::linked_for(kind, &json!({ "tasks": { "enabled": true } })).await;
    rig.scheduled().await.ok();
    rig.due();
    rig.anna_at_google()
        .create_task(LIST, &json!({ "title": "Book a room" }))
        .unwrap();
    rig.anna()
        .create_meeting("Meeting", at("2026-11-25T10:00"), Duration::from_mins(30))
        .unwrap();
    let five_minutes = Some(Duration::from_mins(5));
    let throttle = Fault::Throttle {
        status: 429,
        retry_after: five_minutes,
    };
    rig.google
        .faults()
        .add(FaultRule::new(throttle, When::Always).path_contains("/tasks/v1/"));
    let asked = questions(&rig);
    let refused = rig.scheduled().await;
    assert_eq!(refused.outcome, "failed");
    assert_eq!(
        refused.reason.as_deref(),
        Some("google: Google asks us to call less often")
    );
    assert!(!refused.more);
    // Meetings have nothing to do with it.
    assert_eq!(refused.to_google(), (1, 0, 0));
    assert_eq!(questions(&rig), asked + 1, "one refusal is enough");
    rig.google.faults().clear();
    // Whatever starts a run meanwhile asks nothing of tasks, and says what everybody waits for.
    rig.later(4);
    assert_eq!(rig.due(), []);
    let early = rig.triggered(Trigger::CrmHook).await;
    assert_eq!(
        (early.outcome, early.reason),
        ("failed".to_owned(), refused.reason)
    );
    assert_eq!(questions(&rig), asked + 1);
    assert_eq!(rig.due(), [], "nobody comes before the time, nor twice");
    // The rest of the five minutes, and the quarter over which all who were refused are spread.
    rig.later(3);
    assert_eq!(rig.due(), [Trigger::Continuation]);
    let run = rig.triggered(Trigger::Continuation).await.ok();
    assert_eq!(run.to_crm(), (1, 0, 0));
    rig.assert_at_rest().await;
    assert_eq!(rig.due(), []);
}

async fn a_person_does_not_wait_and_a_long_wait_is_left_to_the_schedule(kind: Kind) {
    let rig = Rig::linked_for(
        kind,
        &json!({ "events": { "enabled": false }, "tasks": { "enabled": true } }),
    )
    .await;
    rig.scheduled().await.ok();
    rig.due();
    rig.anna_at_google()
        .create_task(LIST, &json!({ "title": "Book a room" }))
        .unwrap();
    let an_hour = Some(Duration::from_hours(1));
    let throttle = Fault::Throttle {
        status: 429,
        retry_after: an_hour,
    };
    rig.google
        .faults()
        .add(FaultRule::new(throttle, When::Next(1)).path_contains("/tasks/v1/"));
    assert_eq!(rig.scheduled().await.outcome, "failed");
    let idle = rig.scheduled().await;
    assert_eq!(
        (idle.outcome.as_str(), idle.requests.google, idle.requests.crm),
        ("failed", 0, 0)
    );
    assert_eq!(rig.sync().await.ok().to_crm(), (1, 0, 0));
    rig.later(100);
    assert_eq!(rig.due(), [Trigger::Schedule]);
    rig.scheduled().await.ok().changed_nothing();
}

over_crms! {
    #[tokio::test] suitecrm = SuiteCrm:
    who_is_asked_to_wait_waits_and_goes_on_before_the_schedule,
    a_person_does_not_wait_and_a_long_wait_is_left_to_the_schedule,
}
