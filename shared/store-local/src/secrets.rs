//! Secrets, sealed in the same file.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::OptionalExtension as _;
use sealing::{NONCE_BYTES, Sealer};
use secrecy::ExposeSecret as _;
use sync_core::port::{Entropy, SecretText, Secrets, SecretsFailure, check_secret_name, check_secret_value};

use crate::database::Database;

/// Keeps secrets by name, each sealed for its name.
#[derive(Debug)]
pub struct LocalSecrets {
    database: Arc<Database>,
    sealer: Sealer,
    entropy: Arc<dyn Entropy>,
}

impl LocalSecrets {
    pub(crate) fn new(database: Arc<Database>, sealer: Sealer, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            database,
            sealer,
            entropy,
        }
    }
}

#[async_trait]
impl Secrets for LocalSecrets {
    async fn get(&self, name: &str) -> Result<Option<SecretText>, SecretsFailure> {
        check_secret_name(name)?;
        let key = name.to_owned();
        let sealed: Option<String> = self
            .database
            .run(move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT sealed FROM secrets WHERE name = ?1")?;
                Ok(statement.query_row([key], |row| row.get(0)).optional()?)
            })
            .await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let does_not_open = |_| SecretsFailure::Refused("a sealed secret does not open".to_owned());
        let plain = self.sealer.open(&place(name), &sealed).map_err(does_not_open)?;
        let text = std::str::from_utf8(&plain)
            .map_err(|_| SecretsFailure::Refused("a sealed secret is not a text".to_owned()))?;
        Ok(Some(SecretText::from(text)))
    }

    async fn put(&self, name: &str, value: &SecretText) -> Result<(), SecretsFailure> {
        check_secret_name(name)?;
        check_secret_value(value.expose_secret())?;
        let mut nonce = [0; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        let sealed = self
            .sealer
            .seal(&place(name), value.expose_secret().as_bytes(), nonce);
        let key = name.to_owned();
        self.database
            .run(move |connection| {
                let mut statement = connection
                    .prepare_cached("INSERT OR REPLACE INTO secrets (name, sealed) VALUES (?1, ?2)")?;
                statement.execute([key, sealed])?;
                Ok(())
            })
            .await?;
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretsFailure> {
        check_secret_name(name)?;
        let key = name.to_owned();
        self.database
            .run(move |connection| {
                connection
                    .prepare_cached("DELETE FROM secrets WHERE name = ?1")?
                    .execute([key])?;
                Ok(())
            })
            .await?;
        Ok(())
    }
}

/// What a secret is sealed for: its name, so that one copied over another does not open.
fn place(name: &str) -> String {
    format!("secret/{name}")
}
