//! What a failure of our own memory means to whoever opens a connection.

use sync_core::failure::Failure;
use sync_core::port::{SecretsFailure, StoreFailure};

pub(crate) fn of_store(failure: &StoreFailure) -> Failure {
    match failure {
        StoreFailure::Unavailable(_) | StoreFailure::ConditionFailed | StoreFailure::LeaseLost => {
            Failure::retryable("store_unavailable", failure.to_string(), None)
        }
        StoreFailure::Refused(_) => Failure::bug("store_refused", failure.to_string()),
    }
}

pub(crate) fn of_secrets(failure: &SecretsFailure) -> Failure {
    match failure {
        SecretsFailure::Unavailable(_) => {
            Failure::retryable("secrets_unavailable", failure.to_string(), None)
        }
        SecretsFailure::Refused(_) => Failure::bug("secrets_refused", failure.to_string()),
    }
}
