//! Making copies of the other side's records as events.
//!
//! The CRM numbers records itself and checks no doubles. What it does take on creation, and never again, is a text in
//! the column `source`: there the copy's key stands, which is derived from the original. Before a copy is made it is
//! looked for by its key, and so it is after a creation whose outcome is unknown.
//!
//! # Source
//! `source` measured on 8.2.0 and 8.4.0: kept in capitals, at most 100 characters, unmoved by later changes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sync_core::failure::Failure;
use sync_core::kind::Record;
use sync_core::kind::event::EventRecord;
use sync_core::port::{Create, Created};

use super::call::Written;
use super::convert::{self, Span};
use super::events::VtigerEvents;
use super::read::stuck;
use super::site::Site;
use super::wire::{Key, Module, PAGE_ROWS, Query, Row, WireId};
use super::write::{TRIES, of_this_record, time_not_kept, time_unfit};

/// So many copies are looked for one by one in a run; where more are made, all keys of the account link are listed
/// once. A look takes the CRM up to 66 ms in a large table, as `source` has no index.
const LOOKS_MAX: usize = 4;

/// What is known of the copies that there are.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    looks: usize,
    /// Every copy of the account link by its key, once they were listed.
    listed: Option<BTreeMap<String, WireId>>,
}

impl VtigerEvents {
    /// Makes a copy of the other side's record.
    ///
    /// A repeat is harmless: it finds the first copy by its key and adopts it.
    pub(super) async fn make_copy(
        &self,
        create: &Create<EventRecord>,
    ) -> Result<Created<EventRecord>, Failure> {
        let key = self.key(&create.origin, create.generation);
        let asked = Span::of(&create.record.when, self.user.zone).ok_or_else(time_unfit)?;
        if let Some(row) = self.copy_there_is(&key).await? {
            return self.adopted(&row, create.generation);
        }
        let element = self.element(&create.record, &key).await?;
        let element = Value::Object(element).to_string();
        let parameters = [("elementType", Module::Events.as_str()), ("element", &element)];
        let mut tried = 0;
        loop {
            tried += 1;
            let cause = match self.api.write("create", &parameters).await {
                Ok(Written { row, at }) => {
                    self.note_copy(&key, &row).await;
                    return self.made(create, asked, row, at).await;
                }
                Err(cause) => cause,
            };
            if !cause.outcome_unknown() {
                return Err(cause.into());
            }
            // It may be there all the same, whole or with what made the CRM fail.
            if let Some(row) = self.copy_under(&key).await? {
                self.note_copy(&key, &row).await;
                return self.made(create, asked, row, None).await;
            }
            if cause.may_still_happen() {
                return Err(cause.into());
            }
            if tried >= TRIES {
                return Err(of_this_record(cause));
            }
        }
    }

    /// A copy that this call has made, looked at before it counts: an event at no time or at a wrong one helps
    /// nobody, and is taken back.
    async fn made(
        &self,
        create: &Create<EventRecord>,
        asked: Span,
        row: Row,
        at: Option<chrono::DateTime<chrono::Utc>>,
    ) -> Result<Created<EventRecord>, Failure> {
        self.learn_characters(&create.record, &row);
        let kept = Span::read(&row) == Ok(asked);
        let in_utc = super::write::is_in_utc(&row, at);
        if kept && in_utc {
            let observed = self.observed(&row)?;
            return Ok(Created {
                observed,
                generation: create.generation,
                adopted: false,
            });
        }
        if let Err(cause) = self.api.delete(&row.text("id")).await {
            tracing::warn!(record.id = %row.text("id"), %cause, "a copy whose time the CRM did not keep could not be removed");
        }
        if in_utc {
            Err(time_not_kept())
        } else {
            Err(super::read::database_zone())
        }
    }

    fn adopted(&self, row: &Row, generation: u32) -> Result<Created<EventRecord>, Failure> {
        if !self.is_mine(row) {
            let message = "its copy in the CRM has been given to somebody else";
            return Err(Failure::permanent("copy_reassigned", message));
        }
        Ok(Created {
            observed: self.observed(row)?,
            generation,
            adopted: true,
        })
    }

    /// What is sent for a new event.
    async fn element(&self, record: &EventRecord, key: &Key) -> Result<Map<String, Value>, Failure> {
        let Site {
            meeting_type,
            planned_status,
            ..
        } = self.site();
        let mut element = convert::columns(record, EventRecord::FIELDS, &self.site(), self.user.zone)
            .ok_or_else(time_unfit)?;
        let owner = self.owner().await?;
        let given: [(&str, String); 6] = [
            // Without it the record would have no type at all.
            ("activitytype", meeting_type),
            ("eventstatus", planned_status),
            ("assigned_user_id", owner.to_string()),
            // They have to be there; the CRM counts them itself.
            ("duration_hours", "0".to_owned()),
            ("duration_minutes", "0".to_owned()),
            ("source", key.as_str().to_owned()),
        ];
        element.extend(given.map(|(name, value)| (name.to_owned(), value.into())));
        Ok(element)
    }

    /// The copy of that key, if it was made before.
    async fn copy_there_is(&self, key: &Key) -> Result<Option<Row>, Failure> {
        let listed = {
            let mut copies = self.copies.lock().await;
            if copies.listed.is_none() && copies.looks < LOOKS_MAX {
                copies.looks += 1;
                None
            } else {
                if copies.listed.is_none() {
                    copies.listed = Some(self.list_copies().await?);
                }
                copies
                    .listed
                    .as_ref()
                    .map(|listed| listed.get(key.as_str()).copied())
            }
        };
        match listed {
            None => self.copy_under(key).await,
            Some(None) => Ok(None),
            Some(Some(id)) => Ok(self.fetch(id).await?),
        }
    }

    /// Looks for the copy of that key.
    async fn copy_under(&self, key: &Key) -> Result<Option<Row>, Failure> {
        let query = Query::select(&self.site().columns(), Module::Events).with_key(key);
        let rows = self.api.query(&query).await?;
        Ok(rows
            .into_iter()
            .min_by_key(|row| row.id("id").map(|id| id.number)))
    }

    /// Lists every copy of the account link, whoever owns it now.
    async fn list_copies(&self) -> Result<BTreeMap<String, WireId>, Failure> {
        let mut listed = BTreeMap::new();
        let mut last = self.site().event(0);
        loop {
            let query = Query::select("id,source", Module::Events)
                .with_key_beginning(&self.keys_begin())
                .behind(last)
                .ordered("id", 0, PAGE_ROWS);
            let page = self.api.query(&query).await?;
            let Some(end) = super::read::furthest(&page) else {
                return Ok(listed);
            };
            if end.number <= last.number {
                return Err(stuck());
            }
            for row in &page {
                if let (Some(id), Some(key)) = (row.id("id"), row.filled("source")) {
                    listed.entry(key).or_insert(id);
                }
            }
            last = end;
        }
    }

    async fn note_copy(&self, key: &Key, row: &Row) {
        let mut copies = self.copies.lock().await;
        if let (Some(listed), Some(id)) = (copies.listed.as_mut(), row.id("id")) {
            listed.insert(key.as_str().to_owned(), id);
        }
    }
}
