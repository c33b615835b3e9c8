//! Times, there and back, about every clock change of every zone.

use chrono_tz::Tz;
use serde_json::Value;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_engine::contract;

use super::super::events::convert::{self, Span};
use super::super::site::Site;
use super::super::wire::{Attributes, Module};

/// Through the attributes that are sent and those that come back: without seconds, and with an offset that lies.
fn there_and_back(when: &When, zone: Tz) -> When {
    let record = EventRecord {
        title: String::new(),
        description: String::new(),
        location: String::new(),
        when: when.clone(),
        private: false,
    };
    let mut attributes = convert::attributes(
        Module::Meetings,
        &record,
        &[EventField::When],
        &Site::default(),
        zone,
    );
    let start = attributes["date_start"].as_str().unwrap();
    let minute = start.strip_suffix(":00").unwrap().replacen(' ', "T", 1);
    let returned = format!("{minute}:00-05:00");
    attributes.insert("date_start".to_owned(), Value::String(returned));
    Span::read(&Attributes(attributes)).unwrap().when(zone)
}

#[test]
fn no_clock_change_moves_an_event() {
    contract::time::time_is_kept(there_and_back);
}
