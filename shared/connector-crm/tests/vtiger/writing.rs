//! Writing: once whatever happens, nothing lost in silence.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use simulators::crm::vtiger::{Version, VtigerOptions};
use simulators::{Fault, FaultRule, When as Struck};
use sync_core::change::Observed;
use sync_core::failure::Class;
use sync_core::id::{RemoteId, Version as Stamp};
use sync_core::kind::event::{EventField, EventRecord, When};

use crate::hands::{ANNA, BEN, Crm, change, name, newest, releases};

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
async fn private_events_stay_private_both_ways() {
    let crm = Crm::start(newest()).await;
    let mut copy = crm.copy(1, "Doctor");
    copy.record.private = true;
    let seen = crm.events().create(&copy).await.unwrap().observed;
    assert!(seen.record.private);
    assert_eq!(crm.sim.record(number(&seen)).unwrap()["visibility"], "Private");
    let open = change(&seen, |record| record.private = false, &[EventField::Private]);
    assert!(!crm.events().update(&open).await.unwrap().record.private);
    assert_eq!(crm.sim.record(number(&seen)).unwrap()["visibility"], "Public");
}

#[tokio::test]
async fn a_second_making_adopts_the_first() {
    let crm = Crm::start(newest()).await;
    let first = made(&crm).await;
    let again = crm.events().create(&crm.copy(1, "Another title")).await.unwrap();
    assert!(again.adopted);
    assert_eq!(again.observed, first);
    assert_eq!(crm.sim.events().len(), 1);
    // And where so many are made that the keys are listed.
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
async fn an_answer_that_tells_nothing_after_a_creation_makes_no_second_record() {
    for options in releases() {
        for fault in [
            Fault::LostAnswer,
            Fault::CutBody,
            Fault::ServerErrorAfter(500),
            Fault::ServerErrorAfter(503),
        ] {
            let crm = Crm::start(options.clone()).await;
            crm.sim.faults().add(
                FaultRule::new(fault.clone(), Struck::Nth(1))
                    .methods(&["POST"])
                    .path_contains("webservice"),
            );
            // The first request that is struck is the sign-in where there was none.
            let copy = crm.copy(1, "Talk");
            let created = match crm.events().create(&copy).await {
                Ok(created) => created,
                Err(failure) => {
                    assert!(matches!(failure.class, Class::Retryable { .. }), "{failure:?}");
                    crm.events().create(&copy).await.unwrap()
                }
            };
            assert_eq!(created.observed.record, copy.record);
            crm.sim.faults().clear();
            crm.sim
                .faults()
                .add(FaultRule::new(fault.clone(), Struck::Nth(1)).methods(&["POST"]));
            let other = crm.copy(2, "Other");
            let created = crm.events().create(&other).await.unwrap();
            assert_eq!(created.observed.record, other.record, "{fault:?}");
            assert_eq!(crm.sim.events().len(), 2, "{fault:?}");
        }
    }
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
async fn lost_characters_are_noticed_in_the_first_answer() {
    let crm = Crm::start(VtigerOptions {
        three_byte_text: true,
        ..newest()
    })
    .await;
    let events = crm.events();
    assert!(events.limits().four_byte_characters);
    let created = events.create(&crm.copy(1, "Party \u{1f389}")).await.unwrap();
    assert_eq!(created.observed.record.title, "Party ????");
    assert!(!events.limits().four_byte_characters);
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

#[tokio::test]
async fn a_change_over_another_change_is_a_conflict() {
    let crm = Crm::start(newest()).await;
    let seen = made(&crm).await;
    crm.person()
        .edit(number(&seen), &serde_json::json!({"location": "Garden"}))
        .unwrap();
    let update = change(
        &seen,
        |record| record.title = "Mine".to_owned(),
        &[EventField::Title],
    );
    let events = crm.events();
    assert_eq!(events.update(&update).await.unwrap_err().class, Class::Conflict);
    let deletion = events.delete(&seen.id, &seen.version).await;
    assert_eq!(deletion.unwrap_err().class, Class::Conflict);
    assert_eq!(crm.sim.events()[0]["subject"], "Talk");
    crm.person().assign(number(&seen), BEN).unwrap();
    assert_eq!(events.update(&update).await.unwrap_err().code, "reassigned");
    crm.sim.person(BEN).delete(number(&seen)).unwrap();
    assert_eq!(events.update(&update).await.unwrap_err().code, "gone");
    assert_eq!(writes(&crm, "revise") + writes(&crm, "delete"), 0);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_recognised() {
    for fault in [
        Fault::LostAnswer,
        Fault::ServerErrorAfter(500),
        Fault::ServerErrorBefore(500),
    ] {
        let crm = Crm::start(newest()).await;
        let seen = made(&crm).await;
        crm.sim
            .faults()
            .add(FaultRule::new(fault.clone(), Struck::Nth(1)).methods(&["POST"]));
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
async fn deleting_twice_is_deleting_once() {
    for options in releases() {
        let crm = Crm::start(options).await;
        let seen = made(&crm).await;
        let events = crm.events();
        assert_eq!(events.delete(&seen.id, &seen.version).await, Ok(true));
        assert_eq!(events.delete(&seen.id, &seen.version).await, Ok(false));
        for fault in [
            Fault::LostAnswer,
            Fault::ServerErrorAfter(500),
            Fault::ServerErrorBefore(500),
        ] {
            let seen = crm.events().create(&crm.copy(1, "Talk")).await.unwrap().observed;
            crm.sim
                .faults()
                .add(FaultRule::new(fault.clone(), Struck::Nth(1)).methods(&["POST"]));
            assert_eq!(
                events.delete(&seen.id, &seen.version).await,
                Ok(true),
                "{fault:?}"
            );
            assert!(crm.sim.events().is_empty());
            crm.sim.faults().clear();
        }
        assert_eq!(events.delete(&name(999), &Stamp::default()).await, Ok(false));
        let elsewhere = RemoteId::new("Meetings", "1");
        let failure = events.delete(&elsewhere, &Stamp::default()).await.unwrap_err();
        assert_eq!(failure.class, Class::Bug);
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
