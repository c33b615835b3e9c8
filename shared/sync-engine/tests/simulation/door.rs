//! A simulated side: records in memory behind the `Remote` door, with a change feed, and a store that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sync_core::change::{Change, ChangeSet, Observed, Reading, Traits};
use sync_core::failure::{Class, Failure};
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventLimits, EventRecord};
use sync_core::port::{
    Acquired, Claim, Clock, Create, Created, Holder, Key, Order, ReadRequest, Remote, Row, RowPage, Store,
    StoreFailure, Update, Write,
};
use sync_core::side::Side;
use sync_engine::in_memory::InMemoryStore;

use crate::faults::{Fault, Faults};

/// Longest title the simulated CRM keeps: short, so that cutting happens often.
const CRM_TITLE_CHARS: usize = 4;

/// A record as it lies on a side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lying {
    pub(crate) record: EventRecord,
    pub(crate) version: u64,
    pub(crate) modified_at: DateTime<Utc>,
    pub(crate) deleted: bool,
    pub(crate) made_from: Option<RemoteId>,
    /// A field that no record has: nobody but people may touch it.
    pub(crate) unmapped: String,
}

#[derive(Debug, Default)]
struct Inside {
    records: BTreeMap<RemoteId, Lying>,
    /// Every change in order; a cursor is a place in it.
    feed: Vec<RemoteId>,
    versions: u64,
    /// Cursors before this place are refused.
    feed_begins: usize,
    writes: u64,
}

/// One simulated side.
#[derive(Debug)]
pub(crate) struct SimulatedSide {
    side: Side,
    inside: Mutex<Inside>,
    clock: Arc<dyn Clock>,
    faults: Arc<Faults>,
}

impl SimulatedSide {
    pub(crate) fn new(side: Side, clock: Arc<dyn Clock>, faults: Arc<Faults>) -> Self {
        Self {
            side,
            inside: Mutex::default(),
            clock,
            faults,
        }
    }

