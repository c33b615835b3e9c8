//! Dates that come out in one form, go in in another, and change on the way.

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Http, at, crm, plain_crm, record};
use crate::SimClock;
use crate::crm::suitecrm::{SuiteCrmOptions, TimeFormat};

const ID: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";

async fn create(http: &Http, attributes: &Value) -> Value {
    let reply = http
        .call("POST", "/module", &record("Meetings", Some(ID), attributes))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["data"]["attributes"].clone()
}

async fn patch(http: &Http, attributes: &Value) -> Value {
    let reply = http
        .call("PATCH", "/module", &record("Meetings", Some(ID), attributes))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["data"]["attributes"].clone()
}

#[tokio::test]
async fn what_comes_out_cannot_go_in() {
    let (sim, http) = plain_crm().await;
    let made = create(
        &http,
        &json!({ "date_start": "2026-12-01 15:00:00", "duration_hours": 1, "duration_minutes": 30 }),
    )
    .await;
    assert_eq!(made["date_start"], "2026-12-01T15:00:00+00:00");
    assert_eq!(made["date_end"], "2026-12-01T16:30:00+00:00");
    assert_eq!(made["duration_hours"], "1");
    for bad in [
        "2026-12-02T15:00:00+00:00",
        "2026-12-02T15:00:00Z",
        "2026-12-02",
        "tomorrow",
    ] {
        let after = patch(&http, &json!({ "date_start": bad })).await;
        assert_eq!(after["date_start"], "", "{bad}");
        // The old end stays where the start was emptied.
        assert_eq!(after["date_end"], "2026-12-01T16:30:00+00:00");
        patch(&http, &json!({ "date_start": "2026-12-01 15:00:00" })).await;
    }
    let after = patch(
        &http,
        &json!({ "date_end": "2030-01-01 00:00:00", "duration_minutes": 90, "duration_hours": 0 }),
    )
    .await;
    assert_eq!(
        after["date_end"], "2026-12-01T16:30:00+00:00",
        "the end is computed"
    );
    assert_eq!(
        sim.row("Meetings", ID).unwrap()["date_start"],
        "2026-12-01 15:00:00"
    );
}

#[tokio::test]
async fn modification_times_are_rounded_on_output_and_exact_in_filters() {
    let clock = SimClock::stopped(at("2026-11-22 02:24:33"));
    let (sim, http) = crm(SuiteCrmOptions {
        clock,
        ..SuiteCrmOptions::default()
    })
    .await;
    let made = create(&http, &json!({ "name": "One" })).await;
    assert_eq!(made["date_modified"], "2026-11-22T02:24:00+00:00");
    for (value, count) in [
        ("2026-11-22 02:24:33", 1),
        ("2026-11-22T02:24:33Z", 1),
        ("2026-11-22 02:24:34", 0),
        // A real offset is passed over in silence.
        ("2026-11-21T21:24:34-05:00", 1),
        ("2026-11-22T04:24:33+02:00", 0),
    ] {
        let pairs = [("filter[date_modified][gte]", value), ("page[size]", "10")];
        let body = http.query("/module/Meetings", &pairs).await.json();
        assert_eq!(body["data"].as_array().unwrap().len(), count, "{value}");
    }
    sim.clock().advance(std::time::Duration::from_secs(100));
    let after = patch(&http, &json!({})).await;
    assert_eq!(
        after["date_modified"], "2026-11-22T02:26:00+00:00",
        "a patch of nothing is a change"
    );
    let written = patch(
        &http,
        &json!({ "date_modified": "2026-01-01 00:00:00", "modified_user_id": "x" }),
    )
    .await;
    assert_eq!(written["date_modified"], "2026-01-01T00:00:00+00:00");
}

#[tokio::test]
async fn a_time_format_with_seconds_keeps_them() {
    let mut options = SuiteCrmOptions {
        clock: SimClock::stopped(at("2026-11-22 02:24:33")),
        ..SuiteCrmOptions::default()
    };
    options.users[0].time_format = TimeFormat::Seconds;
    let (_sim, http) = crm(options).await;
    assert_eq!(
        create(&http, &json!({ "name": "One" })).await["date_modified"],
        "2026-11-22T02:24:33+00:00"
    );
}

#[tokio::test]
async fn the_suffix_is_the_servers_zone_behind_digits_in_utc() {
    let options = SuiteCrmOptions {
        server_zone: Tz::America__New_York,
        ..SuiteCrmOptions::default()
    };
    let (_sim, http) = crm(options).await;
    let made = create(&http, &json!({ "date_start": "2026-12-01 10:00:00" })).await;
    assert_eq!(made["date_start"], "2026-12-01T10:00:00-05:00");
}

#[tokio::test]
async fn an_api_user_outside_utc_damages_the_doubled_hour() {
    let mut options = SuiteCrmOptions::default();
    options.users[0].time_zone = Tz::America__New_York;
    let (sim, http) = crm(options).await;
    // 01:30 in New York for the second time on that day.
    let made = create(
        &http,
        &json!({ "date_start": "2026-11-01 06:30:00", "duration_minutes": 30 }),
    )
    .await;
    assert_eq!(
        made["date_start"], "2026-11-01T05:30:00+00:00",
        "comes back an hour early"
    );
    assert_eq!(
        sim.row("Meetings", ID).unwrap()["date_start"],
        "2026-11-01 06:30:00"
    );
    patch(&http, &json!({ "description": "only this" })).await;
    assert_eq!(
        sim.row("Meetings", ID).unwrap()["date_start"],
        "2026-11-01 05:30:00",
        "and is then stored so"
    );
    // The display form of the user's own zone is taken too.
    let after = patch(&http, &json!({ "date_start": "2026-12-01 10:00" })).await;
    assert_eq!(after["date_start"], "2026-12-01T15:00:00+00:00");
}

#[tokio::test]
async fn a_title_that_looks_like_a_date_is_answered_like_one() {
    let (_sim, http) = plain_crm().await;
    let made = create(&http, &json!({ "name": "2026-12-01 10:00:00" })).await;
    assert_eq!(made["name"], "2026-12-01T10:00:00+00:00");
}
