//! Changing and deleting events, so that a repeat is harmless and nothing is destroyed in silence.
//!
//! # What a change would destroy
//!
//! The CRM saves an event as its form would, and takes whatever the form did not send for emptied:
//!
//! | lost | kept by |
//! |---|---|
//! | reminder | sending what was read, minutes as seconds, with every change |
//! | contacts, all but one (before 8.4) | reading them one by one and sending them beside the record |
//! | invited users | not changing the event: they cannot be read |
//! | rule of a series | not changing the event: it cannot be read either |
//!
//! So an event whose last save was a person's is changed only where the administrator has said that invited users
//! need no care, and never where it belongs to a series. Where the last save was ours, there is nothing of the kind
//! to lose: what we save has neither, and whoever adds one saves the event. What cannot be changed waits, with this
//! reason, and goes through once it can.
//!
//! # Source
//! Measured on 8.2.0 and 8.4.0; the extra parameters ride in the same body beside the element.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::{EventField, EventRecord, normal_text};
use sync_core::port::Update;

use super::call::Written;
use super::convert::{self, Span};
use super::events::VtigerEvents;
use super::failure::VtigerFailure;
use super::login::{InvitedUsers, Session};
use super::site::CONTACTS;
use super::sweep::Absence;
use super::wire::{Module, Query, Row, WireId, parse_stamp};
use crate::text::lost_four_bytes;

/// How often one write is tried in one run when its outcome is unknown and the record shows that it did not happen.
pub(super) const TRIES: u32 = 2;
/// Contacts of one event that are read; each takes a request.
const CONTACTS_MAX: usize = 100;
/// How far the time of a change may lie from the CRM's own clock in the answer to it.
const CLOCKS_APART_MAX: TimeDelta = TimeDelta::minutes(10);

impl VtigerEvents {
    /// Writes some fields of a record, provided that it still is the version that was seen.
    ///
    /// A repeat is harmless: it finds another version than the one named and is a conflict.
    pub(super) async fn write_fields(
        &self,
        update: &Update<EventRecord>,
    ) -> Result<Observed<EventRecord>, Failure> {
        let id = Self::wire_id(&update.id)?;
        let _only = self.only_writer(&update.id).await;
        let Some(before) = self.fetch(id).await? else {
            return Err(gone());
        };
        let seen = self.as_expected(&before, &update.expected)?;
        let values = convert::columns(&update.record, &update.fields, &self.site(), self.user.zone)
            .ok_or_else(time_unfit)?;
        if values.is_empty() {
            return Ok(seen);
        }
        let session = self.session().await?;
        self.assert_nothing_hidden_is_lost(&before, &session)?;
        let contacts = self.contacts_to_send(id, &session).await?;
        let (after, at) = self.revise(id, values, &before, &contacts, &seen.version).await?;
        self.learn_characters(&update.record, &after);
        let asked = Span::of(&update.record.when, self.user.zone);
        let kept = !update.fields.contains(&EventField::When) || Span::read(&after).ok() == asked;
        if !kept || !is_in_utc(&after, at) {
            self.put_time_back(id, &before, &contacts).await;
            return Err(if kept {
                super::read::database_zone()
            } else {
                time_not_kept()
            });
        }
        self.observed(&after)
    }

    /// Refuses to change an event that may have what a change destroys and no one can read.
    fn assert_nothing_hidden_is_lost(&self, row: &Row, session: &Session) -> Result<(), Failure> {
        if row.id("modifiedby") == Some(session.user) {
            return Ok(());
        }
        let series = row.filled("recurringtype").is_some_and(|kind| kind != "--None--");
        if series {
            return Err(Failure::permanent(
                "series_kept",
                "the event belongs to a series of the CRM, whose rule a change from outside would destroy: change it \
                 in the CRM",
            ));
        }
        match self.api.login.invited_users() {
            InvitedUsers::Drop => Ok(()),
            InvitedUsers::Keep => Err(Failure::permanent(
                "invited_users_kept",
                "the event was last saved by a person in the CRM, and a change from outside would remove the users \
                 who may be invited to it: change it in the CRM, or let the administrator set auth.invited_users to \
                 drop where nobody is ever invited",
            )),
        }
    }

