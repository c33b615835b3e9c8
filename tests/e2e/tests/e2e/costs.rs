//! What a run costs, and how large a first one may be.

use std::time::Duration;

use serde_json::json;

use crate::rig::{ANNA, ANNA_MAIL, Kind, Options, Rig, Run, assert_same, at, crm_items, over_crms};

fn forget_traffic(rig: &Rig) {
    rig.google.traffic().reset();
    rig.crm.traffic().reset();
}

/// The run's record says what the servers saw.
fn assert_told(rig: &Rig, run: &Run) {
    assert_eq!(
        (run.requests.google, run.requests.crm),
        (rig.google.traffic().calls(), rig.crm.traffic().calls()),
        "{run:#?}"
    );
}

/// Minutes before each of some idle runs, and whether it reads again what was written before: the watermark lies a
/// little before the run that set it.
const ROUNDS: [(u64, bool); 3] = [(1, true), (15, true), (15, false)];

/// Requests to the CRM of a run in which nothing changed.
fn idle_requests_max(rig: &Rig, kinds: &[&str], rereads: bool) -> u64 {
    let at_rest: u64 = kinds.iter().map(|kind| rig.crm.idle_requests_max(kind)).sum();
    if !rereads {
        return at_rest;
    }
    let more: u64 = kinds
        .iter()
        .map(|kind| rig.crm.rereading_requests_max(kind))
        .sum();
    at_rest + more
}

async fn an_idle_run_asks_google_once_and_the_crm_no_more_than_it_has_to(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.crm.seed_sample();
    rig.google.seed_sample();
    rig.sync_to_rest().await;
    for (minutes, rereads) in ROUNDS {
        rig.later(minutes);
        forget_traffic(&rig);
        let run = rig.sync().await.ok();
        run.changed_nothing();
        assert_eq!(rig.google.traffic().writes() + rig.crm.traffic().writes(), 0);
        assert_told(&rig, &run);
        assert_eq!(run.requests.google, 1, "after {minutes} minutes");
        let crm_max = idle_requests_max(&rig, &["events"], rereads);
        assert!(run.requests.crm <= crm_max, "after {minutes} minutes: {run:#?}");
    }
}

async fn an_idle_run_of_all_three_kinds_asks_each_of_googles_services_once(kind: Kind) {
    let rig = Rig::start(kind).await;
    rig.google.set_people_list_delay(Duration::ZERO);
    rig.link_for(&json!({ "tasks": { "enabled": true }, "contacts": { "enabled": true } }))
        .await;
    rig.crm.seed_sample();
    rig.google.seed_sample();
    rig.crm.seed_tasks(ANNA, 3);
    rig.google.seed_tasks(ANNA_MAIL, 3);
    rig.crm.seed_contacts(ANNA, 3);
    rig.google.seed_contacts(ANNA_MAIL, 3, Some("CRM"));
    rig.sync_to_rest().await;
    for (minutes, rereads) in ROUNDS {
        rig.later(minutes);
        forget_traffic(&rig);
        let run = rig.sync().await.ok();
        run.changed_nothing();
        assert_eq!(rig.google.traffic().writes() + rig.crm.traffic().writes(), 0);
        assert_told(&rig, &run);
        assert_eq!(run.requests.google, 3, "after {minutes} minutes");
        let crm_max = idle_requests_max(&rig, &["events", "tasks", "contacts"], rereads);
        assert!(run.requests.crm <= crm_max, "after {minutes} minutes: {run:#?}");
    }
}

async fn a_busy_runs_record_counts_every_request(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.crm.seed_sample();
    rig.google.seed_sample();
    for _ in 0..2 {
        forget_traffic(&rig);
        let run = rig.sync().await;
        assert_told(&rig, &run);
        rig.later(20);
        rig.anna()
            .create_meeting("One more", at("2026-12-01T10:00"), Duration::from_mins(15))
            .unwrap();
        rig.google.expire_access_tokens();
        rig.crm.end_sessions();
    }
}

async fn a_first_sync_within_the_quota_meets_no_refusal(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.crm.seed_meetings(ANNA, 250);
    rig.google.seed_events(ANNA_MAIL, 250);
    forget_traffic(&rig);
    let run = rig.sync().await.ok();
    assert_eq!((run.to_crm(), run.to_google()), ((250, 0, 0), (250, 0, 0)));
    assert_told(&rig, &run);
    assert_eq!(rig.google.traffic().refusals(), 0);
    assert_same(&rig, ANNA, ANNA_MAIL);
    rig.assert_at_rest().await;
}

/// Events on each side.
const MANY: usize = 10_000;
/// Runs that they may take; each has the time of one call that waits for it.
const RUNS_MAX: usize = 60;

async fn ten_thousand_events_of_each_side_meet_run_after_run(kind: Kind) {
    let rig = Rig::with(Options {
        paced: false,
        ..Options::of(kind)
    })
    .await;
    rig.link(ANNA, ANNA_MAIL).await;
    rig.crm.seed_meetings(ANNA, MANY);
    rig.google.seed_events(ANNA_MAIL, MANY);
    let (mut runs, mut created) = (0, 0);
    loop {
        forget_traffic(&rig);
        let run = rig.sync().await.ok();
        assert_told(&rig, &run);
        created += run.to_crm().0 + run.to_google().0;
        runs += 1;
        if !run.more {
            break;
        }
        assert!(runs < RUNS_MAX);
    }
    assert_eq!(usize::try_from(created).unwrap(), 2 * MANY);
    assert_eq!(crm_items(&rig.crm, ANNA).len(), 2 * MANY);
    assert_same(&rig, ANNA, ANNA_MAIL);
    assert_eq!(rig.crm.in_calendar_of(ANNA).len(), 2 * MANY);
    rig.assert_at_rest().await;
}

// Large first syncs take a while, and differ between the releases of one CRM in nothing.
over_crms! {
    #[tokio::test] suitecrm = SuiteCrm:
    an_idle_run_asks_google_once_and_the_crm_no_more_than_it_has_to,
    an_idle_run_of_all_three_kinds_asks_each_of_googles_services_once,
    a_busy_runs_record_counts_every_request,
    a_first_sync_within_the_quota_meets_no_refusal,
    ten_thousand_events_of_each_side_meet_run_after_run,
}
over_crms! {
    #[tokio::test] vtiger_8_2 = Vtiger82:
    an_idle_run_asks_google_once_and_the_crm_no_more_than_it_has_to,
    an_idle_run_of_all_three_kinds_asks_each_of_googles_services_once,
    a_busy_runs_record_counts_every_request,
    a_first_sync_within_the_quota_meets_no_refusal,
}
over_crms! {
    #[tokio::test] vtiger_8_4 = Vtiger84:
    an_idle_run_asks_google_once_and_the_crm_no_more_than_it_has_to,
    an_idle_run_of_all_three_kinds_asks_each_of_googles_services_once,
    a_busy_runs_record_counts_every_request,
    a_first_sync_within_the_quota_meets_no_refusal,
    ten_thousand_events_of_each_side_meet_run_after_run,
}
