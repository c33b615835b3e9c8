//! How a call ends well: each way with its own status.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;

/// Something was made (201), or replaced (200).
#[derive(Debug)]
pub(super) struct Put<T> {
    pub(super) is_new: bool,
    pub(super) now: T,
}

/// It will be done (202).
#[derive(Debug)]
pub(super) struct Accepted<T>(pub(super) T);

/// It was done, and nothing is left to be said (204).
#[derive(Debug)]
pub(super) struct Done;

/// It was done already (200), or will be (202).
#[derive(Debug)]
pub(super) enum NowOrSoon<N, S> {
    Now(N),
    Soon(S),
}

impl<T: Serialize> IntoResponse for Put<T> {
    fn into_response(self) -> Response {
        let status = if self.is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        (status, Json(self.now)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl<N: Serialize, S: Serialize> IntoResponse for NowOrSoon<N, S> {
    fn into_response(self) -> Response {
        match self {
            NowOrSoon::Now(done) => Json(done).into_response(),
            NowOrSoon::Soon(started) => Accepted(started).into_response(),
        }
    }
}
