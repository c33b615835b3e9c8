//! The door to a simulated provider on behalf of one user, as honest as a connector has to be, or broken on purpose.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use sync_core::change::{Change, ChangeSet, Observed, Reading, Traits};
use sync_core::failure::{Class, Failure};
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::event::{EventLimits, EventRecord};
use sync_core::port::{Create, Created, ReadRequest, Remote, Update};
use sync_core::side::Side;

use crate::broken::Broken;
use crate::faults::{Fault, Faults};
use crate::log::{Asked, By, Entry, Log};
use crate::server::{Inside, Lying, Name, Server};

/// What no side ever takes.
pub(crate) const POISON: &str = "poison";

/// What a side says to it.
pub(crate) const REFUSED: &str = "The side will never take";

/// The door of one opening.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) server: Arc<Server>,
    /// The user, by the number of the account link.
    pub(crate) link: usize,
    /// The user's name as it is part of derived ids.
    pub(crate) user: String,
    pub(crate) opening: usize,
    pub(crate) faults: Arc<Faults>,
    pub(crate) log: Arc<Log>,
    pub(crate) broken: Option<Broken>,
}

impl Door {
    fn is(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }

    fn name(&self, inside: &Inside, id: &RemoteId) -> Name {
        let own = (self.link, id.clone());
        if self.server.side == Side::Google || inside.records.contains_key(&own) {
            return own;
        }
        // One who may see everything may touch everything: in a CRM ids are one name space.
        let others = inside.records.keys().find(|(_, other)| other == id);
        others.cloned().unwrap_or(own)
    }

    fn observed(&self, id: &RemoteId, lying: &Lying) -> Observed<EventRecord> {
        let traits = Traits {
            // No CRM keeps a marker of ours.
            made_from: lying
                .made_from
                .clone()
                .filter(|_| self.server.side == Side::Google),
            series: lying.series.clone(),
            record_type: match (self.server.side, id.id.ends_with("call")) {
                (Side::Google, _) => None,
                (Side::Crm, true) => Some("call"),
                (Side::Crm, false) => Some("meeting"),
            },
            ..Traits::default()
        };
        Observed {
            id: id.clone(),
            version: Version(lying.version.to_string()),
            modified_at: Some(lying.modified_at),
            record: lying.snapshot.record.clone(),
            traits,
        }
    }

