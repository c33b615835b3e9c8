//! A simulated provider: the records of all its users in memory, with a change feed, series, and habits of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use sync_core::failure::{Class, Failure};
use sync_core::id::RemoteId;
use sync_core::kind::event::{EventLimits, EventRecord, When};
use sync_core::port::Clock;
use sync_core::side::Side;

use crate::log::{By, End, Entry, Log, Snapshot};

/// A record's owner and its name: two users' `primary` calendars are two calendars.
pub(crate) type Name = (usize, RemoteId);

/// What a provider does to what it is given.
#[derive(Debug, Clone)]
pub(crate) struct Nature {
    pub(crate) limits: EventLimits,
    /// Makes two blanks one, which no limit tells.
    pub(crate) squeezes: bool,
    /// How far its clock is off.
    pub(crate) skew: Duration,
}

impl Nature {
    /// What the side makes of a record.
    pub(crate) fn rewritten(&self, record: &EventRecord) -> EventRecord {
        let mut record = record.clone();
        if !self.limits.four_byte_characters {
            for text in [&mut record.title, &mut record.description, &mut record.location] {
                *text = text.replace('😀', "????");
            }
        }
        if let Some(most) = self.limits.title_chars {
            let cut: String = record.title.chars().take(most).collect();
            cut.trim_end().clone_into(&mut record.title);
        }
        if self.squeezes {
            record.description = record.description.replace("  ", " ");
        }
        if let When::Timed { start, end } = &mut record.when {
            let step = i64::from(self.limits.time_step_seconds);
            for at in [start, end] {
                *at -= Duration::seconds(at.timestamp().rem_euclid(step));
            }
        }
        record.private &= self.limits.has_private;
        record
    }
}

/// A record as it lies there.
#[derive(Debug, Clone)]
pub(crate) struct Lying {
    pub(crate) snapshot: Snapshot,
    pub(crate) version: u64,
    pub(crate) modified_at: DateTime<Utc>,
    pub(crate) deleted: bool,
    pub(crate) made_from: Option<RemoteId>,
    /// The series of which it is an occurrence.
    pub(crate) series: Option<RemoteId>,
    /// An occurrence that somebody changed by itself.
    pub(crate) exception: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Inside {
    pub(crate) records: BTreeMap<Name, Lying>,
    /// Series, and whether each is deleted.
    pub(crate) series: BTreeMap<Name, bool>,
    /// Series that were moved, split or cut, as long as the other side may not know of it.
    pub(crate) moved: BTreeSet<RemoteId>,
    /// Every change in order; a cursor is a place in it.
    pub(crate) feed: Vec<Name>,
    /// Cursors before this place are refused.
    pub(crate) feed_begins: usize,
    versions: u64,
    /// Users whose authorisation is gone.
    pub(crate) unauthorised: BTreeSet<usize>,
}

/// One simulated provider.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) side: Side,
    pub(crate) nature: Nature,
    pub(crate) inside: Mutex<Inside>,
    clock: Arc<dyn Clock>,
    log: Arc<Log>,
}

impl Server {
    pub(crate) fn new(side: Side, nature: Nature, clock: Arc<dyn Clock>, log: Arc<Log>) -> Self {
        Self {
            side,
            nature,
            inside: Mutex::default(),
            clock,
            log,
        }
    }

