//! Insert, patch, delete. Why each may be sent twice, or is sent once, is said at each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::SecondsFormat;
use connector_http::client::Answer;
use http::Method;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::task::{Status, TaskField, TaskRecord};
use sync_core::port::{Create, Created, Update};

use super::convert::observed;
use super::cursor::OVERLAP;
use super::failure::failure_of;
use super::read::{Ask, Fetched, date_of};
use super::wire::{Item, TASK_FIELDS, Task};
use super::{GoogleTasks, INSERT_LOCKS, NOTES_CHARACTERS_MAX, TITLE_CHARACTERS_MAX};
use crate::api::{Call, Sent};

/// Most times an insert is tried that the server failed at; each time it is looked first whether it was done.
const INSERTS_MAX: usize = 3;

impl GoogleTasks {
    /// Makes a copy. It is sent once; where its outcome is unknown, a task that says exactly the same and was made
    /// meanwhile is taken for it. See the folder's page for what is done where the run dies.
    pub(super) async fn insert(&self, create: &Create<TaskRecord>) -> Result<Created<TaskRecord>, Failure> {
        let list = self.list().await?;
        let body = new_task(&create.record);
        let _turn = match self.inserts.get(lock_of(&body)) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        };
        let mut broken = None;
        for _ in 0..INSERTS_MAX {
            let sent = self
                .api
                .send_once(Call {
                    method: Method::POST,
                    path: &["lists", &list, "tasks"],
                    query: vec![("fields", TASK_FIELDS.to_owned())],
                    if_match: None,
                    body: Some(body.clone()),
                })
                .await?;
            let failure = match sent {
                Sent::Answered(answer) if answer.is_success() => match answer.json::<Task>() {
                    Ok(task) => return Ok(self.made(&list, &task, create, false)),
                    // Half an answer: it was made.
                    Err(failure) => Failure::from(failure),
                },
                Sent::Answered(answer) if answer.status == 404 => {
                    return Err(Failure::permanent(
                        "list_not_found",
                        "the task list that receives copies is not there any more",
                    ));
                }
                Sent::Answered(answer) => return Err(failure_of(&answer)),
                Sent::Lost(failure) => failure,
                Sent::Broken(answer) => {
                    if let Some(task) = self.made_meanwhile(&list, &create.record).await? {
                        return Ok(self.made(&list, &task, create, true));
                    }
                    broken = Some(failure_of(&answer));
                    continue;
                }
            };
            return match self.made_meanwhile(&list, &create.record).await? {
                Some(task) => Ok(self.made(&list, &task, create, true)),
                // It may be under way yet: the next run finds it, or makes it.
                None => Err(Failure::retryable("connection_cut", failure.message, None)),
            };
        }
        Err(broken.unwrap_or_else(|| Failure::bug("no_answer", "an insert was not answered")))
    }

    fn made(
        &self,
        list: &str,
        task: &Task,
        create: &Create<TaskRecord>,
        adopted: bool,
    ) -> Created<TaskRecord> {
        self.learnt(|learnt| learnt.known.get_or_insert_default().insert(task.id.clone()));
        Created {
            observed: observed(list, task),
            generation: create.generation,
            adopted,
        }
    }

    /// The task that an insert without an answer has made: it says exactly what was asked for, was changed last within
    /// the last minutes by Google's clock, and was not there when this run read the list.
    async fn made_meanwhile(&self, list: &str, wanted: &TaskRecord) -> Result<Option<Task>, Failure> {
        let Some(known) = self.learnt(|learnt| learnt.known.clone()) else {
            return Ok(None);
        };
        let now = self
            .api
            .send(Call {
                method: Method::GET,
                path: &["users", "@me", "lists", list],
                query: vec![("fields", "id".to_owned())],
                if_match: None,
                body: None,
            })
            .await
            .map(|answer| date_of(&answer.headers))?;
        let listing = self
            .list_tasks(
                list,
                Ask {
                    updated_from: now.map(|now| now - OVERLAP),
                    deleted: false,
                    fields: TASK_FIELDS,
                },
            )
            .await?;
        let tasks = listing.items.into_iter().filter_map(|item| match item {
            Item::Task(task) => Some(*task),
            Item::Odd { id: _ } => None,
        });
        let wanted = cut(wanted);
        Ok(tasks
            .filter(|task| !known.contains(&task.id) && task.parent.is_none())
            .find(|task| says_the_same(&observed(list, task).record, &wanted)))
    }

    /// Writes the named fields, provided that the etag is the one we saw. A repeat is harmless: the first one that
    /// went through has changed the etag, and the second is refused as a conflict.
    pub(super) async fn patch(&self, update: &Update<TaskRecord>) -> Result<Observed<TaskRecord>, Failure> {
        let id = &update.id;
        let mut body = Map::new();
        let record = cut(&update.record);
        for field in &update.fields {
            put(&mut body, *field, &record);
        }
        if body.is_empty() {
            return match self.get(id).await? {
                Fetched::Task(task) => {
                    let seen = observed(&id.collection, &task);
                    if seen.version == update.expected {
                        Ok(seen)
                    } else {
                        Err(Failure::conflict("changed", "the task was changed meanwhile"))
                    }
                }
                Fetched::Gone | Fetched::Moved => Err(gone()),
            };
        }
        let answer = self
            .api
            .send(Call {
                method: Method::PATCH,
                path: &["lists", &id.collection, "tasks", &id.id],
                query: vec![("fields", TASK_FIELDS.to_owned())],
                if_match: Some(&update.expected.0),
                body: Some(Value::Object(body)),
            })
            .await?;
        match answer.status {
            200..=299 => written(&id.collection, &answer),
            404 | 410 => Err(gone()),
            _ => Err(failure_of(&answer)),
        }
    }

    /// Deletes a task, provided that its etag is the one we saw. A repeat is harmless: it meets a task that is gone.
    /// The tasks below it would go with it, and nobody asked for that: they are moved up first.
    pub(super) async fn remove(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        for below in self.below(id).await? {
            self.raise(&id.collection, &below).await?;
        }
        let answer = self
            .api
            .send(Call {
                method: Method::DELETE,
                path: &["lists", &id.collection, "tasks", &id.id],
                query: Vec::new(),
                if_match: Some(&expected.0),
                body: None,
            })
            .await?;
        match answer.status {
            // Google answers an empty 204. A page with a good status comes from something on the way.
            200..=299 if answer.body.is_empty() => Ok(true),
            200..=299 => Err(Failure::retryable(
                "answer_unreadable",
                "the answer to a deletion is not Google's",
                None,
            )),
            404 | 410 => Ok(false),
            412 => match self.get_in(&id.collection, &id.id).await? {
                None => Ok(false),
                Some(_) => Err(failure_of(&answer)),
            },
            _ => Err(failure_of(&answer)),
        }
    }

    /// The tasks right below a task. The list is looked through once in a run.
    async fn below(&self, id: &RemoteId) -> Result<Vec<String>, Failure> {
        let known = |learnt: &mut super::Learnt| {
            let parents = learnt.below.get(&id.collection)?;
            Some(parents.get(&id.id).cloned().unwrap_or_default())
        };
        if let Some(below) = self.learnt(known) {
            return Ok(below);
        }
        let ask = Ask {
            updated_from: None,
            deleted: false,
            fields: "id,parent",
        };
        let listing = match self.list_tasks(&id.collection, ask).await {
            Ok(listing) => listing,
            Err(failure) if failure.code == "list_not_found" => return Ok(Vec::new()),
            Err(failure) => return Err(failure),
        };
        let mut parents: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in listing.items {
            if let Item::Task(task) = item
                && let Some(parent) = task.parent
            {
                parents.entry(parent).or_default().push(task.id);
            }
        }
        Ok(self.learnt(|learnt| {
            let parents = match learnt.below.entry(id.collection.clone()) {
                Entry::Vacant(place) => place.insert(parents),
                Entry::Occupied(place) => place.into_mut(),
            };
            parents.get(&id.id).cloned().unwrap_or_default()
        }))
    }

    /// Moves a task to the top of its list. Twice does the same as once.
    async fn raise(&self, list: &str, task: &str) -> Result<(), Failure> {
        let answer = self
            .api
            .send(Call {
                method: Method::POST,
                path: &["lists", list, "tasks", task, "move"],
                query: vec![("fields", "id".to_owned())],
                if_match: None,
                body: None,
            })
            .await?;
        match answer.status {
            200..=299 | 404 | 410 => Ok(()),
            _ => Err(failure_of(&answer)),
        }
    }
}

