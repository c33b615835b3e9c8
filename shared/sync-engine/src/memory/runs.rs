//! The history of runs.

use chrono::Duration;
use sync_core::id::AccountLinkId;
use sync_core::port::{Expect, Order, Write};

use super::codec::{decode, encode};
use super::{HISTORY_DAYS, Memory, Page, Remembered, keys};
use crate::report::RunRecord;

impl Memory {
    /// Keeps the record of a run. Keeping it twice keeps it once.
    pub async fn keep_run(&self, link: &AccountLinkId, run: &RunRecord) -> Remembered<()> {
        self.store
            .write(&[Write::Put {
                key: sync_core::port::Key::new(keys::runs(link), keys::moment(run.started_at, &run.run_id)),
                body: encode(run)?,
                expires_at: Some(run.finished_at + Duration::days(HISTORY_DAYS)),
                expect: Expect::Anything,
            }])
            .await
    }

    /// The runs that did something, newest first.
    pub async fn runs(
        &self,
        link: &AccountLinkId,
        cursor: Option<&str>,
        limit: usize,
    ) -> Remembered<Page<RunRecord>> {
        let page = self
            .store
            .query(&keys::runs(link), "", cursor, limit, Order::Descending)
            .await?;
        let items = page
            .rows
            .iter()
            .map(|row| decode(&row.body, "run record"))
            .collect::<Remembered<Vec<_>>>()?;
        Ok(Page {
            items,
            next_cursor: page.next,
        })
    }
}
