//! The form with which a CRM is registered or its registration changed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use connector_crm::registry::CrmKind;
use http::{StatusCode, Uri};
use serde_json::{Map, Value, json};
use sync_core::policy::FieldError;
use sync_engine::memory::CrmRegistration;

use super::crm;
use super::sign_ins::{fields, offered, ways};
use crate::operations::{crms, linking};
use crate::pages::form::{Admin, AdminForm, Fields};
use crate::pages::{Refused, page as made, query};
use crate::problem::Problem;
use crate::session::{AdminSession, Shared, form_token};
use crate::speech::Words;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "admin_registration.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that is ticked or not, or a part of the page that is there or not"
)]
struct RegistrationPage {
    words: Words,
    form_token: String,
    errors: Vec<FieldError>,
    /// Whether what is shown has been saved, and the errors are what a check found.
    saved: bool,
    /// Whether the CRM is registered already: its name stays, and its secrets need not be typed again.
    is_known: bool,
    /// `None` asks for the kind first.
    kind: Option<CrmKind>,
    kinds: Vec<CrmKind>,
    ways: Vec<Vec<FieldShown>>,
    crm: String,
    label: String,
    base_url: String,
    interval_minutes: String,
    enabled: bool,
    allow_framing: bool,
}

/// One field of the sign-in, filled in as far as it may be.
struct FieldShown {
    name: &'static str,
    is_secret: bool,
    is_optional: bool,
    value: String,
    /// Whether another way of signing in has asked for it already: a name stands in a form once.
    again: bool,
}

impl RegistrationPage {
    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<&FieldError> {
        self.errors.iter().find(|error| error.field == field)
    }

    /// What is wrong with a field of the sign-in.
    fn wrong_auth(&self, name: &str) -> Option<&FieldError> {
        self.wrong(&format!("auth.{name}"))
    }

    /// What is said above what is wrong.
    fn heading(&self) -> String {
        self.words
            .say(if self.saved { "saved-but" } else { "nothing-saved" })
    }

    /// Empty, for a kind.
    fn empty(visit: &Visit, session: &AdminSession, kind: Option<CrmKind>) -> Self {
        Self {
            words: visit.words.clone(),
            form_token: form_token(visit, &session.id),
            errors: Vec::new(),
            saved: false,
            is_known: false,
            kind,
            kinds: offered(),
            ways: kind
                .map(|kind| shown(kind, |_| String::new()))
                .unwrap_or_default(),
            crm: String::new(),
            label: String::new(),
            base_url: String::new(),
            interval_minutes: "15".to_owned(),
            enabled: true,
            allow_framing: false,
        }
    }
}

fn shown(kind: CrmKind, value: impl Fn(&str) -> String) -> Vec<Vec<FieldShown>> {
    let mut seen = Vec::new();
    let mut shown = Vec::new();
    for way in ways(kind) {
        let fields = way.iter().map(|field| {
            let again = seen.contains(&field.name);
            seen.push(field.name);
            FieldShown {
                name: field.name,
                is_secret: field.is_secret,
                is_optional: field.is_optional || ways(kind).len() > 1,
                value: if field.is_secret {
                    String::new()
                } else {
                    value(field.name)
                },
                again,
            }
        });
        shown.push(fields.collect());
    }
    shown
}

/// `GET /admin/new?kind=`.
pub(super) async fn new(admin: Admin, uri: Uri) -> Response {
    let kinds = offered();
    let asked = query(&uri, "kind").and_then(|name| CrmKind::parse(&name));
    let only = match kinds.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let kind = asked.filter(|kind| kinds.contains(kind)).or(only);
    made(&RegistrationPage::empty(&admin.visit, &admin.session, kind))
}

/// `GET /admin/crms/{crm}/edit`.
pub(super) async fn edit(
    State(app): Shared,
    Path(crm): Path<String>,
    admin: Admin,
) -> Result<Response, Refused> {
    let found = crms::find(&app, &crm).await?.value;
    Ok(made(&filled(&admin.visit, &admin.session, &found)?))
}

/// The form with a registration in it.
fn filled(
    visit: &Visit,
    session: &AdminSession,
    found: &CrmRegistration,
) -> Result<RegistrationPage, Problem> {
    let settings = linking::defaults(found)?;
    let kind = CrmKind::parse(&found.kind);
    Ok(RegistrationPage {
        is_known: true,
        ways: kind
            .map(|kind| shown(kind, |name| shown_before(found, name).to_owned()))
            .unwrap_or_default(),
        interval_minutes: settings.interval_minutes.to_string(),
        enabled: settings.enabled,
        allow_framing: found.allow_framing,
        crm: found.crm.clone(),
        label: found.label.clone(),
        base_url: found.base_url.clone(),
        ..RegistrationPage::empty(visit, session, kind)
    })
}

