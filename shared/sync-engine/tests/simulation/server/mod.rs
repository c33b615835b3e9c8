//! A simulated provider: the records of one kind of all its users, with a change feed and habits of its own.

mod gate;
mod nature;
mod rows;
mod series;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use sync_core::id::RemoteId;
use sync_core::port::Clock;
use sync_core::side::Side;

pub(crate) use self::gate::Gate;
pub(crate) use self::nature::Nature;
pub(crate) use self::series::moved;
use crate::kinds::Played;
use crate::log::{By, End, Log, Of, Origin, Snapshot};

/// A record's owner and its name: two users' `primary` calendars are two calendars.
pub(crate) type Name = (usize, RemoteId);

/// A record as it lies there.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Lying<R> {
    pub(crate) snapshot: Snapshot<R>,
    pub(crate) version: u64,
    pub(crate) modified_at: DateTime<Utc>,
    pub(crate) deleted: bool,
    pub(crate) made_from: Option<RemoteId>,
    /// Whether a pair was ever known to hold it.
    pub(crate) was_paired: bool,
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) changed_at: DateTime<Utc>,
    /// The series of which it is an occurrence.
    pub(crate) series: Option<RemoteId>,
    /// The first of the rows from which its series was made.
    pub(crate) series_made_from: Option<RemoteId>,
    /// Whether its series was made from rows, or split off from one that was.
    pub(crate) from_rows: bool,
    /// An occurrence that somebody changed by itself.
    pub(crate) exception: bool,
    /// Which row of a series it is.
    pub(crate) row: Option<Row<R>>,
}

/// A row of a series, on a side that keeps every occurrence as a record of its own.
#[derive(Debug, Clone)]
pub(crate) struct Row<R> {
    /// The first row, by which the series goes.
    pub(crate) of: RemoteId,
    /// The row as the series has it, whatever was changed on it by itself.
    pub(crate) as_made: R,
}

#[derive(Debug)]
pub(crate) struct Inside<R> {
    pub(crate) records: BTreeMap<Name, Lying<R>>,
    /// Series, and whether each is deleted.
    pub(crate) series: BTreeMap<Name, bool>,
    /// Series that were moved, split, cut or written anew, as long as the other side may not know of it.
    pub(crate) moved: BTreeSet<RemoteId>,
    /// Every change in order; a cursor is a place in it.
    pub(crate) feed: Vec<(DateTime<Utc>, Name)>,
    /// Cursors before this place are refused.
    pub(crate) feed_begins: usize,
    versions: u64,
}

/// One simulated provider's records of one kind.
#[derive(Debug)]
pub(crate) struct Server<R: Played> {
    pub(crate) side: Side,
    pub(crate) nature: Nature<R>,
    pub(crate) inside: Mutex<Inside<R>>,
    /// The provider's door for all kinds.
    pub(crate) gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    log: Arc<Log>,
}

impl<R: Played> Server<R> {
    pub(crate) fn new(
        side: Side,
        nature: Nature<R>,
        gate: Arc<Gate>,
        clock: Arc<dyn Clock>,
        log: Arc<Log>,
    ) -> Self {
        Self {
            side,
            nature,
            gate,
            inside: Mutex::new(Inside {
                records: BTreeMap::new(),
                series: BTreeMap::new(),
                moved: BTreeSet::new(),
                feed: Vec::new(),
                feed_begins: 0,
                versions: 0,
            }),
            clock,
            log,
        }
    }

