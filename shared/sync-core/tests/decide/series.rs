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
        whole: false,
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

fn row(number: i64, name: &str, hour: i64) -> Observed<EventRecord> {
    let record = EventRecord {
        when: timed(hour),
        ..event("base")
    };
    let mut row = seen(Side::Crm, name, &format!("at {hour}"), record);
    row.traits.row_of = Some(id(Side::Crm, &format!("row-{number}")));
    row
}

/// Rows of one series in the CRM, a day apart, each paired with its occurrence in Google.
fn paired_rows(rows: i64) -> Case {
    let pairs = (0..rows).map(|number| {
        let hour = 9 + number * 24;
        let mut known = paired(0, &occurrence(&format!("at-{hour}"), hour));
        let row = row(0, &format!("row-{number}"), hour);
        known.half.crm = sync_core::base::Half::agreed(&row);
        known
    });
    Case {
        pairs: pairs.collect(),
        pairs_in_all: 5,
        ..Case::default()
    }
}

#[test]
fn rows_made_anew_with_their_series_stay_paired() {
    let mut case = paired_rows(3);
    case.crm = vec![
        Change::Present(row(0, "row-0", 10)),
        Change::Removed(id(Side::Crm, "row-1")),
        Change::Removed(id(Side::Crm, "row-2")),
        Change::Present(row(0, "anew-1", 10 + 24)),
        Change::Present(row(0, "anew-2", 10 + 48)),
    ];
    assert_eq!(case.told(), ["write When to google"; 3]);
}

#[test]
fn rows_made_anew_after_their_first_one_was_deleted_stay_paired() {
    // Handed to the second one without a trace, so that the pairs know the series by its former name.
    let mut case = paired_rows(4);
    case.pairs.remove(0);
    case.crm = vec![
        Change::Present(row(1, "row-1", 9 + 24)),
        Change::Removed(id(Side::Crm, "row-2")),
        Change::Removed(id(Side::Crm, "row-3")),
        Change::Present(row(1, "anew-2", 9 + 48)),
        Change::Present(row(1, "anew-3", 9 + 72)),
    ];
    // The row that stayed says nothing new.
    assert_eq!(case.told(), ["note"; 2]);
}

#[test]
fn a_row_deleted_by_itself_is_not_taken_for_one_that_stands_in_no_pair() {
    // The first row is out of scope, or was refused: another one is deleted while somebody edits it.
    let mut case = paired_rows(4);
    case.pairs.remove(0);
    case.crm = vec![
        Change::Present(row(0, "row-0", 9)),
        Change::Removed(id(Side::Crm, "row-2")),
    ];
    let told = case.told();
    assert!(told.contains(&"delete in google".to_owned()), "{told:?}");
    // Even where only one row besides is paired.
    case.pairs.remove(0);
    let told = case.told();
    assert!(told.contains(&"delete in google".to_owned()), "{told:?}");
}

/// The memory was lost of a series made from rows, four weeks apart, that reaches farther than a year.
fn forgotten_rows(rows: i64, seen_in_google: i64) -> Case {
    let hour = |number: i64| 9 + number * 28 * 24;
    let made = |number: i64| {
        let mut made = occurrence(&format!("made-{number}"), hour(number));
        made.traits.series_made_from = Some(id(Side::Crm, "row-0"));
        made
    };
    Case {
        pairs: Vec::new(),
        crm: (0..rows)
            .map(|number| Change::Present(row(0, &format!("row-{number}"), hour(number))))
            .collect(),
        google: vec![Change::Series {
            id: series(),
            occurrences: (0..seen_in_google).map(made).collect(),
            whole: true,
        }],
        ..Case::default()
    }
}

#[test]
fn a_series_made_from_rows_is_known_again_to_its_end() {
    assert_eq!(forgotten_rows(15, 15).told(), ["join"; 15]);
}

#[test]
fn an_occurrence_after_the_window_follows_its_series_and_is_not_missed() {
    let far = 9 + 14 * 28 * 24;
    let mut case = forgotten_rows(0, 0);
    case.pairs = [9, far]
        .map(|hour| {
            let mut known = paired(0, &occurrence(&format!("made-{hour}"), hour));
            known.half.crm = sync_core::base::Half::agreed(&row(0, &format!("row-{hour}"), hour));
            known
        })
        .into();
    let moved_to = |hours: &[i64]| Change::Series {
        id: series(),
        occurrences: hours
            .iter()
            .map(|hour| occurrence(&format!("made-{hour}"), *hour))
            .collect(),
        whole: true,
    };
    case.google = vec![moved_to(&[10, far + 1])];
    assert_eq!(case.told(), ["write When to crm"; 2]);
    // It may belong to another series now, of which nobody sees so much yet.
    case.google = vec![moved_to(&[9])];
    assert!(case.told().is_empty(), "{:?}", case.told());
}

#[test]
fn a_moved_row_finds_its_occurrence_although_the_others_are_paired_again() {
    // The memory was lost, and one of the two could not be written when all of them were joined.
    let mut left = occurrence("made-1", 9 + 24);
    left.traits.series_made_from = Some(id(Side::Crm, "row-0"));
    let mut case = paired_rows(1);
    case.crm = vec![Change::Present(row(0, "row-1", 9 + 96))];
    case.google = vec![Change::Present(left)];
    assert_eq!(case.told(), ["write When to crm, crm loses When"]);
}

#[test]
fn what_a_cut_off_run_left_of_a_split_series_follows_the_rest() {
    let mut case = three_weeks();
    let goes_on = |hour: i64| {
        let mut seen = occurrence(&format!("on-{hour}"), hour);
        seen.traits.series = Some(id(Side::Google, "goes-on"));
        seen
    };
    let (second, third) = (10 + 7 * 24, 10 + 14 * 24);
    // The second of three is carried already, and has its new name.
    case.pairs[1] = paired(1, &goes_on(second));
    case.google = vec![
        listed(&[9]),
        Change::Series {
            id: id(Side::Google, "goes-on"),
            occurrences: vec![goes_on(second), goes_on(third)],
            whole: false,
        },
    ];
    assert_eq!(case.told(), ["write When to crm"]);
}
