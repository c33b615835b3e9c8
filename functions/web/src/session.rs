//! Who a browser belongs to: sealed cookies, and form tokens bound to them.
//!
//! What a session is, the browser keeps; on our side only those are remembered that were signed out of before their
//! time. A session of the administrator ends with the key it was opened with, a user's with the account link it is for.

use std::sync::Arc;

use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, header};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use sync_core::id::AccountLinkId;
use sync_core::port::SecretText;
use sync_engine::memory::AccountLink;

use crate::app::App;
use crate::cookie::{self, SameSite};
use crate::problem::Answered;
use crate::visit::Visit;

/// A day at work with the administration pages.
const ADMIN_SESSION: TimeDelta = TimeDelta::hours(8);
/// A user's page can be reached again through the CRM's link at any time.
const USER_SESSION: TimeDelta = TimeDelta::hours(12);
/// The browser's name outlives the consent it is asked for.
const BROWSER: TimeDelta = TimeDelta::hours(24);

const ADMIN_COOKIE: &str = "sync_admin";
const USER_COOKIE: &str = "sync_user";
const BROWSER_COOKIE: &str = "sync_browser";

/// The administrator, signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AdminSession {
    /// Form tokens are bound to it.
    pub(crate) id: String,
    key_mark: String,
    expires_at: DateTime<Utc>,
}

/// A user, signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UserSession {
    /// Form tokens are bound to it.
    pub(crate) id: String,
    /// The account link it is for.
    pub(crate) link: AccountLinkId,
    /// Google's id of the account with which it was opened.
    subject: String,
    expires_at: DateTime<Utc>,
}

/// A browser before anybody signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Browser {
    /// Its name: the state of a consent under way is bound to it.
    pub(crate) id: String,
    expires_at: DateTime<Utc>,
}

impl AdminSession {
    /// Opens a session under the present key.
    pub(crate) fn open(visit: &Visit, key: &SecretText) -> Self {
        Self {
            id: visit.app.random_name::<16>(),
            key_mark: key_mark(key),
            expires_at: visit.app.now() + ADMIN_SESSION,
        }
    }

    /// The session of the browser, if it has a good one.
    pub(crate) async fn of(visit: &Visit) -> Answered<Option<Self>> {
        let Some(session) = unsealed::<Self>(visit, ADMIN_COOKIE) else {
            return Ok(None);
        };
        let key = visit.app.config.admin_key.as_ref();
        let is_good = session.expires_at > visit.app.now()
            && key.is_some_and(|key| session.key_mark == key_mark(key))
            && !is_over(visit, &session.id).await?;
        Ok(is_good.then_some(session))
    }

    /// Gives the session to the browser.
    pub(crate) fn give(&self, visit: &Visit, response: &mut Response) {
        give(
            visit,
            response,
            ADMIN_COOKIE,
            self,
            ADMIN_SESSION,
            SameSite::Strict,
        );
    }

    /// Takes it away from the browser, and from whoever has copied it.
    pub(crate) async fn end(&self, visit: &Visit, response: &mut Response) -> Answered<()> {
        append(
            response,
            cookie::set(&visit.origin, ADMIN_COOKIE, "", 0, SameSite::Strict),
        );
        clear(visit, response);
        end(visit, &self.id, self.expires_at).await
    }
}

impl UserSession {
    /// Opens a session for an account link.
    pub(crate) fn open(visit: &Visit, link: AccountLinkId, subject: String) -> Self {
        Self {
            id: visit.app.random_name::<16>(),
            link,
            subject,
            expires_at: visit.app.now() + USER_SESSION,
        }
    }

    /// The session of the browser, if it has one; whether its account link still is, the caller asks with
    /// [`fits`](Self::fits).
    pub(crate) async fn of(visit: &Visit) -> Answered<Option<Self>> {
        let Some(session) = unsealed::<Self>(visit, USER_COOKIE) else {
            return Ok(None);
        };
        let is_good = session.expires_at > visit.app.now() && !is_over(visit, &session.id).await?;
        Ok(is_good.then_some(session))
    }

    /// Whether the account link is still joined with the Google account that opened the session.
    pub(crate) fn fits(&self, link: &AccountLink) -> bool {
        link.body
            .value
            .google
            .as_ref()
            .is_some_and(|google| google.subject == self.subject)
    }

