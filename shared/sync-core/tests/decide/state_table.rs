//! The state table: every cell, with the default policy and with the others.

use sync_core::base::PairState;
use sync_core::change::Change;
use sync_core::kind::event::EventRecord;
use sync_core::policy::{ConflictWinner, Deletions, Direction};
use sync_core::side::Side;

use crate::ground::{Case, event, id, pair, seen};

/// How a side stands in a case.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Is {
    Unread,
    Same,
    Changed,
    Deleted,
    /// Lacking from a whole listing.
    Absent,
    Left,
}

fn changes(side: Side, is: Is, changed: &EventRecord) -> Vec<Change<EventRecord>> {
    match is {
        Is::Unread | Is::Absent => Vec::new(),
        Is::Same => vec![Change::Present(seen(side, "a", "1", event("base")))],
        Is::Changed => vec![Change::Present(seen(side, "a", "2", changed.clone()))],
        Is::Deleted => vec![Change::Removed(id(side, "a"))],
        Is::Left => vec![Change::Left(id(side, "a"))],
    }
}

fn check(crm: Is, google: Is, case: Case, expected: &[&str]) {
    let by_crm = EventRecord {
        title: "by crm".to_owned(),
        ..event("base")
    };
    let by_google = EventRecord {
        title: "by google".to_owned(),
        ..event("base")
    };
    let mut case = case;
    case.crm = changes(Side::Crm, crm, &by_crm);
    case.google = changes(Side::Google, google, &by_google);
    case.complete.crm = crm == Is::Absent;
    case.complete.google = google == Is::Absent;
    assert_eq!(case.told(), expected, "CRM {crm:?}, Google {google:?}");
}

#[test]
fn with_the_default_policy() {
    for (crm, google, expected) in [
        (Is::Unread, Is::Unread, &[][..]),
        (Is::Same, Is::Same, &[]),
        (Is::Same, Is::Unread, &[]),
        (Is::Unread, Is::Changed, &["write Title to crm"]),
        (Is::Same, Is::Changed, &["write Title to crm"]),
        (Is::Changed, Is::Unread, &["write Title to google"]),
        (Is::Changed, Is::Same, &["write Title to google"]),
        (Is::Changed, Is::Changed, &["write Title to crm, crm loses Title"]),
        (Is::Same, Is::Deleted, &["delete in crm"]),
        (Is::Unread, Is::Deleted, &["delete in crm"]),
        (Is::Unread, Is::Absent, &["delete in crm"]),
        (Is::Deleted, Is::Unread, &["delete in google"]),
        (Is::Absent, Is::Same, &["delete in google"]),
        (
            Is::Changed,
            Is::Deleted,
            &["create by crm in google (generation 1)"],
        ),
        (
            Is::Deleted,
            Is::Changed,
            &["create by google in crm (generation 1)"],
        ),
        (Is::Deleted, Is::Deleted, &["forget"]),
        (Is::Absent, Is::Absent, &["forget"]),
        (Is::Left, Is::Changed, &["remember Left(Crm)"]),
    ] {
        check(crm, google, Case::default(), expected);
    }
}

#[test]
fn the_winner_is_the_one_the_settings_name() {
    let mut case = Case::default();
    case.settings.conflict_winner = ConflictWinner::Crm;
    check(
        Is::Changed,
        Is::Changed,
        case.clone(),
        &["write Title to google, google loses Title"],
    );
    case.settings.conflict_winner = ConflictWinner::Google;
    check(
        Is::Changed,
        Is::Changed,
        case,
        &["write Title to crm, crm loses Title"],
    );
}

#[test]
fn edits_of_different_fields_both_survive() {
    let mut case = Case::default();
    let mut crm = event("base");
    crm.title = "new".to_owned();
    let mut google = event("base");
    google.location = "elsewhere".to_owned();
    case.crm = vec![Change::Present(seen(Side::Crm, "a", "2", crm))];
    case.google = vec![Change::Present(seen(Side::Google, "a", "2", google))];
    assert_eq!(case.told(), ["write Location to crm, write Title to google"]);
}

#[test]
fn one_way_never_writes_to_its_source() {
    let mut case = Case::default();
    case.settings.direction = Direction::CrmToGoogle;
    check(Is::Changed, Is::Unread, case.clone(), &["write Title to google"]);
    check(Is::Unread, Is::Changed, case.clone(), &["note"]);
    check(
        Is::Changed,
        Is::Changed,
        case.clone(),
        &["write Title to google, google loses Title"],
    );
    check(Is::Deleted, Is::Unread, case.clone(), &["delete in google"]);
    check(Is::Unread, Is::Deleted, case, &["remember Gone(Google)"]);
    let mut case = Case::default();
    case.settings.direction = Direction::GoogleToCrm;
    check(Is::Changed, Is::Unread, case.clone(), &["note"]);
    check(Is::Unread, Is::Deleted, case.clone(), &["delete in crm"]);
    check(Is::Deleted, Is::Unread, case.clone(), &["remember Gone(Crm)"]);
    check(Is::Changed, Is::Deleted, case, &["remember Gone(Google)"]);
}

#[test]
fn a_kept_record_stays_and_is_not_taken_for_a_new_one() {
    let mut case = Case::default();
    case.settings.deletions = Deletions::Keep;
    check(Is::Deleted, Is::Unread, case.clone(), &["remember Gone(Crm)"]);
    let mut kept = pair();
    kept.state = PairState::Gone(Side::Crm);
    case.pairs = vec![kept];
    check(Is::Absent, Is::Same, case.clone(), &[]);
    check(
        Is::Unread,
        Is::Changed,
        case.clone(),
        &["create by google in crm (generation 1)"],
    );
    check(Is::Unread, Is::Deleted, case.clone(), &["forget"]);
    check(Is::Changed, Is::Unread, case, &["write Title to google"]);
}

#[test]
fn a_record_that_left_the_user_is_left_alone() {
    let mut away = pair();
    away.state = PairState::Left(Side::Crm);
    let case = Case {
        pairs: vec![away],
        ..Case::default()
    };
    check(Is::Unread, Is::Changed, case.clone(), &[]);
    check(Is::Unread, Is::Deleted, case.clone(), &["forget"]);
    check(Is::Changed, Is::Unread, case, &["write Title to google"]);
}

#[test]
fn too_many_deletions_are_held_until_a_person_says_so() {
    let mut case = Case {
        pairs: Vec::new(),
        pairs_in_all: 50,
        ..Case::default()
    };
    for number in 0..11 {
        let mut one = pair();
        one.half.crm.id = id(Side::Crm, &number.to_string());
        one.half.google.id = id(Side::Google, &number.to_string());
        case.google.push(Change::Removed(one.half.google.id.clone()));
        case.pairs.push(one);
    }
    assert!(case.plan().braked, "eleven of fifty are more than ten");
    case.confirmed = 11;
    assert!(!case.plan().braked, "a person has confirmed eleven");
    case.confirmed = 0;
    case.pairs_in_all = 55;
    assert!(!case.plan().braked, "eleven of fifty-five are twenty per cent");
    case.pairs_in_all = 50;
    case.google.pop();
    assert!(!case.plan().braked, "ten are always allowed");
}

#[test]
fn an_edit_that_waits_is_not_deleted_unseen() {
    let mut waits = pair();
    waits.half.google.pending = true;
    let case = Case {
        pairs: vec![waits],
        ..Case::default()
    };
    check(Is::Deleted, Is::Unread, case, &["remember Gone(Crm)"]);
}
