//! Access tokens: where they come from and where they are kept between runs.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sync_core::failure::Failure;
use sync_core::port::SecretText;

/// A bearer token and when it ends.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token itself.
    pub text: SecretText,
    /// When the provider stops taking it.
    pub expires_at: DateTime<Utc>,
}

/// Gives out a good access token.
#[async_trait]
pub trait TokenSource: Send + Sync + std::fmt::Debug {
    /// A token that is good for at least a minute, kept from before where possible.
    ///
    /// # Errors
    /// `Reauth` where the authorisation is gone, `Retryable` where the provider is away.
    async fn token(&self) -> Result<AccessToken, Failure>;

    /// A new token, because the provider has just refused this one.
    ///
    /// # Errors
    /// As [`token`](TokenSource::token).
    async fn replace(&self, refused: &AccessToken) -> Result<AccessToken, Failure>;
}

/// Keeps one access token between runs (sealed in the store, or in memory in tests).
#[async_trait]
pub trait TokenCache: Send + Sync + std::fmt::Debug {
    /// The token kept, if there is one; it may have ended.
    async fn load(&self) -> Option<AccessToken>;
    /// Keeps a token in place of the former one. A failure to keep it costs a sign-in next time, nothing else.
    async fn save(&self, token: &AccessToken);
}
