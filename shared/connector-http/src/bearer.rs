//! Calls under an access token.

use http::HeaderValue;
use http::header::AUTHORIZATION;
use sync_core::failure::Failure;
use sync_core::port::SecretText;

use crate::client::{Answer, HttpFailure};
use crate::lane::{Lane, Repeat, Verdict};
use crate::token::TokenSource;

/// Why a call under a token has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BearerFailure {
    /// There is no token.
    #[error(transparent)]
    Token(Failure),
    /// There is no answer.
    #[error(transparent)]
    Http(HttpFailure),
}

impl From<BearerFailure> for Failure {
    fn from(failure: BearerFailure) -> Self {
        match failure {
            BearerFailure::Token(failure) => failure,
            BearerFailure::Http(failure) => failure.into(),
        }
    }
}

/// Sends a request with a token. Where the token is refused (401), it is replaced and the request sent once
/// more: a refused request was not carried out. A second 401 is an answer for the caller.
///
/// # Errors
/// See [`BearerFailure`].
pub async fn call_with_token(
    lane: &Lane,
    tokens: &dyn TokenSource,
    request: http::Request<Vec<u8>>,
    repeat: Repeat,
    classify: impl Fn(&Answer) -> Verdict + Send + Sync,
) -> Result<Answer, BearerFailure> {
    let token = tokens.token().await.map_err(BearerFailure::Token)?;
    let first = signed(request.clone(), &token.text).map_err(BearerFailure::Http)?;
    let answer = lane
        .call(first, repeat, &classify)
        .await
        .map_err(BearerFailure::Http)?;
    if answer.status != 401 {
        return Ok(answer);
    }
    let token = tokens.replace(&token).await.map_err(BearerFailure::Token)?;
    let second = signed(request, &token.text).map_err(BearerFailure::Http)?;
    lane.call(second, repeat, &classify)
        .await
        .map_err(BearerFailure::Http)
}

/// The request with the token in its `Authorization` header.
///
/// # Errors
/// `Other` where the token holds characters that no header may hold.
pub fn signed(
    mut request: http::Request<Vec<u8>>,
    token: &SecretText,
) -> Result<http::Request<Vec<u8>>, HttpFailure> {
    use secrecy::ExposeSecret;
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|_| HttpFailure::Other("the access token cannot be put into a header"))?;
    value.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, value);
    Ok(request)
}
