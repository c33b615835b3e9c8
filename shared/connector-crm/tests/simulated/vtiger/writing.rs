//! Writing: once whatever happens, nothing lost in silence.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use simulators::crm::vtiger::{Version, VtigerOptions};
use simulators::{Fault, FaultRule, When as Struck};
use sync_core::change::Observed;
use sync_core::failure::Class;
use sync_core::kind::event::{EventField, EventRecord, When};

use super::hands::{ANNA, BEN, Crm, newest, releases};
use crate::hands::change;

async fn made(crm: &Crm) -> Observed<EventRecord> {
    crm.events().create(&crm.copy(1, "Talk")).await.unwrap().observed
}

fn number(seen: &Observed<EventRecord>) -> u64 {
    seen.id.id.trim_start_matches("18x").parse().unwrap()
}

fn writes(crm: &Crm, operation: &str) -> u64 {
    crm.sim
        .traffic()
        .count("POST", &format!("/webservice.php/{operation}"))
}

#[tokio::test]
async fn a_copy_is_a_planned_meeting_of_the_user_and_reads_as_it_was_sent() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let copy = crm.copy(1, "Talk");
        let created = crm.events().create(&copy).await.unwrap();
        assert_eq!(created.observed.record, copy.record);
        assert_eq!((created.generation, created.adopted), (0, false));
        let row = crm.sim.record(number(&created.observed)).unwrap();
        let shown = [
            "activitytype",
            "eventstatus",
            "visibility",
            "date_start",
            "time_start",
            "time_end",
        ]
        .map(|column| row[column].as_str().unwrap().to_owned());
        assert_eq!(
            shown,
            [
                "Meeting",
                "Planned",
                "Public",
                "2026-11-24",
                "15:00:00",
                "16:15:00"
            ]
        );
        assert_eq!(row["assigned_user_id"], ANNA);
        let source = row["source"].as_str().unwrap();
        assert!(source.starts_with("GSYNC:") && source.len() <= 100, "{source}");
        assert_eq!(source, source.to_uppercase());
    }
}

#[tokio::test]
async fn where_so_many_copies_are_made_that_their_keys_are_listed_each_is_found_again() {
    let crm = Crm::start(newest()).await;
    made(&crm).await;
    let events = crm.events();
    for number in 1..=12 {
        let created = events.create(&crm.copy(number, "Many")).await.unwrap();
        assert_eq!(created.adopted, number == 1);
    }
    for number in 1..=12 {
        assert!(events.create(&crm.copy(number, "Many")).await.unwrap().adopted);
    }
    assert_eq!(crm.sim.events().len(), 12);
}

#[tokio::test]
async fn many_copies_cost_little_more_than_a_request_each() {
    let crm = Crm::start(newest()).await;
    let events = crm.events();
    crm.sim.traffic().reset();
    for number in 0..50 {
        events.create(&crm.copy(number, "Many")).await.unwrap();
    }
    let calls = crm.sim.traffic().calls();
    assert!(calls <= 60, "{calls} calls");
}

#[tokio::test]
async fn a_creation_that_nobody_heard_of_again_is_not_repeated_in_the_same_run() {
    let crm = Crm::start(newest()).await;
    made(&crm).await;
    crm.sim
        .faults()
        .add(FaultRule::new(Fault::DropBefore, Struck::Always).methods(&["POST"]));
    let failure = crm.events().create(&crm.copy(2, "Other")).await.unwrap_err();
    assert!(matches!(failure.class, Class::Retryable { .. }), "{failure:?}");
    assert_eq!(
        writes(&crm, "create"),
        2,
        "it may still be carried out in a moment"
    );
}

#[tokio::test]
async fn a_record_that_breaks_the_site_stops_no_other_and_a_site_that_is_away_makes_the_run_wait() {
    for (fault, parked) in [
        (Fault::ServerErrorBefore(500), true),
        (Fault::ServerErrorBefore(502), false),
        (Fault::Html(200), false),
    ] {
        let crm = Crm::start(newest()).await;
        made(&crm).await;
        crm.sim
            .faults()
            .add(FaultRule::new(fault.clone(), Struck::Always).methods(&["POST"]));
        let failure = crm.events().create(&crm.copy(2, "Other")).await.unwrap_err();
        assert_eq!(
            failure.class == Class::Permanent,
            parked,
            "{fault:?}: {failure:?}"
        );
        assert_eq!(crm.sim.events().len(), 1);
    }
}

#[tokio::test]
async fn a_copy_that_was_given_away_is_left_alone_and_one_that_was_deleted_is_made_anew() {
    let crm = Crm::start(newest()).await;
    let first = made(&crm).await;
    crm.person().assign(number(&first), BEN).unwrap();
    let failure = crm.events().create(&crm.copy(1, "Talk")).await.unwrap_err();
    assert_eq!(
        (failure.class, failure.code),
        (Class::Permanent, "copy_reassigned")
    );
    crm.sim.person(BEN).delete(number(&first)).unwrap();
    let anew = crm.events().create(&crm.copy(1, "Talk")).await.unwrap();
    assert!(!anew.adopted && anew.observed.id != first.id);
}

#[tokio::test]
async fn a_database_in_another_zone_is_noticed_in_the_first_write_and_the_copy_taken_back() {
    let crm = Crm::start(VtigerOptions {
        database_zone: chrono_tz::Tz::America__New_York,
        ..newest()
    })
    .await;
    let failure = crm.events().create(&crm.copy(1, "Talk")).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "database_zone"));
    assert!(crm.sim.events().is_empty());
}

