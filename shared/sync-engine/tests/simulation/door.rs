//! The door to a simulated provider on behalf of one user, as honest as a connector has to be, or broken on purpose.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use sync_core::change::{Change, ChangeSet, Observed, Reading, Traits};
use sync_core::failure::{Class, Failure};
use sync_core::id::{Cursor, RemoteId, Version};
use sync_core::kind::Kind;
use sync_core::port::{Create, CreateSeries, Created, ReadRequest, Remote, SeriesCreated, Update};
use sync_core::side::Side;

use crate::broken::Broken;
use crate::faults::{Fault, Faults};
use crate::kinds::Played;
use crate::log::{Asked, By, Log, Of};
use crate::reach::Reach;
use crate::server::{Inside, Lying, Name, Server};

/// What no side ever takes.
pub(crate) const POISON: &str = "poison";

/// What a side says to it.
pub(crate) const REFUSED: &str = "The side will never take";

/// The door of one opening.
#[derive(Debug, Clone)]
pub(crate) struct Door<R: Played> {
    pub(crate) server: Arc<Server<R>>,
    pub(crate) reach: Reach,
    /// The user, by the number of the account link.
    pub(crate) link: usize,
    /// The user's name as it is part of derived ids.
    pub(crate) user: String,
    pub(crate) opening: usize,
    pub(crate) faults: Arc<Faults>,
    pub(crate) log: Arc<Log>,
    pub(crate) broken: Option<Broken>,
}

impl<R: Played> Door<R> {
    fn is(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }

    fn name(&self, inside: &Inside<R>, id: &RemoteId) -> Name {
        let own = (self.link, id.clone());
        if self.server.side == Side::Google || inside.records.contains_key(&own) {
            return own;
        }
        // One who may see everything may touch everything: in a CRM ids are one name space.
        let others = inside.records.keys().find(|(_, other)| other == id);
        others.cloned().unwrap_or(own)
    }

    fn observed(&self, id: &RemoteId, lying: &Lying<R>) -> Observed<R> {
        let traits = Traits {
            made_from: lying.made_from.clone().filter(|_| self.server.nature.keeps_marks),
            series: lying.series.clone(),
            series_made_from: lying.series_made_from.clone(),
            row_of: lying.row.as_ref().map(|row| row.of.clone()),
            record_type: match (self.server.side, R::KIND, id.id.ends_with("call")) {
                (Side::Crm, Kind::Event, true) => Some("call"),
                (Side::Crm, Kind::Event, false) => Some("meeting"),
                (Side::Crm | Side::Google, _, _) => None,
            },
            ..Traits::default()
        };
        let mut record = lying.snapshot.record.clone();
        if self.reach.is_labelled_otherwise {
            record.lose_label();
        }
        Observed {
            id: id.clone(),
            version: Version(lying.version.to_string()),
            modified_at: Some(lying.modified_at),
            record,
            traits,
        }
    }

    fn is_in_reach(&self, (owner, id): &Name) -> bool {
        *owner == self.link && self.reach.reads(&id.collection)
    }

