//! Finding what is no longer there.
//!
//! A deleted record leaves no trace that can be asked for, and one that was given away, or an event that was turned into
//! a task, just leaves the list. So the numbers of the user's records are kept in the cursor, and compared with the
//! CRM's, for each kind by itself.
//!
//! # What it costs
//!
//! Every run makes one request a kind: the last ids of the user's list, asked for by their places. Wherever a record is
//! missing, all behind it move up, so this one page tells for all of them, however many they are. Only where it is
//! other than expected the ids are walked along, a hundred a request. Nothing is left for a later run, so a deletion
//! is carried within one interval. What could mask one (another record entered into the database by hand at the same
//! time) is found by the weekly whole reading.
//!
//! Contacts that are marked with a tag are always walked along, because a tag leaves no trace on the contact: a request a
//! hundred of them.
//!
//! # When an absence counts
//!
//! A query that fails inside is answered like one that finds nothing, and a user who may no longer see a record is
//! told the same as one who asks for a deleted one. So a record counts as deleted when the list lacks it, a query
//! for its id finds it in no class, a retrieval by that id is denied, and right after that the CRM shows that
//! it answers queries and that the API user still is an administrator, from whom nothing is hidden.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::change::Change;
use sync_core::failure::{Class, Failure};

use super::door::Door;
use super::failure::VtigerFailure;
use super::read::{Progress, furthest, stuck};
use super::shape::Shape;
use super::wire::{PAGE_ROWS, Query, Row, WireId};

/// More missing records than this are not looked for one by one: a whole reading is quicker.
const MISSING_MAX: usize = 500;

/// Why the class of a kind lacks a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// It is deleted.
    Deleted,
    /// It has passed to the other class: an event has become a task, or the other way round.
    Passed,
}

impl<S: Shape> Door<S> {
    /// Compares the known records with the CRM's, and takes the differences over into what was read.
    pub(super) async fn sweep(&self, owner: WireId, progress: &mut Progress<S>) -> Result<(), Failure> {
        let Some(first) = progress.known.from(0).next() else {
            return Ok(());
        };
        let marks = self.shape.silent_marks(&self.site());
        let start = self.site().id(first.saturating_sub(1));
        let theirs = Query::select("id", S::MODULE)
            .owned_by(owner)
            .starting_from(progress.from);
        if marks.is_none() {
            // One row more than is expected, so that an unknown one behind the last is seen too.
            let place = progress.known.len().saturating_sub(PAGE_ROWS - 1);
            let tail = theirs.behind(start).ordered("id", place, PAGE_ROWS);
            let tail = self.api.query_noting(&tail, &progress.earliest).await?;
            if numbers(&tail).eq(progress.known.from(place)) {
                return Ok(());
            }
        }
        let mut standing = BTreeSet::new();
        let mut marked = BTreeSet::new();
        let columns = marks.map_or_else(|| "id".to_owned(), |column| format!("id,{column}"));
        let mut last = start;
        loop {
            let page = Query::select(&columns, S::MODULE)
                .owned_by(owner)
                .starting_from(progress.from)
                .behind(last)
                .ordered("id", 0, PAGE_ROWS);
            let page = self.api.query_noting(&page, &progress.earliest).await?;
            let Some(end) = furthest(&page) else { break };
            if end.number <= last.number {
                return Err(stuck());
            }
            standing.extend(numbers(&page));
            let bear = page.iter().filter(|row| self.shape.is_marked(row, &self.site()));
            marked.extend(bear.filter_map(|row| Some(row.id("id")?.number)));
            last = end;
        }
        let missing: Vec<u64> = progress
            .known
            .from(0)
            .filter(|number| !standing.contains(number))
            .collect();
        // Unknown to us, or marked otherwise than we know.
        let other: Vec<u64> = standing
            .into_iter()
            .filter(|number| {
                let is_same = progress.marked.contains(*number) == marked.contains(number);
                !progress.known.contains(*number) || !is_same
            })
            .collect();
        tracing::debug!(
            crm.module = S::MODULE.as_str(),
            missing = missing.len(),
            other = other.len(),
            "the CRM's list of records was walked along"
        );
        let rows = self.rows_of(&other).await?;
        self.take(rows, progress).await?;
        self.explain(&missing, progress).await
    }

