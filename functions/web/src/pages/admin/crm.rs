//! One CRM: what is missing, Google client, check, link key, users.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use connector_crm::crm::Level;
use http::{StatusCode, Uri};
use secrecy::ExposeSecret;
use serde_json::json;
use sync_core::id::AccountLinkId;
use sync_core::policy::FieldError;
use sync_engine::memory::{AccountLink, AccountLinkState, CrmRegistration};
use sync_engine::report::Outcome;
use url::form_urlencoded;

use crate::messages;
use crate::operations::client_check::{self, ClientCheck};
use crate::operations::grants::{Leaving, Revoked};
use crate::operations::link_keys::NewKey;
use crate::operations::{crms, google_client, link_keys, links};
use crate::pages::form::{Admin, AdminForm};
use crate::pages::shown::Moment;
use crate::pages::{Refused, page as made};
use crate::session::{AdminSession, Shared, form_token};
use crate::visit::Visit;

/// Users on one page.
const LINKS_SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "admin_crm.html")]
struct CrmPage {
    form_token: String,
    done: Option<&'static str>,
    crm: CrmRegistration,
    redirect_uri: String,
    authorize_url: String,
    has_link_key: bool,
    links: Vec<LinkShown>,
    next: Option<String>,
    client_errors: Vec<FieldError>,
    check: Option<CheckShown>,
    new_key: Option<NewKey>,
}

impl CrmPage {
    /// The new key as it is shown, once.
    fn key_text(key: &NewKey) -> &str {
        key.key.expose_secret()
    }
}

struct CheckShown {
    findings: Vec<FindingShown>,
    client: ClientCheck,
    client_fault: Option<String>,
}

struct FindingShown {
    level: Level,
    message: String,
    field: Option<String>,
}

/// A user in the table.
struct LinkShown {
    address: String,
    name: String,
    google_email: String,
    state: AccountLinkState,
    last: Option<(Moment, Outcome)>,
    next: Option<Moment>,
    problems: u64,
}

impl LinkShown {
    fn is_off(&self) -> bool {
        self.state == AccountLinkState::Disabled
    }
}

impl From<&AccountLink> for LinkShown {
    fn from(link: &AccountLink) -> Self {
        let body = &link.body.value;
        let user: String = form_urlencoded::byte_serialize(link.id.user.as_bytes()).collect();
        Self {
            // A plus sign stands for a space in a query, but for itself in a path.
            address: format!("/admin/crms/{}/links/{}", link.id.crm, user.replace('+', "%20")),
            name: body
                .name
                .clone()
                .or_else(|| body.email.clone())
                .unwrap_or_else(|| link.id.user.clone()),
            google_email: body
                .google
                .as_ref()
                .map(|google| google.email.clone())
                .unwrap_or_default(),
            state: link.state(),
            last: link
                .progress
                .last_run
                .as_ref()
                .map(|run| (run.started_at.into(), run.outcome)),
            next: link.next_run_at().map(Moment::from),
            problems: link.progress.parked.count,
        }
    }
}

/// What an action adds to the page.
#[derive(Default)]
struct Added {
    done: Option<&'static str>,
    cursor: Option<String>,
    client_errors: Vec<FieldError>,
    check: Option<CheckShown>,
    new_key: Option<NewKey>,
}

async fn full(visit: &Visit, session: &AdminSession, crm: &str, added: Added) -> Result<Response, Refused> {
    let app = &visit.app;
    let found = crms::find(app, crm).await?.value;
    let page = app
        .memory
        .account_links(crm, added.cursor.as_deref(), LINKS_SHOWN)
        .await?;
    let next = page
        .next_cursor
        .map(|cursor| form_urlencoded::byte_serialize(cursor.as_bytes()).collect());
    Ok(made(&CrmPage {
        form_token: form_token(visit, &session.id),
        done: added.done,
        redirect_uri: visit.origin.redirect_uri(),
        authorize_url: format!("{}/authorize?crm={crm}", visit.origin.base),
        has_link_key: link_keys::exist(app, crm).await?,
        links: page.items.iter().map(LinkShown::from).collect(),
        next,
        client_errors: added.client_errors,
        check: added.check,
        new_key: added.new_key,
        crm: found,
    }))
}

