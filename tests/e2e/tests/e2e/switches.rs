//! Off and on, disconnected and linked again, the store lost, the access withdrawn: nobody's data suffers.

use std::time::Duration;

use serde_json::json;

use crate::rig::{ANNA, ANNA_MAIL, CRM, Kind, Rig, at, crm_items, linked_to, over_every_crm};

const HALF_AN_HOUR: Duration = Duration::from_mins(30);

/// Anna linked, three records made on each side, an all-day one among them, all in step.
async fn in_step(kind: Kind) -> Rig {
    let rig = Rig::linked(kind).await;
    for hour in 9..12 {
        let start = at(&format!("2026-11-24T{hour:02}:00"));
        rig.anna()
            .create_meeting(&format!("Meeting at {hour}"), start, HALF_AN_HOUR)
            .unwrap();
        let start = at(&format!("2026-11-25T{hour:02}:00"));
        rig.anna_at_google()
            .create_timed(
                "primary",
                &format!("Event at {hour}"),
                start,
                start + HALF_AN_HOUR,
            )
            .unwrap();
    }
    let fair =
        json!({ "summary": "Fair", "start": { "date": "2026-11-26" }, "end": { "date": "2026-11-28" } });
    rig.anna_at_google().create("primary", &fair).unwrap();
    rig.anna_at_google()
        .create(
            "primary",
            &json!({ "summary": "Stand-up", "recurrence": ["RRULE:FREQ=DAILY;COUNT=4"],
                     "start": { "dateTime": "2026-11-24T07:00:00", "timeZone": "Europe/Rome" },
                     "end": { "dateTime": "2026-11-24T07:15:00", "timeZone": "Europe/Rome" } }),
        )
        .unwrap();
    rig.sync_to_rest().await;
    assert_eq!(rig.crm.rows("Meetings").len(), 11);
    rig.later(20);
    rig
}

async fn while_it_is_off_nothing_is_asked_and_once_on_everything_follows(kind: Kind) {
    let rig = in_step(kind).await;
    rig.set(&json!({ "enabled": false })).await;
    assert_eq!(rig.state(ANNA).await, "disabled");
    rig.anna()
        .create_meeting("While it was off", at("2026-11-27T09:00"), HALF_AN_HOUR)
        .unwrap();
    rig.google.traffic().reset();
    rig.crm.traffic().reset();
    let run = rig.sync().await;
    assert_eq!(
        (run.outcome.as_str(), run.reason.as_deref()),
        ("skipped", Some("disabled"))
    );
    assert_eq!((rig.google.traffic().calls(), rig.crm.traffic().calls()), (0, 0));

    rig.set(&json!({ "enabled": true })).await;
    assert_eq!(rig.state(ANNA).await, "active");
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_crm(), run.to_google()), ((0, 0, 0), (1, 0, 0)));
}

async fn disconnecting_changes_nobodys_data_and_linking_again_doubles_nothing(kind: Kind) {
    let rig = in_step(kind).await;
    let before = (rig.crm.snapshot(), rig.google.snapshot());
    let answer = rig.of_link("DELETE", ANNA, "", None).await.good();
    assert_eq!(answer["revoked_at_google"], true);
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);
    assert_eq!(linked_to(&rig, CRM, ANNA).await, None);
    let gone = rig.of_link("POST", ANNA, "/sync?wait=true", None).await;
    assert_eq!(gone.status, 404, "{gone:?}");

    rig.link(ANNA, ANNA_MAIL).await;
    let run = rig.sync_to_rest().await;
    run.changed_nothing();
    assert_eq!(run.changes.events.paired, 11);
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);
}

async fn an_installation_that_lost_its_memory_doubles_nothing(kind: Kind) {
    let rig = in_step(kind).await;
    let before = (rig.crm.snapshot(), rig.google.snapshot());
    let rig = rig.lose_store().await;
    rig.link(ANNA, ANNA_MAIL).await;
    let run = rig.sync_to_rest().await;
    run.changed_nothing();
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);

    // And goes on from there.
    rig.later(20);
    let meeting = rig
        .crm
        .rows("Meetings")
        .into_iter()
        .find(|row| row["name"] == "Event at 9")
        .unwrap();
    rig.anna()
        .edit(
            "Meetings",
            meeting["id"].as_str().unwrap(),
            &json!({ "name": "Event, renamed" }),
        )
        .unwrap();
    assert_eq!(rig.sync_to_rest().await.to_google(), (0, 1, 0));
}

