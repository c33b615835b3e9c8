//! A calendar of the sync's own: made once, found again, and only where it was granted.

use serde_json::{Value, json};

use crate::rig::{ANNA, ANNA_MAIL, Kind, Rig, at, over_every_crm};

const HALF_AN_HOUR: std::time::Duration = std::time::Duration::from_mins(30);

async fn want_own_calendar(rig: &Rig) {
    rig.set(&json!({ "events": { "target_calendar": "dedicated" } }))
        .await;
}

fn titles(rig: &Rig, calendar: &str) -> Vec<Value> {
    let events = rig.anna_at_google().events(calendar);
    events.into_iter().map(|event| event["summary"].clone()).collect()
}

async fn a_calendar_of_its_own_is_asked_for_made_once_and_found_again(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.anna()
        .create_meeting("Kick-off", at("2026-11-27T09:00"), HALF_AN_HOUR)
        .unwrap();
    want_own_calendar(&rig).await;
    // To make calendars was never granted: the user is asked, and nothing is written meanwhile.
    let run = rig.sync().await;
    assert_eq!(run.outcome, "needs_authorization", "{run:#?}");
    run.changed_nothing();

    rig.link(ANNA, ANNA_MAIL).await;
    // Whoever only looks at what the next run would do makes nothing.
    let preview = rig.of_link("POST", ANNA, "/preview", None).await.good();
    assert_eq!(preview["changes"]["events"]["google"]["created"], 1);
    assert_eq!(rig.anna_at_google().calendars().len(), 1);
    assert_eq!(rig.sync_to_rest().await.to_google(), (1, 0, 0));
    let own = rig.anna_at_google().calendars();
    let [primary, own] = own.as_slice() else {
        panic!("{own:?}")
    };
    assert_eq!(titles(&rig, primary), [] as [Value; 0]);
    assert_eq!(titles(&rig, own), ["Kick-off"]);

    // What somebody makes there comes to the CRM.
    rig.later(20);
    rig.anna_at_google()
        .create_timed(own, "Review", at("2026-11-28T09:00"), at("2026-11-28T10:00"))
        .unwrap();
    assert_eq!(rig.sync_to_rest().await.to_crm(), (1, 0, 0));

    // An installation that has lost its memory finds calendar and events again.
    let rig = rig.lose_store().await;
    rig.link(ANNA, ANNA_MAIL).await;
    want_own_calendar(&rig).await;
    rig.link(ANNA, ANNA_MAIL).await;
    rig.sync_to_rest().await.changed_nothing();
    assert_eq!(rig.anna_at_google().calendars().len(), 2);
}

async fn a_calendar_of_its_own_that_was_deleted_deletes_nothing_in_the_crm(kind: Kind) {
    let rig = Rig::linked(kind).await;
    want_own_calendar(&rig).await;
    rig.link(ANNA, ANNA_MAIL).await;
    rig.anna()
        .create_meeting("Kick-off", at("2026-11-27T09:00"), HALF_AN_HOUR)
        .unwrap();
    rig.sync_to_rest().await;
    let own = rig.anna_at_google().calendars().remove(1);
    let before = rig.crm.snapshot();
    rig.anna_at_google().delete_calendar(&own).unwrap();
    let run = rig.sync().await;
    assert_eq!(run.outcome, "failed", "{run:#?}");
    assert!(run.reason.unwrap().contains("calendar"));
    assert_eq!(rig.crm.snapshot(), before);
}

over_every_crm! {
    #[tokio::test]
    a_calendar_of_its_own_is_asked_for_made_once_and_found_again,
    a_calendar_of_its_own_that_was_deleted_deletes_nothing_in_the_crm,
}
