//! One event with a rule, made from rows that are one occurrence each.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;

use super::{EventField, EventRecord, When};
use crate::kind::{Fingerprint, Record, Series};
use crate::recurrence::{Starts, rule_of};

/// Most rows that become one series: as many as SuiteCRM makes, and as are read of one series in Google.
const ROWS_MAX: usize = 1_000;

/// The series that the rows are, if their starts follow a rule. It says what most of the rows say, and lasts as long
/// as most of them; the rows that say something else are changed afterwards, one by one.
pub(super) fn series_of(rows: &[EventRecord], zone: Tz) -> Option<Series<EventRecord>> {
    if rows.len() > ROWS_MAX {
        return None;
    }
    let rule = rule_of(&starts(rows, zone)?)?;
    let template = most_common(rows.iter(), says)?;
    let longest_lived = most_common(rows.iter(), |row| row.when.length().num_seconds())?;
    let first = rows.iter().min_by_key(|row| row.when.starts_at())?;
    let length = longest_lived.when.length();
    Some(Series {
        first: EventRecord {
            when: lasting(&first.when, length),
            ..template.clone()
        },
        rule,
    })
}

/// The starts of rows that are all timed or all whole days.
fn starts(rows: &[EventRecord], zone: Tz) -> Option<Starts> {
    let days: Vec<NaiveDate> = rows
        .iter()
        .filter_map(|row| match &row.when {
            When::AllDay { start, end: _ } => Some(*start),
            When::Timed { .. } => None,
        })
        .collect();
    if days.len() == rows.len() {
        return Some(Starts::AllDay(days));
    }
    let starts = rows.iter().map(|row| row.when.starts_at()).collect();
    days.is_empty().then_some(Starts::Timed { zone, starts })
}

/// All that a row says beside its time.
fn says(row: &EventRecord) -> Vec<Fingerprint> {
    EventRecord::FIELDS
        .iter()
        .filter(|field| **field != EventField::When)
        .map(|field| row.fingerprint(*field))
        .collect()
}

/// One of the rows that agree with the most others, the earliest of them.
fn most_common<'a, K: Ord>(
    rows: impl Iterator<Item = &'a EventRecord>,
    key: impl Fn(&EventRecord) -> K,
) -> Option<&'a EventRecord> {
    let mut groups: BTreeMap<K, Vec<&EventRecord>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    let first = |group: &Vec<&EventRecord>| group.iter().map(|row| row.when.starts_at()).min();
    groups
        .values()
        .max_by_key(|group| (group.len(), std::cmp::Reverse(first(group))))?
        .iter()
        .copied()
        .min_by_key(|row| row.when.starts_at())
}

/// The same start, with another length.
fn lasting(when: &When, length: Duration) -> When {
    match when {
        When::Timed { start, end: _ } => When::Timed {
            start: *start,
            end: *start + length,
        },
        When::AllDay { start, end: _ } => When::AllDay {
            start: *start,
            end: *start + length,
        },
    }
}
