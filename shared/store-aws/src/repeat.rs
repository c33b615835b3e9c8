//! Pauses between tries, scattered so that those who met do not meet again; and tokens that name a try.

use std::time::Duration;

use data_encoding::HEXLOWER;
use sync_core::port::Entropy;

/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Waits after the try of this number, counted from 0: up to `first`, doubled each time.
pub(crate) async fn pause(entropy: &dyn Entropy, first: Duration, tried: u32) {
    let longest = first.saturating_mul(1 << tried.min(10)).min(PAUSE_MAX);
    let mut random = [0];
    entropy.fill(&mut random);
    // Half of it for certain, the other half by chance.
    tokio::time::sleep(longest / 2 + longest.mul_f64(f64::from(random[0]) / 512.0)).await;
}

/// A name that no other call ever has: 32 characters.
pub(crate) fn token(entropy: &dyn Entropy) -> String {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    HEXLOWER.encode(&random)
}
