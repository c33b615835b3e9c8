//! The description of the administration calls, OpenAPI 3.1.
//!
//! It is made from the code, and the code does not carry what makes it: `openapi.json` beside this file is written by
//! the tests, from the handlers' own signatures and the types they take and answer with, and the tests fail as soon as
//! it is not what they would write now. So a call and its description cannot drift apart, and the function brings along
//! one text and no library.
//!
//! After a change: `UPDATE_OPENAPI=1 cargo test -p web openapi`.

use axum::response::IntoResponse;
use http::header;

const DESCRIPTION: &str = include_str!("openapi.json");

/// `GET /api/v1/openapi.json`.
pub(super) async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}

#[cfg(test)]
mod tests;
