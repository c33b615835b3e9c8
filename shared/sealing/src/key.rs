//! A key as text, the form in which it is kept in a file or a secret.

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::SealError;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// Writes a key as text, in base64url without padding.
pub fn key_text(key: &[u8; KEY_BYTES]) -> Zeroizing<String> {
    Zeroizing::new(BASE64URL_NOPAD.encode(key))
}

/// Reads a key from its text; white space around it is nobody's mistake.
///
/// # Errors
/// [`SealError::Key`] where it is anything but 32 bytes in base64url.
pub fn parse_key(text: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>, SealError> {
    let bytes = BASE64URL_NOPAD
        .decode(text.trim().as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| SealError::Key)?;
    let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| SealError::Key)?;
    Ok(Zeroizing::new(key))
}
