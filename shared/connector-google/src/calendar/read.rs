//! Sync tokens and lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::future::FutureExt;
use futures::stream::{StreamExt, TryStreamExt};
use http::Method;
use sync_core::change::{Change, ChangeSet, Observed, Reading, Window};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::event::EventRecord;
use sync_core::port::ReadRequest;

use super::convert::{UNREADABLE_CODE, UNREADABLE_MESSAGE, observed, updated};
use super::cursor::{Mark, Marks};
use super::occurrences::{has_ended, left_out};
use super::wire::{EVENT_FIELDS, Event, Item, LIST_FIELDS, Page};
use super::{CALENDAR_CONCURRENCY, Facts, GoogleCalendar, failure_of};
use crate::api::Call;

/// Events on a page: Google's largest. Fewer pages are fewer calls.
const PAGE_EVENTS: &str = "2500";

/// Most pages of one list: a million events. A server that never ends its list must not hold a run for ever.
pub(super) const PAGES_MAX: usize = 400;

/// A whole list leaves out what lies before the window, but not what was changed lately: an event that was moved
/// there has to be seen, or its absence would look like a deletion.
const LATELY: TimeDelta = TimeDelta::days(30);

/// What a list brought.
enum Listing {
    Items {
        items: Vec<Item>,
        token: Option<String>,
    },
    /// Google no longer knows the sync token.
    TokenRefused,
}

/// What reading of one calendar brought.
struct CalendarRead {
    calendar: String,
    changes: Vec<Change<EventRecord>>,
    whole: bool,
    mark: Option<Mark>,
}

impl GoogleCalendar {
    pub(super) async fn read_changes(
        &self,
        request: &ReadRequest,
    ) -> Result<ChangeSet<EventRecord>, Failure> {
        let marks = Marks::read(request.cursor.as_ref());
        let window = request.window;
        *self.window.lock().unwrap_or_else(PoisonError::into_inner) = Some(window);
        let reads: Vec<_> = self
            .calendars
            .iter()
            .map(|calendar| {
                self.read_calendar(calendar, marks.usable(calendar, window), window)
                    .boxed()
            })
            .collect();
        let reads: Vec<CalendarRead> = futures::stream::iter(reads)
            .buffered(CALENDAR_CONCURRENCY)
            .try_collect()
            .await?;
        let (mut changes, mut complete, mut next) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        for read in reads {
            changes.extend(read.changes);
            if read.whole {
                complete.insert(read.calendar.clone());
            }
            next.extend(read.mark.map(|mark| (read.calendar, mark)));
        }
        let time_zone = std::iter::once(&self.target)
            .chain(&self.calendars)
            .find_map(|calendar| self.facts(calendar).time_zone);
        Ok(ChangeSet {
            changes,
            complete,
            cursor: Marks::new(next).to_cursor(),
            time_zone,
        })
    }

    async fn read_calendar(
        &self,
        calendar: &str,
        mark: Option<&Mark>,
        window: Window,
    ) -> Result<CalendarRead, Failure> {
        let delta = match mark {
            Some(mark) => self.list(calendar, Some(&mark.token)).await?,
            None => Listing::TokenRefused,
        };
        let (items, token, covered) = match (delta, mark) {
            (Listing::Items { items, token }, Some(mark)) => (items, token, Some((mark.from, mark.until))),
            (Listing::Items { .. } | Listing::TokenRefused, _) => match self.list(calendar, None).await? {
                Listing::Items { items, token } => (items, token, None),
                Listing::TokenRefused => {
                    return Err(Failure::bug(
                        "answer_unexpected",
                        "Google refuses a token that was not sent",
                    ));
                }
            },
        };
        let whole = covered.is_none();
        let (from, until) = covered.unwrap_or((window.from, window.until));
        Ok(CalendarRead {
            calendar: calendar.to_owned(),
            changes: self.to_changes(calendar, items, whole, window).await?,
            whole,
            mark: token.map(|token| Mark { token, from, until }),
        })
    }

