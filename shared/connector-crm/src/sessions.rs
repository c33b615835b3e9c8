//! Sessions with a CRM that last over runs.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use connector_http::client::HttpFailure;
use connector_http::token::{AccessToken, TokenCache};
use sync_core::failure::Failure;
use sync_core::port::Clock;
use tokio::sync::Mutex;

/// What a CRM gives out to whoever has signed in.
pub(crate) trait KeptSession: Clone {
    /// As it is kept between runs, sealed.
    fn to_kept(&self) -> Option<AccessToken>;
    /// From what was kept; `None` where that says nothing.
    fn from_kept(kept: &AccessToken) -> Option<Self>;
    /// Until when it is good.
    fn expires_at(&self) -> DateTime<Utc>;
    /// Whether both are the same one.
    fn is(&self, other: &Self) -> bool;
}

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSession<R: std::error::Error> {
    /// The CRM answered, but not with a session.
    #[error(transparent)]
    Refused(R),
    /// There was no answer.
    #[error(transparent)]
    Http(HttpFailure),
}

impl<R: std::error::Error + Into<Failure>> From<NoSession<R>> for Failure {
    fn from(cause: NoSession<R>) -> Self {
        match cause {
            NoSession::Refused(refused) => refused.into(),
            NoSession::Http(failure) => failure.into(),
        }
    }
}

/// Gives out sessions, the one from before where possible.
#[derive(Debug)]
pub(crate) struct Sessions<S> {
    tokens: Arc<dyn TokenCache>,
    clock: Arc<dyn Clock>,
    /// How long one must still be good.
    spare: TimeDelta,
    /// The session in use. Held while signing in, so that calls side by side sign in once.
    held: Mutex<Option<S>>,
}

impl<S: KeptSession> Sessions<S> {
    pub(crate) fn new(tokens: Arc<dyn TokenCache>, clock: Arc<dyn Clock>, spare: TimeDelta) -> Self {
        Self {
            tokens,
            clock,
            spare,
            held: Mutex::new(None),
        }
    }

    /// A session that is good for a while. `sign_in` is told of the one that is not any more.
    pub(crate) async fn session<E>(
        &self,
        sign_in: impl AsyncFnOnce(Option<&S>) -> Result<S, E>,
    ) -> Result<S, E> {
        let mut held = self.held.lock().await;
        if held.is_none() {
            *held = self.tokens.load().await.as_ref().and_then(S::from_kept);
        }
        match held.as_ref() {
            Some(session) if session.expires_at() > self.clock.now() + self.spare => Ok(session.clone()),
            former => {
                let session = sign_in(former).await?;
                Ok(self.keep(&mut held, session).await)
            }
        }
    }

    /// A new session, because the CRM has just refused this one. Where another call has replaced it meanwhile, that
    /// one is given out.
    pub(crate) async fn replace<E>(
        &self,
        refused: &S,
        sign_in: impl AsyncFnOnce(Option<&S>) -> Result<S, E>,
    ) -> Result<S, E> {
        let mut held = self.held.lock().await;
        if let Some(session) = held.as_ref()
            && !session.is(refused)
        {
            return Ok(session.clone());
        }
        let session = sign_in(Some(refused)).await?;
        Ok(self.keep(&mut held, session).await)
    }

    /// Signs in anew, whatever is kept, and keeps the result.
    pub(crate) async fn afresh<E>(
        &self,
        sign_in: impl AsyncFnOnce(Option<&S>) -> Result<S, E>,
    ) -> Result<S, E> {
        let mut held = self.held.lock().await;
        let session = sign_in(None).await?;
        Ok(self.keep(&mut held, session).await)
    }

    async fn keep(&self, held: &mut Option<S>, session: S) -> S {
        if let Some(kept) = session.to_kept() {
            self.tokens.save(&kept).await;
        }
        held.insert(session).clone()
    }
}
