//! Things that are good once, things that are counted, and sealed values.

use chrono::{DateTime, Utc};
use sync_core::port::{Expect, StoreFailure, Write};

use super::codec::{decode, encode};
use super::{Memory, Remembered, keys};

/// How often a count is tried again that another one has overtaken.
const OVERTAKEN_MAX: usize = 8;

impl Memory {
    /// Remembers a thing under a name until it is taken or expires. Answers whether the name was free.
    pub async fn remember_once(
        &self,
        name: &str,
        value: &str,
        expires_at: DateTime<Utc>,
    ) -> Remembered<bool> {
        let write = Write::Put {
            key: keys::once(name),
            body: encode(&value)?,
            expires_at: Some(expires_at),
            expect: Expect::Absent,
        };
        match self.store.write(&[write]).await {
            Ok(()) => Ok(true),
            Err(StoreFailure::ConditionFailed) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Looks at a thing without taking it.
    pub async fn look_once(&self, name: &str) -> Remembered<Option<String>> {
        match self.store.get(&keys::once(name)).await? {
            Some(row) => decode(&row.body, "one-time value").map(Some),
            None => Ok(None),
        }
    }

    /// Takes a thing: of two who try at once, one gets it.
    pub async fn take_once(&self, name: &str) -> Remembered<Option<String>> {
        let Some(row) = self.store.get(&keys::once(name)).await? else {
            return Ok(None);
        };
        let delete = Write::Delete {
            key: row.key.clone(),
            expect: Expect::Version(row.version),
        };
        match self.store.write(&[delete]).await {
            Ok(()) => decode(&row.body, "one-time value").map(Some),
            Err(StoreFailure::ConditionFailed) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Counts one more under a name, and answers how many there are now. The first one decides until when they count
    /// together; after that the next one is a first one again.
    pub async fn count_one(&self, name: &str, until: DateTime<Utc>) -> Remembered<u64> {
        let key = keys::count(name);
        for _ in 0..OVERTAKEN_MAX {
            let row = self.store.get(&key).await?;
            let (before, expires_at, expect) = match &row {
                Some(row) => (
                    decode::<u64>(&row.body, "count")?,
                    row.expires_at.or(Some(until)),
                    Expect::Version(row.version),
                ),
                None => (0, Some(until), Expect::Absent),
            };
            let now = before.saturating_add(1);
            let write = Write::Put {
                key: key.clone(),
                body: encode(&now)?,
                expires_at,
                expect,
            };
            match self.store.write(&[write]).await {
                Ok(()) => return Ok(now),
                Err(StoreFailure::ConditionFailed) => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(StoreFailure::ConditionFailed)
    }

    /// How many were counted under a name.
    pub async fn counted(&self, name: &str) -> Remembered<u64> {
        match self.store.get(&keys::count(name)).await? {
            Some(row) => decode(&row.body, "count"),
            None => Ok(0),
        }
    }

    /// Counts anew.
    pub async fn forget_count(&self, name: &str) -> Remembered<()> {
        self.store
            .write(&[Write::Delete {
                key: keys::count(name),
                expect: Expect::Anything,
            }])
            .await
    }

    /// Keeps a sealed value of an owner in place of the former one.
    pub async fn put_sealed(&self, owner: &str, name: &str, sealed: &str) -> Remembered<()> {
        self.store
            .write(&[Write::Put {
                key: keys::sealed(owner, name),
                body: encode(&sealed)?,
                expires_at: None,
                expect: Expect::Anything,
            }])
            .await
    }

    /// Reads a sealed value.
    pub async fn sealed(&self, owner: &str, name: &str) -> Remembered<Option<String>> {
        match self.store.get(&keys::sealed(owner, name)).await? {
            Some(row) => decode(&row.body, "sealed value").map(Some),
            None => Ok(None),
        }
    }

    /// Deletes a sealed value.
    pub async fn remove_sealed(&self, owner: &str, name: &str) -> Remembered<()> {
        self.store
            .write(&[Write::Delete {
                key: keys::sealed(owner, name),
                expect: Expect::Anything,
            }])
            .await
    }
}
