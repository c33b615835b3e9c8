//! Seals small secrets, so that they can lie in a row that others may read.
//!
//! A sealed text is `v1.` followed by base64url of the nonce (24 bytes) and the XChaCha20-Poly1305 ciphertext.
//! It opens only under the same key and with the same associated text, which names the place where it lies: a
//! sealed text that somebody copies to another row does not open there. The crate has no randomness of its own;
//! the caller brings the nonce and the key from its `Entropy`. A nonce of 24 random bytes never needs counting.
//!
//! ```
//! # fn main() -> Result<(), sealing::SealError> {
//! let sealer = sealing::Sealer::new([7; 32]);
//! let sealed = sealer.seal("link/acme/42", b"a refresh token", [1; 24]);
//! assert_eq!(sealer.open("link/acme/42", &sealed)?.as_slice(), b"a refresh token");
//! assert!(sealer.open("link/acme/43", &sealed).is_err());
//! # Ok(())
//! # }
//! ```

mod key;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use zeroize::{Zeroize, Zeroizing};

pub use key::{KEY_BYTES, key_text, parse_key};

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 24;

/// What every sealed text begins with: the version of its form.
const VERSION_PREFIX: &str = "v1.";

/// Seals and opens under one key. The key is wiped when the sealer is dropped.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sealer(key not shown)")
    }
}

impl Sealer {
    /// Takes the key; the copy handed in here is wiped.
    pub fn new(mut key: [u8; KEY_BYTES]) -> Self {
        let cipher = XChaCha20Poly1305::new((&key).into());
        key.zeroize();
        Self { cipher }
    }

    /// Seals `plain` for the place that `associated` names. The nonce must be random and new each time.
    pub fn seal(&self, associated: &str, plain: &[u8], nonce: [u8; NONCE_BYTES]) -> String {
        let payload = Payload {
            msg: plain,
            aad: associated.as_bytes(),
        };
        // The cipher refuses only messages beyond 256 GiB, which no caller can hold in memory. An empty
        // ciphertext would not open, so that even then nothing is ever stored unsealed.
        let ciphertext = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .unwrap_or_default();
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&ciphertext);
        format!("{VERSION_PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
    }

    /// Opens what was sealed under the same key with the same associated text.
    ///
    /// # Errors
    /// [`SealError::Form`] where the text is not of a form that was ever written, [`SealError::Refused`] where
    /// the key, the place or a byte of it is another.
    pub fn open(&self, associated: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let encoded = sealed.strip_prefix(VERSION_PREFIX).ok_or(SealError::Form)?;
        let bytes = BASE64URL_NOPAD
            .decode(encoded.as_bytes())
            .map_err(|_| SealError::Form)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Form)?;
        let payload = Payload {
            msg: ciphertext,
            aad: associated.as_bytes(),
        };
        let plain = self
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| SealError::Refused)?;
        Ok(Zeroizing::new(plain))
    }
}

/// Why a sealed text or a key could not be read. Shows neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not of the form that this program writes.
    #[error("this is not a sealed text of a known form")]
    Form,
    /// Sealed under another key, for another place, or altered since.
    #[error("the sealed text does not open: another key, another place, or it was altered")]
    Refused,
    /// A key's text is not 32 bytes in base64url.
    #[error("this is not a sealing key: 32 bytes in base64url are expected")]
    Key,
}

#[cfg(test)]
mod tests;
