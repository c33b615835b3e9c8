//! Registrations and their secrets, remembered by the process for a few minutes.
//!
//! A warm function that runs one account link after the other then reads none of them again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};
use connector_google::client_file::GoogleClient;
use secrecy::ExposeSecret;
use serde::Deserialize;
use sync_core::failure::Failure;
use sync_core::port::{Clock, SecretText, Secrets};
use sync_engine::memory::{CrmRegistration, Memory};

use crate::failure::{of_secrets, of_store};

/// How long a function may go on with a registration after it was changed by another one.
pub const REMEMBERED: Duration = Duration::minutes(5);

/// A registered CRM with its sign-in.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) registration: CrmRegistration,
    pub(crate) auth: SecretText,
}

/// What was read of each CRM, and when.
type Read<T> = HashMap<String, (DateTime<Utc>, T)>;

/// Reads registrations and their secrets.
#[derive(Debug)]
pub(crate) struct Directory {
    memory: Memory,
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    remember: Duration,
    crms: Mutex<Read<Arc<Registered>>>,
    google_clients: Mutex<Read<GoogleClient>>,
}

/// The secret with the Google client, as it is stored.
#[derive(Deserialize)]
struct StoredGoogleClient {
    client_id: String,
    client_secret: String,
}

impl Directory {
    pub(crate) fn new(
        memory: Memory,
        secrets: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
        remember: Duration,
    ) -> Self {
        Self {
            memory,
            secrets,
            clock,
            remember,
            crms: Mutex::default(),
            google_clients: Mutex::default(),
        }
    }

    /// A registered CRM.
    pub(crate) async fn crm(&self, slug: &str) -> Result<Arc<Registered>, Failure> {
        let now = self.clock.now();
        if let Some((read_at, known)) = locked(&self.crms).get(slug)
            && self.is_fresh(*read_at, now)
        {
            return Ok(Arc::clone(known));
        }
        let auth_secret = CrmRegistration::auth_secret(slug);
        let (registration, auth) = futures::join!(self.memory.crm(slug), self.secrets.get(&auth_secret));
        let Some(registration) = registration.map_err(|failure| of_store(&failure))? else {
            return Err(Failure::permanent(
                "unknown_crm",
                "no CRM is registered under this name",
            ));
        };
        let Some(auth) = auth.map_err(|failure| of_secrets(&failure))? else {
            return Err(Failure::permanent(
                "crm_credentials_missing",
                "the CRM's credentials are not there; register it again",
            ));
        };
        let registered = Arc::new(Registered {
            registration: registration.value,
            auth,
        });
        locked(&self.crms).insert(slug.to_owned(), (now, Arc::clone(&registered)));
        Ok(registered)
    }

    /// The Google client of a CRM; `None` where none is installed.
    pub(crate) async fn google_client(&self, slug: &str) -> Result<Option<GoogleClient>, Failure> {
        let now = self.clock.now();
        if let Some((read_at, known)) = locked(&self.google_clients).get(slug)
            && self.is_fresh(*read_at, now)
        {
            return Ok(Some(known.clone()));
        }
        let name = CrmRegistration::google_client_secret(slug);
        let Some(text) = self
            .secrets
            .get(&name)
            .await
            .map_err(|failure| of_secrets(&failure))?
        else {
            return Ok(None);
        };
        let stored: StoredGoogleClient = serde_json::from_str(text.expose_secret()).map_err(|_| {
            Failure::permanent(
                "google_client_unreadable",
                "the stored Google client cannot be read; install it again",
            )
        })?;
        let client = GoogleClient {
            client_id: stored.client_id,
            client_secret: SecretText::from(stored.client_secret),
        };
        locked(&self.google_clients).insert(slug.to_owned(), (now, client.clone()));
        Ok(Some(client))
    }

    /// Forgets what is remembered of a CRM, because it has just been changed here.
    pub(crate) fn forget(&self, slug: &str) {
        locked(&self.crms).remove(slug);
        locked(&self.google_clients).remove(slug);
    }

    fn is_fresh(&self, read_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        (read_at..read_at + self.remember).contains(&now)
    }
}

// A panic while a map is locked leaves it whole: it is changed in one step.
fn locked<T>(map: &Mutex<T>) -> MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}
