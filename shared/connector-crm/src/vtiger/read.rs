//! Reading events: whole, by what changed, and one at a time.
//!
//! Lists end with an empty page, never with a short one. A whole listing goes by id, a delta by time of change and
//! id, so that rows which change meanwhile neither hide nor push out others.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures::future::join;
use serde::{Deserialize, Serialize};
use sync_core::change::{Change, ChangeSet, Reading, Window};
use sync_core::failure::{Class, Failure};
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::event::EventRecord;
use sync_core::port::ReadRequest;

use super::convert::{self, day_before, remote_id};
use super::events::VtigerEvents;
use super::known::Known;
use super::site::Site;
use super::sweep::Absence;
use super::wire::{Module, PAGE_ROWS, Query, Row, WireId, parse_stamp};
use crate::earliest::Earliest;

/// How far a watermark lies before the first answer of the reading that set it. Times of change are those at which a
/// save began, to the second; workflows and mails can hold it for a minute before it is seen.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);
/// A time of change that lies further ahead of the CRM's own clock was written in another zone than UTC. The nearest
/// zone ahead is an hour away, and a reading takes minutes.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(45);
/// The shape of the cursor.
const CURSOR_SCHEMA: u32 = 1;

/// Where a reading resumes.
#[derive(Debug, Serialize, Deserialize)]
struct Position {
    schema: u32,
    /// By the CRM's clock: everything that changed before it has been read.
    watermark: DateTime<Utc>,
    /// The first day whose events are known.
    from: NaiveDate,
    /// Their numbers, packed.
    known: String,
    site: Site,
}

/// A reading under way.
pub(super) struct Progress {
    pub(super) changes: Vec<Change<EventRecord>>,
    pub(super) known: Known,
    /// The first day whose events are known.
    pub(super) from: NaiveDate,
    pub(super) earliest: Earliest,
}

impl VtigerEvents {
    /// Reads what changed since the cursor, or everything inside the window.
    pub(super) async fn read_changes(
        &self,
        request: &ReadRequest,
    ) -> Result<ChangeSet<EventRecord>, Failure> {
        let owner = self.owner().await?;
        let (progress, complete, former) = match &request.cursor {
            None => {
                let progress = self.read_all(owner, request.window).await?;
                (
                    progress,
                    BTreeSet::from([Module::Events.as_str().to_owned()]),
                    None,
                )
            }
            Some(cursor) => {
                let (position, known) = self.resumed(cursor)?;
                let mut progress = Progress {
                    changes: Vec::new(),
                    known,
                    from: position.from,
                    earliest: Earliest::default(),
                };
                self.read_delta(owner, position.watermark, &mut progress).await?;
                self.sweep(owner, &mut progress).await?;
                (progress, BTreeSet::new(), Some(position.watermark))
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
    pub(super) async fn read_one(&self, id: &RemoteId) -> Result<Reading<EventRecord>, Failure> {
        let wire = Self::wire_id(id)?;
        let Some(row) = self.fetch(wire).await? else {
            return Ok(match self.absence_of(wire.number).await? {
                Absence::Deleted => Reading::Gone,
                Absence::Task => Reading::OutOfReach,
            });
        };
        if !self.is_mine(&row) {
            return Ok(Reading::OutOfReach);
        }
        let observed = convert::observed(&row, self.user.zone, &self.api.base_url);
        Ok(observed.map_or_else(
            |cause| Reading::Unreadable {
                code: cause.code(),
                message: unreadable_message(cause),
            },
            Reading::Present,
        ))
    }

    fn resumed(&self, cursor: &Cursor) -> Result<(Position, Known), Failure> {
        let position = serde_json::from_str::<Position>(&cursor.0)
            .ok()
            .filter(|position| position.schema == CURSOR_SCHEMA);
        let known = position
            .as_ref()
            .and_then(|position| Known::unpacked(&position.known));
        let Some(resumed) = position.zip(known) else {
            let message = "the cursor was written by another version";
            return Err(Failure::new(Class::Resync, "cursor_unknown", message));
        };
        self.learn(|site| site.clone_from(&resumed.0.site));
        Ok(resumed)
    }

    async fn read_all(&self, owner: WireId, window: Window) -> Result<Progress, Failure> {
        self.learn_site().await;
        let mut progress = Progress {
            changes: Vec::new(),
            known: Known::default(),
            from: day_before(window.from),
            earliest: Earliest::default(),
        };
        let mut last = self.site().event(0);
        loop {
            let query = Query::select(&self.site().columns(), Module::Events)
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
            self.take(&page, &mut progress)?;
            last = end;
        }
    }

    async fn read_delta(
        &self,
        owner: WireId,
        since: DateTime<Utc>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let columns = self.site().columns();
        let mut query = Query::select(&columns, Module::Events)
            .owned_by(owner)
            .changed_since(since);
        let mut reached: Option<(DateTime<Utc>, WireId)> = None;
        loop {
            let asked = query.ordered("modifiedtime,id", 0, PAGE_ROWS);
            let page = self.api.query_noting(&asked, &progress.earliest).await?;
            let Some(last) = page.last() else { return Ok(()) };
            let place = parse_stamp(&last.text("modifiedtime")).zip(last.id("id"));
            let Some(place) = place.filter(|place| reached.is_none_or(|reached| reached < *place)) else {
                return Err(stuck());
            };
            self.take(&page, progress)?;
            reached = Some(place);
            query = Query::select(&columns, Module::Events).owned_and_changed_behind(owner, place.0, place.1);
        }
    }

    /// Takes rows over into what was read.
    pub(super) fn take(&self, rows: &[Row], progress: &mut Progress) -> Result<(), Failure> {
        let from = progress.from.to_string();
        for row in rows.iter().filter(|row| self.is_mine(row)) {
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
            if row.text("date_start") >= from {
                progress.known.insert(id.number);
            } else {
                progress.known.remove(id.number);
            }
            progress
                .changes
                .push(match convert::observed(row, self.user.zone, &self.api.base_url) {
                    Ok(observed) => Change::Present(observed),
                    Err(cause) => Change::Unreadable {
                        id: remote_id(row),
                        code: cause.code(),
                        message: unreadable_message(cause),
                    },
                });
        }
        Ok(())
    }

    /// Asks the site what it is made of. Where it does not say, the usual holds.
    async fn learn_site(&self) {
        let (events, tasks) = join(
            self.api.describe(Module::Events),
            self.api.describe(Module::Calendar),
        )
        .await;
        match events {
            Ok(described) => self.learn(|site| site.learn_events(&described)),
            Err(cause) => tracing::debug!(%cause, "the fields of events are not known"),
        }
        match tasks {
            Ok(described) => self.learn(|site| site.learn_tasks(&described)),
            Err(cause) => tracing::debug!(%cause, "the class of tasks is not known"),
        }
    }
}

/// The last id of a page, which need not be that of its last row.
pub(super) fn furthest(page: &[Row]) -> Option<WireId> {
    page.iter()
        .filter_map(|row| row.id("id"))
        .max_by_key(|id| id.number)
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

fn unreadable_message(cause: convert::Unreadable) -> String {
    format!("The event cannot be carried over: {cause}.")
}
