//! What went wrong, told to programs as `application/problem+json` (RFC 9457).
//!
//! A problem carries words of our own only: never a body that somebody else answered, never an error of a store
//! or an SDK, never what was sent to us. What the operator needs is logged where the problem is made.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use sync_core::failure::{Class, Failure};
use sync_core::policy::FieldError;
use sync_core::port::{SchedulesFailure, SecretsFailure, StoreFailure};
use sync_engine::run::Refusal;

use crate::messages;

/// Result of everything that a caller asked for.
pub type Answered<T> = Result<T, Problem>;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A short stable word for programs; the last part of `type`.
    pub code: &'static str,
    /// What kind of problem it is, in a few words.
    pub title: &'static str,
    /// What happened this time and what to do, in a sentence.
    pub detail: String,
    /// The fields at fault.
    pub errors: Vec<FieldError>,
    /// How long to wait before another try.
    pub retry_after: Option<Duration>,
}

/// What went wrong, as `application/problem+json` (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Problem"))]
pub(crate) struct Body<'a> {
    /// A stable name of the kind of problem; its last part is a word for programs.
    r#type: String,
    /// What kind of problem it is, in a few words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened this time and what to do, in a sentence.
    detail: &'a str,
    /// The fields at fault.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// Puts a problem together.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// Fields that are missing, unknown or wrong.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-fields",
                messages::FIELDS,
                messages::FIELDS_DETAIL,
            )
        }
    }

    /// One field that is missing, unknown or wrong.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError::new(field, message)])
    }

    /// A body that is not JSON.
    pub fn not_json() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "not-json",
            messages::NOT_JSON,
            messages::NOT_JSON_DETAIL,
        )
    }

    /// A body beyond the limit.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            messages::TOO_LARGE,
            messages::TOO_LARGE_DETAIL,
        )
    }

    /// Something that does not exist.
    pub fn not_found(detail: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", messages::NOT_FOUND, detail)
    }

    /// An address that exists, called in another way.
    pub fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "wrong-method",
            messages::WRONG_METHOD,
            messages::WRONG_METHOD_DETAIL,
        )
    }

    /// Something that cannot be done as things stand.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, messages::CONFLICT, detail)
    }

    /// No key, or a wrong one.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            messages::UNAUTHORIZED,
            messages::UNAUTHORIZED_DETAIL,
        )
    }

    /// More wrong keys than may be tried.
    pub fn too_many_tries() -> Self {
        Self {
            retry_after: Some(Duration::from_mins(15)),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-tries",
                messages::TOO_MANY_TRIES,
                messages::TOO_MANY_TRIES_DETAIL,
            )
        }
    }

    /// A part of this installation that is busy or away.
    pub fn unavailable(detail: &'static str) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            messages::UNAVAILABLE,
            detail,
        )
    }

    /// A fault of our own.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            messages::INTERNAL,
            messages::INTERNAL_DETAIL,
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: format!("urn:crm-google-sync:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let mut response = (self.status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"administration\""),
            );
        }
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}

impl From<StoreFailure> for Problem {
    fn from(failure: StoreFailure) -> Self {
        match failure {
            StoreFailure::ConditionFailed | StoreFailure::LeaseLost => {
                Self::conflict("changed-meanwhile", messages::CHANGED_MEANWHILE)
            }
            StoreFailure::Unavailable(reason) => {
                tracing::error!(store.reason = reason, "the store did not answer");
                Self::unavailable(messages::STORE_AWAY)
            }
            StoreFailure::Refused(reason) => {
                tracing::error!(store.reason = reason, "the store refused");
                Self::internal()
            }
        }
    }
}

impl From<SecretsFailure> for Problem {
    fn from(failure: SecretsFailure) -> Self {
        match failure {
            SecretsFailure::Unavailable(reason) => {
                tracing::error!(secrets.reason = reason, "the secret store did not answer");
                Self::unavailable(messages::SECRETS_AWAY)
            }
            SecretsFailure::Refused(reason) => {
                tracing::error!(secrets.reason = reason, "the secret store refused");
                Self::internal()
            }
        }
    }
}

impl From<SchedulesFailure> for Problem {
    fn from(failure: SchedulesFailure) -> Self {
        match failure {
            SchedulesFailure::Unavailable(reason) => {
                tracing::error!(schedules.reason = reason, "the scheduler did not answer");
                Self::unavailable(messages::SCHEDULER_AWAY)
            }
            SchedulesFailure::Refused(reason) => {
                tracing::error!(schedules.reason = reason, "the scheduler refused");
                Self::internal()
            }
        }
    }
}

impl From<Failure> for Problem {
    /// A failure's message is made for people and carries no secret.
    fn from(failure: Failure) -> Self {
        match failure.class {
            Class::Retryable { after } => Self {
                retry_after: after,
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "try-again",
                    messages::REMOTE_AWAY,
                    failure.message,
                )
            },
            Class::Reauth => Self::conflict("needs-authorization", failure.message),
            // For a person to mend: a setting, a right, a record that is gone.
            Class::Resync | Class::Conflict | Class::Permanent => Self::new(
                StatusCode::CONFLICT,
                "refused",
                messages::REMOTE_REFUSED,
                failure.message,
            ),
            Class::Bug => {
                tracing::error!(
                    failure.code = failure.code,
                    "an answer made no sense: {}",
                    failure.message
                );
                Self::internal()
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Self::not_found(messages::UNKNOWN_LINK),
            Refusal::UnknownEntry => Self::not_found(messages::UNKNOWN_ENTRY),
            Refusal::AlreadyRestored => Self::conflict("already-restored", messages::ALREADY_RESTORED),
            Refusal::Leased => Self {
                retry_after: Some(Duration::from_secs(10)),
                ..Self::conflict("run-at-work", messages::RUN_AT_WORK)
            },
            Refusal::NeedsAuthorization => Self::conflict("needs-authorization", messages::MUST_AUTHORIZE),
            Refusal::Failed(failure) => failure.into(),
        }
    }
}
