//! Rows with DynamoDB's semantics in one SQLite table.

mod lease;
mod read;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use sync_core::port::{
    Acquired, Claim, Clock, Holder, Key, Order, Row, RowPage, Store, StoreFailure, Write, check_key,
    check_writes,
};

use crate::database::{Database, Stop};

/// Expired rows are looked for once in so many writes: often enough that they never pile up, seldom enough
/// that nobody notices.
pub(crate) const WRITES_BETWEEN_SWEEPS: u32 = 256;

/// Most rows that one sweep deletes, so that no write waits long for it.
const SWEPT_ROWS_MAX: u32 = 1000;

/// Keeps rows in the data folder's SQLite file.
#[derive(Debug)]
pub struct LocalStore {
    database: Arc<Database>,
    clock: Arc<dyn Clock>,
    writes: AtomicU32,
}

impl LocalStore {
    pub(crate) fn new(database: Arc<Database>, clock: Arc<dyn Clock>) -> Self {
        Self {
            database,
            clock,
            writes: AtomicU32::new(0),
        }
    }

    #[cfg(test)]
    pub(crate) fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// True at the first write and then now and then.
    fn is_time_to_sweep(&self) -> bool {
        self.writes
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(WRITES_BETWEEN_SWEEPS)
    }

    /// Does work in one transaction that no other writer is in.
    async fn in_transaction<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, StoreFailure> {
        let sweep = self.is_time_to_sweep().then(|| self.clock.now().timestamp());
        let done = self
            .database
            .run(move |connection| {
                if let Some(now) = sweep {
                    sweep_expired(connection, now);
                }
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let done = work(&transaction)?;
                transaction.commit()?;
                Ok(done)
            })
            .await?;
        Ok(done)
    }
}

#[async_trait]
impl Store for LocalStore {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreFailure> {
        check_key(key)?;
        let (key, now) = (key.clone(), self.clock.now());
        Ok(self
            .database
            .run(move |connection| read::row(connection, &key, now))
            .await?)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Row>, StoreFailure> {
        keys.iter().try_for_each(check_key)?;
        let (keys, now) = (keys.to_vec(), self.clock.now());
        Ok(self
            .database
            .run(move |connection| read::rows(connection, keys, now))
            .await?)
    }

    async fn query(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<RowPage, StoreFailure> {
        let list = read::List {
            pk: pk.to_owned(),
            prefix: prefix.to_owned(),
            after: after.map(ToOwned::to_owned),
            limit,
            order,
        };
        let now = self.clock.now();
        Ok(self
            .database
            .run(move |connection| read::page(connection, &list, now))
            .await?)
    }

    async fn write(&self, writes: &[Write]) -> Result<(), StoreFailure> {
        check_writes(writes)?;
        if writes.is_empty() {
            return Ok(());
        }
        let (writes, now) = (writes.to_vec(), self.clock.now());
        self.in_transaction(move |transaction| write::write(transaction, &writes, now))
            .await
    }

    async fn acquire(&self, key: &Key, claim: &Claim) -> Result<Acquired, StoreFailure> {
        check_key(key)?;
        let (key, claim, now) = (key.clone(), claim.clone(), self.clock.now());
        self.in_transaction(move |transaction| lease::acquire(transaction, &key, &claim, now))
            .await
    }

    async fn finish(&self, key: &Key, holder: &Holder, progress: &str) -> Result<(), StoreFailure> {
        check_key(key)?;
        let (key, holder, progress, now) =
            (key.clone(), holder.clone(), progress.to_owned(), self.clock.now());
        self.in_transaction(move |transaction| lease::finish(transaction, &key, &holder, &progress, now))
            .await
    }
}

/// Deletes rows that have expired. They are returned to nobody either way, so that a failure is only told.
fn sweep_expired(connection: &Connection, now: i64) {
    let swept = connection
        .prepare_cached(
            "DELETE FROM rows WHERE (pk, sk) IN (SELECT pk, sk FROM rows WHERE exp <= ?1 ORDER BY exp LIMIT ?2)",
        )
        .and_then(|mut statement| statement.execute((now, SWEPT_ROWS_MAX)));
    match swept {
        Ok(0) => {}
        Ok(rows) => tracing::debug!(rows, "expired rows were cleared away"),
        Err(error) => tracing::warn!(
            reason = crate::database::told(&error),
            "expired rows could not be cleared away; it is tried again later"
        ),
    }
}

/// An instant as it is kept, in whole seconds: a row expires when this second begins.
fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}
