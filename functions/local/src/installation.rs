//! Everything behind the doors, over one data folder.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connections::{CALENDAR_PACING, Connector, ConnectorParts, SealingKey, TokenStorage};
use connector_google::endpoints::GoogleEndpoints;
use connector_http::client::HttpClient;
use connector_http::guard::AddressGuard;
use data_encoding::BASE64URL_NOPAD;
use sealing::Sealer;
use secrecy::SecretString;
use store_local::DataFolder;
use sync_core::port::{Clock, Entropy, Schedules, Secrets};
use sync_engine::connections::Connections;
use sync_engine::memory::{AccountLinkState, Memory};
use sync_engine::run::{Doors, Engine};
use web::{App, WebConfig};

use crate::ending::Trouble;
use crate::progress::Progress;
use crate::timetable::Timetable;

/// Name of the secret with the administrator's key.
const ADMIN_KEY_SECRET: &str = "admin-key";

/// Longest time that a call waits for a run. There is no gateway here that would hang up.
const WAIT_LIMIT: Duration = Duration::from_mins(10);

/// Account links read at once when the schedule is filled.
const LINKS_PAGE: usize = 100;

/// What only the machine can give.
#[derive(Debug, Clone)]
pub struct Machine {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub entropy: Arc<dyn Entropy>,
}

/// What an installation is set up with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Google's addresses.
    pub google: GoogleEndpoints,
    /// Whether a CRM may have a private address.
    pub allow_private_crm: bool,
    /// The administrator's key, where it is given and not the stored one.
    pub admin_key: Option<SecretString>,
}

/// Everything behind the doors. As long as it lives, the data folder is ours.
#[derive(Debug)]
pub struct Installation {
    /// What we remember.
    pub memory: Memory,
    /// The runs.
    pub engine: Engine,
    /// The built-in schedule.
    pub timetable: Timetable,
    /// How far the runs are.
    pub progress: Arc<Progress>,
    secrets: Arc<dyn Secrets>,
    connector: Arc<Connector>,
    google_http: HttpClient,
    crm_guard: AddressGuard,
    setup: Setup,
    machine: Machine,
}

impl Installation {
    /// Opens the data folder, which is made where it is not there, and puts everything together over it.
    ///
    /// # Errors
    /// Where the folder cannot be opened, or is another process's.
    pub fn open(
        folder: &Path,
        setup: Setup,
        machine: Machine,
        timetable: Timetable,
    ) -> Result<Self, Trouble> {
        let data = DataFolder::open(folder, Arc::clone(&machine.entropy))?;
        let memory = Memory::new(Arc::new(data.store(Arc::clone(&machine.clock))));
        let secrets: Arc<dyn Secrets> = Arc::new(data.secrets());
        let sealer = Sealer::new(*data.sealing_key());
        let crm_guard = AddressGuard {
            allow_private: setup.allow_private_crm,
        };
        let failed = |failure: connector_http::client::HttpFailure| Trouble::Other(failure.to_string());
        let google_http = HttpClient::unguarded().map_err(failed)?;
        let connector = Arc::new(Connector::new(ConnectorParts {
            memory: memory.clone(),
            secrets: Arc::clone(&secrets),
            sealing_key: SealingKey::Known(sealer),
            // Both places are the same file here, sealed under the same key.
            token_storage: TokenStorage::SecretsManager,
            google: setup.google.clone(),
            google_http: google_http.clone(),
            crm_http: HttpClient::guarded(crm_guard).map_err(failed)?,
            // Reading them costs nothing here, and a changed sign-in counts at once.
            remember: chrono::Duration::zero(),
            google_pacing: Some(CALENDAR_PACING),
            clock: Arc::clone(&machine.clock),
            entropy: Arc::clone(&machine.entropy),
        }));
        let progress = Arc::new(Progress::default());
        let engine = Engine::new(Doors {
            memory: memory.clone(),
            connections: Arc::clone(&connector) as Arc<dyn Connections>,
            schedules: Arc::new(timetable.clone()),
            clock: Arc::clone(&machine.clock),
            entropy: Arc::clone(&machine.entropy),
        })
        .watched_by(Arc::clone(&progress) as Arc<dyn sync_engine::run::Watcher>);
        Ok(Self {
            memory,
            engine,
            timetable,
            progress,
            secrets,
            connector,
            google_http,
            crm_guard,
            setup,
            machine,
        })
    }

    /// The administrator's key: the one given, else the stored one, which is made on first use.
    ///
    /// # Errors
    /// Where the data folder cannot be read or written.
    pub async fn admin_key(&self) -> Result<SecretString, Trouble> {
        if let Some(given) = &self.setup.admin_key {
            return Ok(given.clone());
        }
        let failed = |failure: sync_core::port::SecretsFailure| Trouble::Other(failure.to_string());
        if let Some(stored) = self.secrets.get(ADMIN_KEY_SECRET).await.map_err(failed)? {
            return Ok(stored);
        }
        let mut bytes = [0; 32];
        self.machine.entropy.fill(&mut bytes);
        let key = SecretString::from(BASE64URL_NOPAD.encode(&bytes));
        self.secrets.put(ADMIN_KEY_SECRET, &key).await.map_err(failed)?;
        Ok(key)
    }

    /// The pages and calls, to be served at this address.
    ///
    /// # Errors
    /// Where the data folder cannot be read or written.
    pub async fn app(&self, public_url: Option<String>) -> Result<Arc<App>, Trouble> {
        Ok(Arc::new(App {
            memory: self.memory.clone(),
            secrets: Arc::clone(&self.secrets),
            schedules: Arc::new(self.timetable.clone()) as Arc<dyn Schedules>,
            engine: self.engine.clone(),
            connector: Arc::clone(&self.connector),
            google: self.setup.google.clone(),
            http: self.google_http.clone(),
            clock: Arc::clone(&self.machine.clock),
            entropy: Arc::clone(&self.machine.entropy),
            config: WebConfig {
                public_url,
                admin_key: Some(self.admin_key().await?),
                forwarded_is_trusted: false,
                crm_guard: self.crm_guard,
                wait_limit: WAIT_LIMIT,
            },
        }))
    }

    /// Enters every account link that is to run into the schedule: due when it would have been, had the process
    /// not been away; at once where that has passed, or where the last run was not done.
    ///
    /// # Errors
    /// Where the data folder cannot be read.
    pub async fn fill_timetable(&self) -> Result<usize, Trouble> {
        let failed = |failure: sync_core::port::StoreFailure| Trouble::Other(failure.to_string());
        let now = self.machine.clock.now();
        let mut entered = 0;
        for crm in self.memory.crms().await.map_err(failed)? {
            let mut cursor: Option<String> = None;
            loop {
                let page = self
                    .memory
                    .account_links(&crm.crm, cursor.as_deref(), LINKS_PAGE)
                    .await
                    .map_err(failed)?;
                for link in page.items {
                    let interval = link.body.value.settings.interval_minutes;
                    let unfinished = link.progress.last_run.as_ref().is_some_and(|run| run.more);
                    match link.state() {
                        AccountLinkState::Active | AccountLinkState::Held => {
                            let due_at = link.next_run_at().filter(|_| !unfinished).unwrap_or(now);
                            self.timetable.enter(&link.id, interval, due_at);
                            entered += 1;
                        }
                        AccountLinkState::Disabled | AccountLinkState::NeedsAuthorization => {}
                    }
                }
                match page.next_cursor {
                    Some(next) => cursor = Some(next),
                    None => break,
                }
            }
        }
        Ok(entered)
    }
}