async fn withdrawn_access_is_told_changes_nothing_and_is_mended_by_authorising_again(kind: Kind) {
    let rig = in_step(kind).await;
    rig.google.revoke_access(ANNA_MAIL);
    rig.anna()
        .create_meeting("Made meanwhile", at("2026-11-27T09:00"), HALF_AN_HOUR)
        .unwrap();
    let event = rig.anna_at_google().events("primary");
    let event = event
        .iter()
        .find(|event| event["summary"] == "Event at 9")
        .unwrap();
    rig.anna_at_google()
        .delete("primary", event["id"].as_str().unwrap())
        .unwrap();
    let before = (rig.crm.snapshot(), rig.google.snapshot());
    let run = rig.sync().await;
    assert_eq!(run.outcome, "needs_authorization", "{run:#?}");
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);
    assert_eq!(rig.state(ANNA).await, "needs_authorization");
    rig.google.traffic().reset();
    assert_eq!(rig.sync().await.outcome, "needs_authorization");
    assert_eq!(
        rig.google.traffic().calls(),
        0,
        "a refused authorisation is not tried again"
    );

    rig.later(60);
    rig.link(ANNA, ANNA_MAIL).await;
    assert_eq!(rig.state(ANNA).await, "active");
    let run = rig.sync_to_rest().await;
    assert_eq!((run.to_crm(), run.to_google()), ((0, 0, 1), (1, 0, 0)));
    assert_same_but_whole_days(&rig);
}

/// The fair and the stand-up are no timed single events, so they are left out of the comparison.
fn assert_same_but_whole_days(rig: &Rig) {
    let crm: Vec<_> = crm_items(&rig.crm, ANNA)
        .into_iter()
        .filter(|item| !["Fair", "Stand-up"].contains(&item.title.as_str()))
        .collect();
    let google: Vec<_> = crate::rig::google_items(&rig.google, ANNA_MAIL)
        .into_iter()
        .filter(|item| item.title != "Stand-up")
        .collect();
    assert_eq!(crm, google);
    assert_eq!(rig.google.mails(), []);
}

async fn expired_access_tokens_are_renewed_without_a_word(kind: Kind) {
    let rig = in_step(kind).await;
    rig.google.expire_access_tokens();
    rig.crm.end_sessions();
    rig.sync_to_rest().await.changed_nothing();
    rig.later(120);
    rig.sync_to_rest().await.changed_nothing();
}

async fn a_refused_sync_token_leads_to_a_whole_reading_that_changes_nothing(kind: Kind) {
    let rig = in_step(kind).await;
    let before = (rig.crm.snapshot(), rig.google.snapshot());
    rig.google.expire_sync_tokens();
    rig.sync_to_rest().await.changed_nothing();
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);

    // What happened before the refusal is found by the whole reading.
    rig.anna_at_google()
        .create_timed(
            "primary",
            "Unseen",
            at("2026-11-27T09:00"),
            at("2026-11-27T10:00"),
        )
        .unwrap();
    let gone = rig.anna_at_google().events("primary");
    let gone = gone
        .iter()
        .find(|event| event["summary"] == "Event at 10")
        .unwrap();
    rig.anna_at_google()
        .delete("primary", gone["id"].as_str().unwrap())
        .unwrap();
    rig.google.expire_sync_tokens();
    assert_eq!(rig.sync_to_rest().await.to_crm(), (1, 0, 1));
}

async fn leaving_the_scope_is_no_deletion_and_coming_back_doubles_nothing(kind: Kind) {
    let rig = in_step(kind).await;
    let before = (rig.crm.snapshot(), rig.google.snapshot());
    let narrowings = [
        json!({ "start_from": "2027-01-01" }),
        json!({ "events": { "record_types": ["call"] } }),
        json!({ "events": { "hours": { "days": ["sun"], "from": "03:00", "to": "04:00", "time_zone": "Europe/Rome" } } }),
        json!({ "events": { "enabled": false } }),
    ];
    let settings = rig.of_link("GET", ANNA, "/settings", None).await.good();
    for narrowing in narrowings {
        rig.set(&narrowing).await;
        rig.sync().await.ok().changed_nothing();
        rig.set(&settings).await;
        let run = rig.sync().await.ok();
        run.changed_nothing();
        assert_eq!(
            (rig.crm.snapshot(), rig.google.snapshot()),
            before,
            "after {narrowing}"
        );
    }
}

async fn removing_the_crm_removes_its_links_and_nobodys_data(kind: Kind) {
    let rig = in_step(kind).await;
    let before = (rig.crm.snapshot(), rig.google.snapshot());
    let answer = rig.call("DELETE", &format!("/crms/{CRM}"), None).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);
    assert_eq!(rig.call("GET", &format!("/crms/{CRM}"), None).await.status, 404);
    rig.register(CRM, &rig.crm).await;
    assert_eq!(linked_to(&rig, CRM, ANNA).await, None);
    rig.forget_link_keys();
    rig.link(ANNA, ANNA_MAIL).await;
    rig.sync_to_rest().await.changed_nothing();
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), before);
}

over_every_crm! {
    #[tokio::test]
    while_it_is_off_nothing_is_asked_and_once_on_everything_follows,
    disconnecting_changes_nobodys_data_and_linking_again_doubles_nothing,
    an_installation_that_lost_its_memory_doubles_nothing,
    withdrawn_access_is_told_changes_nothing_and_is_mended_by_authorising_again,
    expired_access_tokens_are_renewed_without_a_word,
    a_refused_sync_token_leads_to_a_whole_reading_that_changes_nothing,
    leaving_the_scope_is_no_deletion_and_coming_back_doubles_nothing,
    removing_the_crm_removes_its_links_and_nobodys_data,
}
