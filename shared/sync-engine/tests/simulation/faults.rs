//! What may go wrong at a boundary.

use std::sync::Mutex;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use sync_core::failure::Failure;
use tokio::sync::Notify;

/// A fault at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call does not arrive.
    Refused,
    /// The call is carried out and its answer is lost.
    LostAnswer,
    /// The process dies before the call.
    CrashBefore,
    /// The process dies just after the call.
    CrashAfter,
    /// The answer takes longer than the run has time.
    Slow,
    /// The side does not take this record.
    Poison,
}

/// Draws faults and stages crashes. Without a plan nothing goes wrong.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    random: Mutex<Option<(SmallRng, f64)>>,
    crash: Notify,
}

impl Faults {
    pub(crate) fn begin(&self, seed: u64, share: f64) {
        *self.random.lock().unwrap() = Some((SmallRng::seed_from_u64(seed), share));
    }

    pub(crate) fn end(&self) {
        *self.random.lock().unwrap() = None;
    }

    fn draw(&self) -> Option<Fault> {
        let mut guard = self.random.lock().unwrap();
        let (random, share) = guard.as_mut()?;
        if !random.random_bool(*share) {
            return None;
        }
        let all = [
            Fault::Refused,
            Fault::LostAnswer,
            Fault::CrashBefore,
            Fault::CrashAfter,
            Fault::Slow,
            Fault::Poison,
        ];
        Some(all[random.random_range(0..all.len())])
    }

    /// Does a call to a side, with whatever goes wrong at it.
    pub(crate) async fn at_side<T>(&self, call: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        tokio::task::yield_now().await;
        match self.draw() {
            None => call(),
            Some(Fault::Refused) => Err(Failure::retryable("busy", "The side is busy.", None)),
            Some(Fault::LostAnswer) => {
                drop(call());
                Err(Failure::retryable("no_answer", "The side did not answer.", None))
            }
            Some(Fault::Slow) => {
                tokio::time::sleep(Duration::from_secs(400)).await;
                call()
            }
            Some(Fault::Poison) => Err(Failure::permanent("refused", "The side does not take it.")),
            Some(Fault::CrashBefore) => self.die().await,
            Some(Fault::CrashAfter) => {
                drop(call());
                self.die().await
            }
        }
    }

    /// What goes wrong at a call to the store: told before it, so that the caller can do it or not.
    pub(crate) fn at_store(&self) -> Option<Fault> {
        self.draw()
            .filter(|fault| *fault != Fault::Slow && *fault != Fault::Poison)
    }

    pub(crate) async fn die<T>(&self) -> T {
        self.crash.notify_one();
        std::future::pending().await
    }

    pub(crate) async fn crashed(&self) {
        self.crash.notified().await;
    }
}
