//! What people do in the CRM is seen, once and completely.

use std::time::Duration;

use serde_json::json;
use simulators::crm::suitecrm::SuiteCrmOptions;
use sync_core::change::{Change, Reading};
use sync_core::id::RemoteId;
use sync_core::kind::event::When;

use super::hands::{Crm, at_will};
use crate::hands::reported;

const HOUR: Duration = Duration::from_hours(1);
const QUARTER: Duration = Duration::from_mins(15);

#[tokio::test]
async fn calls_are_events_as_well_wherever_the_api_lies() {
    for legacy_path in [false, true] {
        let crm = Crm::start(SuiteCrmOptions {
            legacy_path,
            ..at_will()
        })
        .await;
        let anna = crm.person();
        let meeting = anna.create_meeting("Meeting", crm.in_days(1), HOUR).unwrap();
        let start = crm.in_days(4).format("%Y-%m-%d %H:%M:%S").to_string();
        let call = json!({"name": "Call", "date_start": start, "duration_hours": 0, "duration_minutes": 15});
        let call = anna.create("Calls", &call).unwrap();
        crm.sim.clock().advance(QUARTER);
        let first = crm.changes(None).await;
        let mut expected = [call.clone(), meeting];
        expected.sort();
        assert_eq!(reported(&first), expected);
        crm.sim.clock().advance(QUARTER);
        anna.delete("Calls", &call).unwrap();
        let second = crm.changes(Some(&first.cursor)).await;
        assert_eq!(second.changes, [Change::Removed(RemoteId::new("Calls", call))]);
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
async fn what_roles_forbid_is_out_of_reach() {
    let crm = Crm::start(at_will()).await;
    let id = crm.person().create_meeting("Talk", crm.in_days(1), HOUR).unwrap();
    crm.sim.forbid("Meetings", &id);
    let read = crm.events().read(&RemoteId::new("Meetings", id)).await;
    assert_eq!(read, Ok(Reading::OutOfReach));
}
