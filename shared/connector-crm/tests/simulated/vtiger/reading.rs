//! What people do in the CRM is seen, once and completely, and nobody else's is.

use std::time::Duration;

use serde_json::json;
use simulators::crm::vtiger::VtigerOptions;
use sync_core::change::Reading;
use sync_core::failure::Class;
use sync_core::kind::event::When;

use super::hands::{ANNA, BEN, Crm, name, newest, releases};
use crate::hands::{events_of, reported};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn other_peoples_private_events_never_arrive_although_the_crm_hands_them_out() {
    let [old, _] = releases();
    let crm = Crm::start(old).await;
    crm.sim
        .person(BEN)
        .create_event(
            &json!({"subject": "Interview", "date_start": "2026-11-23", "time_start": "10:00:00",
            "due_date": "2026-11-23", "time_end": "11:00:00"}),
        )
        .unwrap();
    assert!(crm.changes(None).await.changes.is_empty());
    for asked in crm.sim.traffic().log() {
        let target = asked.target.to_lowercase();
        let lists_events = target.contains("from+events") || target.contains("from%20events");
        assert!(
            !lists_events || target.contains("assigned_user_id"),
            "{}",
            asked.target
        );
    }
}

#[tokio::test]
async fn many_events_come_whole_with_two_requests_at_a_time() {
    let crm = Crm::start(VtigerOptions {
        latency: Duration::from_millis(2),
        ..newest()
    })
    .await;
    crm.sim.seed_meetings(ANNA, 1_001);
    let first = crm.changes(None).await;
    assert_eq!(first.changes.len(), 1_001);
    assert!(crm.sim.traffic().peak_concurrency() <= 2);
    // All of them have one time of change: a delta pages through the second.
    let again = crm.changes(Some(&first.cursor)).await;
    assert_eq!(again.changes.len(), 1_001);
    crm.later();
    let settled = crm.changes(Some(&again.cursor)).await;
    crm.sim.traffic().reset();
    let idle = crm.changes(Some(&settled.cursor)).await;
    assert!(idle.changes.is_empty());
    assert_eq!(crm.sim.traffic().calls(), 2, "however many events there are");
    assert!(idle.cursor.0.len() < 4_000, "{} bytes", idle.cursor.0.len());
}

#[tokio::test]
async fn both_ways_of_naming_a_user_are_one_user() {
    let crm = Crm::start(newest()).await;
    crm.person().create_meeting("Hers", crm.in_days(1), HOUR).unwrap();
    let request = crm.request(None);
    for user in ["7", "19x7"] {
        let events = events_of(&*crm.connect(), user);
        let seen = events.changes(&request).await.unwrap();
        assert!(!seen.changes.is_empty(), "{user}");
        // The keys of the copies are the same, so the second is the first.
        let copy = events.create(&crm.copy(1, "Copy")).await.unwrap();
        assert_eq!(copy.adopted, user == "19x7");
    }
    let copy = crm.sim.events().into_iter().find(|row| row["subject"] == "Copy");
    assert_eq!(copy.unwrap()["assigned_user_id"], ANNA);
    for id in ["7", "19x7"] {
        assert_eq!(crm.connect().user(id).await.unwrap().unwrap().id, "7");
    }
    for nobody in ["999", "seven"] {
        assert_eq!(crm.connect().user(nobody).await, Ok(None));
    }
    let nobody = events_of(&*crm.connect(), "c0ffee")
        .changes(&request)
        .await
        .unwrap_err();
    assert_eq!(nobody.code, "unknown_user");
}

#[tokio::test]
async fn classes_are_what_the_site_says() {
    let crm = Crm::start(VtigerOptions {
        classes: [31, 12, 18, 21],
        ..newest()
    })
    .await;
    let number = crm.person().create_meeting("Here", crm.in_days(1), HOUR).unwrap();
    let first = crm.changes(None).await;
    assert_eq!(reported(&first), [format!("31x{number}")]);
    crm.person().delete(number).unwrap();
    crm.later();
    let second = crm.changes(Some(&first.cursor)).await;
    assert_eq!(reported(&second), [format!("-31x{number}")]);
}

#[tokio::test]
async fn times_are_utc_whole_days_are_local_and_privacy_is_seen() {
    let crm = Crm::start(newest()).await;
    // Midnight in Rome, in winter.
    let number = crm
        .person()
        .create_event(&json!({"subject": "Bob's \"Q&A\" 1<2", "date_start": "2026-12-23", "time_start": "23:00",
            "due_date": "2026-12-25", "time_end": "23:00:00", "visibility": "", "activitytype": "Mobile Call"}))
        .unwrap();
    let seen = crm.only_one().await;
    assert_eq!(seen.record.title, "Bob's \"Q&A\" 1<2");
    let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 12, day).unwrap();
    assert_eq!(
        seen.record.when,
        When::AllDay {
            start: day(24),
            end: day(26)
        }
    );
    assert!(seen.record.private, "an event without the flag is private");
    assert_eq!(seen.traits.record_type, Some("call"));
    assert!(
        seen.traits
            .address
            .unwrap()
            .ends_with(&format!("view=Detail&record={number}"))
    );
}

