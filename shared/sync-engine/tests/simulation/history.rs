//! One history, from the first record to the last quiet run.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use sync_core::kind::Kind;
use sync_core::side::Side;
use sync_engine::memory::Loss;
use sync_engine::report::{Outcome, RunRecord};

use crate::broken::Broken;
use crate::checker::{Checker, Journaled};
use crate::log::{Log, Mark};
use crate::people::People;
use crate::turns;
use crate::world::World;

/// Runs without a fault after which both sides agree.
const CALM_RUNS: usize = 2;
/// Further runs that a held deletion, a lost authorisation or a run out of time may take before that.
const EXTRA_RUNS: usize = 6;
/// Runs with nothing to do that must write nothing.
const QUIET_RUNS: usize = 2;

/// How often settings are turned and put back in the end.
const SETTINGS_TURNED: f64 = 0.25;
/// Runs under settings that were turned or put back.
const TURNED_RUNS: usize = 2;

struct History {
    world: Arc<World>,
    people: Arc<Mutex<People>>,
    checker: Checker,
    random: SmallRng,
    read: usize,
}

/// Plays one history; answers its log, and what was wrong with it.
pub(crate) async fn play(seed: u64, broken: Option<Broken>) -> (Arc<Log>, Result<(), String>) {
    let mut random = SmallRng::seed_from_u64(seed);
    let links = *[1, 1, 1, 2, 3].choose(&mut random).unwrap();
    let world = Arc::new(World::new(&mut random, links, broken));
    let mut history = History {
        checker: Checker::new(&world),
        people: Arc::default(),
        world,
        random,
        read: 0,
    };
    let verdict = history.unfold().await;
    (history.world.log.clone(), verdict)
}

impl History {
    async fn unfold(&mut self) -> Result<(), String> {
        for link in 0..self.world.links() {
            self.world.link(link).await;
            self.people
                .lock()
                .unwrap()
                .fill(&self.world, link, &mut self.random);
        }
        if self.random.random_bool(0.3) {
            self.trouble().await;
        }
        self.calm().await?;
        for _ in 0..self.random.random_range(1..=2) {
            self.round().await?;
        }
        if self.random.random_bool(0.2) {
            self.world.lose_store().await;
            self.calm().await?;
        }
        if self.random.random_bool(SETTINGS_TURNED) {
            self.turn_settings().await?;
        }
        Ok(())
    }

    /// Both sides agree. A setting is made narrower, and put back: that writes nothing, but for what is private.
    async fn turn_settings(&mut self) -> Result<(), String> {
        for link in 0..self.world.links() {
            let settings = self.world.settings(link);
            let turns = turns::possible(&settings, self.world.kinds());
            let Some(turn) = turns.choose(&mut self.random) else {
                continue;
            };
            if self.random.random_bool(0.3) {
                // What people make meanwhile arrives as soon as it comes into scope.
                self.world.mark(link, Mark::Round { clean: false });
                self.world.set(link, &turn.there).await;
                self.people
                    .lock()
                    .unwrap()
                    .act(&self.world, link, &mut self.random, 8);
                self.world.run(link).await;
                self.world.set(link, &turn.back).await;
                continue;
            }
            let about_privacy = turn.is_about_privacy;
            self.world.mark(link, Mark::Turning { about_privacy });
            for patch in [&turn.there, &turn.back] {
                self.world.set(link, patch).await;
                for _ in 0..TURNED_RUNS {
                    tokio::time::sleep(Duration::from_mins(15)).await;
                    self.world.run(link).await;
                }
            }
            self.world.mark(link, Mark::QuietEnds);
            self.look();
            self.checker
                .verdict()
                .map_err(|wrong| format!("{}: {wrong}", turn.there))?;
        }
        self.calm().await
    }

    /// People act, runs meet trouble, and then there is calm.
    async fn round(&mut self) -> Result<(), String> {
        let clean = self.random.random_bool(0.3);
        for link in 0..self.world.links() {
            self.world.mark(link, Mark::Round { clean });
            let deeds = self.random.random_range(0..12);
            self.people
                .lock()
                .unwrap()
                .act(&self.world, link, &mut self.random, deeds);
        }
        if !clean {
            for _ in 0..self.random.random_range(0..4) {
                self.upheaval().await;
                self.trouble().await;
            }
        }
        if self.random.random_bool(0.1) {
            // Some seasons pass: the horizon of series moves on.
            tokio::time::sleep(Duration::from_hours(24 * self.random.random_range(8..25))).await;
        }
        self.calm().await
    }

    /// Something changes between two runs.
    async fn upheaval(&mut self) {
        let link = self.random.random_range(0..self.world.links());
        match self.random.random_range(0..10) {
            0 | 1 => {
                let patch = self.other_settings();
                self.world.set(link, &patch).await;
            }
            2 => {
                let side = *Side::BOTH.choose(&mut self.random).unwrap();
                self.world.provider(link, side).refuse_cursors();
            }
            3 if self.random.random_bool(0.5) => self.world.lose_store().await,
            4 | 5 => self
                .people
                .lock()
                .unwrap()
                .act(&self.world, link, &mut self.random, 3),
            _ => {}
        }
    }

