//! The settings of an account link, their defaults, and the check of every change to them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::hours::Hours;
use crate::kind::Kind;

/// Fewest minutes between two runs.
pub(super) const INTERVAL_MINUTES_MIN: u32 = 5;
/// Most minutes between two runs: a day.
pub(super) const INTERVAL_MINUTES_MAX: u32 = 1440;
/// Most Google calendars read for one user; each costs a call in every run.
pub(super) const CALENDARS_MAX: usize = 25;

/// The target calendar's name in settings that asks for a calendar of the sync's own.
const DEDICATED: &str = "dedicated";

/// The settings of one account link, as the public interface shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether runs happen at all.
    pub enabled: bool,
    /// Minutes between two runs.
    #[cfg_attr(feature = "schema", schemars(range(min = INTERVAL_MINUTES_MIN, max = INTERVAL_MINUTES_MAX)))]
    pub interval_minutes: u32,
    /// Items before this day are left alone; `None` until the day of linking is known.
    pub start_from: Option<NaiveDate>,
    /// Meetings and calls with calendars.
    pub events: EventSettings,
    /// CRM tasks with Google Tasks.
    pub tasks: TaskSettings,
    /// CRM contacts with Google Contacts.
    pub contacts: ContactSettings,
}

/// The settings for meetings and calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EventSettings {
    /// Whether events are kept in step.
    pub enabled: bool,
    /// Which way changes travel.
    pub direction: Direction,
    /// Who wins where the same field changed on both sides.
    pub conflict_winner: ConflictWinner,
    /// The Google calendars that are read.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = CALENDARS_MAX), inner(length(min = 1))))]
    pub calendars: Vec<String>,
    /// The Google calendar that receives what the CRM creates.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub target_calendar: String,
    /// Which CRM records count as events: `meeting`, `call`.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1), inner(regex(pattern = "^(meeting|call)$")))
    )]
    pub record_types: Vec<String>,
    /// Which way private events travel.
    pub private: PrivateMode,
    /// Whether private events travel as "Busy", without content.
    pub private_as_busy: bool,
    /// What a deletion on one side does on the other.
    pub deletions: Deletions,
    /// The hours of the week in scope; `None` means all.
    pub hours: Option<Hours>,
    /// How descriptions are written.
    pub description: Description,
    /// Whether guests are mailed about changes a person made in the CRM.
    pub notify_guests: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            interval_minutes: 15,
            start_from: None,
            events: EventSettings::default(),
            tasks: TaskSettings::default(),
            contacts: ContactSettings::default(),
        }
    }
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            direction: Direction::Both,
            conflict_winner: ConflictWinner::Newest,
            calendars: vec!["primary".to_owned()],
            target_calendar: "primary".to_owned(),
            record_types: vec!["meeting".to_owned(), "call".to_owned()],
            private: PrivateMode::Both,
            private_as_busy: false,
            deletions: Deletions::Propagate,
            hours: None,
            description: Description::Text,
            notify_guests: false,
        }
    }
}

/// The settings for tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TaskSettings {
    /// Whether tasks are kept in step.
    pub enabled: bool,
    /// Which way changes travel.
    pub direction: Direction,
    /// Who wins where the same field changed on both sides.
    pub conflict_winner: ConflictWinner,
    /// The Google task list.
    pub list: String,
    /// What a deletion on one side does on the other.
    pub deletions: Deletions,
}

impl Default for TaskSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            direction: Direction::Both,
            conflict_winner: ConflictWinner::Newest,
            list: "@default".to_owned(),
            deletions: Deletions::Propagate,
        }
    }
}

/// The settings for contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ContactSettings {
    /// Whether contacts are kept in step.
    pub enabled: bool,
    /// Which way changes travel.
    pub direction: Direction,
    /// Who wins where the same field changed on both sides.
    pub conflict_winner: ConflictWinner,
    /// Which contacts are in scope.
    pub scope: ContactScope,
    /// The CRM tags that put a contact in scope.
    pub tags: Vec<String>,
    /// The Google label that puts a contact in scope.
    pub label: String,
    /// What a deletion on one side does on the other.
    pub deletions: Deletions,
}

