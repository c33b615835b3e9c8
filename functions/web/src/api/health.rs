//! Whether the service answers.

use axum::Json;

use super::shapes::HealthShown;

pub(crate) async fn healthz() -> Json<HealthShown> {
    Json(HealthShown {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}
