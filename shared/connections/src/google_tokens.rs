//! The user's access token for Google: kept sealed from run to run, refreshed when it is about to end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::Duration;
use connector_google::endpoints::GoogleEndpoints;
use connector_google::oauth::GoogleOauth;

use connector_http::client::HttpClient;
use connector_http::token::{AccessToken, TokenSource};
use secrecy::ExposeSecret;
use sync_core::failure::{Class, Failure};
use sync_core::port::Clock;
use sync_engine::memory::{AccountLink, GoogleAccount};

use crate::directory::Directory;
use crate::refresh_tokens::RefreshTokens;
use crate::vault::Vault;

/// A token with less time than this is not worth setting out with.
const LEFT_MIN: Duration = Duration::seconds(60);

/// Gives out one account link's access token for Google, for one run.
#[derive(Debug)]
pub(crate) struct GoogleTokens {
    pub(crate) link: AccountLink,
    pub(crate) endpoints: GoogleEndpoints,
    pub(crate) http: HttpClient,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) refresh_tokens: Arc<RefreshTokens>,
    pub(crate) state: tokio::sync::Mutex<State>,
    /// The token as it goes back into the progress.
    pub(crate) sealed: Mutex<Option<String>>,
    /// Calls to the token address.
    pub(crate) requests: AtomicU64,
}

/// What is known of the token.
#[derive(Debug)]
pub(crate) enum State {
    /// The sealed one of the last run has not been looked at yet.
    Kept(Option<String>),
    /// There is none that could be used.
    None,
    /// This one.
    Held(AccessToken),
}

#[async_trait]
impl TokenSource for GoogleTokens {
    async fn token(&self) -> Result<AccessToken, Failure> {
        // Whoever comes while a token is being refreshed waits here and finds the new one.
        let mut state = self.state.lock().await;
        if let State::Kept(sealed) = &*state {
            *state = self.unsealed(sealed.as_deref()).await?;
        }
        if let State::Held(token) = &*state
            && token.expires_at - self.clock.now() >= LEFT_MIN
        {
            return Ok(token.clone());
        }
        self.refresh(&mut state).await
    }

    async fn replace(&self, refused: &AccessToken) -> Result<AccessToken, Failure> {
        let mut state = self.state.lock().await;
        if let State::Held(token) = &*state
            && token.text.expose_secret() != refused.text.expose_secret()
        {
            // Somebody else was refused too and has replaced it already.
            return Ok(token.clone());
        }
        self.refresh(&mut state).await
    }
}

impl GoogleTokens {
    /// The sealed token for the next run.
    pub(crate) fn keepsake(&self) -> Option<String> {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls made to the token address.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    fn keep(&self, sealed: Option<String>) {
        *self.sealed.lock().unwrap_or_else(PoisonError::into_inner) = sealed;
    }

    async fn unsealed(&self, sealed: Option<&str>) -> Result<State, Failure> {
        let Some(sealed) = sealed else {
            return Ok(State::None);
        };
        Ok(self
            .vault
            .open_token(&place(&self.link), sealed)
            .await?
            .map_or(State::None, State::Held))
    }

    async fn refresh(&self, state: &mut State) -> Result<AccessToken, Failure> {
        let id = &self.link.id;
        let (client, token) =
            futures::try_join!(self.directory.google_client(&id.crm), self.refresh_tokens.get(id))?;
        let client = client.ok_or_else(|| {
            Failure::permanent(
                "google_client_missing",
                "no Google client is installed; the administrator must upload one",
            )
        })?;
        let token = token.ok_or_else(|| {
            Failure::reauth(
                "no_refresh_token",
                "there is no authorisation for Google; the user must give it",
            )
        })?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let oauth = GoogleOauth::new(self.endpoints.clone(), client, self.http.clone());
        let fresh = match oauth.refresh(&token, self.clock.now()).await {
            Ok(fresh) => fresh,
            Err(failure) => {
                if failure.class == Class::Reauth {
                    // The grant has ended, and what it gave with it.
                    *state = State::None;
                    self.keep(None);
                }
                return Err(failure);
            }
        };
        if let Some(rotated) = &fresh.refresh
            && rotated.expose_secret() != token.expose_secret()
        {
            // Before the access token is used: from now on the former refresh token may be dead.
            self.refresh_tokens.put(id, rotated).await?;
        }
        let sealed = self.vault.seal_token(&place(&self.link), &fresh.access).await?;
        self.keep(Some(sealed));
        *state = State::Held(fresh.access.clone());
        Ok(fresh.access)
    }
}

/// What an account link's access token is sealed for. It names the authorisation, so that a token of the account
/// that was linked before is not used for the one that is linked now.
pub(crate) fn place(link: &AccountLink) -> String {
    let owner = AccountLink::secret_owner(&link.id);
    match &link.body.value.google {
        Some(GoogleAccount {
            subject,
            authorized_at,
            ..
        }) => {
            format!(
                "{owner}/google-access/{subject}/{}",
                authorized_at.timestamp_micros()
            )
        }
        None => format!("{owner}/google-access"),
    }
}
