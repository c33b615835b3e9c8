//! Series whose occurrences go by other names, and records that moved to another collection.

use sync_core::base::Pair;
use sync_core::change::{Change, Observed};
use sync_core::id::RemoteId;
use sync_core::kind::event::EventRecord;
use sync_core::side::Side;

use crate::ground::{Case, event, id, pair, seen, timed};

fn series() -> RemoteId {
    id(Side::Google, "series")
}

fn occurrence(name: &str, hour: i64) -> Observed<EventRecord> {
    let mut seen = seen(
        Side::Google,
        name,
        "1",
        EventRecord {
            when: timed(hour),
            ..event("base")
        },
    );
    seen.traits.series = Some(series());
    seen
}

fn paired(number: usize, google: &Observed<EventRecord>) -> Pair {
    let mut known = pair();
    known.half.crm.id = id(Side::Crm, &format!("row-{number}"));
    known.half.google = sync_core::base::Half::agreed(google);
    known.half.crm.fields = known.half.google.fields.clone();
    known
}

/// Three occurrences, a week apart, each with its row in the CRM.
fn three_weeks() -> Case {
    let hours = [9, 9 + 7 * 24, 9 + 14 * 24];
    let pairs = hours
        .iter()
        .enumerate()
        .map(|(number, hour)| paired(number, &occurrence(&format!("at-{hour}"), *hour)))
        .collect();
    Case {
        pairs,
        pairs_in_all: 3,
        ..Case::default()
    }
}

fn listed(hours: &[i64]) -> Change<EventRecord> {
    let occurrences = hours
        .iter()
        .map(|hour| occurrence(&format!("at-{hour}"), *hour))
        .collect();
    Change::Series {
        id: series(),
        occurrences,
    }
}

#[test]
fn a_series_moved_by_an_hour_moves_its_rows() {
    let mut case = three_weeks();
    case.google = vec![listed(&[10, 10 + 7 * 24, 10 + 14 * 24])];
    assert_eq!(
        case.told(),
        ["write When to crm", "write When to crm", "write When to crm"]
    );
    for step in case.plan().steps {
        let base = step.base.expect("a pair");
        assert_ne!(
            base.half.google.stored_id(),
            &base.half.google.id,
            "the old name is known, to be forgotten"
        );
    }
}

#[test]
fn an_occurrence_cancelled_before_its_series_is_moved_takes_no_other_ones_place() {
    let mut case = three_weeks();
    case.google = vec![
        Change::Removed(id(Side::Google, "at-9")),
        listed(&[10 + 7 * 24, 10 + 14 * 24]),
    ];
    assert_eq!(
        case.told(),
        ["delete in crm", "write When to crm", "write When to crm"]
    );
    assert_eq!(case.plan().steps[0].id(Side::Crm), Some(&id(Side::Crm, "row-0")));
}

#[test]
fn a_cancelled_occurrence_is_not_followed_to_one_that_has_no_row_yet() {
    let mut case = three_weeks();
    case.pairs.remove(1);
    case.google = vec![
        Change::Removed(id(Side::Google, "at-9")),
        listed(&[9 + 7 * 24, 9 + 14 * 24]),
    ];
    assert_eq!(
        case.told(),
        ["create base in crm (generation 0)", "delete in crm"]
    );
}

#[test]
fn an_occurrence_far_away_is_not_taken_for_one_that_is_gone() {
    let mut case = three_weeks();
    case.google = vec![listed(&[9, 9 + 7 * 24, 9 + 400 * 24])];
    assert_eq!(
        case.told(),
        ["create base in crm (generation 0)", "delete in crm"]
    );
}

#[test]
fn a_series_cut_short_loses_its_last_rows_only() {
    let mut case = three_weeks();
    case.google = vec![listed(&[9, 9 + 7 * 24])];
    assert_eq!(case.told(), ["delete in crm"]);
}

#[test]
fn a_series_that_grows_gets_new_rows_only() {
    let mut case = three_weeks();
    case.google = vec![listed(&[9, 9 + 7 * 24, 9 + 14 * 24, 9 + 21 * 24])];
    assert_eq!(case.told(), ["create base in crm (generation 0)"]);
}

#[test]
fn a_deleted_series_takes_its_rows_along() {
    let mut case = three_weeks();
    case.google = vec![Change::Removed(series())];
    assert_eq!(case.told(), ["delete in crm", "delete in crm", "delete in crm"]);
}

#[test]
fn a_series_that_cannot_be_carried_any_more_keeps_its_rows() {
    let mut case = three_weeks();
    case.complete.google = true;
    case.google = vec![Change::Unreadable {
        id: series(),
        code: "series_too_dense",
        message: "too many".to_owned(),
    }];
    assert!(case.told().is_empty());
}

#[test]
fn an_occurrence_outside_the_window_is_not_missed() {
    let mut case = three_weeks();
    for pair in &mut case.pairs {
        pair.half.google.starts_at = pair
            .half
            .google
            .starts_at
            .map(|at| at - chrono::Duration::days(400));
    }
    case.google = vec![listed(&[])];
    assert!(case.told().is_empty());
}

#[test]
fn an_event_moved_to_another_calendar_stays_the_same_event() {
    let mut moved = seen(
        Side::Google,
        "a",
        "2",
        EventRecord {
            title: "renamed".to_owned(),
            ..event("base")
        },
    );
    moved.id = RemoteId::new("team@example.com", "a");
    let case = Case {
        google: vec![Change::Present(moved), Change::Removed(id(Side::Google, "a"))],
        ..Case::default()
    };
    assert_eq!(case.told(), ["write Title to crm"]);
}
