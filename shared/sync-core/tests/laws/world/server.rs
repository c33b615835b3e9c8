//! One side as a server keeps it: records that people and the sync write, cut and rewritten as that server does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use sync_core::change::{Change, ChangeSet, Observed, ReadOnly, Reading, Traits, Window};
use sync_core::failure::Failure;
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::kind::Fingerprint;
use sync_core::port::{Create, Created, Update};
use sync_core::reconcile::CopyNames;
use sync_core::side::Side;

use crate::history::at;
use crate::played::Played;

/// Makings of a copy that a server tries before it gives up.
const GENERATIONS: u32 = 20;

/// A record as it lies on a server.
#[derive(Debug, Clone)]
pub(crate) struct Held<R: Played> {
    /// Which thing of the history it is about; a copy is about the same one.
    pub(crate) about: usize,
    /// Which record of a person's it is, or is a copy of.
    pub(crate) item: usize,
    /// Whether the sync made it.
    pub(crate) is_copy: bool,
    /// What it says.
    pub(crate) record: R,
    /// What both sides were agreed on, field by field, as this one shows it.
    agreed: BTreeMap<R::Field, Fingerprint>,
    /// Whether it belongs to the user.
    pub(crate) mine: bool,
    /// Whether it ever came back to the user.
    pub(crate) returned: bool,
    version: u64,
    pub(crate) modified_at: i64,
    pub(crate) read_only: Option<ReadOnly>,
    pub(crate) record_type: Option<&'static str>,
    made_from: Option<RemoteId>,
    /// What it was made from, mark or not: a run notes so before it makes a copy.
    pub(super) noted_from: Option<RemoteId>,
    /// Whether it was put into another collection.
    pub(super) moved: bool,
}

impl<R: Played> Held<R> {
    /// Whether a person changed a field since both sides were agreed on it.
    pub(crate) fn is_edited(&self, field: R::Field) -> bool {
        self.agreed.get(&field) != Some(&self.record.fingerprint(field))
    }

    /// Whether both sides were ever agreed on a field.
    pub(crate) fn was_agreed(&self, field: R::Field) -> bool {
        self.agreed.contains_key(&field)
    }

    /// When its server says that it was last changed.
    pub(crate) fn modified_at(&self) -> DateTime<Utc> {
        at(0) + Duration::minutes(self.modified_at)
    }

    /// Both sides are agreed on these fields of a record, as it was seen.
    pub(crate) fn agree(&mut self, fields: &[R::Field], seen: &R) {
        let agreed = fields.iter().map(|field| (*field, seen.fingerprint(*field)));
        self.agreed.extend(agreed);
    }
}

/// A server.
#[derive(Debug, Clone)]
pub(crate) struct Server<R: Played> {
    side: Side,
    pub(crate) limits: R::Limits,
    /// Whether it writes some texts otherwise than they were given to it.
    pub(super) rewrites: bool,
    pub(crate) records: BTreeMap<RemoteId, Held<R>>,
    /// Deleted records; their names are never given again.
    pub(crate) bin: BTreeMap<RemoteId, Held<R>>,
    log: Vec<RemoteId>,
    versions: u64,
}

/// The name of a copy: told from its original alone.
#[derive(Debug)]
pub(crate) struct Names;

impl CopyNames for Names {
    fn copy_of(&self, side: Side, origin: &RemoteId, generation: u32) -> RemoteId {
        RemoteId::new(
            collection(side),
            format!("{generation} of {} in {}", origin.id, origin.collection),
        )
    }
}

/// Where a side keeps what is made there.
pub(crate) fn collection(side: Side) -> &'static str {
    match side {
        Side::Crm => "Meetings",
        Side::Google => "primary",
    }
}

/// The other one of a side's two places.
pub(super) fn elsewhere(side: Side, place: &str) -> &'static str {
    if place == collection(side) {
        other_collection(side)
    } else {
        collection(side)
    }
}

/// A second place on the same side.
fn other_collection(side: Side) -> &'static str {
    match side {
        Side::Crm => "Calls",
        Side::Google => "shared",
    }
}

