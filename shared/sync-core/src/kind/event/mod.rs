//! Events: CRM meetings and calls, Google Calendar events.

mod normal;
mod scope;
mod series;
mod stand_in;

use std::borrow::Cow;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub(in crate::kind) use normal::{is_normal, reduced, shown};
pub use normal::{normal_text, same_text};
pub use stand_in::StandIns;

use super::{Fingerprint, Kind, Record, Series};
use crate::change::{Observed, Window};
use crate::policy::{EventSettings, Scope};
use crate::side::{PerSide, Side};

/// A meeting or call that belongs to no provider.
///
/// Texts are in normal form (see [`normal_text`]); connectors bring them there when they read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Title, one line.
    pub title: String,
    /// Description, plain text with `\n` line ends.
    pub description: String,
    /// Place, one line.
    pub location: String,
    /// When it is.
    pub when: When,
    /// Whether its content is for the owner's eyes only. A side without the notion shows `false`.
    pub private: bool,
}

/// When an event is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Two instants; the zone a person sees it in belongs to the provider and is never overwritten.
    Timed {
        /// First instant.
        start: DateTime<Utc>,
        /// End instant, not before the start; equal to it for an event without length.
        end: DateTime<Utc>,
    },
    /// Whole days.
    AllDay {
        /// First day.
        start: NaiveDate,
        /// The day after the last one (exclusive end), so always after the start.
        end: NaiveDate,
    },
}

impl When {
    /// The instant by which windows and filters place the event; an all-day event counts from its UTC midnight.
    pub fn starts_at(&self) -> DateTime<Utc> {
        match self {
            When::Timed { start, end: _ } => *start,
            When::AllDay { start, end: _ } => start.and_time(chrono::NaiveTime::MIN).and_utc(),
        }
    }

    /// How long it is; whole days for an all-day event.
    pub fn length(&self) -> Duration {
        match self {
            When::Timed { start, end } => *end - *start,
            When::AllDay { start, end } => *end - *start,
        }
    }
}

/// The units in which two people's edits of one event are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventField {
    /// [`EventRecord::title`].
    Title,
    /// [`EventRecord::description`].
    Description,
    /// [`EventRecord::location`].
    Location,
    /// [`EventRecord::when`], start and end together: half of a move makes no sense.
    When,
    /// [`EventRecord::private`].
    Private,
}

/// What a side cannot hold.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent ability that a side has or lacks"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLimits {
    /// Longest title in characters; longer ones come back cut.
    pub title_chars: Option<usize>,
    /// Longest place in characters.
    pub location_chars: Option<usize>,
    /// Longest description in bytes.
    pub description_bytes: Option<usize>,
    /// Whether there is a place field at all.
    pub has_location: bool,
    /// Whether there is a private flag at all.
    pub has_private: bool,
    /// Whether characters of four bytes (most emoji) survive; where not, each comes back as `?`.
    pub four_byte_characters: bool,
    /// Smallest step of time the side keeps, in seconds (1 or 60).
    pub time_step_seconds: u32,
    /// Whether a series can be one record with a rule. Where not, each occurrence is a record of its own.
    pub has_rules: bool,
    /// How the CRM's own Google sync has written what the side cannot say, where it has such a sync.
    pub stand_ins: Option<StandIns>,
}

impl EventLimits {
    /// A side that holds everything.
    pub fn none() -> Self {
        Self {
            title_chars: None,
            location_chars: None,
            description_bytes: None,
            has_location: true,
            has_private: true,
            four_byte_characters: true,
            time_step_seconds: 1,
            has_rules: true,
            stand_ins: None,
        }
    }
}

impl Record for EventRecord {
    type Field = EventField;
    type Limits = EventLimits;
    type Settings = EventSettings;

