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
    let beat = async {
        loop {
            tokio::time::sleep(BEAT).await;
            let until = until(doors.clock.now());
            if let Err(StoreFailure::LeaseLost) = doors.memory.prolong(link, holder, until).await {
                return StoreFailure::LeaseLost;
            }
        }
    };
    tokio::select! {
        biased;
        done = work => Ok(done),
        lost = beat => Err(lost),
    }
}
