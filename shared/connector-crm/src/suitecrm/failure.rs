//! Told apart by text: what SuiteCRM's refusals mean.
//!
//! The API answers 400 to everything (not found, forbidden, duplicate, SQL failure) and only the text tells which.
//! This file is the one place that knows the texts. A text it does not know is refused as it stands and never read
//! as an absence. No text of the CRM is passed on: some of them carry passwords, file paths or SQL.
//!
//! # Source
//! Texts measured on 7.14.6 and 7.15.0; `Api/V8/Service/*.php` and `Api/V8/BeanDecorator/BeanManager.php` of
//! salesagility/SuiteCRM.

use std::time::Duration;

use serde::Deserialize;
use sync_core::failure::Failure;

use super::wire::{first_json, is_html};

/// Why a call did not give what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SuiteFailure {
    /// The named record is absent or deleted.
    #[error("the CRM has no such record")]
    NotFound {
        /// The module that was looked in, which need not be the one asked for.
        module: String,
        /// The id that was looked for.
        id: String,
    },
    /// A role or a security group forbids it.
    #[error("the CRM does not allow the API user to do this: its roles or security groups forbid it")]
    AccessDenied,
    /// The id is used, by a live record or a deleted one.
    #[error("the CRM has used this id already")]
    AlreadyExists,
    /// The SQL behind the call failed: a lost race for an id, or a value that the table cannot hold.
    #[error("the CRM's database refused the values")]
    Database,
    /// The module lacks an attribute that was named.
    #[error("the CRM does not know the field {property} in {module}")]
    UnknownProperty {
        /// The attribute.
        property: String,
        /// The module.
        module: String,
    },
    /// The two records are not related, so they cannot be parted.
    #[error("the CRM does not have these two records related")]
    NotRelated,
    /// The id has not the shape the CRM wants.
    #[error("the CRM does not take this id")]
    InvalidId,
    /// The access token is expired, revoked or nonsense.
    #[error("the CRM refused the access token")]
    TokenRefused,
    /// The API user was deactivated or deleted.
    #[error("the CRM no longer accepts the API user: it was deactivated or deleted")]
    UserRefused,
    /// A web page came back where JSON was due.
    #[error("a web page came back instead of the CRM's API (status {status})")]
    Page {
        /// The status it came with.
        status: u16,
    },
    /// PHP gave up with an error. After a write, the record may be saved or not.
    #[error("the CRM failed with an internal error")]
    Crashed,
    /// The CRM, or something in front of it, is away or busy.
    #[error("the CRM is busy or away (status {status})")]
    Unavailable {
        /// The status.
        status: u16,
        /// How long it asked to wait.
        after: Option<Duration>,
    },
    /// The answer says success, but cannot be understood or was cut off.
    #[error("the CRM's answer could not be understood")]
    Unintelligible,
    /// A refusal that is not in the table.
    #[error("the CRM refused for a reason that this version does not know (status {status})")]
    Unknown {
        /// The status.
        status: u16,
    },
    /// No answer came, or another failure below; told as it is.
    #[error("{failure}")]
    Below {
        /// What the HTTP client or the sign-in said.
        failure: Failure,
        /// Whether the request may have been carried out all the same.
        outcome_unknown: bool,
    },
}

impl SuiteFailure {
    /// What a status and a body that are no success mean.
    pub(crate) fn of(status: u16, body: &[u8], after: Option<Duration>) -> Self {
        match status {
            401 => return SuiteFailure::TokenRefused,
            408 | 429 => return SuiteFailure::Unavailable { status, after },
            500.. => {
                return match first_json::<Refusal>(body).and_then(|refusal| refusal.message) {
                    Some(message) if message.starts_with("Slim Application Error") => SuiteFailure::Crashed,
                    // A page that asks to wait is what stands in front of a site that is being looked after.
                    Some(_) | None if is_html(body) && after.is_none() => SuiteFailure::Page { status },
                    Some(_) | None => SuiteFailure::Unavailable { status, after },
                };
            }
            _ => {}
        }
        if is_html(body) {
            return SuiteFailure::Page { status };
        }
        let detail = first_json::<Refusal>(body)
            .and_then(|refusal| refusal.errors)
            .and_then(|errors| errors.detail);
        detail
            .as_deref()
            .and_then(by_text)
            .unwrap_or(SuiteFailure::Unknown { status })
    }