    /// Gives the session to the browser.
    pub(crate) fn give(&self, visit: &Visit, response: &mut Response) {
        give(visit, response, USER_COOKIE, self, USER_SESSION, SameSite::Lax);
    }

    /// Takes it away from the browser, and from whoever has copied it.
    pub(crate) async fn end(&self, visit: &Visit, response: &mut Response) -> Answered<()> {
        append(
            response,
            cookie::set(&visit.origin, USER_COOKIE, "", 0, SameSite::Lax),
        );
        clear(visit, response);
        end(visit, &self.id, self.expires_at).await
    }
}

impl Browser {
    /// The browser's name, if it has one.
    pub(crate) fn known(visit: &Visit) -> Option<Self> {
        let browser: Self = unsealed(visit, BROWSER_COOKIE)?;
        (browser.expires_at > visit.app.now()).then_some(browser)
    }

    /// The browser's name, or a new one.
    pub(crate) fn of(visit: &Visit) -> Self {
        Self::known(visit).unwrap_or_else(|| Self {
            id: visit.app.random_name::<32>(),
            expires_at: visit.app.now() + BROWSER,
        })
    }

    /// Gives the name to the browser.
    pub(crate) fn give(&self, visit: &Visit, response: &mut Response) {
        give(visit, response, BROWSER_COOKIE, self, BROWSER, SameSite::Lax);
    }

    /// What is remembered of it elsewhere: enough to know it again, not enough to be it.
    pub(crate) fn mark(&self) -> String {
        mark("browser", self.id.as_bytes())
    }
}

/// A token for the forms of one session (or nameless browser). It opens for no other.
pub(crate) fn form_token(visit: &Visit, id: &str) -> String {
    visit
        .sealer
        .seal(&format!("form/{id}"), b"form", visit.app.random())
}

/// Whether a form was handed out to this session.
pub(crate) fn form_token_fits(visit: &Visit, id: &str, token: &str) -> bool {
    visit.sealer.open(&format!("form/{id}"), token).is_ok()
}

/// A hash under a purpose.
pub(crate) fn mark(purpose: &str, bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(bytes);
    data_encoding::BASE64URL_NOPAD.encode(&hash.finalize())
}

/// Remembers that a session is over, as long as its cookie would be good.
async fn end(visit: &Visit, id: &str, expires_at: DateTime<Utc>) -> Answered<()> {
    visit
        .app
        .memory
        .remember_once(&over(id), "", expires_at)
        .await
        .map(drop)?;
    Ok(())
}

async fn is_over(visit: &Visit, id: &str) -> Answered<bool> {
    Ok(visit.app.memory.look_once(&over(id)).await?.is_some())
}

fn over(id: &str) -> String {
    format!("session-over/{}", mark("session", id.as_bytes()))
}

/// Asks the browser to forget what it holds of our pages; over plain http it would not listen.
fn clear(visit: &Visit, response: &mut Response) {
    if visit.origin.is_secure() {
        let what = HeaderValue::from_static("\"cache\", \"storage\"");
        response.headers_mut().insert("clear-site-data", what);
    }
}

fn key_mark(key: &SecretText) -> String {
    mark("administrator", key.expose_secret().as_bytes())
}

fn unsealed<T: DeserializeOwned>(visit: &Visit, name: &str) -> Option<T> {
    let sealed = cookie::read(&visit.headers, &visit.origin, name)?;
    let plain = visit.sealer.open(&format!("cookie/{name}"), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

fn give<T: Serialize>(
    visit: &Visit,
    response: &mut Response,
    name: &str,
    value: &T,
    lifetime: TimeDelta,
    same_site: SameSite,
) {
    let plain = serde_json::to_vec(value).unwrap_or_default();
    let sealed = visit
        .sealer
        .seal(&format!("cookie/{name}"), &plain, visit.app.random());
    append(
        response,
        cookie::set(&visit.origin, name, &sealed, lifetime.num_seconds(), same_site),
    );
}

fn append(response: &mut Response, cookie: Option<http::HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// What every handler is given.
pub(crate) type Shared = axum::extract::State<Arc<App>>;