    /// The contacts that have to be sent along so that they stay; none where they stay by themselves.
    ///
    /// The join is paged through, because a page with several contacts of one event shows one of them.
    async fn contacts_to_send(&self, id: WireId, session: &Session) -> Result<String, Failure> {
        if session.keeps_contacts() || !self.site().has(CONTACTS) {
            return Ok(String::new());
        }
        let mut contacts: Vec<u64> = Vec::new();
        for place in 0..=CONTACTS_MAX {
            let query = Query::select("id,contact_id", Module::Events)
                .with_id(id)
                .ordered("contact_id", place, 1);
            let rows = self.api.query(&query).await?;
            let Some(row) = rows.first() else {
                let contacts: Vec<String> = contacts.iter().map(u64::to_string).collect();
                return Ok(contacts.join(";"));
            };
            if let Some(contact) = row.id(CONTACTS)
                && !contacts.contains(&contact.number)
            {
                contacts.push(contact.number);
            }
        }
        Err(Failure::permanent(
            "many_contacts",
            "the event has more contacts than can be kept while it is changed from outside",
        ))
    }

    async fn revise(
        &self,
        id: WireId,
        values: Map<String, Value>,
        before: &Row,
        contacts: &str,
        seen: &Version,
    ) -> Result<(Row, Option<DateTime<Utc>>), Failure> {
        let element = Value::Object(self.with_what_stays(id, values, before)).to_string();
        let parameters = parameters(&element, contacts);
        let mut tried = 0;
        loop {
            tried += 1;
            let cause = match self.api.write("revise", &parameters).await {
                Ok(Written { row, at }) => return Ok((row, at)),
                Err(VtigerFailure::Denied) if self.fetch(id).await?.is_none() => return Err(gone()),
                Err(cause) => cause,
            };
            if !cause.outcome_unknown() {
                return Err(cause.into());
            }
            // Whether it was written shows in the record: where it still is as seen, it was not.
            let Some(now) = self.fetch(id).await? else {
                return Err(gone());
            };
            if self.observed(&now).is_ok_and(|now| now.version != *seen) {
                return Ok((now, None));
            }
            if cause.may_still_happen() {
                return Err(cause.into());
            }
            if tried >= TRIES {
                return Err(of_this_record(cause));
            }
        }
    }

    /// The element of a change: what shall change, and what would be emptied or reset if it were not sent.
    fn with_what_stays(
        &self,
        id: WireId,
        mut values: Map<String, Value>,
        before: &Row,
    ) -> Map<String, Value> {
        values.insert("id".to_owned(), id.to_string().into());
        let activity_type = before
            .filled("activitytype")
            .unwrap_or_else(|| self.site().meeting_type);
        values.insert("activitytype".to_owned(), activity_type.into());
        if let Some(visibility) = before.filled("visibility") {
            values.entry("visibility").or_insert_with(|| visibility.into());
        }
        let minutes = before
            .filled("reminder_time")
            .and_then(|minutes| minutes.parse::<u64>().ok())
            .filter(|minutes| *minutes > 0);
        if let Some(minutes) = minutes {
            // Read in minutes, written in seconds.
            let seconds = minutes.saturating_mul(60);
            values.insert("reminder_time".to_owned(), seconds.to_string().into());
        }
        values
    }

    /// Puts the former time back after the CRM lost the new one.
    async fn put_time_back(&self, id: WireId, before: &Row, contacts: &str) {
        let Ok(span) = Span::read(before) else { return };
        let mut values = Map::new();
        span.write(&mut values);
        let element = Value::Object(self.with_what_stays(id, values, before)).to_string();
        if let Err(cause) = self.api.write("revise", &parameters(&element, contacts)).await {
            tracing::warn!(record.id = %id, %cause, "the former time of a record could not be put back");
        }
    }

