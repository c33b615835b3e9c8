//! Signing in with Google: consent address, codes, refresh tokens, revocation.
//!
//! # Source
//! <https://developers.google.com/identity/protocols/oauth2/web-server>

mod identity;
mod scopes;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector_http::client::{Answer, HttpClient};
use connector_http::oauth::{OauthFailure, OauthTransport};
use connector_http::token::AccessToken;
use data_encoding::BASE64URL_NOPAD;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sync_core::failure::Failure;
use sync_core::port::{Entropy, SecretText};
use url::Url;

pub use identity::Identity;
pub use scopes::{
    SCOPE_CALENDAR_EVENTS, SCOPE_CALENDAR_LIST, SCOPE_CALENDAR_OWN, SCOPE_CONTACTS, SCOPE_EMAIL,
    SCOPE_OPENID, SCOPE_TASKS, consent_scopes, cover, scopes_of,
};

use crate::client_file::GoogleClient;
use crate::endpoints::GoogleEndpoints;

/// How long an access token is taken for good where Google does not say.
const TOKEN_SECONDS_DEFAULT: u64 = 300;

/// Google's sign-in for one client.
#[derive(Debug, Clone)]
pub struct GoogleOauth {
    endpoints: GoogleEndpoints,
    client: GoogleClient,
    http: HttpClient,
}

/// What the consent page is asked for.
#[derive(Debug, Clone)]
pub struct ConsentRequest<'a> {
    /// Our redirect address, letter by letter as registered.
    pub redirect: &'a str,
    /// The scopes of the kinds that are switched on.
    pub scopes: &'a [&'a str],
    /// Comes back with the answer; bound to the browser.
    pub state: &'a str,
    /// Comes back inside the id token.
    pub nonce: &'a str,
    /// See [`new_verifier`].
    pub verifier: &'a SecretText,
    /// The e-mail address to propose.
    pub login_hint: Option<&'a str>,
}

/// What Google sent back to the redirect address, with what we kept from the request.
#[derive(Debug, Clone)]
pub struct CodeExchange<'a> {
    /// The code; good once, for ten minutes.
    pub code: &'a SecretText,
    /// The request's redirect address.
    pub redirect: &'a str,
    /// The request's verifier.
    pub verifier: &'a SecretText,
    /// The request's nonce.
    pub nonce: &'a str,
    /// The present instant.
    pub now: DateTime<Utc>,
}

/// What a user has granted.
#[derive(Debug, Clone)]
pub struct GoogleGrant {
    /// Good for an hour.
    pub access: AccessToken,
    /// Good until withdrawn. Google gives one with the first consent, and with every one that is asked for anew.
    pub refresh: Option<SecretText>,
    /// When the grant will end by itself, where Google says that it will: after seven days for an app in "Testing",
    /// or when the user has chosen.
    pub ends_at: Option<DateTime<Utc>>,
    /// The scopes granted; people can untick some.
    pub scopes: BTreeSet<String>,
    /// Who granted it.
    pub identity: Identity,
}

/// A fresh access token.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// Good for an hour.
    pub access: AccessToken,
    /// A new refresh token, where Google has rotated it; to be saved before the old one is dropped.
    pub refresh: Option<SecretText>,
    /// The scopes that are still granted, where Google tells.
    pub scopes: Option<BTreeSet<String>>,
}

/// A new PKCE verifier.
pub fn new_verifier(entropy: &dyn Entropy) -> SecretText {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    SecretText::from(BASE64URL_NOPAD.encode(&bytes))
}

impl GoogleOauth {
    /// For that client.
    pub fn new(endpoints: GoogleEndpoints, client: GoogleClient, http: HttpClient) -> Self {
        Self {
            endpoints,
            client,
            http,
        }
    }

