//! EventBridge Scheduler: what is sent, compared, replaced and repeated.

use serde_json::{Value, json};
use sync_core::id::AccountLinkId;
use sync_core::port::{Schedules as _, Trigger};

use crate::bench::{Bench, DEAD_LETTERS, FUNCTION, ROLE};
use crate::proxy::{Fate, Proxy};

async fn only_schedule(bench: &Bench) -> Value {
    let names = bench.schedule_names().await;
    let [name] = names.as_slice() else {
        panic!("one schedule is expected: {names:?}")
    };
    let (status, schedule) = bench.schedule(name).await;
    assert_eq!(status, 200);
    schedule
}

fn input(schedule: &Value) -> Value {
    serde_json::from_str(schedule["Target"]["Input"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn an_account_link_has_one_recurring_schedule() {
    let bench = Bench::new("schedules-recurring").await;
    let schedules = bench.aws().schedules();
    let link = AccountLinkId::new("acme", "ü/42");
    schedules.set(&link, 15, false).await.unwrap();
    let schedule = only_schedule(&bench).await;
    assert_eq!(schedule["ScheduleExpression"], "rate(15 minutes)");
    assert_eq!(schedule["State"], "ENABLED");
    assert_eq!(
        schedule["FlexibleTimeWindow"],
        json!({ "Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5 })
    );
    let target = &schedule["Target"];
    assert_eq!(
        (&target["Arn"], &target["RoleArn"]),
        (&json!(FUNCTION), &json!(ROLE))
    );
    assert_eq!(target["DeadLetterConfig"]["Arn"], DEAD_LETTERS);
    assert_eq!(input(&schedule), json!({ "crm": "acme", "user": "ü/42" }));

    schedules.set(&link, 60, true).await.unwrap();
    let paused = only_schedule(&bench).await;
    assert_eq!(
        (&paused["Name"], &paused["State"]),
        (&schedule["Name"], &json!("DISABLED"))
    );
    assert_eq!(paused["ScheduleExpression"], "rate(60 minutes)");
    assert_eq!(paused["Target"]["Input"], schedule["Target"]["Input"]);

    schedules.set(&link, 1, false).await.unwrap();
    let narrow = only_schedule(&bench).await;
    assert_eq!(narrow["State"], "ENABLED");
    assert_eq!(narrow["FlexibleTimeWindow"]["Mode"], "OFF");

    schedules.remove(&link).await.unwrap();
    assert_eq!(bench.schedule_names().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_as_it_shall_be_is_not_replaced() {
    let bench = Bench::new("schedules-same").await;
    let link = AccountLinkId::new("acme", "1");
    bench.aws().schedules().set(&link, 15, false).await.unwrap();
    let proxy = Proxy::start(&bench.emulator, |_, _| Fate::Pass).await;
    let schedules = bench.aws_at(&proxy.address, bench.clock.clone()).schedules();
    let methods = || {
        proxy
            .operations()
            .iter()
            .map(|call| call.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    schedules.set(&link, 15, false).await.unwrap();
    assert_eq!(methods(), ["POST", "GET"]);
    schedules.set(&link, 15, true).await.unwrap();
    assert_eq!(methods(), ["POST", "GET", "POST", "GET", "PUT"]);
}

#[tokio::test]
async fn a_single_run_starts_once_and_leaves_nothing() {
    let bench = Bench::new("schedules-single").await;
    let schedules = bench.aws().schedules();
    let link = AccountLinkId::new("acme", "1");
    for _ in 0..2 {
        schedules
            .run_soon(&link, Trigger::GooglePush, "0190-run")
            .await
            .unwrap();
    }
    let schedule = only_schedule(&bench).await;
    assert_eq!(schedule["ScheduleExpression"], "at(2026-03-01T12:00:05)");
    assert_eq!(schedule["ScheduleExpressionTimezone"], "UTC");
    assert_eq!(schedule["ActionAfterCompletion"], "DELETE");
    assert_eq!(schedule["FlexibleTimeWindow"]["Mode"], "OFF");
    assert_eq!(
        input(&schedule),
        json!({ "crm": "acme", "user": "1", "trigger": "google_push", "run_id": "0190-run" })
    );
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_done_once() {
    let bench = Bench::new("schedules-lost").await;
    let link = AccountLinkId::new("acme", "1");
    let losing = async || {
        let proxy = Proxy::start(&bench.emulator, |number, _| {
            if number == 0 { Fate::LoseAnswer } else { Fate::Pass }
        })
        .await;
        bench.aws_at(&proxy.address, bench.clock.clone()).schedules()
    };
    losing().await.set(&link, 15, false).await.unwrap();
    assert_eq!(
        only_schedule(&bench).await["ScheduleExpression"],
        "rate(15 minutes)"
    );
    losing().await.set(&link, 30, false).await.unwrap();
    assert_eq!(
        only_schedule(&bench).await["ScheduleExpression"],
        "rate(30 minutes)"
    );
    losing().await.remove(&link).await.unwrap();
    assert_eq!(bench.schedule_names().await, Vec::<String>::new());
    losing()
        .await
        .run_soon(&link, Trigger::Manual, "0190-lost")
        .await
        .unwrap();
    assert_eq!(input(&only_schedule(&bench).await)["run_id"], "0190-lost");
}