/// `GET /admin/crms/{crm}`.
pub(super) async fn page(Path(crm): Path<String>, admin: Admin, uri: Uri) -> Result<Response, Refused> {
    let query = |name: &str| {
        let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        pairs
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    };
    let done = query("done").as_deref().and_then(messages::done);
    full(
        &admin.visit,
        &admin.session,
        &crm,
        Added {
            done,
            cursor: query("cursor"),
            ..Added::default()
        },
    )
    .await
}

/// `POST /admin/crms/{crm}/check`.
pub(super) async fn check(
    State(app): Shared,
    Path(crm): Path<String>,
    form: AdminForm,
) -> Result<Response, Refused> {
    let found = crms::find(&app, &crm).await?.value;
    let redirect_uri = form.visit.origin.redirect_uri();
    let (report, client) = futures::try_join!(
        crms::check(&app, &found),
        client_check::check(&app, &found, &redirect_uri)
    )?;
    let findings = report.findings.into_iter();
    let findings = findings.map(|finding| FindingShown {
        level: finding.level,
        message: finding.message,
        field: finding.field,
    });
    let check = CheckShown {
        findings: findings.collect(),
        client,
        client_fault: client.fault().map(|fault| fault.message),
    };
    full(
        &form.visit,
        &form.session,
        &crm,
        Added {
            check: Some(check),
            ..Added::default()
        },
    )
    .await
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
            let client_errors = vec![FieldError::new("file", messages::FILE_MISSING)];
            let page = full(
                &form.visit,
                &form.session,
                &crm,
                Added {
                    client_errors,
                    ..Added::default()
                },
            )
            .await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    match google_client::install(&app, &crm, bytes, &form.visit.origin.redirect_uri()).await {
        Ok(_) => Ok(to(&crm, "client-installed")),
        Err(problem) if !problem.errors.is_empty() => {
            let added = Added {
                client_errors: problem.errors,
                ..Added::default()
            };
            Ok((
                problem.status,
                full(&form.visit, &form.session, &crm, added).await?,
            )
                .into_response())
        }
        Err(problem) => Err(problem.into()),
    }
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
    let new_key = Some(link_keys::rotate(&app, &crm).await?);
    full(
        &form.visit,
        &form.session,
        &crm,
        Added {
            new_key,
            ..Added::default()
        },
    )
    .await
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

pub(super) async fn sync(
    State(app): Shared,
    Path(names): Path<(String, String)>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    let id = id_of(names);
    links::sync_soon(&app, &id).await?;
    Ok(to(&id.crm, "started"))
}

pub(super) async fn pause(
    State(app): Shared,
    Path(names): Path<(String, String)>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    let id = id_of(names);
    links::patch_settings(&app, &id, &json!({ "enabled": false })).await?;
    Ok(to(&id.crm, "paused"))
}

pub(super) async fn resume(
    State(app): Shared,
    Path(names): Path<(String, String)>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    let id = id_of(names);
    links::patch_settings(&app, &id, &json!({ "enabled": true })).await?;
    Ok(to(&id.crm, "resumed"))
}

pub(super) async fn disconnect(
    State(app): Shared,
    Path(names): Path<(String, String)>,
    _form: AdminForm,
) -> Result<Response, Refused> {
    let id = id_of(names);
    links::find(&app, &id).await?;
    let done = match links::disconnect(&app, &id, Leaving::One).await? {
        Revoked::Yes => "disconnected",
        Revoked::Shared => "disconnected-shared",
        Revoked::No => "disconnected-here",
    };
    Ok(to(&id.crm, done))
}

fn id_of((crm, user): (String, String)) -> AccountLinkId {
    AccountLinkId::new(crm, user)
}

/// Back to the CRM's page, which says what was done.
fn to(crm: &str, done: &str) -> Response {
    Redirect::to(&format!("/admin/crms/{crm}?done={done}")).into_response()
}
