//! The settings form: what it shows, for one user or for a CRM's new users. What it asks for is in `patch`, what it
//! offers at all in `offered`.

mod calendars;
mod offered;
mod patch;
mod word;

use serde_json::{Value, json};
use sync_core::policy::{ContactScope, FieldError, Hours, Settings};

use calendars::{CalendarShown, task_lists};
pub(super) use calendars::{CalendarsShown, Listed, listed};
pub(super) use offered::Offered;
pub(super) use patch::{For, patch_of};

use word::{CONTACT_SCOPES, DAYS, DELETIONS, DESCRIPTIONS, DIRECTIONS, PRIVATE, WINNERS, Word};

/// What a form asked for that could not be saved, and why.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) errors: Vec<FieldError>,
    /// What was asked for.
    pub(super) patch: Value,
}

impl Wrong {
    /// A field as it was typed.
    fn typed(&self, pointer: &str) -> Option<String> {
        let value = self.patch.pointer(pointer)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}

/// One thing to choose: its value, and the key of its words.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) key: String,
    pub(super) chosen: bool,
}

/// The form, filled in.
#[derive(Debug)]
pub(super) struct SettingsShown {
    /// Whether new users begin switched on; a user has a button for it instead.
    pub(super) enabled: Option<bool>,
    pub(super) interval_minutes: String,
    pub(super) start_from: String,
    pub(super) events: EventsShown,
    /// `None` where this version does not keep tasks in step.
    pub(super) tasks: Option<TasksShown>,
    /// `None` where this version does not keep contacts in step.
    pub(super) contacts: Option<ContactsShown>,
    /// The user's calendars; `None` where there is no user yet.
    pub(super) calendars: Option<CalendarsShown>,
    pub(super) errors: Vec<FieldError>,
}

/// The groups for meetings and calls.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that is ticked or not"
)]
pub(super) struct EventsShown {
    pub(super) enabled: bool,
    pub(super) meetings: bool,
    pub(super) calls: bool,
    pub(super) direction: Vec<Choice>,
    pub(super) conflict_winner: Vec<Choice>,
    pub(super) private: Vec<Choice>,
    pub(super) private_as_busy: bool,
    pub(super) deletions: Vec<Choice>,
    pub(super) description: Vec<Choice>,
    pub(super) notify_guests: bool,
    pub(super) hours: Option<Hours>,
    pub(super) days: Vec<Choice>,
}

/// The group for tasks.
#[derive(Debug)]
pub(super) struct TasksShown {
    pub(super) enabled: bool,
    pub(super) direction: Vec<Choice>,
    pub(super) conflict_winner: Vec<Choice>,
    pub(super) deletions: Vec<Choice>,
    pub(super) list: String,
    /// The lists to choose from; `None` where Google does not tell them.
    pub(super) lists: Option<Vec<CalendarShown>>,
}

/// The group for contacts.
#[derive(Debug)]
pub(super) struct ContactsShown {
    pub(super) enabled: bool,
    pub(super) direction: Vec<Choice>,
    pub(super) conflict_winner: Vec<Choice>,
    pub(super) deletions: Vec<Choice>,
    pub(super) scope: Vec<Choice>,
    pub(super) tags: String,
    pub(super) label: String,
    /// The labels that are there; a name that is not among them is as good.
    pub(super) labels: Vec<String>,
}

impl SettingsShown {
    /// A user's settings, as they stand or as they were asked for.
    pub(super) fn of_user(settings: &Settings, listed: Listed, wrong: Option<&Wrong>) -> Self {
        let settings = as_asked_for(settings, wrong);
        let mut shown = Self::of(&settings, wrong);
        if let Some(tasks) = &mut shown.tasks {
            tasks.lists = task_lists(&tasks.list, listed.task_lists.as_ref());
        }
        if let Some(contacts) = &mut shown.contacts {
            contacts.labels = listed.labels.unwrap_or_default();
        }
        Self {
            calendars: Some(CalendarsShown::of(&settings, listed.calendars)),
            ..shown
        }
    }

    /// What a CRM's new users begin with.
    pub(super) fn of_new_users(settings: &Settings, wrong: Option<&Wrong>) -> Self {
        let settings = as_asked_for(settings, wrong);
        Self {
            enabled: Some(settings.enabled),
            ..Self::of(&settings, wrong)
        }
    }

