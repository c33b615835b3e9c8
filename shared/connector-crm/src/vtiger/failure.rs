//! What Vtiger's refusals mean, and what its silences may have done.
//!
//! Refusals come with status 200 and a code; fatal errors as 500 with nothing, or as 200 with a web page or a dump.
//! After a write none of the latter says whether the record is there: a create that failed may have left it. Absent,
//! deleted and forbidden records are refused with one and the same code, so this code alone is never an absence.
//! No text of the CRM is passed on, save the names of fields.
//!
//! # Source
//! Codes measured on 8.2.0 and 8.4.0; `include/Webservices/WebServiceErrorCode.php`.

use std::time::Duration;

use connector_http::client::Answer;
use sync_core::failure::Failure;

use super::wire::{Envelope, Refusal, envelope};

/// Why a call did not give what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VtigerFailure {
    /// The record is absent, deleted or forbidden, or the operation is.
    #[error("the CRM denies access to the record, or has no such record")]
    Denied,
    /// The session lapsed, or never was.
    #[error("the CRM no longer knows the session, although it was just opened")]
    SessionLapsed,
    /// A field that has to be filled is not.
    #[error("the CRM demands a value in the field {field}")]
    Mandatory {
        /// The field.
        field: String,
    },
    /// A value refers to something that is not there, or of another kind.
    #[error("the CRM refused a reference to another record")]
    Reference,
    /// The id is of another class than the record.
    #[error("the record is of another kind in the CRM by now")]
    OtherClass,
    /// The text of a query was not understood.
    #[error("the CRM did not understand the query")]
    Query,
    /// The service failed inside, and said so.
    #[error("the CRM failed with an internal error")]
    Internal,
    /// PHP gave up: nothing, or no JSON, came back.
    #[error("the CRM failed and gave no proper answer (status {status})")]
    Crashed {
        /// The status it came with.
        status: u16,
    },
    /// The CRM, or something in front of it, is away or busy.
    #[error("the CRM is busy or away (status {status})")]
    Unavailable {
        /// The status.
        status: u16,
        /// How long it asked to wait.
        after: Option<Duration>,
    },
    /// There is a web page where the service should be.
    #[error("a web page came back instead of the CRM's web service (status {status})")]
    Page {
        /// The status.
        status: u16,
    },
    /// The answer says success, but not what was asked for.
    #[error("the CRM's answer could not be understood")]
    Unintelligible,
    /// A refusal that is not in the table.
    #[error("the CRM refused for a reason that this version does not know")]
    Unknown,
    /// No answer came, or the sign-in failed; told as it is.
    #[error("{failure}")]
    Below {
        /// What the HTTP client or the sign-in said.
        failure: Failure,
        /// Whether the request may be carried out, now or in a moment.
        outcome_unknown: bool,
    },
}

impl VtigerFailure {
    /// What an answer gave, or why it gave nothing. The status does not count where there is an envelope: some
    /// operations answer rightly with 500.
    pub(crate) fn understood(answer: &Answer) -> Result<serde_json::Value, Self> {
        match envelope(&answer.body) {
            Some(Envelope {
                success: true,
                result,
                error: _,
            }) => Ok(result),
            Some(Envelope {
                success: false,
                result: _,
                error,
            }) => Err(error.map_or(VtigerFailure::Unknown, |refusal| by_code(&refusal))),
            None => Err(without_envelope(answer)),
        }
    }

    /// Whether a write that ended so may have been carried out.
    pub(crate) fn outcome_unknown(&self) -> bool {
        match self {
            VtigerFailure::Internal
            | VtigerFailure::Crashed { .. }
            | VtigerFailure::Unavailable { .. }
            | VtigerFailure::Page { .. }
            | VtigerFailure::Unintelligible => true,
            VtigerFailure::Below {
                outcome_unknown,
                failure: _,
            } => *outcome_unknown,
            VtigerFailure::Denied
            | VtigerFailure::SessionLapsed
            | VtigerFailure::Mandatory { .. }
            | VtigerFailure::Reference
            | VtigerFailure::OtherClass
            | VtigerFailure::Query
            | VtigerFailure::Unknown => false,
        }
    }

    /// Whether the CRM may still be at work on it: nobody heard its end.
    pub(crate) fn may_still_happen(&self) -> bool {
        matches!(
            self,
            VtigerFailure::Below {
                outcome_unknown: true,
                failure: _
            } | VtigerFailure::Unavailable { .. }
        )
    }
}

fn without_envelope(answer: &Answer) -> VtigerFailure {
    let status = answer.status;
    match status {
        408 | 429 | 502..=504 => VtigerFailure::Unavailable {
            status,
            after: answer.retry_after(),
        },
        500.. => VtigerFailure::Crashed { status },
        // An SQL dump and PHP's own words come as web pages too, but begin otherwise.
        200..=299 if !is_page(&answer.body) => VtigerFailure::Crashed { status },
        _ => VtigerFailure::Page { status },
    }
}

/// Whether a body is a whole web page: a login form, a maintenance notice, another site.
fn is_page(body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(body.get(..body.len().min(512)).unwrap_or_default()).to_lowercase();
    let head = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    head.starts_with("<!doctype") || head.starts_with("<html")
}

