//! Which lines a list has: events as they are, or series expanded.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::filter::Filter;
use super::moment::{Moment, parse};
use super::pages::Row;
use super::store::{Calendar, Stored};

/// Series are expanded so far ahead where a list has no end.
const HORIZON_DAYS: i64 = 730;

pub(super) fn list_rows(calendar: &Calendar, filter: &Filter, now: DateTime<Utc>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (id, event) in &calendar.events {
        if !filter.concerns(event) {
            continue;
        }
        if !event.cancelled() && filter.single && event.fields.contains_key("recurrence") {
            let mut expanded = BTreeMap::new();
            expand(calendar, event, filter, now, &mut expanded);
            rows.extend(expanded.into_values());
        } else if filter.lists(calendar, event) {
            rows.push(Row::Event(id.clone()));
        }
    }
    if let Some(order) = &filter.order {
        let mut keyed: Vec<(DateTime<Utc>, Row)> = rows
            .into_iter()
            .map(|row| {
                (
                    event_of(calendar, &row).map_or(now, |event| order_key(calendar, &event, order)),
                    row,
                )
            })
            .collect();
        keyed.sort_by_key(|(key, _)| *key);
        rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
    rows
}

fn order_key(calendar: &Calendar, event: &Stored, order: &str) -> DateTime<Utc> {
    let start =
        || parse(event.fields.get("start"), "start").map(|point| point.moment.instant(calendar.time_zone));
    if order == "updated" {
        event.updated
    } else {
        start().unwrap_or(event.updated)
    }
}

/// Newest first, so that a changed instance precedes its master, as it may with Google.
pub(super) fn delta_rows(calendar: &Calendar, since: u64, filter: &Filter, now: DateTime<Utc>) -> Vec<Row> {
    let mut rows = Vec::new();
    for id in calendar
        .changes
        .range(since.saturating_add(1)..)
        .rev()
        .map(|(_, id)| id)
    {
        let Some(event) = calendar.events.get(id).filter(|event| filter.concerns(event)) else {
            continue;
        };
        if filter.single && (event.fields.contains_key("recurrence") || !event.lost.is_empty()) {
            let mut expanded = BTreeMap::new();
            if !event.cancelled() {
                expand(calendar, event, filter, now, &mut expanded);
            }
            rows.extend(expanded.into_values());
            let newly = event.lost.iter().filter(|(_, sequence)| **sequence > since);
            rows.extend(newly.map(|(original, _)| Row::Lost {
                master: id.clone(),
                original: *original,
            }));
        } else {
            rows.push(Row::Event(id.clone()));
        }
    }
    rows
}

/// The occurrences of a series that are as its master says; changed ones are listed as events of their own.
pub(super) fn expand(
    calendar: &Calendar,
    master: &Stored,
    filter: &Filter,
    now: DateTime<Utc>,
    rows: &mut BTreeMap<Moment, Row>,
) {
    let (Some(series), Some(id)) = (master.series(), master.text("id")) else {
        return;
    };
    let from = filter.time_min.map_or(now, |least| least.max(now));
    let until = filter.time_max.unwrap_or(from + TimeDelta::days(HORIZON_DAYS));
    let changed = calendar.exceptions.get(id);
    for original in series.beginnings(until) {
        let end = original.plus(series.length).instant(calendar.time_zone);
        let begun_late = filter.time_min.is_none_or(|least| end > least);
        if begun_late && !changed.is_some_and(|changed| changed.contains_key(&original)) {
            rows.insert(
                original,
                Row::Instance {
                    master: id.to_owned(),
                    original,
                },
            );
        }
    }
}

pub(super) fn event_of(calendar: &Calendar, row: &Row) -> Option<Stored> {
    match row {
        Row::Event(id) => calendar.events.get(id).cloned(),
        Row::Instance { master, original } | Row::Lost { master, original } => {
            calendar.instance(master, *original)
        }
    }
}
