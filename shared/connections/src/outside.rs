//! What the pages and the administration need beside runs.

use std::sync::Arc;

use connector_crm::crm::CrmConnection;
use connector_google::calendars::{Calendar, list_calendars};
use connector_google::people::list_labels;
use connector_google::tasks::{TaskList, list_task_lists};
use connector_http::token::TokenSource;
use sealing::Sealer;
use sync_core::failure::Failure;
use sync_core::id::AccountLinkId;
use sync_core::port::SecretText;
use sync_engine::memory::AccountLink;

use crate::Connector;

impl Connector {
    /// A connection to a registered CRM, with the access token and the limits that the runs use.
    ///
    /// # Errors
    /// `Permanent` where it is not registered, its credentials are missing or its kind is not spoken; `Retryable`
    /// where our own store is away.
    pub async fn crm(&self, slug: &str) -> Result<Box<dyn CrmConnection>, Failure> {
        self.open_crm(slug).await.map(|(connection, _)| connection)
    }

    /// The Google calendars of an account link's user, their own first.
    ///
    /// # Errors
    /// `Reauth` where the authorisation is gone, `Permanent` where it does not cover the list, `Retryable` where
    /// Google is away.
    pub async fn calendars(&self, link: &AccountLink) -> Result<Vec<Calendar>, Failure> {
        let google = self.google_way(link);
        let tokens = Arc::clone(&google.tokens) as Arc<dyn TokenSource>;
        list_calendars(&self.google, google.lane.clone(), tokens).await
    }

    /// The Google task lists of an account link's user, the default one first.
    ///
    /// # Errors
    /// As [`calendars`](Self::calendars).
    pub async fn task_lists(&self, link: &AccountLink) -> Result<Vec<TaskList>, Failure> {
        let google = self.google_way(link);
        let tokens = Arc::clone(&google.tokens) as Arc<dyn TokenSource>;
        list_task_lists(&self.google, google.lane.clone(), tokens).await
    }

    /// The names of the Google contact labels of an account link's user.
    ///
    /// # Errors
    /// As [`calendars`](Self::calendars).
    pub async fn labels(&self, link: &AccountLink) -> Result<Vec<String>, Failure> {
        let google = self.google_way(link);
        let tokens = Arc::clone(&google.tokens) as Arc<dyn TokenSource>;
        list_labels(&self.google, google.lane.clone(), tokens).await
    }

    /// Keeps the refresh token that Google gave for an account link, in place of the former one. To be called
    /// before the account link's body says that it is authorised.
    ///
    /// # Errors
    /// `Retryable` or `Bug` of our own store.
    pub async fn keep_refresh_token(&self, link: &AccountLinkId, token: &SecretText) -> Result<(), Failure> {
        self.refresh_tokens.put(link, token).await
    }

    /// The refresh token of an account link; `None` where there is none.
    ///
    /// # Errors
    /// `Retryable` or `Bug` of our own store.
    pub async fn refresh_token(&self, link: &AccountLinkId) -> Result<Option<SecretText>, Failure> {
        self.refresh_tokens.get(link).await
    }

    /// Deletes the tokens of an account link, wherever they are. Google is not asked.
    ///
    /// # Errors
    /// `Retryable` or `Bug` of our own store.
    pub async fn forget_tokens(&self, link: &AccountLinkId) -> Result<(), Failure> {
        self.refresh_tokens.delete(link).await
    }

    /// Forgets what this process remembers of a CRM, because its registration, its sign-in or its Google client has
    /// just been changed or removed here. Other processes notice within [`REMEMBERED`](crate::REMEMBERED).
    pub fn forget_crm(&self, slug: &str) {
        self.directory.forget(slug);
        self.ways().remove(slug);
    }

    /// Seals and opens under this installation's key, which is read, and on first use made, if it was not yet.
    ///
    /// # Errors
    /// Where the key cannot be read.
    pub async fn sealer(&self) -> Result<Sealer, Failure> {
        self.vault.sealer().await.cloned()
    }
}
