//! What people do in the CRM is seen, once and completely.

use std::time::Duration;

use serde_json::json;
use simulators::SimClock;
use simulators::crm::suitecrm::SuiteCrmOptions;
use sync_core::change::{Change, Reading};
use sync_core::id::RemoteId;
use sync_core::kind::event::When;

use crate::hands::{Crm, reported};

const HOUR: Duration = Duration::from_hours(1);
const QUARTER: Duration = Duration::from_mins(15);

fn at_will() -> SuiteCrmOptions {
    SuiteCrmOptions {
        clock: SimClock::stopped("2026-11-22T09:00:00Z".parse().unwrap()),
        ..SuiteCrmOptions::default()
    }
}

#[tokio::test]
async fn edits_and_deletions_are_told_and_an_idle_run_costs_four_calls() {
    for legacy_path in [false, true] {
        let crm = Crm::start(SuiteCrmOptions {
            legacy_path,
            ..at_will()
        })
        .await;
        let anna = crm.person();
        let kept = anna.create_meeting("Kept", crm.in_days(1), HOUR).unwrap();
        let moved = anna.create_meeting("Moved", crm.in_days(2), HOUR).unwrap();
        let dropped = anna.create_meeting("Dropped", crm.in_days(3), HOUR).unwrap();
        let start = crm.in_days(4).format("%Y-%m-%d %H:%M:%S").to_string();
        let call = json!({"name": "Call", "date_start": start, "duration_hours": 0, "duration_minutes": 15});
        let call = anna.create("Calls", &call).unwrap();
        crm.sim
            .person(&crm.sim.users()[2].id)
            .create_meeting("Ben's", crm.in_days(1), HOUR)
            .unwrap();
        crm.sim.clock().advance(QUARTER);
        let first = crm.changes(None).await;
        let mut expected = [
            format!("Calls/{call}"),
            format!("Meetings/{kept}"),
            format!("Meetings/{moved}"),
            format!("Meetings/{dropped}"),
        ];
        expected.sort();
        assert_eq!(reported(&first), expected);

        crm.sim.clock().advance(QUARTER);
        anna.reschedule("Meetings", &moved, crm.in_days(5), HOUR).unwrap();
        anna.delete("Meetings", &dropped).unwrap();
        anna.delete("Calls", &call).unwrap();
        // Past the overlap, within which changes are told again.
        crm.sim.clock().advance(QUARTER);
        let second = crm.changes(Some(&first.cursor)).await;
        let mut expected = [
            format!("-Calls/{call}"),
            format!("-Meetings/{dropped}"),
            format!("Meetings/{moved}"),
        ];
        expected.sort();
        assert_eq!(reported(&second), expected);

        crm.sim.clock().advance(QUARTER);
        crm.sim.traffic().reset();
        let third = crm.changes(Some(&second.cursor)).await;
        assert!(third.changes.is_empty());
        assert_eq!((crm.sim.traffic().calls(), crm.sim.traffic().writes()), (4, 0));
    }
}

#[tokio::test]
async fn many_meetings_come_whole_with_two_requests_at_a_time() {
    let crm = Crm::start(SuiteCrmOptions {
        latency: Duration::from_millis(2),
        ..at_will()
    })
    .await;
    crm.sim.seed_meetings(&crm.user(), 1_001);
    let set = crm.changes(None).await;
    assert_eq!(set.changes.len(), 1_001);
    assert!(crm.sim.traffic().peak_concurrency() <= 2);
}

#[tokio::test]
async fn texts_come_decoded_and_whole_days_as_days() {
    let options = SuiteCrmOptions {
        server_zone: chrono_tz::America::New_York,
        ..at_will()
    };
    let crm = Crm::start(options).await;
    // Midnight in Rome, in winter.
    let id = crm
        .person()
        .create(
            "Meetings",
            &json!({"name": "Bob's \"Q&A\" 1<2", "date_start": "2026-12-23 23:00:00",
        "duration_hours": 48, "duration_minutes": 0, "status": "Not Held", "gsync_id": "g1"}),
        )
        .unwrap();
    let set = crm.changes(None).await;
    let Change::Present(seen) = &set.changes[0] else {
        panic!("not present")
    };
    assert_eq!(seen.record.title, "Bob's \"Q&A\" 1<2");
    let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 12, day).unwrap();
    assert_eq!(
        seen.record.when,
        When::AllDay {
            start: day(24),
            end: day(26)
        }
    );
    assert_eq!(seen.traits.built_in_partner.as_deref(), Some("g1"));
    assert!(
        seen.traits
            .address
            .as_deref()
            .unwrap()
            .ends_with(&format!("DetailView&record={id}"))
    );
}

#[tokio::test]
async fn forbidden_deleted_and_given_away_are_told_apart() {
    let crm = Crm::start(at_will()).await;
    let anna = crm.person();
    let ids: Vec<String> = (1..4)
        .map(|day| anna.create_meeting("Talk", crm.in_days(day), HOUR).unwrap())
        .collect();
    crm.sim.forbid("Meetings", &ids[0]);
    anna.delete("Meetings", &ids[1]).unwrap();
    anna.edit(
        "Meetings",
        &ids[2],
        &json!({"assigned_user_id": crm.sim.users()[2].id}),
    )
    .unwrap();
    let read = async |id: &str| crm.events().read(&RemoteId::new("Meetings", id)).await.unwrap();
    assert_eq!(read(&ids[0]).await, Reading::OutOfReach);
    assert_eq!(read(&ids[1]).await, Reading::Gone);
    assert_eq!(read(&ids[2]).await, Reading::OutOfReach);
}
