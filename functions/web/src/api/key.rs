//! The administrator's key before every call.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::operations::tries::{self, Door};
use crate::problem::{Answered, Problem};

/// Lets a call through that carries the key. Without one, or with a wrong one, the same work is done and the
/// same answer given, before anything else about the call is looked at.
pub(super) async fn require(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match let_in(&app, request.headers()).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn let_in(app: &App, headers: &HeaderMap) -> Answered<()> {
    let presented = bearer(headers);
    if is_key(app, presented) {
        return tries::may_try(app, Door::Call, headers).await;
    }
    // Whoever shows nothing tries nothing.
    if !presented.is_empty() {
        tries::count(app, Door::Call, headers).await?;
        tracing::warn!("a wrong administrator's key was tried with a call");
    }
    Err(Problem::unauthorized())
}

/// Whether a text is the administrator's key. Hashes of equal length are compared in a time that does not
/// depend on where they differ, nor on the length of what was sent beyond hashing it.
pub(crate) fn is_key(app: &App, presented: &str) -> bool {
    let key = app.config.admin_key.as_ref();
    let wanted = Sha256::digest(key.map(ExposeSecret::expose_secret).unwrap_or_default());
    let presented_hash = Sha256::digest(presented);
    let same: bool = wanted.ct_eq(&presented_hash).into();
    // An installation without a key lets nobody in, not even with an empty one.
    same & key.is_some_and(|key| !key.expose_secret().is_empty())
}

fn bearer(headers: &HeaderMap) -> &str {
    let text = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        _ => "",
    }
}
