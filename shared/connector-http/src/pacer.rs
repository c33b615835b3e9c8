//! An exact sliding window of calls.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// At most so many calls in any stretch of so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pacing {
    /// Calls in one window.
    pub calls: u32,
    /// Length of the window.
    pub window: Duration,
    /// Added to the window, because calls need different times to arrive: two that leave a window apart may
    /// reach the server closer together.
    pub margin: Duration,
}

/// Holds calls back so that no window ever sees more than its share.
///
/// Law: of any `calls + 1` permissions in a row, the last is given at least `window + margin` after the first.
#[derive(Debug)]
pub struct Pacer {
    pacing: Pacing,
    /// When the last `calls` permissions were or will be good, oldest first.
    slots: Mutex<VecDeque<Instant>>,
}

impl Pacer {
    /// A pacer before its first call.
    pub fn new(pacing: Pacing) -> Self {
        let pacing = Pacing {
            calls: pacing.calls.max(1),
            ..pacing
        };
        Self {
            pacing,
            slots: Mutex::new(VecDeque::new()),
        }
    }

    /// A pacer that takes into account what the run before did: `history` as [`history`](Self::history) gave it
    /// that long ago.
    pub fn seeded(pacing: Pacing, history: &[u32], age: Duration) -> Self {
        let pacer = Self::new(pacing);
        {
            let mut slots = pacer.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            for (calls, seconds) in history.iter().zip(0_u64..).collect::<Vec<_>>().into_iter().rev() {
                // A clock too young to go back that far counts the call as made now, which only waits longer.
                let at = now.checked_sub(age + Duration::from_secs(seconds)).unwrap_or(now);
                for _ in 0..(*calls).min(pacer.pacing.calls) {
                    slots.push_back(at);
                }
            }
            pacer.forget(&mut slots, now);
        }
        pacer
    }

    /// Waits until one more call is in order.
    pub async fn permission(&self) {
        let at = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            self.forget(&mut slots, now);
            let at = match slots
                .len()
                .checked_sub(self.calls())
                .and_then(|index| slots.get(index))
            {
                Some(before) => now.max(*before + self.span()),
                None => now,
            };
            slots.push_back(at);
            at
        };
        sleep_until(at).await;
    }

    /// How many calls were made in each whole second back from now, youngest first; as much as still counts.
    pub fn history(&self) -> Vec<u32> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let mut history = Vec::new();
        for slot in slots.iter().rev() {
            let age = now.saturating_duration_since(*slot);
            let Ok(second) = usize::try_from(age.as_secs()) else {
                break;
            };
            if age > self.span() {
                break;
            }
            if history.len() <= second {
                history.resize(second + 1, 0_u32);
            }
            if let Some(count) = history.get_mut(second) {
                *count += 1;
            }
        }
        history
    }

    fn span(&self) -> Duration {
        self.pacing.window + self.pacing.margin
    }

    fn calls(&self) -> usize {
        usize::try_from(self.pacing.calls).unwrap_or(usize::MAX)
    }

    fn forget(&self, slots: &mut VecDeque<Instant>, now: Instant) {
        while slots.front().is_some_and(|oldest| *oldest + self.span() <= now) {
            slots.pop_front();
        }
    }
}
