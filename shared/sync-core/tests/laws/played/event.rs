//! Meetings and calls.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sync_core::kind::event::{EventField, EventLimits, EventRecord, When};
use sync_core::policy::{EventSettings, Hours, PrivateMode};
use sync_core::side::Side;

use super::{Carried, Played, Terms, Texts};
use crate::history::{Content, Kept, Policy, at, text};

impl Played for EventRecord {
    const EDITED: &'static [EventField] = &[
        EventField::Title,
        EventField::Title,
        EventField::Description,
        EventField::Location,
        EventField::When,
        EventField::Private,
    ];
    const TOLD: Option<EventField> = Some(EventField::When);

    fn of(content: Content, other: bool) -> Self {
        Self {
            title: text(content.title, other),
            description: text(content.description, other),
            location: text(content.location, other),
            when: when(content.when),
            private: content.private,
        }
    }

    fn edit(&mut self, field: EventField, value: usize, other: bool) {
        match field {
            EventField::Title => self.title = text(value, other),
            EventField::Description => self.description = text(value, other),
            EventField::Location => self.location = text(value, other),
            EventField::When => self.when = when(value),
            EventField::Private => self.private = value % 2 == 1,
        }
    }

    fn limits(kept: Kept) -> EventLimits {
        match kept {
            Kept::Whole | Kept::Rewritten => EventLimits::none(),
            Kept::Cut => EventLimits {
                title_chars: Some(4),
                location_chars: Some(2),
                four_byte_characters: false,
                time_step_seconds: 60,
                ..EventLimits::none()
            },
            Kept::Poor => EventLimits {
                has_location: false,
                has_private: false,
                ..EventLimits::none()
            },
        }
    }

    fn kept(&self, limits: &EventLimits, rewrites: bool) -> Self {
        let texts = Texts {
            rewrites,
            four_byte_characters: limits.four_byte_characters,
        };
        let step = i64::from(limits.time_step_seconds);
        let floor = |at: DateTime<Utc>| at - Duration::seconds(at.timestamp().rem_euclid(step));
        Self {
            title: texts.keep(&self.title, limits.title_chars),
            description: texts.keep(&self.description, None),
            location: if limits.has_location {
                texts.keep(&self.location, limits.location_chars)
            } else {
                String::new()
            },
            when: match &self.when {
                When::Timed { start, end } => When::Timed {
                    start: floor(*start),
                    end: floor(*end),
                },
                all_day @ When::AllDay { .. } => all_day.clone(),
            },
            private: self.private && limits.has_private,
        }
    }

    fn settings(policy: &Policy) -> EventSettings {
        let days = ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned);
        EventSettings {
            direction: policy.direction,
            conflict_winner: policy.winner,
            private: policy.private,
            private_as_busy: policy.as_busy,
            hours: policy.hours.then(|| Hours {
                days: days.to_vec(),
                from: "08:00".to_owned(),
                to: "12:00".to_owned(),
                time_zone: "UTC".to_owned(),
            }),
            record_types: if policy.meetings_only {
                vec!["meeting".to_owned()]
            } else {
                vec!["meeting".to_owned(), "call".to_owned()]
            },
            deletions: policy.deletions,
            notify_guests: policy.notify,
            ..EventSettings::default()
        }
    }

    fn carried(&self, terms: &Terms, target: &EventLimits) -> Carried {
        let policy = &terms.policy;
        let inside_hours = match &self.when {
            When::Timed { start, .. } => {
                // Every day of these worlds is a working day.
                let minutes = (*start - at(0)).num_minutes().rem_euclid(24 * 60);
                (8 * 60..12 * 60).contains(&minutes)
            }
            When::AllDay { .. } => true,
        };
        if self.when.starts_at() < policy.starts_from()
            || (policy.meetings_only && terms.record_type == Some("call"))
            || (policy.hours && !inside_hours)
        {
            return Carried::Not;
        }
        if !self.private {
            return Carried::Whole;
        }
        let allowed = match policy.private {
            PrivateMode::Both => true,
            PrivateMode::ToGoogle => terms.side == Side::Crm,
            PrivateMode::ToCrm => terms.side == Side::Google,
            PrivateMode::None => false,
        };
        match (allowed, policy.as_busy || !target.has_private) {
            (false, _) => Carried::Hidden,
            (true, true) => Carried::Busy,
            (true, false) => Carried::Whole,
        }
    }

    fn is_content(field: EventField) -> bool {
        match field {
            EventField::Title | EventField::Description | EventField::Location => true,
            EventField::When | EventField::Private => false,
        }
    }

    fn busy(&self) -> Self {
        Self {
            title: "Busy".to_owned(),
            description: String::new(),
            location: String::new(),
            ..self.clone()
        }
    }
}

/// The times of a world: before now, after it, not on the minute, a whole day, and before the window.
fn when(number: usize) -> When {
    let timed = |start| When::Timed {
        start,
        end: start + Duration::hours(1),
    };
    match number % 6 {
        0 | 5 => timed(at(9)),
        1 => timed(at(12)),
        2 => timed(at(9) + Duration::seconds(30)),
        3 => {
            let day = NaiveDate::from_ymd_opt(2026, 6, 2).unwrap_or_default();
            When::AllDay {
                start: day,
                end: day.succ_opt().unwrap_or(day),
            }
        }
        _ => timed(at(-24 * 90)),
    }
}
