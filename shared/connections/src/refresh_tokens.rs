//! Where the users' refresh tokens for Google are kept.

use std::sync::Arc;

use secrecy::ExposeSecret;
use sync_core::failure::Failure;
use sync_core::id::AccountLinkId;
use sync_core::port::{SecretText, Secrets};
use sync_engine::memory::{AccountLink, Memory};

use crate::failure::{of_secrets, of_store};
use crate::vault::Vault;

/// Name of the token under its owner.
const NAME: &str = "google";

/// Where refresh tokens are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenStorage {
    /// One secret for each account link.
    #[default]
    SecretsManager,
    /// Sealed rows of the table, under one key.
    Sealed,
}

impl TokenStorage {
    /// The storage of that name, as `TOKEN_STORAGE` gives it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "secrets-manager" => Some(Self::SecretsManager),
            "sealed" => Some(Self::Sealed),
            _ => None,
        }
    }
}

/// Keeps the refresh tokens.
///
/// Reading looks in the place chosen and then in the other one, so that an installation may change its choice:
/// tokens move as they are written next.
#[derive(Debug)]
pub(crate) struct RefreshTokens {
    pub(crate) storage: TokenStorage,
    pub(crate) secrets: Arc<dyn Secrets>,
    pub(crate) memory: Memory,
    pub(crate) vault: Arc<Vault>,
}

impl RefreshTokens {
    pub(crate) async fn get(&self, link: &AccountLinkId) -> Result<Option<SecretText>, Failure> {
        match self.storage {
            TokenStorage::SecretsManager => match self.in_secret(link).await? {
                Some(token) => Ok(Some(token)),
                None => self.in_row(link).await,
            },
            TokenStorage::Sealed => match self.in_row(link).await? {
                Some(token) => Ok(Some(token)),
                None => self.in_secret(link).await,
            },
        }
    }

    /// Keeps the token in the place chosen, and takes a former one out of the other place.
    pub(crate) async fn put(&self, link: &AccountLinkId, token: &SecretText) -> Result<(), Failure> {
        let moved = match self.storage {
            TokenStorage::SecretsManager => {
                self.secrets
                    .put(&secret(link), token)
                    .await
                    .map_err(|failure| of_secrets(&failure))?;
                self.delete_row(link).await
            }
            TokenStorage::Sealed => {
                let sealed = self.vault.seal(&secret(link), token.expose_secret()).await?;
                let owner = AccountLink::secret_owner(link);
                self.memory
                    .put_sealed(&owner, NAME, &sealed)
                    .await
                    .map_err(|failure| of_store(&failure))?;
                self.delete_secret(link).await
            }
        };
        if let Err(failure) = moved {
            // It would be found again only by an installation that goes back to its former choice.
            tracing::debug!(
                error.code = failure.code,
                "a former refresh token could not be deleted"
            );
        }
        Ok(())
    }

    /// Deletes the token wherever it is.
    pub(crate) async fn delete(&self, link: &AccountLinkId) -> Result<(), Failure> {
        self.delete_secret(link).await?;
        self.delete_row(link).await
    }

    async fn delete_secret(&self, link: &AccountLinkId) -> Result<(), Failure> {
        self.secrets
            .delete(&secret(link))
            .await
            .map_err(|failure| of_secrets(&failure))
    }

    async fn delete_row(&self, link: &AccountLinkId) -> Result<(), Failure> {
        let owner = AccountLink::secret_owner(link);
        self.memory
            .remove_sealed(&owner, NAME)
            .await
            .map_err(|failure| of_store(&failure))
    }

    async fn in_secret(&self, link: &AccountLinkId) -> Result<Option<SecretText>, Failure> {
        self.secrets
            .get(&secret(link))
            .await
            .map_err(|failure| of_secrets(&failure))
    }

    async fn in_row(&self, link: &AccountLinkId) -> Result<Option<SecretText>, Failure> {
        let owner = AccountLink::secret_owner(link);
        match self
            .memory
            .sealed(&owner, NAME)
            .await
            .map_err(|failure| of_store(&failure))?
        {
            Some(sealed) => self.vault.open(&secret(link), &sealed).await,
            None => Ok(None),
        }
    }
}

fn secret(link: &AccountLinkId) -> String {
    format!("{}/{NAME}", AccountLink::secret_owner(link))
}
