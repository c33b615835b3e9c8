//! Whole days, where the two sides live on different sides of the date line.

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde_json::json;

use crate::rig::{ANNA, Kind, Options, Rig, over_every_crm};

/// Where the CRM's user lives, and where their Google calendar believes to be.
const PLACES: [(Tz, Tz); 5] = [
    (Tz::Pacific__Auckland, Tz::America__Los_Angeles),
    (Tz::Pacific__Kiritimati, Tz::Europe__Rome),
    (Tz::America__Los_Angeles, Tz::Pacific__Auckland),
    (Tz::Asia__Kolkata, Tz::Pacific__Honolulu),
    (Tz::UTC, Tz::Pacific__Kiritimati),
];

/// First day and number of days: ordinary, over a turn of the year, and on both days on which clocks change in
/// Auckland and Los Angeles.
const STAYS: [(&str, i64); 5] = [
    ("2026-11-25", 1),
    ("2026-12-31", 3),
    ("2027-03-14", 1),
    ("2027-04-04", 2),
    ("2027-09-26", 1),
];

async fn rig_in(kind: Kind, home: Tz, calendar: Tz) -> Rig {
    let mut options = Options::of(kind);
    options.crm.home = home;
    options.google.accounts[0].time_zone = calendar;
    let rig = Rig::with(options).await;
    rig.link(ANNA, crate::rig::ANNA_MAIL).await;
    rig
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// When a day begins for somebody, as the CRM keeps it.
fn begins(first: NaiveDate, home: Tz) -> String {
    home.from_local_datetime(&first.and_time(NaiveTime::MIN))
        .unwrap()
        .to_utc()
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

fn meetings(rig: &Rig) -> Vec<Meeting> {
    let mut found: Vec<_> = rig
        .crm
        .rows("Meetings")
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let number = |name: &str| text(name).parse::<i64>().unwrap_or_default();
            assert_eq!(number("duration_minutes"), 0, "{row:?}");
            (text("name"), text("date_start"), number("duration_hours"))
        })
        .collect();
    found.sort();
    found
}

fn events(rig: &Rig) -> Vec<AllDay> {
    let mut found: Vec<_> = rig
        .anna_at_google()
        .events("primary")
        .iter()
        .map(|event| {
            let text = |point: &str| event[point]["date"].as_str().unwrap_or("timed").to_owned();
            (
                event["summary"].as_str().unwrap().to_owned(),
                text("start"),
                text("end"),
            )
        })
        .collect();
    found.sort();
    found
}

/// How long so many days are.
fn hours(rig: &Rig, first: &str, days: i64, home: Tz) -> i64 {
    rig.crm.whole_days_minutes(day(first), days, home) / 60
}

/// Title, start, and hours.
type Meeting = (String, String, i64);
/// Title, first day and exclusive end.
type AllDay = (String, String, String);

fn expected(rig: &Rig, home: Tz) -> (Vec<Meeting>, Vec<AllDay>) {
    let crm = STAYS.iter().map(|(first, days)| {
        (
            format!("From {first}"),
            begins(day(first), home),
            hours(rig, first, *days, home),
        )
    });
    let google = STAYS.iter().map(|(first, days)| {
        let end = day(first) + TimeDelta::days(*days);
        (format!("From {first}"), (*first).to_owned(), end.to_string())
    });
    (crm.collect(), google.collect())
}

async fn all_day_events_of_google_are_the_same_days_in_the_crm(kind: Kind) {
    for (home, calendar) in PLACES {
        let rig = rig_in(kind, home, calendar).await;
        for (first, days) in STAYS {
            let end = day(first) + TimeDelta::days(days);
            let event = json!({ "summary": format!("From {first}"), "start": { "date": first },
                                "end": { "date": end.to_string() } });
            rig.anna_at_google().create("primary", &event).unwrap();
        }
        let untouched = rig.google.snapshot();
        rig.sync_to_rest().await;
        assert_eq!(rig.google.snapshot(), untouched, "{home} and {calendar}");
        let (crm, google) = expected(&rig, home);
        assert_eq!(meetings(&rig), crm, "{home} and {calendar}");
        assert_eq!(events(&rig), google);
    }
}

