//! Seals what lies in the table, under one key that does not.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connector_http::token::AccessToken;
use sealing::{KEY_BYTES, NONCE_BYTES, Sealer, key_text, parse_key};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sync_core::failure::Failure;
use sync_core::port::{Clock, Entropy, SecretText, Secrets};
use sync_engine::memory::Memory;
use tokio::sync::OnceCell;

use crate::failure::{of_secrets, of_store};

/// Name of the secret with the sealing key.
const KEY_SECRET: &str = "sealing-key";

/// How long the process that was first may take to write the key it makes.
const MAKING_TIME: chrono::Duration = chrono::Duration::seconds(30);

/// How often, and how far apart, the others look whether it is there.
const LOOKS_MAX: u32 = 20;
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Where the sealing key comes from.
#[derive(Debug, Clone)]
pub enum SealingKey {
    /// It is known (the key file of a data folder).
    Known(Sealer),
    /// It is one secret, made by whoever needs it first.
    InSecrets,
}

/// Seals and opens. The key is read once in a process, and only when something sealed is met.
#[derive(Debug)]
pub(crate) struct Vault {
    secrets: Arc<dyn Secrets>,
    memory: Memory,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    sealer: OnceCell<Sealer>,
}

#[derive(Serialize, Deserialize)]
struct KeptToken {
    token: String,
    expires_at: DateTime<Utc>,
}

impl Vault {
    pub(crate) fn new(
        key: SealingKey,
        secrets: Arc<dyn Secrets>,
        memory: Memory,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let sealer = match key {
            SealingKey::Known(sealer) => OnceCell::new_with(Some(sealer)),
            SealingKey::InSecrets => OnceCell::new(),
        };
        Self {
            secrets,
            memory,
            clock,
            entropy,
            sealer,
        }
    }

    /// Seals a text for a place.
    pub(crate) async fn seal(&self, place: &str, plain: &str) -> Result<String, Failure> {
        let mut nonce = [0; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        Ok(self.sealer().await?.seal(place, plain.as_bytes(), nonce))
    }

    /// Opens a text sealed for that place; `None` where it was sealed for another one, under another key, or was
    /// altered: then it is as good as not there.
    pub(crate) async fn open(&self, place: &str, sealed: &str) -> Result<Option<SecretText>, Failure> {
        let Ok(plain) = self.sealer().await?.open(place, sealed) else {
            return Ok(None);
        };
        Ok(std::str::from_utf8(&plain).ok().map(SecretText::from))
    }

    /// Seals an access token with its end.
    pub(crate) async fn seal_token(&self, place: &str, token: &AccessToken) -> Result<String, Failure> {
        let kept = KeptToken {
            token: token.text.expose_secret().to_owned(),
            expires_at: token.expires_at,
        };
        let text = SecretText::from(serde_json::to_string(&kept).unwrap_or_default());
        self.seal(place, text.expose_secret()).await
    }

    /// Opens what [`seal_token`](Self::seal_token) sealed.
    pub(crate) async fn open_token(&self, place: &str, sealed: &str) -> Result<Option<AccessToken>, Failure> {
        let Some(text) = self.open(place, sealed).await? else {
            return Ok(None);
        };
        let kept: Option<KeptToken> = serde_json::from_str(text.expose_secret()).ok();
        Ok(kept.map(|kept| AccessToken {
            text: SecretText::from(kept.token),
            expires_at: kept.expires_at,
        }))
    }

    /// The sealer itself.
    pub(crate) async fn sealer(&self) -> Result<&Sealer, Failure> {
        self.sealer.get_or_try_init(|| self.read_or_make()).await
    }

    async fn read_or_make(&self) -> Result<Sealer, Failure> {
        for look in 0..LOOKS_MAX {
            if look > 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            if let Some(text) = self
                .secrets
                .get(KEY_SECRET)
                .await
                .map_err(|failure| of_secrets(&failure))?
            {
                let key = parse_key(text.expose_secret()).map_err(|error| {
                    Failure::permanent("sealing_key_unreadable", format!("the sealing key: {error}"))
                })?;
                return Ok(Sealer::new(*key));
            }
            // A secret cannot be written under the condition that there is none, but a row can: of all who find
            // no key, the one who gets the row makes it and the others wait for it to appear. Should the one die,
            // the row expires and the next look finds another one.
            let until = self.clock.now() + MAKING_TIME;
            if self
                .memory
                .remember_once(KEY_SECRET, "is being made", until)
                .await
                .map_err(|failure| of_store(&failure))?
            {
                return self.make().await;
            }
        }
        Err(Failure::retryable(
            "sealing_key_missing",
            "the sealing key is being made; try again",
            Some(LOOK_EVERY * LOOKS_MAX),
        ))
    }

    async fn make(&self) -> Result<Sealer, Failure> {
        // Between the look and the row, the one before may have written the key and its row may have expired.
        if let Some(text) = self
            .secrets
            .get(KEY_SECRET)
            .await
            .map_err(|failure| of_secrets(&failure))?
            && let Ok(key) = parse_key(text.expose_secret())
        {
            return Ok(Sealer::new(*key));
        }
        let mut key = [0; KEY_BYTES];
        self.entropy.fill(&mut key);
        let text = SecretText::from(key_text(&key).as_str());
        self.secrets
            .put(KEY_SECRET, &text)
            .await
            .map_err(|failure| of_secrets(&failure))?;
        Ok(Sealer::new(key))
    }
}
