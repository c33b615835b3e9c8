//! What a CRM's new users begin with.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde_json::{Map, Value};
use sync_core::policy::FieldError;
use sync_engine::memory::CrmRegistration;

use crate::operations::{crms, linking};
use crate::pages::form::{Admin, AdminForm};
use crate::pages::settings::{For, SettingsShown, Wrong, patch_of};
use crate::pages::{Refused, page as made};
use crate::problem::Problem;
use crate::session::{AdminSession, Shared, form_token};
use crate::speech::Words;
use crate::visit::Visit;

/// What the fields of default settings are called in a registration.
const WITHIN: &str = "settings.";

#[derive(Template)]
#[template(path = "admin_defaults.html")]
struct DefaultsPage {
    words: Words,
    form_token: String,
    crm: String,
    label: String,
    settings: SettingsShown,
}

/// `GET /admin/crms/{crm}/defaults`.
pub(super) async fn page(
    State(app): Shared,
    Path(crm): Path<String>,
    admin: Admin,
) -> Result<Response, Refused> {
    let found = crms::find(&app, &crm).await?.value;
    full(&admin.visit, &admin.session, &found, None)
}

/// `POST /admin/crms/{crm}/defaults`.
pub(super) async fn save(
    State(app): Shared,
    Path(crm): Path<String>,
    form: AdminForm,
) -> Result<Response, Refused> {
    let found = crms::find(&app, &crm).await?.value;
    let patch = patch_of(&form.fields, For::NewUsers);
    match registered(&app, &found, &patch).await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/crms/{crm}?done=saved")).into_response()),
        Err(problem) if !problem.errors.is_empty() => {
            let errors = problem.errors.into_iter().map(|error| FieldError {
                field: error.field.trim_start_matches(WITHIN).to_owned(),
                ..error
            });
            let wrong = Wrong {
                errors: errors.collect(),
                patch,
            };
            let page = full(&form.visit, &form.session, &found, Some(&wrong))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}

fn full(
    visit: &Visit,
    session: &AdminSession,
    found: &CrmRegistration,
    wrong: Option<&Wrong>,
) -> Result<Response, Refused> {
    Ok(made(&DefaultsPage {
        words: visit.words.clone(),
        form_token: form_token(visit, &session.id),
        crm: found.crm.clone(),
        label: found.label.clone(),
        settings: SettingsShown::of_new_users(&linking::defaults(found)?, wrong),
    }))
}

/// The registration once more, with the defaults changed and everything else as it is.
async fn registered(app: &crate::App, found: &CrmRegistration, patch: &Value) -> Result<(), Problem> {
    let mut settings = found.settings.as_object().cloned().unwrap_or_default();
    merge(&mut settings, patch);
    let body = serde_json::json!({
        "kind": found.kind,
        "label": found.label,
        "base_url": found.base_url,
        "settings": settings,
        "allow_framing": found.allow_framing,
    });
    let wanted = crms::Wanted::read(&found.crm, &body, true)?;
    crms::register(app, &found.crm, wanted).await.map(drop)
}

/// RFC 7396, for an object.
fn merge(target: &mut Map<String, Value>, patch: &Value) {
    for (name, value) in patch.as_object().into_iter().flatten() {
        match (target.get_mut(name), value) {
            (_, Value::Null) => {
                target.remove(name);
            }
            (Some(Value::Object(inner)), Value::Object(_)) if name != "hours" => merge(inner, value),
            (_, value) => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}
