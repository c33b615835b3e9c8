//! The Google client of a CRM.

use axum::Json;
use axum::extract::State;
use http::HeaderMap;

use super::answers::Done;
use super::body::RawBody;
use super::paths::CrmPath;
use super::shapes::GoogleClientShown;
use crate::operations::{crms, google_client};
use crate::origin::Origin;
use crate::problem::Answered;
use crate::session::Shared;

pub(super) async fn read(State(app): Shared, CrmPath(crm): CrmPath) -> Answered<Json<GoogleClientShown>> {
    let found = crms::find(&app, &crm).await?.value;
    Ok(Json(GoogleClientShown::of(found.google_client_id)))
}

pub(super) async fn put(
    State(app): Shared,
    CrmPath(crm): CrmPath,
    headers: HeaderMap,
    RawBody(file): RawBody,
) -> Answered<Json<GoogleClientShown>> {
    let redirect_uri = Origin::of(&app, &headers).redirect_uri();
    let client_id = google_client::install(&app, &crm, &file, &redirect_uri).await?;
    Ok(Json(GoogleClientShown::of(Some(client_id))))
}

pub(super) async fn delete(State(app): Shared, CrmPath(crm): CrmPath) -> Answered<Done> {
    google_client::remove(&app, &crm).await?;
    Ok(Done)
}
