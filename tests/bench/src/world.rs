//! Both simulators, and an account link between them.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use connections::{Connector, ConnectorParts, REMEMBERED, SealingKey, TokenStorage};
use connector_google::GoogleEndpoints;
use connector_google::calendar::CALENDAR_PACING;
use connector_google::oauth::{SCOPE_CALENDAR_EVENTS, SCOPE_CALENDAR_LIST, SCOPE_CONTACTS, SCOPE_TASKS};
use connector_http::client::HttpClient;
use connector_http::guard::AddressGuard;
use sealing::Sealer;
use serde_json::{Map, json};
use simulators::SimClock;
use simulators::google::{GoogleOptions, GoogleSim, Tokens};
use sync_core::id::AccountLinkId;
use sync_core::kind::Kind;
use sync_core::policy::Settings;
use sync_core::port::{Clock, Entropy, SecretText, Secrets, Trigger};
use sync_engine::connections::Connections;
use sync_engine::in_memory::{InMemorySchedules, InMemorySecrets, InMemoryStore};
use sync_engine::memory::{AccountLinkBody, CrmRegistration, GoogleAccount, Memory};
use sync_engine::report::{Outcome, RunRecord};
use sync_engine::run::{Doors, Engine, RunRequest};
use tokio::runtime::Handle;

use crate::Failed;
use crate::counted::{CountedSecrets, CountedStore, Counter};
use crate::crm::{Crm, Person, Product};

/// The CRM's name in the registration.
pub(crate) const CRM: &str = "bench";

/// Time of a run, as a function has it.
const BUDGET: Duration = Duration::from_secs(890);

/// Between two runs, so that nothing that the one wrote lies in the overlap of the next one's reading.
const PAUSE: Duration = Duration::from_mins(5);

/// Bytes of the machine's generator.
#[derive(Debug)]
pub(crate) struct MachineEntropy;

impl Entropy for MachineEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        rand::fill(buffer);
    }
}

/// What is allowed at Google, and asked of it.
const SCOPES: [&str; 4] = [
    SCOPE_CALENDAR_EVENTS,
    SCOPE_CALENDAR_LIST,
    SCOPE_TASKS,
    SCOPE_CONTACTS,
];

/// How a world is set up.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    /// Anna's CRM.
    pub(crate) product: Product,
    /// The kinds that are switched on, and how many records of each there are in the CRM.
    pub(crate) records: &'a [(Kind, usize)],
    /// Calendar calls that Google lets through in a minute; `None` switches all of its quotas off.
    pub(crate) quota_per_minute: Option<u32>,
}

/// A simulated Google, a simulated CRM, and Anna, who has an account in both.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: SimClock,
    pub(crate) google: GoogleSim,
    pub(crate) product: Product,
    pub(crate) crm: Crm,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) anna: Person,
    pub(crate) ben: Person,
    pub(crate) link: AccountLinkId,
}

impl World {
    /// Google and SuiteCRM; so many meetings in the CRM, made an hour ago.
    pub(crate) async fn start(
        servers: &Handle,
        meetings: usize,
        quota_per_minute: Option<u32>,
    ) -> Result<Self, Failed> {
        let scene = Scene {
            product: Product::SuiteCrm,
            records: &[(Kind::Event, meetings)],
            quota_per_minute,
        };
        Self::of(servers, &scene).await
    }