impl<R: Played> Server<R> {
    pub(crate) fn new(side: Side, limits: R::Limits, rewrites: bool) -> Self {
        Self {
            side,
            limits,
            rewrites,
            records: BTreeMap::new(),
            bin: BTreeMap::new(),
            log: Vec::new(),
            versions: 0,
        }
    }

    /// A record as this server keeps it.
    pub(crate) fn keeps(&self, record: &R) -> R {
        record.kept(&self.limits, self.rewrites)
    }

    fn stamp(&mut self, id: &RemoteId) -> u64 {
        self.versions += 1;
        self.log.push(id.clone());
        self.versions
    }

    /// Tells in the next report that something became of a record.
    pub(super) fn note(&mut self, id: &RemoteId) {
        self.stamp(id);
    }

    /// Somebody puts a record there.
    pub(crate) fn put(&mut self, id: RemoteId, mut held: Held<R>) {
        held.version = self.stamp(&id);
        held.record = self.keeps(&held.record);
        self.records.insert(id, held);
    }

    /// Somebody works on a record.
    pub(crate) fn touch(&mut self, id: &RemoteId, now: i64, work: impl FnOnce(&mut Held<R>)) {
        let version = self.stamp(id);
        if let Some(mut held) = self.records.remove(id) {
            work(&mut held);
            held.version = version;
            held.modified_at = now;
            held.record = self.keeps(&held.record);
            self.records.insert(id.clone(), held);
        }
    }

    /// Somebody deletes a record.
    pub(crate) fn delete(&mut self, id: &RemoteId) {
        if let Some(held) = self.records.remove(id) {
            self.stamp(id);
            self.bin.insert(id.clone(), held);
        }
    }

    /// A new record of a person's.
    pub(crate) fn held(about: usize, item: usize, record: R, now: i64) -> Held<R> {
        Held {
            about,
            item,
            is_copy: false,
            record,
            agreed: BTreeMap::new(),
            mine: true,
            returned: false,
            version: 0,
            modified_at: now,
            read_only: None,
            record_type: None,
            made_from: None,
            noted_from: None,
            moved: false,
        }
    }

    fn observed(id: &RemoteId, held: &Held<R>) -> Observed<R> {
        Observed {
            id: id.clone(),
            version: Version(held.version.to_string()),
            modified_at: Some(held.modified_at()),
            record: held.record.clone(),
            traits: Traits {
                made_from: held.made_from.clone(),
                read_only: held.read_only,
                record_type: held.record_type,
                ..Traits::default()
            },
        }
    }

    /// A record's version.
    pub(super) fn version(&self, id: &RemoteId) -> Option<Version> {
        self.records.get(id).map(|held| Version(held.version.to_string()))
    }

    /// How far the log goes.
    pub(crate) fn cursor(&self) -> usize {
        self.log.len()
    }

    /// What changed since the cursor; without one, everything inside the window.
    pub(crate) fn report(&self, cursor: Option<usize>, window: Window) -> ChangeSet<R> {
        let mut changes = Vec::new();
        let mut complete = BTreeSet::new();
        if let Some(cursor) = cursor {
            let since: BTreeSet<&RemoteId> = self.log.iter().skip(cursor).collect();
            for id in since {
                changes.push(if self.records.contains_key(id) {
                    self.change(id)
                } else {
                    Change::Removed(id.clone())
                });
            }
        } else {
            complete =
                BTreeSet::from([collection(self.side), other_collection(self.side)].map(str::to_owned));
            for (id, held) in &self.records {
                // What was moved lately is listed, lest it be taken for deleted.
                let inside = held.moved || window.reaches(held.record.starts_at());
                if held.mine && inside {
                    changes.push(Change::Present(Self::observed(id, held)));
                }
            }
        }
        ChangeSet {
            changes,
            complete,
            cursor: Cursor(self.cursor().to_string()),
            time_zone: None,
        }
    }

    /// A record as a change set tells of it.
    pub(crate) fn change(&self, id: &RemoteId) -> Change<R> {
        match self.read(id) {
            Reading::Present(seen) => Change::Present(seen),
            Reading::Gone => Change::Removed(id.clone()),
            Reading::OutOfReach => Change::Left(id.clone()),
            Reading::Unreadable { code, message } => Change::Unreadable {
                id: id.clone(),
                code,
                message,
            },
        }
    }