    const KIND: Kind = Kind::Event;
    const FIELDS: &'static [EventField] = &[
        EventField::Title,
        EventField::Description,
        EventField::Location,
        EventField::When,
        EventField::Private,
    ];
    // Two meetings of one name at one time are as good as each other.
    const TELLS_AMBIGUITY: bool = false;

    fn field_name(field: EventField) -> &'static str {
        match field {
            EventField::Title => "title",
            EventField::Description => "description",
            EventField::Location => "location",
            EventField::When => "when",
            EventField::Private => "private",
        }
    }

    fn fingerprint(&self, field: EventField) -> Fingerprint {
        match field {
            EventField::Title => Fingerprint::of(&self.title),
            EventField::Description => Fingerprint::of(&self.description),
            EventField::Location => Fingerprint::of(&self.location),
            EventField::When => match &self.when {
                When::Timed { start, end } => {
                    Fingerprint::of_written(format_args!("t{}/{}", start.timestamp(), end.timestamp()))
                }
                When::AllDay { start, end } => Fingerprint::of_written(format_args!("d{start}/{end}")),
            },
            EventField::Private => Fingerprint::of_flag(self.private),
        }
    }

    fn take(&mut self, field: EventField, from: &Self) {
        match field {
            EventField::Title => self.title.clone_from(&from.title),
            EventField::Description => self.description.clone_from(&from.description),
            EventField::Location => self.location.clone_from(&from.location),
            EventField::When => self.when.clone_from(&from.when),
            EventField::Private => self.private = from.private,
        }
    }

    fn same(&self, field: EventField, other: &Self, limits: PerSide<&EventLimits>) -> bool {
        let (crm, google) = (limits.crm, limits.google);
        let four_bytes = crm.four_byte_characters && google.four_byte_characters;
        let text = |mine: &str, theirs: &str, chars: [Option<usize>; 2], bytes: [Option<usize>; 2]| {
            same_text(mine, theirs, smallest(chars), smallest(bytes), four_bytes)
        };
        match field {
            EventField::Title => text(
                &self.title,
                &other.title,
                [crm.title_chars, google.title_chars],
                [None, None],
            ),
            EventField::Description => text(
                &self.description,
                &other.description,
                [None, None],
                [crm.description_bytes, google.description_bytes],
            ),
            EventField::Location => {
                !(crm.has_location && google.has_location)
                    || text(
                        &self.location,
                        &other.location,
                        [crm.location_chars, google.location_chars],
                        [None, None],
                    )
            }
            EventField::When => {
                let step = i64::from(crm.time_step_seconds.max(google.time_step_seconds).max(1));
                same_when(&self.when, &other.when, step)
            }
            EventField::Private => !(crm.has_private && google.has_private) || self.private == other.private,
        }
    }

    fn shared_fingerprint(&self, field: EventField, limits: PerSide<&EventLimits>) -> Fingerprint {
        let (crm, google) = (limits.crm, limits.google);
        let four_bytes = crm.four_byte_characters && google.four_byte_characters;
        let text = |text: &str, chars: [Option<usize>; 2], bytes: [Option<usize>; 2]| {
            Fingerprint::of(&normal::reduced(
                text,
                smallest(chars),
                smallest(bytes),
                four_bytes,
            ))
        };
        let either = [None, None];
        match field {
            EventField::Title => text(&self.title, [crm.title_chars, google.title_chars], either),
            EventField::Description => {
                let bytes = [crm.description_bytes, google.description_bytes];
                text(&self.description, either, bytes)
            }
            EventField::Location if crm.has_location && google.has_location => text(
                &self.location,
                [crm.location_chars, google.location_chars],
                either,
            ),
            EventField::When => {
                let step = i64::from(crm.time_step_seconds.max(google.time_step_seconds).max(1));
                let steps = |at: &DateTime<Utc>| at.timestamp().div_euclid(step);
                match &self.when {
                    When::Timed { start, end } => {
                        Fingerprint::of_written(format_args!("t{}/{}", steps(start), steps(end)))
                    }
                    When::AllDay { start, end } => Fingerprint::of_written(format_args!("d{start}/{end}")),
                }
            }
            EventField::Private if crm.has_private && google.has_private => self.fingerprint(field),
            EventField::Location | EventField::Private => Fingerprint::of_nothing(),
        }
    }

    fn journal_value(&self, field: EventField) -> serde_json::Value {
        match field {
            EventField::Title => self.title.clone().into(),
            EventField::Description => self.description.clone().into(),
            EventField::Location => self.location.clone().into(),
            EventField::When => serde_json::to_value(&self.when).unwrap_or_default(),
            EventField::Private => self.private.into(),
        }
    }

    fn put_journal_value(&mut self, field: EventField, value: &serde_json::Value) -> Option<()> {
        match field {
            EventField::Title => value.as_str()?.clone_into(&mut self.title),
            EventField::Description => value.as_str()?.clone_into(&mut self.description),
            EventField::Location => value.as_str()?.clone_into(&mut self.location),
            EventField::When => self.when = serde_json::from_value(value.clone()).ok()?,
            EventField::Private => self.private = value.as_bool()?,
        }
        Some(())
    }

    fn starts_at(&self) -> Option<DateTime<Utc>> {
        Some(self.when.starts_at())
    }

    fn title(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.title)
    }

    fn is_empty(&self, field: EventField) -> bool {
        match field {
            EventField::Title => self.title.is_empty(),
            EventField::Description => self.description.is_empty(),
            EventField::Location => self.location.is_empty(),
            EventField::When | EventField::Private => false,
        }
    }

    fn can_hold(field: EventField, limits: &EventLimits) -> bool {
        match field {
            EventField::Location => limits.has_location,
            EventField::Private => limits.has_private,
            EventField::Title | EventField::Description | EventField::When => true,
        }
    }

    fn likenesses(&self, limits: PerSide<&EventLimits>) -> Vec<Vec<String>> {
        let chars = smallest([limits.crm.title_chars, limits.google.title_chars]);
        let four_bytes = limits.crm.four_byte_characters && limits.google.four_byte_characters;
        let title = normal::shown(&self.title, four_bytes);
        let title: String = title.chars().take(chars.unwrap_or(usize::MAX)).collect();
        let step = i64::from(
            limits
                .crm
                .time_step_seconds
                .max(limits.google.time_step_seconds)
                .max(1),
        );
        let when = match &self.when {
            When::Timed { start, end } => format!(
                "t{}/{}",
                start.timestamp().div_euclid(step),
                end.timestamp().div_euclid(step)
            ),
            When::AllDay { start, end } => format!("d{start}/{end}"),
        };
        let title = title.trim_end();
        let mut signs = vec![vec![format!("{when} {title}")]];
        if let Some(stand_ins) = &limits.crm.stand_ins {
            let days = stand_ins.days(&self.when);
            let when = days.map_or(when, |(start, end)| format!("d{start}/{end}"));
            signs.push(vec![format!("{when} {}", stand_ins.title(title))]);
        }
        signs
    }

    fn stands_for(&self, field: EventField, other: &Self, limits: PerSide<&EventLimits>) -> bool {
        let Some(stand_ins) = &limits.crm.stand_ins else {
            return false;
        };
        match field {
            EventField::Title => stand_ins.title(&self.title) == stand_ins.title(&other.title),
            EventField::When => stand_ins.stands_for(&self.when, &other.when),
            EventField::Description | EventField::Location | EventField::Private => false,
        }
    }

    fn scope(
        settings: &EventSettings,
        window: Window,
        side: Side,
        seen: &Observed<Self>,
        target: &EventLimits,
    ) -> Scope {
        scope::scope(settings, window, side, seen, target)
    }

    fn outgoing(&self, scope: Scope) -> Cow<'_, Self> {
        scope::outgoing(self, scope)
    }

    fn is_secret(&self) -> bool {
        self.private
    }

    fn is_veiled(field: EventField) -> bool {
        scope::is_veiled(field)
    }

    fn concerns_guests(field: EventField) -> bool {
        field == EventField::When
    }

    fn series_of(rows: &[Self], zone: Tz, target: &EventLimits) -> Option<Series<Self>> {
        target.has_rules.then(|| series::series_of(rows, zone)).flatten()
    }
}

fn smallest(limits: [Option<usize>; 2]) -> Option<usize> {
    limits.into_iter().flatten().min()
}

fn same_when(mine: &When, theirs: &When, step: i64) -> bool {
    match (mine, theirs) {
        (When::Timed { start: a, end: b }, When::Timed { start: c, end: d }) => {
            a.timestamp().div_euclid(step) == c.timestamp().div_euclid(step)
                && b.timestamp().div_euclid(step) == d.timestamp().div_euclid(step)
        }
        (When::AllDay { start: a, end: b }, When::AllDay { start: c, end: d }) => a == c && b == d,
        (When::Timed { .. }, When::AllDay { .. }) | (When::AllDay { .. }, When::Timed { .. }) => false,
    }
}
