//! A person at Google's own pages: edits that no program made.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::calendar::{self, Role, Writer};
use super::refusal::Refusal;
use super::world::{Google, World};

/// An account's owner at Google's own pages: calendar, tasks, contacts. Every edit moves the etag, as any edit does; nobody is mailed.
#[derive(Debug, Clone)]
pub struct GooglePerson {
    pub(super) google: Arc<Google>,
    pub(super) email: String,
}

impl GooglePerson {
    pub(super) fn new(google: Arc<Google>, email: &str) -> Self {
        Self {
            google,
            email: email.to_owned(),
        }
    }

    /// Makes an event; the body is an `Event` of the API. Unlike a program a person may also receive events: a
    /// body may name another `organizer`, an id of any shape, and any `eventType`. Returns the event's id.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn create(&self, calendar: &str, event: &Value) -> Result<String, Refusal> {
        calendar::check_event(event)?;
        self.act(|world, writer| calendar::insert(world, calendar, fields(event), writer))
    }

    /// Makes a plain timed event. Returns its id.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn create_timed(
        &self,
        calendar: &str,
        summary: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<String, Refusal> {
        self.create(
            calendar,
            &json!({ "summary": summary, "start": point(start), "end": point(end) }),
        )
    }

    /// Changes named fields of an event or of one instance, as a patch does. Returns the id.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn edit(&self, calendar: &str, event: &str, patch: &Value) -> Result<String, Refusal> {
        self.act(|world, writer| calendar::change(world, calendar, event, fields(patch), writer))
    }

    /// Moves a timed event.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn reschedule(
        &self,
        calendar: &str,
        event: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<String, Refusal> {
        self.edit(
            calendar,
            event,
            &json!({ "start": point(start), "end": point(end) }),
        )
    }

    /// Deletes an event, a whole series or one instance.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn delete(&self, calendar: &str, event: &str) -> Result<String, Refusal> {
        self.act(|world, writer| calendar::delete(world, calendar, event, writer))
    }

    /// Changes a series from one instance on. Returns the id of the new series; its instances' ids do not begin
    /// with it.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn edit_this_and_following(
        &self,
        calendar: &str,
        master: &str,
        instance: &str,
        patch: &Value,
    ) -> Result<String, Refusal> {
        self.act(|world, writer| calendar::split(world, calendar, (master, instance), fields(patch), writer))
    }

    /// Makes a secondary calendar. Returns its id.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn create_calendar(&self, summary: &str) -> Result<String, Refusal> {
        self.act(|world, writer| {
            let body = fields(&json!({ "summary": summary }));
            let made = world
                .calendars
                .new_calendar(&mut world.chance, writer.account, &body, writer.now)?;
            Ok(made
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned())
        })
    }

    /// The calendars that the person owns, their own one first.
    pub fn calendars(&self) -> Vec<String> {
        self.google.world().calendars.owned(&self.email)
    }

    /// Deletes a secondary calendar with everything in it.
    ///
    /// # Errors
    /// Where Google would not have it.
    pub fn delete_calendar(&self, calendar: &str) -> Result<(), Refusal> {
        self.act(|world, writer| {
            world
                .calendars
                .drop_calendar(calendar, writer.account)
                .map(|()| String::new())
        })
        .map(drop)
    }

    /// Shares a calendar with an account, or ends it with `None`; roles are those of the API (`reader`, …). Sync
    /// tokens of that calendar are refused afterwards.
    pub fn share(&self, calendar: &str, with: &str, role: Option<&str>) {
        let id = if calendar == "primary" {
            self.email.as_str()
        } else {
            calendar
        };
        self.google
            .world()
            .calendars
            .share(id, with, role.and_then(Role::parse));
    }

    /// One event or instance as the API would answer it; also where it is cancelled.
    pub fn event(&self, calendar: &str, event: &str) -> Option<Value> {
        self.google.world().calendars.look(calendar, &self.email, event)
    }

    /// The living events of a calendar by id: single ones, masters, changed instances.
    pub fn events(&self, calendar: &str) -> Vec<Value> {
        self.google.world().calendars.living(calendar, &self.email)
    }

    /// What the person sees in a calendar up to an instant: single events and the occurrences of series.
    pub fn agenda(&self, calendar: &str, until: DateTime<Utc>) -> Vec<Value> {
        self.google.world().calendars.agenda(calendar, &self.email, until)
    }

    fn act(
        &self,
        act: impl FnOnce(&mut World, Writer<'_>) -> Result<String, Refusal>,
    ) -> Result<String, Refusal> {
        let now = self.google.front.clock.now();
        let mut world = self.google.world();
        let writer = Writer {
            account: &self.email,
            by_api: false,
            now,
        };
        act(&mut world, writer)
    }
}

fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn point(at: DateTime<Utc>) -> Value {
    json!({ "dateTime": at.to_rfc3339_opts(SecondsFormat::Secs, true) })
}
