//! The occurrences of a series.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use sync_core::change::{Change, Observed, Reading, Window};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::event::EventRecord;

use super::convert::observed;
use super::read::{PAGES_MAX, page_query, timestamp};
use super::wire::{Event, Item, Page};
use super::{GoogleCalendar, failure_of};
use crate::api::Call;

/// Most occurrences of one series that are carried. Each becomes a record of its own where a CRM keeps no rules, and
/// more than a thousand in a year, nearly three a day, is a reminder clock rather than meetings: SuiteCRM makes no longer
/// series itself, and a personal quota of 600 calls a minute would be spent on one event.
const OCCURRENCES_MAX: usize = 1_000;

/// The end of a window that has none.
const NEVER: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

/// Why a series is not carried.
const DENSE_CODE: &str = "series_too_dense";

/// What a person reads about it.
const DENSE_MESSAGE: &str = "This series has more than 1,000 occurrences in the time that is kept in step, so none of \
    them is carried over. Give it an end, or longer steps, in Google Calendar";

/// What a list of occurrences brought.
pub(super) enum Occurrences {
    Found(Vec<Observed<EventRecord>>),
    /// The series is deleted.
    Gone,
    /// They are more than are carried.
    TooMany,
}

impl GoogleCalendar {
    /// The occurrences of a series inside the window, or from its beginning on where the series is to be known whole, and
    /// the exceptions just reported, wherever they lie: one that was moved out of the window is not deleted. `None` where the series is gone meanwhile; the next
    /// delta says so. A series with too many is left out as a whole.
    pub(super) async fn occurrences(
        &self,
        calendar: &str,
        (series, whole): (&str, bool),
        exceptions: &[Observed<EventRecord>],
        window: Window,
    ) -> Result<Option<Change<EventRecord>>, Failure> {
        let until = if whole { NEVER } else { window.until };
        let window = Window { until, ..window };
        let id = RemoteId::new(calendar, series);
        let mut found = match self.list_occurrences(&id, Some(window)).await? {
            Occurrences::Found(found) => found,
            Occurrences::Gone => return Ok(None),
            Occurrences::TooMany => {
                return Ok(Some(Change::Unreadable {
                    id,
                    code: DENSE_CODE,
                    message: DENSE_MESSAGE.to_owned(),
                }));
            }
        };
        let known: BTreeSet<&str> = found.iter().map(|seen| seen.id.id.as_str()).collect();
        let more: Vec<_> = exceptions
            .iter()
            .filter(|seen| !known.contains(seen.id.id.as_str()))
            .cloned()
            .collect();
        found.extend(more);
        Ok(Some(Change::Series {
            id,
            occurrences: found,
            whole,
        }))
    }

    /// Lists the occurrences of a series that begin inside the window, or all of them.
    pub(super) async fn list_occurrences(
        &self,
        series: &RemoteId,
        window: Option<Window>,
    ) -> Result<Occurrences, Failure> {
        let role = self.facts(&series.collection).access_role;
        let mut found: Vec<Observed<EventRecord>> = Vec::new();
        let mut page_token = None;
        for _ in 0..PAGES_MAX {
            let mut query = page_query(page_token.take());
            if let Some(window) = window {
                query.push(("timeMin", timestamp(window.from)));
                if window.until != NEVER {
                    query.push(("timeMax", timestamp(window.until)));
                }
            }
            let path = ["calendars", &series.collection, "events", &series.id, "instances"];
            let answer = self
                .api
                .send(Call {
                    method: Method::GET,
                    path: &path,
                    query,
                    if_match: None,
                    body: None,
                })
                .await?;
            match answer.status {
                200 => {}
                404 | 410 => return Ok(Occurrences::Gone),
                _ => return Err(failure_of(&answer)),
            }
            let page: Page = answer.json()?;
            for item in page.items {
                let Item::Event(event) = item else { continue };
                if event.is_cancelled() {
                    continue;
                }
                // Google takes in what began before the window and reaches into it.
                let inside = |seen: &Observed<EventRecord>| {
                    window.is_none_or(|window| window.holds(seen.record.when.starts_at()))
                };
                found.extend(
                    observed(&self.marker, &series.collection, role.as_deref(), &event).filter(inside),
                );
            }
            if found.len() > OCCURRENCES_MAX {
                return Ok(Occurrences::TooMany);
            }
            page_token = page.next_page_token;
            if page_token.is_none() {
                return Ok(Occurrences::Found(found));
            }
        }
        Err(Failure::bug(
            "list_endless",
            "Google's list of occurrences does not end",
        ))
    }

    /// A series asked for by its own name, because it was left out before: it still is, or its occurrences are
    /// carried. The series itself is no record either way.
    pub(super) async fn read_series(&self, id: &RemoteId) -> Result<Reading<EventRecord>, Failure> {
        let window = *self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(window) = window else {
            return Ok(Reading::OutOfReach);
        };
        Ok(
            match self
                .occurrences(&id.collection, (&id.id, false), &[], window)
                .await?
            {
                None => Reading::Gone,
                Some(Change::Unreadable { id: _, code, message }) => Reading::Unreadable { code, message },
                Some(_) => Reading::OutOfReach,
            },
        )
    }
}

/// The series that a change leaves out.
pub(super) fn left_out(change: &Change<EventRecord>) -> Option<&RemoteId> {
    match change {
        Change::Unreadable { id, .. } => Some(id),
        Change::Present(_) | Change::Removed(_) | Change::Left(_) | Change::Series { .. } => None,
    }
}

/// Whether a series says itself that it ended before the window, with two days to spare for zones. Its
/// occurrences are not asked for then: a first list would otherwise cost a call for every series there ever was.
pub(super) fn has_ended(series: &Event, from: DateTime<Utc>) -> bool {
    let last_day = (from - TimeDelta::days(2)).format("%Y%m%d").to_string();
    let ended = |rule: &str| {
        rule.split([';', ':'])
            .find_map(|part| part.strip_prefix("UNTIL="))
            .and_then(|until| until.get(..8))
            .is_some_and(|until| until.chars().all(|c| c.is_ascii_digit()) && until < last_day.as_str())
    };
    series
        .recurrence
        .iter()
        .all(|line| line.starts_with("EXDATE") || line.starts_with("RRULE") && ended(line))
}
