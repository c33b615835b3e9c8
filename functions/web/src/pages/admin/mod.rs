//! The administrator's pages.

mod crm;
mod registration;
mod sign_in;

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
        .route("/admin/crms/{crm}/check", post(crm::check))
        .route("/admin/crms/{crm}/google-client", post(crm::upload_client))
        .route("/admin/crms/{crm}/google-client/remove", post(crm::remove_client))
        .route("/admin/crms/{crm}/link-key", post(crm::new_link_key))
        .route("/admin/crms/{crm}/remove", post(crm::remove))
        .route("/admin/crms/{crm}/links/{user}/sync", post(crm::sync))
        .route("/admin/crms/{crm}/links/{user}/pause", post(crm::pause))
        .route("/admin/crms/{crm}/links/{user}/resume", post(crm::resume))
        .route("/admin/crms/{crm}/links/{user}/disconnect", post(crm::disconnect))
}
