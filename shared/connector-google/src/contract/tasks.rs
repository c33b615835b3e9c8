//! Tasks, as people have them in Google Tasks.

use serde_json::{Value, json};
use simulators::google::GoogleSim;
use sync_core::id::RemoteId;
use sync_core::kind::task::TaskRecord;
use sync_core::port::Remote;
use sync_engine::contract::remote::Whose;

use super::{ANNA, Account, Kept};
use crate::scripted::{lane, link};
use crate::tasks::{GoogleTasks, GoogleTasksConfig, TASKS_CONCURRENCY};

const DEFAULT: &str = "@default";

/// The id of the default list, as its tasks bear it.
pub(super) fn list_of(sim: &GoogleSim) -> String {
    let anna = sim.person(ANNA);
    let id = anna.create_task(DEFAULT, &json!({ "title": "First" })).unwrap();
    let address = anna.task(DEFAULT, &id).unwrap()["selfLink"].clone();
    anna.delete_task(DEFAULT, &id).unwrap();
    let (_, list) = address.as_str().unwrap().split_once("/lists/").unwrap();
    list.split('/').next().unwrap().to_owned()
}

impl Kept for TaskRecord {
    const CARRIED: &'static [&'static str] = &["title", "notes", "due", "status", "completed", "hidden"];
    const ITS_OWN: &'static [&'static str] = &["etag", "updated"];
    const NAMED_BY_US: bool = false;

    fn door(account: &Account) -> Box<dyn Remote<Self>> {
        Box::new(GoogleTasks::new(GoogleTasksConfig {
            endpoints: account.endpoints.clone(),
            link: link(),
            list: DEFAULT.to_owned(),
            lane: lane(TASKS_CONCURRENCY),
            tokens: account.tokens(),
        }))
    }

    fn make(account: &Account, whose: Whose, name: &str) -> RemoteId {
        let person = account.person(whose);
        let list = match whose {
            Whose::Theirs => account.list.clone(),
            Whose::SomebodyElses => person.create_task_list("Ben's").unwrap(),
        };
        let task = json!({ "title": name, "due": "2026-12-24T00:00:00.000Z" });
        RemoteId::new(list.clone(), person.create_task(&list, &task).unwrap())
    }

    fn rename(account: &Account, id: &RemoteId, name: &str) {
        let patch = json!({ "title": name });
        account.anna().edit_task(&id.collection, &id.id, &patch).unwrap();
    }

    /// Dragged to the top: all else of a task is either carried or for reading only.
    fn adorn(account: &Account, id: &RemoteId) {
        account.anna().raise_task(&id.collection, &id.id).unwrap();
    }

    fn delete(account: &Account, id: &RemoteId) {
        account.anna().delete_task(&id.collection, &id.id).unwrap();
    }

    fn give_away(account: &Account, id: &RemoteId) -> bool {
        let other = account.anna().create_task_list("Other").unwrap();
        account.anna().move_task(&id.collection, &id.id, &other).unwrap();
        true
    }

    fn seed(account: &Account, count: usize) {
        account.sim.seed_tasks(ANNA, count);
    }

    fn living(account: &Account) -> usize {
        account.anna().tasks(DEFAULT).len()
    }

    fn row(account: &Account, id: &RemoteId) -> Option<Value> {
        let look = |whose| account.person(whose).task(&id.collection, &id.id);
        look(Whose::Theirs)
            .or_else(|| look(Whose::SomebodyElses))
            .filter(|task| task["deleted"] != true)
    }
}
