//! Lists that are wanted whole, with no condition on when they changed.

use std::collections::HashSet;

use sync_core::failure::Failure;

use super::call::Api;
use super::wire::{ListQuery, Page, Resource};
use crate::earliest::Earliest;

/// All rows of a list, in the order of ids. It goes on to an empty page: a site may hand out less than it is asked
/// for, and a row left out would be taken for one that is not there.
pub(crate) async fn all_rows(
    api: &Api,
    mut query: ListQuery,
    path: impl Fn(&ListQuery) -> String + Send + Sync,
    earliest: &Earliest,
) -> Result<Vec<Resource>, Failure> {
    let mut rows: Vec<Resource> = Vec::new();
    let mut seen = HashSet::new();
    loop {
        let page: Page = api.get_noting(&path(&query), earliest).await?;
        let Some(last) = page.data.last().map(|row| row.id.clone()) else {
            return Ok(rows);
        };
        if !seen.insert(last.to_ascii_lowercase()) {
            let message = "the CRM shows the same page of records again and again";
            return Err(Failure::bug("list_stuck", message));
        }
        rows.extend(page.data);
        query.after = Some(last);
    }
}