fn by_code(refusal: &Refusal) -> VtigerFailure {
    match refusal.code.as_str() {
        "ACCESS_DENIED" => VtigerFailure::Denied,
        "INVALID_SESSIONID" | "SESSION_EXPIRED" | "SESSION_LEFT_IDLE" | "AUTHENTICATION_REQUIRED" => {
            VtigerFailure::SessionLapsed
        }
        "MANDATORY_FIELDS_MISSING" => VtigerFailure::Mandatory {
            field: field_of(&refusal.message),
        },
        "REFERENCE_INVALID" => VtigerFailure::Reference,
        "INVALID_ID_ATTRIBUTE" | "UNKOWN_ENTITY" => VtigerFailure::OtherClass,
        "QUERY_SYNTAX_ERROR" => VtigerFailure::Query,
        "INTERNAL_SERVER_ERROR" | "DATABASE_QUERY_ERROR" => VtigerFailure::Internal,
        _ => VtigerFailure::Unknown,
    }
}

/// The field that `x does not have a value` names.
fn field_of(message: &str) -> String {
    let word = message.split_whitespace().next().unwrap_or_default();
    let is_name = word.len() <= 64
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name && !word.is_empty() {
        word.to_owned()
    } else {
        "that it does not name".to_owned()
    }
}

impl From<VtigerFailure> for Failure {
    fn from(cause: VtigerFailure) -> Self {
        let message = cause.to_string();
        match cause {
            VtigerFailure::Below {
                failure,
                outcome_unknown: _,
            } => failure,
            VtigerFailure::Denied => Failure::permanent("access_denied", message),
            VtigerFailure::SessionLapsed => Failure::retryable("session_refused", message, None),
            VtigerFailure::Mandatory { field: _ } => Failure::permanent("mandatory_field", message),
            VtigerFailure::Reference => Failure::permanent("reference_invalid", message),
            VtigerFailure::OtherClass => Failure::conflict("other_class", message),
            VtigerFailure::Query => Failure::permanent("query_refused", message),
            VtigerFailure::Internal | VtigerFailure::Crashed { status: _ } => {
                Failure::retryable("crm_crashed", message, None)
            }
            VtigerFailure::Unavailable { after, status: _ } => {
                Failure::retryable("crm_unavailable", message, after)
            }
            VtigerFailure::Page { status: _ } => Failure::retryable("html_answer", message, None),
            VtigerFailure::Unintelligible => Failure::retryable("unreadable_answer", message, None),
            VtigerFailure::Unknown => Failure::permanent("crm_refused", message),
        }
    }
}

/// Why a sign-in did not give a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignInFailure {
    /// The access key is wrong.
    #[error("the CRM refused the access key")]
    AccessKey,
    /// There is no user of that name.
    #[error("the CRM has no user with this name")]
    UnknownUser,
    /// There is no web service at that address, only a web page or nothing.
    #[error("there is no Vtiger web service at this address")]
    NoServiceHere,
    /// The CRM is away or busy, or fails.
    #[error("the CRM's sign-in is busy, away or failing (status {status})")]
    Unavailable {
        /// The status.
        status: u16,
    },
    /// A refusal that is not in the table.
    #[error("the CRM refused the sign-in for a reason that this version does not know")]
    Unknown,
}

impl SignInFailure {
    /// What an answer that carries no success means.
    pub(crate) fn of(answer: &Answer) -> Self {
        if let Some(Envelope { error, .. }) = envelope(&answer.body) {
            let code = error.map(|refusal| refusal.code).unwrap_or_default();
            return match code.as_str() {
                "INVALID_USER_CREDENTIALS" | "INVALID_AUTH_TOKEN" => SignInFailure::AccessKey,
                "ACCESS_DENIED" => SignInFailure::UnknownUser,
                _ => SignInFailure::Unknown,
            };
        }
        match without_envelope(answer) {
            VtigerFailure::Page { status: 200..=499 } => SignInFailure::NoServiceHere,
            VtigerFailure::Unavailable { status, after: _ }
            | VtigerFailure::Crashed { status }
            | VtigerFailure::Page { status } => SignInFailure::Unavailable { status },
            VtigerFailure::Denied
            | VtigerFailure::SessionLapsed
            | VtigerFailure::Mandatory { .. }
            | VtigerFailure::Reference
            | VtigerFailure::OtherClass
            | VtigerFailure::Query
            | VtigerFailure::Internal
            | VtigerFailure::Unintelligible
            | VtigerFailure::Unknown
            | VtigerFailure::Below { .. } => SignInFailure::Unknown,
        }
    }
}

impl From<SignInFailure> for Failure {
    fn from(cause: SignInFailure) -> Self {
        let message = cause.to_string();
        match cause {
            SignInFailure::AccessKey => Failure::reauth("invalid_access_key", message),
            SignInFailure::UnknownUser => Failure::reauth("unknown_user", message),
            // Not a lost authorisation: nothing that a person reconnects would help.
            SignInFailure::NoServiceHere => Failure::retryable("no_api", message, None),
            SignInFailure::Unavailable { status: _ } => Failure::retryable("crm_unavailable", message, None),
            SignInFailure::Unknown => Failure::retryable("sign_in_refused", message, None),
        }
    }
}
