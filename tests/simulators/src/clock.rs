//! The simulators' time: the real one, or one that a test sets and moves.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sync_core::port::Clock;

/// A clock that both simulators and the program under test may share. Clones tell the same time.
#[derive(Debug, Clone)]
pub struct SimClock(Arc<Mutex<Hands>>);

#[derive(Debug, Clone, Copy)]
enum Hands {
    Running { ahead: TimeDelta },
    Stopped { at: DateTime<Utc> },
}

impl SimClock {
    /// The machine's own time.
    pub fn real() -> Self {
        Self(Arc::new(Mutex::new(Hands::Running {
            ahead: TimeDelta::zero(),
        })))
    }

    /// A clock that stands still at the instant until it is set or advanced. Quotas that count calls in a
    /// minute of this clock never recover while it stands.
    pub fn stopped(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Hands::Stopped { at })))
    }

    /// Stops the clock at the instant.
    pub fn set(&self, at: DateTime<Utc>) {
        *self.hands() = Hands::Stopped { at };
    }

    /// Lets the clock run on from the instant.
    pub fn run_from(&self, at: DateTime<Utc>) {
        *self.hands() = Hands::Running {
            ahead: at.signed_duration_since(Utc::now()),
        };
    }

    /// Moves the clock forward, whether it runs or stands.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        let mut hands = self.hands();
        *hands = match *hands {
            Hands::Running { ahead } => Hands::Running {
                ahead: ahead.checked_add(&by).unwrap_or(ahead),
            },
            Hands::Stopped { at } => Hands::Stopped {
                at: at.checked_add_signed(by).unwrap_or(at),
            },
        };
    }

    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        match *self.hands() {
            Hands::Running { ahead } => Utc::now() + ahead,
            Hands::Stopped { at } => at,
        }
    }

    fn hands(&self) -> std::sync::MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for SimClock {
    fn default() -> Self {
        Self::real()
    }
}

impl Clock for SimClock {
    fn now(&self) -> DateTime<Utc> {
        SimClock::now(self)
    }
}
