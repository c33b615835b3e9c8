//! A change of a contact's e-mail addresses that is cut off, and what it took away.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use simulators::{Fault, FaultRule, When};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::kind::contact::{ContactField, ContactRecord};
use sync_core::port::{Safekeeping, Update};
use tokio::sync::Notify;

use super::contacts::read;
use super::hands::{Crm, at_will};
use crate::hands::change;

const ALL: [&str; 3] = ["a@example.com", "b@example.com", "c@example.com"];
const NEW: [&str; 3] = ["new@example.com", "b@example.com", "c@example.com"];
/// All three addresses are unlinked, then two sent in one write, then one linked.
const UNLINKED: u64 = 3;
const WRITES: u64 = 5;

/// What was kept, one thing after the other.
#[derive(Debug, Default)]
struct Safe(Mutex<Vec<Value>>);

#[async_trait]
impl Safekeeping for Safe {
    async fn keep(&self, taken: Value) -> Result<(), Failure> {
        self.0.lock().unwrap().push(taken);
        Ok(())
    }
}

impl Safe {
    fn kept(self) -> Vec<Value> {
        self.0.into_inner().unwrap()
    }
}

/// Carla with these addresses.
async fn carla(crm: &Crm, has: &[&str]) -> Observed<ContactRecord> {
    let anna = crm.person();
    let id = anna
        .create("Contacts", &json!({ "first_name": "Carla" }))
        .unwrap();
    anna.give_addresses(&id, has).unwrap();
    read(&*crm.contacts(&[]), &id).await
}

fn with_new_address(seen: &Observed<ContactRecord>) -> Update<ContactRecord> {
    let new = |record: &mut ContactRecord| NEW[0].clone_into(&mut record.email_work);
    change(seen, new, &[ContactField::EmailWork])
}

/// Changes the address, and dies when the CRM is asked for that write; says what was kept.
async fn dies_at(crm: &Crm, write: u64, update: &Update<ContactRecord>) -> Vec<Value> {
    let asked = Arc::new(Notify::new());
    let asked_now = Arc::clone(&asked);
    let death = Fault::Meanwhile(Arc::new(move || asked_now.notify_one()));
    crm.sim.faults().add(
        FaultRule::new(death, When::Nth(write))
            .methods(&["DELETE", "PATCH", "POST"])
            .path_contains("/module"),
    );
    let safe = Safe::default();
    let contacts = crm.contacts(&[]);
    tokio::select! {
        biased;
        () = asked.notified() => {}
        answer = contacts.update_safely(update, &safe) => panic!("{answer:?}"),
    }
    crm.sim.faults().clear();
    safe.kept()
}

#[tokio::test]
async fn what_was_taken_away_is_put_back_wherever_the_change_was_cut_off() {
    for write in 1..=WRITES {
        let crm = Crm::start(at_will()).await;
        let seen = carla(&crm, &ALL).await;
        let kept = dies_at(&crm, write, &with_new_address(&seen)).await;
        assert_eq!(kept.len(), 1, "at write {write}");
        let contacts = crm.contacts(&[]);
        for _ in 0..2 {
            contacts.put_back(&seen.id, &kept[0]).await.unwrap();
            let there = crm.addresses(&seen.id.id);
            let mended = there == ALL || write > UNLINKED && there == NEW;
            assert!(mended, "at write {write}: {there:?}");
        }
        let seen = read(&*contacts, &seen.id.id).await;
        contacts.update(&with_new_address(&seen)).await.unwrap();
        assert_eq!(crm.addresses(&seen.id.id), NEW, "at write {write}");
    }
}

#[tokio::test]
async fn nothing_is_kept_of_a_contact_that_shows_all_it_has() {
    let crm = Crm::start(at_will()).await;
    let seen = carla(&crm, &ALL[..2]).await;
    let safe = Safe::default();
    let contacts = crm.contacts(&[]);
    contacts
        .update_safely(&with_new_address(&seen), &safe)
        .await
        .unwrap();
    assert_eq!(safe.kept(), Vec::<Value>::new());
}

#[tokio::test]
async fn what_somebody_wrote_meanwhile_stays_and_what_is_gone_is_not_missed() {
    let crm = Crm::start(at_will()).await;
    let anna = crm.person();
    let seen = carla(&crm, &ALL).await;
    let kept = dies_at(&crm, UNLINKED, &with_new_address(&seen)).await;
    let contacts = crm.contacts(&[]);
    anna.give_addresses(&seen.id.id, &["hers@example.com"]).unwrap();
    contacts.put_back(&seen.id, &kept[0]).await.unwrap();
    assert_eq!(crm.addresses(&seen.id.id), ["hers@example.com", "c@example.com"]);
    anna.delete("Contacts", &seen.id.id).unwrap();
    contacts.put_back(&seen.id, &kept[0]).await.unwrap();
}
