//! "This and following": one series becomes two.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::check::{merge, settle};
use super::moment::Moment;
use super::refusal::Refusal;
use super::store::{Calendars, Stored};
use super::write::{Writer, Written, commit, current};

/// Splits a series as "this and following" does at Google's own pages: the old one ends, a new one begins, and the
/// new one's instances keep the old one's prefix.
pub(in super::super) fn split(
    calendars: &mut Calendars,
    calendar_id: &str,
    master: &str,
    instance: &str,
    patch: Map<String, Value>,
    writer: Writer<'_>,
) -> Result<Written, Refusal> {
    let (calendar, _) = calendars.reach(calendar_id, writer.account)?;
    let calendar_id = calendar.id.clone();
    let old = calendar
        .events
        .get(master)
        .cloned()
        .ok_or_else(Refusal::not_found)?;
    let first = current(calendar, instance)?;
    let original = super::moment::parse(first.fields.get("originalStartTime"), "original start")?.moment;
    let rules: Vec<String> = old
        .fields
        .get("recurrence")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let until = match original {
        Moment::Date(date) => date.pred_opt().unwrap_or(date).format("%Y%m%d").to_string(),
        Moment::Time(at) => (at - chrono::TimeDelta::seconds(1))
            .format("%Y%m%dT%H%M%SZ")
            .to_string(),
    };
    let ended: Vec<String> = rules.iter().map(|rule| ending(rule, &until)).collect();
    let name = format!(
        "{}_R{}",
        old.instance_prefix,
        original.suffix().trim_end_matches('Z')
    );
    let mut fields = first.fields.clone();
    for name in ["recurringEventId", "originalStartTime"] {
        fields.remove(name);
    }
    merge(&mut fields, patch);
    fields.insert("id".to_owned(), json!(name));
    fields.insert("iCalUID".to_owned(), json!(format!("{name}@google.com")));
    let counted = old.series().map_or(0, |series| series.counted_before(original));
    let going_on: Vec<String> = rules.iter().map(|rule| remaining(rule, counted)).collect();
    fields.entry("recurrence").or_insert_with(|| json!(going_on));
    settle(&mut fields)?;
    let mut ended_fields = old.fields.clone();
    ended_fields.insert("recurrence".to_owned(), json!(ended));
    let before = commit(calendars, &calendar_id, &old, ended_fields, writer.now)?;
    let event = Stored {
        fields,
        lost: BTreeMap::new(),
        ..old
    };
    let after = calendars
        .keep(&calendar_id, event, writer.now)
        .ok_or_else(Refusal::not_found)?;
    Ok(Written {
        calendar: calendar_id,
        id: name,
        before: before.fields,
        after,
    })
}

fn ending(rule: &str, until: &str) -> String {
    let Some(body) = rule.strip_prefix("RRULE:") else {
        return rule.to_owned();
    };
    let kept: Vec<&str> = body
        .split(';')
        .filter(|part| !part.starts_with("UNTIL=") && !part.starts_with("COUNT="))
        .collect();
    format!("RRULE:{};UNTIL={until}", kept.join(";"))
}

/// The rule of the new series: what the old one has counted already is not counted again.
fn remaining(rule: &str, counted: usize) -> String {
    let part = |part: &str| match part
        .strip_prefix("COUNT=")
        .and_then(|count| count.parse::<usize>().ok())
    {
        Some(count) => format!("COUNT={}", count.saturating_sub(counted).max(1)),
        None => part.to_owned(),
    };
    match rule.strip_prefix("RRULE:") {
        Some(body) => format!(
            "RRULE:{}",
            body.split(';').map(part).collect::<Vec<_>>().join(";")
        ),
        None => rule.to_owned(),
    }
}
