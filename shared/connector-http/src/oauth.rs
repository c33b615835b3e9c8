//! The OAuth 2 client library over our HTTP client, and its failures without secrets.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use oauth2::basic::{BasicErrorResponse, BasicErrorResponseType};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse, RequestTokenError};
use sync_core::failure::Failure;

use crate::client::{HttpClient, HttpFailure};

/// Our HTTP client as the OAuth 2 library wants it: `request_async(&OauthTransport::new(http))`.
#[derive(Debug, Clone)]
pub struct OauthTransport {
    http: HttpClient,
}

impl OauthTransport {
    /// Over that client.
    pub fn new(http: HttpClient) -> Self {
        Self { http }
    }
}

impl<'c> AsyncHttpClient<'c> for OauthTransport {
    type Error = TransportFailure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TransportFailure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.http.send(request).await.map_err(TransportFailure::Http)?;
            // A server that fails or is busy may still send a body that reads like a refusal of the grant.
            // It must never be taken for one, so the library does not get to see it.
            if answer.status == 429 || answer.status >= 500 {
                return Err(TransportFailure::Away {
                    after: answer.retry_after(),
                });
            }
            let status = http::StatusCode::from_u16(answer.status)
                .map_err(|_| TransportFailure::Http(HttpFailure::Other("the answer has no valid status")))?;
            let mut response = HttpResponse::new(answer.body);
            *response.status_mut() = status;
            *response.headers_mut() = answer.headers;
            Ok(response)
        })
    }
}

/// Why the token server gave no answer that says anything about the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportFailure {
    /// No answer.
    #[error(transparent)]
    Http(HttpFailure),
    /// It is busy or broken.
    #[error("the sign-in service is busy or away")]
    Away {
        /// How long it asks us to wait.
        after: Option<Duration>,
    },
}

/// Why there is no token. Carries no secret and no text of the server's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OauthFailure {
    /// The server says no.
    #[error("the sign-in service refused: {0}")]
    Refused(OauthRefusal),
    /// The server could not say.
    #[error(transparent)]
    Transport(TransportFailure),
    /// The answer makes no sense.
    #[error("the sign-in service sent an answer that makes no sense")]
    Nonsense,
}

/// What the token server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OauthRefusal {
    /// The code or refresh token is used, expired or revoked.
    InvalidGrant,
    /// The client id or secret is wrong.
    InvalidClient,
    /// The client may not do this.
    UnauthorizedClient,
    /// The redirect address is not one of the client's.
    RedirectMismatch,
    /// A scope is unknown.
    InvalidScope,
    /// Something else is wrong with the request.
    Other,
}

impl OauthRefusal {
    /// The word of RFC 6749 (and Google's own) for it.
    pub fn code(self) -> &'static str {
        match self {
            OauthRefusal::InvalidGrant => "invalid_grant",
            OauthRefusal::InvalidClient => "invalid_client",
            OauthRefusal::UnauthorizedClient => "unauthorized_client",
            OauthRefusal::RedirectMismatch => "redirect_uri_mismatch",
            OauthRefusal::InvalidScope => "invalid_scope",
            OauthRefusal::Other => "oauth_refused",
        }
    }
}

impl std::fmt::Display for OauthRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl From<RequestTokenError<TransportFailure, BasicErrorResponse>> for OauthFailure {
    fn from(error: RequestTokenError<TransportFailure, BasicErrorResponse>) -> Self {
        match error {
            RequestTokenError::Request(failure) => OauthFailure::Transport(failure),
            RequestTokenError::ServerResponse(refusal) => OauthFailure::Refused(refused(refusal.error())),
            RequestTokenError::Parse(_, _) | RequestTokenError::Other(_) => OauthFailure::Nonsense,
        }
    }
}

fn refused(error: &BasicErrorResponseType) -> OauthRefusal {
    match error {
        BasicErrorResponseType::InvalidGrant => OauthRefusal::InvalidGrant,
        BasicErrorResponseType::InvalidClient => OauthRefusal::InvalidClient,
        BasicErrorResponseType::UnauthorizedClient => OauthRefusal::UnauthorizedClient,
        BasicErrorResponseType::InvalidScope => OauthRefusal::InvalidScope,
        BasicErrorResponseType::Extension(word) if word == "redirect_uri_mismatch" => {
            OauthRefusal::RedirectMismatch
        }
        BasicErrorResponseType::InvalidRequest
        | BasicErrorResponseType::UnsupportedGrantType
        | BasicErrorResponseType::Extension(_) => OauthRefusal::Other,
    }
}

impl From<OauthFailure> for Failure {
    fn from(failure: OauthFailure) -> Self {
        match failure {
            OauthFailure::Refused(OauthRefusal::InvalidGrant) => {
                Failure::reauth("invalid_grant", "the authorisation has ended or was withdrawn")
            }
            OauthFailure::Refused(refusal) => Failure::permanent(
                refusal.code(),
                format!("the sign-in service refused our client: {refusal}"),
            ),
            OauthFailure::Transport(TransportFailure::Http(failure)) => failure.into(),
            OauthFailure::Transport(TransportFailure::Away { after }) => {
                Failure::retryable("sign_in_away", "the sign-in service is busy or away", after)
            }
            OauthFailure::Nonsense => Failure::retryable(
                "sign_in_nonsense",
                "the sign-in service sent an answer that makes no sense",
                None,
            ),
        }
    }
}
