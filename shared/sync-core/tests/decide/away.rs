//! Pairs of which one record is away: given to somebody else, or deleted and the other one kept.

use sync_core::base::{Pair, PairState};
use sync_core::change::Change;
use sync_core::policy::{ConflictWinner, Direction};
use sync_core::settle::{Did, settle};
use sync_core::side::Side;

use crate::ground::{Case, event, id, pair, seen};

fn away(state: PairState) -> Case {
    Case {
        pairs: vec![Pair { state, ..pair() }],
        ..Case::default()
    }
}

#[test]
fn a_whole_listing_lacks_what_left_and_says_nothing_by_it() {
    let mut case = away(PairState::Left(Side::Crm));
    case.complete.crm = true;
    case.google = vec![Change::Present(seen(Side::Google, "a", "1", event("base")))];
    assert!(
        case.told().is_empty(),
        "the other one would be a new record next time"
    );
}

#[test]
fn what_left_and_was_deleted_then_is_not_made_anew() {
    let mut case = away(PairState::Left(Side::Crm));
    case.crm = vec![Change::Removed(id(Side::Crm, "a"))];
    assert_eq!(case.told(), ["remember Gone(Crm)"]);
    case.google = vec![Change::Removed(id(Side::Google, "a"))];
    assert_eq!(case.told(), ["forget"]);
}

#[test]
fn what_comes_back_is_merged_with_what_changed_meanwhile() {
    for state in [PairState::Left(Side::Crm), PairState::Gone(Side::Crm)] {
        let mut case = away(state);
        case.settings.conflict_winner = ConflictWinner::Crm;
        case.crm = vec![Change::Present(seen(Side::Crm, "a", "1", event("base")))];
        assert_eq!(case.told(), ["note"], "{state:?}: it is kept in step again");
        // The side that wins contests has changed nothing: there is no contest.
        case.google = vec![Change::Present(seen(Side::Google, "a", "2", event("edited")))];
        assert_eq!(case.told(), ["write Title to crm"], "{state:?}");
    }
}

#[test]
fn the_other_one_is_looked_at_when_it_comes_back() {
    let case = Case {
        crm: vec![Change::Left(id(Side::Crm, "a"))],
        ..Case::default()
    };
    let step = case.plan().steps.remove(0);
    let after = settle(step, Did::Nothing).after.expect("it is remembered");
    assert_eq!(after.state, PairState::Left(Side::Crm));
    assert!(after.half.google.pending && !after.half.crm.pending);
}

#[test]
fn what_is_restored_on_the_side_that_does_not_send_is_a_record_of_its_own() {
    for state in [PairState::Gone(Side::Google), PairState::Left(Side::Google)] {
        let mut case = away(state);
        case.settings.direction = Direction::CrmToGoogle;
        case.crm = vec![Change::Removed(id(Side::Crm, "a"))];
        case.google = vec![Change::Present(seen(Side::Google, "a", "2", event("base")))];
        assert_eq!(case.told(), ["forget"], "{state:?}");
    }
}
