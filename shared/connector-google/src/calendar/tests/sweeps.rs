//! Times, there and back, about every clock change of every zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use sync_core::kind::event::When;
use sync_engine::contract;

use super::google::link;
use crate::calendar::convert::observed;
use crate::calendar::marker::Marker;
use crate::calendar::wire::Event;
use crate::calendar::write::{new_times, patched_times};

/// A time as Google answers it: in the digits of the calendar's zone, whatever was sent.
fn answered(sent: &Value, zone: Tz) -> Value {
    match sent["dateTime"].as_str() {
        Some(text) => {
            let at: DateTime<Utc> = text.parse().unwrap();
            let local = at.with_timezone(&zone);
            json!({ "dateTime": local.format("%Y-%m-%dT%H:%M:%S%:z").to_string(), "timeZone": zone.name() })
        }
        None => json!({ "date": sent["date"] }),
    }
}

fn read(start: &Value, end: &Value, zone: Tz) -> When {
    let (start, end) = (answered(start, zone), answered(end, zone));
    let event: Event = serde_json::from_value(json!({ "id": "e1", "start": start, "end": end })).unwrap();
    let marker = Marker::new(&link(), vec!["primary".to_owned()]);
    observed(&marker, "primary", Some("owner"), &event)
        .unwrap()
        .record
        .when
}

#[test]
fn no_clock_change_moves_an_event() {
    contract::time::time_is_kept(|when, zone| {
        let (start, end) = patched_times(when);
        read(&start, &end, zone)
    });
}

#[test]
fn no_clock_change_moves_a_new_event() {
    contract::time::time_is_kept(|when, zone| {
        let (start, end) = new_times(when, Some(zone.name()));
        read(&start, &end, zone)
    });
}
