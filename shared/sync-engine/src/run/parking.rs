//! Records that do not go through: parked with the reason, tried again with growing delay.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::Kind;
use sync_core::mutation::{self, Mutation};
use sync_core::port::StoreFailure;
use sync_core::side::Side;

use crate::memory::{Memory, ParkedCount, ParkedRecord};

/// Delay before the first further try.
const FIRST_DELAY_MINUTES: i64 = 15;
/// Longest delay between two tries: a day.
const LONGEST_DELAY_MINUTES: i64 = 24 * 60;

/// Parks a record, or parks it again for twice as long. One that is met again before it is due, with the same
/// trouble, stays parked as it is: a side may show a record several times over.
pub(super) fn park(
    kind: Kind,
    side: Side,
    id: RemoteId,
    partner: Option<RemoteId>,
    failure: &Failure,
    before: Option<&ParkedRecord>,
    now: DateTime<Utc>,
) -> ParkedRecord {
    if let Some(before) = before.filter(|before| before.retry_at > now && before.code == failure.code) {
        return before.clone();
    }
    let attempts = before.map_or(0, |parked| parked.attempts) + 1;
    let delay = FIRST_DELAY_MINUTES.saturating_mul(1_i64 << attempts.saturating_sub(1).min(10));
    let delay = if mutation::on(Mutation::RetriedAtOnce) {
        0
    } else {
        delay
    };
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

/// Whether a trouble is told in the run's record: once, and again where it became another one.
pub(super) fn is_news(failure: &Failure, before: Option<&ParkedRecord>) -> bool {
    before.is_none_or(|before| before.code != failure.code) || mutation::on(Mutation::ToldEveryTime)
}

/// Every parked record of a kind, by name.
pub(super) async fn all(
    memory: &Memory,
    link: &AccountLinkId,
    kind: Kind,
) -> Result<BTreeMap<(Side, RemoteId), ParkedRecord>, StoreFailure> {
    let parked = memory.parked(link, kind).await?;
    Ok(parked
        .into_iter()
        .map(|parked| ((parked.side, parked.id.clone()), parked))
        .collect())
}

/// How many are parked, of all kinds, and when the first is due.
pub(super) async fn count(memory: &Memory, link: &AccountLinkId) -> Result<ParkedCount, StoreFailure> {
    let mut counted = ParkedCount::default();
    for kind in Kind::ALL {
        for parked in memory.parked(link, kind).await? {
            counted.count += 1;
            counted.due = Some(
                counted
                    .due
                    .map_or(parked.retry_at, |due| due.min(parked.retry_at)),
            );
        }
    }
    Ok(counted)
}
