//! Signing in: credentials, the challenge, and a session that lasts over runs.
//!
//! There is one challenge per user, and a newer one spoils the older: of two workers that sign in at the same moment
//! one is refused with the very code of a wrong key. So a refusal counts only when fresh challenges, after waits of
//! different lengths, are refused too. Sessions themselves do not disturb each other, and one is shared by all runs.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector_http::client::{Answer, HttpFailure};
use connector_http::lane::{Lane, Repeat, Verdict};
use connector_http::token::{AccessToken, TokenCache};
use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_core::failure::Failure;
use sync_core::policy::FieldError;
use sync_core::port::{Clock, SecretText};
use tokio::time::sleep;
use url::Url;

use super::failure::SignInFailure;
use super::wire::{WireId, envelope};
use crate::sessions::{self, KeptSession, Sessions};

/// Challenges that are answered before a key counts as wrong.
const CHALLENGES_MAX: u32 = 4;
/// The unit of the waits between them: a sign-in takes a few of these.
const WAIT: Duration = Duration::from_millis(20);
/// What a session lasts at most, less an hour to spare.
///
/// # Source
/// `include/Webservices/SessionManager.php`: 24 hours, or 30 minutes without a request; the host may clear earlier.
const SESSION_LASTS: TimeDelta = TimeDelta::hours(23);

/// What becomes of users who were invited to an event when Google's change of it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvitedUsers {
    /// An event that may have some is not changed.
    Keep,
    /// They are lost; the administrator knows that there are none, or does not mind.
    Drop,
}

impl InvitedUsers {
    const WORDS: [(&str, InvitedUsers); 2] = [("keep", InvitedUsers::Keep), ("drop", InvitedUsers::Drop)];

    fn parse(text: &str) -> Option<Self> {
        Self::WORDS
            .into_iter()
            .find_map(|(word, meaning)| (word == text).then_some(meaning))
    }
}

/// How the integration signs in.
pub(crate) struct Credentials {
    username: String,
    access_key: SecretText,
    /// The administrator's word on invited users.
    pub(crate) invited_users: InvitedUsers,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("invited_users", &self.invited_users)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads the credentials of a registration.
    pub(crate) fn parse(auth: &SecretText) -> Result<Self, Failure> {
        let wrong = || {
            Failure::permanent(
                "auth_invalid",
                "the CRM's credentials are not as Vtiger needs them",
            )
        };
        let value: Value = serde_json::from_str(auth.expose_secret()).map_err(|_| wrong())?;
        check_auth(&value).map_err(|_| wrong())?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::trim);
        Ok(Self {
            username: text("username").ok_or_else(wrong)?.to_owned(),
            access_key: text("access_key").ok_or_else(wrong)?.to_owned().into(),
            invited_users: text("invited_users")
                .and_then(InvitedUsers::parse)
                .unwrap_or(InvitedUsers::Keep),
        })
    }

    /// The answer to a challenge.
    fn answer_to(&self, token: &str) -> String {
        let mut digest = Md5::new();
        digest.update(token.as_bytes());
        digest.update(self.access_key.expose_secret().as_bytes());
        HEXLOWER.encode(digest.finalize().as_slice())
    }
}