/// What a write brought. A deleted task takes writes and stays deleted.
fn written(list: &str, answer: &Answer) -> Result<Observed<TaskRecord>, Failure> {
    let task: Task = answer.json()?;
    if task.deleted {
        return Err(gone());
    }
    Ok(observed(list, &task))
}

fn gone() -> Failure {
    Failure::conflict("gone", "the task was deleted meanwhile")
}

/// Equal inserts take the same lock.
fn lock_of(body: &Value) -> usize {
    let digest = Sha256::digest(body.to_string().as_bytes());
    usize::from(digest.first().copied().unwrap_or_default()) % INSERT_LOCKS
}

/// The record as Google can hold it: a text that is too long would be refused.
fn cut(record: &TaskRecord) -> TaskRecord {
    let shortened = |text: &str, most: usize| {
        let cut: String = text.chars().take(most).collect();
        cut.trim_end().to_owned()
    };
    TaskRecord {
        title: shortened(&record.title, TITLE_CHARACTERS_MAX),
        notes: shortened(&record.notes, NOTES_CHARACTERS_MAX),
        due: record.due,
        status: record.status,
    }
}

/// Whether a task says what was asked for. The instant of completion is Google's own where none was given.
fn says_the_same(task: &TaskRecord, wanted: &TaskRecord) -> bool {
    let texts = [TaskField::Title, TaskField::Notes]
        .iter()
        .all(|field| task.fingerprint(*field) == wanted.fingerprint(*field));
    let days = task.due.map(|due| due.day) == wanted.due.map(|due| due.day);
    texts && days && task.status.is_completed() == wanted.status.is_completed()
}

fn new_task(record: &TaskRecord) -> Value {
    let mut body = Map::new();
    let record = cut(record);
    for field in TaskRecord::FIELDS {
        put(&mut body, *field, &record);
    }
    body.retain(|_, value| !value.is_null() && *value != json!(""));
    Value::Object(body)
}

fn put(body: &mut Map<String, Value>, field: TaskField, record: &TaskRecord) {
    match field {
        TaskField::Title => {
            body.insert("title".to_owned(), record.title.clone().into());
        }
        TaskField::Notes => {
            body.insert("notes".to_owned(), record.notes.clone().into());
        }
        TaskField::Due => {
            // Midnight UTC of the day: whatever else is said about time, Google drops.
            let due = record.due.map(|due| format!("{}T00:00:00.000Z", due.day));
            body.insert("due".to_owned(), due.into());
        }
        TaskField::Status => match record.status {
            Status::Open => {
                body.insert("status".to_owned(), "needsAction".into());
                body.insert("completed".to_owned(), Value::Null);
            }
            Status::Completed { at } => {
                body.insert("status".to_owned(), "completed".into());
                if let Some(at) = at {
                    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
                    body.insert("completed".to_owned(), at.into());
                }
            }
        },
    }
}