    /// Whether a write that ended so may have been carried out.
    pub(crate) fn outcome_unknown(&self) -> bool {
        match self {
            SuiteFailure::Crashed
            | SuiteFailure::Unavailable { .. }
            | SuiteFailure::Unintelligible
            | SuiteFailure::Database
            | SuiteFailure::Page { .. } => true,
            SuiteFailure::Below {
                outcome_unknown,
                failure: _,
            } => *outcome_unknown,
            SuiteFailure::NotFound { .. }
            | SuiteFailure::AccessDenied
            | SuiteFailure::AlreadyExists
            | SuiteFailure::UnknownProperty { .. }
            | SuiteFailure::NotRelated
            | SuiteFailure::InvalidId
            | SuiteFailure::TokenRefused
            | SuiteFailure::UserRefused
            | SuiteFailure::Unknown { .. } => false,
        }
    }

    /// Whether it says that this very record is absent or deleted. Ids are compared as the database does.
    pub(crate) fn says_gone(&self, asked_module: &str, asked_id: &str) -> bool {
        matches!(self, SuiteFailure::NotFound { module, id }
            if module == asked_module && id.eq_ignore_ascii_case(asked_id))
    }
}

impl From<SuiteFailure> for Failure {
    fn from(cause: SuiteFailure) -> Self {
        let message = cause.to_string();
        match cause {
            SuiteFailure::Below {
                failure,
                outcome_unknown: _,
            } => failure,
            SuiteFailure::NotFound { module, id: _ } if module == "Users" => {
                Failure::reauth("crm_user_refused", SuiteFailure::UserRefused.to_string())
            }
            SuiteFailure::NotFound { .. } => Failure::conflict("not_found", message),
            SuiteFailure::AccessDenied => Failure::permanent("access_denied", message),
            SuiteFailure::AlreadyExists => Failure::conflict("already_exists", message),
            SuiteFailure::Database => Failure::permanent("crm_database", message),
            SuiteFailure::UnknownProperty { .. } => Failure::permanent("unknown_field", message),
            SuiteFailure::NotRelated => Failure::conflict("not_related", message),
            SuiteFailure::InvalidId => Failure::permanent("invalid_id", message),
            SuiteFailure::TokenRefused => Failure::reauth("token_refused", message),
            SuiteFailure::UserRefused => Failure::reauth("crm_user_refused", message),
            SuiteFailure::Page { status: _ } => Failure::retryable("html_answer", message, None),
            SuiteFailure::Crashed => Failure::retryable("crm_crashed", message, None),
            SuiteFailure::Unavailable { after, status: _ } => {
                Failure::retryable("crm_unavailable", message, after)
            }
            SuiteFailure::Unintelligible => Failure::retryable("unreadable_answer", message, None),
            SuiteFailure::Unknown { status: _ } => Failure::permanent("crm_refused", message),
        }
    }
}

/// Why a sign-in did not give a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignInFailure {
    /// The client's secret is wrong, or its grant type is another one.
    #[error("the CRM refused the client: its secret is wrong, or the client was made for another grant type")]
    Client,
    /// There is no client of that id.
    #[error("the CRM has no OAuth2 client with this id")]
    UnknownClient,
    /// The user's password is wrong.
    #[error("the CRM refused the password")]
    Password,
    /// There is no user of that name.
    #[error("the CRM has no user with this name")]
    UnknownUser,
    /// The user was deactivated.
    #[error("the CRM no longer accepts the API user: it was deactivated or deleted")]
    UserRefused,
    /// The CRM does not offer the way of signing in.
    #[error("the CRM does not offer this way of signing in")]
    Grant,
    /// The API has no key pair, or PHP fails before it can say anything.
    #[error(
        "the CRM's sign-in fails with an empty answer: the key pair of its API is most likely missing; \
         the administrator makes one as SuiteCRM's API documentation describes"
    )]
    KeysMissing,
    /// There is no API at that address, only a web page or nothing.
    #[error("there is no SuiteCRM API at this address")]
    NoApiHere,
    /// The CRM is away or busy.
    #[error("the CRM's sign-in is busy or away (status {status})")]
    Unavailable {
        /// The status.
        status: u16,
    },
    /// A refusal that is not in the table.
    #[error("the CRM refused the sign-in for a reason that this version does not know (status {status})")]
    Unknown {
        /// The status.
        status: u16,
    },
}

