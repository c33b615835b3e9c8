//! RS256 tokens under a fixed key, as both servers hand them out.

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

/// The key's name in headers and in the key list.
const KEY_ID: &str = "simulated-signing-key";

/// A key made for these simulators alone; it guards nothing.
static KEY: LazyLock<Option<RsaKeyPair>> =
    LazyLock::new(|| RsaKeyPair::from_pkcs8(include_bytes!("../fixtures/signing-key.pkcs8.der")).ok());

/// Signs the claims.
pub(crate) fn sign(claims: &Value) -> String {
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let header = json!({ "alg": "RS256", "kid": KEY_ID, "typ": "JWT" });
    let message = format!("{}.{}", encode(&header), encode(claims));
    let mut signature = Vec::new();
    if let Some(key) = KEY.as_ref() {
        signature = vec![0; key.public().modulus_len()];
        // Signing fails only where the system has no randomness; a token without a signature is refused.
        if key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .is_err()
        {
            signature.clear();
        }
    }
    format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// The public key as a JSON Web Key Set.
pub(crate) fn key_set() -> Value {
    let keys: Vec<Value> = KEY
        .iter()
        .map(|key| {
            let parts = PublicKeyComponents::<Vec<u8>>::from(key.public());
            json!({
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
                "n": BASE64URL_NOPAD.encode(&parts.n), "e": BASE64URL_NOPAD.encode(&parts.e),
            })
        })
        .collect();
    json!({ "keys": keys })
}
