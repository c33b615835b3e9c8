//! Rows to tasks, and due days about every clock change of every zone.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde_json::{Map, Value, json};
use sync_core::kind::task::Due;
use url::Url;

use super::super::shape::{Shape, Unreadable};
use super::super::site::Site;
use super::super::tasks::Tasks;
use super::super::wire::Row;

fn row(value: Value) -> Row {
    serde_json::from_value(value).unwrap()
}

fn due_of(tasks: &Tasks, row: &Row) -> Result<Option<NaiveDate>, Unreadable> {
    let base: Url = "https://crm.example.com/".parse().unwrap();
    let site = Site::of(Tasks::MODULE, Tasks::TWIN);
    let seen = tasks.observed(row, &site, &base)?;
    Ok(seen.record.due.map(|due| due.day))
}

fn sent(tasks: &Tasks, due: Option<NaiveDate>, before: Option<&Row>, today: NaiveDate) -> Row {
    let mut values = before.map(|row| row.0.clone()).unwrap_or_default();
    let mut changed = Map::new();
    let due = due.map(|day| Due { day, time: None });
    tasks.write_due(due, before, today, &mut changed).unwrap();
    values.extend(changed);
    values.insert("id".to_owned(), "9x1".into());
    Row(values)
}

#[test]
fn a_due_day_reads_back_in_every_zone_and_none_reads_as_none() {
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    for zone in TZ_VARIANTS {
        let tasks = Tasks { zone };
        // A step without a common factor with weeks and months, so that every sort of day comes up.
        for days in (0..1_500).step_by(13) {
            let day = first + TimeDelta::days(days);
            let today = first + TimeDelta::days((days * 7) % 1_500);
            let dated = sent(&tasks, Some(day), None, today);
            assert_eq!(due_of(&tasks, &dated), Ok(Some(day)), "{zone} {day}");
            let undated = sent(&tasks, None, Some(&dated), today);
            assert_eq!(due_of(&tasks, &undated), Ok(None), "{zone} {today}");
            let again = sent(&tasks, Some(today), Some(&undated), day);
            assert_eq!(due_of(&tasks, &again), Ok(Some(today)), "{zone} {today}");
        }
    }
}

#[test]
fn a_persons_start_stays_when_the_day_moves() {
    let tasks = Tasks {
        zone: Tz::Europe__Rome,
    };
    let before = row(
        json!({"id": "9x1", "date_start": "2026-12-20", "time_start": "08:15:00",
        "due_date": "2026-12-23"}),
    );
    let day = NaiveDate::from_ymd_opt(2026, 12, 24).unwrap();
    let after = sent(&tasks, Some(day), Some(&before), day);
    assert_eq!(
        (after.text("due_date").as_str(), after.text("date_start").as_str()),
        ("2026-12-24", "2026-12-20")
    );
    assert_eq!(after.text("time_start"), "08:15:00");
}

#[test]
fn days_that_are_none_are_told_apart() {
    let tasks = Tasks { zone: Tz::UTC };
    for (due, read) in [
        ("2026-12-24", Ok(NaiveDate::from_ymd_opt(2026, 12, 24))),
        ("", Ok(None)),
        ("0000-00-00", Ok(None)),
        ("24-12-2026", Err(Unreadable::BadDue)),
    ] {
        let row = row(json!({"id": "9x1", "due_date": due}));
        assert_eq!(due_of(&tasks, &row), read, "{due}");
    }
    assert_eq!(due_of(&tasks, &row(json!({}))), Err(Unreadable::NoId));
}
