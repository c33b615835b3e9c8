//! Faults, counters and the clock.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{ANNA, Http, at, plain_crm, plain_google, timed};
use crate::google::{GoogleOptions, GoogleSim};
use crate::{Fault, FaultRule, SimClock, When};

const EVENTS: &str = "/calendars/primary/events";

#[tokio::test]
async fn a_lost_answer_was_carried_out_and_a_dropped_request_was_not() {
    let (sim, http) = plain_google().await;
    let event = timed("One", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z");
    sim.faults()
        .add(FaultRule::new(Fault::LostAnswer, When::Nth(1)).methods(&["POST"]));
    sim.faults()
        .add(FaultRule::new(Fault::DropBefore, When::Nth(2)).methods(&["POST"]));
    assert!(http.request("POST", EVENTS).json(&event).send().await.is_err());
    assert_eq!(sim.person(ANNA).events(ANNA).len(), 1);
    assert!(http.request("POST", EVENTS).json(&event).send().await.is_err());
    assert_eq!(sim.person(ANNA).events(ANNA).len(), 1);
    assert_eq!(http.call("POST", EVENTS, &event).await.status, 200);
    let log = sim.traffic().log();
    assert_eq!(
        log.iter()
            .map(|one| (one.status, one.applied))
            .collect::<Vec<_>>(),
        [(None, true), (None, false), (Some(200), true)]
    );
    assert_eq!(sim.traffic().count("POST", "/calendars/{calendarId}/events"), 3);
    assert_eq!(sim.traffic().writes(), 3);
}

#[tokio::test]
async fn a_cut_body_arrives_by_half() {
    let (sim, http) = plain_google().await;
    sim.faults().add(FaultRule::new(Fault::CutBody, When::Next(1)));
    let answer = http.request("GET", EVENTS).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.is_err());
}

#[tokio::test]
async fn errors_strike_before_or_after_the_request_is_carried_out() {
    let (sim, http) = plain_crm().await;
    let body = json!({ "data": { "type": "Meetings", "attributes": { "name": "One" } } });
    sim.faults()
        .add(FaultRule::new(Fault::ServerErrorBefore(503), When::Nth(1)));
    sim.faults()
        .add(FaultRule::new(Fault::ServerErrorAfter(500), When::Nth(2)));
    sim.faults().add(FaultRule::new(Fault::Html(200), When::Nth(3)));
    assert_eq!(http.call("POST", "/module", &body).await.status, 503);
    assert_eq!(sim.rows("Meetings").len(), 0);
    let failure = http.call("POST", "/module", &body).await;
    assert_eq!(
        (failure.status, failure.json()["message"].as_str()),
        (500, Some("Slim Application Error"))
    );
    assert_eq!(sim.rows("Meetings").len(), 1);
    assert!(
        http.call("POST", "/module", &body)
            .await
            .text
            .starts_with("<!DOCTYPE html>")
    );
    assert_eq!(sim.rows("Meetings").len(), 1);
}

#[tokio::test]
async fn a_throttle_says_when_to_come_back_and_is_counted() {
    let (sim, http) = plain_google().await;
    let throttle = |status| Fault::Throttle {
        status,
        retry_after: Some(Duration::from_secs(7)),
    };
    sim.faults()
        .add(FaultRule::new(throttle(403), When::Nth(1)).path_contains("/events"));
    sim.faults()
        .add(FaultRule::new(throttle(429), When::Nth(2)).path_contains("/events"));
    let first = http.get(EVENTS).await;
    assert_eq!(
        (first.status, first.reason().as_str()),
        (403, "userRateLimitExceeded")
    );
    assert_eq!(first.header("retry-after"), "7");
    assert_eq!(http.get(EVENTS).await.status, 429);
    assert_eq!(http.get(EVENTS).await.status, 200);
    assert_eq!(sim.traffic().refusals(), 2);
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_requests() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (sim, http) = plain_google().await;
        let when = When::Chance {
            probability: 0.5,
            seed: 11,
        };
        sim.faults()
            .add(FaultRule::new(Fault::ServerErrorBefore(500), when));
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(http.get(EVENTS).await.status);
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&200) && runs[0].contains(&500));
}

#[tokio::test]
async fn another_hand_can_act_between_arrival_and_writing() {
    let (sim, http) = plain_google().await;
    let event = timed("One", "2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z");
    let made = http.call("POST", EVENTS, &event).await.json();
    let (id, etag) = (
        made["id"].as_str().unwrap().to_owned(),
        made["etag"].as_str().unwrap(),
    );
    let person = sim.person(ANNA);
    let edited = id.clone();
    let edit = move || drop(person.edit(ANNA, &edited, &json!({ "location": "Here" })));
    sim.faults()
        .add(FaultRule::new(Fault::Meanwhile(Arc::new(edit)), When::Next(1)).methods(&["PATCH"]));
    let path = format!("{EVENTS}/{id}");
    let answer = http
        .guarded("PATCH", &path, etag, &json!({ "summary": "Two" }))
        .await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (412, "conditionNotMet")
    );
}

#[tokio::test]
async fn the_date_header_tells_the_simulators_time() {
    let clock = SimClock::stopped(at("2026-11-22 02:24:33"));
    let sim = GoogleSim::start(GoogleOptions {
        clock,
        ..GoogleOptions::default()
    })
    .await
    .unwrap();
    let http = Http::new(sim.base_url(), None);
    assert_eq!(
        http.get("/oauth2/v3/certs").await.header("date"),
        "Sun, 22 Nov 2026 02:24:33 GMT"
    );
    sim.clock().advance(Duration::from_mins(1));
    assert_eq!(
        http.get("/oauth2/v3/certs").await.header("date"),
        "Sun, 22 Nov 2026 02:25:33 GMT"
    );
}

#[tokio::test]
async fn requests_under_way_together_are_counted() {
    let (sim, http) = plain_google().await;
    sim.set_latency(Duration::from_millis(50));
    futures::future::join_all((0..4).map(|_| http.get(EVENTS))).await;
    assert!(sim.traffic().peak_concurrency() >= 2);
}

#[tokio::test]
async fn a_stopped_simulator_answers_nothing_more() {
    let (sim, http) = plain_google().await;
    assert_eq!(http.get(EVENTS).await.status, 200);
    sim.stop();
    assert!(http.request("GET", EVENTS).send().await.is_err());
}
