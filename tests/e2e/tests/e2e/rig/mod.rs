//! One installation between two simulated servers.

mod answer;
mod browser;
mod crm;
mod link;
mod look;
mod run;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use connections::{Connector, ConnectorParts, SealingKey, TokenStorage};
use connector_google::endpoints::GoogleEndpoints;
use connector_http::client::HttpClient;
use connector_http::guard::AddressGuard;
use local::installation::{Installation, Machine, Setup};
use local::timetable::Timetable;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::SimClock;
use simulators::crm::suitecrm::CrmPerson;
use simulators::google::{GoogleOptions, GooglePerson, GoogleSim};
use sync_core::port::Entropy;
use sync_engine::connections::Connections;
use sync_engine::run::{Doors, Engine};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use web::App;

pub(crate) use answer::Answer;
pub(crate) use browser::Browser;
pub(crate) use crm::{ANNA, BEN, Crm, CrmOptions, Kind, Person, over_crms, over_every_crm};
pub(crate) use link::{LinkToken, linked_to};
pub(crate) use look::{Item, assert_same, crm_items, google_items, item, item_of_event, item_of_row};
pub(crate) use run::Run;

/// The slug under which the simulated CRM is registered.
pub(crate) const CRM: &str = "main";
/// Anna's address, in both worlds.
pub(crate) const ANNA_MAIL: &str = "anna@example.com";
/// Ben's.
pub(crate) const BEN_MAIL: &str = "ben@example.com";

/// What opens the administration calls.
pub(crate) const ADMIN_KEY: &str = "the-administrators-key-of-this-test";

/// How a scenario is set up.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The simulated Google; its clock is replaced by the rig's.
    pub(crate) google: GoogleOptions,
    /// The simulated CRM; likewise.
    pub(crate) crm: CrmOptions,
    /// Whether Google is called at the pace of its quota, as in service. Where not, the simulated quota is off too.
    pub(crate) paced: bool,
}

impl Options {
    /// A scenario in that CRM, as most are.
    pub(crate) fn of(kind: Kind) -> Self {
        Self {
            google: GoogleOptions::default(),
            crm: CrmOptions::of(kind),
            paced: true,
        }
    }
}

/// One installation between two simulated servers, served on a port of its own.
pub(crate) struct Rig {
    pub(crate) clock: SimClock,
    pub(crate) google: GoogleSim,
    pub(crate) crm: Crm,
    /// The address of pages and calls.
    pub(crate) base: String,
    http: reqwest::Client,
    keys: Mutex<Vec<(String, link::LinkKey)>>,
    /// What serves the pages and calls; nothing where another process does.
    serving: Option<Serving>,
}

/// An installation in this process.
struct Serving {
    task: JoinHandle<()>,
    installation: Installation,
    _folder: TempDir,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Monday, an ordinary morning; the next change of the clocks is far away.
pub(crate) fn monday() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

/// An instant of that week or a later one.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    format!("{text}:00Z").parse().unwrap()
}

/// Unpredictable enough for a test, and the same every time.
#[derive(Debug)]
pub(crate) struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(buffer);
    }
}

