//! Reading one user's records: whole, by what changed, and one at a time.
//!
//! Lists end with an empty page, never with a short one. A whole listing goes by id, a delta by time of change and
//! id, so that rows which change meanwhile neither hide nor push out others.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures::future::{OptionFuture, join};
use serde::{Deserialize, Serialize};
use sync_core::change::{Change, ChangeSet, Reading, Window};
use sync_core::failure::{Class, Failure};
use sync_core::id::{Cursor, RemoteId};
use sync_core::port::ReadRequest;

use super::door::Door;
use super::known::Known;
use super::shape::{Shape, Unreadable};
use super::site::Site;
use super::sweep::Absence;
use super::wire::{PAGE_ROWS, Row, WireId, parse_stamp};
use crate::earliest::Earliest;

/// How far a watermark lies before the first answer of the reading that set it. Times of change are those at which a
/// save began, to the second; workflows and mails can hold it for a minute before it is seen.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);
/// A time of change that lies further ahead of the CRM's own clock was written in another zone than UTC. The nearest
/// zone ahead is an hour away, and a reading takes minutes.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(45);
/// The shape of the cursor.
const CURSOR_SCHEMA: u32 = 2;

/// Where a reading resumes.
#[derive(Debug, Serialize, Deserialize)]
struct Position {
    schema: u32,
    /// By the CRM's clock: everything that changed before it has been read.
    watermark: DateTime<Utc>,
    /// The first day whose records are known; `None` where all are.
    from: Option<NaiveDate>,
    /// Their numbers, packed.
    known: String,
    /// The numbers of those that are marked without a trace, packed.
    marked: String,
    site: Site,
}

/// A reading under way.
pub(super) struct Progress<S: Shape> {
    pub(super) changes: Vec<Change<S::Record>>,
    pub(super) known: Known,
    /// Those among them that are marked without a trace.
    pub(super) marked: Known,
    /// The first day whose records are known; `None` where all are.
    pub(super) from: Option<NaiveDate>,
    pub(super) earliest: Earliest,
}

impl<S: Shape> Progress<S> {
    fn new(from: Option<NaiveDate>) -> Self {
        Self {
            changes: Vec::new(),
            known: Known::default(),
            marked: Known::default(),
            from,
            earliest: Earliest::default(),
        }
    }

    /// Forgets a record that is the user's no more.
    pub(super) fn forget(&mut self, number: u64) {
        self.known.remove(number);
        self.marked.remove(number);
    }
}

impl<S: Shape> Door<S> {
    /// Reads what changed since the cursor, or everything inside the window.
    pub(super) async fn read_changes(&self, request: &ReadRequest) -> Result<ChangeSet<S::Record>, Failure> {
        self.shape.check_settings()?;
        let owner = self.owner().await?;
        let (progress, complete, former) = match &request.cursor {
            None => {
                let progress = self.read_all(owner, request.window).await?;
                let complete = BTreeSet::from([S::MODULE.as_str().to_owned()]);
                (progress, complete, None)
            }
            Some(cursor) => {
                let (watermark, mut progress) = self.resumed(cursor)?;
                self.read_on(owner, watermark, &mut progress)
                    .await
                    .map_err(asked_for_too_much)?;
                (progress, BTreeSet::new(), Some(watermark))
            }
        };
        // Without any date in the answers the old watermark stays: more is read again, nothing is passed over.
        let watermark = progress
            .earliest
            .get()
            .and_then(|date| date.checked_sub_signed(OVERLAP))
            .or(former)
            .unwrap_or(DateTime::UNIX_EPOCH);
        let position = Position {
            schema: CURSOR_SCHEMA,
            watermark,
            from: progress.from,
            known: progress.known.packed(),
            marked: progress.marked.packed(),
            site: self.site(),
        };
        let cursor = serde_json::to_string(&position)
            .map_err(|_| Failure::bug("cursor_unwritable", "the cursor cannot be written down"))?;
        Ok(ChangeSet {
            changes: progress.changes,
            complete,
            cursor: Cursor(cursor),
            time_zone: None,
        })
    }

