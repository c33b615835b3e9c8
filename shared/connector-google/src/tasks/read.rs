//! Lists, single tasks, and what was moved to another list.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::{HeaderMap, Method};
use sync_core::change::{Change, ChangeSet, Reading};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::task::TaskRecord;
use sync_core::port::ReadRequest;

use super::GoogleTasks;
use super::convert::{instant, observed};
use super::cursor::{Mark, OVERLAP};
use super::failure::failure_of;
use super::wire::{Item, Page, TASK_FIELDS, Task};
use crate::api::Call;

/// Tasks on a page: Google's largest.
const PAGE_TASKS: &str = "100";
/// Most pages of one list: Google keeps at most a hundred thousand tasks for a user. A server that never ends its list
/// must not hold a run for ever.
const PAGES_MAX: usize = 1100;

/// Why a task cannot be carried.
const UNREADABLE_CODE: &str = "task_unreadable";

/// What a list brought.
pub(super) struct Listing {
    pub(super) items: Vec<Item>,
    /// When the first page was answered, by Google's clock.
    at: Option<DateTime<Utc>>,
}

/// What of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    /// Only what was changed from then on.
    pub(super) updated_from: Option<DateTime<Utc>>,
    /// Deleted ones as well.
    pub(super) deleted: bool,
    pub(super) fields: &'static str,
}

/// One task, asked for by its id.
pub(super) enum Fetched {
    Task(Box<Task>),
    Gone,
    /// It is in another list now.
    Moved,
}

impl GoogleTasks {
    pub(super) async fn read_changes(&self, request: &ReadRequest) -> Result<ChangeSet<TaskRecord>, Failure> {
        let mark = Mark::read(request.cursor.as_ref(), &self.wanted);
        let list = match &mark {
            Some(mark) => {
                self.learn_list(&mark.list);
                mark.list.clone()
            }
            None => self.list().await?,
        };
        let listing = self
            .list_tasks(
                &list,
                Ask {
                    updated_from: mark.as_ref().map(Mark::from),
                    // A whole list says by what it lacks what is deleted.
                    deleted: mark.is_some(),
                    fields: TASK_FIELDS,
                },
            )
            .await?;
        let read: Vec<(String, String, DateTime<Utc>)> = listing.items.iter().filter_map(stamp_of).collect();
        let newest = read.iter().map(|(_, _, updated)| *updated).max();
        let since = listing
            .at
            .or(newest)
            .into_iter()
            .chain(mark.as_ref().map(Mark::since))
            .max();
        self.learnt(|learnt| {
            let ids = read.iter().map(|(id, _, _)| id.clone());
            learnt.known.get_or_insert_default().extend(ids);
        });
        let changes = self.to_changes(&list, listing.items, mark.as_ref()).await?;
        let next = Mark::new(&self.wanted, &list, since.unwrap_or(DateTime::UNIX_EPOCH), read);
        Ok(ChangeSet {
            changes,
            complete: if mark.is_none() {
                BTreeSet::from([list])
            } else {
                BTreeSet::new()
            },
            cursor: next.to_cursor(),
            time_zone: None,
        })
    }

    async fn to_changes(
        &self,
        list: &str,
        items: Vec<Item>,
        mark: Option<&Mark>,
    ) -> Result<Vec<Change<TaskRecord>>, Failure> {
        let mut changes = Vec::with_capacity(items.len());
        let mut gone: Vec<Task> = Vec::new();
        for item in items {
            let task = match item {
                Item::Task(task) => *task,
                Item::Odd { id } => {
                    changes.extend(id.map(|id| unreadable(RemoteId::new(list, id))));
                    continue;
                }
            };
            let etag = task.etag.as_deref().unwrap_or_default();
            if mark.is_some_and(|mark| mark.knows(&task.id, etag)) {
                continue;
            }
            if task.deleted {
                gone.push(task);
            } else {
                changes.push(Change::Present(observed(list, &task)));
            }
        }
        let elsewhere = self.moved(list, &gone).await?;
        changes.extend(gone.into_iter().map(|task| {
            let id = RemoteId::new(list, &task.id);
            if elsewhere.contains(&task.id) {
                Change::Left(id)
            } else {
                Change::Removed(id)
            }
        }));
        Ok(changes)
    }

