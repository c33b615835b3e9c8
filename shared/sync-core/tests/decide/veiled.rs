//! Copies of private records that no pair knows.

use sync_core::change::{Change, Observed};
use sync_core::failure::Failure;
use sync_core::kind::event::{EventField, EventRecord};
use sync_core::policy::PrivateMode;
use sync_core::settle::{Did, settle};
use sync_core::side::Side;

use crate::ground::{Case, event, id, seen};

fn private(title: &str) -> EventRecord {
    EventRecord {
        private: true,
        ..event(title)
    }
}

/// A private original in the CRM that may not be shown any more, and its copy, whose making nobody could remember.
fn hidden(copy: Observed<EventRecord>) -> Case {
    let mut case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", private("secret")))],
        google: vec![Change::Present(copy)],
        ..Case::default()
    };
    case.settings.private = PrivateMode::ToCrm;
    case
}

#[test]
fn a_copy_that_says_the_same_is_taken_away() {
    let case = hidden(seen(Side::Google, "copy-0-a", "1", private("secret")));
    assert_eq!(case.told(), ["delete in google"]);
}

#[test]
fn a_copy_that_says_something_else_stays_and_tells_nothing() {
    for title in ["rewritten", ""] {
        let case = hidden(seen(Side::Google, "copy-0-a", "1", private(title)));
        let lost = if title.is_empty() {
            ""
        } else {
            "google loses Title, "
        };
        let told = format!(
            "write Title+Description+Location to google, google loses Description, google loses Location, {lost}"
        );
        let mut words: Vec<&str> = told.trim_end_matches(", ").split(", ").collect();
        let plan = case.told();
        let mut planned: Vec<&str> = plan.iter().flat_map(|step| step.split(", ")).collect();
        words.sort_unstable();
        planned.sort_unstable();
        assert_eq!(planned, words);
        assert!(case.plan().steps.iter().all(|step| step.veiled));
    }
}

#[test]
fn a_refused_hiding_is_told_of() {
    let case = hidden(seen(Side::Google, "copy-0-a", "1", private("secret")));
    let step = case.plan().steps.remove(0);
    let refused = Failure::permanent("refused", "No.");
    let settled = settle(step, Did::Deleted(Err(refused)));
    let failed = settled.failed.map(|(side, original, _)| (side, original));
    assert_eq!(failed, Some((Side::Crm, id(Side::Crm, "a"))));
    assert_eq!(settled.partner, Some(id(Side::Google, "copy-0-a")));
}

#[test]
fn what_nobody_has_emptied_does_not_overwrite_what_waits() {
    let mut copy = seen(Side::Google, "copy-0-a", "1", private("base"));
    copy.record.description = "written on the copy".to_owned();
    let mut original = seen(Side::Crm, "a", "1", event("base"));
    original.record.description = String::new();
    let mut case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(original)],
        google: vec![Change::Present(copy)],
        ..Case::default()
    };
    case.settings.private_as_busy = true;
    let step = case.plan().steps.remove(0);
    assert_eq!(step.waiting.crm, []);
    assert_eq!(step.waiting.google, [EventField::Description]);
}
