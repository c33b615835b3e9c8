//! The web function: administration calls, linking a user with Google, the hosted pages.
//!
//! | module | holds |
//! |---|---|
//! | [`app`] | the doors that everything here works with |
//! | `api` | the administration calls: thin handlers, one file a resource |
//! | `pages` | the hosted pages: administrator, consent, the user's own |
//! | `speech` | the languages of the pages |
//! | `operations` | what can be done, once for calls and pages |
//! | [`problem`] | what went wrong, as `application/problem+json` |
//! | `session`, `cookie`, `visit` | whose browser it is; form tokens |
//! | [`link_token`] | the signed token with which a CRM sends its user |
//! | `headers`, `framing`, `origin` | what every answer says of its use; who may frame it; our own address |
//! | [`config`] | the only reader of the environment |
//!
//! [`router`] makes a router of an [`App`]; `main.rs` serves it on Lambda, the local mode on a port.

mod api;
pub mod app;
#[cfg(feature = "lambda")]
pub mod config;
mod cookie;
mod framing;
mod headers;
pub mod link_token;
mod messages;
mod operations;
mod origin;
mod pages;
pub mod problem;
mod session;
mod speech;
mod visit;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;

pub use app::{App, WebConfig};

use crate::problem::Problem;

/// The router of everything that the web function serves.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(api::healthz))
        .nest("/api/v1", api::routes(&app))
        .merge(pages::routes(&app))
        .layer(CatchPanicLayer::custom(on_panic))
        .layer(from_fn_with_state(Arc::clone(&app), headers::secure))
        .with_state(app)
}

/// What panicked may have held anything, so nothing of it is told; the panic's own line is in the log.
fn on_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    Problem::internal().into_response()
}
