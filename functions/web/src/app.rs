//! What the pages and calls work with.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connections::Connector;
use connector_google::GoogleEndpoints;
use connector_http::client::HttpClient;
use connector_http::guard::AddressGuard;
use data_encoding::BASE64URL_NOPAD;
use sync_core::port::{Clock, Entropy, Schedules, SecretText, Secrets};
use sync_engine::memory::Memory;
use sync_engine::run::Engine;

/// The doors behind the pages and calls.
#[derive(Debug)]
pub struct App {
    /// What we remember.
    pub memory: Memory,
    /// The few long-lived secrets.
    pub secrets: Arc<dyn Secrets>,
    /// The clockwork.
    pub schedules: Arc<dyn Schedules>,
    /// Runs, previews, restores.
    pub engine: Engine,
    /// CRM connections outside of a run, users' refresh tokens, and what seals cookies.
    pub connector: Arc<Connector>,
    /// Google's addresses.
    pub google: GoogleEndpoints,
    /// The way to Google's sign-in.
    pub http: HttpClient,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub entropy: Arc<dyn Entropy>,
    /// What the operator chose.
    pub config: WebConfig,
}

/// What the operator chose.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// The external base address without a slash at its end; `None` takes it from each request.
    pub public_url: Option<String>,
    /// The administrator's key; without one nobody is let in.
    pub admin_key: Option<SecretText>,
    /// Whether `X-Forwarded-*` comes from a proxy of ours (as on Lambda) and can be believed.
    pub forwarded_is_trusted: bool,
    /// Which addresses a CRM may have.
    pub crm_guard: AddressGuard,
    /// Longest time that a call waits for a run.
    pub wait_limit: Duration,
}

impl App {
    /// The present instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A name that nobody can guess: `N` random bytes in base64url.
    pub(crate) fn random_name<const N: usize>(&self) -> String {
        BASE64URL_NOPAD.encode(&self.random::<N>())
    }

    /// Random bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}