    /// What became of a record that went by that name, wherever it was moved.
    pub(super) fn held_as(&self, id: &RemoteId) -> Option<&Held<R>> {
        let elsewhere = RemoteId::new(elsewhere(self.side, &id.collection), &*id.id);
        let mut names = [id, &elsewhere].into_iter();
        names.find_map(|id| self.records.get(id).or_else(|| self.bin.get(id)))
    }

    /// Reads a record, wherever it was moved.
    pub(crate) fn read(&self, id: &RemoteId) -> Reading<R> {
        let elsewhere = RemoteId::new(elsewhere(self.side, &id.collection), &*id.id);
        match self.read_there(id) {
            Reading::Gone => match self.read_there(&elsewhere) {
                Reading::Present(mut seen) => {
                    seen.traits.former_ids = vec![id.clone()];
                    Reading::Present(seen)
                }
                _ => Reading::Gone,
            },
            reading => reading,
        }
    }

    fn read_there(&self, id: &RemoteId) -> Reading<R> {
        match self.records.get(id) {
            Some(held) if held.mine => Reading::Present(Self::observed(id, held)),
            Some(_) => Reading::OutOfReach,
            None => Reading::Gone,
        }
    }

    /// Makes a copy, or finds the one that was made before.
    pub(crate) fn create(
        &mut self,
        create: &Create<R>,
        (about, item): (usize, usize),
        now: i64,
    ) -> Result<Created<R>, Failure> {
        for generation in create.generation..create.generation + GENERATIONS {
            let id = Names.copy_of(self.side, &create.origin, generation);
            let adopted = match self.records.get(&id) {
                Some(held) if held.mine => true,
                Some(_) => continue,
                None if self.bin.contains_key(&id) => continue,
                None => false,
            };
            if !adopted {
                let made_from = (self.side == Side::Google).then(|| create.origin.clone());
                let mut held = Held {
                    is_copy: true,
                    made_from,
                    noted_from: Some(create.origin.clone()),
                    ..Self::held(about, item, create.record.clone(), now)
                };
                held.agree(R::FIELDS, &self.keeps(&create.record));
                self.put(id.clone(), held);
            }
            let held = self.records.get(&id).ok_or_else(gone)?;
            return Ok(Created {
                observed: Self::observed(&id, held),
                generation,
                adopted,
            });
        }
        Err(Failure::permanent("burnt", "Every name is burnt."))
    }

    /// Writes the named fields, if the record is the version expected.
    pub(crate) fn update(&mut self, update: &Update<R>, now: i64) -> Result<Observed<R>, Failure> {
        let held = self.expected(&update.id, &update.expected)?;
        if held.read_only.is_some() {
            return Err(Failure::permanent("read_only", "It may not be written."));
        }
        self.touch(&update.id, now, |held| {
            for field in &update.fields {
                held.record.take(*field, &update.record);
            }
        });
        let held = self.records.get(&update.id).ok_or_else(gone)?;
        Ok(Self::observed(&update.id, held))
    }

    /// Deletes a record, if it is the version expected.
    pub(crate) fn remove(&mut self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        if !self.records.contains_key(id) {
            // As the engine, which looks for it elsewhere then.
            return match self.read(id) {
                Reading::Present(_) => Err(gone()),
                _ => Ok(false),
            };
        }
        if self.expected(id, expected)?.read_only.is_some() {
            return Err(Failure::permanent("read_only", "It may not be deleted."));
        }
        self.delete(id);
        Ok(true)
    }

    fn expected(&self, id: &RemoteId, expected: &Version) -> Result<&Held<R>, Failure> {
        let is = |held: &&Held<R>| held.mine && held.version.to_string() == expected.0;
        self.records
            .get(id)
            .filter(is)
            .ok_or_else(|| Failure::conflict("changed", "It is not as it was."))
    }
}

fn gone() -> Failure {
    Failure::conflict("gone", "It is gone.")
}
