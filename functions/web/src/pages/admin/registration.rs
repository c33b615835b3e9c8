//! The form with which a CRM is registered or its registration changed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde_json::{Map, Value, json};
use sync_core::policy::FieldError;
use sync_engine::memory::CrmRegistration;

use crate::operations::{crms, linking};
use crate::pages::form::{Admin, AdminForm, Fields};
use crate::pages::{Refused, page as made};
use crate::problem::Problem;
use crate::session::{Shared, form_token};

/// The fields of a sign-in that the form has.
const AUTH_FIELDS: [&str; 4] = ["client_id", "client_secret", "username", "password"];

#[derive(Template)]
#[template(path = "admin_registration.html")]
struct RegistrationPage {
    form_token: String,
    errors: Vec<FieldError>,
    /// Whether the CRM is registered already: its name stays, and its secrets need not be typed again.
    is_known: bool,
    crm: String,
    label: String,
    base_url: String,
    client_id: String,
    username: String,
    interval_minutes: String,
    enabled: bool,
    allow_framing: bool,
}

impl RegistrationPage {
    /// What the template shows beside a field.
    fn error(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.as_str())
    }
}

/// `GET /admin/new`.
pub(super) async fn new(admin: Admin) -> Response {
    made(&RegistrationPage {
        form_token: form_token(&admin.visit, &admin.session.id),
        errors: Vec::new(),
        is_known: false,
        crm: String::new(),
        label: String::new(),
        base_url: String::new(),
        client_id: String::new(),
        username: String::new(),
        interval_minutes: "15".to_owned(),
        enabled: true,
        allow_framing: false,
    })
}

/// `GET /admin/crms/{crm}/edit`.
pub(super) async fn edit(
    State(app): Shared,
    Path(crm): Path<String>,
    admin: Admin,
) -> Result<Response, Refused> {
    let found = crms::find(&app, &crm).await?.value;
    let settings = linking::defaults(&found)?;
    let shown = |name: &str| {
        found
            .auth_shown
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok(made(&RegistrationPage {
        form_token: form_token(&admin.visit, &admin.session.id),
        errors: Vec::new(),
        is_known: true,
        client_id: shown("client_id"),
        username: shown("username"),
        interval_minutes: settings.interval_minutes.to_string(),
        enabled: settings.enabled,
        allow_framing: found.allow_framing,
        crm: found.crm,
        label: found.label,
        base_url: found.base_url,
    }))
}

/// `POST /admin/crms`.
pub(super) async fn register(State(app): Shared, form: AdminForm) -> Result<Response, Refused> {
    let crm = form.fields.text("crm").to_owned();
    // A name that is taken is told, not overwritten: that is what the other form is for.
    if crms::is_slug(&crm) && app.memory.crm(&crm).await?.is_some() {
        return Ok(again(
            &form,
            &crm,
            false,
            Problem::field("crm", crate::messages::NAME_TAKEN),
        ));
    }
    let body = body_of(&form.fields, None, false);
    match try_register(&app, &crm, &body, false).await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/crms/{crm}?done=registered")).into_response()),
        Err(problem) if !problem.errors.is_empty() => Ok(again(&form, &crm, false, problem)),
        Err(problem) => Err(problem.into()),
    }
}

/// `POST /admin/crms/{crm}`.
pub(super) async fn save(
    State(app): Shared,
    Path(crm): Path<String>,
    form: AdminForm,
) -> Result<Response, Refused> {
    let former = crms::find(&app, &crm).await?.value;
    let body = body_of(
        &form.fields,
        Some(&former),
        form.fields.text("client_secret").is_empty(),
    );
    match try_register(&app, &crm, &body, true).await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/crms/{crm}?done=saved")).into_response()),
        Err(problem) if !problem.errors.is_empty() => Ok(again(&form, &crm, true, problem)),
        Err(problem) => Err(problem.into()),
    }
}

async fn try_register(app: &crate::App, crm: &str, body: &Value, auth_may_stay: bool) -> Result<(), Problem> {
    let wanted = crms::Wanted::read(crm, body, auth_may_stay)?;
    crms::register(app, crm, wanted).await.map(drop)
}

/// The registration that the form asks for, in the shape that the calls take. Settings that the form does not
/// have stay as they are.
fn body_of(fields: &Fields, former: Option<&CrmRegistration>, auth_stays: bool) -> Value {
    let mut settings = match former.map(|former| &former.settings) {
        Some(Value::Object(settings)) => settings.clone(),
        Some(_) | None => Map::new(),
    };
    let interval = fields.text("interval_minutes");
    settings.insert(
        "interval_minutes".to_owned(),
        interval
            .parse::<u64>()
            .map_or_else(|_| json!(interval), |n| json!(n)),
    );
    settings.insert("enabled".to_owned(), json!(fields.ticked("enabled")));
    let mut body = json!({
        "kind": former.map_or_else(|| fields.text("kind"), |former| former.kind.as_str()),
        "base_url": fields.text("base_url"),
        "settings": settings,
        "allow_framing": fields.ticked("allow_framing"),
    });
    if let Some(body) = body.as_object_mut() {
        if !fields.text("label").is_empty() {
            body.insert("label".to_owned(), json!(fields.text("label")));
        }
        if !auth_stays {
            let given = AUTH_FIELDS.iter().filter(|name| !fields.text(name).is_empty());
            let auth: Map<String, Value> = given
                .map(|name| ((*name).to_owned(), json!(fields.text(name))))
                .collect();
            body.insert("auth".to_owned(), Value::Object(auth));
        }
    }
    body
}

/// The form once more, with what is wrong. Secrets have to be typed again.
fn again(form: &AdminForm, crm: &str, is_known: bool, problem: Problem) -> Response {
    let text = |name: &str| form.fields.text(name).to_owned();
    let page = made(&RegistrationPage {
        form_token: form_token(&form.visit, &form.session.id),
        errors: problem.errors,
        is_known,
        crm: crm.to_owned(),
        label: text("label"),
        base_url: text("base_url"),
        client_id: text("client_id"),
        username: text("username"),
        interval_minutes: text("interval_minutes"),
        enabled: form.fields.ticked("enabled"),
        allow_framing: form.fields.ticked("allow_framing"),
    });
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}