/// Checks the field `auth` of a registration.
pub(crate) fn check_auth(auth: &Value) -> Result<(), Vec<FieldError>> {
    const NEEDED: [&str; 2] = ["username", "access_key"];
    const INVITED: &str = "invited_users";
    let Some(given) = auth.as_object() else {
        return Err(vec![FieldError::new("auth", "must be a JSON object")]);
    };
    let mut errors = Vec::new();
    for field in NEEDED {
        let path = format!("auth.{field}");
        match given.get(field) {
            Some(Value::String(text)) if text.trim().is_empty() => {
                errors.push(FieldError::new(path, "must not be empty"));
            }
            Some(Value::String(_)) => {}
            Some(_) => errors.push(FieldError::new(path, "must be a string")),
            None => errors.push(FieldError::new(path, "is missing")),
        }
    }
    let invited = given
        .get(INVITED)
        .map(|value| value.as_str().and_then(InvitedUsers::parse));
    if invited == Some(None) {
        errors.push(FieldError::new(format!("auth.{INVITED}"), "must be keep or drop"));
    }
    for field in given
        .keys()
        .filter(|field| !NEEDED.contains(&field.as_str()) && *field != INVITED)
    {
        errors.push(FieldError::new(
            format!("auth.{field}"),
            "is not a field of a Vtiger registration",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// An open session.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// What names it in every call.
    pub(crate) name: SecretText,
    /// As whom it acts.
    pub(crate) user: WireId,
    /// The CRM's version, as it says.
    pub(crate) version: String,
    expires_at: DateTime<Utc>,
}

/// A session as it is kept between runs, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    session: String,
    user: String,
    version: String,
}

impl KeptSession for Session {
    fn to_kept(&self) -> Option<AccessToken> {
        let kept = Kept {
            session: self.name.expose_secret().to_owned(),
            user: self.user.to_string(),
            version: self.version.clone(),
        };
        Some(AccessToken {
            text: SecretText::from(serde_json::to_string(&kept).ok()?),
            expires_at: self.expires_at,
        })
    }

    fn from_kept(kept: &AccessToken) -> Option<Self> {
        let Kept {
            session,
            user,
            version,
        } = serde_json::from_str(kept.text.expose_secret()).ok()?;
        Some(Self {
            name: session.into(),
            user: WireId::parse(&user)?,
            version,
            expires_at: kept.expires_at,
        })
    }

    fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    fn is(&self, other: &Self) -> bool {
        self.name.expose_secret() == other.name.expose_secret()
    }
}

impl Session {
    /// Whether a plain change of an event leaves its contacts alone.
    ///
    /// # Source
    /// Measured: 8.4.0 keeps them, 8.2.0 drops all but one.
    pub(crate) fn keeps_contacts(&self) -> bool {
        let mut parts = self
            .version
            .split('.')
            .map(|part| part.trim().parse::<u32>().ok());
        let (major, minor) = (parts.next().flatten(), parts.next().flatten());
        (major, minor) >= (Some(8), Some(4))
    }
}

/// Why there is no session.
pub(crate) type NoSession = sessions::NoSession<SignInFailure>;

/// What a challenge says.
#[derive(Deserialize)]
struct Challenge {
    token: String,
}

/// What a sign-in says, as far as it matters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    session_name: String,
    user_id: String,
    #[serde(default)]
    vtiger_version: String,
}

/// Gives out sessions.
#[derive(Debug)]
pub(crate) struct Login {
    service: Url,
    credentials: Credentials,
    lane: Lane,
    clock: Arc<dyn Clock>,
    sessions: Sessions<Session>,
}

impl Login {
    pub(crate) fn new(
        service: Url,
        credentials: Credentials,
        lane: Lane,
        tokens: Arc<dyn TokenCache>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            service,
            credentials,
            lane,
            sessions: Sessions::new(tokens, Arc::clone(&clock), TimeDelta::zero()),
            clock,
        }
    }

    /// The administrator's word on invited users.
    pub(crate) fn invited_users(&self) -> InvitedUsers {
        self.credentials.invited_users
    }

    /// Our own time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A session, the one from before where possible.
    pub(crate) async fn session(&self) -> Result<Session, NoSession> {
        self.sessions.session(async |_| self.sign_in().await).await
    }

    /// A new session, because the CRM has just refused this one.
    pub(crate) async fn replace(&self, refused: &Session) -> Result<Session, NoSession> {
        self.sessions
            .replace(refused, async |_| self.sign_in().await)
            .await
    }

    /// Signs in anew, whatever is kept, and keeps the result.
    pub(crate) async fn afresh(&self) -> Result<Session, NoSession> {
        self.sessions.afresh(async |_| self.sign_in().await).await
    }

    async fn sign_in(&self) -> Result<Session, NoSession> {
        let mut asked = 0;
        loop {
            asked += 1;
            let challenge: Challenge = self.ask(self.challenge()?).await?;
            let refused = match self.ask::<SignedIn>(self.response(&challenge)?).await {
                Ok(signed_in) => return self.opened(signed_in),
                Err(NoSession::Refused(SignInFailure::AccessKey)) if asked < CHALLENGES_MAX => {
                    turn(&challenge.token, asked)
                }
                Err(other) => return Err(other),
            };
            sleep(refused).await;
        }
    }

    fn opened(&self, signed_in: SignedIn) -> Result<Session, NoSession> {
        let user = WireId::parse(&signed_in.user_id).ok_or(NoSession::Refused(SignInFailure::Unknown))?;
        Ok(Session {
            name: signed_in.session_name.into(),
            user,
            version: signed_in.vtiger_version,
            expires_at: self.clock.now() + SESSION_LASTS,
        })
    }

    fn challenge(&self) -> Result<http::Request<Vec<u8>>, NoSession> {
        let mut url = self.service.clone();
        url.query_pairs_mut()
            .append_pair("operation", "getchallenge")
            .append_pair("username", &self.credentials.username);
        http::Request::get(url.as_str())
            .header(http::header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|_| not_sent())
    }

    fn response(&self, challenge: &Challenge) -> Result<http::Request<Vec<u8>>, NoSession> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("operation", "login")
            .append_pair("username", &self.credentials.username)
            .append_pair("accessKey", &self.credentials.answer_to(&challenge.token))
            .finish();
        http::Request::post(self.service.as_str())
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(http::header::ACCEPT, "application/json")
            .body(form.into_bytes())
            .map_err(|_| not_sent())
    }

    /// One step of the sign-in. Another session or challenge does no harm.
    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<T, NoSession> {
        let answer = self
            .lane
            .call(request, Repeat::Harmless, worth_repeating)
            .await
            .map_err(NoSession::Http)?;
        envelope(&answer.body)
            .filter(|envelope| envelope.success)
            .and_then(|envelope| serde_json::from_value(envelope.result).ok())
            .ok_or_else(|| NoSession::Refused(SignInFailure::of(&answer)))
    }
}

fn not_sent() -> NoSession {
    NoSession::Http(HttpFailure::Other("the sign-in could not be put together"))
}

fn worth_repeating(answer: &Answer) -> Verdict {
    match answer.status {
        429 => Verdict::Refused,
        502..=504 => Verdict::Broken,
        _ => Verdict::Final,
    }
}

/// How long one of several workers waits before it asks for its next challenge: longer each time, and each for
/// another time, because each was given another challenge.
fn turn(token: &str, asked: u32) -> Duration {
    let first = Md5::digest(token.as_bytes()).first().copied().unwrap_or(0);
    WAIT.saturating_mul(asked * (1 + u32::from(first % 8)))
}
