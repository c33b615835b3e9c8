//! Secrets in Secrets Manager, each under the deployment's prefix.
//!
//! Every write carries a token of its own, so that the SDK's repetition after a lost answer is the same write. What
//! is deleted is deleted without a recovery window: a person who disconnects expects it to be gone. Secrets Manager
//! takes a moment for that, and a name that somebody deleted by hand stays taken for days; both are met by restoring
//! the old secret and writing over it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use aws_sdk_secretsmanager::operation::delete_secret::DeleteSecretError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use secrecy::ExposeSecret as _;
use sync_core::port::{Entropy, SecretText, Secrets, SecretsFailure, check_secret_name, check_secret_value};

use crate::failure::CallFailure;
use crate::repeat::{pause, token};

/// Tries of a write or deletion that meets a deletion under way.
const TRIES_MAX: u32 = 6;

/// Pause before the second try.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Keeps secrets in Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManagerSecrets {
    client: Client,
    prefix: String,
    entropy: Arc<dyn Entropy>,
}

impl SecretsManagerSecrets {
    pub(crate) fn new(client: Client, prefix: String, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            client,
            prefix,
            entropy,
        }
    }

    /// The name with the deployment's prefix.
    fn full_name(&self, name: &str) -> Result<String, SecretsFailure> {
        check_secret_name(name)?;
        Ok(format!("{}{name}", self.prefix))
    }

    /// Writes over a secret that is there.
    async fn write_over(&self, full_name: &str, value: &SecretText) -> Result<Written, SecretsFailure> {
        let sent = self
            .client
            .put_secret_value()
            .secret_id(full_name)
            .secret_string(value.expose_secret())
            .client_request_token(token(self.entropy.as_ref()))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Written::Done);
        };
        match error.as_service_error() {
            Some(PutSecretValueError::ResourceNotFoundException(_)) => Ok(Written::NotThere),
            Some(PutSecretValueError::InvalidRequestException(_)) => Ok(Written::BeingDeleted),
            Some(_) | None => Err(CallFailure::from(&error).into()),
        }
    }

    async fn create(&self, full_name: &str, value: &SecretText) -> Result<Written, SecretsFailure> {
        let sent = self
            .client
            .create_secret()
            .name(full_name)
            .secret_string(value.expose_secret())
            .client_request_token(token(self.entropy.as_ref()))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Written::Done);
        };
        match error.as_service_error() {
            // Somebody else has just made it, or it is still being deleted: writing over it will tell.
            Some(CreateSecretError::ResourceExistsException(_)) => Ok(Written::NotThere),
            Some(CreateSecretError::InvalidRequestException(_)) => Ok(Written::BeingDeleted),
            Some(_) | None => Err(CallFailure::from(&error).into()),
        }
    }

    /// Takes back a deletion under way. That it does not succeed means that the secret is gone by now, or was
    /// restored by somebody else: the next try finds out.
    async fn restore(&self, full_name: &str) -> Result<(), SecretsFailure> {
        let sent = self.client.restore_secret().secret_id(full_name).send().await;
        match sent {
            Err(error) if error.as_service_error().is_none() => Err(CallFailure::from(&error).into()),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// What became of a write.
enum Written {
    Done,
    /// There is no secret of the name.
    NotThere,
    /// There is one that cannot be written to because it is being deleted.
    BeingDeleted,
}

#[async_trait]
impl Secrets for SecretsManagerSecrets {
    async fn get(&self, name: &str) -> Result<Option<SecretText>, SecretsFailure> {
        let sent = self
            .client
            .get_secret_value()
            .secret_id(self.full_name(name)?)
            .send()
            .await;
        let error = match sent {
            Ok(answer) => return Ok(answer.secret_string.map(SecretText::from)),
            Err(error) => error,
        };
        match error.as_service_error() {
            // One that is being deleted is deleted.
            Some(
                GetSecretValueError::ResourceNotFoundException(_)
                | GetSecretValueError::InvalidRequestException(_),
            ) => Ok(None),
            Some(_) | None => Err(CallFailure::from(&error).into()),
        }
    }

    async fn put(&self, name: &str, value: &SecretText) -> Result<(), SecretsFailure> {
        let full_name = self.full_name(name)?;
        check_secret_value(value.expose_secret())?;
        for tried in 0..TRIES_MAX {
            let written = match self.write_over(&full_name, value).await? {
                Written::NotThere => self.create(&full_name, value).await?,
                written @ (Written::Done | Written::BeingDeleted) => written,
            };
            match written {
                Written::Done => return Ok(()),
                Written::NotThere => {}
                Written::BeingDeleted => self.restore(&full_name).await?,
            }
            pause(self.entropy.as_ref(), FIRST_PAUSE, tried).await;
        }
        Err(SecretsFailure::Unavailable(
            "the secret is being deleted".to_owned(),
        ))
    }

    async fn delete(&self, name: &str) -> Result<(), SecretsFailure> {
        let full_name = self.full_name(name)?;
        for tried in 0..TRIES_MAX {
            let sent = self
                .client
                .delete_secret()
                .secret_id(&full_name)
                .force_delete_without_recovery(true)
                .send()
                .await;
            let Err(error) = sent else { return Ok(()) };
            match error.as_service_error() {
                Some(DeleteSecretError::ResourceNotFoundException(_)) => return Ok(()),
                // Somebody deletes it with a recovery window: taken back, it can be deleted for good.
                Some(DeleteSecretError::InvalidRequestException(_)) => self.restore(&full_name).await?,
                Some(_) | None => return Err(CallFailure::from(&error).into()),
            }
            pause(self.entropy.as_ref(), FIRST_PAUSE, tried).await;
        }
        Err(SecretsFailure::Unavailable(
            "the secret is being deleted".to_owned(),
        ))
    }
}
