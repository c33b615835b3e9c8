//! Signing in: credentials, the API's place under the site's address, and a token that lasts over runs.
//!
//! The token is kept together with the place at which it was got, so that a run with a good token neither signs in
//! nor looks for the API. The CRM never clears its table of tokens, so none is taken while another is still good.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use connector_http::client::{Answer, HttpFailure};
use connector_http::lane::{Lane, Repeat, Verdict};
use connector_http::token::{AccessToken, TokenCache};
use secrecy::ExposeSecret;
use serde_json::Value;
use sync_core::failure::Failure;
use sync_core::policy::FieldError;
use sync_core::port::{Clock, SecretText};
use url::Url;

use super::failure::SignInFailure;
use super::wire::{TokenAnswer, first_json, is_html};
use crate::sessions::{self, KeptSession, Sessions};

/// Where the API may lie under the site's address, likeliest first: 7.x and newer 8.x, any 8.x, and both once more
/// for servers without address rewriting.
///
/// # Source
/// Measured on 7.14.6; SuiteCRM-Core issue 137 for 8.x.
const PLACES: [&str; 4] = ["Api/", "legacy/Api/", "Api/index.php/", "legacy/Api/index.php/"];
/// A token is taken for ended this long before it ends, so that it lasts for the calls about to be made.
const TOKEN_SPARE: TimeDelta = TimeDelta::seconds(60);
/// What a token lasts where the answer does not say; the administrator's own setting is ignored by the CRM.
///
/// # Source
/// Measured on 7.14.6 and 7.15.0.
const TOKEN_SECONDS: i64 = 3600;

/// How the integration signs in.
pub(crate) struct Credentials {
    client_id: String,
    client_secret: SecretText,
    username: Option<String>,
    password: Option<SecretText>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("as_user", &self.username.is_some())
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads the credentials of a registration.
    pub(crate) fn parse(auth: &SecretText) -> Result<Self, Failure> {
        let wrong = || {
            Failure::permanent(
                "auth_invalid",
                "the CRM's credentials are not as SuiteCRM needs them",
            )
        };
        let value: Value = serde_json::from_str(auth.expose_secret()).map_err(|_| wrong())?;
        check_auth(&value).map_err(|_| wrong())?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            client_id: text("client_id").ok_or_else(wrong)?,
            client_secret: text("client_secret").ok_or_else(wrong)?.into(),
            username: text("username"),
            password: text("password").map(SecretText::from),
        })
    }

    /// Whether a user's name and password go along.
    pub(crate) fn with_password(&self) -> bool {
        self.password.is_some()
    }

    fn form(&self) -> Vec<u8> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("client_id", &self.client_id);
        form.append_pair("client_secret", self.client_secret.expose_secret());
        match (&self.username, &self.password) {
            (Some(username), Some(password)) => form
                .append_pair("grant_type", "password")
                .append_pair("username", username)
                .append_pair("password", password.expose_secret()),
            (Some(_) | None, None) | (None, Some(_)) => form.append_pair("grant_type", "client_credentials"),
        };
        form.finish().into_bytes()
    }
}