#[tokio::test]
async fn rows_that_make_no_sense_are_told_one_by_one() {
    let crm = Crm::start(newest()).await;
    let person = crm.person();
    let times = [
        ("2026-12-01", "25:99:00", "2026-12-01", "16:00:00", "bad_start"),
        ("2026-12-01", "15:00:00", "2026-12-01", "", "bad_end"),
        ("2026-12-01", "15:00:00", "2026-11-30", "16:00:00", "ends_early"),
    ];
    let mut expected: Vec<String> = Vec::new();
    for (day, time, end_day, end_time, code) in times {
        let number = person
            .create_event(&json!({"subject": code, "date_start": day, "time_start": time,
                "due_date": end_day, "time_end": end_time}))
            .unwrap();
        expected.push(format!("18x{number}?{code}"));
        let read = crm.events().read(&name(number)).await.unwrap();
        assert!(matches!(read, Reading::Unreadable { code: told, .. } if told == code));
    }
    expected.push(format!(
        "18x{}",
        person.create_meeting("Neighbour", crm.in_days(1), HOUR).unwrap()
    ));
    assert_eq!(reported(&crm.changes(None).await), expected);
}

#[tokio::test]
async fn a_session_that_lapsed_is_renewed_once() {
    let crm = Crm::start(newest()).await;
    let first = crm.changes(None).await;
    for idle in [true, false] {
        if idle {
            crm.sim.clock().advance(Duration::from_mins(45));
        } else {
            crm.sim.forget_sessions();
        }
        crm.sim.traffic().reset();
        crm.changes(Some(&first.cursor)).await;
        let count = |operation: &str| {
            let route = format!("/webservice.php/{operation}");
            crm.sim.traffic().count("GET", &route) + crm.sim.traffic().count("POST", &route)
        };
        assert_eq!((count("getchallenge"), count("login"), count("query")), (1, 1, 2));
    }
}

#[tokio::test]
async fn warnings_of_php_in_front_of_an_answer_and_raw_control_characters_do_no_harm() {
    let crm = Crm::start(VtigerOptions {
        shows_warnings: true,
        ..newest()
    })
    .await;
    crm.person()
        .create_event(
            &json!({"subject": "A\u{0}B", "date_start": "2026-12-01", "time_start": "10:00:00",
            "due_date": "2026-12-01", "time_end": "11:00:00"}),
        )
        .unwrap();
    assert_eq!(crm.only_one().await.record.title, "A B");
}

#[tokio::test]
async fn a_save_that_shows_late_and_one_in_the_second_of_the_reading_are_still_seen() {
    let crm = Crm::start(newest()).await;
    let first = crm.changes(None).await;
    let late = crm.person().create_meeting("Late", crm.in_days(1), HOUR).unwrap();
    crm.sim.backdate(late, chrono::TimeDelta::seconds(90));
    let same = crm
        .person()
        .create_meeting("Same second", crm.in_days(1), HOUR)
        .unwrap();
    crm.later();
    let second = crm.changes(Some(&first.cursor)).await;
    assert_eq!(reported(&second), [format!("18x{late}"), format!("18x{same}")]);
}

#[tokio::test]
async fn a_database_in_another_zone_is_told_and_read_no_further() {
    let crm = Crm::start(VtigerOptions {
        database_zone: chrono_tz::Tz::Asia__Kolkata,
        ..newest()
    })
    .await;
    crm.person().create_meeting("Here", crm.in_days(1), HOUR).unwrap();
    let failure = crm.try_changes(None).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "database_zone"));
    let report = crm.connect().check().await;
    assert!(!report.ok);
}

#[tokio::test]
async fn a_change_that_is_not_carried_leaves_the_version_alone() {
    let crm = Crm::start(newest()).await;
    let number = crm.person().create_meeting("Talk", crm.in_days(1), HOUR).unwrap();
    let mut versions = vec![crm.only_one().await.version];
    for columns in [
        json!({"eventstatus": "Held"}),
        json!({"reminder_time": "30"}),
        json!({"visibility": "Private"}),
        json!({"time_end": "16:30:00"}),
    ] {
        crm.person().edit(number, &columns).unwrap();
        versions.push(crm.only_one().await.version);
    }
    assert!(versions[0] == versions[1] && versions[1] == versions[2]);
    assert!(versions[2] != versions[3] && versions[3] != versions[4]);
}
