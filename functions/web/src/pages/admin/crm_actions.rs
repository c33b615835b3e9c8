//! What the buttons of a CRM's page do.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde_json::json;
use sync_core::policy::FieldError;

use super::crm::{Added, after_check, full};
use crate::messages;
use crate::operations::{crms, google_client, link_keys};
use crate::pages::Refused;
use crate::pages::form::AdminForm;
use crate::session::Shared;

/// `POST /admin/crms/{crm}/check`.
pub(super) async fn check(
    State(app): Shared,
    Path(crm): Path<String>,
    form: AdminForm,
) -> Result<Response, Refused> {
    let found = crms::find(&app, &crm).await?.value;
    let report = crms::check(&app, &found).await?;
    after_check(&form.visit, &form.session, &crm, report).await
}

/// `POST /admin/crms/{crm}/google-client`: the file, or id and secret typed in.
pub(super) async fn upload_client(
    State(app): Shared,
    Path(crm): Path<String>,
    form: AdminForm,
) -> Result<Response, Refused> {
    let file = form.fields.bytes("file");
    let (id, secret) = (form.fields.text("client_id"), form.fields.text("client_secret"));
    let typed = json!({ "client_id": id, "client_secret": secret }).to_string();
    let bytes = match (file.is_empty(), id.is_empty() && secret.is_empty()) {
        (false, _) => file,
        (true, false) => typed.as_bytes(),
        (true, true) => {
            let errors = vec![FieldError::new("file", messages::FILE_MISSING)];
            return not_installed(&form, &crm, StatusCode::UNPROCESSABLE_ENTITY, errors).await;
        }
    };
    match google_client::install(&app, &crm, bytes, &form.visit.origin.redirect_uri()).await {
        Ok(_) => Ok(to(&crm, "client-installed")),
        Err(problem) if !problem.errors.is_empty() => {
            not_installed(&form, &crm, problem.status, problem.errors).await
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn not_installed(
    form: &AdminForm,
    crm: &str,
    status: StatusCode,
    client_errors: Vec<FieldError>,
) -> Result<Response, Refused> {
    let added = Added {
        client_errors,
        ..Added::default()
    };
    let page = full(&form.visit, &form.session, crm, added).await?;
    Ok((status, page).into_response())
}

/// `POST /admin/crms/{crm}/google-client/remove`.
pub(super) async fn remove_client(
    State(app): Shared,
    Path(crm): Path<String>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    google_client::remove(&app, &crm).await?;
    Ok(to(&crm, "client-removed"))
}

/// `POST /admin/crms/{crm}/link-key`.
pub(super) async fn new_link_key(
    State(app): Shared,
    Path(crm): Path<String>,
    form: AdminForm,
) -> Result<Response, Refused> {
    let added = Added {
        new_key: Some(link_keys::rotate(&app, &crm).await?),
        ..Added::default()
    };
    full(&form.visit, &form.session, &crm, added).await
}

/// `POST /admin/crms/{crm}/remove`.
pub(super) async fn remove(
    State(app): Shared,
    Path(crm): Path<String>,
    form: AdminForm,
) -> Result<Response, Refused> {
    // The name typed in is the second look that removing every link of a CRM deserves.
    if form.fields.text("name") != crm {
        return Ok(to(&crm, "not-removed"));
    }
    crms::remove(&app, &crm).await?;
    Ok(Redirect::to("/admin?done=removed").into_response())
}

/// Back to the CRM's page, which says what was done.
pub(super) fn to(crm: &str, done: &str) -> Response {
    Redirect::to(&format!("/admin/crms/{crm}?done={done}")).into_response()
}
