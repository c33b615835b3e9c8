//! Records that were put into another collection, where they keep their id.

use sync_core::base::{Pair, PairState};
use sync_core::change::{Change, Observed, Traits};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::event::EventRecord;
use sync_core::reconcile::Stands;
use sync_core::settle::{Did, settle, settle_part};
use sync_core::side::{PerSide, Side};

use crate::ground::{Case, event, id, pair, seen, timed};

fn shared(name: &str) -> RemoteId {
    RemoteId::new("shared", name)
}

/// The pair's Google record, found in another calendar.
fn moved(record: EventRecord) -> Observed<EventRecord> {
    Observed {
        id: shared("a"),
        ..seen(Side::Google, "a", "2", record)
    }
}

fn in_delta(record: EventRecord) -> Case {
    Case {
        google: vec![
            Change::Removed(id(Side::Google, "a")),
            Change::Present(moved(record)),
        ],
        ..Case::default()
    }
}

#[test]
fn the_pair_follows_it() {
    let case = in_delta(event("base"));
    assert_eq!(case.told(), ["note"]);
    let after = settle(case.plan().steps.remove(0), Did::Nothing).after;
    assert_eq!(after.map(|pair| pair.half.google.id), Some(shared("a")));
}

#[test]
fn it_is_followed_where_its_other_half_is_gone() {
    let mut case = in_delta(event("base"));
    case.pairs = vec![Pair {
        state: PairState::Gone(Side::Crm),
        ..pair()
    }];
    assert_eq!(case.told(), ["remember Gone(Crm)"]);
    let after = settle(case.plan().steps.remove(0), Did::Nothing).after;
    assert_eq!(
        after.map(|pair| pair.half.google.id),
        Some(shared("a")),
        "an edit over there would be a new record otherwise"
    );
}

#[test]
fn it_is_in_its_own_pair_still_where_only_one_write_went_through() {
    let mut case = in_delta(event("theirs"));
    let ours = EventRecord {
        description: "ours".to_owned(),
        ..event("base")
    };
    case.crm = vec![Change::Present(seen(Side::Crm, "a", "2", ours.clone()))];
    assert_eq!(case.told(), ["write Title to crm, write Description to google"]);
    let step = case.plan().steps.remove(0);
    let written = EventRecord {
        title: "theirs".to_owned(),
        ..ours
    };
    let did = Did::Wrote(PerSide {
        crm: Some(Ok(seen(Side::Crm, "a", "3", written))),
        google: Some(Err(Failure::conflict("changed", "It was moved back."))),
    });
    let part = settle_part(&step, &did).and_then(|part| part.after);
    assert!(
        part.is_some_and(|known| known.is_stored_as(&pair())),
        "found under its old name again, it would be taken for another pair's, and its own for deleted"
    );
}

#[test]
fn it_is_followed_from_before_the_window() {
    let mut before = pair();
    before.half.google.starts_at = Some(crate::ground::at(-24 * 90));
    let mut case = Case {
        pairs: vec![before],
        google: vec![Change::Present(moved(EventRecord {
            when: timed(12),
            ..event("base")
        }))],
        ..Case::default()
    };
    case.complete.google = true;
    assert_eq!(case.told(), ["write When to crm"]);
}

#[test]
fn it_is_found_again_by_the_name_that_a_copy_was_made_from() {
    let original = Observed {
        traits: Traits {
            former_ids: vec![id(Side::Google, "a")],
            ..Traits::default()
        },
        ..moved(event("base"))
    };
    let copy = seen(Side::Crm, "copy-0-a", "1", event("base"));
    let case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(copy)],
        google: vec![Change::Present(original)],
        ..Case::default()
    };
    assert_eq!(case.told(), ["join"]);
}

#[test]
fn it_may_be_moved_while_it_is_written() {
    let case = Case {
        crm: vec![Change::Present(seen(Side::Crm, "a", "2", event("edited")))],
        ..Case::default()
    };
    let step = case.plan().steps.remove(0);
    let crm = Stands::Present(Box::new(seen(Side::Crm, "a", "2", event("edited"))));
    let google = Stands::Present(Box::new(moved(event("base"))));
    assert_eq!(
        case.again(&step, crm, google).as_deref(),
        Some("write Title to google")
    );
}

#[test]
fn what_is_left_of_two_that_were_to_be_joined_is_new() {
    let case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", event("base")))],
        google: vec![Change::Present(seen(Side::Google, "a", "1", event("base")))],
        ..Case::default()
    };
    let step = case.plan().steps.remove(0);
    let google = || Stands::Present(Box::new(seen(Side::Google, "a", "1", event("base"))));
    let made = Some("create base in crm (generation 0)".to_owned());
    assert_eq!(case.again(&step, Stands::Gone, google()), made);
    assert_eq!(case.again(&step, Stands::Left, google()), made);
}

#[test]
fn a_copy_whose_original_passed_to_somebody_else_is_left_alone() {
    let copy = seen(Side::Google, "copy-0-a", "1", event("base"));
    let case = Case {
        pairs: Vec::new(),
        crm: vec![Change::Present(seen(Side::Crm, "a", "1", event("base")))],
        google: vec![Change::Present(copy.clone())],
        ..Case::default()
    };
    let step = case.plan().steps.remove(0);
    assert_eq!(
        case.again(&step, Stands::Left, Stands::Present(Box::new(copy))),
        None
    );
}