    /// Reads one record as it is now.
    pub(super) async fn read_one(&self, id: &RemoteId) -> Result<Reading<S::Record>, Failure> {
        let wire = Self::wire_id(id)?;
        self.learn_what_decides().await?;
        let Some(row) = self.fetch(wire).await? else {
            return Ok(match self.absence_of(wire.number).await? {
                Absence::Deleted => Reading::Gone,
                Absence::Passed => Reading::OutOfReach,
            });
        };
        if !self.is_mine(&row) {
            return Ok(Reading::OutOfReach);
        }
        let observed = self.seen(&row);
        Ok(observed.map_or_else(
            |cause| Reading::Unreadable {
                code: cause.code(),
                message: unreadable_message::<S>(cause),
            },
            Reading::Present,
        ))
    }

    fn resumed(&self, cursor: &Cursor) -> Result<(DateTime<Utc>, Progress<S>), Failure> {
        let position = serde_json::from_str::<Position>(&cursor.0)
            .ok()
            .filter(|position| position.schema == CURSOR_SCHEMA);
        let numbers = position.as_ref().and_then(|position| {
            let known = Known::unpacked(&position.known);
            known.zip(Known::unpacked(&position.marked))
        });
        let Some((position, (known, marked))) = position.zip(numbers) else {
            let message = "the cursor was written by another version";
            return Err(Failure::new(Class::Resync, "cursor_unknown", message));
        };
        self.learn(|site| *site = position.site);
        let progress = Progress {
            known,
            marked,
            ..Progress::new(position.from)
        };
        Ok((position.watermark, progress))
    }

    async fn read_all(&self, owner: WireId, window: Window) -> Result<Progress<S>, Failure> {
        self.learn_site().await?;
        let mut progress = Progress::new(self.shape.first_day(window));
        let mut last = self.site().id(0);
        loop {
            let query = self
                .select()
                .owned_by(owner)
                .starting_from(progress.from)
                .behind(last)
                .ordered("id", 0, PAGE_ROWS);
            let page = self.api.query_noting(&query, &progress.earliest).await?;
            let Some(end) = furthest(&page) else {
                return Ok(progress);
            };
            if end.number <= last.number {
                return Err(stuck());
            }
            self.take(page, &mut progress).await?;
            last = end;
        }
    }

    /// Reads what changed and what is missing.
    async fn read_on(
        &self,
        owner: WireId,
        since: DateTime<Utc>,
        progress: &mut Progress<S>,
    ) -> Result<(), Failure> {
        self.read_delta(owner, since, progress).await?;
        self.sweep(owner, progress).await
    }

    async fn read_delta(
        &self,
        owner: WireId,
        since: DateTime<Utc>,
        progress: &mut Progress<S>,
    ) -> Result<(), Failure> {
        let mut query = self.select().owned_by(owner).changed_since(since);
        let mut reached: Option<(DateTime<Utc>, WireId)> = None;
        loop {
            let asked = query.ordered("modifiedtime,id", 0, PAGE_ROWS);
            let page = self.api.query_noting(&asked, &progress.earliest).await?;
            let Some(last) = page.last() else { return Ok(()) };
            let place = parse_stamp(&last.text("modifiedtime")).zip(last.id("id"));
            let Some(place) = place.filter(|place| reached.is_none_or(|reached| reached < *place)) else {
                return Err(stuck());
            };
            self.take(page, progress).await?;
            reached = Some(place);
            query = self.select().owned_and_changed_behind(owner, place.0, place.1);
        }
    }

