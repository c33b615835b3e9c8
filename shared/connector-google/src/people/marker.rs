//! The data by which we know our copies. People do not see it, and Google keeps it with the contact.

use data_encoding::BASE32HEX_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sync_core::id::{AccountLinkId, RemoteId};

use super::wire::{Entry, text};

/// Whose copy it is: `{crm}/{user}`.
const LINK_KEY: &str = "crmSyncLink";
/// From what it was made: `{generation}/{collection}/{id}`.
const SOURCE_KEY: &str = "crmSyncSource";

/// Makes and recognises the marks of one account link.
#[derive(Debug)]
pub(super) struct Marker {
    link: AccountLinkId,
}

impl Marker {
    pub(super) fn new(link: &AccountLinkId) -> Self {
        Self { link: link.clone() }
    }

    /// A name for the copy: the same origin always gives the same one, and nobody else's origin does.
    pub(super) fn name(&self, origin: &RemoteId, generation: u32) -> String {
        let mut hash = Sha256::new();
        for part in [&self.link.crm, &self.link.user, &origin.collection, &origin.id] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(generation.to_le_bytes());
        BASE32HEX_NOPAD.encode(&hash.finalize()).to_ascii_lowercase()
    }

    /// The data of a copy.
    pub(super) fn data(&self, origin: &RemoteId, generation: u32) -> Value {
        json!([
            { "key": LINK_KEY, "value": self.link.to_string() },
            { "key": SOURCE_KEY, "value": source(origin, generation) },
        ])
    }

    /// From what we made the contact. Where a person has merged two of our copies, the first mark counts.
    pub(super) fn made_from(&self, data: &[Entry]) -> Option<RemoteId> {
        self.of(data).map(|(origin, _)| origin)
    }

    /// Whether the contact is the copy of that generation.
    pub(super) fn is_copy(&self, data: &[Entry], origin: &RemoteId, generation: u32) -> bool {
        self.of(data) == Some((origin.clone(), generation))
    }

    fn of(&self, data: &[Entry]) -> Option<(RemoteId, u32)> {
        let value = |key: &str| {
            data.iter()
                .find(|entry| text(entry, "key") == key)
                .map(|entry| text(entry, "value"))
        };
        if value(LINK_KEY)? != self.link.to_string() {
            return None;
        }
        let (generation, source) = value(SOURCE_KEY)?.split_once('/')?;
        let (collection, id) = source.split_once('/')?;
        Some((RemoteId::new(collection, id), generation.parse().ok()?))
    }
}

fn source(origin: &RemoteId, generation: u32) -> String {
    format!("{generation}/{}/{}", origin.collection, origin.id)
}
