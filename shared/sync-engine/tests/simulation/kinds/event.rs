//! Meetings and calls.

use std::sync::Arc;

use chrono::{DateTime, Duration, Timelike, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::policy::{PrivateMode, Settings};
use sync_core::side::{PerSide, Side};

use super::{Played, Shown};
use crate::log::{Entry, Of};
use crate::people::{People, tail};
use crate::server::{Nature, Server, moved};
use crate::world::{Provider, World};

impl Played for EventRecord {
    const COLLECTIONS: PerSide<&'static str> = PerSide {
        crm: "Meetings",
        google: "primary",
    };
    const EDITED: &'static [EventField] = &[
        EventField::Title,
        EventField::Title,
        EventField::Description,
        EventField::Description,
        EventField::Location,
        EventField::Location,
        EventField::When,
        EventField::When,
        EventField::Private,
    ];

    fn at(provider: &Provider) -> &Arc<Server<Self>> {
        &provider.events
    }

    fn entry(of: Of<Self>) -> Entry {
        Entry::Event(Box::new(of))
    }

    fn of_entry(entry: &Entry) -> Option<&Of<Self>> {
        if let Entry::Event(of) = entry {
            Some(of)
        } else {
            None
        }
    }

    fn rewritten(&self, nature: &Nature<Self>) -> Self {
        let mut record = self.clone();
        if !nature.limits.four_byte_characters {
            for text in [&mut record.title, &mut record.description, &mut record.location] {
                *text = text.replace('😀', "????");
            }
        }
        if let Some(most) = nature.limits.title_chars {
            let cut: String = record.title.chars().take(most).collect();
            cut.trim_end().clone_into(&mut record.title);
        }
        if nature.squeezes {
            record.description = record.description.replace("  ", " ");
        }
        if let When::Timed { start, end } = &mut record.when {
            let step = i64::from(nature.limits.time_step_seconds);
            for at in [start, end] {
                *at -= Duration::seconds(at.timestamp().rem_euclid(step));
            }
        }
        record.private &= nature.limits.has_private;
        record
    }

    fn texts(&self) -> Vec<&str> {
        vec![&self.title, &self.description, &self.location]
    }

    fn poisonable(&mut self) -> &mut String {
        &mut self.location
    }

    fn written(people: &mut People, random: &mut SmallRng, now: DateTime<Utc>) -> Self {
        Self {
            title: people.text(tail(random)),
            description: people.text(tail(random)),
            location: people.text(tail(random)),
            when: when(random, now),
            private: random.random_bool(0.1),
        }
    }

    fn edit(&mut self, field: EventField, people: &mut People, random: &mut SmallRng, now: DateTime<Utc>) {
        if field == EventField::Private {
            self.private = !self.private;
            return;
        }
        let mut value = Self::written(people, random, now);
        if random.random_bool(0.03) {
            // Out of what is kept in step.
            value.when = when(random, now - Duration::days(300));
        }
        self.take(field, &value);
    }

    fn made_by_hand_twice(self) -> Self {
        Self {
            private: false,
            ..self
        }
    }

    fn name(side: Side, number: u64, random: &mut SmallRng) -> String {
        if side == Side::Crm && random.random_bool(0.3) {
            format!("person-{number}-call")
        } else {
            format!("person-{number}")
        }
    }

    fn act_specially(people: &mut People, world: &World, link: usize, random: &mut SmallRng) -> bool {
        act_on_series(people, world, link, random);
        true
    }

    fn shown(&self, settings: &Settings, side: Side, id: &RemoteId, across: &Nature<Self>) -> Shown {
        let events = &settings.events;
        let at_night = events.hours.is_some()
            && matches!(&self.when, When::Timed { start, .. } if !(8..19).contains(&start.hour()));
        let kind = if id.id.ends_with("call") {
            "call"
        } else {
            "meeting"
        };
        let other_type = side == Side::Crm && !events.record_types.iter().any(|wanted| wanted == kind);
        if at_night || other_type {
            return Shown::Not;
        }
        if !self.private {
            return Shown::Whole;
        }
        let allowed = match events.private {
            PrivateMode::Both => true,
            PrivateMode::ToGoogle => side == Side::Crm,
            PrivateMode::ToCrm => side == Side::Google,
            PrivateMode::None => false,
        };
        if !allowed {
            Shown::Not
        } else if events.private_as_busy || !across.limits.has_private {
            Shown::Busy
        } else {
            Shown::Whole
        }
    }

    fn is_content(field: EventField) -> bool {
        match field {
            EventField::Title | EventField::Description | EventField::Location => true,
            EventField::When | EventField::Private => false,
        }
    }

    fn is_flag(field: EventField) -> bool {
        field == EventField::Private
    }

    fn is_place(field: EventField) -> bool {
        field == EventField::When
    }
}

fn when(random: &mut SmallRng, now: DateTime<Utc>) -> When {
    let hour = now + Duration::hours(random.random_range(-100..400));
    if random.random_bool(0.2) {
        let start = hour.date_naive();
        let end = start + Duration::days(random.random_range(1..3));
        return When::AllDay { start, end };
    }
    let odd_seconds = if random.random_bool(0.1) { 25 } else { 0 };
    let start = hour - Duration::seconds(hour.timestamp().rem_euclid(1800)) + Duration::seconds(odd_seconds);
    When::Timed {
        start,
        end: start + Duration::minutes(random.random_range(0..3) * 30),
    }
}

/// A person makes a series in Google.
pub(crate) fn repeat(people: &mut People, world: &World, link: usize, random: &mut SmallRng) {
    let number = people.number();
    let mut record = EventRecord {
        private: false,
        ..EventRecord::written(people, random, world.now())
    };
    let google = world.server::<EventRecord>(link, Side::Google);
    if google.had_series(link) {
        // Occurrences of two series at one time may be taken for one that goes on from the other.
        let at = i64::try_from(number).unwrap_or_default() % 30;
        let start = record.when.starts_at() + Duration::minutes(at);
        record.when = When::Timed { start, end: start };
    }
    let id = format!("series-{number}");
    let (times, days) = *[(3, 7), (5, 7), (2, 1), (20, 28)].choose(random).unwrap();
    google.person_repeats(link, &id, &record, times, days);
}

fn act_on_series(people: &mut People, world: &World, link: usize, random: &mut SmallRng) {
    let google = world.server::<EventRecord>(link, Side::Google);
    let series = google.living_series(link);
    let Some(series) = series.choose(random) else {
        return repeat(people, world, link, random);
    };
    match random.random_range(0..6) {
        0 | 2 | 3 if google.is_in_pieces(series) => {}
        0 => google.person_moves_series(link, series, Duration::hours(1)),
        1 => google.person_deletes_series(link, series),
        2 => google.person_cuts_series(link, series, random.random_range(1..4)),
        3 => {
            let (id, keep) = (format!("series-{}", people.number()), random.random_range(1..3));
            if random.random_bool(0.5) {
                let by = Duration::hours(1);
                google.person_splits_series(link, series, keep, &id, |record| moved(record, by));
            } else {
                let title = format!("{} split", people.number());
                google.person_splits_series(link, series, keep, &id, |record| EventRecord {
                    title: title.clone(),
                    ..record.clone()
                });
            }
        }
        _ => {
            let value = EventRecord::written(people, random, world.now());
            let field = *[EventField::Title, EventField::Description, EventField::Location]
                .choose(random)
                .unwrap();
            google.person_edits_series(link, series, |record| record.take(field, &value));
        }
    }
}
