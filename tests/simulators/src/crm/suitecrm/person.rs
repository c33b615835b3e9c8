//! A person in the CRM's own pages: edits that no program made.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::crm::{SuiteCrm, World};
use super::date::{Display, stored};
use super::options::TimeFormat;
use super::table::{Row, Saving, assign, fresh};

/// A user in the CRM's pages. Every edit moves `date_modified` and `modified_user_id`. Dates are UTC in the
/// database's form (`2026-12-01 15:00:00`).
#[derive(Debug, Clone)]
pub struct CrmPerson {
    crm: Arc<SuiteCrm>,
    user: String,
}

/// Why a person's edit was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditRefused(String);

impl std::fmt::Display for EditRefused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for EditRefused {}

impl CrmPerson {
    pub(super) fn new(crm: Arc<SuiteCrm>, user: &str) -> Self {
        Self {
            crm,
            user: user.to_owned(),
        }
    }

    /// Makes a record; unless the attributes say otherwise the person is responsible for it, and is invited to it
    /// where it is a meeting or a call. Returns its id.
    ///
    /// # Errors
    /// For an unknown module or attribute.
    pub fn create(&self, module: &str, attributes: &Value) -> Result<String, EditRefused> {
        let now = self.crm.front.clock.now();
        let mut world = self.crm.world();
        let id = world.new_id();
        let known = world
            .module(module)
            .map_err(|refused| EditRefused(refused.detail().to_owned()))?;
        let (name, invites) = (known.name, known.link("users").is_some());
        let mut row = fresh(known, &id, &self.user, now);
        row.cells.insert("assigned_user_id", self.user.clone());
        set(&world, name, &mut row, attributes)?;
        let responsible = row.cell("assigned_user_id").unwrap_or_default().to_owned();
        world.put(name, row);
        let given = attributes.as_object().cloned().unwrap_or_default();
        world.save_addresses((name, &id), &given, now);
        if invites {
            for user in [responsible.as_str(), self.user.as_str()] {
                if world.user(user).is_some() {
                    world.relate((name, &id), "users", user);
                }
            }
        }
        Ok(id)
    }

    /// Makes a planned meeting of the person's own. Returns its id.
    ///
    /// # Errors
    /// None in practice.
    pub fn create_meeting(
        &self,
        name: &str,
        start: DateTime<Utc>,
        length: std::time::Duration,
    ) -> Result<String, EditRefused> {
        let mut attributes = times(start, length);
        attributes.insert("name".to_owned(), json!(name));
        self.create("Meetings", &Value::Object(attributes))
    }

    /// Changes named attributes.
    ///
    /// # Errors
    /// For an unknown module or attribute, and for a record that is not there.
    pub fn edit(&self, module: &str, id: &str, attributes: &Value) -> Result<(), EditRefused> {
        self.change(module, id, |world, name, row| set(world, name, row, attributes))
    }

