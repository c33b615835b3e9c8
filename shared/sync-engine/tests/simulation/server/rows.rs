//! Series as some CRMs keep them: every occurrence a record of its own, which names the first one.
//!
//! # Source
//! SuiteCRM, measured: "edit all" deletes all rows but the first and makes new ones. When the first row is deleted, the
//! others are handed to the next one, and no change says so.

use chrono::{DateTime, Duration, Utc};
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord};

use super::{Inside, Lying, Name, Row, Server, moved};
use crate::kinds::Played;
use crate::log::{By, Of};

type Event = EventRecord;

impl<R: Played> Server<R> {
    /// Hands the rows of a series to the next one where the first has been deleted. Nothing shows that they changed.
    pub(super) fn re_parent(inside: &mut Inside<R>, deleted: &Name) {
        let mut children: Vec<(Option<DateTime<Utc>>, Name)> = inside
            .records
            .iter()
            .filter(|((owner, _), lying)| *owner == deleted.0 && !lying.deleted)
            .filter_map(|(name, lying)| Some((lying.row.as_ref()?, name)))
            .filter(|(row, _)| row.of == deleted.1)
            .map(|(row, name)| (row.as_made.starts_at(), name.clone()))
            .collect();
        children.sort();
        let Some((_, (_, first))) = children.first().cloned() else {
            return;
        };
        if inside.moved.contains(&deleted.1) {
            inside.moved.insert(first.clone());
        }
        for (_, name) in children {
            if let Some(row) = inside.records.get_mut(&name).and_then(|lying| lying.row.as_mut()) {
                row.of = first.clone();
            }
        }
    }
}

impl Server<Event> {
    /// A person makes a series: the same record again and again, so much later each time.
    pub(crate) fn person_makes_rows(&self, link: usize, id: &str, record: &Event, after: &[Duration]) {
        let first = RemoteId::new(self.collection(), format!("{id}-0"));
        let mut inside = self.inside.lock().unwrap();
        for (number, by) in after.iter().enumerate() {
            let id = RemoteId::new(self.collection(), format!("{id}-{number}"));
            let record = moved(record, *by);
            let fresh = self.fresh(record, format!("unmapped of {id}"), None, None);
            self.put_row(&mut inside, &(link, id), &first, fresh);
        }
    }

    fn put_row(&self, inside: &mut Inside<Event>, name: &Name, first: &RemoteId, lying: Lying<Event>) {
        let row = Row {
            of: first.clone(),
            as_made: lying.snapshot.record.clone(),
        };
        self.log.add(Event::entry(Of::Row {
            end: self.end(name.0),
            id: name.1.clone(),
            of: first.clone(),
        }));
        let lying = Lying {
            row: Some(row),
            ..lying
        };
        self.put(inside, name, By::Person, Some(lying), |_| {});
    }

    /// The series of one user that are kept as rows, by their first ones.
    pub(crate) fn living_rows(&self, link: usize) -> Vec<RemoteId> {
        let inside = self.inside.lock().unwrap();
        let mut first: Vec<RemoteId> = inside
            .records
            .iter()
            .filter(|((owner, _), lying)| *owner == link && !lying.deleted)
            .filter_map(|(_, lying)| Some(lying.row.as_ref()?.of.clone()))
            .collect();
        first.sort();
        first.dedup();
        first
    }

    /// The living rows of a series, in order.
    fn rows(inside: &Inside<Event>, link: usize, first: &RemoteId) -> Vec<(Name, Lying<Event>)> {
        let mut rows: Vec<(Name, Lying<Event>)> = inside
            .records
            .iter()
            .filter(|((owner, _), lying)| *owner == link && !lying.deleted)
            .filter(|(_, lying)| lying.row.as_ref().is_some_and(|row| row.of == *first))
            .map(|(name, lying)| (name.clone(), lying.clone()))
            .collect();
        rows.sort_by_key(|(_, lying)| lying.row.as_ref().map(|row| row.as_made.when.starts_at()));
        rows
    }

    /// A person edits a whole series, or moves it: the first row is changed, all others are deleted and made anew, each
    /// in its place.
    pub(crate) fn person_edits_rows(
        &self,
        link: usize,
        first: &RemoteId,
        by: Duration,
        edit: impl Fn(&mut Event),
    ) {
        let mut inside = self.inside.lock().unwrap();
        let rows = Self::rows(&inside, link, first);
        let Some((_, root)) = rows.first() else { return };
        let root = root.snapshot.record.clone();
        inside.moved.insert(first.clone());
        for (number, (name, old)) in rows.iter().enumerate() {
            let Some(row) = &old.row else { continue };
            let mut record = root.clone();
            record.take(EventField::When, &moved(&row.as_made, by));
            edit(&mut record);
            let mut lying = old.clone();
            lying.snapshot.record = record;
            if number == 0 {
                self.put_row(&mut inside, name, first, lying);
                continue;
            }
            // Gone under its name, and there under another one.
            let made = inside.feed.len();
            let id = RemoteId::new(self.collection(), format!("{}-anew-{made}", first.id));
            self.log.add(Event::entry(Of::Renamed {
                end: self.end(link),
                from: name.1.clone(),
                to: id.clone(),
            }));
            self.leave(&mut inside, name);
            let to = (link, id);
            inside.records.insert(to.clone(), old.clone());
            lying.snapshot.unmapped = format!("unmapped of {}", to.1);
            self.put_row(&mut inside, &to, first, lying);
        }
    }

    /// A record is gone under its name, and lives on under another one.
    fn leave(&self, inside: &mut Inside<Event>, name: &Name) {
        inside.versions += 1;
        let (now, version) = (self.clock.now(), inside.versions);
        if let Some(lying) = inside.records.get_mut(name) {
            lying.deleted = true;
            lying.row = None;
            lying.version = version;
            lying.changed_at = now;
        }
        inside.feed.push((now, name.clone()));
    }

    /// A person deletes a whole series.
    pub(crate) fn person_deletes_rows(&self, link: usize, first: &RemoteId) {
        let mut inside = self.inside.lock().unwrap();
        for (name, _) in Self::rows(&inside, link, first).into_iter().rev() {
            self.put(&mut inside, &name, By::Person, None, |lying| lying.deleted = true);
        }
    }
}
