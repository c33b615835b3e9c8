//! The administration calls: thin handlers, one file a resource.

mod answers;
mod body;
mod crms;
mod google_client;
mod health;
mod key;
mod links;
mod openapi;
mod paths;
mod query;
mod runs;
mod shapes;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::App;
use crate::messages;
use crate::problem::Problem;

pub(crate) use body::{BODY_BYTES_MAX, read_body};
pub(crate) use health::healthz;
pub(crate) use key::is_key;
pub(crate) use runs::history;

/// The calls below `/api/v1`, all of them behind the administrator's key but for their description, in which there is
/// nothing that the source does not tell.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let behind_the_key = Router::new()
        .route("/crms", get(crms::list))
        .route("/crms/{crm}", get(crms::read).put(crms::put).delete(crms::delete))
        .route("/crms/{crm}/check", post(crms::check))
        .route(
            "/crms/{crm}/google-client",
            get(google_client::read)
                .put(google_client::put)
                .delete(google_client::delete),
        )
        .route("/crms/{crm}/link-key", post(crms::new_link_key))
        .route("/crms/{crm}/links", get(links::list))
        .route(
            "/crms/{crm}/links/{user}",
            get(links::read).delete(links::disconnect),
        )
        .route(
            "/crms/{crm}/links/{user}/settings",
            get(links::settings).patch(links::patch_settings),
        )
        .route("/crms/{crm}/links/{user}/preview", post(links::preview))
        .route("/crms/{crm}/links/{user}/sync", post(links::sync))
        .route("/crms/{crm}/links/{user}/confirm", post(links::confirm))
        .route("/crms/{crm}/links/{user}/runs", get(runs::list))
        .route("/crms/{crm}/links/{user}/journal", get(runs::journal))
        .route(
            "/crms/{crm}/links/{user}/journal/{entry}/restore",
            post(runs::restore),
        )
        .fallback(|| async { Problem::not_found(messages::UNKNOWN_ADDRESS) })
        .method_not_allowed_fallback(|| async { Problem::wrong_method() })
        .layer(from_fn_with_state(Arc::clone(app), key::require));
    Router::new()
        .route("/openapi.json", get(openapi::serve))
        .method_not_allowed_fallback(|| async { Problem::wrong_method() })
        .merge(behind_the_key)
}
