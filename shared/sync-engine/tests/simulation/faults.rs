//! What may go wrong at a boundary.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use sync_core::failure::Failure;
use tokio::sync::Notify;

/// A fault at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call does not arrive.
    Away,
    /// The side has had enough for a while, and says for how long.
    Throttled,
    /// The call is carried out and its answer is lost or cut.
    LostAnswer,
    /// The call is carried out twice.
    Twice,
    /// The process dies before the call.
    CrashBefore,
    /// The process dies just after the call.
    CrashAfter,
    /// The answer takes longer than the run has time.
    Slow,
    /// The process is frozen and goes on much later, as if nothing had been.
    Frozen,
    /// The side does not take this record, this time.
    Refused,
    /// The answer makes no sense.
    Nonsense,
    /// The user's authorisation is gone.
    Unauthorised,
    /// The cursor is refused.
    CursorRefused,
    /// A listing says that it is whole, and lacks some records.
    Short,
    /// A listing reports changes again, and records that did not change.
    Repeated,
    /// A person acts just then.
    Person,
}

/// What goes wrong at a side, as often as it stands here.
const AT_SIDE: [Fault; 17] = [
    Fault::Away,
    Fault::Throttled,
    Fault::LostAnswer,
    Fault::Twice,
    Fault::CrashBefore,
    Fault::CrashAfter,
    Fault::Slow,
    Fault::Frozen,
    Fault::Refused,
    Fault::Nonsense,
    Fault::Unauthorised,
    Fault::CursorRefused,
    Fault::Short,
    Fault::Repeated,
    Fault::Person,
    Fault::Person,
    Fault::Person,
];

/// What goes wrong at a whole list: seldom asked for, and long enough to be shifted under the reader's feet.
const AT_WHOLE_LIST: [Fault; 4] = [Fault::Short, Fault::Short, Fault::Repeated, Fault::LostAnswer];

/// What goes wrong at the store.
const AT_STORE: [Fault; 6] = [
    Fault::Away,
    Fault::LostAnswer,
    Fault::CrashBefore,
    Fault::CrashAfter,
    Fault::Slow,
    Fault::Frozen,
];

/// Somebody who acts while a run is at work.
type Interrupt = Box<dyn FnMut(u64) + Send>;

/// Draws faults and stages crashes. Without a plan nothing goes wrong.
#[derive(Default)]
pub(crate) struct Faults {
    random: Mutex<Option<(SmallRng, f64)>>,
    interrupt: Mutex<Option<Interrupt>>,
    /// The one fault of a scene, after so many calls to sides.
    staged: Mutex<Option<(usize, Fault)>>,
    /// When both sides were in step last, unless the memory was lost since: of what came later nobody knows that a list
    /// lacks it.
    settled: Mutex<Option<DateTime<Utc>>>,
    crash: Notify,
    freeze: Notify,
    thaw: Notify,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults")
    }
}

impl Faults {
    /// From here on this share of the calls fails; `person` is called where somebody acts meanwhile.
    pub(crate) fn begin(&self, seed: u64, share: f64, person: Option<Interrupt>) {
        *self.random.lock().unwrap() = Some((SmallRng::seed_from_u64(seed), share));
        *self.interrupt.lock().unwrap() = person;
    }

    /// After so many further calls to sides, the next one meets this, and no other does.
    pub(crate) fn stage(&self, calls: usize, fault: Fault) {
        *self.staged.lock().unwrap() = Some((calls, fault));
    }

    fn staged(&self) -> Option<Fault> {
        let mut staged = self.staged.lock().unwrap();
        let (calls, fault) = staged.as_mut()?;
        let now = (*calls == 0).then_some(*fault);
        *calls = calls.saturating_sub(1);
        if now.is_some() {
            *staged = None;
        }
        now
    }

    pub(crate) fn end(&self) {
        *self.random.lock().unwrap() = None;
        *self.interrupt.lock().unwrap() = None;
    }

    /// Both sides are in step; `None`: nothing is remembered of it any more.
    pub(crate) fn settle(&self, at: Option<DateTime<Utc>>) {
        *self.settled.lock().unwrap() = at;
    }

    /// Whether a list that lacks the record can be seen to do so.
    pub(crate) fn is_missed(&self, changed_at: DateTime<Utc>) -> bool {
        self.settled.lock().unwrap().is_some_and(|at| changed_at < at)
    }

    fn draw(&self, from: &[Fault]) -> Option<Fault> {
        let mut guard = self.random.lock().unwrap();
        let (random, share) = guard.as_mut()?;
        if !random.random_bool(*share) {
            return None;
        }
        from.choose(random).copied()
    }

    pub(crate) fn draw_at_side(&self) -> Option<Fault> {
        self.staged().or_else(|| self.draw(&AT_SIDE))
    }

    pub(crate) fn draw_at_whole_list(&self) -> Option<Fault> {
        self.draw(&AT_SIDE).or_else(|| self.draw(&AT_WHOLE_LIST))
    }

    pub(crate) fn draw_at_store(&self) -> Option<Fault> {
        self.draw(&AT_STORE)
    }

    /// Does a call to a side, with what goes wrong at it.
    pub(crate) async fn around<T>(
        &self,
        fault: Option<Fault>,
        act: impl Fn() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match fault {
            Some(Fault::Away) => Err(Failure::retryable("busy", "The side is busy.", None)),
            Some(Fault::Throttled) => {
                let after = Some(Duration::from_secs(30));
                Err(Failure::retryable(
                    "rate_limited",
                    "The side has had enough.",
                    after,
                ))
            }
            Some(Fault::LostAnswer) => {
                drop(act());
                Err(Failure::retryable("no_answer", "The side did not answer.", None))
            }
            Some(Fault::Twice) => {
                drop(act());
                act()
            }
            Some(Fault::Slow) => {
                tokio::time::sleep(Duration::from_secs(400)).await;
                act()
            }
            Some(Fault::Refused) => Err(Failure::permanent("refused", "The side does not take it.")),
            Some(Fault::Nonsense) => Err(Failure::bug("answer_unexpected", "The answer makes no sense.")),
            Some(Fault::CrashBefore) => self.die().await,
            Some(Fault::CrashAfter) => {
                drop(act());
                self.die().await
            }
            Some(Fault::Frozen) => {
                self.be_frozen().await;
                act()
            }
            Some(Fault::Person) => {
                self.let_a_person_act();
                act()
            }
            Some(Fault::Unauthorised | Fault::CursorRefused | Fault::Short | Fault::Repeated) | None => act(),
        }
    }

    fn let_a_person_act(&self) {
        let seed = self
            .random
            .lock()
            .unwrap()
            .as_mut()
            .map(|(random, _)| random.random());
        if let (Some(seed), Some(person)) = (seed, self.interrupt.lock().unwrap().as_mut()) {
            person(seed);
        }
    }

    pub(crate) async fn die<T>(&self) -> T {
        self.crash.notify_one();
        std::future::pending().await
    }

    pub(crate) async fn be_frozen(&self) {
        self.freeze.notify_one();
        self.thaw.notified().await;
    }

    pub(crate) async fn crashed(&self) {
        self.crash.notified().await;
    }

    pub(crate) async fn frozen(&self) {
        self.freeze.notified().await;
    }

    pub(crate) fn thaw(&self) {
        self.thaw.notify_waiters();
    }
}
