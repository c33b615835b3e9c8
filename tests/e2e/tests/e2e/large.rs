//! The first sync of a large address book and a long list of tasks.

use std::time::Duration;

use serde_json::json;

use crate::rig::{ANNA, ANNA_MAIL, Kind, Options, Rig, over_crms};

/// Contacts and tasks on each side.
const CONTACTS: usize = 2_500;
const TASKS: usize = 1_000;
/// Runs that a first sync may take; each has the time of one call that waits for it.
const RUNS_MAX: usize = 60;

async fn five_thousand_contacts_and_two_thousand_tasks_meet_without_a_double(kind: Kind) {
    let mut options = Options {
        paced: false,
        ..Options::of(kind)
    };
    options.google.people_writes_per_minute = None;
    options.google.people_first_pages_per_minute = None;
    options.google.people_list_delay = Duration::ZERO;
    let rig = Rig::with(options).await;
    rig.crm.seed_contacts(ANNA, CONTACTS);
    rig.crm.seed_tasks(ANNA, TASKS);
    rig.google.seed_contacts(ANNA_MAIL, CONTACTS, Some("CRM"));
    rig.google.seed_tasks(ANNA_MAIL, TASKS);
    rig.link_for(
        &json!({ "events": { "enabled": false }, "tasks": { "enabled": true },
        "contacts": { "enabled": true } }),
    )
    .await;
    let mut runs = 0;
    while rig.sync().await.more {
        runs += 1;
        assert!(runs < RUNS_MAX);
    }
    rig.later(20);
    rig.assert_at_rest().await;
    let online = rig.anna_at_google();
    assert_eq!(
        (rig.crm.rows("Contacts").len(), online.contacts().len()),
        (2 * CONTACTS, 2 * CONTACTS)
    );
    assert_eq!(
        (rig.crm.rows("Tasks").len(), online.tasks("@default").len()),
        (2 * TASKS, 2 * TASKS)
    );
    // However much there is, a run in which nothing changed costs the same.
    rig.later(20);
    let idle = rig.sync().await.ok();
    assert_eq!(idle.requests.google, 2, "one call for each of its services");
    let crm_max = rig.crm.idle_requests_max("tasks") + rig.crm.idle_requests_max("contacts");
    assert!(idle.requests.crm <= crm_max, "{idle:#?}");
}

// This takes a while, and the releases of one CRM differ in nothing here.
over_crms! {
    #[tokio::test] suitecrm = SuiteCrm:
    five_thousand_contacts_and_two_thousand_tasks_meet_without_a_double,
}
over_crms! {
    #[tokio::test] vtiger_8_4 = Vtiger84:
    five_thousand_contacts_and_two_thousand_tasks_meet_without_a_double,
}
