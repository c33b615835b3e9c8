//! What went wrong, told by what happens next.

use std::time::Duration;

/// What a run does about a failure. Only the engine switches on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The side is busy, slow or away: this mapping stops, its cursor stays, and it is due again after the delay.
    Retryable {
        /// How long the side asked us to wait, where it did.
        after: Option<Duration>,
    },
    /// The connection's authorisation is gone: the account link is parked and its page asks to reconnect.
    Reauth,
    /// The cursor was refused: forget it and read everything next time.
    Resync,
    /// The record is not as we last saw it (changed, or gone): read it again and decide again.
    Conflict,
    /// This record will not go through as it is: it is parked with the reason, its neighbours go on.
    Permanent,
    /// A fault of our own, or an answer that makes no sense: nothing is committed for this mapping.
    Bug,
}

/// A failure of a door, ready to be acted on and shown.
///
/// `message` is one sentence for a person; it never carries a secret, a token or a response body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What happens next.
    pub class: Class,
    /// A short stable word for programs, such as `rate_limited` or `invalid_grant`.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
}

impl Failure {
    /// Puts a failure together.
    pub fn new(class: Class, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            class,
            code,
            message: message.into(),
        }
    }

    /// The side is busy, slow or away.
    pub fn retryable(code: &'static str, message: impl Into<String>, after: Option<Duration>) -> Self {
        Self::new(Class::Retryable { after }, code, message)
    }

    /// The authorisation is gone.
    pub fn reauth(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Class::Reauth, code, message)
    }

    /// The record is not as we last saw it.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Class::Conflict, code, message)
    }

    /// The record will not go through as it is.
    pub fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Class::Permanent, code, message)
    }

    /// An answer that makes no sense, or a fault of our own.
    pub fn bug(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Class::Bug, code, message)
    }
}