    fn of(settings: &Settings, wrong: Option<&Wrong>) -> Self {
        let offered = Offered::by_this_version();
        let tasks = &settings.tasks;
        let contacts = &settings.contacts;
        Self {
            enabled: None,
            interval_minutes: wrong
                .and_then(|wrong| wrong.typed("/interval_minutes"))
                .unwrap_or_else(|| settings.interval_minutes.to_string()),
            start_from: settings.start_from.map(|day| day.to_string()).unwrap_or_default(),
            events: EventsShown::of(settings),
            tasks: offered.tasks.then(|| TasksShown {
                enabled: tasks.enabled,
                direction: choices(&DIRECTIONS, tasks.direction.word()),
                conflict_winner: choices(&WINNERS, tasks.conflict_winner.word()),
                deletions: choices(&DELETIONS, tasks.deletions.word()),
                list: tasks.list.clone(),
                lists: None,
            }),
            contacts: offered.contacts.then(|| ContactsShown {
                enabled: contacts.enabled,
                direction: choices(&DIRECTIONS, contacts.direction.word()),
                conflict_winner: choices(&WINNERS, contacts.conflict_winner.word()),
                deletions: choices(&DELETIONS, contacts.deletions.word()),
                scope: choices(
                    &CONTACT_SCOPES,
                    match contacts.scope {
                        ContactScope::Tagged => "tagged",
                        ContactScope::All => "all",
                    },
                ),
                tags: contacts.tags.join(", "),
                label: contacts.label.clone(),
                labels: Vec::new(),
            }),
            calendars: None,
            errors: wrong.map(|wrong| wrong.errors.clone()).unwrap_or_default(),
        }
    }

    /// What is wrong with a field, or with a part of it.
    pub(super) fn wrong(&self, field: &str) -> Option<&FieldError> {
        self.errors.iter().find(|error| error.field == field)
    }
}

impl EventsShown {
    fn of(settings: &Settings) -> Self {
        let events = &settings.events;
        let has = |kind: &str| events.record_types.iter().any(|found| found == kind);
        let on = |day: &str| match &events.hours {
            Some(hours) => hours.days.iter().any(|found| found == day),
            None => !matches!(day, "sat" | "sun"),
        };
        let days = DAYS.1.iter().map(|day| Choice {
            value: day,
            key: format!("{}-{day}", DAYS.0),
            chosen: on(day),
        });
        Self {
            enabled: events.enabled,
            meetings: has("meeting"),
            calls: has("call"),
            direction: choices(&DIRECTIONS, events.direction.word()),
            conflict_winner: choices(&WINNERS, events.conflict_winner.word()),
            private: choices(&PRIVATE, events.private.word()),
            private_as_busy: events.private_as_busy,
            deletions: choices(&DELETIONS, events.deletions.word()),
            description: choices(&DESCRIPTIONS, events.description.word()),
            notify_guests: events.notify_guests,
            days: days.collect(),
            hours: events.hours.clone(),
        }
    }
}

fn choices<const N: usize>((name, all): &(&str, [&'static str; N]), chosen: &str) -> Vec<Choice> {
    all.iter()
        .map(|value| Choice {
            value,
            key: format!("{name}-{value}"),
            chosen: *value == chosen,
        })
        .collect()
}

/// The settings as they were asked for, so that nothing has to be typed again: every field that is good, and the
/// hours even where they are not.
fn as_asked_for(settings: &Settings, wrong: Option<&Wrong>) -> Settings {
    let mut shown = settings.clone();
    let Some(Wrong { patch, errors: _ }) = wrong else {
        return shown;
    };
    let mut take = |patch: Value| {
        if let Ok(taken) = shown.patched(&patch) {
            shown = taken;
        }
    };
    for (name, value) in patch.as_object().into_iter().flatten() {
        if let Some(group) = value.as_object() {
            for (field, value) in group {
                take(json!({ name: { field: value } }));
            }
        } else {
            take(json!({ name: value }));
        }
    }
    let hours = patch.pointer("/events/hours").cloned().unwrap_or_default();
    shown.events.hours = serde_json::from_value(hours).unwrap_or(shown.events.hours);
    shown
}
