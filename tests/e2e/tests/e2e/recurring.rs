//! Series that are rows in the CRM: one event with a rule in Google, and everything that happens to it afterwards.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::rig::{ANNA, ANNA_MAIL, Kind, Rig, at, crm_items, over_crms};

/// Every Tuesday at ten in Rome, over the end of daylight-saving time in spring.
fn tuesdays(many: i64) -> Vec<DateTime<Utc>> {
    (0..many)
        .map(|week| {
            let local = at("2027-03-02T10:00").naive_utc() + Duration::weeks(week);
            local
                .and_local_timezone(chrono_tz::Tz::Europe__Rome)
                .unwrap()
                .to_utc()
        })
        .collect()
}

fn stand_up() -> Value {
    json!({ "name": "Stand-up", "duration_hours": 0, "duration_minutes": 30,
            "repeat_type": "Weekly", "repeat_interval": 1, "repeat_count": 8 })
}

/// The masters in Anna's calendar.
fn masters(rig: &Rig) -> Vec<Value> {
    let events = rig.anna_at_google().events("primary");
    events
        .into_iter()
        .filter(|event| event["recurrence"].is_array() && event["status"] != "cancelled")
        .collect()
}

/// What Anna sees in both calendars: start and title.
fn seen(rig: &Rig) -> (Vec<String>, Vec<String>) {
    let told = |start: DateTime<Utc>, title: &str| format!("{} {title}", start.format("%m-%d %H:%M"));
    let mut crm: Vec<String> = crm_items(&rig.crm, ANNA)
        .into_iter()
        .map(|item| told(item.start, &item.title))
        .collect();
    let mut google: Vec<String> = rig
        .google
        .person(ANNA_MAIL)
        .agenda("primary", at("2028-01-01T00:00"))
        .iter()
        .map(crate::rig::item_of_event)
        .map(|item| told(item.start, &item.title))
        .collect();
    crm.sort();
    google.sort();
    (crm, google)
}

fn assert_in_step(rig: &Rig, many: usize) {
    let (crm, google) = seen(rig);
    assert_eq!(crm, google);
    assert_eq!(crm.len(), many, "{crm:?}");
    assert_eq!(rig.google.mails(), []);
}

async fn rows_that_follow_a_rule_become_one_series(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.anna_in_suitecrm()
        .create_series(&stand_up(), &tuesdays(8))
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!(run.to_google(), (1, 0, 0));
    let masters = masters(&rig);
    assert_eq!(masters.len(), 1);
    assert_eq!(
        masters[0]["recurrence"],
        json!(["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=8"])
    );
    assert_eq!(masters[0]["start"]["timeZone"], "Europe/Rome");
    assert_in_step(&rig, 8);
}

async fn single_occurrences_are_edited_moved_and_cancelled_from_either_side(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let rows = rig
        .anna_in_suitecrm()
        .create_series(&stand_up(), &tuesdays(8))
        .unwrap();
    rig.sync_to_rest().await;

    rig.later(20);
    let starts = tuesdays(8);
    rig.anna()
        .edit("Meetings", &rows[1], &json!({ "name": "Stand-up with guests" }))
        .unwrap();
    rig.anna()
        .reschedule(
            "Meetings",
            &rows[2],
            starts[2] + Duration::hours(26),
            std::time::Duration::from_mins(45),
        )
        .unwrap();
    rig.anna().delete("Meetings", &rows[3]).unwrap();
    assert_eq!(rig.sync_to_rest().await.to_google(), (0, 2, 1));
    assert_in_step(&rig, 7);
    assert_eq!(masters(&rig).len(), 1);

    rig.later(20);
    let master = masters(&rig)[0]["id"].as_str().unwrap().to_owned();
    let instance = |week: usize| format!("{master}_{}", starts[week].format("%Y%m%dT%H%M%SZ"));
    let online = rig.anna_at_google();
    online
        .edit("primary", &instance(4), &json!({ "summary": "Stand-up, short" }))
        .unwrap();
    online.delete("primary", &instance(5)).unwrap();
    assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 1, 1));
    assert_in_step(&rig, 6);
}

async fn a_series_split_in_google_keeps_its_rows(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let rows = rig
        .anna_in_suitecrm()
        .create_series(&stand_up(), &tuesdays(8))
        .unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    // This and following, an hour later: Google cuts the series short and makes another one.
    let start = tuesdays(8)[4];
    let master = masters(&rig)[0]["id"].as_str().unwrap().to_owned();
    let instance = format!("{master}_{}", start.format("%Y%m%dT%H%M%SZ"));
    let later = |start: DateTime<Utc>| json!({ "dateTime": start.to_rfc3339(), "timeZone": "Europe/Rome" });
    let moved = start + Duration::hours(1);
    rig.anna_at_google()
        .edit_this_and_following(
            "primary",
            &master,
            &instance,
            &json!({ "start": later(moved), "end": later(moved + Duration::minutes(30)) }),
        )
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!(run.to_crm(), (0, 4, 0));
    assert_in_step(&rig, 8);
    let kept: Vec<String> = rig
        .crm
        .rows("Meetings")
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(rows.iter().all(|id| kept.contains(id)));
}