    /// Which of the tasks that a list calls deleted are in another one now. One question for each of the other lists,
    /// however many tasks there are.
    ///
    /// # Source
    /// A move keeps the id: arpitbatra123/mcp-googletasks #13.
    async fn moved(&self, list: &str, gone: &[Task]) -> Result<BTreeSet<String>, Failure> {
        let mut found = BTreeSet::new();
        let Some(from) = gone
            .iter()
            .filter_map(|task| task.updated.as_deref().and_then(instant))
            .min()
        else {
            return Ok(found);
        };
        let wanted: BTreeSet<&str> = gone.iter().map(|task| task.id.as_str()).collect();
        for other in self.other_lists(list).await? {
            let ask = Ask {
                updated_from: Some(from - OVERLAP),
                deleted: false,
                fields: "id",
            };
            let listing = match self.list_tasks(&other, ask).await {
                Ok(listing) => listing,
                // A list that was deleted meanwhile holds nothing.
                Err(failure) if failure.code == "list_not_found" => continue,
                Err(failure) => return Err(failure),
            };
            for item in listing.items {
                if let Item::Task(task) = item
                    && wanted.contains(task.id.as_str())
                {
                    found.insert(task.id);
                }
            }
        }
        Ok(found)
    }

    /// Reads all pages of a list. A quiet page has no items; only one without a token for the next is the last.
    pub(super) async fn list_tasks(&self, list: &str, ask: Ask) -> Result<Listing, Failure> {
        let mut listing = Listing {
            items: Vec::new(),
            at: None,
        };
        let mut page_token: Option<String> = None;
        for page_number in 0..PAGES_MAX {
            let mut query = vec![
                ("maxResults", PAGE_TASKS.to_owned()),
                // What a person completes is hidden at once; without both, it would look gone.
                ("showCompleted", "true".to_owned()),
                ("showHidden", "true".to_owned()),
                ("showDeleted", ask.deleted.to_string()),
                ("fields", format!("nextPageToken,items({})", ask.fields)),
            ];
            query.extend(ask.updated_from.map(|from| ("updatedMin", timestamp(from))));
            query.extend(page_token.take().map(|token| ("pageToken", token)));
            let answer = self
                .api
                .send(Call {
                    method: Method::GET,
                    path: &["lists", list, "tasks"],
                    query,
                    if_match: None,
                    body: None,
                })
                .await?;
            match answer.status {
                200 => {}
                404 => {
                    return Err(Failure::permanent(
                        "list_not_found",
                        "the task list named in the settings is not there any more; choose another one",
                    ));
                }
                _ => return Err(failure_of(&answer)),
            }
            if page_number == 0 {
                listing.at = date_of(&answer.headers);
            }
            let page: Page = answer.json()?;
            listing.items.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_none() {
                return Ok(listing);
            }
        }
        Err(Failure::bug(
            "list_endless",
            "Google's list of tasks does not end",
        ))
    }

    pub(super) async fn read_one(&self, id: &RemoteId) -> Result<Reading<TaskRecord>, Failure> {
        Ok(match self.get(id).await? {
            Fetched::Task(task) => Reading::Present(observed(&id.collection, &task)),
            Fetched::Gone => Reading::Gone,
            Fetched::Moved => Reading::OutOfReach,
        })
    }

    /// Reads one task as Google has it. One that is not in its list any more is looked for in the others.
    pub(super) async fn get(&self, id: &RemoteId) -> Result<Fetched, Failure> {
        if let Some(task) = self.get_in(&id.collection, &id.id).await? {
            return Ok(Fetched::Task(Box::new(task)));
        }
        for other in self.other_lists(&id.collection).await? {
            if self.get_in(&other, &id.id).await?.is_some() {
                return Ok(Fetched::Moved);
            }
        }
        Ok(Fetched::Gone)
    }

    /// The task in one list, unless it is deleted there.
    pub(super) async fn get_in(&self, list: &str, id: &str) -> Result<Option<Task>, Failure> {
        let answer = self
            .api
            .send(Call {
                method: Method::GET,
                path: &["lists", list, "tasks", id],
                query: vec![("fields", TASK_FIELDS.to_owned())],
                if_match: None,
                body: None,
            })
            .await?;
        match answer.status {
            200 => Ok(Some(answer.json::<Task>()?).filter(|task| !task.deleted)),
            404 | 410 => Ok(None),
            _ => Err(failure_of(&answer)),
        }
    }
}

fn stamp_of(item: &Item) -> Option<(String, String, DateTime<Utc>)> {
    match item {
        Item::Task(task) => {
            let updated = task.updated.as_deref().and_then(instant)?;
            Some((task.id.clone(), task.etag.clone().unwrap_or_default(), updated))
        }
        Item::Odd { id: _ } => None,
    }
}

fn unreadable(id: RemoteId) -> Change<TaskRecord> {
    Change::Unreadable {
        id,
        code: UNREADABLE_CODE,
        message: "Google sends this task in a shape that cannot be read".to_owned(),
    }
}

/// When an answer was given, by the server's clock; a second early, because the header has whole seconds only.
pub(super) fn date_of(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(http::header::DATE)?.to_str().ok()?;
    let at = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
    Some(at - TimeDelta::seconds(1))
}

fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
