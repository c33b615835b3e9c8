//! What stands on both sides, in one shape, for comparison.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use simulators::google::GoogleSim;

use super::{Crm, Rig};

/// A timed record of either side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) title: String,
    pub(crate) start: DateTime<Utc>,
    pub(crate) minutes: i64,
}

/// An item, shortly.
pub(crate) fn item(title: &str, start: &str, minutes: i64) -> Item {
    Item {
        title: title.to_owned(),
        start: super::at(start),
        minutes,
    }
}

/// The living meetings and calls of a user, in order.
pub(crate) fn crm_items(crm: &Crm, user: &str) -> Vec<Item> {
    let mut items: Vec<Item> = ["Meetings", "Calls"]
        .iter()
        .flat_map(|module| crm.rows(module))
        .filter(|row| row["assigned_user_id"] == user)
        .map(|row| item_of_row(&row))
        .collect();
    items.sort();
    items
}

/// The living timed single events of an account's primary calendar, in order.
pub(crate) fn google_items(google: &GoogleSim, email: &str) -> Vec<Item> {
    let mut items: Vec<Item> = google
        .person(email)
        .events("primary")
        .iter()
        .filter(|event| event["start"]["dateTime"].is_string())
        .map(item_of_event)
        .collect();
    items.sort();
    items
}

/// The item that a meeting or call is, as the CRM's database holds it.
pub(crate) fn item_of_row(row: &Map<String, Value>) -> Item {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| text(name).parse::<i64>().unwrap_or_default();
    Item {
        title: text("name").to_owned(),
        start: NaiveDateTime::parse_from_str(text("date_start"), "%Y-%m-%d %H:%M:%S")
            .unwrap()
            .and_utc(),
        minutes: number("duration_hours") * 60 + number("duration_minutes"),
    }
}

/// The item that a timed event is.
pub(crate) fn item_of_event(event: &Value) -> Item {
    let point = |name: &str| -> DateTime<Utc> {
        let text = event[name]["dateTime"].as_str().unwrap();
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    };
    Item {
        title: event["summary"].as_str().unwrap_or_default().to_owned(),
        start: point("start"),
        minutes: TimeDelta::num_minutes(&(point("end") - point("start"))),
    }
}

/// Both sides of a user hold the same timed items, and nobody was mailed.
pub(crate) fn assert_same(rig: &Rig, user: &str, email: &str) {
    assert_eq!(crm_items(&rig.crm, user), google_items(&rig.google, email));
    assert_eq!(rig.google.mails(), [], "guests were mailed");
}