async fn edit_all_in_the_crm_changes_the_occurrences_and_deletes_none(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let rows = rig
        .anna_in_suitecrm()
        .create_series(&stand_up(), &tuesdays(8))
        .unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    let mut named = stand_up();
    named["name"] = json!("Stand-up of all");
    rig.anna_in_suitecrm()
        .edit_series(&rows[0], &named, &tuesdays(8))
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!(run.to_google(), (0, 8, 0));
    assert_eq!(masters(&rig).len(), 1);
    assert_in_step(&rig, 8);
}

async fn the_end_of_a_series_takes_nothing_else_along(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let rows = rig
        .anna_in_suitecrm()
        .create_series(&stand_up(), &tuesdays(8))
        .unwrap();
    rig.sync_to_rest().await;
    // The root goes: its children are handed on, and stay.
    rig.later(20);
    rig.anna().delete("Meetings", &rows[0]).unwrap();
    assert_eq!(rig.sync_to_rest().await.to_google(), (0, 0, 1));
    assert_in_step(&rig, 7);
    // A week later everything is read whole, with the new root.
    rig.later(8 * 24 * 60);
    rig.sync_to_rest().await;
    assert_in_step(&rig, 7);
    // The whole series goes in Google.
    rig.later(20);
    let master = masters(&rig)[0]["id"].as_str().unwrap().to_owned();
    rig.anna_at_google().delete("primary", &master).unwrap();
    assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 0, 7));
    assert_in_step(&rig, 0);
}

async fn rows_that_follow_no_rule_are_single_events(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let mut starts = tuesdays(4);
    starts[1] += Duration::hours(3);
    starts[2] += Duration::hours(50);
    rig.anna_in_suitecrm()
        .create_series(&stand_up(), &starts)
        .unwrap();
    assert_eq!(rig.sync_to_rest().await.to_google(), (4, 0, 0));
    assert_eq!(masters(&rig).len(), 0);
    assert_in_step(&rig, 4);
}

async fn a_row_that_differs_is_an_exception_and_whole_days_recur_too(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let rows = rig
        .anna_in_suitecrm()
        .create_series(&stand_up(), &tuesdays(8))
        .unwrap();
    rig.anna()
        .edit(
            "Meetings",
            &rows[6],
            &json!({ "name": "Retrospective", "duration_hours": 2 }),
        )
        .unwrap();
    let midnight = |day: &str| {
        let local = at(&format!("{day}T00:00")).naive_utc();
        local
            .and_local_timezone(chrono_tz::Tz::Europe__Rome)
            .unwrap()
            .to_utc()
    };
    let days =
        json!({ "name": "Pay day", "duration_hours": 24, "duration_minutes": 0, "repeat_type": "Monthly" });
    rig.anna_in_suitecrm()
        .create_series(
            &days,
            &["2027-01-27", "2027-02-27", "2027-03-27", "2027-04-27"].map(midnight),
        )
        .unwrap();
    assert_eq!(rig.sync_to_rest().await.to_google(), (2, 1, 0));
    let all_day = masters(&rig)
        .into_iter()
        .find(|event| event["summary"] == "Pay day")
        .unwrap();
    assert_eq!(all_day["start"], json!({ "date": "2027-01-27" }));
    assert_eq!(
        all_day["recurrence"],
        json!(["RRULE:FREQ=MONTHLY;BYMONTHDAY=27;COUNT=4"])
    );
}

async fn a_lost_store_finds_every_row_and_occurrence_again(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let rows = rig
        .anna_in_suitecrm()
        .create_series(&stand_up(), &tuesdays(8))
        .unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    rig.anna()
        .reschedule(
            "Meetings",
            &rows[2],
            tuesdays(8)[2] + Duration::hours(4),
            std::time::Duration::from_mins(30),
        )
        .unwrap();
    rig.sync_to_rest().await;
    let before = rig.google.snapshot();
    let rig = rig.lose_store().await;
    rig.link(ANNA, ANNA_MAIL).await;
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_google(), run.to_crm()), ((0, 0, 0), (0, 0, 0)));
    assert_eq!(rig.google.snapshot(), before);
    assert_in_step(&rig, 8);
}

over_crms! {
    #[tokio::test] suitecrm = SuiteCrm:
    rows_that_follow_a_rule_become_one_series,
    single_occurrences_are_edited_moved_and_cancelled_from_either_side,
    a_series_split_in_google_keeps_its_rows,
    edit_all_in_the_crm_changes_the_occurrences_and_deletes_none,
    the_end_of_a_series_takes_nothing_else_along,
    rows_that_follow_no_rule_are_single_events,
    a_row_that_differs_is_an_exception_and_whole_days_recur_too,
    a_lost_store_finds_every_row_and_occurrence_again,
}