    fn collection(&self) -> &'static str {
        match self.side {
            Side::Crm => "Meetings",
            Side::Google => "primary",
        }
    }

    pub(crate) fn records(&self) -> BTreeMap<RemoteId, Lying> {
        self.inside.lock().unwrap().records.clone()
    }

    pub(crate) fn living(&self) -> BTreeMap<RemoteId, Lying> {
        self.records()
            .into_iter()
            .filter(|(_, lying)| !lying.deleted)
            .collect()
    }

    pub(crate) fn writes(&self) -> u64 {
        self.inside.lock().unwrap().writes
    }

    pub(crate) fn refuse_cursors(&self) {
        let mut inside = self.inside.lock().unwrap();
        inside.feed_begins = inside.feed.len() + 1;
        let id = RemoteId::new("none", "none");
        inside.feed.push(id);
    }

    /// What the side makes of a record it is given.
    fn rewritten(&self, mut record: EventRecord) -> EventRecord {
        if self.side == Side::Crm {
            let cut: String = record.title.chars().take(CRM_TITLE_CHARS).collect();
            cut.trim_end().clone_into(&mut record.title);
            record.private = false;
        }
        record
    }

    /// A person, or a write of ours, puts a record down.
    fn put(&self, inside: &mut Inside, id: &RemoteId, change: impl FnOnce(&mut Lying)) {
        inside.versions += 1;
        let version = inside.versions;
        let now = self.clock.now();
        if let Some(lying) = inside.records.get_mut(id) {
            change(lying);
            lying.version = version;
            lying.modified_at = now;
            inside.feed.push(id.clone());
        }
    }

    pub(crate) fn person_creates(&self, name: &str, record: EventRecord) -> RemoteId {
        let id = RemoteId::new(self.collection(), name);
        let record = self.rewritten(record);
        let mut inside = self.inside.lock().unwrap();
        let lying = Lying {
            record,
            version: 0,
            modified_at: self.clock.now(),
            deleted: false,
            made_from: None,
            unmapped: format!("unmapped of {name}"),
        };
        inside.records.insert(id.clone(), lying);
        self.put(&mut inside, &id, |_| {});
        id
    }

    pub(crate) fn person_edits(&self, id: &RemoteId, edit: impl FnOnce(&mut EventRecord)) {
        let mut inside = self.inside.lock().unwrap();
        self.put(&mut inside, id, |lying| {
            edit(&mut lying.record);
            lying.record = self.rewritten(lying.record.clone());
        });
    }

    pub(crate) fn person_deletes(&self, id: &RemoteId) {
        let mut inside = self.inside.lock().unwrap();
        self.put(&mut inside, id, |lying| lying.deleted = true);
    }

    fn observed(id: &RemoteId, lying: &Lying) -> Observed<EventRecord> {
        let traits = Traits {
            made_from: lying.made_from.clone(),
            ..Traits::default()
        };
        Observed {
            id: id.clone(),
            version: Version(lying.version.to_string()),
            modified_at: Some(lying.modified_at),
            record: lying.record.clone(),
            traits,
        }
    }

    fn list(&self, request: &ReadRequest) -> Result<ChangeSet<EventRecord>, Failure> {
        let inside = self.inside.lock().unwrap();
        let cursor = Cursor(inside.feed.len().to_string());
        let (changes, complete) = if let Some(Cursor(text)) = &request.cursor {
            let from: usize = text.parse().expect("a cursor of ours");
            if from < inside.feed_begins {
                return Err(Failure::new(
                    Class::Resync,
                    "cursor_expired",
                    "The cursor is too old.",
                ));
            }
            let named: BTreeSet<&RemoteId> = inside.feed[from..].iter().collect();
            let changes = named
                .into_iter()
                .filter_map(|id| inside.records.get(id).map(|lying| (id, lying)))
                .map(|(id, lying)| {
                    if lying.deleted {
                        Change::Removed(id.clone())
                    } else {
                        Change::Present(Self::observed(id, lying))
                    }
                })
                .collect();
            (changes, BTreeSet::new())
        } else {
            let living = inside.records.iter().filter(|(_, lying)| !lying.deleted);
            let changes = living
                .map(|(id, lying)| Change::Present(Self::observed(id, lying)))
                .collect();
            (changes, BTreeSet::from([self.collection().to_owned()]))
        };
        Ok(ChangeSet {
            changes,
            complete,
            cursor,
            time_zone: None,
        })
    }

    fn make(&self, create: &Create<EventRecord>) -> Created<EventRecord> {
        let mut inside = self.inside.lock().unwrap();
        let mut generation = create.generation;
        loop {
            let id = self.derived_id(&create.origin, generation);
            match inside.records.get(&id) {
                Some(lying) if lying.deleted => generation += 1,
                Some(lying) => {
                    return Created {
                        observed: Self::observed(&id, lying),
                        generation,
                        adopted: true,
                    };
                }
                None => {
                    let lying = Lying {
                        record: self.rewritten(create.record.clone()),
                        version: 0,
                        modified_at: self.clock.now(),
                        deleted: false,
                        made_from: Some(create.origin.clone()),
                        unmapped: String::new(),
                    };
                    inside.records.insert(id.clone(), lying);
                    inside.writes += 1;
                    self.put(&mut inside, &id, |_| {});
                    let observed = Self::observed(&id, &inside.records[&id]);
                    return Created {
                        observed,
                        generation,
                        adopted: false,
                    };
                }
            }
        }
    }

    /// The record, if it still is the version expected.
    fn expect<'a>(inside: &'a Inside, id: &RemoteId, expected: &Version) -> Result<&'a Lying, Failure> {
        let lying = inside.records.get(id).filter(|lying| !lying.deleted);
        match lying {
            Some(lying) if lying.version.to_string() == expected.0 => Ok(lying),
            Some(_) | None => Err(Failure::conflict("changed", "The record changed.")),
        }
    }
}

