//! The store in memory, with faults at every call, and a note of every lease and commit.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sync_core::port::{Acquired, Claim, Holder, Key, Order, Row, RowPage, Store, StoreFailure, Write};
use sync_engine::in_memory::InMemoryStore;

use crate::broken::Broken;
use crate::faults::{Fault, Faults};
use crate::log::{Entry, Log};

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) transactions: usize,
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
}

impl Written {
    fn add(&mut self, writes: &[&Write]) {
        let bytes = |write: &&Write| match write {
            Write::Put { key, body, .. } => key.pk.len() + key.sk.len() + body.len(),
            Write::Delete { key, .. } => key.pk.len() + key.sk.len(),
            Write::Guard { .. } => 0,
        };
        let rows = writes
            .iter()
            .filter(|write| !matches!(write, Write::Guard { .. }));
        self.transactions += 1;
        self.rows += rows.count();
        self.bytes += writes.iter().map(bytes).sum::<usize>();
    }
}

/// A store that fails, and that can be lost altogether.
#[derive(Debug)]
pub(crate) struct FailingStore {
    pub(crate) inner: Mutex<Arc<InMemoryStore>>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) log: Arc<Log>,
    pub(crate) broken: Option<Broken>,
    /// What was written in all, and what of it were notes of work under way.
    pub(crate) written: Mutex<(Written, Written)>,
}

impl FailingStore {
    pub(crate) fn inner(&self) -> Arc<InMemoryStore> {
        self.inner.lock().unwrap().clone()
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T, StoreFailure>>) -> Result<T, StoreFailure> {
        match self.faults.draw_at_store() {
            Some(Fault::Away) => Err(StoreFailure::Unavailable("away".to_owned())),
            Some(Fault::LostAnswer) => {
                drop(call.await);
                Err(StoreFailure::Unavailable("no answer".to_owned()))
            }
            Some(Fault::CrashBefore) => self.faults.die().await,
            Some(Fault::CrashAfter) => {
                drop(call.await);
                self.faults.die().await
            }
            Some(Fault::Slow) => {
                tokio::time::sleep(Duration::from_secs(100)).await;
                call.await
            }
            Some(Fault::Frozen) => {
                self.faults.be_frozen().await;
                call.await
            }
            Some(_) | None => call.await,
        }
    }

    /// One memory for all CRMs, where the store is broken so: users of the same name are taken for one.
    fn partition(&self, pk: &str) -> String {
        match pk.split_once('#') {
            Some(("M", rest)) if self.broken == Some(Broken::SharedKeys) => {
                let user = rest.rsplit('#').next().unwrap_or_default();
                format!("M#{user}")
            }
            _ => pk.to_owned(),
        }
    }

    fn key(&self, key: &Key) -> Key {
        Key::new(self.partition(&key.pk), key.sk.clone())
    }

    /// The writes as this store takes them.
    fn taken(&self, writes: &[Write]) -> Vec<Write> {
        let kept = writes.iter().filter(|write| {
            self.broken != Some(Broken::ForgetsFence) || !matches!(write, Write::Guard { .. })
        });
        kept.cloned()
            .map(|mut write| {
                match &mut write {
                    Write::Put { key, .. } | Write::Delete { key, .. } | Write::Guard { key, .. } => {
                        *key = self.key(key);
                    }
                }
                write
            })
            .collect()
    }

    fn note_commit(&self, writes: &[Write]) {
        let (all, notes) = &mut *self.written.lock().unwrap();
        all.add(&writes.iter().collect::<Vec<_>>());
        let is_note = |write: &&Write| write.key().sk.starts_with("B#");
        let of_notes: Vec<&Write> = writes.iter().filter(is_note).collect();
        if !of_notes.is_empty() {
            notes.add(&of_notes);
        }
        for write in writes {
            if let Write::Guard { key, holder, .. } = write {
                self.log.add(Entry::Committed {
                    link: format!("{} {}", key.pk, key.sk),
                    fence: holder.fence,
                });
            }
        }
    }
}

#[async_trait]
impl Store for FailingStore {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreFailure> {
        let (inner, key) = (self.inner(), self.key(key));
        self.call(inner.get(&key)).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Row>, StoreFailure> {
        let inner = self.inner();
        let keys: Vec<Key> = keys.iter().map(|key| self.key(key)).collect();
        self.call(inner.get_many(&keys)).await
    }

    async fn query(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<RowPage, StoreFailure> {
        let (inner, pk) = (self.inner(), self.partition(pk));
        self.call(inner.query(&pk, prefix, after, limit, order)).await
    }

    async fn write(&self, writes: &[Write]) -> Result<(), StoreFailure> {
        let inner = self.inner();
        let taken = self.taken(writes);
        self.call(async {
            inner.write(&taken).await?;
            self.note_commit(writes);
            Ok(())
        })
        .await
    }

    async fn acquire(&self, key: &Key, claim: &Claim) -> Result<Acquired, StoreFailure> {
        let inner = self.inner();
        self.call(async {
            let acquired = inner.acquire(key, claim).await?;
            if let Acquired::Granted(row) = &acquired {
                self.log.add(Entry::Granted {
                    link: format!("{} {}", key.pk, key.sk),
                    fence: row.fence,
                });
            }
            Ok(acquired)
        })
        .await
    }

    async fn finish(&self, key: &Key, holder: &Holder, progress: &str) -> Result<(), StoreFailure> {
        let inner = self.inner();
        self.call(inner.finish(key, holder, progress)).await
    }
}
