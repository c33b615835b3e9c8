//! The hosted pages. They work without a script, and are their own forms' only senders.
//!
//! | part | holds |
//! |---|---|
//! | `admin` | the administrator's pages, one file a page or a part of one |
//! | `authorize`, `callback` | the way to Google and back |
//! | `me` | the user's own page |
//! | `settings` | the settings form, for a user and for a CRM's new users |
//! | `shown` | what pages show of runs, problems and lost values |
//! | `form` | what a form sent, once it is certain that it was one of ours |

mod admin;
mod assets;
mod authorize;
mod callback;
mod form;
mod me;
mod settings;
mod shown;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use http::{StatusCode, Uri};
use sync_core::failure::Failure;
use sync_core::port::StoreFailure;
use url::form_urlencoded;

use crate::app::App;
use crate::messages::{self, Message};
use crate::problem::Problem;
use crate::speech::{Words, spoken};

/// A client file at its largest, and the wrapping in which a form sends it.
const FORM_BYTES_MAX: usize = 80 * 1024;

/// All pages.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
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
        .method_not_allowed_fallback(|| async {
            Refused::new(StatusCode::METHOD_NOT_ALLOWED, messages::PAGE_NOT_FOUND)
        })
        .layer(from_fn_with_state(Arc::clone(app), spoken))
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
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    status: StatusCode,
    message: Message,
    detail: Option<String>,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    words: Words,
    message: Message,
    detail: Option<String>,
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

    /// The page that says it. Cookies of the answer that carried it stay.
    pub(crate) fn in_words(self, words: Words, carrier: Response) -> Response {
        let made = page(&RefusedPage {
            detail: self
                .detail
                .as_deref()
                .map(|detail| words.told(detail).into_owned()),
            message: self.message,
            words,
        });
        let (mut parts, _) = carrier.into_parts();
        let (with, body) = made.into_parts();
        parts.headers.extend(with.headers);
        Response::from_parts(parts, body)
    }
}

impl IntoResponse for Refused {
    /// Carries it as far as the language is known.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// A parameter of a page's address.
fn query(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    pairs
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned())
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
