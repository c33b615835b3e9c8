//! The Google client of a CRM.

use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::body::RawBody;
use super::paths::CrmPath;
use super::shapes;
use crate::operations::{crms, google_client};
use crate::origin::Origin;
use crate::problem::Answered;
use crate::session::Shared;

pub(super) async fn read(State(app): Shared, CrmPath(crm): CrmPath) -> Answered<Json<Value>> {
    let found = crms::find(&app, &crm).await?.value;
    Ok(Json(shapes::google_client(found.google_client_id.as_deref())))
}

pub(super) async fn put(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    headers: HeaderMap,
    RawBody(file): RawBody,
) -> Answered<Json<Value>> {
    let redirect_uri = Origin::of(&app, &headers).redirect_uri();
    let client_id = google_client::install(&app, &crm, &file, &redirect_uri).await?;
    Ok(Json(shapes::google_client(Some(&client_id))))
}

pub(super) async fn delete(State(app): Shared, CrmPath(crm): CrmPath) -> Answered<StatusCode> {
    google_client::remove(&app, &crm).await?;
    Ok(StatusCode::NO_CONTENT)
}
