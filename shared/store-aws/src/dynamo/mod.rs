//! Rows in one DynamoDB table.
//!
//! | attribute | holds |
//! |---|---|
//! | `pk`, `sk` | the key |
//! | `ver`, `body`, `exp` | the administered part; `exp` in seconds, and the table's time to live |
//! | `progress` | the run's part |
//! | `fence`, `lease_run`, `lease_until` | the last lease's number; who holds it until when, in milliseconds |
//! | `write_id` | names the last single write of the body, so that its repetition is recognised |
//!
//! DynamoDB deletes expired items within days; until then they are filtered on reading and count as none in every
//! condition. A run that finds nothing to do costs two calls: [`acquire`](Store::acquire), which brings the row, and
//! [`finish`](Store::finish).

mod item;
mod lease;
mod read;
mod request;
mod single;
mod transaction;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use sync_core::port::{
    Acquired, Claim, Clock, Entropy, Expect, Holder, Key, Order, Row, RowPage, Store, StoreFailure, Write,
    check_key, check_writes,
};

/// Keeps rows in a DynamoDB table with the keys `pk` and `sk`.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl DynamoStore {
    pub(crate) fn new(
        client: Client,
        table: String,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            client,
            table,
            clock,
            entropy,
        }
    }

    /// The present second, by which rows expire.
    fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }
}

#[async_trait]
impl Store for DynamoStore {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreFailure> {
        check_key(key)?;
        read::get(self, key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Row>, StoreFailure> {
        keys.iter().try_for_each(check_key)?;
        read::get_many(self, keys).await
    }

    async fn query(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<RowPage, StoreFailure> {
        read::query(self, pk, prefix, after, limit, order).await
    }

    async fn write(&self, writes: &[Write]) -> Result<(), StoreFailure> {
        check_writes(writes)?;
        match writes {
            [] => Ok(()),
            [
                Write::Put {
                    key,
                    body,
                    expires_at,
                    expect,
                },
            ] => single::put(self, key, body, *expires_at, *expect).await,
            [
                Write::Delete {
                    key,
                    expect: Expect::Anything,
                },
            ] => single::delete(self, key).await,
            [Write::Guard { key, holder, until }] => lease::prolong(self, key, holder, *until).await,
            // A single conditional delete goes as a transaction, too: repeated after a lost answer it would find no
            // item that could say whose delete it was; a transaction's token tells.
            [Write::Delete { .. }] | [_, _, ..] => transaction::write(self, writes).await,
        }
    }

    async fn acquire(&self, key: &Key, claim: &Claim) -> Result<Acquired, StoreFailure> {
        check_key(key)?;
        lease::acquire(self, key, claim).await
    }

    async fn finish(&self, key: &Key, holder: &Holder, progress: &str) -> Result<(), StoreFailure> {
        check_key(key)?;
        lease::finish(self, key, holder, progress).await
    }
}

#[cfg(test)]
mod tests;