/// An HTTP client that follows nothing.
pub(crate) fn http_client() -> reqwest::Client {
    // Where another test of this process was first, its provider is the same one.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

impl Rig {
    /// Both servers, an empty installation, the CRM registered and its Google client installed; nobody is linked.
    pub(crate) async fn start(kind: Kind) -> Self {
        Self::with(Options::of(kind)).await
    }

    /// The same, and Anna linked with her Google account. No run has happened yet.
    pub(crate) async fn linked(kind: Kind) -> Self {
        let rig = Self::start(kind).await;
        rig.link(ANNA, ANNA_MAIL).await;
        rig
    }

    /// The same, with these settings from the beginning, so that Google is asked for what they need.
    pub(crate) async fn linked_for(kind: Kind, settings: &Value) -> Self {
        let rig = Self::start(kind).await;
        rig.link_for(settings).await;
        rig
    }

    /// Links Anna with these settings from the beginning.
    pub(crate) async fn link_for(&self, settings: &Value) {
        let mut body = self.crm.registration();
        body["settings"] = settings.clone();
        self.call("PUT", &format!("/crms/{CRM}"), Some(&body))
            .await
            .good();
        self.link(ANNA, ANNA_MAIL).await;
    }

    /// A rig set up otherwise, nobody linked.
    pub(crate) async fn with(mut options: Options) -> Self {
        let clock = SimClock::real();
        clock.run_from(monday());
        options.google.clock = clock.clone();
        options.crm.clock = clock.clone();
        if !options.paced {
            options.google.quota_per_minute = None;
        }
        let google = GoogleSim::start(options.google).await.unwrap();
        let crm = Crm::start(options.crm).await;
        let rig = Self::between(google, crm, clock, options.paced).await;
        rig.register(CRM, &rig.crm).await;
        rig
    }

    /// An installation that knows nothing, between servers that are there already.
    pub(crate) async fn between(google: GoogleSim, crm: Crm, clock: SimClock, paced: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine {
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::new(7)),
        };
        let setup = Setup {
            google: endpoints(&google),
            allow_private_crm: true,
            admin_key: Some(SecretString::from(ADMIN_KEY)),
        };
        let timetable = Timetable::new(Arc::clone(&machine.clock));
        let installation =
            Installation::open(&folder.path().join("data"), setup, machine, timetable).unwrap();
        let mut app = installation.app(None).await.unwrap();
        if !paced {
            app = unpaced(&app);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = web::router(app);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let serving = Serving {
            task,
            installation,
            _folder: folder,
        };
        Self {
            serving: Some(serving),
            ..Self::outside(google, crm, clock, base)
        }
    }

    /// The hands of a scenario whose installation is another process, at that address.
    pub(crate) fn outside(google: GoogleSim, crm: Crm, clock: SimClock, base: String) -> Self {
        Self {
            clock,
            google,
            crm,
            base,
            http: http_client(),
            keys: Mutex::default(),
            serving: None,
        }
    }

    /// The same servers and an installation that has lost everything it knew.
    pub(crate) async fn lose_store(self) -> Self {
        let anew = Self::between(self.google.clone(), self.crm.clone(), self.clock.clone(), true).await;
        anew.register(CRM, &anew.crm).await;
        anew
    }

    /// Registers a CRM and installs its Google client.
    pub(crate) async fn register(&self, slug: &str, crm: &Crm) {
        let answer = self
            .call("PUT", &format!("/crms/{slug}"), Some(&crm.registration()))
            .await;
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        let file = self
            .google
            .client_file(&format!("{}/oauth/google/callback", self.base));
        let answer = self
            .call("PUT", &format!("/crms/{slug}/google-client"), Some(&file))
            .await;
        assert_eq!(answer.body["status"], "configured", "{answer:?}");
    }

    /// One administration call, with the key.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let bytes = body.map(|body| body.to_string().into_bytes());
        self.send(method, path, bytes, Some(ADMIN_KEY)).await
    }

    /// One administration call with any body and any key.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        key: Option<&str>,
    ) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        Answer::read(request.send().await.unwrap()).await
    }

    /// One administration call whose server may die meanwhile.
    pub(crate) async fn try_call(&self, method: &str, path: &str) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        drop(request.bearer_auth(ADMIN_KEY).send().await);
    }

    /// Whoever links from now on is not synced before they are switched on.
    pub(crate) async fn set_defaults_off(&self) {
        let mut body = self.crm.registration();
        body["settings"] = json!({ "enabled": false });
        self.call("PUT", &format!("/crms/{CRM}"), Some(&body))
            .await
            .good();
    }

    /// Anna in the CRM's pages.
    pub(crate) fn anna(&self) -> Person {
        self.crm.person(ANNA)
    }

    /// Anna in SuiteCRM's pages, for what only SuiteCRM has.
    pub(crate) fn anna_in_suitecrm(&self) -> CrmPerson {
        self.crm.suitecrm().unwrap().person(ANNA)
    }

    /// Anna in her Google Calendar.
    pub(crate) fn anna_at_google(&self) -> GooglePerson {
        self.google.person(ANNA_MAIL)
    }

    /// Lets time pass.
    pub(crate) fn later(&self, minutes: u64) {
        self.clock.advance(Duration::from_mins(minutes));
    }
}

/// Google's addresses, as the environment would give them.
fn endpoints(google: &GoogleSim) -> GoogleEndpoints {
    GoogleEndpoints {
        auth: google.auth_url(),
        token: google.token_url(),
        revoke: google.revoke_url(),
        userinfo: google.userinfo_url(),
        calendar: google.calendar_url(),
        tasks: google.tasks_url(),
        people: google.people_url(),
    }
}

/// The same application, calling Google as fast as it answers.
fn unpaced(app: &App) -> Arc<App> {
    let connector = Arc::new(Connector::new(ConnectorParts {
        memory: app.memory.clone(),
        secrets: Arc::clone(&app.secrets),
        sealing_key: SealingKey::InSecrets,
        token_storage: TokenStorage::SecretsManager,
        google: app.google.clone(),
        google_http: app.http.clone(),
        crm_http: HttpClient::guarded(AddressGuard { allow_private: true }).unwrap(),
        remember: chrono::Duration::zero(),
        google_pacing: None,
        clock: Arc::clone(&app.clock),
        entropy: Arc::clone(&app.entropy),
    }));
    let engine = Engine::new(Doors {
        memory: app.memory.clone(),
        connections: Arc::clone(&connector) as Arc<dyn Connections>,
        schedules: Arc::clone(&app.schedules),
        clock: Arc::clone(&app.clock),
        entropy: Arc::clone(&app.entropy),
    });
    Arc::new(App {
        memory: app.memory.clone(),
        secrets: Arc::clone(&app.secrets),
        schedules: Arc::clone(&app.schedules),
        engine,
        connector,
        google: app.google.clone(),
        http: app.http.clone(),
        clock: Arc::clone(&app.clock),
        entropy: Arc::clone(&app.entropy),
        config: app.config.clone(),
    })
}
