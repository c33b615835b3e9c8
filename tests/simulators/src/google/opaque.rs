//! Tokens that say nothing to a caller, and are full of characters that a URL must have encoded.

use data_encoding::BASE64;
use serde_json::Value;

/// A plus sign that is not encoded becomes a space on its way, and the token is rubbish.
const HEAD: &str = "CP+/";

pub(super) fn seal(value: &Value) -> String {
    let scrambled: Vec<u8> = value.to_string().bytes().map(|byte| byte ^ 0xAA).collect();
    format!("{HEAD}{}", BASE64.encode(&scrambled))
}

pub(super) fn unseal(token: &str) -> Option<Value> {
    let bytes = BASE64.decode(token.strip_prefix(HEAD)?.as_bytes()).ok()?;
    let plain: Vec<u8> = bytes.iter().map(|byte| byte ^ 0xAA).collect();
    serde_json::from_slice(&plain).ok()
}
