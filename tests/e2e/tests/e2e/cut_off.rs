//! A run whose process dies in the middle of a change that takes something away for a moment.

use std::sync::Arc;

use serde_json::json;
use simulators::{Fault, FaultRule, When};
use tokio::sync::Notify;

use crate::rig::{Kind, Rig, over_crms};

const THIRD: &str = "third@example.com";
/// All three addresses are unlinked, two sent in one write, one linked.
const WRITES: u64 = 5;

/// Starts a run whose process dies when it asks the CRM for that write.
async fn a_run_dies_at(rig: &Rig, write: u64) {
    let asked = Arc::new(Notify::new());
    let asked_now = Arc::clone(&asked);
    let death = Fault::Meanwhile(Arc::new(move || asked_now.notify_one()));
    rig.crm.faults().add(
        FaultRule::new(death, When::Nth(write))
            .methods(&["DELETE", "PATCH", "POST"])
            .path_contains("/module"),
    );
    tokio::select! {
        biased;
        () = asked.notified() => {}
        run = rig.scheduled() => panic!("it did not die: {run:#?}"),
    }
    rig.crm.faults().clear();
}

/// All addresses of the one contact there is, by the CRM's database.
fn addresses(rig: &Rig, contact: &str) -> Vec<String> {
    let crm = rig.crm.suitecrm().unwrap();
    let everything = crm.snapshot();
    let linked = &everything["relationships"][format!("Contacts/{contact}/email_addresses")];
    let ids = linked.as_array().cloned().unwrap_or_default();
    let text = ids.iter().map(|id| {
        let row = crm.row("EmailAddresses", id.as_str().unwrap()).unwrap();
        row["email_address"].as_str().unwrap().to_owned()
    });
    text.collect()
}

async fn an_address_that_nobody_shows_survives_a_run_that_dies_anywhere(kind: Kind) {
    let settings = json!({ "events": { "enabled": false }, "contacts": { "enabled": true } });
    let rig = Rig::linked_for(kind, &settings).await;
    rig.google.set_people_list_delay(std::time::Duration::ZERO);
    let anna = rig.anna_in_suitecrm();
    let carla = json!({ "first_name": "Carla", "last_name": "Verdi", "google_c": "1" });
    let carla = anna.create("Contacts", &carla).unwrap();
    let first = ["carla@example.com", "verdi@example.org", THIRD];
    anna.give_addresses(&carla, &first).unwrap();
    rig.sync_to_rest().await;
    let online = rig.anna_at_google();
    let name = online.contacts()[0].clone();
    for write in 1..=WRITES {
        let new = format!("new{write}@example.com");
        let mut shown = online.contact(&name).unwrap()["emailAddresses"].clone();
        assert_eq!(shown.as_array().unwrap().len(), 2);
        shown[0]["value"] = json!(new);
        online
            .edit_contact(&name, &json!({ "emailAddresses": shown }))
            .unwrap();
        a_run_dies_at(&rig, write).await;
        rig.scheduled().await.ok();
        assert_eq!(
            addresses(&rig, &carla),
            [new.as_str(), "verdi@example.org", THIRD],
            "dead at write {write}"
        );
        let both = online.contact(&name).unwrap()["emailAddresses"].clone();
        let both: Vec<_> = both
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["value"].clone())
            .collect();
        assert_eq!(both, [new.as_str(), "verdi@example.org"]);
        rig.assert_at_rest().await;
    }
}

over_crms! {
    #[tokio::test] suitecrm = SuiteCrm:
    an_address_that_nobody_shows_survives_a_run_that_dies_anywhere,
}