    /// The address of the consent page.
    ///
    /// Offline access and `prompt=consent` make sure of a refresh token; scopes granted before stay granted.
    ///
    /// # Errors
    /// `Bug` where one of our own addresses is none.
    pub fn consent_url(&self, request: &ConsentRequest<'_>) -> Result<Url, Failure> {
        let verifier = PkceCodeVerifier::new(request.verifier.expose_secret().to_owned());
        if !(43..=128).contains(&verifier.secret().len()) {
            return Err(Failure::bug(
                "verifier_invalid",
                "the PKCE verifier has the wrong length",
            ));
        }
        let client = self.client()?.set_redirect_uri(redirect(request.redirect)?);
        let state = CsrfToken::new(request.state.to_owned());
        let mut address = client
            .authorize_url(|| state)
            .add_scopes(request.scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("access_type", "offline")
            .add_extra_param("include_granted_scopes", "true")
            .add_extra_param("prompt", "consent")
            .add_extra_param("nonce", request.nonce);
        if let Some(hint) = request.login_hint {
            address = address.add_extra_param("login_hint", hint);
        }
        let (url, _state) = address.url();
        Ok(url)
    }

    /// Turns a code into tokens and finds out who signed in.
    ///
    /// # Errors
    /// `Reauth` (`invalid_grant`) where the code is used or expired, `Permanent` where the client is refused or
    /// the id token is not for us, `Retryable` where Google is away; the code may be spent then.
    pub async fn exchange(&self, exchange: &CodeExchange<'_>) -> Result<GoogleGrant, Failure> {
        let client = self.client()?.set_redirect_uri(redirect(exchange.redirect)?);
        let answer = client
            .exchange_code(AuthorizationCode::new(exchange.code.expose_secret().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(
                exchange.verifier.expose_secret().to_owned(),
            ))
            .request_async(&OauthTransport::new(self.http.clone()))
            .await
            .map_err(OauthFailure::from)?;
        let access = access_token(&answer, exchange.now);
        let identity = match &answer.extra_fields().id_token {
            Some(token) => {
                identity::from_id_token(token, &self.client.client_id, exchange.nonce, exchange.now)?
            }
            None => self.userinfo(&access).await?,
        };
        Ok(GoogleGrant {
            access,
            refresh: answer
                .refresh_token()
                .map(|token| SecretText::from(token.secret().clone())),
            ends_at: ends_at(answer.extra_fields(), exchange.now),
            scopes: scopes(&answer).unwrap_or_default(),
            identity,
        })
    }

    /// Turns a refresh token into an access token.
    ///
    /// # Errors
    /// `Reauth` (`invalid_grant`) where the grant has ended, `Permanent` (`invalid_client`, …) where our client
    /// is refused, `Retryable` where Google is away: that is never taken for the end of the grant.
    pub async fn refresh(&self, refresh: &SecretText, now: DateTime<Utc>) -> Result<Refreshed, Failure> {
        let answer = self
            .client()?
            .exchange_refresh_token(&RefreshToken::new(refresh.expose_secret().to_owned()))
            .request_async(&OauthTransport::new(self.http.clone()))
            .await
            .map_err(OauthFailure::from)?;
        Ok(Refreshed {
            access: access_token(&answer, now),
            refresh: answer
                .refresh_token()
                .map(|token| SecretText::from(token.secret().clone())),
            scopes: scopes(&answer),
        })
    }

    /// Ends a grant. One that has ended already is fine, so a repeat is harmless.
    ///
    /// # Errors
    /// `Retryable` where Google is away, `Permanent` where it refuses.
    pub async fn revoke(&self, token: &SecretText) -> Result<(), Failure> {
        // The library insists on https here, which a loopback simulator does not speak.
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.expose_secret())
            .finish();
        let request = http::Request::post(&self.endpoints.revoke)
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_bytes())
            .map_err(|_| Failure::bug("request_invalid", "the revocation address is none"))?;
        let answer = self.http.send(request).await?;
        match answer.status {
            200..=299 => Ok(()),
            400 if error_word(&answer).as_deref() == Some("invalid_token") => Ok(()),
            429 | 500.. => Err(away(&answer)),
            status => Err(Failure::permanent(
                "revoke_refused",
                format!("Google refused to end the grant ({status})"),
            )),
        }
    }

    async fn userinfo(&self, access: &AccessToken) -> Result<Identity, Failure> {
        let request = http::Request::get(&self.endpoints.userinfo)
            .body(Vec::new())
            .map_err(|_| Failure::bug("request_invalid", "the userinfo address is none"))?;
        let answer = self
            .http
            .send(connector_http::bearer::signed(request, &access.text)?)
            .await?;
        match answer.status {
            200 => identity::from_userinfo(&answer),
            429 | 500.. => Err(away(&answer)),
            status => Err(Failure::permanent(
                "identity_unknown",
                format!("Google does not say who signed in ({status}): the e-mail permission is needed"),
            )),
        }
    }

    fn client(&self) -> Result<Client, Failure> {
        let invalid = |_| Failure::bug("address_invalid", "one of Google's configured addresses is none");
        Ok(oauth2::Client::new(ClientId::new(self.client.client_id.clone()))
            .set_client_secret(ClientSecret::new(
                self.client.client_secret.expose_secret().to_owned(),
            ))
            // Google documents the client's name and password in the form.
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::new(self.endpoints.auth.clone()).map_err(invalid)?)
            .set_token_uri(TokenUrl::new(self.endpoints.token.clone()).map_err(invalid)?))
    }
}

type Client = oauth2::Client<
    BasicErrorResponse,
    GoogleTokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

type GoogleTokens = StandardTokenResponse<GoogleTokenFields, BasicTokenType>;

/// What Google's token answer has beside the standard fields.
#[derive(Serialize, Deserialize)]
struct GoogleTokenFields {
    id_token: Option<String>,
    /// Seconds that the refresh token lives, where its life is limited.
    refresh_token_expires_in: Option<u64>,
}

impl std::fmt::Debug for GoogleTokenFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GoogleTokenFields").finish_non_exhaustive()
    }
}

impl ExtraTokenFields for GoogleTokenFields {}

fn ends_at(fields: &GoogleTokenFields, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let seconds = i64::try_from(fields.refresh_token_expires_in?).ok()?;
    now.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

fn access_token(answer: &GoogleTokens, now: DateTime<Utc>) -> AccessToken {
    let good_for = answer
        .expires_in()
        .unwrap_or(Duration::from_secs(TOKEN_SECONDS_DEFAULT));
    let seconds = i64::try_from(good_for.as_secs()).unwrap_or(0).min(86_400);
    AccessToken {
        text: SecretText::from(answer.access_token().secret().clone()),
        expires_at: now + TimeDelta::seconds(seconds),
    }
}

fn scopes(answer: &GoogleTokens) -> Option<BTreeSet<String>> {
    answer
        .scopes()
        .map(|scopes| scopes.iter().map(|scope| scope.as_str().to_owned()).collect())
}

fn redirect(address: &str) -> Result<RedirectUrl, Failure> {
    RedirectUrl::new(address.to_owned())
        .map_err(|_| Failure::bug("address_invalid", "the redirect address is none"))
}

fn away(answer: &Answer) -> Failure {
    Failure::retryable(
        "sign_in_away",
        "Google's sign-in is busy or away",
        answer.retry_after(),
    )
}

fn error_word(answer: &Answer) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        error: String,
    }
    answer.json::<Body>().ok().map(|body| body.error)
}
