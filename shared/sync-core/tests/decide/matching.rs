//! First runs: which records are one thing.

use sync_core::change::{Change, Observed};
use sync_core::kind::event::EventRecord;
use sync_core::policy::{Hours, PrivateMode};
use sync_core::side::Side;

use crate::ground::{Case, event, id, seen, timed};

fn case(crm: Vec<Observed<EventRecord>>, google: Vec<Observed<EventRecord>>) -> Case {
    Case {
        pairs: Vec::new(),
        pairs_in_all: 0,
        crm: crm.into_iter().map(Change::Present).collect(),
        google: google.into_iter().map(Change::Present).collect(),
        ..Case::default()
    }
}

#[test]
fn what_has_no_partner_is_copied() {
    let case = case(
        vec![seen(Side::Crm, "a", "1", event("one"))],
        vec![seen(Side::Google, "b", "1", event("two"))],
    );
    assert_eq!(
        case.told(),
        [
            "create one in google (generation 0)",
            "create two in crm (generation 0)"
        ]
    );
}

#[test]
fn equal_time_and_title_are_one_thing() {
    let case = case(
        vec![seen(Side::Crm, "a", "1", event("one"))],
        vec![seen(Side::Google, "b", "1", event("one"))],
    );
    assert_eq!(case.told(), ["join"]);
}

#[test]
fn two_equal_ones_on_each_side_are_two_things() {
    let two = |side| {
        vec![
            seen(side, "a", "1", event("one")),
            seen(side, "b", "1", event("one")),
        ]
    };
    assert_eq!(case(two(Side::Crm), two(Side::Google)).told(), ["join", "join"]);
    let one = vec![seen(Side::Google, "c", "1", event("one"))];
    assert_eq!(
        case(two(Side::Crm), one).told(),
        ["create one in google (generation 0)", "join"]
    );
}

#[test]
fn a_title_that_the_crm_cut_is_the_same_title() {
    let mut case = case(
        vec![seen(Side::Crm, "a", "1", event("a long ti"))],
        vec![seen(Side::Google, "b", "1", event("a long title"))],
    );
    case.limits.crm.title_chars = Some(9);
    assert_eq!(case.told(), ["join"]);
}

#[test]
fn our_marker_comes_before_equality() {
    let mut marked = seen(Side::Google, "b", "1", event("renamed"));
    marked.traits.made_from = Some(id(Side::Crm, "a"));
    let twin = seen(Side::Google, "c", "1", event("one"));
    let case = case(vec![seen(Side::Crm, "a", "1", event("one"))], vec![twin, marked]);
    assert_eq!(
        case.told(),
        [
            "create one in crm (generation 0)",
            "write Title to crm, crm loses Title"
        ]
    );
}

#[test]
fn a_copy_under_the_sides_own_name_is_known_by_the_derived_one_beside_it() {
    let mut copy = seen(Side::Crm, "18x7", "1", event("edited since"));
    copy.traits.made_as = Some(id(Side::Crm, "copy-1-b"));
    let original = seen(Side::Google, "b", "1", event("original"));
    assert_eq!(
        case(vec![copy.clone()], vec![original.clone()]).told(),
        ["write Title to crm, crm loses Title"]
    );
    copy.traits.made_as = Some(id(Side::Crm, "copy-1-c"));
    assert_eq!(
        case(vec![copy], vec![original]).told(),
        [
            "create edited since in google (generation 0)",
            "create original in crm (generation 0)"
        ]
    );
}

#[test]
fn our_derived_ids_need_no_marker() {
    let copy = seen(Side::Crm, "copy-1-b", "1", event("renamed"));
    let crm_copy = case(vec![copy], vec![seen(Side::Google, "b", "1", event("one"))]);
    assert_eq!(crm_copy.told(), ["write Title to crm, crm loses Title"]);
}

#[test]
fn a_duplicate_of_our_copy_is_a_thing_of_its_own() {
    let mut copy = seen(Side::Google, "copy-0-a", "1", event("one"));
    copy.traits.made_from = Some(id(Side::Crm, "a"));
    let mut duplicate = seen(Side::Google, "a-duplicate", "1", event("one again"));
    duplicate.traits.made_from = Some(id(Side::Crm, "a"));
    let case = case(
        vec![seen(Side::Crm, "a", "1", event("one"))],
        vec![duplicate, copy],
    );
    assert_eq!(case.told(), ["create one again in crm (generation 0)", "join"]);
}

#[test]
fn marks_of_the_built_in_sync_are_taken_over() {
    let mut crm = seen(Side::Crm, "a", "1", event("one"));
    crm.traits.built_in_partner = Some("b".to_owned());
    let mut google = event("one");
    google.when = timed(12);
    assert_eq!(
        case(vec![crm], vec![seen(Side::Google, "b", "1", google)]).told(),
        ["write When to crm, crm loses When"]
    );
}

#[test]
fn an_empty_field_takes_the_other_value_and_nothing_is_lost() {
    let mut bare = event("one");
    bare.description = String::new();
    let case = case(
        vec![seen(Side::Crm, "a", "1", event("one"))],
        vec![seen(Side::Google, "b", "1", bare)],
    );
    assert_eq!(case.told(), ["write Description to google"]);
}

#[test]
fn a_copy_made_before_its_answer_was_lost_takes_the_place_of_the_deleted_one() {
    let mut edited = event("base");
    edited.title = "edited".to_owned();
    let again = Case {
        crm: vec![
            Change::Removed(id(Side::Crm, "a")),
            Change::Present(seen(Side::Crm, "copy-1-a", "1", edited.clone())),
        ],
        google: vec![Change::Present(seen(Side::Google, "a", "2", edited))],
        ..Case::default()
    };
    assert_eq!(again.told(), ["note"]);
}

#[test]
fn what_is_hidden_is_not_compared() {
    let secret = |side| {
        let mut secret = event("same");
        secret.private = true;
        seen(side, "a", "1", secret)
    };
    let mut both = case(
        vec![secret(Side::Crm)],
        vec![seen(Side::Google, "a", "1", event("same"))],
    );
    both.settings.private_as_busy = true;
    let copies = [
        "create Busy in google (generation 0)",
        "create same in crm (generation 0)",
    ];
    assert_eq!(
        both.told(),
        copies,
        "a match would tell Google what the meeting is called"
    );
    // Out of hours both are left alone; they are not joined either, to be hidden on the day when they come into scope.
    let mut outside = case(vec![secret(Side::Crm)], vec![secret(Side::Google)]);
    outside.settings.private = PrivateMode::None;
    outside.settings.hours = Some(Hours {
        days: vec!["sun".to_owned()],
        from: "08:00".to_owned(),
        to: "09:00".to_owned(),
        time_zone: "UTC".to_owned(),
    });
    assert!(outside.told().is_empty());
}

#[test]
fn the_one_that_may_be_shown_is_the_original() {
    let mut secret = event("same");
    secret.private = true;
    let mut case = case(
        vec![seen(Side::Crm, "a", "1", event("same"))],
        vec![seen(Side::Google, "a", "1", secret)],
    );
    case.settings.private = PrivateMode::ToCrm;
    let plan = case.plan();
    assert_eq!(case.told(), ["write Private to crm, crm loses Private"]);
    assert_eq!(
        plan.steps[0].origin,
        Side::Google,
        "or it would be taken away to hide the other one"
    );
}
