//! Settings that are made narrower, and put back.
//!
//! Leaving the scope is never a deletion, narrowing a setting takes nothing away but what a stricter private mode must
//! hide, and off and on again changes nothing (I21).

use serde_json::{Value, json};
use sync_core::kind::Kind;
use sync_core::policy::{Direction, PrivateMode, Settings};

/// A setting turned, and put back.
pub(crate) struct Turn {
    pub(crate) there: Value,
    pub(crate) back: Value,
    /// Whether something may have to be hidden, and shown again.
    pub(crate) is_about_privacy: bool,
}

/// What can be turned so that nothing comes into scope.
pub(crate) fn possible(settings: &Settings, kinds: &[Kind]) -> Vec<Turn> {
    let now = serde_json::to_value(settings).expect("settings are JSON");
    let mut turns = vec![turn(&now, "", "enabled", json!(false))];
    if now["start_from"] == json!("2026-01-01") {
        turns.push(turn(&now, "", "start_from", json!("2026-03-03")));
    }
    for kind in kinds {
        let (part, direction) = match kind {
            Kind::Event => ("events", settings.events.direction),
            Kind::Task => ("tasks", settings.tasks.direction),
            Kind::Contact => ("contacts", settings.contacts.direction),
        };
        if now[part]["enabled"] == json!(true) {
            turns.push(turn(&now, part, "enabled", json!(false)));
        }
        if direction == Direction::Both {
            for one_way in ["crm_to_google", "google_to_crm"] {
                turns.push(turn(&now, part, "direction", json!(one_way)));
            }
        }
        for deletions in ["keep", "propagate"] {
            turns.push(turn(&now, part, "deletions", json!(deletions)));
        }
        for winner in ["newest", "crm", "google"] {
            turns.push(turn(&now, part, "conflict_winner", json!(winner)));
        }
    }
    if kinds.contains(&Kind::Contact) {
        turns.push(turn(&now, "contacts", "tags", json!(["Other"])));
        turns.push(turn(&now, "contacts", "label", json!("Other")));
    }
    if kinds.contains(&Kind::Event) {
        turns.extend(of_events(settings, &now));
    }
    turns
}

fn of_events(settings: &Settings, now: &Value) -> Vec<Turn> {
    let events = &settings.events;
    let day = json!({ "days": ["mon","tue","wed","thu","fri","sat","sun"], "from": "08:00", "to": "19:00",
        "time_zone": "UTC" });
    let mut turns = Vec::new();
    if events.hours.is_none() {
        turns.push(turn(now, "events", "hours", day));
    }
    let calendars = |target: &str, read: &[&str]| {
        let patch = |target: Value, read: Value| json!({ "events": { "target_calendar": target, "calendars": read } });
        Turn {
            there: patch(json!(target), json!(read)),
            back: patch(
                now["events"]["target_calendar"].clone(),
                now["events"]["calendars"].clone(),
            ),
            is_about_privacy: false,
        }
    };
    turns.push(calendars("dedicated", &["primary"]));
    turns.push(calendars("primary", &["primary"]));
    turns.push(calendars("dedicated", &["elsewhere"]));
    turns.push(calendars("elsewhere", &["elsewhere"]));
    if events.record_types.len() > 1 {
        turns.push(turn(now, "events", "record_types", json!(["meeting"])));
    }
    if events.private == PrivateMode::Both {
        turns.extend(["to_google", "to_crm", "none"].map(|mode| Turn {
            is_about_privacy: true,
            ..turn(now, "events", "private", json!(mode))
        }));
    }
    if !events.private_as_busy {
        turns.push(Turn {
            is_about_privacy: true,
            ..turn(now, "events", "private_as_busy", json!(true))
        });
    }
    turns
}

/// One setting of a part, or of the whole where no part is named.
fn turn(now: &Value, part: &str, name: &str, value: Value) -> Turn {
    let patch = |value: Value| match part {
        "" => json!({ name: value }),
        part => json!({ part: { name: value } }),
    };
    let before = if part.is_empty() {
        &now[name]
    } else {
        &now[part][name]
    };
    Turn {
        there: patch(value),
        back: patch(before.clone()),
        is_about_privacy: false,
    }
}
