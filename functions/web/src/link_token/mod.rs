//! The token with which a CRM sends its user here: a JWT, HS256 under the CRM's link key.
//!
//! The library's own cryptography would bring a second stack (with an RSA that has an open advisory), so it is
//! handed an HMAC over the one that is here already.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, new_error};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::hmac;
use secrecy::ExposeSecret;
use serde::{Deserialize, Deserializer, Serialize};
use sync_core::port::SecretText;

/// Longest token read; a longer one cannot be one of ours.
const TOKEN_BYTES_MAX: usize = 4096;
/// Longest time from `iat` to `exp`.
const LIFETIME_MAX: TimeDelta = TimeDelta::minutes(10);
/// How far the CRM's clock may be ahead of ours or behind it.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(60);
/// Longest `sub` and `jti`: they become parts of keys in the store.
const NAME_BYTES_MAX: usize = 200;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The registered CRM.
    pub iss: String,
    /// The CRM's own id of the user.
    pub sub: String,
    /// When it was made, in seconds.
    #[serde(deserialize_with = "seconds")]
    pub iat: i64,
    /// When it ends, in seconds.
    #[serde(deserialize_with = "seconds")]
    pub exp: i64,
    /// Its name: each is good once.
    pub jti: String,
    /// The user's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The user's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language of the user's pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Where to go afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
}

impl Claims {
    /// Until when its name must be remembered: as long as the token could be shown again.
    pub fn remember_until(&self) -> DateTime<Utc> {
        moment(self.exp).unwrap_or_default() + CLOCK_SKEW
    }
}

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Not a token of the form that is asked for, or signed with another algorithm.
    #[error("not an HS256 token with the claims asked for")]
    Form,
    /// Signed with a key that is not known (any more).
    #[error("the key it names is not good")]
    UnknownKey,
    /// The signature is another.
    #[error("the signature is wrong")]
    Signature,
    /// Made for another CRM.
    #[error("made for another CRM")]
    Issuer,
    /// Past its end.
    #[error("past its end")]
    Expired,
    /// Made in the future, or good for longer than is allowed.
    #[error("made in the future, or good for too long")]
    Lifetime,
}

/// The key that a token names, before anything in it is believed.
///
/// # Errors
/// [`TokenRefusal::Form`] where it is no HS256 token or names no key.
pub fn key_id(token: &str) -> Result<String, TokenRefusal> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenRefusal::Form);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenRefusal::Form)?;
    // `crit` names rules that a reader must know; we know none.
    if header.alg != Algorithm::HS256 || header.crit.is_some() {
        return Err(TokenRefusal::Form);
    }
    header.kid.filter(|kid| !kid.is_empty()).ok_or(TokenRefusal::Form)
}

/// Reads a token signed with `key` for `crm`. That it is used only once is for the caller to see to.
///
/// # Errors
/// See [`TokenRefusal`].
pub fn verify(token: &str, key: &SecretText, crm: &str, now: DateTime<Utc>) -> Result<Claims, TokenRefusal> {
    install();
    let mut validation = Validation::new(Algorithm::HS256);
    // Times are checked below against our own clock; `aud` is not a claim of ours.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_secret(key.expose_secret().as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
        .map_err(|error| {
            let is_signature = matches!(error.kind(), ErrorKind::InvalidSignature);
            if is_signature {
                TokenRefusal::Signature
            } else {
                TokenRefusal::Form
            }
        })?
        .claims;
    check(&claims, crm, now)?;
    Ok(claims)
}

fn check(claims: &Claims, crm: &str, now: DateTime<Utc>) -> Result<(), TokenRefusal> {
    let named = |text: &str| {
        !text.trim().is_empty() && text.len() <= NAME_BYTES_MAX && !text.contains(char::is_control)
    };
    if claims.iss != crm {
        return Err(TokenRefusal::Issuer);
    }
    if !named(&claims.sub) || !named(&claims.jti) {
        return Err(TokenRefusal::Form);
    }
    let (Some(made), Some(ends)) = (moment(claims.iat), moment(claims.exp)) else {
        return Err(TokenRefusal::Form);
    };
    if ends <= now {
        return Err(TokenRefusal::Expired);
    }
    if made > now + CLOCK_SKEW || ends < made || ends - made > LIFETIME_MAX {
        return Err(TokenRefusal::Lifetime);
    }
    Ok(())
}

/// A moment of a token may have a fraction, which some languages write without being asked.
///
/// # Source
/// RFC 7519, section 2, "NumericDate".
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let whole = number
        .to_string()
        .split('.')
        .next()
        .and_then(|whole| whole.parse().ok());
    whole.ok_or_else(|| serde::de::Error::custom("not a moment in seconds"))
}

fn moment(seconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0)
}

/// Signs claims as a CRM does, under the key as it was shown.
///
/// # Errors
/// [`TokenRefusal::Form`] where the claims cannot be written.
pub fn sign(claims: &Claims, key_id: &str, key: &SecretText) -> Result<String, TokenRefusal> {
    install();
    let header = Header {
        kid: Some(key_id.to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    jsonwebtoken::encode(
        &header,
        claims,
        &EncodingKey::from_secret(key.expose_secret().as_bytes()),
    )
    .map_err(|_| TokenRefusal::Form)
}

/// HMAC for the library. Somebody else's provider, installed before ours in the same process, does as well.
fn install() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| {
            only_hs256(*algorithm)?;
            Ok(Box::new(Hs256(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()))))
        },
        verifier_factory: |algorithm, key| {
            only_hs256(*algorithm)?;
            Ok(Box::new(Hs256(hmac::Key::new(
                hmac::HMAC_SHA256,
                key.try_get_as_bytes()?,
            ))))
        },
        key_utils: KeyUtils::new_unimplemented(),
    };
    if PROVIDER.install_default().is_err() {
        tracing::trace!("a provider of cryptography for tokens is installed already");
    }
}

fn only_hs256(algorithm: Algorithm) -> jsonwebtoken::errors::Result<()> {
    if algorithm == Algorithm::HS256 {
        Ok(())
    } else {
        Err(new_error(ErrorKind::InvalidAlgorithm))
    }
}

struct Hs256(hmac::Key);

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], tag: &Vec<u8>) -> Result<(), signature::Error> {
        hmac::verify(&self.0, message, tag).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests;
