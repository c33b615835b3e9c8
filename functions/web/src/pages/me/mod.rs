//! The user's own page.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::Uri;
use serde_json::{Value, json};
use sync_core::kind::Kind;
use sync_core::policy::{FieldError, Settings};
use sync_engine::memory::{AccountLink, HeldDeletions, ParkedRecord};
use sync_engine::report::Preview;
use url::form_urlencoded;

use super::form::{User, UserForm};
use super::me_settings::{self, SettingsShown};
use super::shown::{EntryShown, Moment, PlannedShown, RunShown, Standing, planned};
use super::{Refused, page as made};
use crate::app::App;
use crate::messages;
use crate::operations::grants::{Leaving, Revoked};
use crate::operations::links;
use crate::problem::Problem;
use crate::session::{Shared, form_token};

/// Runs on the page.
const RUNS_SHOWN: usize = 20;
/// Entries of the journal on the page.
const ENTRIES_SHOWN: usize = 20;
/// Problems on the page.
const PROBLEMS_SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    label: String,
    crm_address: String,
    name: String,
    standing: Standing,
    status_address: String,
    form_token: String,
    done: Option<&'static str>,
    held: Option<HeldShown>,
    problems: Vec<ParkedRecord>,
    settings: SettingsShown,
    errors: Vec<FieldError>,
    runs: Vec<RunShown>,
    entries: Vec<EntryShown>,
}

#[derive(Template)]
#[template(path = "me_status.html")]
struct StatusPart {
    standing: Standing,
}

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    preview: Preview,
    planned: Vec<PlannedShown>,
    form_token: String,
}

/// Deletions that wait for the user's word.
struct HeldShown {
    since: Moment,
    crm: usize,
    google: usize,
    examples: Vec<String>,
}

impl From<&HeldDeletions> for HeldShown {
    fn from(held: &HeldDeletions) -> Self {
        Self {
            since: held.since.into(),
            crm: held.deletions.crm,
            google: held.deletions.google,
            examples: held.examples.clone(),
        }
    }
}

/// `GET /`: there is nothing here but the two doors.
pub(super) async fn home() -> Redirect {
    Redirect::to("/me")
}

/// `GET /me`.
pub(super) async fn page(State(app): Shared, user: User, uri: Uri) -> Result<Response, Refused> {
    let settings = user.link.body.value.settings.clone();
    full(&app, &user, &uri, &settings, Vec::new()).await
}

/// `GET /me/status`: the part of the page that changes by itself.
pub(super) async fn status(State(app): Shared, user: User, uri: Uri) -> Response {
    made(&StatusPart {
        standing: standing(&app, &user.link, &uri),
    })
}

pub(super) async fn sync(State(app): Shared, form: UserForm) -> Result<Redirect, Refused> {
    let run_id = links::sync_soon(&app, &form.user.link.id).await?;
    Ok(Redirect::to(&format!("/me?done=started&run={run_id}")))
}

pub(super) async fn pause(State(app): Shared, form: UserForm) -> Result<Redirect, Refused> {
    links::patch_settings(&app, &form.user.link.id, &json!({ "enabled": false })).await?;
    Ok(Redirect::to("/me?done=paused"))
}

pub(super) async fn resume(State(app): Shared, form: UserForm) -> Result<Redirect, Refused> {
    let id = &form.user.link.id;
    links::patch_settings(&app, id, &json!({ "enabled": true })).await?;
    let run_id = links::sync_soon(&app, id).await?;
    Ok(Redirect::to(&format!("/me?done=resumed&run={run_id}")))
}

pub(super) async fn confirm(State(app): Shared, form: UserForm) -> Result<Redirect, Refused> {
    let run_id = links::confirm(&app, &form.user.link.id).await?;
    Ok(Redirect::to(&format!("/me?done=confirmed&run={run_id}")))
}

