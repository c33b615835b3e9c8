//! Bodies, limited.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use http::header;
use serde_json::Value;

use crate::problem::Problem;

/// Most bytes of a body. The largest that means anything, a Google client file, has less than two kilobytes.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// A body of JSON, whatever its content type says.
#[derive(Debug)]
pub(super) struct JsonBody(pub(super) Value);

/// A body as it is.
#[derive(Debug)]
pub(super) struct RawBody(pub(super) Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = read_body(request).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| Problem::not_json())
    }
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read_body(request).await.map(Self)
    }
}

/// Reads a body within the limit; one that announces more is not even begun.
pub(crate) async fn read_body(request: Request<Body>) -> Result<Vec<u8>, Problem> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > BODY_BYTES_MAX) {
        return Err(Problem::too_large());
    }
    // A body that is cut off fails here too, but then nobody is left to read the answer.
    let bytes = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX)
        .await
        .map_err(|_| Problem::too_large())?;
    Ok(bytes.to_vec())
}