    pub(crate) fn collection(&self) -> &'static str {
        match self.side {
            Side::Crm => "Meetings",
            Side::Google => "primary",
        }
    }

    pub(crate) fn end(&self, link: usize) -> End {
        End {
            link,
            side: self.side,
        }
    }

    /// The living records of one user.
    pub(crate) fn living(&self, link: usize) -> BTreeMap<RemoteId, Lying> {
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

    /// Whether a user ever had a series.
    pub(crate) fn had_series(&self, link: usize) -> bool {
        let inside = self.inside.lock().unwrap();
        inside.series.keys().any(|(owner, _)| *owner == link)
    }

    /// The server refuses the cursors it gave out.
    pub(crate) fn refuse_cursors(&self) {
        let mut inside = self.inside.lock().unwrap();
        inside.feed.push((usize::MAX, RemoteId::new("none", "none")));
        inside.feed_begins = inside.feed.len();
    }

    /// Puts a record down, new or over the old one, and says so.
    pub(crate) fn put(
        &self,
        inside: &mut Inside,
        name: &Name,
        by: By,
        fresh: Option<Lying>,
        change: impl FnOnce(&mut Lying),
    ) {
        inside.versions += 1;
        let before = inside.records.get(name).cloned();
        let Some(mut after) = fresh.or_else(|| before.clone()) else {
            return;
        };
        change(&mut after);
        after.snapshot.record = self.nature.rewritten(&after.snapshot.record);
        after.version = inside.versions;
        after.modified_at = self.clock.now() + self.nature.skew;
        let living = |lying: &Lying| (!lying.deleted).then(|| lying.snapshot.clone());
        self.log.add(Entry::Changed {
            by,
            end: self.end(name.0),
            id: name.1.clone(),
            before: before.as_ref().and_then(living),
            after: living(&after),
            origin: after.made_from.clone(),
        });
        inside.records.insert(name.clone(), after);
        inside.feed.push(name.clone());
    }

    /// A record that nobody has seen yet.
    pub(crate) fn fresh(
        &self,
        record: EventRecord,
        unmapped: String,
        made_from: Option<RemoteId>,
        series: Option<RemoteId>,
    ) -> Lying {
        Lying {
            snapshot: Snapshot { record, unmapped },
            version: 0,
            modified_at: self.clock.now(),
            deleted: false,
            made_from,
            series,
            exception: false,
        }
    }

    pub(crate) fn person_creates(&self, link: usize, id: &str, record: EventRecord) -> RemoteId {
        let id = RemoteId::new(self.collection(), id);
        let fresh = self.fresh(record, format!("unmapped of {id}"), None, None);
        let mut inside = self.inside.lock().unwrap();
        self.put(&mut inside, &(link, id.clone()), By::Person, Some(fresh), |_| {});
        id
    }

    pub(crate) fn person_edits(&self, link: usize, id: &RemoteId, edit: impl FnOnce(&mut Snapshot)) {
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

    /// A person makes a series. Its occurrences are named after their times, as Google does it.
    pub(crate) fn person_repeats(&self, link: usize, id: &str, record: &EventRecord, times: u32, days: i64) {
        let series = RemoteId::new(self.collection(), id);
        let mut inside = self.inside.lock().unwrap();
        for time in 0..times {
            let occurrence = moved(record, Duration::days(days * i64::from(time)));
            self.put_occurrence(&mut inside, link, &series, occurrence);
        }
        Self::touch_series(&mut inside, link, &series, false);
    }

    fn put_occurrence(
        &self,
        inside: &mut Inside,
        link: usize,
        series: &RemoteId,
        record: EventRecord,
    ) -> RemoteId {
        let original = record.when.starts_at().format("%Y%m%dT%H%M%SZ");
        let id = RemoteId::new(self.collection(), format!("{}_{original}", series.id));
        let fresh = self.fresh(record, format!("unmapped of {id}"), None, Some(series.clone()));
        self.put(inside, &(link, id.clone()), By::Person, Some(fresh), |_| {});
        inside.feed.pop();
        id
    }

    /// The feed names a changed series, not its occurrences.
    fn touch_series(inside: &mut Inside, link: usize, series: &RemoteId, deleted: bool) {
        inside.series.insert((link, series.clone()), deleted);
        inside.feed.push((link, series.clone()));
    }

    /// The living occurrences that follow their series' rule, in order of time.
    fn occurrences(inside: &Inside, link: usize, series: &RemoteId) -> Vec<(Name, EventRecord)> {
        let mut found: Vec<(Name, EventRecord)> = inside
            .records
            .iter()
            .filter(|((owner, _), lying)| {
                *owner == link && lying.series.as_ref() == Some(series) && !lying.deleted && !lying.exception
            })
            .map(|(name, lying)| (name.clone(), lying.snapshot.record.clone()))
            .collect();
        found.sort_by_key(|(_, record)| record.when.starts_at());
        found
    }

    /// A person changes every occurrence that follows the rule.
    pub(crate) fn person_edits_series(
        &self,
        link: usize,
        series: &RemoteId,
        edit: impl Fn(&mut EventRecord),
    ) {
        let mut inside = self.inside.lock().unwrap();
        for (name, _) in Self::occurrences(&inside, link, series) {
            self.put(&mut inside, &name, By::Person, None, |lying| {
                edit(&mut lying.snapshot.record);
            });
            inside.feed.pop();
        }
        Self::touch_series(&mut inside, link, series, false);
    }

    /// A person moves a whole series: every occurrence goes by another name afterwards.
    pub(crate) fn person_moves_series(&self, link: usize, series: &RemoteId, by: Duration) {
        let mut inside = self.inside.lock().unwrap();
        let all = Self::occurrences(&inside, link, series);
        self.rename(&mut inside, link, all, series, |record| moved(record, by));
        Self::touch_series(&mut inside, link, series, false);
    }

    /// A person changes so many occurrences and all that follow: another series goes on from there.
    pub(crate) fn person_splits_series(
        &self,
        link: usize,
        series: &RemoteId,
        keep: usize,
        id: &str,
        edit: impl Fn(&EventRecord) -> EventRecord,
    ) {
        let mut inside = self.inside.lock().unwrap();
        let rest: Vec<_> = Self::occurrences(&inside, link, series)
            .into_iter()
            .skip(keep)
            .collect();
        if rest.is_empty() {
            return;
        }
        let other = RemoteId::new(self.collection(), id);
        inside.moved.insert(series.clone());
        self.rename(&mut inside, link, rest, &other, edit);
        Self::touch_series(&mut inside, link, series, false);
        Self::touch_series(&mut inside, link, &other, false);
    }

    /// Occurrences become occurrences of a series under new names.
    fn rename(
        &self,
        inside: &mut Inside,
        link: usize,
        occurrences: Vec<(Name, EventRecord)>,
        series: &RemoteId,
        edit: impl Fn(&EventRecord) -> EventRecord,
    ) {
        inside.moved.insert(series.clone());
        // All of them leave their names before one of them takes another.
        let left: Vec<(Name, EventRecord, Lying)> = occurrences
            .into_iter()
            .filter_map(|(name, record)| inside.records.remove(&name).map(|old| (name, record, old)))
            .collect();
        for (name, record, old) in left {
            let record = edit(&record);
            let original = record.when.starts_at().format("%Y%m%dT%H%M%SZ");
            let id = RemoteId::new(self.collection(), format!("{}_{original}", series.id));
            let to = (link, id.clone());
            self.log.add(Entry::Renamed {
                end: self.end(link),
                from: name.1,
                to: id,
            });
            inside.records.insert(to.clone(), old);
            self.put(inside, &to, By::Person, None, |lying| {
                lying.snapshot.record = record;
                lying.series = Some(series.clone());
            });
            inside.feed.pop();
        }
    }

    /// Whether a record is an occurrence of a series that was moved, split or cut lately.
    pub(crate) fn was_moved(&self, link: usize, id: &RemoteId) -> bool {
        let inside = self.inside.lock().unwrap();
        let lying = inside.records.get(&(link, id.clone()));
        lying
            .and_then(|lying| lying.series.as_ref())
            .is_some_and(|series| inside.moved.contains(series))
    }

    /// Both sides know of all moves.
    pub(crate) fn forget_moves(&self) {
        self.inside.lock().unwrap().moved.clear();
    }

    /// A person ends a series after so many occurrences; those that follow are gone without a trace of their own.
    pub(crate) fn person_cuts_series(&self, link: usize, series: &RemoteId, keep: usize) {
        let mut inside = self.inside.lock().unwrap();
        inside.moved.insert(series.clone());
        let rest: Vec<_> = Self::occurrences(&inside, link, series)
            .into_iter()
            .skip(keep)
            .collect();
        for (name, _) in &rest {
            self.put(&mut inside, name, By::Person, None, |lying| lying.deleted = true);
            inside.feed.pop();
        }
        Self::touch_series(&mut inside, link, series, false);
    }

    /// A person deletes a series with all its occurrences.
    pub(crate) fn person_deletes_series(&self, link: usize, series: &RemoteId) {
        let mut inside = self.inside.lock().unwrap();
        let all: Vec<Name> = inside
            .records
            .iter()
            .filter(|((owner, _), lying)| {
                *owner == link && lying.series.as_ref() == Some(series) && !lying.deleted
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in all {
            self.put(&mut inside, &name, By::Person, None, |lying| lying.deleted = true);
            inside.feed.pop();
        }
        Self::touch_series(&mut inside, link, series, true);
    }

    pub(crate) fn authorise(&self, link: usize, authorised: bool) {
        let mut inside = self.inside.lock().unwrap();
        if authorised {
            inside.unauthorised.remove(&link);
        } else {
            inside.unauthorised.insert(link);
        }
    }

    /// Refuses a user whose authorisation is gone.
    pub(crate) fn admit(&self, link: usize) -> Result<(), Failure> {
        if self.inside.lock().unwrap().unauthorised.contains(&link) {
            return Err(Failure::new(
                Class::Reauth,
                "invalid_grant",
                "The authorisation is gone.",
            ));
        }
        Ok(())
    }
}

/// The same record at another time.
pub(crate) fn moved(record: &EventRecord, by: Duration) -> EventRecord {
    let when = match &record.when {
        When::Timed { start, end } => When::Timed {
            start: *start + by,
            end: *end + by,
        },
        When::AllDay { start, end } => When::AllDay {
            start: *start + by,
            end: *end + by,
        },
    };
    EventRecord {
        when,
        ..record.clone()
    }
}