    /// Both servers; the records in the CRM were made an hour ago.
    pub(crate) async fn of(servers: &Handle, scene: &Scene<'_>) -> Result<Self, Failed> {
        let clock = SimClock::real();
        clock.run_from(chrono::Utc::now() - TimeDelta::hours(1));
        let mut google = GoogleOptions {
            clock: clock.clone(),
            quota_per_minute: scene.quota_per_minute,
            ..GoogleOptions::default()
        };
        if scene.quota_per_minute.is_none() {
            google.tasks_quota_per_day = None;
            google.people_writes_per_minute = None;
            google.people_first_pages_per_minute = None;
        }
        let google = servers.spawn(GoogleSim::start(google)).await??;
        let crm = Crm::start(servers, scene.product, &clock).await?;
        let mut people = crm.people().into_iter();
        let anna = people.next().ok_or("the CRM has no Anna")?;
        let ben = people.next().ok_or("the CRM has no Ben")?;
        for (kind, count) in scene.records {
            crm.seed(&anna, *kind, *count)?;
        }
        clock.run_from(chrono::Utc::now());
        let link = AccountLinkId::new(CRM, anna.id.clone());
        Ok(Self {
            clock,
            google,
            product: scene.product,
            crm,
            kinds: scene.records.iter().map(|(kind, _)| *kind).collect(),
            anna,
            ben,
            link,
        })
    }

    /// Every call takes so much longer on both sides.
    pub(crate) fn set_latency(&self, latency: Duration) {
        self.google.set_latency(latency);
        self.crm.set_latency(latency);
    }

    /// Google's addresses.
    pub(crate) fn endpoints(&self) -> GoogleEndpoints {
        GoogleEndpoints {
            auth: self.google.auth_url(),
            token: self.google.token_url(),
            revoke: self.google.revoke_url(),
            userinfo: self.google.userinfo_url(),
            calendar: self.google.calendar_url(),
            tasks: self.google.tasks_url(),
            people: self.google.people_url(),
        }
    }

    /// Tokens of an account at Google.
    pub(crate) fn google_tokens(&self, email: &str) -> Result<Tokens, Failed> {
        let tokens = self.google.issue_tokens(email, &SCOPES);
        Ok(tokens.ok_or("Google does not know the account")?)
    }

    /// Registers the CRM, installs the Google client and links Anna, as the pages would.
    pub(crate) async fn link(&self, memory: &Memory, secrets: Arc<dyn Secrets>) -> Result<(), Failed> {
        let now = self.clock.now();
        let auth = self.crm.sign_in()?;
        put(&*secrets, &CrmRegistration::auth_secret(CRM), &auth).await?;
        let file = self.google.client_file("http://127.0.0.1/oauth/google/callback");
        let client = file.get("web").ok_or("the client file is of no web client")?;
        put(&*secrets, &CrmRegistration::google_client_secret(CRM), client).await?;
        let registration = CrmRegistration {
            crm: CRM.to_owned(),
            kind: self.product.registered_kind().to_owned(),
            label: "Bench".to_owned(),
            base_url: self.crm.base_url().to_owned(),
            auth_shown: Map::new(),
            settings: json!({}),
            allow_framing: false,
            google_client_id: None,
            created_at: now,
            updated_at: now,
        };
        memory.put_crm(&registration, None).await?;
        let mut settings = Settings::default();
        for kind in Kind::ALL {
            settings.switch(kind, self.kinds.contains(&kind));
        }
        let body = AccountLinkBody {
            name: None,
            email: None,
            locale: None,
            google: Some(GoogleAccount {
                subject: "1".to_owned(),
                email: self.anna.email.clone(),
                scopes: SCOPES.map(str::to_owned).to_vec(),
                unticked: Vec::new(),
                ends_at: None,
                authorized_at: now,
            }),
            settings,
            linked_at: now,
            confirmation: None,
        };
        memory.put_account_link(&self.link, &body, None).await?;
        let refresh = SecretText::from(self.google_tokens(&self.anna.email)?.refresh_token);
        let connector = self.connector(memory.clone(), secrets, &Clients::new()?, false);
        connector.keep_refresh_token(&self.link, &refresh).await?;
        Ok(())
    }

    fn connector(
        &self,
        memory: Memory,
        secrets: Arc<dyn Secrets>,
        clients: &Clients,
        paced: bool,
    ) -> Connector {
        Connector::new(ConnectorParts {
            memory,
            secrets,
            // The emulator's world seals under a key of its own; this connector never opens anything there.
            sealing_key: SealingKey::Known(Sealer::new([7; 32])),
            token_storage: TokenStorage::SecretsManager,
            google: self.endpoints(),
            google_http: clients.google.clone(),
            crm_http: clients.crm.clone(),
            remember: REMEMBERED,
            google_pacing: paced.then_some(CALENDAR_PACING),
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(MachineEntropy),
        })
    }