    pub(crate) fn collection(&self) -> &'static str {
        R::COLLECTIONS.get(self.side)
    }

    pub(crate) fn end(&self, link: usize) -> End {
        End {
            link,
            side: self.side,
        }
    }

    /// The living records of one user.
    pub(crate) fn living(&self, link: usize) -> BTreeMap<RemoteId, Lying<R>> {
        let inside = self.inside.lock().unwrap();
        let of_user = inside
            .records
            .iter()
            .filter(|((owner, _), lying)| *owner == link && !lying.deleted);
        of_user
            .map(|((_, id), lying)| (id.clone(), lying.clone()))
            .collect()
    }

    /// The living series of one user.
    pub(crate) fn living_series(&self, link: usize) -> Vec<RemoteId> {
        let inside = self.inside.lock().unwrap();
        let of_user = inside
            .series
            .iter()
            .filter(|((owner, _), deleted)| *owner == link && !**deleted);
        of_user.map(|((_, id), _)| id.clone()).collect()
    }

    /// Whether a series was moved, split or cut lately.
    pub(crate) fn is_in_pieces(&self, series: &RemoteId) -> bool {
        self.inside.lock().unwrap().moved.contains(series)
    }

    /// Whether any series was moved, split, cut or written anew lately.
    pub(crate) fn has_pieces(&self) -> bool {
        !self.inside.lock().unwrap().moved.is_empty()
    }

    /// Whether a user ever had a series.
    pub(crate) fn had_series(&self, link: usize) -> bool {
        let inside = self.inside.lock().unwrap();
        inside.series.keys().any(|(owner, _)| *owner == link)
    }

    /// The server refuses the cursors it gave out.
    pub(crate) fn refuse_cursors(&self) {
        let mut inside = self.inside.lock().unwrap();
        inside
            .feed
            .push((self.clock.now(), (usize::MAX, RemoteId::new("none", "none"))));
        inside.feed_begins = inside.feed.len();
    }

    /// Puts a record down, new or over the old one, and says so.
    pub(crate) fn put(
        &self,
        inside: &mut Inside<R>,
        name: &Name,
        by: By,
        fresh: Option<Lying<R>>,
        change: impl FnOnce(&mut Lying<R>),
    ) {
        inside.versions += 1;
        let before = inside.records.get(name).cloned();
        let Some(mut after) = fresh.or_else(|| before.clone()) else {
            return;
        };
        change(&mut after);
        let now = self.clock.now();
        after.snapshot.record = self
            .nature
            .rewritten(&after.snapshot.record)
            .stamped(&self.nature, now);
        after.version = inside.versions;
        after.modified_at = now + self.nature.skew;
        after.changed_at = now;
        let living = |lying: &Lying<R>| (!lying.deleted).then(|| lying.snapshot.clone());
        self.log.add(R::entry(Of::Changed {
            by,
            end: self.end(name.0),
            id: name.1.clone(),
            before: before.as_ref().and_then(living),
            after: living(&after),
            origin: Origin::of(&after),
        }));
        let is_deleted = after.deleted && before.is_some_and(|before| !before.deleted);
        inside.records.insert(name.clone(), after);
        inside.feed.push((now, name.clone()));
        if is_deleted {
            Self::re_parent(inside, name);
        }
    }

    /// Up to where its lists show the feed by now.
    pub(crate) fn visible(&self, inside: &Inside<R>) -> usize {
        let shown = |(at, _): &(DateTime<Utc>, Name)| self.is_listed(*at);
        inside.feed.iter().take_while(|entry| shown(entry)).count()
    }

    /// Whether lists show by now what happened then.
    pub(crate) fn is_listed(&self, at: DateTime<Utc>) -> bool {
        at + self.nature.lists_lag <= self.clock.now()
    }

    /// A name that it draws for a new record.
    pub(crate) fn drawn_name(&self, inside: &Inside<R>) -> RemoteId {
        RemoteId::new(self.collection(), format!("drawn-{}", inside.versions))
    }

    /// The memory knows these records of a user.
    pub(crate) fn note_paired(&self, link: usize, ids: &BTreeSet<RemoteId>) {
        let mut inside = self.inside.lock().unwrap();
        for ((owner, id), lying) in &mut inside.records {
            lying.was_paired |= *owner == link && ids.contains(id);
        }
    }

    /// It is as if a record had never been made.
    pub(crate) fn unmake(&self, link: usize, id: &RemoteId) {
        self.inside.lock().unwrap().records.remove(&(link, id.clone()));
        self.log.add(R::entry(Of::Unmade {
            end: self.end(link),
            id: id.clone(),
        }));
    }

    /// A record that nobody has seen yet.
    pub(crate) fn fresh(
        &self,
        record: R,
        unmapped: String,
        made_from: Option<RemoteId>,
        series: Option<RemoteId>,
    ) -> Lying<R> {
        Lying {
            snapshot: Snapshot { record, unmapped },
            version: 0,
            modified_at: self.clock.now(),
            deleted: false,
            made_from,
            was_paired: false,
            made_at: self.clock.now(),
            changed_at: self.clock.now(),
            series,
            series_made_from: None,
            from_rows: false,
            exception: false,
            row: None,
        }
    }

    pub(crate) fn person_creates(&self, link: usize, id: &str, record: R) -> RemoteId {
        let id = RemoteId::new(self.collection(), id);
        let fresh = self.fresh(record, format!("unmapped of {id}"), None, None);
        let mut inside = self.inside.lock().unwrap();
        self.put(&mut inside, &(link, id.clone()), By::Person, Some(fresh), |_| {});
        id
    }

    pub(crate) fn person_edits(&self, link: usize, id: &RemoteId, edit: impl FnOnce(&mut Snapshot<R>)) {
        let mut inside = self.inside.lock().unwrap();
        self.put(&mut inside, &(link, id.clone()), By::Person, None, |lying| {
            lying.exception |= lying.series.is_some();
            edit(&mut lying.snapshot);
        });
    }

    pub(crate) fn person_deletes(&self, link: usize, id: &RemoteId) {
        let mut inside = self.inside.lock().unwrap();
        self.put(&mut inside, &(link, id.clone()), By::Person, None, |lying| {
            lying.deleted = true;
        });
    }

    /// A person takes a record back out of the bin.
    pub(crate) fn person_restores(&self, link: usize, id: &RemoteId) {
        let mut inside = self.inside.lock().unwrap();
        self.put(&mut inside, &(link, id.clone()), By::Person, None, |lying| {
            lying.deleted = false;
        });
    }

    /// Whether a record is an occurrence of a series that was moved, split, cut or written anew lately.
    pub(crate) fn was_moved(&self, link: usize, id: &RemoteId) -> bool {
        let inside = self.inside.lock().unwrap();
        let lying = inside.records.get(&(link, id.clone()));
        let series = |lying: &Lying<R>| lying.series.clone().or(lying.row.clone().map(|row| row.of));
        lying
            .and_then(series)
            .is_some_and(|series| inside.moved.contains(&series))
    }

    /// Both sides know of all moves.
    pub(crate) fn forget_moves(&self) {
        self.inside.lock().unwrap().moved.clear();
    }
}
