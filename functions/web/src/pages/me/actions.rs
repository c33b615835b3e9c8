//! What the buttons of the user's page do.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{StatusCode, Uri};
use serde_json::json;

use super::full;
use crate::messages;
use crate::operations::grants::{Leaving, Revoked};
use crate::operations::links;
use crate::pages::form::UserForm;
use crate::pages::settings::{For, Wrong, patch_of};
use crate::pages::shown::{CountsShown, PlannedShown, counts, paired, planned};
use crate::pages::{Refused, page as made};
use crate::problem::Problem;
use crate::session::{Shared, form_token};
use crate::speech::Words;

#[derive(Template)]
#[template(path = "preview.html")]
struct PreviewPage {
    words: Words,
    counts: Vec<CountsShown>,
    planned: Vec<PlannedShown>,
    problems: Vec<String>,
    /// Records found to be on both sides already.
    paired: u64,
    held: bool,
    /// Whether sync is switched off, so that the next step is to switch it on.
    is_off: bool,
    form_token: String,
}

pub(in crate::pages) async fn sync(State(app): Shared, form: UserForm) -> Result<Redirect, Refused> {
    let run_id = links::sync_soon(&app, &form.user.link.id).await?;
    Ok(Redirect::to(&format!("/me?done=started&run={run_id}")))
}

pub(in crate::pages) async fn pause(State(app): Shared, form: UserForm) -> Result<Redirect, Refused> {
    links::patch_settings(&app, &form.user.link.id, &json!({ "enabled": false })).await?;
    Ok(Redirect::to("/me?done=paused"))
}

pub(in crate::pages) async fn resume(State(app): Shared, form: UserForm) -> Result<Redirect, Refused> {
    let id = &form.user.link.id;
    links::patch_settings(&app, id, &json!({ "enabled": true })).await?;
    let run_id = links::sync_soon(&app, id).await?;
    Ok(Redirect::to(&format!("/me?done=resumed&run={run_id}")))
}

pub(in crate::pages) async fn confirm(State(app): Shared, form: UserForm) -> Result<Redirect, Refused> {
    let run_id = links::confirm(&app, &form.user.link.id).await?;
    Ok(Redirect::to(&format!("/me?done=confirmed&run={run_id}")))
}

pub(in crate::pages) async fn preview(State(app): Shared, form: UserForm) -> Result<Response, Refused> {
    let link = &form.user.link;
    let preview = Box::pin(app.engine.preview(&link.id))
        .await
        .map_err(Problem::from)?;
    let words = form.user.visit.words.clone();
    let problems = preview.problems.iter();
    Ok(made(&PreviewPage {
        counts: counts(&words, &preview.changes),
        planned: planned(&words, &preview),
        problems: problems
            .map(|problem| words.told(&problem.message).into_owned())
            .collect(),
        is_off: !link.body.value.settings.enabled,
        form_token: form_token(&form.user.visit, &form.user.session.id),
        paired: paired(&preview.changes),
        held: preview.held,
        words,
    }))
}

pub(in crate::pages) async fn settings(State(app): Shared, form: UserForm) -> Result<Response, Refused> {
    let patch = patch_of(&form.fields, For::User);
    match links::patch_settings(&app, &form.user.link.id, &patch).await {
        Ok(_) => Ok(Redirect::to("/me?done=saved").into_response()),
        Err(problem) if !problem.errors.is_empty() => {
            let wrong = Wrong {
                errors: problem.errors,
                patch,
            };
            let page = full(&app, &form.user, &Uri::default(), Some(&wrong)).await?;
            Ok((problem.status, page).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(in crate::pages) async fn restore(
    State(app): Shared,
    Path(entry): Path<String>,
    form: UserForm,
) -> Result<Redirect, Refused> {
    Box::pin(app.engine.restore(&form.user.link.id, &entry))
        .await
        .map_err(Problem::from)?;
    Ok(Redirect::to("/me?done=restored"))
}

pub(in crate::pages) async fn disconnect(State(app): Shared, form: UserForm) -> Result<Response, Refused> {
    let message = match links::disconnect(&app, &form.user.link.id, Leaving::One).await? {
        Revoked::Yes => messages::GONE,
        Revoked::Shared => messages::GONE_SHARED,
        Revoked::No => messages::GONE_HERE,
    };
    let mut response = Refused::new(StatusCode::OK, message).into_response();
    form.user.session.end(&form.user.visit, &mut response).await?;
    Ok(response)
}

pub(in crate::pages) async fn sign_out(form: UserForm) -> Result<Response, Refused> {
    let mut response = Refused::new(StatusCode::OK, messages::SIGNED_OUT).into_response();
    form.user.session.end(&form.user.visit, &mut response).await?;
    Ok(response)
}
