//! Account links: state, settings, runs.

use axum::Json;
use axum::extract::State;
use sync_core::policy::Settings;
use sync_engine::report::{Preview, RunRecord};

use super::answers::{Accepted, NowOrSoon};
use super::body::JsonBody;
use super::paths::{CrmPath, LinkPath};
use super::query::{Paging, Wait, page};
use super::shapes::{DisconnectedShown, LinkShown, PageShown, StartedShown};
use crate::operations::grants::{Leaving, Revoked};
use crate::operations::{crms, links};
use crate::problem::Answered;
use crate::session::Shared;

pub(super) async fn list(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    paging: Paging,
) -> Answered<Json<PageShown<LinkShown>>> {
    crms::find(&app, &crm).await?;
    let found = app
        .memory
        .account_links(&crm, paging.cursor.as_deref(), paging.limit)
        .await?;
    Ok(Json(page(
        found.items.iter().map(LinkShown::of),
        found.next_cursor.as_deref(),
    )))
}

pub(super) async fn read(State(app): Shared, LinkPath(id): LinkPath) -> Answered<Json<LinkShown>> {
    Ok(Json(LinkShown::of(&links::find(&app, &id).await?)))
}

pub(super) async fn disconnect(
    State(app): Shared,
    LinkPath(id): LinkPath,
) -> Answered<Json<DisconnectedShown>> {
    links::find(&app, &id).await?;
    let revoked = links::disconnect(&app, &id, Leaving::One).await?;
    Ok(Json(DisconnectedShown {
        disconnected: true,
        revoked_at_google: revoked == Revoked::Yes,
    }))
}

pub(super) async fn settings(State(app): Shared, LinkPath(id): LinkPath) -> Answered<Json<Settings>> {
    Ok(Json(links::find(&app, &id).await?.body.value.settings))
}

pub(super) async fn patch_settings(
    State(app): Shared,
    LinkPath(id): LinkPath,
    JsonBody(patch): JsonBody,
) -> Answered<Json<Settings>> {
    Ok(Json(links::patch_settings(&app, &id, &patch).await?))
}

pub(super) async fn preview(State(app): Shared, LinkPath(id): LinkPath) -> Answered<Json<Preview>> {
    links::find(&app, &id).await?;
    Ok(Json(Box::pin(app.engine.preview(&id)).await?))
}

pub(super) async fn sync(
    State(app): Shared,
    LinkPath(id): LinkPath,
    Wait(wait): Wait,
) -> Answered<NowOrSoon<RunRecord, StartedShown>> {
    if wait {
        return Ok(NowOrSoon::Now(links::sync_now(&app, &id).await?));
    }
    let run_id = links::sync_soon(&app, &id).await?;
    Ok(NowOrSoon::Soon(StartedShown { run_id }))
}

pub(super) async fn confirm(State(app): Shared, LinkPath(id): LinkPath) -> Answered<Accepted<StartedShown>> {
    let run_id = links::confirm(&app, &id).await?;
    Ok(Accepted(StartedShown { run_id }))
}
