//! Signing in with the administrator's key, and the list of CRMs behind it.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{StatusCode, Uri};
use sync_engine::memory::CrmRegistration;

use crate::api::is_key;
use crate::messages;
use crate::operations::tries::{self, Door};
use crate::pages::form::{AdminForm, StrangersForm};
use crate::pages::{Refused, page as made, query};
use crate::problem::Problem;
use crate::session::{AdminSession, Browser, Shared, form_token};
use crate::speech::Words;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "admin_sign_in.html")]
struct SignInPage {
    words: Words,
    form_token: String,
    error: Option<&'static str>,
    has_key: bool,
}

#[derive(Template)]
#[template(path = "admin_crms.html")]
struct CrmsPage {
    words: Words,
    form_token: String,
    done: Option<&'static str>,
    crms: Vec<CrmRegistration>,
}

/// `GET /admin`.
pub(super) async fn home(State(app): Shared, visit: Visit, uri: Uri) -> Result<Response, Refused> {
    let Some(session) = AdminSession::of(&visit).await? else {
        return Ok(ask(&visit, None));
    };
    let done = query(&uri, "done").as_deref().and_then(messages::done);
    let crms = app.memory.crms().await?;
    Ok(made(&CrmsPage {
        form_token: form_token(&visit, &session.id),
        done,
        crms,
        words: visit.words,
    }))
}

/// `POST /admin/sign-in`.
pub(super) async fn sign_in(State(app): Shared, form: StrangersForm) -> Result<Response, Refused> {
    let StrangersForm { visit, fields } = form;
    // Counted before it is looked at, so that no more of those that come at once are looked at than may be.
    if let Err(problem) = tries::count(&app, Door::Page, &visit.headers).await {
        return too_often(&visit, problem);
    }
    match &app.config.admin_key {
        Some(key) if is_key(&app, fields.text("key")) => {
            let mut response = Redirect::to("/admin").into_response();
            AdminSession::open(&visit, key).give(&visit, &mut response);
            tries::forget(&app, Door::Page, &visit.headers).await?;
            tracing::info!("the administrator signed in");
            Ok(response)
        }
        Some(_) | None => {
            tracing::warn!("a wrong administrator's key was tried on the sign-in page");
            Ok((StatusCode::UNAUTHORIZED, ask(&visit, Some(messages::WRONG_KEY))).into_response())
        }
    }
}

/// `POST /admin/sign-out`.
pub(super) async fn sign_out(form: AdminForm) -> Result<Response, Refused> {
    let mut response = Redirect::to("/admin").into_response();
    form.session.end(&form.visit, &mut response).await?;
    Ok(response)
}

fn too_often(visit: &Visit, problem: Problem) -> Result<Response, Refused> {
    if problem.status == StatusCode::TOO_MANY_REQUESTS {
        let page = ask(visit, Some(messages::TOO_MANY_TRIES_DETAIL));
        return Ok((problem.status, page).into_response());
    }
    Err(problem.into())
}

fn ask(visit: &Visit, error: Option<&'static str>) -> Response {
    let browser = Browser::of(visit);
    let has_key = visit.app.config.admin_key.is_some();
    let mut response = made(&SignInPage {
        form_token: form_token(visit, &browser.id),
        error,
        has_key,
        words: visit.words.clone(),
    });
    browser.give(visit, &mut response);
    response
}
