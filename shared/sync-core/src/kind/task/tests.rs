//! Normal forms and comparison of tasks.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use proptest::prelude::*;

use super::{Due, Status, TaskField, TaskLimits, TaskRecord, task_text};
use crate::kind::Record;
use crate::kind::line::one_line;
use crate::side::PerSide;

/// Google's side: no times, instants of completion by the second.
fn google() -> TaskLimits {
    TaskLimits {
        title_chars: Some(1024),
        notes_chars: Some(8192),
        has_due_time: false,
        ..TaskLimits::none()
    }
}

/// A CRM that cuts titles, and knows no instant of completion.
fn crm() -> TaskLimits {
    TaskLimits {
        title_chars: Some(5),
        completed_step_seconds: None,
        four_byte_characters: false,
        ..TaskLimits::none()
    }
}

fn due() -> impl Strategy<Value = Option<Due>> {
    let time = prop::option::of((0..24_u32, 0..60_u32));
    prop::option::of((0..800_i32, time)).prop_map(|due| {
        due.map(|(days, time)| Due {
            day: NaiveDate::from_num_days_from_ce_opt(739_000 + days).unwrap(),
            time: time.map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap()),
        })
    })
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Open),
        prop::option::of(0..100_i64).prop_map(|at| Status::Completed {
            at: at.map(|seconds| DateTime::<Utc>::from_timestamp(1_790_000_000 + seconds, 0).unwrap())
        }),
    ]
}

fn task() -> impl Strategy<Value = TaskRecord> {
    ("[a-d 😀]{0,8}", "[a-d\n 😀]{0,12}", due(), status()).prop_map(|(title, notes, due, status)| {
        TaskRecord {
            title: one_line(&title),
            notes: task_text(&notes),
            due,
            status,
        }
    })
}

proptest! {
    #[test]
    fn normal_forms_are_their_own(text in "(\\PC|\n|\r|\t|\u{a0}|\u{2028}){0,40}") {
        let line = one_line(&text);
        prop_assert_eq!(one_line(&line), line.clone());
        let broken = line.contains(['\n', '\r', '\t', '\u{a0}']);
        prop_assert!(!broken);
        let notes = task_text(&text);
        prop_assert_eq!(task_text(&notes), notes);
    }

    #[test]
    fn sameness_is_mutual_and_holds_for_equals(one in task(), two in task()) {
        let (crm, google) = (crm(), google());
        let limits = PerSide { crm: &crm, google: &google };
        for field in TaskRecord::FIELDS.iter().copied() {
            prop_assert!(one.same(field, &one, limits));
            prop_assert_eq!(one.same(field, &two, limits), two.same(field, &one, limits));
            if one.fingerprint(field) == two.fingerprint(field) {
                prop_assert!(one.same(field, &two, limits));
            }
        }
    }

    #[test]
    fn what_was_taken_is_the_same(one in task(), two in task()) {
        let (crm, google) = (crm(), google());
        let limits = PerSide { crm: &crm, google: &google };
        for field in TaskRecord::FIELDS.iter().copied() {
            let mut taken = one.clone();
            taken.take(field, &two);
            prop_assert!(taken.same(field, &two, limits), "{:?}", field);
            for other in TaskRecord::FIELDS.iter().copied().filter(|other| *other != field) {
                prop_assert_eq!(taken.fingerprint(other), one.fingerprint(other));
            }
        }
    }

    #[test]
    fn a_journal_gives_back_what_it_got(one in task(), two in task()) {
        for field in TaskRecord::FIELDS.iter().copied() {
            let mut restored = two.clone();
            prop_assert_eq!(restored.put_journal_value(field, &one.journal_value(field)), Some(()));
            prop_assert_eq!(restored.fingerprint(field), one.fingerprint(field));
            prop_assert_eq!(TaskRecord::field_named(TaskRecord::field_name(field)), Some(field));
        }
    }
}

#[test]
fn a_time_of_day_is_equal_to_none_and_survives_the_other_sides_move() {
    let (crm, google) = (crm(), google());
    let limits = PerSide {
        crm: &crm,
        google: &google,
    };
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    let at_three = Due {
        day: day(3),
        time: NaiveTime::from_hms_opt(15, 0, 0),
    };
    let record = |due| TaskRecord {
        title: String::new(),
        notes: String::new(),
        due,
        status: Status::Open,
    };
    let mut ours = record(Some(at_three));
    let theirs = record(Some(Due {
        day: day(3),
        time: None,
    }));
    assert!(ours.same(TaskField::Due, &theirs, limits));
    let moved = record(Some(Due {
        day: day(4),
        time: None,
    }));
    assert!(!ours.same(TaskField::Due, &moved, limits));
    ours.take(TaskField::Due, &moved);
    assert_eq!(
        ours.due,
        Some(Due {
            day: day(4),
            time: at_three.time
        })
    );
    ours.take(TaskField::Due, &record(None));
    assert_eq!(ours.due, None);
}