    /// Takes rows over into what was read.
    pub(super) async fn take(&self, rows: Vec<Row>, progress: &mut Progress<S>) -> Result<(), Failure> {
        let mut rows = rows;
        rows.retain(|row| self.is_mine(row));
        self.shape.complete(&self.api, &mut rows).await?;
        let from = progress.from.map(|day| day.to_string());
        for row in rows {
            let Some(id) = row.id("id") else { continue };
            let ahead = progress
                .earliest
                .get()
                .zip(parse_stamp(&row.text("modifiedtime")))
                .is_some_and(|(now, changed)| changed - now > AHEAD_MAX);
            if ahead {
                return Err(database_zone());
            }
            // The same comparison as the database makes: of texts.
            let is_reached = from.as_ref().is_none_or(|from| row.text("date_start") >= *from);
            progress.known.set(id.number, is_reached);
            progress
                .marked
                .set(id.number, self.shape.is_marked(&row, &self.site()));
            progress.changes.push(match self.seen(&row) {
                Ok(observed) => Change::Present(observed),
                Err(cause) => Change::Unreadable {
                    id: RemoteId::new(S::MODULE.as_str(), row.text("id")),
                    code: cause.code(),
                    message: unreadable_message::<S>(cause),
                },
            });
        }
        Ok(())
    }

    /// Asks the site what it is made of where nothing was read before and the kind cannot be read without: a record by
    /// itself must say the same as in a reading of all.
    pub(super) async fn learn_what_decides(&self) -> Result<(), Failure> {
        if self.shape.needs_description() && !self.site().is_described {
            self.learn_site().await?;
        }
        Ok(())
    }

    /// Asks the site what it is made of. Where it does not say, the usual holds.
    ///
    /// # Errors
    /// Where the kind cannot be read without.
    pub(super) async fn learn_site(&self) -> Result<(), Failure> {
        let twin: OptionFuture<_> = S::TWIN.map(|twin| self.api.describe(twin)).into();
        let (own, twin) = join(self.api.describe(S::MODULE), twin).await;
        match own {
            Ok(described) => self.learn(|site| site.learn(&self.shape, &described)),
            Err(cause) if self.shape.needs_description() => return Err(cause.into()),
            Err(cause) => {
                tracing::debug!(crm.module = S::MODULE.as_str(), %cause, "the fields of a module are not known");
            }
        }
        match twin {
            Some(Ok(described)) => self.learn(|site| site.learn_twin(&described)),
            Some(Err(cause)) => {
                tracing::debug!(crm.module = S::MODULE.as_str(), %cause, "the class of a module's twin is not known");
            }
            None => {}
        }
        if self.shape.needs_description() && !self.site().is_described {
            let message = "the CRM does not tell which fields its records have";
            return Err(Failure::retryable("not_described", message, None));
        }
        Ok(())
    }
}

/// The last id of a page, which need not be that of its last row.
pub(super) fn furthest(page: &[Row]) -> Option<WireId> {
    page.iter()
        .filter_map(|row| row.id("id"))
        .max_by_key(|id| id.number)
}

/// A query that was understood before and is not any more names a column that the site has lost since: so everything is
/// read again, after a look at what there is.
fn asked_for_too_much(failure: Failure) -> Failure {
    if matches!(failure.code, "access_denied" | "query_refused") {
        return Failure::new(Class::Resync, "columns_lost", failure.message);
    }
    failure
}

pub(super) fn stuck() -> Failure {
    Failure::bug(
        "list_stuck",
        "the CRM shows the same page of records again and again",
    )
}

/// Times of change are not in UTC, so neither are the times of events, and what changed cannot be asked for.
pub(super) fn database_zone() -> Failure {
    Failure::permanent(
        "database_zone",
        "the CRM's database keeps times in another zone than UTC: set $default_timezone to UTC in its config.inc.php, \
         which is how Vtiger is delivered",
    )
}

fn unreadable_message<S: Shape>(cause: Unreadable) -> String {
    format!("The {} cannot be carried over: {cause}.", S::MODULE.noun())
}
