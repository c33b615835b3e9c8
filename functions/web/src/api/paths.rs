//! The names in an address.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;
use sync_core::id::AccountLinkId;

use crate::messages;
use crate::problem::Problem;

/// `{crm}`.
#[derive(Debug)]
pub(super) struct CrmPath(pub(super) String);

/// `{crm}` and `{user}`.
#[derive(Debug)]
pub(super) struct LinkPath(pub(super) AccountLinkId);

/// `{crm}`, `{user}` and `{entry}`.
#[derive(Debug)]
pub(super) struct EntryPath(pub(super) AccountLinkId, pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for CrmPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        names(parts, state).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LinkPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let (crm, user): (String, String) = names(parts, state).await?;
        Ok(Self(AccountLinkId::new(crm, user)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EntryPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let (crm, user, entry): (String, String, String) = names(parts, state).await?;
        Ok(Self(AccountLinkId::new(crm, user), entry))
    }
}

/// Names that cannot be read (bytes that are no text) name nothing.
async fn names<T, S>(parts: &mut Parts, state: &S) -> Result<T, Problem>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    let path = Path::<T>::from_request_parts(parts, state).await;
    path.map(|Path(names)| names)
        .map_err(|_| Problem::not_found(messages::UNKNOWN_ADDRESS))
}
