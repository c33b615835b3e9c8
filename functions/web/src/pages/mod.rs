//! The hosted pages. They work without a script, and are their own forms' only senders.

mod admin;
mod assets;
mod authorize;
mod callback;
mod form;
mod me;
mod me_settings;
mod shown;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use sync_core::failure::Failure;
use sync_core::port::StoreFailure;

use crate::app::App;
use crate::messages::{self, Message};
use crate::problem::Problem;

/// A client file at its largest, and the wrapping in which a form sends it.
const FORM_BYTES_MAX: usize = 80 * 1024;

/// All pages.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(me::home))
        .route("/authorize", get(authorize::page))
        .route("/oauth/google/callback", get(callback::page))
        .route("/me", get(me::page))
        .route("/me/status", get(me::status))
        .route("/me/authorize", get(authorize::again))
        .route("/me/sync", post(me::sync))
        .route("/me/pause", post(me::pause))
        .route("/me/resume", post(me::resume))
        .route("/me/confirm", post(me::confirm))
        .route("/me/preview", post(me::preview))
        .route("/me/settings", post(me::settings))
        .route("/me/journal/{entry}/restore", post(me::restore))
        .route("/me/disconnect", post(me::disconnect))
        .route("/me/sign-out", post(me::sign_out))
        .route("/assets/{name}", get(assets::serve))
        .merge(admin::routes())
        .fallback(|| async { Refused::new(StatusCode::NOT_FOUND, messages::PAGE_NOT_FOUND) })
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

/// Makes a page of a template.
pub(crate) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!("a page could not be made: {error}");
            Problem::internal().into_response()
        }
    }
}

/// A page that says why something was not done.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    message: Message,
    detail: Option<String>,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    message: Message,
    detail: Option<&'a str>,
}

impl Refused {
    /// Refuses with a message.
    pub(crate) fn new(status: StatusCode, message: Message) -> Self {
        Self {
            status,
            message,
            detail: None,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let page = page(&RefusedPage {
            message: self.message,
            detail: self.detail.as_deref(),
        });
        (self.status, page).into_response()
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let message = match problem.status {
            StatusCode::NOT_FOUND => messages::PAGE_NOT_FOUND,
            StatusCode::PAYLOAD_TOO_LARGE => messages::PAGE_TOO_LARGE,
            StatusCode::SERVICE_UNAVAILABLE => messages::UNAVAILABLE_PAGE,
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_GATEWAY => Message {
                title: problem.title,
                text: "",
                advice: "",
            },
            _ => messages::PAGE_PROBLEM,
        };
        Self {
            status: problem.status,
            message,
            detail: Some(problem.detail),
        }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Problem::from(failure).into()
    }
}

impl From<StoreFailure> for Refused {
    fn from(failure: StoreFailure) -> Self {
        Problem::from(failure).into()
    }
}