async fn all_day_meetings_of_the_crm_are_the_same_days_in_google(kind: Kind) {
    for (home, calendar) in PLACES {
        let rig = rig_in(kind, home, calendar).await;
        for (first, days) in STAYS {
            let meeting = json!({ "name": format!("From {first}"), "date_start": begins(day(first), home),
                                  "duration_hours": hours(&rig, first, days, home), "duration_minutes": 0 });
            rig.anna().create("Meetings", &meeting).unwrap();
        }
        rig.sync_to_rest().await;
        let (crm, google) = expected(&rig, home);
        assert_eq!(events(&rig), google, "{home} and {calendar}");
        assert_eq!(meetings(&rig), crm, "{home} and {calendar}");
    }
}

async fn an_edit_of_the_title_moves_no_day_and_a_longer_stay_grows_on_both_sides(kind: Kind) {
    for (home, calendar) in PLACES {
        let rig = rig_in(kind, home, calendar).await;
        let event = rig
            .anna_at_google()
            .create(
                "primary",
                &json!({ "summary": "Fair", "start": { "date": "2026-11-25" }, "end": { "date": "2026-11-26" } }),
            )
            .unwrap();
        rig.sync_to_rest().await;
        rig.later(20);
        let meeting = rig.crm.rows("Meetings")[0]["id"].as_str().unwrap().to_owned();
        rig.anna()
            .edit("Meetings", &meeting, &json!({ "name": "Trade fair" }))
            .unwrap();
        rig.sync_to_rest().await;
        let date = |text: &str| text.to_owned();
        assert_eq!(
            events(&rig),
            [(date("Trade fair"), date("2026-11-25"), date("2026-11-26"))],
            "{home} and {calendar}"
        );
        rig.later(20);
        rig.anna_at_google()
            .edit("primary", &event, &json!({ "end": { "date": "2026-11-28" } }))
            .unwrap();
        rig.sync_to_rest().await;
        let start = begins(day("2026-11-25"), home);
        assert_eq!(meetings(&rig), [(date("Trade fair"), start, 72)], "{home}");
    }
}

async fn a_timed_event_turned_into_a_whole_day_and_back_keeps_its_partner(kind: Kind) {
    let rig = rig_in(kind, Tz::Pacific__Auckland, Tz::America__Los_Angeles).await;
    let online = rig.anna_at_google();
    let (start, end) = (
        crate::rig::at("2026-11-24T20:00"),
        crate::rig::at("2026-11-24T21:00"),
    );
    let event = online.create_timed("primary", "Move", start, end).unwrap();
    rig.sync_to_rest().await;
    rig.later(20);
    online
        .edit(
            "primary",
            &event,
            &json!({ "start": { "date": "2026-11-25", "dateTime": null }, "end": { "date": "2026-11-26", "dateTime": null } }),
        )
        .unwrap();
    assert_eq!(rig.sync_to_rest().await.to_crm(), (0, 1, 0));
    let begun = begins(day("2026-11-25"), Tz::Pacific__Auckland);
    assert_eq!(meetings(&rig), [("Move".to_owned(), begun, 24)]);
    rig.later(20);
    let meeting = rig.crm.rows("Meetings")[0]["id"].as_str().unwrap().to_owned();
    rig.anna()
        .reschedule("Meetings", &meeting, start, std::time::Duration::from_hours(1))
        .unwrap();
    assert_eq!(rig.sync_to_rest().await.to_google(), (0, 1, 0));
    let items = crate::rig::google_items(&rig.google, crate::rig::ANNA_MAIL);
    assert_eq!(items, [crate::rig::item("Move", "2026-11-24T20:00", 60)]);
}

over_every_crm! {
    #[tokio::test]
    all_day_events_of_google_are_the_same_days_in_the_crm,
    all_day_meetings_of_the_crm_are_the_same_days_in_google,
    an_edit_of_the_title_moves_no_day_and_a_longer_stay_grows_on_both_sides,
    a_timed_event_turned_into_a_whole_day_and_back_keeps_its_partner,
}
