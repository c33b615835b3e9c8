//! Everything that Google knows, and which part answers which address.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::calendar::{self, Calendars};
use super::oauth::{self, OAuth};
use super::options::GoogleOptions;
use super::people::{self, AddressBooks, Turn, Turns};
use super::tasks::{self, TaskBooks};
use crate::front::{Answer, Front, Request, Service};

/// The simulated Google behind its handle.
#[derive(Debug)]
pub(super) struct Google {
    pub(super) front: Front,
    world: Mutex<World>,
    turns: Turns,
}

/// What it knows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) oauth: OAuth,
    pub(super) calendars: Calendars,
    pub(super) tasks: TaskBooks,
    pub(super) people: AddressBooks,
    pub(super) chance: Chance,
}

/// Ids and tokens, drawn from a seed so that a run can be repeated.
#[derive(Debug)]
pub(super) struct Chance(StdRng);

impl Chance {
    /// This many characters of the alphabet.
    pub(super) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .filter_map(|_| alphabet.get(self.0.random_range(0..alphabet.len().max(1))))
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// A text of letters and digits.
    pub(super) fn word(&mut self, length: usize) -> String {
        self.text(
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            length,
        )
    }
}

impl Google {
    pub(super) fn new(front: Front, options: &GoogleOptions) -> Self {
        let mut chance = Chance(StdRng::seed_from_u64(options.seed));
        let tasks = TaskBooks::new(options, &mut chance, front.clock.now());
        let people = AddressBooks::new(options, front.clock.now());
        let calendars = Calendars::new(options, front.clock.now());
        let oauth = OAuth::new(options);
        Self {
            front,
            world: Mutex::new(World {
                oauth,
                calendars,
                tasks,
                people,
                chance,
            }),
            turns: Turns::default(),
        }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service for Google {
    /// A write to contacts must not overlap another one of the same user.
    type Begun = Option<Turn>;

    fn route(&self, request: &Request) -> &'static str {
        let calendar = || calendar::call(request).map(|call| call.pattern);
        let tasks = || tasks::call(request).map(|call| call.pattern);
        let people = || people::call(request).map(|call| call.pattern);
        calendar()
            .or_else(tasks)
            .or_else(people)
            .unwrap_or_else(|| oauth::pattern(&request.path))
    }

    fn begin(&self, request: &Request) -> Option<Turn> {
        people::call(request).filter(people::Call::is_write)?;
        let now = self.front.clock.now();
        let access = self.world().oauth.bearer(request.bearer(), now)?;
        Some(self.turns.begin(&access.account))
    }

    fn answer(&self, request: &Request, turn: Option<Turn>) -> Answer {
        let now = self.front.clock.now();
        let mut world = self.world();
        if let Some(call) = calendar::call(request) {
            return calendar::answer(&mut world, &call, request, now);
        }
        if let Some(call) = tasks::call(request) {
            return tasks::answer(&mut world, &call, request, now);
        }
        match people::call(request) {
            Some(call) => people::answer(&mut world, &call, request, turn.as_ref(), now),
            None => oauth::answer(&mut world, request, now),
        }
    }

    fn throttled(&self, status: u16) -> Answer {
        calendar::throttled(status)
    }

    fn broken(&self, status: u16) -> Answer {
        calendar::broken(status)
    }

    fn throttled_at(&self, request: &Request, status: u16) -> Answer {
        match people::call(request) {
            Some(_) => people::throttled(),
            None => self.throttled(status),
        }
    }

    fn broken_at(&self, request: &Request, status: u16) -> Answer {
        match people::call(request) {
            Some(_) => people::broken(status),
            None => self.broken(status),
        }
    }
}