    fn other_settings(&mut self) -> Value {
        let random = &mut self.random;
        let kind = *self.world.kinds().choose(random).unwrap();
        let part = match kind {
            Kind::Event => "events",
            Kind::Task => "tasks",
            Kind::Contact => "contacts",
        };
        let any = |random: &mut SmallRng, of: &[Value]| of.choose(random).cloned().unwrap_or_default();
        let change = match random.random_range(0..9) {
            0 => {
                json!({ "direction": any(random, &[json!("both"), json!("crm_to_google"), json!("google_to_crm")]) })
            }
            1 => {
                json!({ "conflict_winner": any(random, &[json!("newest"), json!("crm"), json!("google")]) })
            }
            2 => json!({ "deletions": any(random, &[json!("keep"), json!("propagate")]) }),
            3 => return json!({ "start_from": any(random, &[json!("2026-01-01"), json!("2026-03-03")]) }),
            _ if kind == Kind::Event => Self::other_event_settings(random),
            _ => json!({ "enabled": random.random_bool(0.7) }),
        };
        json!({ part: change })
    }

    fn other_event_settings(random: &mut SmallRng) -> Value {
        let any = |random: &mut SmallRng, of: &[Value]| of.choose(random).cloned().unwrap_or_default();
        let day = json!({ "days": ["mon","tue","wed","thu","fri","sat","sun"], "from": "08:00", "to": "19:00", "time_zone": "UTC" });
        match random.random_range(0..6) {
            // Where copies are made changes; what has been made is seen as before.
            5 => {
                let target = any(random, &[json!("primary"), json!("dedicated")]);
                json!({ "target_calendar": target, "calendars": ["primary", "own"] })
            }
            0 => {
                json!({ "private": any(random, &[json!("both"), json!("to_google"), json!("to_crm"), json!("none")]) })
            }
            1 => json!({ "private_as_busy": random.random_bool(0.5) }),
            2 => json!({ "hours": any(random, &[json!(null), day]) }),
            3 => json!({ "record_types": any(random, &[json!(["meeting"]), json!(["meeting", "call"])]) }),
            _ => json!({ "enabled": random.random_bool(0.7) }),
        }
    }

    /// Runs at whose calls anything may go wrong.
    async fn trouble(&mut self) {
        let links: Vec<usize> = match self.random.random_range(0..3) {
            0 => (0..self.world.links()).collect(),
            _ => vec![self.random.random_range(0..self.world.links())],
        };
        let share = *[0.02, 0.05, 0.1, 0.3].choose(&mut self.random).unwrap();
        let (world, people) = (self.world.clone(), self.people.clone());
        let link = links[0];
        let person = move |seed: u64| {
            let mut random = SmallRng::seed_from_u64(seed);
            people.lock().unwrap().act_once(&world, link, &mut random);
        };
        self.world
            .faults
            .begin(self.random.random(), share, Some(Box::new(person)));
        let frozen_for = Duration::from_secs(self.random.random_range(60..600));
        self.world.faulty_runs(&links, frozen_for).await;
        // The lease of a dead run ends by itself.
        tokio::time::sleep(Duration::from_secs(self.random.random_range(1..1200))).await;
        if self.random.random_bool(0.3) {
            let mut random = SmallRng::seed_from_u64(self.random.random());
            let people = std::mem::take(&mut *self.people.lock().unwrap());
            people
                .delete_original_of_orphan(&self.world, link, &mut random)
                .await;
            *self.people.lock().unwrap() = people;
        }
    }

    fn look(&mut self) {
        let news = self.world.log.since(self.read);
        self.read += news.len();
        self.checker.read(&news);
    }

    /// Runs without faults: after two of them both sides agree, and after that nothing is written any more.
    async fn calm(&mut self) -> Result<(), String> {
        for link in 0..self.world.links() {
            // Whatever was parked meanwhile is due again after a day.
            tokio::time::sleep(Duration::from_hours(25)).await;
            let mut runs = 0;
            let mut extra = 0;
            self.world.mark(link, Mark::Settling);
            while runs < CALM_RUNS {
                let record = self.world.run(link).await;
                if is_finished(&record) || extra == EXTRA_RUNS {
                    runs += 1;
                } else {
                    extra += 1;
                    self.world.mark(link, Mark::Settling);
                }
                tokio::time::sleep(Duration::from_mins(15)).await;
            }
            self.world.mark(link, Mark::Calm);
            self.look();
            let journal = self.journal(link).await;
            self.checker.calm(self.world.now(), link, &journal);
            self.world.mark(link, Mark::Quiet);
            for _ in 0..QUIET_RUNS {
                let record = self.world.run(link).await;
                if let Some(problem) = record.problems.first() {
                    return Err(format!("told again, though it was known: {problem:?}"));
                }
                tokio::time::sleep(Duration::from_mins(15)).await;
            }
            self.world.mark(link, Mark::QuietEnds);
            self.look();
        }
        self.world.faults.settle(Some(self.world.now()));
        for link in 0..self.world.links() {
            for side in Side::BOTH {
                self.world.provider(link, side).events.forget_moves();
            }
        }
        self.checker.verdict()
    }

    async fn journal(&self, link: usize) -> Vec<Journaled> {
        let page = self.world.memory.journal(&World::id(link), None, 10_000).await;
        let entries = page.unwrap().items;
        let seen = entries.into_iter().map(|entry| {
            let (field, value) = match entry.loss {
                Loss::Field { field, value } => (Some(field), value),
                Loss::Record(value) => (None, value),
            };
            Journaled {
                kind: entry.kind,
                field,
                value,
            }
        });
        seen.collect()
    }
}

/// Whether a run did all that it found.
fn is_finished(record: &RunRecord) -> bool {
    match record.outcome {
        Outcome::Ok | Outcome::Partial => !record.more,
        Outcome::Held | Outcome::NeedsAuthorization | Outcome::Failed | Outcome::Skipped => false,
    }
}