    /// Reads all pages of a list. Only the last one has a sync token; a short or empty page is not the last.
    ///
    /// # Source
    /// <https://developers.google.com/workspace/calendar/api/guides/sync>: 410 for a token that has ended; 400
    /// was seen for one that never was.
    async fn list(&self, calendar: &str, token: Option<&str>) -> Result<Listing, Failure> {
        let (mut items, mut page_token): (Vec<Item>, Option<String>) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let mut query = page_query(page_token.take());
            query.extend(token.map(|token| ("syncToken", token.to_owned())));
            let path = ["calendars", calendar, "events"];
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
                400 | 410 if token.is_some() => return Ok(Listing::TokenRefused),
                404 => {
                    return Err(Failure::permanent(
                        "calendar_not_found",
                        "a calendar named in the settings is not there any more, or is no longer shared",
                    ));
                }
                _ => return Err(failure_of(&answer)),
            }
            let page: Page = answer.json()?;
            items.extend(page.items);
            if let Some(next) = page.next_page_token {
                page_token = Some(next);
                continue;
            }
            self.learn(
                calendar,
                Facts {
                    access_role: page.access_role,
                    time_zone: page.time_zone,
                },
            );
            return Ok(Listing::Items {
                items,
                token: page.next_sync_token,
            });
        }
        Err(Failure::bug(
            "list_endless",
            "Google's list of events does not end",
        ))
    }

    async fn to_changes(
        &self,
        calendar: &str,
        items: Vec<Item>,
        whole: bool,
        window: Window,
    ) -> Result<Vec<Change<EventRecord>>, Failure> {
        let role = self.facts(calendar).access_role;
        let lately = lately(&items, window);
        let mut changes = Vec::with_capacity(items.len());
        let mut series: Vec<Event> = Vec::new();
        let mut exceptions: BTreeMap<String, Vec<Observed<EventRecord>>> = BTreeMap::new();
        for item in items {
            let event = match item {
                Item::Event(event) => *event,
                Item::Odd { id } => {
                    changes.extend(id.map(|id| unreadable(RemoteId::new(calendar, id))));
                    continue;
                }
            };
            let id = RemoteId::new(calendar, &event.id);
            if event.is_cancelled() {
                changes.push(Change::Removed(id));
                continue;
            }
            if event.is_series() {
                // Birthdays and the like are never carried, so their occurrences need not be known.
                if event.is_ordinary() && !(whole && has_ended(&event, window.from)) {
                    series.push(event);
                }
                continue;
            }
            let Some(seen) = observed(&self.marker, calendar, role.as_deref(), &event) else {
                changes.push(unreadable(id));
                continue;
            };
            if let Some(series) = &event.recurring_event_id {
                exceptions.entry(series.clone()).or_default().push(seen.clone());
            }
            let outside = whole && seen.record.when.starts_at() < window.from;
            if !outside || updated(&event).is_none_or(|at| at >= lately) {
                changes.push(Change::Present(seen));
            }
        }
        let expansions: Vec<_> = series
            .iter()
            .map(|series| {
                let exceptions = exceptions.get(&series.id).map_or(&[][..], Vec::as_slice);
                let whole = series.has_end() && self.marker.is_made_from_rows(series);
                self.occurrences(calendar, (&series.id, whole), exceptions, window)
                    .boxed()
            })
            .collect();
        let expanded: Vec<Option<Change<EventRecord>>> = futures::stream::iter(expansions)
            .buffered(CALENDAR_CONCURRENCY)
            .try_collect()
            .await?;
        let expanded: Vec<_> = expanded.into_iter().flatten().collect();
        let dense: BTreeSet<&RemoteId> = expanded.iter().filter_map(left_out).collect();
        changes.retain(|change| {
            let series = present(change).and_then(|seen| seen.traits.series.as_ref());
            series.is_none_or(|series| !dense.contains(series))
        });
        // Behind the single changes, because they were read later.
        changes.extend(expanded);
        Ok(changes)
    }

    /// Reads one event. One that is gone from its calendar may have been moved to another one, where it keeps its id.
    ///
    /// # Source
    /// <https://developers.google.com/workspace/calendar/api/v3/reference/events/move>: the answer is the same event,
    /// and the calendar that it left shows it as cancelled.
    pub(super) async fn read_one(&self, id: &RemoteId) -> Result<Reading<EventRecord>, Failure> {
        let mut reading = self.read_there(id).await?;
        for calendar in self
            .calendars
            .iter()
            .filter(|calendar| **calendar != id.collection)
        {
            if !matches!(reading, Reading::Gone) {
                break;
            }
            let elsewhere = self
                .read_there(&RemoteId::new(calendar.as_str(), &*id.id))
                .await?;
            if let Reading::Present(mut seen) = elsewhere {
                seen.traits.former_ids.push(id.clone());
                reading = Reading::Present(seen);
            }
        }
        Ok(reading)
    }

    /// Reads one event in the calendar that its name says.
    async fn read_there(&self, id: &RemoteId) -> Result<Reading<EventRecord>, Failure> {
        Ok(match self.get(id).await? {
            Fetched::Gone => Reading::Gone,
            Fetched::OutOfReach => Reading::OutOfReach,
            Fetched::Event(event) if event.is_series() => self.read_series(id).await?,
            Fetched::Event(event) => Reading::Present(self.seen(&id.collection, &event)?),
        })
    }

    /// Reads one event as Google has it.
    pub(super) async fn get(&self, id: &RemoteId) -> Result<Fetched, Failure> {
        let path = ["calendars", &id.collection, "events", &id.id];
        let query = vec![("fields", EVENT_FIELDS.to_owned())];
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
            200 => {
                let event: Event = answer.json()?;
                Ok(if event.is_cancelled() {
                    Fetched::Gone
                } else {
                    Fetched::Event(Box::new(event))
                })
            }
            404 | 410 => Ok(Fetched::Gone),
            _ => match failure_of(&answer) {
                failure if failure.code == "forbidden" => Ok(Fetched::OutOfReach),
                failure => Err(failure),
            },
        }
    }

    /// The event as the engine sees it.
    pub(super) fn seen(&self, calendar: &str, event: &Event) -> Result<Observed<EventRecord>, Failure> {
        observed(
            &self.marker,
            calendar,
            self.facts(calendar).access_role.as_deref(),
            event,
        )
        .ok_or_else(|| Failure::permanent(UNREADABLE_CODE, UNREADABLE_MESSAGE))
    }
}

