//! The journal: the values that runs overwrote or deleted, kept 30 days.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::Kind;
use sync_core::port::{Expect, Key, Order, Write};
use sync_core::side::{PerSide, Side};

use super::codec::{decode, encode};
use super::{HISTORY_DAYS, Memory, Page, Remembered, keys};

/// One value that a run overwrote or deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Its name; sorts by time.
    pub id: String,
    /// When it was lost.
    pub at: DateTime<Utc>,
    /// The run that did it.
    pub run_id: String,
    /// The kind of the record.
    pub kind: Kind,
    /// The side on which the value was lost.
    pub side: Side,
    /// The record's names.
    pub ids: PerSide<Option<RemoteId>>,
    /// What was lost.
    pub loss: Loss,
    /// Why: `conflict`, `deletion`, or `hidden` for the copy of a record that became private.
    pub why: String,
    /// The side whose change won.
    pub won_by: Side,
    /// When it was put back, if it was.
    pub restored_at: Option<DateTime<Utc>>,
}

/// What was lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// One field's value.
    Field {
        /// The field.
        field: String,
        /// Its value.
        value: Value,
    },
    /// The whole record.
    Record(Value),
}

impl JournalEntry {
    pub(super) fn put(&self, link: &AccountLinkId) -> Remembered<Write> {
        Ok(Write::Put {
            key: Key::new(keys::journal(link), self.id.clone()),
            body: encode(self)?,
            expires_at: Some(self.at + Duration::days(HISTORY_DAYS)),
            expect: Expect::Anything,
        })
    }

    /// The name of the `number`th entry of a run at that time.
    pub fn name(at: DateTime<Utc>, run_id: &str, number: usize) -> String {
        format!(
            "{}-{}-{number:04}",
            at.format("%Y%m%dT%H%M%S%3fZ"),
            keys::part(run_id)
        )
    }
}

impl Memory {
    /// The journal, newest first.
    pub async fn journal(
        &self,
        link: &AccountLinkId,
        cursor: Option<&str>,
        limit: usize,
    ) -> Remembered<Page<JournalEntry>> {
        let page = self
            .store
            .query(&keys::journal(link), "", cursor, limit, Order::Descending)
            .await?;
        let items = page
            .rows
            .iter()
            .map(|row| decode(&row.body, "journal entry"))
            .collect::<Remembered<Vec<_>>>()?;
        Ok(Page {
            items,
            next_cursor: page.next,
        })
    }

    /// One entry of the journal.
    pub async fn journal_entry(&self, link: &AccountLinkId, entry: &str) -> Remembered<Option<JournalEntry>> {
        match self.store.get(&Key::new(keys::journal(link), entry)).await? {
            Some(row) => decode(&row.body, "journal entry").map(Some),
            None => Ok(None),
        }
    }

    /// Writes an entry over its former self.
    pub async fn put_journal_entry(&self, link: &AccountLinkId, entry: &JournalEntry) -> Remembered<()> {
        self.store.write(&[entry.put(link)?]).await
    }
}
