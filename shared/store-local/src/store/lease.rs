//! Leases: granted, given back.

use chrono::{DateTime, Utc};
use rusqlite::Transaction;
use sync_core::port::{Acquired, Claim, Holder, Key, StoreFailure, check_row};

use super::read::{COLUMNS, decode};
use super::write::present;
use crate::database::Stop;

pub(super) fn acquire(
    transaction: &Transaction<'_>,
    key: &Key,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<Acquired, Stop> {
    let Some(present) = present(transaction, key, now)? else {
        return Ok(Acquired::Missing);
    };
    if let Some(lease) = present.lease
        && lease.run_id != claim.run_id
        && lease.until > claim.now.timestamp_millis()
    {
        let until = DateTime::from_timestamp_millis(lease.until)
            .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, lease.until))?;
        return Ok(Acquired::Leased { until });
    }
    let mut statement = transaction.prepare_cached(&format!(
        "UPDATE rows SET fence = fence + 1, lease_run = ?3, lease_until = ?4
         WHERE pk = ?1 AND sk = ?2 RETURNING {COLUMNS}"
    ))?;
    let row = statement.query_row(
        (&key.pk, &key.sk, &claim.run_id, claim.until.timestamp_millis()),
        decode,
    )?;
    Ok(Acquired::Granted(row))
}

pub(super) fn finish(
    transaction: &Transaction<'_>,
    key: &Key,
    holder: &Holder,
    progress: &str,
    now: DateTime<Utc>,
) -> Result<(), Stop> {
    let Some(present) = present(transaction, key, now)? else {
        return Err(StoreFailure::LeaseLost.into());
    };
    // The same finish sent again: only the holder of this number can have given it back with this progress.
    if present.lease.is_none()
        && present.fence == holder.fence
        && present.progress.as_deref() == Some(progress)
    {
        return Ok(());
    }
    if !present.is_held_by(holder) {
        return Err(StoreFailure::LeaseLost.into());
    }
    check_row(key, &present.body, Some(progress))?;
    transaction
        .prepare_cached(
            "UPDATE rows SET progress = ?3, lease_run = NULL, lease_until = NULL WHERE pk = ?1 AND sk = ?2",
        )?
        .execute((&key.pk, &key.sk, progress))?;
    Ok(())
}
