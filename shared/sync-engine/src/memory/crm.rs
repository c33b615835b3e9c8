//! Registered CRMs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sync_core::port::{Expect, Order, Write};

use super::codec::{decode, encode};
use super::{Memory, Remembered, Stored, keys};

/// One registered CRM. Its secrets live behind the secrets' door, under [`CrmRegistration::auth_secret`] and
/// its neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmRegistration {
    /// Its slug, `[a-z0-9-]{1,40}`.
    pub crm: String,
    /// `suitecrm`, `vtiger`, `creatio`, `socrate` or `open`.
    pub kind: String,
    /// What people call it.
    pub label: String,
    /// Its base address.
    pub base_url: String,
    /// The parts of its sign-in that are no secret (client id, user name), to be shown.
    pub auth_shown: Map<String, Value>,
    /// The settings that its users begin with, as a merge-patch over our own defaults.
    pub settings: Value,
    /// Whether pages of the CRM's own origin may show its users' pages in a frame.
    #[serde(default)]
    pub allow_framing: bool,
    /// The client id of the installed Google client, if one is.
    pub google_client_id: Option<String>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When its registration last changed.
    pub updated_at: DateTime<Utc>,
}

impl CrmRegistration {
    /// Name of the secret with the CRM's sign-in (JSON, as registered).
    pub fn auth_secret(crm: &str) -> String {
        format!("crm/{crm}/auth")
    }

    /// Name of the secret with the Google client (JSON: `client_id`, `client_secret`).
    pub fn google_client_secret(crm: &str) -> String {
        format!("crm/{crm}/google-client")
    }

    /// Name of the secret with the link keys (JSON list: `key_id`, `key`, `not_after`).
    pub fn link_keys_secret(crm: &str) -> String {
        format!("crm/{crm}/link-keys")
    }
}

impl Memory {
    /// All registered CRMs, by slug.
    pub async fn crms(&self) -> Remembered<Vec<CrmRegistration>> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .store
                .query(keys::CRMS, "", after.as_deref(), LIST_PAGE, Order::Ascending)
                .await?;
            for row in &page.rows {
                found.push(decode(&row.body, "CRM registration")?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// One registered CRM.
    pub async fn crm(&self, slug: &str) -> Remembered<Option<Stored<CrmRegistration>>> {
        let Some(row) = self.store.get(&keys::crm(slug)).await? else {
            return Ok(None);
        };
        Ok(Some(Stored {
            value: decode(&row.body, "CRM registration")?,
            version: row.version,
        }))
    }

    /// Writes a registration, provided that it still is as read (`None`: that there is none).
    pub async fn put_crm(&self, registration: &CrmRegistration, read: Option<u64>) -> Remembered<()> {
        self.store
            .write(&[Write::Put {
                key: keys::crm(&registration.crm),
                body: encode(registration)?,
                expires_at: None,
                expect: read.map_or(Expect::Absent, Expect::Version),
            }])
            .await
    }

    /// Forgets a registration. Its account links are removed one by one before.
    pub async fn remove_crm(&self, slug: &str) -> Remembered<()> {
        self.store
            .write(&[Write::Delete {
                key: keys::crm(slug),
                expect: Expect::Anything,
            }])
            .await
    }
}

/// Rows asked for at once where everything is wanted.
const LIST_PAGE: usize = 100;