/// A part of the sign-in that is no secret.
fn shown_before<'a>(found: &'a CrmRegistration, name: &str) -> &'a str {
    found
        .auth_shown
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// `POST /admin/crms`.
pub(super) async fn register(State(app): Shared, form: AdminForm) -> Result<Response, Refused> {
    let crm = form.fields.text("crm").to_owned();
    let kind = CrmKind::parse(form.fields.text("kind"));
    // A name that is taken is told, not overwritten: that is what the other form is for.
    if crms::is_slug(&crm) && app.memory.crm(&crm).await?.is_some() {
        let taken = Problem::field("crm", crate::messages::NAME_TAKEN);
        return Ok(again(&form, kind, &crm, false, taken));
    }
    let body = body_of(&form.fields, kind, None, false);
    match try_register(&app, &crm, &body, false).await {
        Ok(()) => gone_on(&app, &form, &crm, "registered").await,
        Err(problem) if !problem.errors.is_empty() => Ok(again(&form, kind, &crm, false, problem)),
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
    let kind = CrmKind::parse(&former.kind);
    let body = body_of(
        &form.fields,
        kind,
        Some(&former),
        sign_in_stays(&form.fields, kind, &former),
    );
    match try_register(&app, &crm, &body, true).await {
        Ok(()) => gone_on(&app, &form, &crm, "saved").await,
        Err(problem) if !problem.errors.is_empty() => Ok(again(&form, kind, &crm, true, problem)),
        Err(problem) => Err(problem.into()),
    }
}

async fn try_register(app: &crate::App, crm: &str, body: &Value, auth_may_stay: bool) -> Result<(), Problem> {
    let wanted = crms::Wanted::read(crm, body, auth_may_stay)?;
    crms::register(app, crm, wanted).await.map(drop)
}

/// Saved. Where a check was asked for, what it found is shown beside the fields at fault, or else on the CRM's page.
async fn gone_on(app: &crate::App, form: &AdminForm, crm: &str, done: &str) -> Result<Response, Refused> {
    if form.fields.text("then") != "check" {
        return Ok(Redirect::to(&format!("/admin/crms/{crm}?done={done}")).into_response());
    }
    let found = crms::find(app, crm).await?.value;
    let report = crms::check(app, &found).await?;
    let faults: Vec<FieldError> = crms::faults(&report)
        .into_iter()
        .filter(|fault| !fault.field.is_empty())
        .collect();
    if faults.is_empty() {
        return crm::after_check(&form.visit, &form.session, crm, report).await;
    }
    let page = RegistrationPage {
        errors: faults,
        saved: true,
        ..filled(&form.visit, &form.session, &found)?
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, made(&page)).into_response())
}

/// Whether the sign-in is to be kept: no secret was typed, and nothing else of it was changed.
fn sign_in_stays(typed: &Fields, kind: Option<CrmKind>, former: &CrmRegistration) -> bool {
    let known = kind.map(fields).unwrap_or_default();
    known.iter().all(|field| {
        let text = typed.text(field.name);
        if field.is_secret {
            text.is_empty()
        } else {
            !typed.ticked(field.name) || text == shown_before(former, field.name)
        }
    })
}

/// The registration that the form asks for, in the shape that the calls take. Settings that the form does not
/// have stay as they are.
fn body_of(
    typed: &Fields,
    kind: Option<CrmKind>,
    former: Option<&CrmRegistration>,
    auth_stays: bool,
) -> Value {
    let mut settings = match former.map(|former| &former.settings) {
        Some(Value::Object(settings)) => settings.clone(),
        Some(_) | None => Map::new(),
    };
    let interval = typed.text("interval_minutes");
    settings.insert(
        "interval_minutes".to_owned(),
        interval
            .parse::<u64>()
            .map_or_else(|_| json!(interval), |n| json!(n)),
    );
    settings.insert("enabled".to_owned(), json!(typed.ticked("enabled")));
    let mut body = Map::new();
    body.insert(
        "kind".to_owned(),
        json!(former.map_or_else(|| typed.text("kind"), |former| former.kind.as_str())),
    );
    body.insert("base_url".to_owned(), json!(typed.text("base_url")));
    body.insert("settings".to_owned(), Value::Object(settings));
    body.insert("allow_framing".to_owned(), json!(typed.ticked("allow_framing")));
    if !typed.text("label").is_empty() {
        body.insert("label".to_owned(), json!(typed.text("label")));
    }
    if !auth_stays {
        let known = kind.map(fields).unwrap_or_default();
        let given = known.iter().filter(|field| !typed.text(field.name).is_empty());
        let auth: Map<String, Value> = given
            .map(|field| (field.name.to_owned(), json!(typed.text(field.name))))
            .collect();
        body.insert("auth".to_owned(), Value::Object(auth));
    }
    Value::Object(body)
}

/// The form once more, with what is wrong. Secrets have to be typed again.
fn again(form: &AdminForm, kind: Option<CrmKind>, crm: &str, is_known: bool, problem: Problem) -> Response {
    let text = |name: &str| form.fields.text(name).to_owned();
    let kind = kind.filter(|kind| is_known || offered().contains(kind));
    let page = made(&RegistrationPage {
        errors: problem.errors,
        is_known,
        ways: kind.map(|kind| shown(kind, text)).unwrap_or_default(),
        crm: crm.to_owned(),
        label: text("label"),
        base_url: text("base_url"),
        interval_minutes: text("interval_minutes"),
        enabled: form.fields.ticked("enabled"),
        allow_framing: form.fields.ticked("allow_framing"),
        ..RegistrationPage::empty(&form.visit, &form.session, kind)
    });
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}
