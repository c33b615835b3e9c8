//! The SDK's errors, as failures of the doors.
//!
//! An SDK error's `Debug` shows the whole answer, and a service's message may quote what was sent: only the error's
//! code goes on.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use sync_core::port::{SchedulesFailure, SecretsFailure, StoreFailure};

/// Why a call came to nothing, in words that may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallFailure {
    /// No answer, or one that says "later": worth another try.
    Away(String),
    /// The service will say the same again.
    Refused(String),
}

/// Codes that mean "later", with the status of a client's error all the same.
///
/// # Source
/// "Error handling with DynamoDB" and the error lists of the three services' API references.
const LATER: [&str; 12] = [
    "InternalServerError",
    "InternalServerException",
    "InternalServiceError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

impl<E: ProvideErrorMetadata> From<&SdkError<E, HttpResponse>> for CallFailure {
    fn from(error: &SdkError<E, HttpResponse>) -> Self {
        if let Some(refusal) = error.as_service_error() {
            let code = refusal.code().unwrap_or("an answer without code").to_owned();
            let status = error
                .raw_response()
                .map_or(0, |response| response.status().as_u16());
            return if LATER.contains(&code.as_str()) || status >= 500 {
                Self::Away(code)
            } else {
                Self::Refused(code)
            };
        }
        match error {
            SdkError::ConstructionFailure(_) => Self::Refused("the request could not be made".to_owned()),
            SdkError::TimeoutError(_) => Self::Away("no answer in time".to_owned()),
            SdkError::ResponseError(_) => Self::Away("the answer could not be read".to_owned()),
            // The enum is open: what is to come is a failure to get an answer, too.
            SdkError::DispatchFailure(_) | SdkError::ServiceError(_) | _ => {
                Self::Away("no connection".to_owned())
            }
        }
    }
}

impl From<CallFailure> for StoreFailure {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Away(reason) => StoreFailure::Unavailable(reason),
            CallFailure::Refused(reason) => StoreFailure::Refused(reason),
        }
    }
}

impl From<CallFailure> for SecretsFailure {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Away(reason) => SecretsFailure::Unavailable(reason),
            CallFailure::Refused(reason) => SecretsFailure::Refused(reason),
        }
    }
}

impl From<CallFailure> for SchedulesFailure {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Away(reason) => SchedulesFailure::Unavailable(reason),
            CallFailure::Refused(reason) => SchedulesFailure::Refused(reason),
        }
    }
}

/// For what the SDK's builders refuse to put together; that is our own mistake.
pub(crate) fn not_built<E>(_: E) -> CallFailure {
    CallFailure::Refused("the request could not be put together".to_owned())
}
