//! Making copies of the other side's records.
//!
//! The CRM numbers records itself and checks no doubles. What it does take on creation, and never again, is a text in
//! the column `source`: there the copy's key stands, which is derived from the original. Before a copy is made it is
//! looked for by its key, and so it is after a creation whose outcome is unknown.
//!
//! # Source
//! `source` measured on 8.2.0 and 8.4.0: kept in capitals, at most 100 characters, unmoved by later changes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sync_core::failure::Failure;
use sync_core::kind::Record;
use sync_core::port::{Create, Created};

use super::call::Written;
use super::door::Door;
use super::read::{database_zone, stuck};
use super::shape::Shape;
use super::text::put;
use super::wire::{Key, PAGE_ROWS, Query, Row, WireId};
use super::write::{TRIES, is_in_utc, of_this_record};

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

impl<S: Shape> Door<S> {
    /// Makes a copy of the other side's record.
    ///
    /// A repeat is harmless: it finds the first copy by its key and adopts it.
    pub(super) async fn make_copy(&self, create: &Create<S::Record>) -> Result<Created<S::Record>, Failure> {
        self.learn_what_decides().await?;
        let key = self.key(&create.origin, create.generation);
        let (record, fields) = (&create.record, S::Record::FIELDS);
        let mut values = self.shape.values(record, fields, None, self)?;
        if let Some(row) = self.copy_there_is(&key).await? {
            return self.adopted(&row, create.generation);
        }
        self.shape
            .look_up(self, record, fields, None, &mut values)
            .await?;
        self.complete_element(&mut values, &key).await?;
        let element = Value::Object(values.clone()).to_string();
        let parameters = [("elementType", S::MODULE.as_str()), ("element", &element)];
        let mut tried = 0;
        loop {
            tried += 1;
            let cause = match self.api.write("create", &parameters).await {
                Ok(Written { row, at }) => {
                    self.note_copy(&key, &row).await;
                    return self.made(create, &values, row, at).await;
                }
                Err(cause) => cause,
            };
            if !cause.outcome_unknown() {
                return Err(cause.into());
            }
            // It may be there all the same, whole or with what made the CRM fail.
            if let Some(row) = self.copy_under(&key).await? {
                self.note_copy(&key, &row).await;
                return self.made(create, &values, row, None).await;
            }
            if cause.may_still_happen() {
                return Err(cause.into());
            }
            if tried >= TRIES {
                return Err(of_this_record(cause));
            }
        }
    }

    /// A copy that this call has made, looked at before it counts: one that the CRM did not keep as asked is taken
    /// back.
    async fn made(
        &self,
        create: &Create<S::Record>,
        sent: &Map<String, Value>,
        row: Row,
        at: Option<DateTime<Utc>>,
    ) -> Result<Created<S::Record>, Failure> {
        self.learn_characters(sent, &row);
        let kept = if is_in_utc(&row, at) {
            self.shape.check_kept(&create.record, S::Record::FIELDS, &row)
        } else {
            Err(database_zone())
        };
        if let Err(failure) = kept {
            if let Err(cause) = self.api.delete(&row.text("id")).await {
                tracing::warn!(record.id = %row.text("id"), %cause, "a copy that the CRM did not keep as asked could not be removed");
            }
            return Err(failure);
        }
        Ok(Created {
            observed: self.observed(&self.completed(row).await?)?,
            generation: create.generation,
            adopted: false,
        })
    }

    fn adopted(&self, row: &Row, generation: u32) -> Result<Created<S::Record>, Failure> {
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

    /// Adds what a new record has beside its values.
    async fn complete_element(&self, values: &mut Map<String, Value>, key: &Key) -> Result<(), Failure> {
        for (column, value) in self.shape.for_copy(&self.site()) {
            put(values, column, value);
        }
        put(values, "assigned_user_id", self.owner().await?.to_string());
        put(values, "source", key.as_str());
        Ok(())
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
        let mut rows = self.api.query(&self.select().with_key(key)).await?;
        self.shape.complete(&self.api, &mut rows).await?;
        Ok(rows
            .into_iter()
            .min_by_key(|row| row.id("id").map(|id| id.number)))
    }

    /// Lists every copy of the account link, whoever owns it now.
    async fn list_copies(&self) -> Result<BTreeMap<String, WireId>, Failure> {
        let mut listed = BTreeMap::new();
        let mut last = self.site().id(0);
        loop {
            let query = Query::select("id,source", S::MODULE)
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
