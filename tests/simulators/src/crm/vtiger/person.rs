//! A person in the CRM's own pages: edits that no program made.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};

use super::columns::Module;
use super::crm::{Vtiger, World};
use super::marks::{Marks, Tag};
use super::record::{Record, Table};
use super::text::kept;

/// A user in the CRM's pages. Every edit moves `modifiedtime` and `modifiedby`, and leaves alone what it does not
/// name. Dates and times are UTC, as the database has them.
#[derive(Debug, Clone)]
pub struct VtigerPerson {
    crm: Arc<Vtiger>,
    user: u64,
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

impl VtigerPerson {
    pub(super) fn new(crm: Arc<Vtiger>, user: u64) -> Self {
        Self { crm, user }
    }

    /// Makes an event of the person's own: planned, private, a meeting, unless the columns say otherwise. Returns its
    /// number.
    ///
    /// # Errors
    /// For an unknown column.
    pub fn create_event(&self, columns: &Value) -> Result<u64, EditRefused> {
        self.create(
            Module::Events,
            &[
                ("activitytype", "Meeting"),
                ("eventstatus", "Planned"),
                ("visibility", "Private"),
            ],
            columns,
        )
    }

    /// Makes a meeting of the person's own, open to everybody. Returns its number.
    ///
    /// # Errors
    /// None in practice.
    pub fn create_meeting(
        &self,
        subject: &str,
        start: DateTime<Utc>,
        length: std::time::Duration,
    ) -> Result<u64, EditRefused> {
        let mut columns = times(start, length);
        columns.insert("subject".to_owned(), json!(subject));
        columns.insert("visibility".to_owned(), json!("Public"));
        self.create_event(&Value::Object(columns))
    }

    /// Makes a task. Returns its number.
    ///
    /// # Errors
    /// For an unknown column.
    pub fn create_task(&self, columns: &Value) -> Result<u64, EditRefused> {
        let given = [("activitytype", "Task"), ("taskstatus", "Not Started")];
        self.create(Module::Calendar, &given, columns)
    }

    /// Makes a contact. Returns its number.
    ///
    /// # Errors
    /// For an unknown column.
    pub fn create_contact(&self, columns: &Value) -> Result<u64, EditRefused> {
        self.create(Module::Contacts, &[], columns)
    }

    /// Makes an account of that name. Returns its number.
    ///
    /// # Errors
    /// None in practice.
    pub fn create_account(&self, name: &str) -> Result<u64, EditRefused> {
        self.create(Module::Accounts, &[], &json!({ "accountname": name }))
    }

    /// Makes a weekly series of meetings: a record for each, with the rule beside it. Returns their numbers.
    ///
    /// # Errors
    /// None in practice.
    pub fn create_weekly(
        &self,
        subject: &str,
        start: DateTime<Utc>,
        length: std::time::Duration,
        count: u32,
    ) -> Result<Vec<u64>, EditRefused> {
        (0..count)
            .map(|week| {
                let number =
                    self.create_meeting(subject, start + Duration::weeks(i64::from(week)), length)?;
                self.change(number, |_, record| {
                    record.set("recurringtype", "Weekly");
                    record.rule = Some(format!("Weekly every 1, {count} times"));
                    Ok(())
                })?;
                Ok(number)
            })
            .collect()
    }

    fn create(&self, module: Module, given: &[(&str, &str)], columns: &Value) -> Result<u64, EditRefused> {
        let now = self.crm.front.clock.now();
        let mut world = self.crm.world();
        let table = Table::of(module).ok_or_else(|| EditRefused("users are made elsewhere".to_owned()))?;
        let number = world.next_number();
        let mut record = Record::new(number, table, self.user, now);
        record.set("source", "CRM");
        for (name, value) in given {
            record.set(name, *value);
        }
        set(&world, module, &mut record, columns)?;
        world.put(record);
        Ok(number)
    }

    /// Changes named columns.
    ///
    /// # Errors
    /// For an unknown column, and for a record that is not there.
    pub fn edit(&self, number: u64, columns: &Value) -> Result<(), EditRefused> {
        self.change(number, |world, record| {
            let module = record.module();
            set(world, module, record, columns)
        })
    }

    /// Moves an event.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn reschedule(
        &self,
        number: u64,
        start: DateTime<Utc>,
        length: std::time::Duration,
    ) -> Result<(), EditRefused> {
        self.edit(number, &Value::Object(times(start, length)))
    }