    async fn call<T: Debug>(
        &self,
        asked: Asked,
        act: impl Fn(Option<Fault>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        tokio::task::yield_now().await;
        let end = self.server.end(self.link);
        self.log.add(Entry::Called {
            opening: self.opening,
            end,
            asked,
        });
        let fault = self.faults.draw_at_side();
        if fault == Some(Fault::Unauthorised) {
            self.server.authorise(self.link, false);
        }
        let answer = self
            .faults
            .around(fault, || {
                self.server.admit(self.link)?;
                act(fault)
            })
            .await;
        self.log.add(Entry::Answered {
            opening: self.opening,
            end,
            answer: format!("{answer:?}"),
        });
        answer
    }

    fn list(&self, request: &ReadRequest, fault: Option<Fault>) -> Result<ChangeSet<EventRecord>, Failure> {
        let inside = self.server.inside.lock().unwrap();
        let resync = || Failure::new(Class::Resync, "cursor_expired", "The cursor is too old.");
        let here = Cursor(inside.feed.len().to_string());
        let mut set = ChangeSet {
            changes: Vec::new(),
            complete: BTreeSet::new(),
            cursor: here,
            time_zone: None,
        };
        if let Some(Cursor(text)) = &request.cursor {
            let from: usize = text.parse().expect("a cursor of ours");
            if from < inside.feed_begins || fault == Some(Fault::CursorRefused) {
                if self.is(Broken::RefusedCursorIsEmpty) {
                    return Ok(set);
                }
                return Err(resync());
            }
            let from = if fault == Some(Fault::Repeated) {
                from.saturating_sub(7)
            } else {
                from
            };
            let named: BTreeSet<&Name> = inside.feed.get(from..).unwrap_or_default().iter().collect();
            for name in named.into_iter().filter(|(owner, _)| *owner == self.link) {
                set.changes.extend(self.change(&inside, name, request));
            }
        } else {
            let living = inside
                .records
                .iter()
                .filter(|((owner, _), lying)| *owner == self.link && !lying.deleted);
            let single = living.filter(|(_, lying)| lying.series.is_none() || lying.exception);
            set.changes
                .extend(single.map(|((_, id), lying)| Change::Present(self.observed(id, lying))));
            let series = inside
                .series
                .iter()
                .filter(|((owner, _), deleted)| *owner == self.link && !**deleted);
            for (name, _) in series {
                set.changes.extend(self.change(&inside, name, request));
            }
            set.complete.insert(self.server.collection().to_owned());
        }
        match fault {
            Some(Fault::Repeated) => set.changes.extend(set.changes.clone()),
            // What a list that was shifted under the reader's feet leaves out.
            Some(Fault::Short) if !set.complete.is_empty() => {
                let every = 2 + inside.feed.len() % 3;
                let mut at = 0;
                set.changes.retain(|_| {
                    at += 1;
                    at % every != 0
                });
            }
            _ => {}
        }
        if self.is(Broken::LosesPages) && set.complete.is_empty() && set.changes.len() > 2 {
            set.changes.truncate(2);
        }
        Ok(set)
    }

    /// What the feed says of a record or a series.
    fn change(&self, inside: &Inside, name: &Name, request: &ReadRequest) -> Option<Change<EventRecord>> {
        if let Some(deleted) = inside.series.get(name) {
            if *deleted {
                return Some(Change::Removed(name.1.clone()));
            }
            let occurrences = inside
                .records
                .iter()
                .filter(|((owner, _), lying)| {
                    *owner == name.0 && lying.series.as_ref() == Some(&name.1) && !lying.deleted
                })
                .filter(|(_, lying)| {
                    lying.exception || request.window.holds(lying.snapshot.record.when.starts_at())
                })
                .map(|((_, id), lying)| self.observed(id, lying));
            return Some(Change::Series {
                id: name.1.clone(),
                occurrences: occurrences.collect(),
            });
        }
        let lying = inside.records.get(name)?;
        Some(if lying.deleted {
            Change::Removed(name.1.clone())
        } else {
            Change::Present(self.observed(&name.1, lying))
        })
    }

    fn refuses(record: &EventRecord, of: &RemoteId) -> Result<(), Failure> {
        if record.location.contains(POISON) {
            return Err(Failure::permanent("poisoned", format!("{REFUSED} {of}.")));
        }
        Ok(())
    }

    fn make(&self, create: &Create<EventRecord>) -> Result<Created<EventRecord>, Failure> {
        let mut inside = self.server.inside.lock().unwrap();
        let mut generation = create.generation;
        loop {
            let mut id = self.derived_id(&create.origin, generation);
            if self.is(Broken::NamelessCopies) {
                id.id = format!("copy-number-{}", inside.feed.len());
            }
            let name = (self.link, id.clone());
            match inside.records.get(&name) {
                Some(lying) if lying.deleted => generation += 1,
                Some(lying) => {
                    return Ok(Created {
                        observed: self.observed(&id, lying),
                        generation,
                        adopted: true,
                    });
                }
                None => {
                    Self::refuses(&create.record, &create.origin)?;
                    let marker = Some(create.origin.clone()).filter(|_| !self.is(Broken::NamelessCopies));
                    let fresh = self
                        .server
                        .fresh(create.record.clone(), String::new(), marker, None);
                    let by = By::Opening(self.opening);
                    self.server.put(&mut inside, &name, by, Some(fresh), |_| {});
                    let observed = self.observed(&id, &inside.records[&name]);
                    return Ok(Created {
                        observed,
                        generation,
                        adopted: false,
                    });
                }
            }
        }
    }

    /// The record, if it still is the version expected.
    fn expect(&self, inside: &Inside, name: &Name, expected: &Version) -> Result<EventRecord, Failure> {
        let lying = inside.records.get(name).filter(|lying| !lying.deleted);
        let record =
            lying.filter(|lying| lying.version.to_string() == expected.0 || self.is(Broken::IgnoresVersions));
        match record {
            Some(lying) => Ok(lying.snapshot.record.clone()),
            None => Err(Failure::conflict("changed", "The record changed.")),
        }
    }

    fn write(&self, update: &Update<EventRecord>) -> Result<Observed<EventRecord>, Failure> {
        let mut inside = self.server.inside.lock().unwrap();
        let name = self.name(&inside, &update.id);
        let mut record = self.expect(&inside, &name, &update.expected)?;
        for field in &update.fields {
            record.take(*field, &update.record);
        }
        Self::refuses(&record, &update.id)?;
        let whole = self.is(Broken::WholeRecords);
        self.server
            .put(&mut inside, &name, By::Opening(self.opening), None, |lying| {
                lying.exception |= lying.series.is_some();
                lying.snapshot.record = record;
                if whole {
                    lying.snapshot.unmapped.clear();
                }
            });
        Ok(self.observed(&update.id, &inside.records[&name]))
    }
}

#[async_trait]
impl Remote<EventRecord> for Door {
    fn limits(&self) -> EventLimits {
        self.server.nature.limits.clone()
    }

    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        let id = format!("copy-{generation}-of-{}-for-{}", origin.id, self.user);
        RemoteId::new(self.server.collection(), id)
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<EventRecord>, Failure> {
        let asked = Asked::List {
            whole: request.cursor.is_none(),
            until: request.window.until,
        };
        let answer = self.call(asked, |fault| self.list(request, fault)).await;
        match answer {
            Err(failure) if failure.class == Class::Reauth && self.is(Broken::UnauthorisedIsEmpty) => {
                let inside = self.server.inside.lock().unwrap();
                Ok(ChangeSet {
                    changes: Vec::new(),
                    complete: BTreeSet::from([self.server.collection().to_owned()]),
                    cursor: Cursor(inside.feed.len().to_string()),
                    time_zone: None,
                })
            }
            answer => answer,
        }
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<EventRecord>, Failure> {
        let answer = self
            .call(Asked::Read(id.clone()), |_| {
                let inside = self.server.inside.lock().unwrap();
                let name = self.name(&inside, id);
                Ok(match inside.records.get(&name) {
                    Some(_) if name.0 != self.link => Reading::OutOfReach,
                    Some(lying) if !lying.deleted => Reading::Present(self.observed(id, lying)),
                    Some(_) | None => Reading::Gone,
                })
            })
            .await;
        match answer {
            Err(failure) if failure.class == Class::Reauth && self.is(Broken::UnauthorisedIsEmpty) => {
                Ok(Reading::Gone)
            }
            answer => answer,
        }
    }

    async fn create(&self, create: &Create<EventRecord>) -> Result<Created<EventRecord>, Failure> {
        let asked = Asked::Create {
            origin: create.origin.clone(),
            notify: create.notify,
        };
        self.call(asked, |_| self.make(create)).await
    }

    async fn update(&self, update: &Update<EventRecord>) -> Result<Observed<EventRecord>, Failure> {
        let asked = Asked::Update {
            id: update.id.clone(),
            fields: update.fields.clone(),
            notify: update.notify,
        };
        self.call(asked, |_| self.write(update)).await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        self.call(Asked::Delete(id.clone()), |_| {
            let mut inside = self.server.inside.lock().unwrap();
            let name = self.name(&inside, id);
            if inside.records.get(&name).is_none_or(|lying| lying.deleted) {
                return Ok(false);
            }
            self.expect(&inside, &name, expected)?;
            let by = By::Opening(self.opening);
            self.server
                .put(&mut inside, &name, by, None, |lying| lying.deleted = true);
            Ok(true)
        })
        .await
    }
}
