//! Holds the lease while the work goes on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sync_core::id::AccountLinkId;
use sync_core::port::{Holder, StoreFailure};

use super::Doors;

/// How long a lease lasts unless it is prolonged: so long is an account link out of reach after a crash.
const LEASE: Duration = Duration::from_secs(90);
/// How often it is prolonged: two beats may get lost.
const BEAT: Duration = Duration::from_secs(30);

/// Until when a lease taken or prolonged now lasts.
pub(super) fn until(now: DateTime<Utc>) -> DateTime<Utc> {
    now + LEASE
}

/// Does the work, prolonging the lease meanwhile. `Err`: the lease passed to another run, and the work was
/// dropped where it stood.
pub(super) async fn while_held<T>(
    doors: &Doors,
    link: &AccountLinkId,
    holder: &Holder,
    work: impl Future<Output = T>,
) -> Result<T, StoreFailure> {
    let mut work = std::pin::pin!(work);
    let mut held_until = until(doors.clock.now());
    loop {
        tokio::select! {
            biased;
            () = tokio::time::sleep(BEAT) => {}
            done = &mut work => return Ok(done),
        }
        let now = doors.clock.now();
        let prolonging = doors.memory.prolong(link, holder, until(now));
        let answer = if now >= held_until {
            // The process stood still for longer than its lease lasts: nothing more is sent before it is known whether
            // the account link is another run's by now.
            prolonging.await
        } else {
            tokio::select! {
                biased;
                answer = prolonging => answer,
                done = &mut work => return Ok(done),
            }
        };
        match answer {
            Ok(()) => held_until = until(now),
            Err(StoreFailure::LeaseLost) => return Err(StoreFailure::LeaseLost),
            // The next beat may get through.
            Err(StoreFailure::ConditionFailed | StoreFailure::Unavailable(_) | StoreFailure::Refused(_)) => {}
        }
    }
}
