//! The settings form: what it shows, and the patch it asks for.

use serde_json::{Value, json};
use sync_core::policy::{ConflictWinner, Deletions, Description, Direction, Hours, PrivateMode, Settings};

use super::form::Fields;

/// One thing to choose.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) words: &'static str,
    pub(super) chosen: bool,
}

/// The form, filled in.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that is ticked or not"
)]
pub(super) struct SettingsShown {
    pub(super) interval_minutes: u32,
    pub(super) start_from: String,
    pub(super) events_enabled: bool,
    pub(super) meetings: bool,
    pub(super) calls: bool,
    pub(super) direction: Vec<Choice>,
    pub(super) conflict_winner: Vec<Choice>,
    pub(super) calendars: String,
    pub(super) target_calendar: String,
    pub(super) private: Vec<Choice>,
    pub(super) private_as_busy: bool,
    pub(super) deletions: Vec<Choice>,
    pub(super) description: Vec<Choice>,
    pub(super) notify_guests: bool,
    pub(super) hours: Option<Hours>,
    pub(super) days: Vec<Choice>,
}

impl SettingsShown {
    /// Filled in with these settings.
    pub(super) fn of(settings: &Settings) -> Self {
        let events = &settings.events;
        let has = |kind: &str| events.record_types.iter().any(|found| found == kind);
        let on = |day: &str| match &events.hours {
            Some(hours) => hours.days.iter().any(|found| found == day),
            None => !matches!(day, "sat" | "sun"),
        };
        Self {
            interval_minutes: settings.interval_minutes,
            start_from: settings.start_from.map(|day| day.to_string()).unwrap_or_default(),
            events_enabled: events.enabled,
            meetings: has("meeting"),
            calls: has("call"),
            direction: choices(&crate::messages::DIRECTIONS, word_of(&events.direction)),
            conflict_winner: choices(&crate::messages::WINNERS, word_of(&events.conflict_winner)),
            calendars: events.calendars.join("\n"),
            target_calendar: events.target_calendar.clone(),
            private: choices(&crate::messages::PRIVATE, word_of(&events.private)),
            private_as_busy: events.private_as_busy,
            deletions: choices(&crate::messages::DELETIONS, word_of(&events.deletions)),
            description: choices(&crate::messages::DESCRIPTIONS, word_of(&events.description)),
            notify_guests: events.notify_guests,
            days: crate::messages::DAYS
                .iter()
                .map(|(value, words)| Choice {
                    value,
                    words,
                    chosen: on(value),
                })
                .collect(),
            hours: events.hours.clone(),
        }
    }
}

/// The merge-patch that the form asks for. Values of the wrong form are passed on as they are: the one check that
/// knows what is right names them.
pub(super) fn patch_of(fields: &Fields) -> Value {
    let number = |name: &str| {
        let text = fields.text(name);
        text.parse::<u64>()
            .map_or_else(|_| json!(text), |number| json!(number))
    };
    let mut types = Vec::new();
    types.extend(fields.ticked("meetings").then_some("meeting"));
    types.extend(fields.ticked("calls").then_some("call"));
    let calendars: Vec<&str> = fields
        .text("calendars")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
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
    let mut patch = json!({
        "interval_minutes": number("interval_minutes"),
        "events": {
            "enabled": fields.ticked("events_enabled"),
            "record_types": types,
            "direction": fields.text("direction"),
            "conflict_winner": fields.text("conflict_winner"),
            "calendars": calendars,
            "target_calendar": fields.text("target_calendar"),
            "private": fields.text("private"),
            "private_as_busy": fields.ticked("private_as_busy"),
            "deletions": fields.text("deletions"),
            "description": fields.text("description"),
            "notify_guests": fields.ticked("notify_guests"),
            "hours": hours,
        },
    });
    // An empty day would be taken as "no beginning", which nobody means by leaving a field empty.
    let start = fields.text("start_from");
    if !start.is_empty()
        && let Some(patch) = patch.as_object_mut()
    {
        patch.insert("start_from".to_owned(), json!(start));
    }
    patch
}

fn choices(all: &[(&'static str, &'static str)], chosen: &str) -> Vec<Choice> {
    all.iter()
        .map(|(value, words)| Choice {
            value,
            words,
            chosen: *value == chosen,
        })
        .collect()
}

/// The word of a setting, as the public interface has it.
trait Word {
    fn word(&self) -> &'static str;
}

fn word_of(setting: &impl Word) -> &'static str {
    setting.word()
}

impl Word for Direction {
    fn word(&self) -> &'static str {
        match self {
            Direction::Both => "both",
            Direction::CrmToGoogle => "crm_to_google",
            Direction::GoogleToCrm => "google_to_crm",
        }
    }
}

impl Word for ConflictWinner {
    fn word(&self) -> &'static str {
        match self {
            ConflictWinner::Newest => "newest",
            ConflictWinner::Crm => "crm",
            ConflictWinner::Google => "google",
        }
    }
}

impl Word for PrivateMode {
    fn word(&self) -> &'static str {
        match self {
            PrivateMode::Both => "both",
            PrivateMode::ToGoogle => "to_google",
            PrivateMode::ToCrm => "to_crm",
            PrivateMode::None => "none",
        }
    }
}

impl Word for Deletions {
    fn word(&self) -> &'static str {
        match self {
            Deletions::Propagate => "propagate",
            Deletions::Keep => "keep",
        }
    }
}

impl Word for Description {
    fn word(&self) -> &'static str {
        match self {
            Description::Text => "text",
            Description::Html => "html",
        }
    }
}
