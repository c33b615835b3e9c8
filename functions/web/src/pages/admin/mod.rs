//! The administrator's pages.
//!
//! | part | holds |
//! |---|---|
//! | `sign_in` | signing in, and the list of CRMs |
//! | `registration`, `sign_ins` | registering a CRM: the form, and what each kind of CRM is signed in to with |
//! | `crm` | one CRM's page; `crm_actions` its buttons |
//! | `users` | its users, and what can be done about one |
//! | `defaults` | what its new users begin with |
//! | `snippets` | what to paste into it, so that its users find the way |

mod crm;
mod crm_actions;
mod defaults;
mod registration;
mod sign_in;
mod sign_ins;
mod snippets;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// The pages below `/admin`.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/admin", get(sign_in::home))
        .route("/admin/sign-in", post(sign_in::sign_in))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/new", get(registration::new))
        .route("/admin/crms", post(registration::register))
        .route("/admin/crms/{crm}", get(crm::page).post(registration::save))
        .route("/admin/crms/{crm}/edit", get(registration::edit))
        .route(
            "/admin/crms/{crm}/defaults",
            get(defaults::page).post(defaults::save),
        )
        .route("/admin/crms/{crm}/check", post(crm_actions::check))
        .route(
            "/admin/crms/{crm}/google-client",
            post(crm_actions::upload_client),
        )
        .route(
            "/admin/crms/{crm}/google-client/remove",
            post(crm_actions::remove_client),
        )
        .route("/admin/crms/{crm}/link-key", post(crm_actions::new_link_key))
        .route("/admin/crms/{crm}/remove", post(crm_actions::remove))
        .route("/admin/crms/{crm}/links/{user}/sync", post(users::sync))
        .route("/admin/crms/{crm}/links/{user}/pause", post(users::pause))
        .route("/admin/crms/{crm}/links/{user}/resume", post(users::resume))
        .route(
            "/admin/crms/{crm}/links/{user}/disconnect",
            post(users::disconnect),
        )
}
