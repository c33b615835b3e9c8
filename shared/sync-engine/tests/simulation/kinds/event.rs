//! Meetings and calls.

use std::sync::Arc;

use chrono::{DateTime, Duration, Timelike, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rrule::{RRule, Unvalidated};
use sync_core::id::RemoteId;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::kind::{Record, Series};
use sync_core::policy::{PrivateMode, Settings};
use sync_core::recurrence::Starts;
use sync_core::side::{PerSide, Side};

use super::{Played, Shown};
use crate::log::{Entry, Of};
use crate::people::{People, tail};
use crate::reach::Reach;
use crate::server::{Nature, Server, moved};
use crate::world::{Provider, World};

/// More than any rule here makes.
const OCCURRENCES_MAX: u16 = 1_000;

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
        if random.random_bool(0.5) && world.server::<Self>(link, Side::Crm).nature.keeps_rows {
            act_on_rows(people, world, link, random);
        } else {
            act_on_series(people, world, link, random);
        }
        true
    }

    /// Counted out by a library that the engine does not use.
    fn occurrences(series: &Series<Self>) -> Vec<Self> {
        let first = series.first.when.starts_at();
        let rule: RRule<Unvalidated> = series.rule.rrule.parse().expect("a rule that can be read");
        let begins = first.with_timezone(&rrule::Tz::UTC);
        let made = rule.build(begins).expect("a rule that can be counted out");
        let not_wanted = |at: &DateTime<Utc>| match &series.rule.exdates {
            Starts::Timed { starts, .. } => starts.contains(at),
            Starts::AllDay(days) => days.contains(&at.date_naive()),
        };
        let starts = made.all(OCCURRENCES_MAX).dates.into_iter();
        let wanted = starts.map(|at| at.to_utc()).filter(|at| !not_wanted(at));
        wanted.map(|at| moved(&series.first, at - first)).collect()
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
        let elsewhere = side == Side::Google && !Reach::of::<Self>(side, settings).reads(&id.collection);
        if at_night || other_type || elsewhere {
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

/// A person makes a series in a CRM that keeps it as rows, by a rule or by none.
pub(crate) fn repeat_in_rows(people: &mut People, world: &World, link: usize, random: &mut SmallRng) {
    const DAY: i64 = 24;
    const WEEK: i64 = 7 * DAY;
    let crm = world.server::<EventRecord>(link, Side::Crm);
    if !crm.nature.keeps_rows {
        return;
    }
    let record = EventRecord::written(people, random, world.now());
    let id = format!("rows-{}", people.number());
    let every = |hours: i64, times: i64| (0..times).map(|time| time * hours).collect();
    let hours: Vec<i64> = match random.random_range(0..8) {
        0 => every(DAY, 2),
        1 => every(WEEK, 4),
        2 => every(2 * DAY, 5),
        3 => every(4 * WEEK, 14),
        // Some days of a week.
        4 => vec![0, 2 * DAY, WEEK, 9 * DAY],
        // With a gap.
        5 => vec![0, DAY, 3 * DAY, 4 * DAY],
        // By no rule.
        6 => vec![0, DAY, 4 * DAY + 3],
        _ => every(DAY, 3),
    };
    let after: Vec<Duration> = hours.into_iter().map(Duration::hours).collect();
    crm.person_makes_rows(link, &id, &record, &after);
}

fn act_on_rows(people: &mut People, world: &World, link: usize, random: &mut SmallRng) {
    let crm = world.server::<EventRecord>(link, Side::Crm);
    let rows = crm.living_rows(link);
    let Some(first) = rows.choose(random) else {
        return repeat_in_rows(people, world, link, random);
    };
    // Two that say the same and are made anew on both sides at once cannot be told apart.
    let google = world.server::<EventRecord>(link, Side::Google);
    if crm.is_in_pieces(first) || google.has_pieces() {
        return;
    }
    match random.random_range(0..5) {
        0 => crm.person_deletes_rows(link, first),
        1 => crm.person_deletes(link, first),
        2 => crm.person_edits_rows(link, first, Duration::hours(1), |_| {}),
        _ => {
            let value = EventRecord::written(people, random, world.now());
            let field = *[EventField::Title, EventField::Description, EventField::Location]
                .choose(random)
                .unwrap();
            crm.person_edits_rows(link, first, Duration::zero(), |record| record.take(field, &value));
        }
    }
}

fn act_on_series(people: &mut People, world: &World, link: usize, random: &mut SmallRng) {
    let google = world.server::<EventRecord>(link, Side::Google);
    let crm = world.server::<EventRecord>(link, Side::Crm);
    let series = google.living_series(link);
    let Some(series) = series.choose(random) else {
        return repeat(people, world, link, random);
    };
    match random.random_range(0..6) {
        0 | 2 | 3 if google.is_in_pieces(series) || crm.has_pieces() => {}
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
