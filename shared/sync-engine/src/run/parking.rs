//! Records that do not go through: parked with the reason, tried again with growing delay.

use chrono::{DateTime, Duration, Utc};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::side::Side;

use crate::memory::{ParkedCount, ParkedRecord};

/// Delay before the first further try.
const FIRST_DELAY_MINUTES: i64 = 15;
/// Longest delay between two tries: a day.
const LONGEST_DELAY_MINUTES: i64 = 24 * 60;

/// Parks a record, or parks it again for twice as long.
pub(super) fn park(
    kind: Kind,
    side: Side,
    id: RemoteId,
    partner: Option<RemoteId>,
    failure: &Failure,
    before: Option<&ParkedRecord>,
    now: DateTime<Utc>,
) -> ParkedRecord {
    let attempts = before.map_or(0, |parked| parked.attempts) + 1;
    let delay = FIRST_DELAY_MINUTES.saturating_mul(1_i64 << attempts.saturating_sub(1).min(10));
    ParkedRecord {
        kind,
        side,
        id,
        partner,
        code: failure.code.to_owned(),
        message: failure.message.clone(),
        attempts,
        retry_at: now + Duration::minutes(delay.min(LONGEST_DELAY_MINUTES)),
    }
}

/// How many are parked and when the first is due.
pub(super) fn count(parked: &[ParkedRecord]) -> ParkedCount {
    ParkedCount {
        count: parked.len() as u64,
        due: parked.iter().map(|parked| parked.retry_at).min(),
    }
}