    /// Hands a record to another user.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn assign(&self, number: u64, user: u64) -> Result<(), EditRefused> {
        self.change(number, |_, record| {
            record.owner = user;
            Ok(())
        })
    }

    /// Puts a record into the recycle bin.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn delete(&self, number: u64) -> Result<(), EditRefused> {
        self.change(number, |_, record| {
            record.deleted = true;
            Ok(())
        })
    }

    /// Takes a record out of the recycle bin.
    ///
    /// # Errors
    /// For a record that is not in it.
    pub fn restore(&self, number: u64) -> Result<(), EditRefused> {
        let now = self.crm.front.clock.now();
        let mut world = self.crm.world();
        let record = world.records.get_mut(&number).filter(|record| record.deleted);
        let record = record.ok_or_else(|| EditRefused(format!("{number} is not in the recycle bin")))?;
        record.deleted = false;
        record.modified = now;
        record.modified_by = self.user;
        Ok(())
    }

    /// Invites a user to an event, which saves it.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn invite(&self, number: u64, user: u64) -> Result<(), EditRefused> {
        self.change(number, |_, record| {
            record.invitees.insert(user);
            Ok(())
        })
    }

    /// Links a contact to an event, which saves it.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn add_contact(&self, number: u64, contact: u64) -> Result<(), EditRefused> {
        self.change(number, |_, record| {
            record.contacts.insert(contact);
            Ok(())
        })
    }

    /// Puts the person's own star on a record, which saves nothing.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn star(&self, number: u64, on: bool) -> Result<(), EditRefused> {
        self.mark(number, |marks| marks.star(self.user, on))
    }

    /// Puts a tag on a record that everybody sees, which saves nothing.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn tag(&self, number: u64, name: &str) -> Result<(), EditRefused> {
        self.mark(number, |marks| marks.tag(public(name)))
    }

    /// Takes such a tag off a record.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn untag(&self, number: u64, name: &str) -> Result<(), EditRefused> {
        self.mark(number, |marks| marks.untag(&public(name)))
    }

    /// Puts a tag on a record that only this person sees.
    ///
    /// # Errors
    /// For a record that is not there.
    pub fn tag_privately(&self, number: u64, name: &str) -> Result<(), EditRefused> {
        let tag = Tag {
            private_to: Some(self.user),
            ..public(name)
        };
        self.mark(number, |marks| marks.tag(tag))
    }

    fn mark(&self, number: u64, change: impl FnOnce(&mut Marks)) -> Result<(), EditRefused> {
        let mut world = self.crm.world();
        let found = world.records.get_mut(&number);
        let record = found.filter(|record| record.is_living());
        let record = record.ok_or_else(|| EditRefused(format!("there is no living record {number}")))?;
        change(&mut record.marks);
        Ok(())
    }

    fn change(
        &self,
        number: u64,
        change: impl FnOnce(&World, &mut Record) -> Result<(), EditRefused>,
    ) -> Result<(), EditRefused> {
        let now = self.crm.front.clock.now();
        let mut world = self.crm.world();
        let found = world.records.get(&number).filter(|record| record.is_living());
        let mut record = found
            .cloned()
            .ok_or_else(|| EditRefused(format!("there is no living record {number}")))?;
        change(&world, &mut record)?;
        record.modified = now;
        record.modified_by = self.user;
        world.put(record);
        Ok(())
    }
}

/// Sets columns as the forms do: reminders in minutes, whatever dates and times are given.
fn set(world: &World, module: Module, record: &mut Record, columns: &Value) -> Result<(), EditRefused> {
    for (name, value) in columns.as_object().into_iter().flatten() {
        let kind = world.kind(module, name);
        let kind = kind.ok_or_else(|| EditRefused(format!("there is no column {name}")))?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        record.set(name, kept(&text, kind, &world.options));
    }
    Ok(())
}

fn public(name: &str) -> Tag {
    Tag {
        name: name.to_owned(),
        private_to: None,
    }
}

fn times(start: DateTime<Utc>, length: std::time::Duration) -> Map<String, Value> {
    let end = start + Duration::from_std(length).unwrap_or_default();
    let day = |at: DateTime<Utc>| json!(at.format("%Y-%m-%d").to_string());
    let time = |at: DateTime<Utc>| json!(at.format("%H:%M:%S").to_string());
    Map::from_iter([
        ("date_start".to_owned(), day(start)),
        ("time_start".to_owned(), time(start)),
        ("due_date".to_owned(), day(end)),
        ("time_end".to_owned(), time(end)),
    ])
}
