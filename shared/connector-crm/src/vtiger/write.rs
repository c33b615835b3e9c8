//! Changing and deleting records, so that a repeat is harmless and nothing is destroyed in silence.
//!
//! A change is written only over the version that was seen, read just before. What it would destroy beside the fields it
//! names is sent along where it can be read, and protected by not changing the record where it cannot: see `activity`
//! and the kinds.
//!
//! An event whose last save was a person's is changed only where the administrator has said that invited users need no
//! care, and never where it belongs to a series. Where the last save was ours, there is nothing of the kind to lose:
//! what we save has neither, and whoever adds one saves the event. What cannot be changed waits, with this reason, and
//! goes through once it can.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::normal_text;
use sync_core::port::Update;

use super::call::Written;
use super::door::Door;
use super::failure::VtigerFailure;
use super::read::database_zone;
use super::shape::Shape;
use super::sweep::Absence;
use super::text::put;
use super::wire::{Row, WireId, parse_stamp};
use crate::text::lost_four_bytes;

/// How often one write is tried in one run when its outcome is unknown and the record shows that it did not happen.
pub(super) const TRIES: u32 = 2;
/// How far the time of a change may lie from the CRM's own clock in the answer to it.
const CLOCKS_APART_MAX: TimeDelta = TimeDelta::minutes(10);

impl<S: Shape> Door<S> {
    /// Writes some fields of a record, provided that it still is the version that was seen.
    ///
    /// A repeat is harmless: it finds another version than the one named and is a conflict.
    pub(super) async fn write_fields(
        &self,
        update: &Update<S::Record>,
    ) -> Result<Observed<S::Record>, Failure> {
        let id = Self::wire_id(&update.id)?;
        self.learn_what_decides().await?;
        let _only = self.only_writer(&update.id).await;
        let Some(before) = self.fetch(id).await? else {
            return Err(gone());
        };
        let seen = self.as_expected(&before, &update.expected)?;
        let (record, fields) = (&update.record, update.fields.as_slice());
        let mut values = self.shape.values(record, fields, Some(&before), self)?;
        self.shape
            .look_up(self, record, fields, Some(&before), &mut values)
            .await?;
        if values.is_empty() {
            return Ok(seen);
        }
        let session = self.session().await?;
        self.shape.check_change(&self.api, &session, &before, &values)?;
        let contacts = S::contacts_to_send(self, id, &session).await?;
        let sent = values.clone();
        let (after, at) = self.revise(id, values, &before, &contacts, &seen.version).await?;
        self.learn_characters(&sent, &after);
        let kept = self.shape.check_kept(record, fields, &after).and_then(|()| {
            if is_in_utc(&after, at) {
                Ok(())
            } else {
                Err(database_zone())
            }
        });
        if let Err(failure) = kept {
            self.put_back(id, &before, &contacts).await;
            return Err(failure);
        }
        self.observed(&self.completed(after).await?)
    }

    async fn revise(
        &self,
        id: WireId,
        values: Map<String, Value>,
        before: &Row,
        contacts: &str,
        seen: &Version,
    ) -> Result<(Row, Option<DateTime<Utc>>), Failure> {
        let element = self.with_what_stays(id, values, before);
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
    fn with_what_stays(&self, id: WireId, mut values: Map<String, Value>, before: &Row) -> String {
        put(&mut values, "id", id.to_string());
        self.shape.keep(&mut values, before, &self.site());
        Value::Object(values).to_string()
    }

    /// Puts back what was there before a write that the CRM did not keep.
    async fn put_back(&self, id: WireId, before: &Row, contacts: &str) {
        let values = self.shape.put_back(before);
        if values.is_empty() {
            return;
        }
        let element = self.with_what_stays(id, values, before);
        if let Err(cause) = self.api.write("revise", &parameters(&element, contacts)).await {
            tracing::warn!(record.id = %id, %cause, "the former state of a record could not be put back");
        }
    }

    /// Deletes a record, provided that it still is the version that was seen.
    ///
    /// A repeat is harmless: it finds the record gone.
    pub(super) async fn remove(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        let wire = Self::wire_id(id)?;
        self.learn_what_decides().await?;
        let _only = self.only_writer(id).await;
        let mut tried = 0;
        loop {
            tried += 1;
            let Some(row) = self.fetch(wire).await? else {
                return match self.absence_of(wire.number).await? {
                    Absence::Deleted => Ok(false),
                    Absence::Passed => Err(reassigned()),
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

    fn as_expected(&self, row: &Row, expected: &Version) -> Result<Observed<S::Record>, Failure> {
        if !self.is_mine(row) {
            return Err(reassigned());
        }
        match self.seen(row) {
            Ok(seen) if seen.version == *expected => Ok(seen),
            Ok(_) | Err(_) => Err(Failure::conflict(
                "changed",
                "the record has changed in the CRM meanwhile",
            )),
        }
    }

    /// Sees from an answer whether the site's tables hold characters of four bytes; where not, each comes back as
    /// question marks.
    pub(super) fn learn_characters(&self, sent: &Map<String, Value>, answered: &Row) {
        let lost = S::TEXTS.iter().any(|column| {
            let sent = sent.get(*column).and_then(Value::as_str);
            sent.is_some_and(|sent| lost_four_bytes(&normal_text(sent), &normal_text(&answered.text(column))))
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