    /// An installation held in memory, with Anna linked.
    pub(crate) async fn install(&self, paced: bool) -> Result<Installation<'_>, Failed> {
        let counter = Counter::default();
        let clock: Arc<dyn Clock> = Arc::new(self.clock.clone());
        let memory = Memory::new(Arc::new(CountedStore {
            inner: InMemoryStore::new(clock),
            counter: counter.clone(),
        }));
        let secrets: Arc<dyn Secrets> = Arc::new(CountedSecrets {
            inner: InMemorySecrets::new(),
            counter: counter.clone(),
        });
        self.link(&memory, Arc::clone(&secrets)).await?;
        let clients = Clients::new()?;
        let mut installation = Installation {
            world: self,
            memory,
            secrets,
            counter,
            clients,
            paced,
            engine: None,
        };
        installation.start_anew();
        installation.counter.take();
        Ok(installation)
    }
}

async fn put(secrets: &dyn Secrets, name: &str, value: &serde_json::Value) -> Result<(), Failed> {
    Ok(secrets.put(name, &SecretText::from(value.to_string())).await?)
}

/// The HTTP clients of a process.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) google: HttpClient,
    pub(crate) crm: HttpClient,
}

impl Clients {
    fn new() -> Result<Self, Failed> {
        Ok(Self {
            google: HttpClient::unguarded()?,
            crm: HttpClient::guarded(AddressGuard { allow_private: true })?,
        })
    }
}

/// What one process makes of it, and what it leaves for the next one.
#[derive(Debug)]
pub(crate) struct Installation<'a> {
    world: &'a World,
    memory: Memory,
    secrets: Arc<dyn Secrets>,
    pub(crate) counter: Counter,
    /// The bare requests share them, so that neither side has the warmer connections.
    pub(crate) clients: Clients,
    paced: bool,
    engine: Option<Engine>,
}

impl Installation<'_> {
    /// A new process: what the former one held in its memory is gone.
    pub(crate) fn start_anew(&mut self) {
        let world = self.world;
        let connector = world.connector(
            self.memory.clone(),
            Arc::clone(&self.secrets),
            &self.clients,
            self.paced,
        );
        self.engine = Some(Engine::new(Doors {
            memory: self.memory.clone(),
            connections: Arc::new(connector) as Arc<dyn Connections>,
            schedules: Arc::new(InMemorySchedules::new()),
            clock: Arc::new(world.clock.clone()),
            entropy: Arc::new(MachineEntropy),
        }));
    }

    /// One run of Anna's; an error where it is not all well.
    pub(crate) async fn run(&self) -> Result<RunRecord, Failed> {
        let engine = self.engine.as_ref().ok_or("no process was started")?;
        let request = RunRequest {
            link: self.world.link.clone(),
            trigger: Trigger::Schedule,
            run_id: None,
        };
        let record = engine.run(request, BUDGET).await;
        if record.outcome == Outcome::Ok && !record.more {
            Ok(record)
        } else {
            let problems: Vec<&str> = record
                .problems
                .iter()
                .map(|problem| problem.code.as_str())
                .collect();
            Err(format!(
                "a run ended as {:?}: {:?} {problems:?}",
                record.outcome, record.reason
            )
            .into())
        }
    }

    /// Runs until a run finds nothing to do, a few minutes apart; five minutes have passed since.
    pub(crate) async fn settle(&self) -> Result<(), Failed> {
        for _ in 0..5 {
            self.world.clock.advance(PAUSE);
            let calls = self.world.crm.traffic().calls();
            let idle = self.run().await?.changes.is_nothing();
            let least = self.world.product.idle_requests(&self.world.kinds);
            if idle && self.world.crm.traffic().calls() - calls <= least {
                self.world.clock.advance(PAUSE);
                return Ok(());
            }
        }
        Err("the runs do not come to rest".into())
    }
}