    /// Moves a meeting or a call.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn reschedule(
        &self,
        module: &str,
        id: &str,
        start: DateTime<Utc>,
        length: std::time::Duration,
    ) -> Result<(), EditRefused> {
        self.edit(module, id, &Value::Object(times(start, length)))
    }

    /// Deletes a record; its id stays burnt.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn delete(&self, module: &str, id: &str) -> Result<(), EditRefused> {
        self.change(module, id, |_, _, row| {
            row.cells.insert("deleted", "1".to_owned());
            Ok(())
        })
    }

    /// Invites a user to a meeting or a call. `date_modified` does not move.
    pub fn invite(&self, module: &str, id: &str, user: &str) {
        self.crm.world().relate((module, id), "users", user);
    }

    /// Takes an invitation back. `date_modified` does not move.
    pub fn uninvite(&self, module: &str, id: &str, user: &str) {
        self.crm.world().part((module, id), "users", user);
    }

    /// Ticks a task off.
    ///
    /// # Errors
    /// For a task that is not there.
    pub fn complete_task(&self, id: &str) -> Result<(), EditRefused> {
        self.edit("Tasks", id, &json!({ "status": "Completed" }))
    }

    /// Gives a contact these addresses and no others, the primary one first, on its edit page.
    ///
    /// # Errors
    /// For a contact that is not there.
    pub fn give_addresses(&self, contact: &str, addresses: &[&str]) -> Result<(), EditRefused> {
        let now = self.crm.front.clock.now();
        self.edit("Contacts", contact, &json!({}))?;
        self.crm
            .world()
            .replace_addresses(("Contacts", contact), addresses, now);
        Ok(())
    }

    /// Puts the star on a record. The record's `date_modified` does not move.
    ///
    /// # Errors
    /// None in practice.
    pub fn star(&self, module: &str, id: &str) -> Result<(), EditRefused> {
        let name = format!("{module} {id} {}", self.user);
        let star = json!({ "name": name, "parent_type": module, "parent_id": id });
        self.create("Favorites", &star).map(drop)
    }

    /// Takes the star off a record.
    ///
    /// # Errors
    /// For a record without a star of this person's.
    pub fn unstar(&self, module: &str, id: &str) -> Result<(), EditRefused> {
        let found = {
            let world = self.crm.world();
            let stars = world.tables.get("Favorites").map(|table| table.rows.values());
            let wanted = [
                ("parent_type", module),
                ("parent_id", id),
                ("assigned_user_id", &self.user),
            ];
            stars
                .into_iter()
                .flatten()
                .filter(|row| !row.deleted())
                .find(|row| wanted.iter().all(|(name, value)| row.cell(name) == Some(value)))
                .map(|row| row.id.clone())
        };
        let star = found.ok_or_else(|| EditRefused(format!("{module} {id} has no star")))?;
        self.delete("Favorites", &star)
    }

    /// Takes a contact into the person's set "Sync to Outlook". `date_modified` does not move.
    pub fn choose_for_sync(&self, contact: &str) {
        let mut world = self.crm.world();
        world.relate(("Contacts", contact), "user_sync", &self.user);
    }

    /// Takes a contact out of that set again.
    pub fn drop_from_sync(&self, contact: &str) {
        let mut world = self.crm.world();
        world.part(("Contacts", contact), "user_sync", &self.user);
    }

    /// The living rows of a series but for the root.
    pub(super) fn rows_of(&self, root: &str) -> Vec<String> {
        let world = self.crm.world();
        let rows = world.table("Meetings").map(|table| table.rows.values());
        rows.into_iter()
            .flatten()
            .filter(|row| !row.deleted() && row.cell("repeat_parent_id") == Some(root))
            .map(|row| row.id.clone())
            .collect()
    }

    fn change(
        &self,
        module: &str,
        id: &str,
        change: impl FnOnce(&World, &'static str, &mut Row) -> Result<(), EditRefused>,
    ) -> Result<(), EditRefused> {
        let now = self.crm.front.clock.now();
        let mut world = self.crm.world();
        let known = world
            .module(module)
            .map_err(|refused| EditRefused(refused.detail().to_owned()))?
            .name;
        let found = world
            .tables
            .get(known)
            .and_then(|table| table.living(id))
            .cloned();
        let mut row = found.ok_or_else(|| EditRefused(format!("{module} has no living record {id}")))?;
        row.cells.insert("date_modified", stored(now));
        row.cells.insert("modified_user_id", self.user.clone());
        change(&world, known, &mut row)?;
        world.put(known, row);
        Ok(())
    }
}

/// The pages convert dates properly, seconds included.
const PAGES: Display = Display {
    zone: chrono_tz::Tz::UTC,
    time: TimeFormat::Seconds,
};

fn set(world: &World, module: &str, row: &mut Row, attributes: &Value) -> Result<(), EditRefused> {
    let refused = |refused: super::error::Refused| EditRefused(refused.detail().to_owned());
    let attributes = attributes.as_object().cloned().unwrap_or_default();
    assign(
        world.module(module).map_err(refused)?,
        row,
        &attributes,
        Saving::Again,
        PAGES,
        world.site(),
    )
    .map_err(refused)
}

fn times(start: DateTime<Utc>, length: std::time::Duration) -> Map<String, Value> {
    let minutes = TimeDelta::from_std(length)
        .map(|length| length.num_minutes())
        .unwrap_or_default();
    Map::from_iter([
        ("date_start".to_owned(), json!(stored(start))),
        ("duration_hours".to_owned(), json!(minutes / 60)),
        ("duration_minutes".to_owned(), json!(minutes % 60)),
    ])
}
