//! Who signed in.

use chrono::{DateTime, TimeDelta, Utc};
use connector_http::client::Answer;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use sync_core::failure::Failure;

/// How far Google's clock and ours may be apart.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Who signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Google's own id of the account; never changes.
    pub subject: String,
    /// E-mail address, where it was granted.
    pub email: Option<String>,
    /// Whether Google vouches for the address.
    pub email_verified: bool,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A person's address has no place in a log.
        f.debug_struct("Identity")
            .field("email_verified", &self.email_verified)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    exp: i64,
    nonce: Option<String>,
    #[serde(flatten)]
    person: Person,
}

#[derive(Deserialize)]
struct Person {
    // Google's older userinfo address has other names for two of them.
    #[serde(alias = "id")]
    sub: String,
    email: Option<String>,
    #[serde(default, alias = "verified_email")]
    email_verified: Flag,
}

/// One audience, or a list of them.
struct Audience(Vec<String>);

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(one) => vec![one],
            serde_json::Value::Array(many) => many
                .iter()
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect(),
            serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::Object(_) => Vec::new(),
        };
        Ok(Self(texts))
    }
}

/// `true`, or the text `"true"`, which some of Google's answers have in its place.
#[derive(Default)]
struct Flag(bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(value == serde_json::Value::Bool(true) || value == "true"))
    }
}

impl From<Person> for Identity {
    fn from(person: Person) -> Self {
        Self {
            subject: person.sub,
            email_verified: person.email.is_some() && person.email_verified.0,
            email: person.email,
        }
    }
}

/// Reads an id token that has just come from the token endpoint. Its signature need not be checked, because it
/// came over a connection that only Google can answer; everything it claims is.
///
/// # Source
/// OpenID Connect Core 1.0, section 3.1.3.7
pub(super) fn from_id_token(
    token: &str,
    client_id: &str,
    nonce: &str,
    now: DateTime<Utc>,
) -> Result<Identity, Failure> {
    let refused = |what: &str| {
        Failure::permanent(
            "id_token_invalid",
            format!("Google's answer does not belong to this sign-in: {what}"),
        )
    };
    let claims: Claims = token
        .split('.')
        .nth(1)
        .and_then(|part| BASE64URL_NOPAD.decode(part.trim_end_matches('=').as_bytes()).ok())
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| refused("it cannot be read"))?;
    if !matches!(
        claims.iss.as_str(),
        "https://accounts.google.com" | "accounts.google.com"
    ) {
        return Err(refused("another issuer"));
    }
    if !claims.aud.0.iter().any(|audience| audience == client_id) {
        return Err(refused("another client"));
    }
    if claims.nonce.as_deref() != Some(nonce) {
        return Err(refused("another sign-in"));
    }
    match DateTime::from_timestamp(claims.exp, 0) {
        Some(until) if until + SKEW > now => Ok(claims.person.into()),
        Some(_) | None => Err(refused("it has expired")),
    }
}

/// Reads the userinfo answer.
pub(super) fn from_userinfo(answer: &Answer) -> Result<Identity, Failure> {
    Ok(answer.json::<Person>()?.into())
}