/// One event, asked for by its id.
pub(super) enum Fetched {
    Event(Box<Event>),
    Gone,
    OutOfReach,
}

pub(super) fn page_query(page_token: Option<String>) -> Vec<(&'static str, String)> {
    let mut query = vec![
        ("maxResults", PAGE_EVENTS.to_owned()),
        ("fields", format!("{LIST_FIELDS},items({EVENT_FIELDS})")),
    ];
    query.extend(page_token.map(|token| ("pageToken", token)));
    query
}

/// The record that a change shows.
fn present(change: &Change<EventRecord>) -> Option<&Observed<EventRecord>> {
    match change {
        Change::Present(seen) => Some(seen),
        Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => None,
    }
}

fn unreadable(id: RemoteId) -> Change<EventRecord> {
    Change::Unreadable {
        id,
        code: UNREADABLE_CODE,
        message: UNREADABLE_MESSAGE.to_owned(),
    }
}

/// From when on a change counts as late. The list's own newest change stands in for the clock, for a window that
/// begins in the future.
fn lately(items: &[Item], window: Window) -> DateTime<Utc> {
    let newest = items
        .iter()
        .filter_map(|item| match item {
            Item::Event(event) => updated(event),
            Item::Odd { id: _ } => None,
        })
        .max();
    newest.map_or(window.from, |newest| newest.min(window.from)) - LATELY
}

pub(super) fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
