//! A person in Google's own pages of tasks.

use serde_json::{Map, Value, json};

use super::super::description::TASKS;
use super::super::person::GooglePerson;
use super::super::refusal::Refusal;
use super::super::world::World;
use super::store::Write;
use super::write::{self, Change};
use super::{lists, text};

impl GooglePerson {
    /// Makes a list. Returns its id.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn create_task_list(&self, title: &str) -> Result<String, Refusal> {
        self.on_tasks(|world, write| {
            let body = Map::from_iter([("title".to_owned(), json!(title))]);
            let made = lists::insert(
                &mut world.tasks,
                &mut world.chance,
                write.account,
                &body,
                write.now,
            )?;
            Ok(id_of(&made))
        })
    }

    /// Deletes a list with everything in it.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn delete_task_list(&self, list: &str) -> Result<(), Refusal> {
        self.on_tasks(|world, write| lists::delete(&mut world.tasks, write.account, list))
    }

    /// Makes a task; the body is a `Task` of the API. Returns its id.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn create_task(&self, list: &str, task: &Value) -> Result<String, Refusal> {
        TASKS.check_resource("Task", task)?;
        let body = task.as_object().cloned().unwrap_or_default();
        self.on_tasks(|world, write| {
            let made = write::add(&mut world.tasks, &mut world.chance, list, body, None, write)?;
            Ok(id_of(&made))
        })
    }

    /// Changes named fields of a task.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn edit_task(&self, list: &str, task: &str, patch: &Value) -> Result<(), Refusal> {
        TASKS.check_resource("Task", patch)?;
        let patch = patch.as_object().cloned().unwrap_or_default();
        self.on_tasks(|world, write| {
            write::change(&mut world.tasks, list, task, Change::Patch(patch), write).map(drop)
        })
    }

    /// Ticks a task off: it is completed, and hidden from then on.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn complete_task(&self, list: &str, task: &str) -> Result<(), Refusal> {
        self.edit_task(list, task, &json!({ "status": "completed" }))
    }

    /// Deletes a task.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn delete_task(&self, list: &str, task: &str) -> Result<(), Refusal> {
        self.on_tasks(|world, write| write::delete(&mut world.tasks, list, task, write))
    }

    /// Moves a task to another list.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn move_task(&self, list: &str, task: &str, to: &str) -> Result<(), Refusal> {
        self.on_tasks(|world, write| {
            write::relocate(&mut world.tasks, list, task, Some(to), None, write).map(drop)
        })
    }

    /// Drags a task to the top of its list.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn raise_task(&self, list: &str, task: &str) -> Result<(), Refusal> {
        self.on_tasks(|world, write| {
            write::relocate(&mut world.tasks, list, task, None, None, write).map(drop)
        })
    }

    /// One task as the API would answer it; also where it is deleted.
    pub fn task(&self, list: &str, task: &str) -> Option<Value> {
        let google = self.google.world();
        super::list::get(&google.tasks, &self.email, list, task).ok()
    }

    /// The tasks of a list that are not deleted, hidden ones included.
    pub fn tasks(&self, list: &str) -> Vec<Value> {
        let google = self.google.world();
        let Ok(list) = google.tasks.reach(&self.email, list) else {
            return Vec::new();
        };
        let living = list.tasks.values().filter(|task| !task.flag("deleted"));
        living.map(|task| task.shown(&list.id)).collect()
    }

    fn on_tasks<T>(
        &self,
        act: impl FnOnce(&mut World, Write<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let now = self.google.front.clock.now();
        let mut world = self.google.world();
        let write = Write {
            account: &self.email,
            by_person: true,
            if_match: None,
            now,
        };
        act(&mut world, write)
    }
}

fn id_of(made: &Value) -> String {
    made.as_object()
        .and_then(|fields| text(fields, "id"))
        .unwrap_or_default()
        .to_owned()
}
