//! The merge-patch that the settings form asks for.

use serde_json::{Map, Value, json};

use super::offered::Offered;
use crate::pages::form::Fields;

/// Whose settings the form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) enum For {
    /// A user's own.
    User,
    /// A CRM's new users: their calendars are not known yet, and whether they begin switched on is.
    NewUsers,
}

/// The merge-patch that the form asks for. Values of the wrong form are passed on as they are: the one check that
/// knows what is right names them.
pub(in crate::pages) fn patch_of(fields: &Fields, whose: For) -> Value {
    let offered = Offered::by_this_version();
    let mut patch = Map::new();
    patch.insert("interval_minutes".to_owned(), number(fields, "interval_minutes"));
    // An empty day would be taken as "no beginning", which no user means by leaving a field empty. New users then
    // begin with their own day, which is the day of linking less a month.
    match (fields.text("start_from"), whose) {
        ("", For::User) => {}
        ("", For::NewUsers) => {
            patch.insert("start_from".to_owned(), Value::Null);
        }
        (day, _) => {
            patch.insert("start_from".to_owned(), json!(day));
        }
    }
    let mut events = events(fields);
    match whose {
        For::User => {
            let calendars: Vec<&str> = fields
                .all("calendars")
                .into_iter()
                .flat_map(str::lines)
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            events.insert("calendars".to_owned(), json!(calendars));
            events.insert(
                "target_calendar".to_owned(),
                json!(fields.text("target_calendar")),
            );
        }
        For::NewUsers => {
            patch.insert("enabled".to_owned(), json!(fields.ticked("enabled")));
        }
    }
    patch.insert("events".to_owned(), Value::Object(events));
    // A form from before the group was offered, or for a CRM without it, leaves the group as it is.
    if offered.tasks && fields.ticked("tasks_direction") {
        patch.insert("tasks".to_owned(), tasks(fields));
    }
    if offered.contacts && fields.ticked("contacts_direction") {
        patch.insert("contacts".to_owned(), contacts(fields));
    }
    Value::Object(patch)
}

fn events(fields: &Fields) -> Map<String, Value> {
    let mut types = Vec::new();
    types.extend(fields.ticked("meetings").then_some("meeting"));
    types.extend(fields.ticked("calls").then_some("call"));
    let hours = if fields.ticked("hours") {
        json!({
            "days": fields.all("days"),
            "from": fields.text("hours_from"),
            "to": fields.text("hours_to"),
            "time_zone": fields.text("hours_zone"),
        })
    } else {
        Value::Null
    };
    let events = [
        ("enabled", json!(fields.ticked("events_enabled"))),
        ("record_types", json!(types)),
        ("direction", json!(fields.text("direction"))),
        ("conflict_winner", json!(fields.text("conflict_winner"))),
        ("private", json!(fields.text("private"))),
        ("private_as_busy", json!(fields.ticked("private_as_busy"))),
        ("deletions", json!(fields.text("deletions"))),
        ("description", json!(fields.text("description"))),
        ("notify_guests", json!(fields.ticked("notify_guests"))),
        ("hours", hours),
    ];
    events
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn tasks(fields: &Fields) -> Value {
    json!({
        "enabled": fields.ticked("tasks_enabled"),
        "direction": fields.text("tasks_direction"),
        "conflict_winner": fields.text("tasks_conflict_winner"),
        "deletions": fields.text("tasks_deletions"),
        "list": fields.text("tasks_list"),
    })
}

fn contacts(fields: &Fields) -> Value {
    let tags: Vec<&str> = fields
        .text("contacts_tags")
        .split(',')
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
        .collect();
    json!({
        "enabled": fields.ticked("contacts_enabled"),
        "direction": fields.text("contacts_direction"),
        "conflict_winner": fields.text("contacts_conflict_winner"),
        "deletions": fields.text("contacts_deletions"),
        "scope": fields.text("contacts_scope"),
        "tags": tags,
        "label": fields.text("contacts_label"),
    })
}

fn number(fields: &Fields, name: &str) -> Value {
    let text = fields.text(name);
    text.parse::<u64>()
        .map_or_else(|_| json!(text), |number| json!(number))
}