pub(super) async fn preview(State(app): Shared, form: UserForm) -> Result<Response, Refused> {
    let preview = Box::pin(app.engine.preview(&form.user.link.id))
        .await
        .map_err(Problem::from)?;
    let form_token = form_token(&form.user.visit, &form.user.session.id);
    Ok(made(&PreviewPage {
        planned: planned(&preview),
        preview,
        form_token,
    }))
}

pub(super) async fn settings(State(app): Shared, form: UserForm) -> Result<Response, Refused> {
    let patch = me_settings::patch_of(&form.fields);
    match links::patch_settings(&app, &form.user.link.id, &patch).await {
        Ok(_) => Ok(Redirect::to("/me?done=saved").into_response()),
        Err(problem) if !problem.errors.is_empty() => {
            let asked = asked_for(&form.user.link.body.value.settings, &patch);
            let page = full(&app, &form.user, &Uri::default(), &asked, problem.errors).await?;
            Ok((problem.status, page).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(super) async fn restore(
    State(app): Shared,
    Path(entry): Path<String>,
    form: UserForm,
) -> Result<Redirect, Refused> {
    Box::pin(app.engine.restore(&form.user.link.id, &entry))
        .await
        .map_err(Problem::from)?;
    Ok(Redirect::to("/me?done=restored"))
}

pub(super) async fn disconnect(State(app): Shared, form: UserForm) -> Result<Response, Refused> {
    let message = match links::disconnect(&app, &form.user.link.id, Leaving::One).await? {
        Revoked::Yes => messages::GONE,
        Revoked::Shared => messages::GONE_SHARED,
        Revoked::No => messages::GONE_HERE,
    };
    let mut response = Refused::new(http::StatusCode::OK, message).into_response();
    form.user.session.end(&form.user.visit, &mut response).await?;
    Ok(response)
}

pub(super) async fn sign_out(form: UserForm) -> Result<Response, Refused> {
    let mut response = Refused::new(http::StatusCode::OK, messages::SIGNED_OUT).into_response();
    form.user.session.end(&form.user.visit, &mut response).await?;
    Ok(response)
}

async fn full(
    app: &App,
    user: &User,
    uri: &Uri,
    settings: &Settings,
    errors: Vec<FieldError>,
) -> Result<Response, Refused> {
    let link = &user.link;
    let registration = app.memory.crm(&link.id.crm).await?;
    let (label, crm_address) = registration
        .map(|found| (found.value.label, found.value.base_url))
        .unwrap_or_default();
    let mut problems = Vec::new();
    if link.progress.parked.count > 0 {
        problems = app.memory.parked(&link.id, Kind::Event).await?;
        problems.truncate(PROBLEMS_SHOWN);
    }
    let runs = crate::api::history(app, link, None, RUNS_SHOWN).await?;
    let journal = app.memory.journal(&link.id, None, ENTRIES_SHOWN).await?;
    let status_address = match query(uri, "run") {
        Some(run) => format!(
            "/me/status?run={}",
            form_urlencoded::byte_serialize(run.as_bytes()).collect::<String>()
        ),
        None => "/me/status".to_owned(),
    };
    Ok(made(&MePage {
        label,
        crm_address,
        name: link
            .body
            .value
            .name
            .clone()
            .or_else(|| link.body.value.email.clone())
            .unwrap_or_else(|| link.id.user.clone()),
        standing: standing(app, link, uri),
        status_address,
        form_token: form_token(&user.visit, &user.session.id),
        done: query(uri, "done").as_deref().and_then(messages::done),
        held: link.progress.held.as_ref().map(HeldShown::from),
        problems,
        settings: SettingsShown::of(settings),
        errors,
        runs: runs.items.iter().map(RunShown::from).collect(),
        entries: journal.items.iter().map(EntryShown::from).collect(),
    }))
}

fn standing(app: &App, link: &AccountLink, uri: &Uri) -> Standing {
    Standing::of(link, query(uri, "run").as_deref(), app.now())
}

/// The settings as they were asked for, as far as they can be shown: those at fault stay as they were.
fn asked_for(settings: &Settings, patch: &Value) -> Settings {
    settings.patched(patch).unwrap_or_else(|_| settings.clone())
}

fn query(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
}
