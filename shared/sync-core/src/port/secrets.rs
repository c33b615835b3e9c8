//! The door to the secrets: few, long-lived values.

use async_trait::async_trait;

/// A text that must not be seen: its `Debug` shows nothing, it has no `Display`, and it is wiped when dropped.
pub type SecretText = secrecy::SecretString;

/// Keeps secrets by name. Names are paths of `[A-Za-z0-9/_+=.@-]`, without the deployment's prefix.
#[async_trait]
pub trait Secrets: Send + Sync + std::fmt::Debug {
    /// Reads a secret; `None` where there is none of that name.
    async fn get(&self, name: &str) -> Result<Option<SecretText>, SecretsFailure>;
    /// Writes a secret, new or over the old one. Writing the same value twice is harmless.
    async fn put(&self, name: &str, value: &SecretText) -> Result<(), SecretsFailure>;
    /// Deletes a secret for good; one that is not there is deleted already.
    async fn delete(&self, name: &str) -> Result<(), SecretsFailure>;
}

/// Why the secrets could not be reached. Carries no secret and no name of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsFailure {
    /// The keeper is busy or away; worth another try.
    #[error("the secret store did not answer: {0}")]
    Unavailable(String),
    /// The keeper refused.
    #[error("the secret store refused: {0}")]
    Refused(String),
}
