//! Google Tasks' tasks behind the engine's door.
//!
//! *Reading.* There is no sync token and no push: a list is asked for what was changed since the last reading, with an
//! overlap, because the stamps are made on more than one machine. Which tasks of the overlap were seen already is kept
//! in the cursor, so that an idle list costs one call and brings nothing. Completed and hidden tasks are tasks like any
//! other. A task that a list calls deleted may have been moved to another list: then it has left, and is not deleted.
//!
//! *Writing.* Only named fields are patched, under the etag we last saw.
//!
//! *Never a double.* Google draws the id of a new task, and a task has no place for a mark that people do not see. So
//! an insert is sent once. Where its answer is lost, the list is looked through for a task that was made meanwhile and
//! says exactly the same; it is ours. Where the run itself dies, the next one finds the task among what was changed
//! since its cursor, and joins it with its original by title, day and notes before it makes anything; where somebody has
//! edited it by then, by what the engine has noted before the making.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | Google's shapes |
//! | `convert` | task to record |
//! | `cursor`, `read` | how far reading is, lists, what was moved |
//! | `write` | insert, patch, delete |
//! | `lists` | which list is meant, and all of them for pages |
//! | `failure` | reasons to failures |

mod convert;
mod cursor;
mod failure;
mod lists;
mod read;
#[cfg(test)]
mod tests;
mod wire;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::pacer::{Pacer, Pacing};
use connector_http::token::TokenSource;
use data_encoding::BASE32HEX_NOPAD;
use sha2::{Digest, Sha256};
use sync_core::change::{ChangeSet, Observed, Reading};
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId, Version};
use sync_core::kind::task::{TaskLimits, TaskRecord};
use sync_core::port::{Create, Created, Entropy, ReadRequest, Remote, Update};

pub use lists::{TaskList, list_task_lists};

use crate::api::Api;
use crate::endpoints::GoogleEndpoints;

/// Most calls under way at once for one user.
pub const TASKS_CONCURRENCY: usize = 4;

/// Google publishes no quota per user and minute, only 50,000 calls a day for the whole project. Half of what Calendar
/// allows a user keeps one user's first sync from being the reason of a refusal.
pub const TASKS_PACING: Pacing = Pacing {
    calls: 300,
    window: Duration::from_mins(1),
    margin: Duration::from_secs(1),
};

/// Longest title and notes in characters.
///
/// # Source
/// The published API description, `Task.title` and `Task.notes`
const TITLE_CHARACTERS_MAX: usize = 1024;
const NOTES_CHARACTERS_MAX: usize = 8192;

/// Inserts of equal tasks wait for one another: which of two lost answers belongs to which task could not be told.
/// Different ones seldom share one of so many locks.
const INSERT_LOCKS: usize = 16;

/// A user's way to Google Tasks for one run: counted, limited, and paced. The pacer is also returned, since its history
/// seeds the next run's (`history` and its `age`; empty where there was none).
pub fn tasks_lane(
    http: HttpClient,
    entropy: Arc<dyn Entropy>,
    history: &[u32],
    age: Duration,
) -> (Lane, Arc<Pacer>) {
    let pacer = Arc::new(Pacer::seeded(TASKS_PACING, history, age));
    (
        Lane::new(http, TASKS_CONCURRENCY, entropy).paced(Arc::clone(&pacer)),
        pacer,
    )
}

/// What a [`GoogleTasks`] is made of.
#[derive(Debug)]
pub struct GoogleTasksConfig {
    /// Where Google is.
    pub endpoints: GoogleEndpoints,
    /// Whose tasks.
    pub link: AccountLinkId,
    /// The list: `@default`, `dedicated` for one of the sync's own, a list's id, or its title.
    pub list: String,
    /// The way out; see [`tasks_lane`].
    pub lane: Lane,
    /// The user's access tokens.
    pub tokens: Arc<dyn TokenSource>,
}

/// One user's tasks in Google Tasks.
#[derive(Debug)]
pub struct GoogleTasks {
    api: Api,
    link: AccountLinkId,
    /// The list as the settings have it.
    wanted: String,
    /// What this run has learnt.
    learnt: Mutex<Learnt>,
    inserts: [futures::lock::Mutex<()>; INSERT_LOCKS],
}

/// What a run learns on its way.
#[derive(Debug, Default)]
struct Learnt {
    /// The id of the list.
    list: Option<String>,
    /// The ids of the tasks that were there when the list was read, and of those that this run has made since; `None`
    /// as long as the list was not read.
    known: Option<BTreeSet<String>>,
    /// The tasks below other tasks, by list and parent.
    below: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl GoogleTasks {
    /// Puts it together; nothing is called yet.
    pub fn new(config: GoogleTasksConfig) -> Self {
        Self {
            api: Api::new(&config.endpoints.tasks, config.lane, config.tokens),
            link: config.link,
            wanted: config.list,
            learnt: Mutex::default(),
            inserts: std::array::from_fn(|_| futures::lock::Mutex::new(())),
        }
    }

    fn learnt<T>(&self, look: impl FnOnce(&mut Learnt) -> T) -> T {
        look(&mut self.learnt.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Remote<TaskRecord> for GoogleTasks {
    fn limits(&self) -> TaskLimits {
        TaskLimits {
            title_chars: Some(TITLE_CHARACTERS_MAX),
            notes_chars: Some(NOTES_CHARACTERS_MAX),
            notes_bytes: None,
            has_due_time: false,
            completed_step_seconds: Some(1),
            four_byte_characters: true,
        }
    }

    /// 50,000 calls a day for everybody together, and no push.
    fn is_asked_sparingly(&self) -> bool {
        true
    }

    fn leaves_copies_unmarked(&self) -> bool {
        true
    }

    /// A name that no task ever has: Google draws the ids itself.
    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        let mut hash = Sha256::new();
        for part in [&self.link.crm, &self.link.user, &origin.collection, &origin.id] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(generation.to_le_bytes());
        let name = BASE32HEX_NOPAD.encode(&hash.finalize()).to_ascii_lowercase();
        RemoteId::new("copy", name)
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<TaskRecord>, Failure> {
        self.read_changes(request).await
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<TaskRecord>, Failure> {
        self.read_one(id).await
    }

    async fn create(&self, create: &Create<TaskRecord>) -> Result<Created<TaskRecord>, Failure> {
        self.insert(create).await
    }

    async fn update(&self, update: &Update<TaskRecord>) -> Result<Observed<TaskRecord>, Failure> {
        self.patch(update).await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        self.remove(id, expected).await
    }
}
