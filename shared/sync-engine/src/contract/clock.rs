//! A clock that goes only when told, and bytes that look random and repeat.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, Duration, Utc};
use sync_core::port::{Clock, Entropy};

/// 1 March 2026, 12:00 UTC, in milliseconds: where every test's clock begins.
const BEGINNING: i64 = 1_772_366_400_000;

/// A clock that stands still until it is put on.
#[derive(Debug)]
pub struct SetClock {
    milliseconds: AtomicI64,
}

impl SetClock {
    /// Stands at a fixed instant, a whole second.
    pub fn new() -> Self {
        Self {
            milliseconds: AtomicI64::new(BEGINNING),
        }
    }

    /// Puts it on.
    pub fn advance(&self, by: Duration) {
        self.milliseconds
            .fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Default for SetClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.milliseconds.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// Bytes that differ each time and are the same in every test: a counter, scattered.
#[derive(Debug)]
pub struct TestEntropy {
    state: AtomicU64,
}

impl TestEntropy {
    /// Begins at a seed of the test's choice.
    pub fn new(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
        }
    }
}

impl Entropy for TestEntropy {
    /// # Source
    /// SplitMix64, as published by Sebastiano Vigna; not fit for keys.
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let mut mixed = self.state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            for (byte, random) in chunk.iter_mut().zip(mixed.to_le_bytes()) {
                *byte = random;
            }
        }
    }
}