    async fn call<T: Debug>(
        &self,
        asked: Asked<R>,
        act: impl Fn(Option<Fault>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.call_with(asked, |fault| fault, act).await
    }

    /// A call of which some faults are met inside.
    async fn call_with<T: Debug>(
        &self,
        asked: Asked<R>,
        outside: impl Fn(Option<Fault>) -> Option<Fault>,
        act: impl Fn(Option<Fault>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        tokio::task::yield_now().await;
        let end = self.server.end(self.link);
        let is_whole = matches!(asked, Asked::List { whole: true, .. });
        self.log.add(R::entry(Of::Called {
            opening: self.opening,
            end,
            asked,
        }));
        let fault = if is_whole {
            self.faults.draw_at_whole_list()
        } else {
            self.faults.draw_at_side()
        };
        if fault == Some(Fault::Unauthorised) {
            self.server.gate.authorise(self.link, false);
        }
        let answer = self
            .faults
            .around(outside(fault), || {
                self.server.gate.admit(self.link)?;
                act(fault)
            })
            .await;
        self.log.add(R::entry(Of::Answered {
            opening: self.opening,
            end,
            answer: format!("{answer:?}"),
        }));
        answer
    }

    fn list(&self, request: &ReadRequest, fault: Option<Fault>) -> Result<ChangeSet<R>, Failure> {
        let inside = self.server.inside.lock().unwrap();
        let resync = || Failure::new(Class::Resync, "cursor_expired", "The cursor is too old.");
        let visible = self.server.visible(&inside);
        let mut set = ChangeSet {
            changes: Vec::new(),
            complete: BTreeSet::new(),
            cursor: Cursor(visible.to_string()),
            time_zone: None,
        };
        let mut named: Option<BTreeSet<&Name>> = None;
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
            let feed = inside.feed.get(from..visible).unwrap_or_default();
            let own = feed
                .iter()
                .map(|(_, name)| name)
                .filter(|name| self.is_in_reach(name));
            named = Some(own.collect());
        }
        let is_gone = |name: &&&Name| inside.records.get(**name).is_some_and(|lying| lying.deleted);
        if !self.server.nature.has_tombstones {
            // Something is gone: only a look at the whole tells what.
            named = named.filter(|named| !named.iter().any(|name| is_gone(&name)));
        }
        if let Some(named) = named {
            for name in named {
                set.changes.extend(self.change(&inside, name, request));
            }
        } else {
            set.changes = self.everything(&inside, request);
            set.complete.extend(self.reach.collections.iter().cloned());
        }
        match fault {
            Some(Fault::Repeated) => set.changes.extend(set.changes.clone()),
            // What a list that was shifted under the reader's feet leaves out.
            Some(Fault::Short) if !set.complete.is_empty() => {
                let every = 2 + inside.feed.len() % 3;
                let mut at = 0;
                set.changes.retain(|change| {
                    at += 1;
                    at % every != 0 || !self.is_missed(&inside, change)
                });
            }
            _ => {}
        }
        if self.is(Broken::LosesPages) && set.complete.is_empty() && set.changes.len() > 2 {
            set.changes.truncate(2);
        }
        Ok(set)
    }

    /// Everything that a whole list shows by now, each record as it is.
    fn everything(&self, inside: &Inside<R>, request: &ReadRequest) -> Vec<Change<R>> {
        let mut changes = Vec::new();
        let own = inside.records.iter().filter(|(name, _)| self.is_in_reach(name));
        let listed = own.filter(|(_, lying)| self.server.is_listed(lying.made_at));
        for ((_, id), lying) in listed {
            if lying.deleted {
                // Listed yet, and gone when it was read by name.
                if !self.server.is_listed(lying.changed_at) {
                    changes.push(Change::Removed(id.clone()));
                }
            } else if lying.series.is_none() || lying.exception {
                changes.push(Change::Present(self.observed(id, lying)));
            }
        }
        let series = inside
            .series
            .iter()
            .filter(|(name, deleted)| self.is_in_reach(name) && !**deleted);
        for (name, _) in series {
            changes.extend(self.change(inside, name, request));
        }
        changes
    }

    /// Whether a whole list that lacks this can be seen to do so.
    fn is_missed(&self, inside: &Inside<R>, change: &Change<R>) -> bool {
        let was_there = |seen: &Observed<R>| {
            let lying = inside.records.get(&(self.link, seen.id.clone()));
            lying.is_some_and(|lying| self.faults.is_missed(lying.changed_at))
        };
        match change {
            Change::Present(seen) => was_there(seen),
            Change::Series { occurrences, .. } => occurrences.iter().all(was_there),
            Change::Removed(_) | Change::Left(_) | Change::Unreadable { .. } => false,
        }
    }

    /// What the feed says of a record or a series.
    fn change(&self, inside: &Inside<R>, name: &Name, request: &ReadRequest) -> Option<Change<R>> {
        if let Some(deleted) = inside.series.get(name) {
            if *deleted {
                return Some(Change::Removed(name.1.clone()));
            }
            let own = || {
                inside.records.iter().filter(|((owner, _), lying)| {
                    *owner == name.0 && lying.series.as_ref() == Some(&name.1) && !lying.deleted
                })
            };
            // One made from rows has an end and is listed up to it.
            let whole = own().any(|(_, lying)| lying.from_rows);
            let is_listed = |lying: &Lying<R>| {
                let at = lying.snapshot.record.starts_at();
                let holds = |at| request.window.holds(at) || whole && request.window.reaches(Some(at));
                lying.exception || at.is_none_or(holds)
            };
            let listed = own().filter(|(_, lying)| is_listed(lying));
            return Some(Change::Series {
                id: name.1.clone(),
                occurrences: listed.map(|((_, id), lying)| self.observed(id, lying)).collect(),
                whole,
            });
        }
        let lying = inside.records.get(name)?;
        Some(if lying.deleted {
            Change::Removed(name.1.clone())
        } else {
            Change::Present(self.observed(&name.1, lying))
        })
    }

    fn refuses(record: &R, of: &RemoteId) -> Result<(), Failure> {
        if record.is_poisoned() {
            return Err(Failure::permanent("poisoned", format!("{REFUSED} {of}.")));
        }
        Ok(())
    }

    fn make(&self, create: &Create<R>) -> Result<Created<R>, Failure> {
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

    /// Makes a series, and answers with its occurrences.
    fn make_series(&self, create: &CreateSeries<R>) -> Result<SeriesCreated<R>, Failure> {
        let made_from = Some(create.origin.clone()).filter(|_| !self.is(Broken::NamelessCopies));
        let mut inside = self.server.inside.lock().unwrap();
        let mut generation = create.generation;
        let (id, adopted) = loop {
            let mut id = self.derived_id(&create.origin, generation);
            id.id = match made_from {
                Some(_) => format!("series-{}", id.id),
                None => format!("series-number-{}", inside.feed.len()),
            };
            match inside.series.get(&(self.link, id.clone())) {
                Some(deleted) if *deleted => generation += 1,
                Some(_) => break (id, true),
                None => break (id, false),
            }
        };
        if !adopted {
            Self::refuses(&create.series.first, &id)?;
            let by = By::Opening(self.opening);
            for record in R::occurrences(&create.series) {
                self.server
                    .put_occurrence(&mut inside, (self.link, by), (&id, made_from.as_ref()), record);
            }
            self.server.touch_series(&mut inside, self.link, &id, false);
        }
        let own = inside.records.iter().filter(|((owner, _), lying)| {
            *owner == self.link && lying.series.as_ref() == Some(&id) && !lying.deleted
        });
        Ok(SeriesCreated {
            occurrences: own.map(|((_, id), lying)| self.observed(id, lying)).collect(),
            generation,
            adopted,
        })
    }

    /// Makes a copy where the side draws the names: it is sent once.
    fn make_once(&self, create: &Create<R>) -> Result<Created<R>, Failure> {
        Self::refuses(&create.record, &create.origin)?;
        let mut inside = self.server.inside.lock().unwrap();
        let id = self.server.drawn_name(&inside);
        let name = (self.link, id.clone());
        let marker = Some(create.origin.clone());
        let fresh = self
            .server
            .fresh(create.record.clone(), String::new(), marker, None);
        self.server
            .put(&mut inside, &name, By::Opening(self.opening), Some(fresh), |_| {});
        Ok(Created {
            observed: self.observed(&id, &inside.records[&name]),
            generation: create.generation,
            adopted: false,
        })
    }

    /// What a connector does about a creation without an answer: it looks for what was made, where lists show it yet.
    fn look_for(&self, created: Created<R>) -> Result<Created<R>, Failure> {
        let inside = self.server.inside.lock().unwrap();
        let nothing_seen = self.server.visible(&inside) < inside.feed.len();
        if nothing_seen || inside.feed.len().is_multiple_of(3) {
            return Err(Failure::retryable("no_answer", "The side did not answer.", None));
        }
        Ok(Created {
            adopted: true,
            ..created
        })
    }

    /// The record, if it still is the version expected.
    fn expect(&self, inside: &Inside<R>, name: &Name, expected: &Version) -> Result<R, Failure> {
        let lying = inside.records.get(name).filter(|lying| !lying.deleted);
        let record =
            lying.filter(|lying| lying.version.to_string() == expected.0 || self.is(Broken::IgnoresVersions));
        match record {
            Some(lying) => Ok(lying.snapshot.record.clone()),
            None => Err(Failure::conflict("changed", "The record changed.")),
        }
    }

    fn write(&self, update: &Update<R>) -> Result<Observed<R>, Failure> {
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
impl<R: Played> Remote<R> for Door<R> {
    fn limits(&self) -> R::Limits {
        self.server.nature.limits.clone()
    }

    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        let id = format!("copy-{generation}-of-{}-for-{}", origin.id, self.user);
        RemoteId::new(self.reach.target.clone(), id)
    }

    fn leaves_copies_unmarked(&self) -> bool {
        self.server.nature.draws_names && !self.server.nature.keeps_marks
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<R>, Failure> {
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
                    complete: self.reach.collections.iter().cloned().collect(),
                    cursor: Cursor(self.server.visible(&inside).to_string()),
                    time_zone: None,
                })
            }
            answer => answer,
        }
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<R>, Failure> {
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

    async fn create(&self, create: &Create<R>) -> Result<Created<R>, Failure> {
        let asked = Asked::Create {
            origin: create.origin.clone(),
            notify: create.notify,
        };
        if !self.server.nature.draws_names {
            return self.call(asked, |_| self.make(create)).await;
        }
        let is_met = |fault: &Fault| matches!(fault, Fault::LostAnswer | Fault::Twice);
        self.call_with(
            asked,
            |fault| fault.filter(|fault| !is_met(fault)),
            |fault| {
                let created = self.make_once(create)?;
                if fault.is_some_and(|fault| is_met(&fault)) {
                    return self.look_for(created);
                }
                Ok(created)
            },
        )
        .await
    }

    async fn create_series(&self, create: &CreateSeries<R>) -> Result<SeriesCreated<R>, Failure> {
        if !self.server.nature.keeps_series {
            return Err(Failure::permanent("no_series", "This side keeps no series."));
        }
        let asked = Asked::Create {
            origin: create.origin.clone(),
            notify: false,
        };
        self.call(asked, |_| self.make_series(create)).await
    }

    async fn update(&self, update: &Update<R>) -> Result<Observed<R>, Failure> {
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