#[async_trait]
impl Remote<EventRecord> for SimulatedSide {
    fn limits(&self) -> EventLimits {
        match self.side {
            Side::Crm => EventLimits {
                title_chars: Some(CRM_TITLE_CHARS),
                has_private: false,
                ..EventLimits::none()
            },
            Side::Google => EventLimits::none(),
        }
    }

    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        RemoteId::new(self.collection(), format!("copy-{generation}-of-{origin}"))
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<EventRecord>, Failure> {
        self.faults.at_side(|| self.list(request)).await
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<EventRecord>, Failure> {
        self.faults
            .at_side(|| {
                let inside = self.inside.lock().unwrap();
                Ok(match inside.records.get(id) {
                    Some(lying) if !lying.deleted => Reading::Present(Self::observed(id, lying)),
                    Some(_) | None => Reading::Gone,
                })
            })
            .await
    }

    async fn create(&self, create: &Create<EventRecord>) -> Result<Created<EventRecord>, Failure> {
        self.faults.at_side(|| Ok(self.make(create))).await
    }

    async fn update(&self, update: &Update<EventRecord>) -> Result<Observed<EventRecord>, Failure> {
        self.faults
            .at_side(|| {
                let mut inside = self.inside.lock().unwrap();
                let mut record = Self::expect(&inside, &update.id, &update.expected)?
                    .record
                    .clone();
                for field in &update.fields {
                    record.take(*field, &update.record);
                }
                inside.writes += 1;
                self.put(&mut inside, &update.id, |lying| {
                    lying.record = self.rewritten(record);
                });
                Ok(Self::observed(&update.id, &inside.records[&update.id]))
            })
            .await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        self.faults
            .at_side(|| {
                let mut inside = self.inside.lock().unwrap();
                if inside.records.get(id).is_none_or(|lying| lying.deleted) {
                    return Ok(false);
                }
                Self::expect(&inside, id, expected)?;
                inside.writes += 1;
                self.put(&mut inside, id, |lying| lying.deleted = true);
                Ok(true)
            })
            .await
    }
}

/// Which fields people edit.
pub(crate) const EDITED: [EventField; 4] = [
    EventField::Title,
    EventField::Description,
    EventField::Location,
    EventField::When,
];

/// The store in memory, with faults at every call.
#[derive(Debug)]
pub(crate) struct FailingStore {
    pub(crate) inner: InMemoryStore,
    pub(crate) faults: Arc<Faults>,
}

impl FailingStore {
    async fn call<T>(&self, call: impl Future<Output = Result<T, StoreFailure>>) -> Result<T, StoreFailure> {
        match self.faults.at_store() {
            None | Some(Fault::Slow | Fault::Poison) => call.await,
            Some(Fault::Refused) => Err(StoreFailure::Unavailable("away".to_owned())),
            Some(Fault::LostAnswer) => {
                drop(call.await);
                Err(StoreFailure::Unavailable("no answer".to_owned()))
            }
            Some(Fault::CrashBefore) => self.faults.die().await,
            Some(Fault::CrashAfter) => {
                drop(call.await);
                self.faults.die().await
            }
        }
    }
}

#[async_trait]
impl Store for FailingStore {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreFailure> {
        self.call(self.inner.get(key)).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Row>, StoreFailure> {
        self.call(self.inner.get_many(keys)).await
    }

    async fn query(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<RowPage, StoreFailure> {
        self.call(self.inner.query(pk, prefix, after, limit, order)).await
    }

    async fn write(&self, writes: &[Write]) -> Result<(), StoreFailure> {
        self.call(self.inner.write(writes)).await
    }

    async fn acquire(&self, key: &Key, claim: &Claim) -> Result<Acquired, StoreFailure> {
        self.call(self.inner.acquire(key, claim)).await
    }

    async fn finish(&self, key: &Key, holder: &Holder, progress: &str) -> Result<(), StoreFailure> {
        self.call(self.inner.finish(key, holder, progress)).await
    }
}
