//! What runs did, and what they overwrote.

use axum::Json;
use axum::extract::State;
use sync_engine::memory::{AccountLink, Page};
use sync_engine::report::RunRecord;

use super::paths::{EntryPath, LinkPath};
use super::query::{Paging, page};
use super::shapes::{EntryShown, PageShown};
use crate::app::App;
use crate::messages;
use crate::operations::links;
use crate::problem::{Answered, Problem};
use crate::session::Shared;

/// Stands for the beginning of the history, after the last run that is not in it.
const HISTORY: &str = "history";

pub(super) async fn list(
    State(app): Shared,
    LinkPath(id): LinkPath,
    paging: Paging,
) -> Answered<Json<PageShown<RunRecord>>> {
    let link = links::find(&app, &id).await?;
    let found = history(&app, &link, paging.cursor.as_deref(), paging.limit).await?;
    Ok(Json(page(found.items, found.next_cursor.as_deref())))
}

/// The runs that did something, newest first, and before them the last one where it did nothing.
pub(crate) async fn history(
    app: &App,
    link: &AccountLink,
    cursor: Option<&str>,
    limit: usize,
) -> Answered<Page<RunRecord>> {
    if let Some(cursor) = cursor {
        let after = (cursor != HISTORY).then_some(cursor);
        return Ok(app.memory.runs(&link.id, after, limit).await?);
    }
    let mut found = app.memory.runs(&link.id, None, limit).await?;
    let Some(last) = &link.progress.last_run else {
        return Ok(found);
    };
    if found.items.iter().any(|run| run.run_id == last.run_id) {
        return Ok(found);
    }
    if found.items.len() == limit {
        found = match limit {
            1 => Page {
                items: Vec::new(),
                next_cursor: Some(HISTORY.to_owned()),
            },
            _ => app.memory.runs(&link.id, None, limit - 1).await?,
        };
    }
    found.items.insert(0, last.clone());
    Ok(found)
}

pub(super) async fn journal(
    State(app): Shared,
    LinkPath(id): LinkPath,
    paging: Paging,
) -> Answered<Json<PageShown<EntryShown>>> {
    links::find(&app, &id).await?;
    let found = app
        .memory
        .journal(&id, paging.cursor.as_deref(), paging.limit)
        .await?;
    Ok(Json(page(
        found.items.into_iter().map(EntryShown::of),
        found.next_cursor.as_deref(),
    )))
}

pub(super) async fn restore(
    State(app): Shared,
    EntryPath(id, entry): EntryPath,
) -> Answered<Json<EntryShown>> {
    links::find(&app, &id).await?;
    Box::pin(app.engine.restore(&id, &entry)).await?;
    let restored = app.memory.journal_entry(&id, &entry).await?;
    restored
        .map(|entry| Json(EntryShown::of(entry)))
        .ok_or_else(|| Problem::not_found(messages::UNKNOWN_ENTRY))
}
