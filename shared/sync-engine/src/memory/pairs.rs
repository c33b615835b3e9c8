//! Pairs, their twins, and records parked with a reason.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sync_core::base::Pair;
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::Kind;
use sync_core::port::{Expect, Holder, Key, Order, Row, TRANSACTION_WRITES_MAX, Write};
use sync_core::side::Side;

use super::codec::{decode, encode};
use super::{JournalEntry, Memory, Remembered, UnderWay, keys};

/// A change to what is remembered of one item.
#[derive(Debug, Clone, Default)]
pub struct PairWrite {
    /// The pair as it was stored, if it was.
    pub before: Option<Pair>,
    /// The pair as it shall be stored; `None` forgets it.
    pub after: Option<Pair>,
    /// A record to park.
    pub park: Option<ParkedRecord>,
    /// Parked records that went through and are parked no more.
    pub unpark: Vec<(Kind, Side, RemoteId)>,
    /// What is lost.
    pub journal: Vec<JournalEntry>,
    /// Journal entries, by name, that were not lost after all.
    pub unjournal: Vec<String>,
    /// Work that is about to be begun.
    pub begun: Vec<UnderWay>,
    /// Work that is not under way any more, by the name of its note.
    pub over: Vec<(Kind, String)>,
}

/// A record that did not go through, parked with the reason and tried again with growing delay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedRecord {
    /// Its kind.
    pub kind: Kind,
    /// The side on which the change waits.
    pub side: Side,
    /// The record there.
    pub id: RemoteId,
    /// Its partner on the other side, where it has one.
    pub partner: Option<RemoteId>,
    /// A short word for programs.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again.
    pub retry_at: DateTime<Utc>,
}

impl PairWrite {
    fn writes(&self, link: &AccountLinkId) -> Remembered<BTreeMap<Key, Write>> {
        let mut writes = BTreeMap::new();
        let mut put = |key: Key, body: String| {
            let write = Write::Put {
                key: key.clone(),
                body,
                expires_at: None,
                expect: Expect::Anything,
            };
            writes.insert(key, write);
        };
        if self.before != self.after
            && let Some(pair) = &self.after
        {
            put(keys::pair(link, pair.kind, &pair.half.crm.id), encode(pair)?);
            let moved = self.before.as_ref().is_none_or(|before| {
                before.half.google.stored_id() != &pair.half.google.id
                    || before.half.crm.stored_id() != &pair.half.crm.id
            });
            if moved {
                put(
                    keys::twin(link, pair.kind, &pair.half.google.id),
                    encode(&pair.half.crm.id)?,
                );
            }
        }
        if let Some(parked) = &self.park {
            put(
                keys::parked(link, parked.kind, parked.side, &parked.id),
                encode(parked)?,
            );
        }
        for begun in &self.begun {
            put(keys::under_way(link, begun.kind, &begun.name), encode(begun)?);
        }
        for entry in &self.journal {
            if let Write::Put {
                key,
                body,
                expires_at,
                expect,
            } = entry.put(link)?
            {
                writes.insert(
                    key.clone(),
                    Write::Put {
                        key,
                        body,
                        expires_at,
                        expect,
                    },
                );
            }
        }
        let mut delete = |key: Key| {
            writes.entry(key.clone()).or_insert(Write::Delete {
                key,
                expect: Expect::Anything,
            });
        };
        if self.before != self.after
            && let Some(pair) = &self.before
        {
            let kept = self.after.as_ref();
            if kept.is_none_or(|after| &after.half.crm.id != pair.half.crm.stored_id()) {
                delete(keys::pair(link, pair.kind, pair.half.crm.stored_id()));
            }
            if kept.is_none_or(|after| &after.half.google.id != pair.half.google.stored_id()) {
                delete(keys::twin(link, pair.kind, pair.half.google.stored_id()));
            }
        }
        for entry in &self.unjournal {
            delete(Key::new(keys::journal(link), entry.clone()));
        }
        for (kind, name) in &self.over {
            delete(keys::under_way(link, *kind, name));
        }
        for (kind, side, id) in &self.unpark {
            delete(keys::parked(link, *kind, *side, id));
        }
        Ok(writes)
    }
}

impl Memory {
    /// Every pair of a kind.
    pub async fn pairs(&self, link: &AccountLinkId, kind: Kind) -> Remembered<Vec<Pair>> {
        self.listed(link, &keys::pairs_prefix(kind), "pair").await
    }

    /// Every parked record of a kind.
    pub async fn parked(&self, link: &AccountLinkId, kind: Kind) -> Remembered<Vec<ParkedRecord>> {
        self.listed(link, &keys::parked_prefix(kind), "parked record")
            .await
    }

    pub(super) async fn listed<T: serde::de::DeserializeOwned>(
        &self,
        link: &AccountLinkId,
        prefix: &str,
        what: &str,
    ) -> Remembered<Vec<T>> {
        let pk = keys::mapping(link);
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .store
                .query(&pk, prefix, after.as_deref(), LIST_PAGE, Order::Ascending)
                .await?;
            for row in &page.rows {
                found.push(decode(&row.body, what)?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// The pairs in which any of the records stands, on whichever side they are.
    pub async fn pairs_of(
        &self,
        link: &AccountLinkId,
        kind: Kind,
        crm: &BTreeSet<RemoteId>,
        google: &BTreeSet<RemoteId>,
    ) -> Remembered<Vec<Pair>> {
        if crm.is_empty() && google.is_empty() {
            return Ok(Vec::new());
        }
        let twins: Vec<Key> = google.iter().map(|id| keys::twin(link, kind, id)).collect();
        let mut keys: BTreeSet<Key> = crm.iter().map(|id| keys::pair(link, kind, id)).collect();
        for row in self.store.get_many(&twins).await? {
            let id: RemoteId = decode(&row.body, "twin of a pair")?;
            keys.insert(keys::pair(link, kind, &id));
        }
        let keys: Vec<Key> = keys.into_iter().collect();
        let rows: Vec<Row> = self.store.get_many(&keys).await?;
        rows.iter().map(|row| decode(&row.body, "pair")).collect()
    }

    /// Writes what was learnt about some items, under the lease; all or nothing for each item, and nothing at
    /// all once the lease is lost.
    pub async fn commit(
        &self,
        link: &AccountLinkId,
        holder: &Holder,
        until: DateTime<Utc>,
        items: &[PairWrite],
    ) -> Remembered<()> {
        let mut batch: BTreeMap<Key, Write> = BTreeMap::new();
        for item in items {
            let writes = item.writes(link)?;
            let collides = writes.keys().any(|key| batch.contains_key(key));
            if collides || batch.len() + writes.len() > TRANSACTION_WRITES_MAX - 1 {
                self.commit_batch(link, holder, until, std::mem::take(&mut batch))
                    .await?;
            }
            batch.extend(writes);
        }
        self.commit_batch(link, holder, until, batch).await
    }

    async fn commit_batch(
        &self,
        link: &AccountLinkId,
        holder: &Holder,
        until: DateTime<Utc>,
        batch: BTreeMap<Key, Write>,
    ) -> Remembered<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut writes: Vec<Write> = batch.into_values().collect();
        writes.push(Self::guard(link, holder, until));
        self.store.write(&writes).await
    }
}

/// Rows asked for at once where everything is wanted.
const LIST_PAGE: usize = 1000;