/// Checks the field `auth` of a registration.
pub(crate) fn check_auth(auth: &Value) -> Result<(), Vec<FieldError>> {
    const FIELDS: [&str; 4] = ["client_id", "client_secret", "username", "password"];
    let Some(given) = auth.as_object() else {
        return Err(vec![FieldError::new("auth", "must be a JSON object")]);
    };
    let mut errors = Vec::new();
    for field in FIELDS {
        let path = format!("auth.{field}");
        // A user's name and password come both or not at all.
        let partner = match field {
            "username" => Some("password"),
            "password" => Some("username"),
            _ => None,
        };
        let needed = partner.is_none_or(|partner| given.contains_key(partner));
        match given.get(field) {
            Some(Value::String(text)) if text.trim().is_empty() => {
                errors.push(FieldError::new(path, "must not be empty"));
            }
            Some(Value::String(_)) => {}
            Some(_) => errors.push(FieldError::new(path, "must be a string")),
            None if needed => errors.push(FieldError::new(path, "is missing")),
            None => {}
        }
    }
    for field in given.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
        errors.push(FieldError::new(
            format!("auth.{field}"),
            "is not a field of a SuiteCRM registration",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// A token, and the place where it is good.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The API's place under the site's address, with a slash at its end.
    pub(crate) place: &'static str,
    /// The bearer token.
    pub(crate) token: SecretText,
    expires_at: DateTime<Utc>,
}

impl KeptSession for Session {
    /// The place, a blank, the token.
    fn to_kept(&self) -> Option<AccessToken> {
        let text = format!("{} {}", self.place, self.token.expose_secret());
        Some(AccessToken {
            text: SecretText::from(text),
            expires_at: self.expires_at,
        })
    }

    fn from_kept(kept: &AccessToken) -> Option<Self> {
        let (place, token) = kept.text.expose_secret().split_once(' ')?;
        let place = PLACES.into_iter().find(|known| *known == place)?;
        Some(Self {
            place,
            token: SecretText::from(token),
            expires_at: kept.expires_at,
        })
    }

    fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    fn is(&self, other: &Self) -> bool {
        self.token.expose_secret() == other.token.expose_secret()
    }
}

/// Why there is no session.
pub(crate) type NoSession = sessions::NoSession<SignInFailure>;

/// Gives out sessions.
#[derive(Debug)]
pub(crate) struct Login {
    base_url: Url,
    credentials: Credentials,
    lane: Lane,
    clock: Arc<dyn Clock>,
    sessions: Sessions<Session>,
}

impl Login {
    pub(crate) fn new(
        base_url: Url,
        credentials: Credentials,
        lane: Lane,
        tokens: Arc<dyn TokenCache>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            base_url,
            credentials,
            lane,
            sessions: Sessions::new(tokens, Arc::clone(&clock), TOKEN_SPARE),
            clock,
        }
    }

    /// Whether a user's name and password go along.
    pub(crate) fn with_password(&self) -> bool {
        self.credentials.with_password()
    }

    /// A session that is good for at least a minute, the one from before where possible.
    pub(crate) async fn session(&self) -> Result<Session, NoSession> {
        self.sessions
            .session(async |former| self.sign_in(former).await)
            .await
    }

    /// A new session, because the CRM has just refused this one.
    pub(crate) async fn replace(&self, refused: &Session) -> Result<Session, NoSession> {
        let sign_in = async |former: Option<&Session>| self.sign_in(former).await;
        self.sessions.replace(refused, sign_in).await
    }

    /// Signs in anew, whatever is kept, and keeps the result.
    pub(crate) async fn afresh(&self) -> Result<Session, NoSession> {
        self.sessions
            .afresh(async |former| self.sign_in(former).await)
            .await
    }

    /// Asks for a token, first where the API was last, then wherever else it may be.
    async fn sign_in(&self, former: Option<&Session>) -> Result<Session, NoSession> {
        let last_place = former.map(|session| session.place);
        let mut worst = SignInFailure::NoApiHere;
        let others = PLACES.into_iter().filter(|place| Some(*place) != last_place);
        for place in last_place.into_iter().chain(others) {
            match self.ask(place).await {
                Ok(session) => return Ok(session),
                // Nothing there, or something that says nothing: the next place may answer.
                Err(NoSession::Refused(SignInFailure::NoApiHere)) => {}
                Err(NoSession::Refused(SignInFailure::KeysMissing)) => worst = SignInFailure::KeysMissing,
                // The API is there and lacks its keys; what else answers under the address is not it.
                Err(NoSession::Refused(_)) if worst == SignInFailure::KeysMissing => {}
                Err(other) => return Err(other),
            }
        }
        Err(NoSession::Refused(worst))
    }

    async fn ask(&self, place: &'static str) -> Result<Session, NoSession> {
        let address = format!("{}{place}access_token", self.base_url);
        let request = http::Request::post(address)
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(http::header::ACCEPT, "application/json")
            .body(self.credentials.form())
            .map_err(|_| NoSession::Http(HttpFailure::Other("the sign-in could not be put together")))?;
        let asked_at = self.clock.now();
        // A second token does no harm.
        let answer = self
            .lane
            .call(request, Repeat::Harmless, worth_repeating)
            .await
            .map_err(NoSession::Http)?;
        let refused = |failure| Err(NoSession::Refused(failure));
        if (300..400).contains(&answer.status) {
            return refused(SignInFailure::NoApiHere);
        }
        if !answer.is_success() {
            return refused(SignInFailure::of(answer.status, &answer.body));
        }
        match first_json::<TokenAnswer>(&answer.body) {
            Some(token) if !token.access_token.is_empty() => Ok(Session {
                place,
                token: SecretText::from(token.access_token),
                expires_at: asked_at
                    + TimeDelta::seconds(token.expires_in.unwrap_or(TOKEN_SECONDS).clamp(0, 86_400)),
            }),
            Some(_) | None if is_html(&answer.body) => refused(SignInFailure::NoApiHere),
            Some(_) | None => refused(SignInFailure::Unknown {
                status: answer.status,
            }),
        }
    }
}

/// A 500 is an answer here: wrong passwords and unknown clients come as one.
fn worth_repeating(answer: &Answer) -> Verdict {
    match answer.status {
        429 => Verdict::Refused,
        502..=504 => Verdict::Broken,
        _ => Verdict::Final,
    }
}