#[tokio::test]
async fn a_field_that_the_administrator_demands_is_named() {
    let crm = Crm::start(VtigerOptions {
        demanded_field: Some("cf_851".to_owned()),
        ..newest()
    })
    .await;
    let failure = crm.events().create(&crm.copy(1, "Talk")).await.unwrap_err();
    assert_eq!(
        (failure.class, failure.code),
        (Class::Permanent, "mandatory_field")
    );
    assert!(failure.message.contains("cf_851"), "{failure}");
    assert_eq!(writes(&crm, "create"), 1);
}

#[tokio::test]
async fn times_that_the_columns_cannot_hold_are_never_sent() {
    let crm = Crm::start(newest()).await;
    let mut copy = crm.copy(1, "Far");
    let start = NaiveDate::from_ymd_opt(10_001, 1, 1).unwrap();
    copy.record.when = When::AllDay {
        start,
        end: start + TimeDelta::days(1),
    };
    let failure = crm.events().create(&copy).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "time_unfit"));
    assert_eq!(writes(&crm, "create"), 0);
}

#[tokio::test]
async fn texts_that_the_columns_cannot_hold_are_cut_and_scripts_do_not_garble_the_rest() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let mut copy = crm.copy(1, &"x".repeat(300));
        copy.record.location = "y".repeat(200);
        copy.record.description = "1 < 2 & <b>bold</b> <script>alert(1)</script>".to_owned();
        let seen = crm.events().create(&copy).await.unwrap().observed.record;
        assert_eq!((seen.title.len(), seen.location.len()), (255, 150));
        assert_eq!(
            seen.description,
            "1 < 2 & <b>bold</b> < script>alert(1)< /script>"
        );
    }
}

#[tokio::test]
async fn whole_days_are_kept_from_local_midnight_to_local_midnight() {
    let crm = Crm::start(newest()).await;
    let seen = made(&crm).await;
    let day = NaiveDate::from_ymd_opt(2027, 3, 27).unwrap();
    let when = When::AllDay {
        start: day,
        end: day + TimeDelta::days(2),
    };
    let update = change(&seen, |record| record.when = when.clone(), &[EventField::When]);
    assert_eq!(crm.events().update(&update).await.unwrap().record.when, when);
    let row = crm.sim.record(number(&seen)).unwrap();
    // The clocks change in the second night: the days last 47 hours.
    assert_eq!(
        (
            &row["date_start"],
            &row["time_start"],
            &row["due_date"],
            &row["time_end"]
        ),
        (
            &"2027-03-26".into(),
            &"23:00:00".into(),
            &"2027-03-28".into(),
            &"22:00:00".into()
        )
    );
}

/// How a write ends of which nobody is told.
const UNANSWERED: [Fault; 3] = [
    Fault::LostAnswer,
    Fault::ServerErrorAfter(500),
    Fault::ServerErrorBefore(500),
];

/// A CRM with one event, whose next write ends so.
async fn before_an_unanswered_write(fault: &Fault) -> (Crm, Observed<EventRecord>) {
    let crm = Crm::start(newest()).await;
    let seen = made(&crm).await;
    let rule = FaultRule::new(fault.clone(), Struck::Nth(1)).methods(&["POST"]);
    crm.sim.faults().add(rule);
    (crm, seen)
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_recognised() {
    for fault in UNANSWERED {
        let (crm, seen) = before_an_unanswered_write(&fault).await;
        let update = change(
            &seen,
            |record| record.title = "New".to_owned(),
            &[EventField::Title],
        );
        let now = crm.events().update(&update).await.unwrap();
        assert_eq!(now.record.title, "New", "{fault:?}");
        assert_ne!(now.version, seen.version);
    }
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_recognised() {
    for fault in UNANSWERED {
        let (crm, seen) = before_an_unanswered_write(&fault).await;
        let deleted = crm.events().delete(&seen.id, &seen.version).await;
        assert_eq!(deleted, Ok(true), "{fault:?}");
    }
}

#[tokio::test]
async fn nothing_foreign_ever_stands_in_a_query() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let copy = crm.copy(1, "Zebra' or subject like '%\\");
        let events = crm.events();
        let seen = events.create(&copy).await.unwrap().observed;
        crm.changes(None).await;
        let update = change(
            &seen,
            |record| record.title = "Zebra\\'';".to_owned(),
            &[EventField::Title],
        );
        let seen = events.update(&update).await.unwrap();
        events.delete(&seen.id, &seen.version).await.unwrap();
        crm.connect().users_by_email("zebra'@example.com").await.unwrap();
        let queries = crm
            .sim
            .traffic()
            .log()
            .into_iter()
            .filter(|asked| asked.method == "GET");
        for asked in queries {
            assert!(!asked.target.to_lowercase().contains("zebra"), "{}", asked.target);
            assert!(!asked.target.contains("%5C"), "{}", asked.target);
        }
    }
}

#[tokio::test]
async fn several_workers_that_sign_in_at_once_all_get_in() {
    let crm = Crm::start(VtigerOptions {
        latency: Duration::from_millis(3),
        version: Version::V8_2,
        ..newest()
    })
    .await;
    let connections: Vec<_> = (0..4)
        .map(|_| crm.connect_with(&crm.auth("drop"), std::sync::Arc::default()))
        .collect();
    let asked = connections.iter().map(|connection| connection.user("7"));
    for answer in futures::future::join_all(asked).await {
        assert!(answer.unwrap().is_some());
    }
}
