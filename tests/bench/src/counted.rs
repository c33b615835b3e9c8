//! Doors that count.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use sync_core::port::{
    Acquired, Claim, Holder, Key, Order, Row, RowPage, SecretText, Secrets, SecretsFailure, Store,
    StoreFailure, Write,
};

/// Calls of both doors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    /// Calls that only read rows.
    pub(crate) reads: u64,
    /// Calls that write rows.
    pub(crate) writes: u64,
    /// Secrets read.
    pub(crate) secrets: u64,
}

/// Counts calls. Clones share the counters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<[AtomicU64; 3]>);

impl Counter {
    /// The calls since the last time.
    pub(crate) fn take(&self) -> Calls {
        let [reads, writes, secrets] = &*self.0;
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        Calls {
            reads: take(reads),
            writes: take(writes),
            secrets: take(secrets),
        }
    }

    fn read(&self) {
        let [reads, _, _] = &*self.0;
        reads.fetch_add(1, Ordering::Relaxed);
    }

    fn write(&self) {
        let [_, writes, _] = &*self.0;
        writes.fetch_add(1, Ordering::Relaxed);
    }

    fn secret(&self) {
        let [_, _, secrets] = &*self.0;
        secrets.fetch_add(1, Ordering::Relaxed);
    }
}

/// A store whose calls are counted.
#[derive(Debug)]
pub(crate) struct CountedStore<S> {
    pub(crate) inner: S,
    pub(crate) counter: Counter,
}

#[async_trait]
impl<S: Store> Store for CountedStore<S> {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreFailure> {
        self.counter.read();
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Row>, StoreFailure> {
        self.counter.read();
        self.inner.get_many(keys).await
    }

    async fn query(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<RowPage, StoreFailure> {
        self.counter.read();
        self.inner.query(pk, prefix, after, limit, order).await
    }

    async fn write(&self, writes: &[Write]) -> Result<(), StoreFailure> {
        self.counter.write();
        self.inner.write(writes).await
    }

    async fn acquire(&self, key: &Key, claim: &Claim) -> Result<Acquired, StoreFailure> {
        self.counter.write();
        self.inner.acquire(key, claim).await
    }

    async fn finish(&self, key: &Key, holder: &Holder, progress: &str) -> Result<(), StoreFailure> {
        self.counter.write();
        self.inner.finish(key, holder, progress).await
    }
}

/// Secrets whose reading is counted.
#[derive(Debug)]
pub(crate) struct CountedSecrets<S> {
    pub(crate) inner: S,
    pub(crate) counter: Counter,
}

#[async_trait]
impl<S: Secrets> Secrets for CountedSecrets<S> {
    async fn get(&self, name: &str) -> Result<Option<SecretText>, SecretsFailure> {
        self.counter.secret();
        self.inner.get(name).await
    }

    async fn put(&self, name: &str, value: &SecretText) -> Result<(), SecretsFailure> {
        self.inner.put(name, value).await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretsFailure> {
        self.inner.delete(name).await
    }
}
