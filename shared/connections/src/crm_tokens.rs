//! The CRM's access token, shared by all account links of the CRM: in the process, and sealed in the table.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use connector_http::token::{AccessToken, TokenCache};
use sync_engine::memory::{CrmRegistration, Memory};

use crate::vault::Vault;

/// Name of the sealed row under its owner.
const NAME: &str = "access-token";

/// Keeps one CRM's access token.
#[derive(Debug)]
pub(crate) struct CrmTokens {
    vault: Arc<Vault>,
    memory: Memory,
    owner: String,
    /// What the token is sealed for. It names the registration's last change, so that a token for the former
    /// address or user never goes to the new one.
    place: String,
    held: Mutex<Option<AccessToken>>,
    /// The sealed row, read ahead beside the registration.
    row: Mutex<Option<String>>,
}

impl CrmTokens {
    pub(crate) fn new(
        vault: Arc<Vault>,
        memory: Memory,
        registration: &CrmRegistration,
        row: Option<String>,
    ) -> Self {
        let owner = owner(&registration.crm);
        let place = format!("{owner}/{NAME}/{}", registration.updated_at.timestamp_micros());
        Self {
            vault,
            memory,
            owner,
            place,
            held: Mutex::default(),
            row: Mutex::new(row),
        }
    }

    /// Reads the sealed row, and the key that opens it, before the registration is known: a cold process then
    /// waits once for all of them together. What cannot be read is asked for again when it is needed.
    pub(crate) async fn read_ahead(vault: &Vault, memory: &Memory, slug: &str) -> Option<String> {
        let owner = owner(slug);
        let (row, _key) = futures::join!(memory.sealed(&owner, NAME), vault.sealer());
        row.ok().flatten()
    }

    fn hold(&self, token: &AccessToken) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
    }

    fn held(&self) -> Option<AccessToken> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn owner(slug: &str) -> String {
    format!("crm/{slug}")
}

#[async_trait]
impl TokenCache for CrmTokens {
    async fn load(&self) -> Option<AccessToken> {
        if let Some(token) = self.held() {
            return Some(token);
        }
        let ahead = self.row.lock().unwrap_or_else(PoisonError::into_inner).take();
        let row = match ahead {
            Some(row) => row,
            None => self.memory.sealed(&self.owner, NAME).await.ok()??,
        };
        let token = self.vault.open_token(&self.place, &row).await.ok()??;
        self.hold(&token);
        Some(token)
    }

    async fn save(&self, token: &AccessToken) {
        self.hold(token);
        let kept = async {
            let sealed = self.vault.seal_token(&self.place, token).await?;
            self.memory
                .put_sealed(&self.owner, NAME, &sealed)
                .await
                .map_err(|failure| crate::failure::of_store(&failure))
        };
        if let Err(failure) = kept.await {
            tracing::warn!(
                error.code = failure.code,
                "the CRM's access token could not be kept for the next run"
            );
        }
    }
}
