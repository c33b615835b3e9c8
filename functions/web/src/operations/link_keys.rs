//! The keys with which a CRM signs its users' tokens.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sync_core::port::SecretText;
use sync_engine::memory::CrmRegistration;

use crate::app::App;
use crate::problem::{Answered, Problem};

/// How long the previous key is good for after a new one was made: time to put the new one into the CRM.
const PREVIOUS_GOOD_FOR: TimeDelta = TimeDelta::hours(24);
/// Most keys kept; somebody who makes a new one over and over loses the oldest.
const KEYS_MAX: usize = 5;
/// Random bytes of a key; HS256 wants at least 32.
const KEY_BYTES: usize = 32;

#[derive(Serialize, Deserialize)]
struct KeptKey {
    key_id: String,
    key: String,
    not_after: Option<DateTime<Utc>>,
}

/// A key just made, to be shown once.
#[derive(Debug)]
pub(crate) struct NewKey {
    pub(crate) key_id: String,
    pub(crate) key: SecretText,
}

/// Makes a new key; the previous one is good for a day more.
pub(crate) async fn rotate(app: &App, crm: &str) -> Answered<NewKey> {
    super::crms::find(app, crm).await?;
    let now = app.now();
    let new = NewKey {
        key_id: app.random_name::<9>(),
        key: SecretText::from(app.random_name::<KEY_BYTES>()),
    };
    let mut keys = vec![KeptKey {
        key_id: new.key_id.clone(),
        key: new.key.expose_secret().to_owned(),
        not_after: None,
    }];
    for mut former in kept(app, crm).await? {
        let ends = former.not_after.unwrap_or(now + PREVIOUS_GOOD_FOR);
        former.not_after = Some(ends);
        if ends > now && keys.len() < KEYS_MAX {
            keys.push(former);
        }
    }
    let text = serde_json::to_string(&keys).map_err(|_| Problem::internal())?;
    app.secrets
        .put(&CrmRegistration::link_keys_secret(crm), &SecretText::from(text))
        .await?;
    Ok(new)
}

/// The key of that name, while it is good.
pub(crate) async fn find(app: &App, crm: &str, key_id: &str) -> Answered<Option<SecretText>> {
    let now = app.now();
    let found = kept(app, crm).await?.into_iter().find(|key| key.key_id == key_id);
    Ok(found
        .filter(|key| key.not_after.is_none_or(|ends| ends > now))
        .map(|key| SecretText::from(key.key)))
}

/// Whether there is a key at all.
pub(crate) async fn exist(app: &App, crm: &str) -> Answered<bool> {
    Ok(!kept(app, crm).await?.is_empty())
}

async fn kept(app: &App, crm: &str) -> Answered<Vec<KeptKey>> {
    let Some(text) = app.secrets.get(&CrmRegistration::link_keys_secret(crm)).await? else {
        return Ok(Vec::new());
    };
    serde_json::from_str(text.expose_secret()).map_err(|_| {
        tracing::error!(crm, "the stored link keys cannot be read");
        Problem::internal()
    })
}
