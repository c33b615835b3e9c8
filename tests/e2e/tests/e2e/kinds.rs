//! Odd events, other people's events, and series.

use serde_json::{Value, json};

use crate::rig::{ANNA, ANNA_MAIL, Kind, Rig, crm_items, over_every_crm};

fn titles(rig: &Rig) -> Vec<String> {
    crm_items(&rig.crm, ANNA)
        .into_iter()
        .map(|item| item.title)
        .collect()
}

fn meeting_named(rig: &Rig, name: &str) -> String {
    let rows = rig.crm.rows("Meetings");
    let found = rows.iter().find(|row| row["name"] == name);
    found.unwrap_or_else(|| panic!("no meeting {name}: {rows:#?}"))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn odd_event_types_are_left_alone(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    for (number, kind) in [
        "birthday",
        "focusTime",
        "outOfOffice",
        "workingLocation",
        "fromGmail",
    ]
    .iter()
    .enumerate()
    {
        let mut event = json!({ "summary": kind, "eventType": kind,
            "start": { "dateTime": format!("2026-11-24T{:02}:00:00Z", 9 + number) },
            "end": { "dateTime": format!("2026-11-24T{:02}:30:00Z", 9 + number) } });
        if *kind == "birthday" {
            event["start"] = json!({ "date": "2026-11-24" });
            event["end"] = json!({ "date": "2026-11-25" });
            event["recurrence"] = json!(["RRULE:FREQ=YEARLY"]);
            event["visibility"] = json!("private");
            event["transparency"] = json!("transparent");
        }
        online.create("primary", &event).unwrap();
    }
    online
        .create_timed(
            "primary",
            "Ordinary",
            crate::rig::at("2026-11-24T16:00"),
            crate::rig::at("2026-11-24T17:00"),
        )
        .unwrap();
    let before = rig.google.snapshot();
    rig.sync_to_rest().await;
    assert_eq!(titles(&rig), ["Ordinary"]);
    assert_eq!(rig.google.snapshot(), before);
}

async fn an_event_that_somebody_else_organises_is_carried_and_never_written(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    online
        .create(
            "primary",
            &json!({ "summary": "Joint planning", "organizer": { "email": "dario@example.org" },
                     "attendees": [{ "email": "dario@example.org", "responseStatus": "accepted" }, { "email": ANNA_MAIL }],
                     "start": { "dateTime": "2026-11-24T10:00:00Z" }, "end": { "dateTime": "2026-11-24T11:00:00Z" } }),
        )
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(titles(&rig), ["Joint planning"]);
    let before = rig.google.snapshot();
    rig.later(20);
    let meeting = meeting_named(&rig, "Joint planning");
    rig.anna()
        .edit("Meetings", &meeting, &json!({ "name": "My own name for it" }))
        .unwrap();
    rig.sync().await;
    rig.sync().await.changed_nothing();
    assert_eq!(rig.google.snapshot(), before);
    assert_eq!(rig.google.mails(), []);
}

/// Five Tuesdays.
fn weekly() -> Value {
    json!({ "summary": "Stand-up", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"],
            "start": { "dateTime": "2026-11-24T09:00:00", "timeZone": "Europe/Rome" },
            "end": { "dateTime": "2026-11-24T09:15:00", "timeZone": "Europe/Rome" } })
}

/// The instance of the series on a day: its id.
fn instance(series: &str, day: &str) -> String {
    format!("{series}_{day}T080000Z")
}

fn starts(rig: &Rig) -> Vec<String> {
    crm_items(&rig.crm, ANNA)
        .into_iter()
        .map(|item| format!("{} {}", item.start.format("%m-%d %H:%M"), item.title))
        .collect()
}

async fn a_series_is_one_meeting_for_each_occurrence_and_none_is_doubled(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    let series = online.create("primary", &weekly()).unwrap();
    online
        .edit(
            "primary",
            &instance(&series, "20261201"),
            &json!({ "summary": "Stand-up with guests" }),
        )
        .unwrap();
    online.delete("primary", &instance(&series, "20261208")).unwrap();
    rig.sync_to_rest().await;
    let at_first = [
        "11-24 08:00 Stand-up",
        "12-15 08:00 Stand-up",
        "12-22 08:00 Stand-up",
        "12-01 08:00 Stand-up with guests",
    ];
    assert_eq!(starts(&rig), at_first);

    // One occurrence edited in Google, another deleted there.
    rig.later(20);
    online
        .edit(
            "primary",
            &instance(&series, "20261215"),
            &json!({ "start": { "dateTime": "2026-12-16T10:00:00+01:00", "timeZone": "Europe/Rome" },
                     "end": { "dateTime": "2026-12-16T10:15:00+01:00", "timeZone": "Europe/Rome" } }),
        )
        .unwrap();
    online.delete("primary", &instance(&series, "20261222")).unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!(run.to_crm(), (0, 1, 1));
    assert_eq!(
        starts(&rig),
        [
            "11-24 08:00 Stand-up",
            "12-16 09:00 Stand-up",
            "12-01 08:00 Stand-up with guests"
        ]
    );

    // One occurrence renamed in the CRM, another deleted there: the series itself stays as it is.
    rig.later(20);
    let master = |rig: &Rig| {
        let event = rig.anna_at_google().event("primary", &series).unwrap();
        (
            event["summary"].clone(),
            event["recurrence"].clone(),
            event["start"].clone(),
        )
    };
    let before = master(&rig);
    let moved = rig
        .crm
        .rows("Meetings")
        .into_iter()
        .find(|row| row["date_start"] == "2026-12-16 09:00:00")
        .unwrap();
    rig.anna()
        .edit(
            "Meetings",
            moved["id"].as_str().unwrap(),
            &json!({ "name": "Stand-up, moved" }),
        )
        .unwrap();
    rig.anna()
        .delete("Meetings", &meeting_named(&rig, "Stand-up with guests"))
        .unwrap();
    let run = rig.sync_to_rest().await;
    assert_eq!(run.to_google(), (0, 1, 1));
    assert_eq!(master(&rig), before);
    let look = |day: &str| online.event("primary", &instance(&series, day)).unwrap();
    assert_eq!(look("20261215")["summary"], "Stand-up, moved");
    assert_eq!(look("20261201")["status"], "cancelled");
    assert_eq!(look("20261124")["summary"], "Stand-up");
    assert_eq!(
        starts(&rig),
        ["11-24 08:00 Stand-up", "12-16 09:00 Stand-up, moved"]
    );
}

async fn a_new_title_of_the_whole_series_reaches_every_occurrence_and_its_end_takes_them_along(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let online = rig.anna_at_google();
    let series = online.create("primary", &weekly()).unwrap();
    rig.sync_to_rest().await;
    assert_eq!(starts(&rig).len(), 5);
    rig.later(20);
    online
        .edit("primary", &series, &json!({ "summary": "Daily, but weekly" }))
        .unwrap();
    assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 5, 0));
    assert!(titles(&rig).iter().all(|title| title == "Daily, but weekly"));
    rig.later(20);
    online.delete("primary", &series).unwrap();
    assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 0, 5));
    assert_eq!(starts(&rig), [] as [String; 0]);
}

over_every_crm! {
    #[tokio::test]
    odd_event_types_are_left_alone,
    an_event_that_somebody_else_organises_is_carried_and_never_written,
    a_series_is_one_meeting_for_each_occurrence_and_none_is_doubled,
    a_new_title_of_the_whole_series_reaches_every_occurrence_and_its_end_takes_them_along,
}
