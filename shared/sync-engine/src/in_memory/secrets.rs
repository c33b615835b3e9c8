//! Secrets in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use sync_core::port::{SecretText, Secrets, SecretsFailure, check_secret_name, check_secret_value};

/// Keeps secrets until it is dropped.
#[derive(Debug, Default)]
pub struct InMemorySecrets {
    values: Mutex<BTreeMap<String, SecretText>>,
}

impl InMemorySecrets {
    /// Without any secret.
    pub fn new() -> Self {
        Self::default()
    }

    /// The names of all secrets kept, in order.
    pub fn names(&self) -> Vec<String> {
        self.values().keys().cloned().collect()
    }

    fn values(&self) -> MutexGuard<'_, BTreeMap<String, SecretText>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Secrets for InMemorySecrets {
    async fn get(&self, name: &str) -> Result<Option<SecretText>, SecretsFailure> {
        check_secret_name(name)?;
        Ok(self.values().get(name).cloned())
    }

    async fn put(&self, name: &str, value: &SecretText) -> Result<(), SecretsFailure> {
        check_secret_name(name)?;
        check_secret_value(secrecy::ExposeSecret::expose_secret(value))?;
        self.values().insert(name.to_owned(), value.clone());
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<(), SecretsFailure> {
        check_secret_name(name)?;
        self.values().remove(name);
        Ok(())
    }
}
