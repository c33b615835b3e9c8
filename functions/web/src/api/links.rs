//! Account links: state, settings, runs.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};
use sync_core::policy::Settings;
use sync_engine::report::Preview;

use super::body::JsonBody;
use super::paths::{CrmPath, LinkPath};
use super::query::{Paging, Wait, page};
use super::shapes;
use crate::operations::{crms, links};
use crate::problem::Answered;
use crate::session::Shared;

pub(super) async fn list(State(app): Shared, CrmPath(crm): CrmPath, paging: Paging) -> Answered<Json<Value>> {
    crms::find(&app, &crm).await?;
    let found = app
        .memory
        .account_links(&crm, paging.cursor.as_deref(), paging.limit)
        .await?;
    Ok(Json(page(
        &found.items.iter().map(shapes::link).collect::<Vec<_>>(),
        found.next_cursor.as_deref(),
    )))
}

pub(super) async fn read(State(app): Shared, LinkPath(id): LinkPath) -> Answered<Json<Value>> {
    Ok(Json(shapes::link(&links::find(&app, &id).await?)))
}

pub(super) async fn disconnect(State(app): Shared, LinkPath(id): LinkPath) -> Answered<Json<Value>> {
    links::find(&app, &id).await?;
    let done = links::disconnect(&app, &id).await?;
    Ok(Json(
        json!({ "disconnected": true, "revoked_at_google": done.revoked }),
    ))
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

pub(super) async fn sync(State(app): Shared, LinkPath(id): LinkPath, Wait(wait): Wait) -> Answered<Response> {
    if wait {
        return Ok(Json(links::sync_now(&app, &id).await?).into_response());
    }
    let run_id = links::sync_soon(&app, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "run_id": run_id }))).into_response())
}

pub(super) async fn confirm(
    State(app): Shared,
    LinkPath(id): LinkPath,
) -> Answered<(StatusCode, Json<Value>)> {
    let run_id = links::confirm(&app, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "run_id": run_id }))))
}
