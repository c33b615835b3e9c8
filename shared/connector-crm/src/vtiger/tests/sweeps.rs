//! Times, there and back, about every clock change of every zone.

use chrono_tz::Tz;
use serde_json::Value;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_engine::contract;

use super::super::events::{Events, Span, columns};
use super::super::shape::Shape;
use super::super::site::Site;
use super::super::wire::Row;

/// Through the columns that are sent and come back.
fn there_and_back(when: &When, zone: Tz) -> When {
    let record = EventRecord {
        title: String::new(),
        description: String::new(),
        location: String::new(),
        when: when.clone(),
        private: false,
    };
    let site = Site::of(Events::MODULE, Events::TWIN);
    let columns = columns(&record, &[EventField::When], &site, zone).unwrap();
    let row: Row = serde_json::from_value(Value::Object(columns)).unwrap();
    Span::read(&row).unwrap().when(zone)
}

#[test]
fn no_clock_change_moves_an_event() {
    contract::time::time_is_kept(there_and_back);
}