impl SignInFailure {
    /// What a status and a body of the token endpoint mean. The body may echo the password and goes no further.
    pub(crate) fn of(status: u16, body: &[u8]) -> Self {
        if is_html(body) {
            return match status {
                502..=504 => SignInFailure::Unavailable { status },
                _ => SignInFailure::NoApiHere,
            };
        }
        let refusal: Refusal = first_json(body).unwrap_or_default();
        let error = refusal
            .error
            .as_ref()
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default();
        let text = refusal.error_description.or(refusal.message).unwrap_or_default();
        match (status, error) {
            (_, "invalid_client") => SignInFailure::Client,
            (_, "unsupported_grant_type") => SignInFailure::Grant,
            (429 | 502..=504, _) => SignInFailure::Unavailable { status },
            (404 | 405, "") => SignInFailure::NoApiHere,
            (500, _) if body.iter().all(u8::is_ascii_whitespace) => SignInFailure::KeysMissing,
            _ if text.starts_with("OAuth2Clients module with id") && text.ends_with("is not found") => {
                SignInFailure::UnknownClient
            }
            _ if text.starts_with("The password is invalid") => SignInFailure::Password,
            _ if text.starts_with("No user found with this username") => SignInFailure::UnknownUser,
            _ if text.starts_with("Not Authorized") => SignInFailure::UserRefused,
            (_, "invalid_credentials" | "invalid_grant") => SignInFailure::Password,
            (500.., _) => SignInFailure::Unavailable { status },
            _ => SignInFailure::Unknown { status },
        }
    }
}

impl From<SignInFailure> for Failure {
    fn from(cause: SignInFailure) -> Self {
        let message = cause.to_string();
        match cause {
            SignInFailure::Client => Failure::reauth("invalid_client", message),
            SignInFailure::UnknownClient => Failure::reauth("unknown_client", message),
            SignInFailure::Password => Failure::reauth("invalid_password", message),
            SignInFailure::UnknownUser => Failure::reauth("unknown_user", message),
            SignInFailure::UserRefused => Failure::reauth("crm_user_refused", message),
            SignInFailure::Grant => Failure::reauth("unsupported_grant", message),
            // Not a lost authorisation: nothing that a person reconnects would help.
            SignInFailure::KeysMissing => Failure::retryable("keys_missing", message, None),
            SignInFailure::NoApiHere => Failure::retryable("no_api", message, None),
            SignInFailure::Unavailable { status: _ } => Failure::retryable("crm_unavailable", message, None),
            SignInFailure::Unknown { status: _ } => Failure::retryable("sign_in_refused", message, None),
        }
    }
}

/// Every shape of a refusal at once: V8's own, Slim's, and OAuth's.
#[derive(Default, Deserialize)]
struct Refusal {
    errors: Option<Errors>,
    message: Option<String>,
    error: Option<serde_json::Value>,
    error_description: Option<String>,
}

/// V8's own refusal: an object, where JSON:API has a list.
#[derive(Deserialize)]
struct Errors {
    detail: Option<String>,
}

fn by_text(detail: &str) -> Option<SuiteFailure> {
    let detail = detail.trim();
    if let Some((module, rest)) = detail.split_once(" module with id ")
        && let Some(id) = rest.strip_suffix(" is not found")
    {
        return Some(SuiteFailure::NotFound {
            module: module.to_owned(),
            id: id.trim().to_owned(),
        });
    }
    if detail.contains("[AccessDeniedException]") || detail.contains("does not have access to this module") {
        return Some(SuiteFailure::AccessDenied);
    }
    if detail.starts_with("Bean ") && detail.ends_with("is already exist") {
        return Some(SuiteFailure::AlreadyExists);
    }
    if detail.starts_with("Module with ") && detail.contains(" id is not related to ") {
        return Some(SuiteFailure::NotRelated);
    }
    if detail.starts_with("Database failure") {
        return Some(SuiteFailure::Database);
    }
    if let Some((property, rest)) = detail
        .strip_prefix("Property ")
        .and_then(|rest| rest.split_once(" in "))
        && let Some(module) = rest.strip_suffix(" module is invalid")
    {
        return Some(SuiteFailure::UnknownProperty {
            property: property.to_owned(),
            module: module.to_owned(),
        });
    }
    if detail.starts_with("The option \"id\" with value") {
        return Some(SuiteFailure::InvalidId);
    }
    // 7.15 says no more than this to an inactive user; a missing record is always named.
    (detail == "Not found").then_some(SuiteFailure::UserRefused)
}
