//! Opens the two connections of an account link, and keeps the tokens that this needs.
//!
//! One [`Connector`] serves a process. To the engine it is the door
//! [`Connections`](sync_engine::connections::Connections); the pages use it beside runs:
//!
//! | the pages want to | call |
//! |---|---|
//! | look at a registered CRM: its users, a check | [`Connector::crm`] |
//! | offer a user's Google calendars and task lists by name | [`Connector::calendars`], [`Connector::task_lists`] |
//! | keep what Google gave at the end of the consent | [`Connector::keep_refresh_token`] |
//! | revoke and disconnect | [`Connector::refresh_token`], [`Connector::forget_tokens`] |
//! | make a changed registration count at once | [`Connector::forget_crm`] |
//! | seal their own small secrets | [`Connector::sealer`] |
//!
//! What is kept where:
//!
//! | what | where | read |
//! |---|---|---|
//! | registration, its sign-in, its Google client | store and secrets | once in 5 minutes of a process |
//! | the CRM's access token | in the process; sealed row `crm/<crm>`, `access-token` | once in a process |
//! | the user's access token for Google | sealed, in the account link's progress | with the lease, at no cost |
//! | the user's refresh token | secret `link/<crm>/<user>/google`, or a sealed row of that owner | once an hour |
//! | the key that seals | secret `sealing-key`, or the data folder's key file | once in a process |

mod crm_tokens;
mod directory;
mod failure;
mod google_tokens;
mod opened;
mod outside;
mod refresh_tokens;
pub mod variables;
mod vault;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};
use connector_crm::crm::CrmConnection;
use connector_crm::registry::{self, CrmConfig, CrmKind};
use connector_google::endpoints::GoogleEndpoints;
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::pacer::Pacing;
use connector_http::token::TokenCache;
use sync_core::failure::Failure;
use sync_core::port::{Clock, Entropy, SecretText, Secrets};
use sync_engine::memory::Memory;

use crate::crm_tokens::CrmTokens;
use crate::directory::{Directory, Registered};
use crate::refresh_tokens::RefreshTokens;
use crate::vault::Vault;

pub use connector_google::calendar::CALENDAR_PACING;
pub use directory::REMEMBERED;
pub use refresh_tokens::TokenStorage;
pub use vault::SealingKey;

/// What a connector is put together from.
#[derive(Debug, Clone)]
pub struct ConnectorParts {
    /// What we remember.
    pub memory: Memory,
    /// The secrets.
    pub secrets: Arc<dyn Secrets>,
    /// The key for what is sealed.
    pub sealing_key: SealingKey,
    /// Where refresh tokens are kept.
    pub token_storage: TokenStorage,
    /// Google's addresses.
    pub google: GoogleEndpoints,
    /// The client for Google: our own addresses.
    pub google_http: HttpClient,
    /// The client for CRMs: addresses that people typed in, so a guarded one.
    pub crm_http: HttpClient,
    /// How long a registration, its sign-in and its Google client are remembered: [`REMEMBERED`] where reading
    /// them costs a call, zero where it does not.
    pub remember: Duration,
    /// How fast Google may be called for one user: [`CALENDAR_PACING`]; `None` calls as fast as it answers
    /// (benchmarks).
    pub google_pacing: Option<Pacing>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Nonces, and the waiting times between repeats.
    pub entropy: Arc<dyn Entropy>,
}

/// Opens connections. One serves a process.
#[derive(Debug)]
pub struct Connector {
    google: GoogleEndpoints,
    google_http: HttpClient,
    crm_http: HttpClient,
    google_pacing: Option<Pacing>,
    memory: Memory,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    vault: Arc<Vault>,
    directory: Arc<Directory>,
    refresh_tokens: Arc<RefreshTokens>,
    ways: Mutex<HashMap<String, Way>>,
}

/// What all runs of this process share of one CRM.
#[derive(Debug, Clone)]
struct Way {
    lane: Lane,
    tokens: Arc<CrmTokens>,
    /// The registration it belongs to.
    updated_at: DateTime<Utc>,
}

impl Connector {
    /// A connector of these parts. Reads and sends nothing yet.
    pub fn new(parts: ConnectorParts) -> Self {
        let ConnectorParts {
            memory,
            secrets,
            sealing_key,
            token_storage,
            google,
            google_http,
            crm_http,
            remember,
            google_pacing,
            clock,
            entropy,
        } = parts;
        let vault = Arc::new(Vault::new(
            sealing_key,
            Arc::clone(&secrets),
            memory.clone(),
            Arc::clone(&clock),
            Arc::clone(&entropy),
        ));
        let refresh_tokens = Arc::new(RefreshTokens {
            storage: token_storage,
            secrets: Arc::clone(&secrets),
            memory: memory.clone(),
            vault: Arc::clone(&vault),
        });
        let directory = Arc::new(Directory::new(
            memory.clone(),
            secrets,
            Arc::clone(&clock),
            remember,
        ));
        Self {
            google,
            google_http,
            crm_http,
            google_pacing,
            memory,
            clock,
            entropy,
            vault,
            directory,
            refresh_tokens,
            ways: Mutex::default(),
        }
    }

    /// A connection to a registered CRM, and the lane it uses.
    async fn open_crm(&self, slug: &str) -> Result<(Box<dyn CrmConnection>, Lane), Failure> {
        let (registered, row) = if self.ways().contains_key(slug) {
            (self.directory.crm(slug).await?, None)
        } else {
            let ahead = CrmTokens::read_ahead(&self.vault, &self.memory, slug);
            let (registered, row) = futures::join!(self.directory.crm(slug), ahead);
            (registered?, row)
        };
        let config = config_of(&registered)?;
        let way = self.way(config.kind, &registered, row);
        let lane = way.lane.counting_anew();
        let tokens: Arc<dyn TokenCache> = way.tokens;
        let connection = registry::open(config, lane.clone(), tokens, Arc::clone(&self.clock))?;
        Ok((connection, lane))
    }

    /// The limit of calls under way and the access token that all runs share; made anew where the registration
    /// has changed.
    fn way(&self, kind: CrmKind, registered: &Registered, row: Option<String>) -> Way {
        let registration = &registered.registration;
        let mut ways = self.ways();
        if let Some(way) = ways.get(&registration.crm)
            && way.updated_at == registration.updated_at
        {
            return way.clone();
        }
        let way = Way {
            lane: Lane::new(
                self.crm_http.clone(),
                registry::requests_in_flight_max(kind),
                Arc::clone(&self.entropy),
            ),
            tokens: Arc::new(CrmTokens::new(
                Arc::clone(&self.vault),
                self.memory.clone(),
                registration,
                row,
            )),
            updated_at: registration.updated_at,
        };
        ways.insert(registration.crm.clone(), way.clone());
        way
    }

    // A panic while the map is locked leaves it whole: it is changed in one step.
    fn ways(&self) -> MutexGuard<'_, HashMap<String, Way>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn config_of(registered: &Registered) -> Result<CrmConfig, Failure> {
    let registration = &registered.registration;
    let kind = CrmKind::parse(&registration.kind).ok_or_else(|| {
        Failure::permanent("kind_not_supported", "this version does not know the CRM's kind")
    })?;
    let base_url = registration
        .base_url
        .parse()
        .map_err(|_| Failure::permanent("base_url_invalid", "the CRM's base address cannot be read"))?;
    Ok(CrmConfig {
        slug: registration.crm.clone(),
        kind,
        base_url,
        auth: SecretText::clone(&registered.auth),
    })
}

#[cfg(test)]
mod tests;