impl Default for ContactSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            direction: Direction::Both,
            conflict_winner: ConflictWinner::Newest,
            scope: ContactScope::Tagged,
            tags: vec!["Google".to_owned()],
            label: "CRM".to_owned(),
            deletions: Deletions::Keep,
        }
    }
}

/// Which contacts are in scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContactScope {
    /// Those that carry the tag or the label.
    Tagged,
    /// All of the user's own.
    All,
}

/// Which way changes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways.
    Both,
    /// From the CRM to Google only.
    CrmToGoogle,
    /// From Google to the CRM only.
    GoogleToCrm,
}

/// Who wins where the same field changed on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConflictWinner {
    /// The side that was changed last.
    Newest,
    /// The CRM.
    Crm,
    /// Google.
    Google,
}

/// Which way private events travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PrivateMode {
    /// As the direction says.
    Both,
    /// Only towards Google.
    ToGoogle,
    /// Only towards the CRM.
    ToCrm,
    /// Not at all.
    None,
}

/// What a deletion on one side does on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Deletions {
    /// Deletes there too.
    Propagate,
    /// Keeps the other record.
    Keep,
}

/// How descriptions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Description {
    /// As plain text.
    Text,
    /// As HTML.
    Html,
}

/// A field that is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// The field's path, such as `events.hours.time_zone`.
    pub field: String,
    /// What is wrong and what is expected.
    pub message: String,
}

impl FieldError {
    /// Names a field and what is wrong with it.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

impl EventSettings {
    /// Whether the CRM's events go into a calendar that the sync makes for itself.
    pub fn wants_own_calendar(&self) -> bool {
        self.target_calendar == DEDICATED
    }
}

impl Settings {
    /// The kinds that are switched on.
    pub fn kinds(&self) -> Vec<Kind> {
        let on = |kind: &Kind| match kind {
            Kind::Event => self.events.enabled,
            Kind::Task => self.tasks.enabled,
            Kind::Contact => self.contacts.enabled,
        };
        Kind::ALL.into_iter().filter(on).collect()
    }

    /// Switches a kind on or off.
    pub fn switch(&mut self, kind: Kind, on: bool) {
        match kind {
            Kind::Event => self.events.enabled = on,
            Kind::Task => self.tasks.enabled = on,
            Kind::Contact => self.contacts.enabled = on,
        }
    }

    /// What is wrong with values that have the right shape.
    pub fn problems(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !(INTERVAL_MINUTES_MIN..=INTERVAL_MINUTES_MAX).contains(&self.interval_minutes) {
            errors.push(FieldError::new(
                "interval_minutes",
                format!("must be from {INTERVAL_MINUTES_MIN} to {INTERVAL_MINUTES_MAX}"),
            ));
        }
        let events = &self.events;
        if events.calendars.is_empty() || events.calendars.len() > CALENDARS_MAX {
            errors.push(FieldError::new(
                "events.calendars",
                format!("must name at least one and at most {CALENDARS_MAX} calendars"),
            ));
        }
        if events.calendars.iter().any(String::is_empty) {
            errors.push(FieldError::new("events.calendars", "must not hold an empty name"));
        }
        if events.target_calendar.is_empty() {
            errors.push(FieldError::new("events.target_calendar", "must name a calendar"));
        }
        if events.record_types.is_empty()
            || events
                .record_types
                .iter()
                .any(|kind| kind != "meeting" && kind != "call")
        {
            errors.push(FieldError::new(
                "events.record_types",
                "must be a list of \"meeting\" and \"call\"",
            ));
        }
        if self.tasks.list.trim().is_empty() {
            errors.push(FieldError::new("tasks.list", "must name a task list"));
        }
        let contacts = &self.contacts;
        if contacts.scope == ContactScope::Tagged {
            if contacts.tags.is_empty() || contacts.tags.iter().any(|tag| tag.trim().is_empty()) {
                errors.push(FieldError::new(
                    "contacts.tags",
                    "must name at least one tag, and none without a name",
                ));
            }
            if contacts.label.trim().is_empty() {
                errors.push(FieldError::new("contacts.label", "must name a label"));
            }
        }
        if let Some(hours) = &events.hours {
            errors.extend(hours.problems("events.hours"));
        }
        errors
    }
}
