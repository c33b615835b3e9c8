//! Writing rows: all demands are looked at before anything is written.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Transaction};
use sync_core::port::{Expect, Holder, Key, StoreFailure, Write, check_row};

use super::read::counter;
use super::seconds;
use crate::database::Stop;

/// What a write needs to know of the row as it is.
pub(super) struct Present {
    pub(super) version: u64,
    pub(super) body: String,
    pub(super) progress: Option<String>,
    pub(super) fence: u64,
    pub(super) lease: Option<PresentLease>,
}

pub(super) struct PresentLease {
    pub(super) run_id: String,
    pub(super) until: i64,
}

impl Present {
    pub(super) fn is_held_by(&self, holder: &Holder) -> bool {
        self.fence == holder.fence
            && self
                .lease
                .as_ref()
                .is_some_and(|lease| lease.run_id == holder.run_id)
    }
}

/// The row as it is; an expired one is none.
pub(super) fn present(
    transaction: &Transaction<'_>,
    key: &Key,
    now: DateTime<Utc>,
) -> Result<Option<Present>, Stop> {
    let mut statement = transaction.prepare_cached(
        "SELECT ver, body, progress, fence, lease_run, lease_until FROM rows
         WHERE pk = ?1 AND sk = ?2 AND (exp IS NULL OR exp > ?3)",
    )?;
    let found = statement.query_row((&key.pk, &key.sk, seconds(now)), |row| {
        let lease = match (row.get(4)?, row.get(5)?) {
            (Some(run_id), Some(until)) => Some(PresentLease { run_id, until }),
            (None, _) | (_, None) => None,
        };
        Ok(Present {
            version: counter(row, 0)?,
            body: row.get(1)?,
            progress: row.get(2)?,
            fence: counter(row, 3)?,
            lease,
        })
    });
    Ok(found.optional()?)
}

pub(super) fn write(transaction: &Transaction<'_>, writes: &[Write], now: DateTime<Utc>) -> Result<(), Stop> {
    let mut planned = Vec::with_capacity(writes.len());
    let mut condition_failed = false;
    for write in writes {
        let present = present(transaction, write.key(), now)?;
        match write {
            Write::Put { expect, .. } | Write::Delete { expect, .. } => {
                condition_failed |= !is_met(*expect, present.as_ref());
            }
            Write::Guard { holder, .. } => {
                if !present.as_ref().is_some_and(|present| present.is_held_by(holder)) {
                    return Err(StoreFailure::LeaseLost.into());
                }
            }
        }
        planned.push((write, present));
    }
    if condition_failed {
        return Err(StoreFailure::ConditionFailed.into());
    }
    for (write, present) in planned {
        match write {
            Write::Put {
                key,
                body,
                expires_at,
                ..
            } => {
                put(transaction, key, body, *expires_at, present.as_ref())?;
            }
            Write::Delete { key, .. } => {
                transaction
                    .prepare_cached("DELETE FROM rows WHERE pk = ?1 AND sk = ?2")?
                    .execute((&key.pk, &key.sk))?;
            }
            Write::Guard { key, until, .. } => {
                transaction
                    .prepare_cached("UPDATE rows SET lease_until = ?3 WHERE pk = ?1 AND sk = ?2")?
                    .execute((&key.pk, &key.sk, until.timestamp_millis()))?;
            }
        }
    }
    Ok(())
}

fn is_met(expect: Expect, present: Option<&Present>) -> bool {
    match expect {
        Expect::Anything => true,
        Expect::Absent => present.is_none(),
        Expect::Version(version) => present.is_some_and(|present| present.version == version),
    }
}

fn put(
    transaction: &Transaction<'_>,
    key: &Key,
    body: &str,
    expires_at: Option<DateTime<Utc>>,
    present: Option<&Present>,
) -> Result<(), Stop> {
    check_row(key, body, present.and_then(|present| present.progress.as_deref()))?;
    let sql = if present.is_some() {
        "UPDATE rows SET ver = ver + 1, body = ?3, exp = ?4 WHERE pk = ?1 AND sk = ?2"
    } else {
        // In place of an expired row that may still lie there, with nothing of it left.
        "INSERT OR REPLACE INTO rows (pk, sk, ver, body, exp) VALUES (?1, ?2, 1, ?3, ?4)"
    };
    transaction
        .prepare_cached(sql)?
        .execute((&key.pk, &key.sk, body, expires_at.map(seconds)))?;
    Ok(())
}
