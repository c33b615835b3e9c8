//! Series in a calendar: occurrences named after their times, and what people do to the shape of the whole.

use chrono::Duration;
use sync_core::id::RemoteId;
use sync_core::kind::event::{EventRecord, When};

use super::{Inside, Lying, Name, Server};
use crate::kinds::Played;
use crate::log::{By, Of};

type Event = EventRecord;

impl<R: Played> Server<R> {
    /// Puts an occurrence of a series down, which may have been made from rows.
    pub(crate) fn put_occurrence(
        &self,
        inside: &mut Inside<R>,
        (link, by): (usize, By),
        (series, made_from): (&RemoteId, Option<&RemoteId>),
        record: R,
    ) {
        let original = record.starts_at().unwrap_or_default().format("%Y%m%dT%H%M%SZ");
        let id = RemoteId::new(series.collection.clone(), format!("{}_{original}", series.id));
        let unmapped = match by {
            By::Person => format!("unmapped of {id}"),
            By::Opening(_) => String::new(),
        };
        let fresh = Lying {
            series_made_from: made_from.cloned(),
            from_rows: made_from.is_some(),
            ..self.fresh(record, unmapped, None, Some(series.clone()))
        };
        self.put(inside, &(link, id), by, Some(fresh), |_| {});
        inside.feed.pop();
    }

    /// The feed names a changed series, not its occurrences.
    pub(crate) fn touch_series(&self, inside: &mut Inside<R>, link: usize, series: &RemoteId, deleted: bool) {
        inside.series.insert((link, series.clone()), deleted);
        inside.feed.push((self.clock.now(), (link, series.clone())));
    }
}

impl Server<Event> {
    /// A person makes a series. Its occurrences are named after their times, as Google does it.
    pub(crate) fn person_repeats(&self, link: usize, id: &str, record: &Event, times: u32, days: i64) {
        let series = RemoteId::new(self.collection(), id);
        let mut inside = self.inside.lock().unwrap();
        for time in 0..times {
            let occurrence = moved(record, Duration::days(days * i64::from(time)));
            self.put_occurrence(&mut inside, (link, By::Person), (&series, None), occurrence);
        }
        self.touch_series(&mut inside, link, &series, false);
    }

    /// The living occurrences that follow their series' rule, in order of time.
    fn occurrences(inside: &Inside<Event>, link: usize, series: &RemoteId) -> Vec<(Name, Event)> {
        let mut found: Vec<(Name, Event)> = inside
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
    pub(crate) fn person_edits_series(&self, link: usize, series: &RemoteId, edit: impl Fn(&mut Event)) {
        let mut inside = self.inside.lock().unwrap();
        for (name, _) in Self::occurrences(&inside, link, series) {
            self.put(&mut inside, &name, By::Person, None, |lying| {
                edit(&mut lying.snapshot.record);
            });
            inside.feed.pop();
        }
        self.touch_series(&mut inside, link, series, false);
    }

    /// A person moves a whole series: every occurrence goes by another name afterwards.
    pub(crate) fn person_moves_series(&self, link: usize, series: &RemoteId, by: Duration) {
        let mut inside = self.inside.lock().unwrap();
        let all = Self::occurrences(&inside, link, series);
        self.rename(&mut inside, link, all, series, |record| moved(record, by));
        self.touch_series(&mut inside, link, series, false);
    }

    /// A person changes so many occurrences and all that follow: another series goes on from there.
    pub(crate) fn person_splits_series(
        &self,
        link: usize,
        series: &RemoteId,
        keep: usize,
        id: &str,
        edit: impl Fn(&Event) -> Event,
    ) {
        let mut inside = self.inside.lock().unwrap();
        let rest: Vec<_> = Self::occurrences(&inside, link, series)
            .into_iter()
            .skip(keep)
            .collect();
        if rest.is_empty() {
            return;
        }
        let other = RemoteId::new(series.collection.clone(), id);
        inside.moved.insert(series.clone());
        self.rename(&mut inside, link, rest, &other, edit);
        self.touch_series(&mut inside, link, series, false);
        self.touch_series(&mut inside, link, &other, false);
    }

    /// Occurrences become occurrences of a series under new names.
    fn rename(
        &self,
        inside: &mut Inside<Event>,
        link: usize,
        occurrences: Vec<(Name, Event)>,
        series: &RemoteId,
        edit: impl Fn(&Event) -> Event,
    ) {
        inside.moved.insert(series.clone());
        // All of them leave their names before one of them takes another.
        let left: Vec<(Name, Event, Lying<Event>)> = occurrences
            .into_iter()
            .filter_map(|(name, record)| inside.records.remove(&name).map(|old| (name, record, old)))
            .collect();
        for (name, record, old) in left {
            let record = edit(&record);
            let original = record.when.starts_at().format("%Y%m%dT%H%M%SZ");
            let id = RemoteId::new(series.collection.clone(), format!("{}_{original}", series.id));
            let to = (link, id.clone());
            self.log.add(Event::entry(Of::Renamed {
                end: self.end(link),
                from: name.1,
                to: id,
            }));
            inside.records.insert(to.clone(), old);
            self.put(inside, &to, By::Person, None, |lying| {
                lying.snapshot.record = record;
                if lying.series.as_ref() != Some(series) {
                    // What was split off from a series of ours is not ours any more.
                    lying.series_made_from = None;
                }
                lying.series = Some(series.clone());
            });
            inside.feed.pop();
        }
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
        self.touch_series(&mut inside, link, series, false);
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
        self.touch_series(&mut inside, link, series, true);
    }
}

/// The same record at another time.
pub(crate) fn moved(record: &Event, by: Duration) -> Event {
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
    Event {
        when,
        ..record.clone()
    }
}