    /// Finds out what became of records that the user's list lacks.
    async fn explain(&self, missing: &[u64], progress: &mut Progress<S>) -> Result<(), Failure> {
        if missing.len() > MISSING_MAX {
            let message = "so many records are missing that everything is read again";
            return Err(Failure::new(Class::Resync, "many_missing", message));
        }
        // Without regard to the owner, so that what was given away is seen.
        let rows = self.rows_of(missing).await?;
        let found: BTreeSet<u64> = numbers(&rows).collect();
        let (own, given): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| self.is_mine(row));
        self.take(own, progress).await?;
        for number in numbers(&given) {
            progress.forget(number);
            progress.changes.push(Change::Left(self.name(number)));
        }
        let absent: Vec<u64> = missing
            .iter()
            .copied()
            .filter(|number| !found.contains(number))
            .collect();
        for (number, absence) in self.absences(&absent).await? {
            progress.forget(number);
            let name = self.name(number);
            progress.changes.push(match absence {
                Absence::Deleted => Change::Removed(name),
                Absence::Passed => Change::Left(name),
            });
        }
        Ok(())
    }

    /// Why the class of the kind lacks this one.
    pub(super) async fn absence_of(&self, number: u64) -> Result<Absence, Failure> {
        let absences = self.absences(&[number]).await?;
        absences.get(&number).copied().ok_or_else(contradiction)
    }

    /// Why the class of the kind lacks these, none of which a query for its id has found.
    async fn absences(&self, numbers: &[u64]) -> Result<BTreeMap<u64, Absence>, Failure> {
        let mut absences = BTreeMap::new();
        if numbers.is_empty() {
            return Ok(absences);
        }
        let site = self.site();
        if let Some(twin) = S::TWIN {
            for some in numbers.chunks(PAGE_ROWS) {
                let ids: Vec<WireId> = some.iter().filter_map(|number| site.twin(*number)).collect();
                let passed = Query::select("id", twin).with_ids(&ids);
                let passed = self.api.query(&passed).await?;
                absences.extend(self::numbers(&passed).map(|number| (number, Absence::Passed)));
            }
        }
        for number in numbers
            .iter()
            .filter(|number| !absences.contains_key(*number))
            .copied()
            .collect::<Vec<_>>()
        {
            match self.api.retrieve(site.id(number)).await {
                Err(VtigerFailure::Denied) => {
                    absences.insert(number, Absence::Deleted);
                }
                // It is there after all: the query failed and did not say so.
                Ok(_) => return Err(contradiction()),
                Err(cause) => return Err(cause.into()),
            }
        }
        if absences.values().any(|absence| *absence == Absence::Deleted) {
            self.api.assert_sees_everything().await?;
        }
        Ok(absences)
    }

    /// The records of these numbers, whoever owns them.
    async fn rows_of(&self, numbers: &[u64]) -> Result<Vec<Row>, Failure> {
        let site = self.site();
        let mut rows = Vec::new();
        for some in numbers.chunks(PAGE_ROWS) {
            let ids: Vec<WireId> = some.iter().map(|number| site.id(*number)).collect();
            rows.extend(self.api.query(&self.select().with_ids(&ids)).await?);
        }
        Ok(rows)
    }
}

fn numbers(rows: &[Row]) -> impl Iterator<Item = u64> + '_ {
    rows.iter().filter_map(|row| Some(row.id("id")?.number))
}

fn contradiction() -> Failure {
    Failure::retryable(
        "contradictory_answers",
        "the CRM's answers contradict each other: a query does not find a record that is there",
        None,
    )
}