    /// Deletes a record, provided that it still is the version that was seen.
    ///
    /// A repeat is harmless: it finds the record gone.
    pub(super) async fn remove(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        let wire = Self::wire_id(id)?;
        let _only = self.only_writer(id).await;
        let mut tried = 0;
        loop {
            tried += 1;
            let Some(row) = self.fetch(wire).await? else {
                return match self.absence_of(wire.number).await? {
                    Absence::Deleted => Ok(false),
                    Absence::Task => Err(reassigned()),
                };
            };
            self.as_expected(&row, expected)?;
            let cause = match self.api.delete(&id.id).await {
                Ok(()) => return Ok(true),
                Err(cause) => cause,
            };
            // Denied: deleted by somebody else meanwhile, as this same version, or forbidden.
            if !cause.outcome_unknown() && cause != VtigerFailure::Denied {
                return Err(cause.into());
            }
            if self.fetch(wire).await?.is_none() && self.absence_of(wire.number).await? == Absence::Deleted {
                return Ok(true);
            }
            if cause.may_still_happen() || cause == VtigerFailure::Denied {
                return Err(cause.into());
            }
            if tried >= TRIES {
                return Err(of_this_record(cause));
            }
        }
    }

    fn as_expected(&self, row: &Row, expected: &Version) -> Result<Observed<EventRecord>, Failure> {
        if !self.is_mine(row) {
            return Err(reassigned());
        }
        match convert::observed(row, self.user.zone, &self.api.base_url) {
            Ok(seen) if seen.version == *expected => Ok(seen),
            Ok(_) | Err(_) => Err(Failure::conflict(
                "changed",
                "the record has changed in the CRM meanwhile",
            )),
        }
    }

    /// Sees from an answer whether the site's tables hold characters of four bytes; where not, each comes back as
    /// question marks.
    pub(super) fn learn_characters(&self, sent: &EventRecord, answered: &Row) {
        let texts = [
            (&sent.title, "subject"),
            (&sent.description, "description"),
            (&sent.location, "location"),
        ];
        let lost = texts.into_iter().any(|(sent, column)| {
            let sent = normal_text(&convert::broken_up(sent));
            lost_four_bytes(&sent, &normal_text(&answered.text(column)))
        });
        if lost {
            self.learn(|site| site.four_byte_characters = false);
        }
    }
}

fn parameters<'a>(element: &'a str, contacts: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut parameters = vec![("element", element)];
    // An empty list would remove them all.
    if !contacts.is_empty() {
        parameters.push(("contactidlist", contacts));
    }
    parameters
}

/// Whether the time of a change, seen beside the CRM's own clock, is in UTC. Where either is missing nothing speaks
/// against it.
pub(super) fn is_in_utc(row: &Row, at: Option<DateTime<Utc>>) -> bool {
    at.zip(parse_stamp(&row.text("modifiedtime")))
        .is_none_or(|(at, changed)| (at - changed).abs() <= CLOCKS_APART_MAX)
}

/// A failure that stayed although the CRM answers reads of the very record. What is the record's own (its values make
/// PHP or the database fail) must not stop its neighbours; what is the site's makes the run wait.
pub(super) fn of_this_record(cause: VtigerFailure) -> Failure {
    match cause {
        VtigerFailure::Internal | VtigerFailure::Crashed { status: _ } => Failure::permanent(
            "crm_crashed",
            "the CRM fails with an internal error whenever this record is written",
        ),
        VtigerFailure::Denied
        | VtigerFailure::SessionLapsed
        | VtigerFailure::Mandatory { .. }
        | VtigerFailure::Reference
        | VtigerFailure::OtherClass
        | VtigerFailure::Query
        | VtigerFailure::Unavailable { .. }
        | VtigerFailure::Page { .. }
        | VtigerFailure::Unintelligible
        | VtigerFailure::Unknown
        | VtigerFailure::Below { .. } => cause.into(),
    }
}

fn gone() -> Failure {
    Failure::conflict("gone", "the record has been deleted in the CRM meanwhile")
}

fn reassigned() -> Failure {
    Failure::conflict(
        "reassigned",
        "the record has been given to somebody else in the CRM",
    )
}

pub(super) fn time_not_kept() -> Failure {
    Failure::permanent(
        "time_not_kept",
        "the CRM did not keep the date and time it was given",
    )
}

pub(super) fn time_unfit() -> Failure {
    Failure::permanent(
        "time_unfit",
        "the CRM cannot keep the date and time: years go from 1000 to 9999, and an event ends after it begins",
    )
}
