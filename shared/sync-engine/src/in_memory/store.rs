//! Rows in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound as _, Utc};
use sync_core::port::{
    Acquired, Claim, Clock, Expect, Holder, Key, Order, Row, RowPage, Store, StoreFailure, Write, check_key,
    check_row, check_writes,
};

/// Keeps rows until it is dropped. Every operation is one step: none is seen half done.
#[derive(Debug)]
pub struct InMemoryStore {
    clock: Arc<dyn Clock>,
    rows: Mutex<BTreeMap<Key, Stored>>,
}

#[derive(Debug, Clone, Default)]
struct Stored {
    version: u64,
    expires_at: Option<DateTime<Utc>>,
    body: String,
    progress: Option<String>,
    fence: u64,
    lease: Option<Lease>,
}

#[derive(Debug, Clone)]
struct Lease {
    run_id: String,
    until: DateTime<Utc>,
}

impl InMemoryStore {
    /// An empty store, whose rows expire by this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            rows: Mutex::default(),
        }
    }

    /// All rows that have not expired, by key: for a look from outside, in tests.
    pub fn rows(&self) -> Vec<Row> {
        let now = self.clock.now();
        self.stored()
            .iter()
            .filter(|(_, stored)| stored.is_live(now))
            .map(|(key, stored)| stored.row(key))
            .collect()
    }

    fn stored(&self) -> MutexGuard<'_, BTreeMap<Key, Stored>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for InMemoryStore {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreFailure> {
        check_key(key)?;
        Ok(live(&self.stored(), key, self.clock.now()).map(|stored| stored.row(key)))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Row>, StoreFailure> {
        keys.iter().try_for_each(check_key)?;
        let distinct: std::collections::BTreeSet<&Key> = keys.iter().collect();
        let (rows, now) = (self.stored(), self.clock.now());
        Ok(distinct
            .into_iter()
            .filter_map(|key| live(&rows, key, now).map(|stored| stored.row(key)))
            .collect())
    }

    async fn query(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<RowPage, StoreFailure> {
        if limit == 0 {
            return Err(StoreFailure::Refused("a page has at least one row".to_owned()));
        }
        let (rows, now) = (self.stored(), self.clock.now());
        let mut found: Vec<Row> = rows
            .range(Key::new(pk, prefix)..)
            .take_while(|(key, _)| key.pk == pk && key.sk.starts_with(prefix))
            .filter(|(_, stored)| stored.is_live(now))
            .map(|(key, stored)| stored.row(key))
            .filter(|row| match (after, order) {
                (None, _) => true,
                (Some(after), Order::Ascending) => row.key.sk.as_str() > after,
                (Some(after), Order::Descending) => row.key.sk.as_str() < after,
            })
            .collect();
        if order == Order::Descending {
            found.reverse();
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more {
            found.last().map(|row| row.key.sk.clone())
        } else {
            None
        };
        Ok(RowPage { rows: found, next })
    }

    async fn write(&self, writes: &[Write]) -> Result<(), StoreFailure> {
        check_writes(writes)?;
        let (mut rows, now) = (self.stored(), self.clock.now());
        demands(&rows, writes, now)?;
        for write in writes {
            match write {
                Write::Put {
                    key,
                    body,
                    expires_at,
                    ..
                } => {
                    let mut stored = live(&rows, key, now).cloned().unwrap_or_default();
                    stored.version = stored.version.saturating_add(1);
                    stored.body.clone_from(body);
                    stored.expires_at = expires_at.map(|at| at.trunc_subsecs(0));
                    rows.insert(key.clone(), stored);
                }
                Write::Delete { key, .. } => {
                    rows.remove(key);
                }
                Write::Guard { key, until, .. } => {
                    if let Some(lease) = rows.get_mut(key).and_then(|stored| stored.lease.as_mut()) {
                        lease.until = until.trunc_subsecs(3);
                    }
                }
            }
        }
        Ok(())
    }

    async fn acquire(&self, key: &Key, claim: &Claim) -> Result<Acquired, StoreFailure> {
        check_key(key)?;
        let (mut rows, now) = (self.stored(), self.clock.now());
        let Some(stored) = rows.get_mut(key).filter(|stored| stored.is_live(now)) else {
            return Ok(Acquired::Missing);
        };
        if let Some(lease) = &stored.lease
            && lease.run_id != claim.run_id
            && lease.until > claim.now
        {
            return Ok(Acquired::Leased { until: lease.until });
        }
        stored.fence = stored.fence.saturating_add(1);
        stored.lease = Some(Lease {
            run_id: claim.run_id.clone(),
            until: claim.until.trunc_subsecs(3),
        });
        Ok(Acquired::Granted(stored.row(key)))
    }

    async fn finish(&self, key: &Key, holder: &Holder, progress: &str) -> Result<(), StoreFailure> {
        check_key(key)?;
        let (mut rows, now) = (self.stored(), self.clock.now());
        let Some(stored) = rows.get_mut(key).filter(|stored| stored.is_live(now)) else {
            return Err(StoreFailure::LeaseLost);
        };
        if stored.is_finished_by(holder, progress) {
            return Ok(());
        }
        if !stored.is_held_by(holder) {
            return Err(StoreFailure::LeaseLost);
        }
        check_row(key, &stored.body, Some(progress))?;
        stored.progress = Some(progress.to_owned());
        stored.lease = None;
        Ok(())
    }
}

/// Looks whether every write's demand is met, before any is done.
fn demands(rows: &BTreeMap<Key, Stored>, writes: &[Write], now: DateTime<Utc>) -> Result<(), StoreFailure> {
    let mut condition_failed = false;
    for write in writes {
        let stored = live(rows, write.key(), now);
        match write {
            Write::Put { expect, .. } | Write::Delete { expect, .. } => {
                condition_failed |= match expect {
                    Expect::Anything => false,
                    Expect::Absent => stored.is_some(),
                    Expect::Version(version) => stored.is_none_or(|stored| stored.version != *version),
                };
            }
            Write::Guard { holder, .. } => {
                if !stored.is_some_and(|stored| stored.is_held_by(holder)) {
                    return Err(StoreFailure::LeaseLost);
                }
            }
        }
    }
    if condition_failed {
        return Err(StoreFailure::ConditionFailed);
    }
    for write in writes {
        if let Write::Put { key, body, .. } = write {
            check_row(
                key,
                body,
                live(rows, key, now).and_then(|stored| stored.progress.as_deref()),
            )?;
        }
    }
    Ok(())
}

fn live<'a>(rows: &'a BTreeMap<Key, Stored>, key: &Key, now: DateTime<Utc>) -> Option<&'a Stored> {
    rows.get(key).filter(|stored| stored.is_live(now))
}

impl Stored {
    fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }

    fn is_held_by(&self, holder: &Holder) -> bool {
        self.fence == holder.fence
            && self
                .lease
                .as_ref()
                .is_some_and(|lease| lease.run_id == holder.run_id)
    }

    /// True where the lease of this number was given back with this progress: only its holder can have done it.
    fn is_finished_by(&self, holder: &Holder, progress: &str) -> bool {
        self.lease.is_none() && self.fence == holder.fence && self.progress.as_deref() == Some(progress)
    }

    fn row(&self, key: &Key) -> Row {
        Row {
            key: key.clone(),
            version: self.version,
            expires_at: self.expires_at,
            body: self.body.clone(),
            progress: self.progress.clone(),
            fence: self.fence,
        }
    }
}
