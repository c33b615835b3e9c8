//! What people do on both sides, at any moment.

use chrono::{DateTime, Duration, Utc};
use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::side::Side;

use crate::door::POISON;
use crate::log::Entry;
use crate::server::moved;
use crate::world::World;

/// Which fields people edit, as often as they stand here.
const EDITED: [EventField; 9] = [
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

/// People. Whatever they write begins with a number that nobody wrote before.
#[derive(Debug, Default)]
pub(crate) struct People {
    numbers: u64,
}

impl People {
    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn when(random: &mut SmallRng, now: DateTime<Utc>) -> When {
        let hour = now + Duration::hours(random.random_range(-100..400));
        if random.random_bool(0.2) {
            let start = hour.date_naive();
            let end = start + Duration::days(random.random_range(1..3));
            return When::AllDay { start, end };
        }
        let odd_seconds = if random.random_bool(0.1) { 25 } else { 0 };
        let start =
            hour - Duration::seconds(hour.timestamp().rem_euclid(1800)) + Duration::seconds(odd_seconds);
        When::Timed {
            start,
            end: start + Duration::minutes(random.random_range(0..3) * 30),
        }
    }

    /// A record that nobody has written before; often longer, or stranger, than some sides keep.
    fn record(&mut self, random: &mut SmallRng, now: DateTime<Utc>) -> EventRecord {
        let tail = |random: &mut SmallRng| {
            *[" ", " and a long tail", " and  two blanks", " 😀"]
                .choose(random)
                .unwrap()
        };
        let text = |number: u64, tail: &str| format!("{number}{tail}").trim_end().to_owned();
        let title = text(self.number(), tail(random));
        let description = text(self.number(), tail(random));
        let location = text(self.number(), tail(random));
        EventRecord {
            title,
            description,
            location,
            when: Self::when(random, now),
            private: random.random_bool(0.1),
        }
    }

    /// Both sides before they are joined; some things stand on both already, made by hand.
    pub(crate) fn fill(&mut self, world: &World, link: usize, random: &mut SmallRng) {
        for side in Side::BOTH {
            for _ in 0..random.random_range(0..4) {
                self.create(world, link, side, random);
            }
        }
        if random.random_bool(0.3) {
            let record = self.record(random, world.now());
            let both = EventRecord {
                private: false,
                ..world.server(link, Side::Crm).nature.rewritten(&record)
            };
            let name = format!("twin-{}", self.number());
            let crm = world
                .server(link, Side::Crm)
                .person_creates(link, &name, both.clone());
            let google = world.server(link, Side::Google).person_creates(link, &name, both);
            world.log.add(Entry::Same { link, crm, google });
        }
        if random.random_bool(0.2) {
            self.repeat(world, link, random);
        }
    }

    fn create(&mut self, world: &World, link: usize, side: Side, random: &mut SmallRng) {
        let record = self.record(random, world.now());
        let number = self.number();
        let name = if side == Side::Crm && random.random_bool(0.3) {
            format!("person-{number}-call")
        } else {
            format!("person-{number}")
        };
        world.server(link, side).person_creates(link, &name, record);
    }

    fn repeat(&mut self, world: &World, link: usize, random: &mut SmallRng) {
        let number = self.number();
        let mut record = EventRecord {
            private: false,
            ..self.record(random, world.now())
        };
        if world.server(link, Side::Google).had_series(link) {
            // Occurrences of two series at one time may be taken for one that goes on from the other.
            let at = i64::try_from(number).unwrap_or_default() % 30;
            let start = record.when.starts_at() + Duration::minutes(at);
            record.when = When::Timed { start, end: start };
        }
        let id = format!("series-{number}");
        let (times, days) = *[(3, 7), (5, 7), (2, 1), (20, 28)].choose(random).unwrap();
        world
            .server(link, Side::Google)
            .person_repeats(link, &id, &record, times, days);
    }

    /// So many deeds, one after the other.
    pub(crate) fn act(&mut self, world: &World, link: usize, random: &mut SmallRng, deeds: usize) {
        for _ in 0..deeds {
            self.act_once(world, link, random);
        }
    }

    pub(crate) fn act_once(&mut self, world: &World, link: usize, random: &mut SmallRng) {
        let side = if random.random_bool(0.5) {
            Side::Crm
        } else {
            Side::Google
        };
        let server = world.server(link, side);
        let living: Vec<RemoteId> = server.living(link).into_keys().collect();
        let Some(id) = living.choose(random) else {
            return self.create(world, link, side, random);
        };
        match random.random_range(0..100) {
            0..12 => self.create(world, link, side, random),
            // What people do to the shape of a series they do once before the other side knows of it.
            12..27 if server.was_moved(link, id) => {}
            12..27 => server.person_deletes(link, id),
            27..32 => server.person_edits(link, id, |now| now.unmapped.push('+')),
            32..36 => {
                let poison = format!("{} {POISON}", self.number());
                server.person_edits(link, id, |now| now.record.location = poison);
            }
            36..46 => self.act_on_series(world, link, random),
            _ => {
                let field = *EDITED.choose(random).unwrap();
                let mut value = self.record(random, world.now());
                if random.random_bool(0.03) {
                    // Out of what is kept in step.
                    value.when = Self::when(random, world.now() - Duration::days(300));
                }
                // An occurrence changes its place once in a while: with its series, or by itself.
                if field == EventField::When && server.was_moved(link, id) {
                    return;
                }
                server.person_edits(link, id, |now| {
                    value.private = !now.record.private;
                    now.record.take(field, &value);
                });
            }
        }
    }

    fn act_on_series(&mut self, world: &World, link: usize, random: &mut SmallRng) {
        let google = world.server(link, Side::Google);
        let series = google.living_series(link);
        let Some(series) = series.choose(random) else {
            return self.repeat(world, link, random);
        };
        match random.random_range(0..6) {
            0 | 2 | 3 if google.is_in_pieces(series) => {}
            0 => google.person_moves_series(link, series, Duration::hours(1)),
            1 => google.person_deletes_series(link, series),
            2 => google.person_cuts_series(link, series, random.random_range(1..4)),
            3 => {
                let (id, keep) = (format!("series-{}", self.number()), random.random_range(1..3));
                if random.random_bool(0.5) {
                    let by = Duration::hours(1);
                    google.person_splits_series(link, series, keep, &id, |record| moved(record, by));
                } else {
                    let title = format!("{} split", self.number());
                    google.person_splits_series(link, series, keep, &id, |record| EventRecord {
                        title: title.clone(),
                        ..record.clone()
                    });
                }
            }
            _ => {
                let value = self.record(random, world.now());
                let field = *[EventField::Title, EventField::Description, EventField::Location]
                    .choose(random)
                    .unwrap();
                google.person_edits_series(link, series, |record| record.take(field, &value));
            }
        }
    }
}
