//! Everything that Google knows, and which part answers which address.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::calendar::{self, Calendars};
use super::oauth::{self, OAuth};
use super::options::GoogleOptions;
use crate::front::{Answer, Front, Request, Service};

/// The simulated Google behind its handle.
#[derive(Debug)]
pub(super) struct Google {
    pub(super) front: Front,
    world: Mutex<World>,
}

/// What it knows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) oauth: OAuth,
    pub(super) calendars: Calendars,
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
        let chance = Chance(StdRng::seed_from_u64(options.seed));
        let calendars = Calendars::new(options, front.clock.now());
        let oauth = OAuth::new(options);
        Self {
            front,
            world: Mutex::new(World {
                oauth,
                calendars,
                chance,
            }),
        }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service for Google {
    type Begun = ();

    fn route(&self, request: &Request) -> &'static str {
        match calendar::call(request) {
            Some(call) => call.pattern,
            None => oauth::pattern(&request.path),
        }
    }

    fn begin(&self, _request: &Request) {}

    fn answer(&self, request: &Request, (): ()) -> Answer {
        let now = self.front.clock.now();
        let mut world = self.world();
        match calendar::call(request) {
            Some(call) => calendar::answer(&mut world, &call, request, now),
            None => oauth::answer(&mut world, request, now),
        }
    }

    fn throttled(&self, status: u16) -> Answer {
        calendar::throttled(status)
    }

    fn broken(&self, status: u16) -> Answer {
        calendar::broken(status)
    }
}
