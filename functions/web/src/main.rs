//! The web function on Lambda.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connections::{CALENDAR_PACING, Connector, ConnectorParts, REMEMBERED, SealingKey};
use connector_http::client::HttpClient;
use connector_http::guard::AddressGuard;
use store_aws::Aws;
use sync_core::port::{Clock, Entropy, Schedules, SecretText, Secrets};
use sync_engine::connections::Connections;
use sync_engine::memory::Memory;
use sync_engine::run::{Doors, Engine};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt};
use web::config::{AdminKey, Config};
use web::{App, WebConfig};

/// Longest time that a call waits for a run: the function has 30 seconds, and the answer needs some.
const WAIT_LIMIT: Duration = Duration::from_secs(25);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::from_environment().map_err(|errors| {
        let all: Vec<String> = errors
            .iter()
            .map(|error| format!("{} {}", error.field, error.message))
            .collect();
        format!("the environment is not as it must be: {}", all.join("; "))
    })?;
    log(&config)?;
    let app = app(config).await?;
    lambda_http::run(web::router(Arc::new(app))).await
}

/// Everything is made here, where Lambda gives a whole processor, and nothing of it talks to anyone but for the
/// administrator's key.
async fn app(config: Config) -> Result<App, lambda_http::Error> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let http = HttpClient::unguarded()?;
    let crm_guard = AddressGuard {
        allow_private: config.allow_private_crm,
    };
    let aws = Aws::new(config.aws, http.clone(), Arc::clone(&clock), Arc::clone(&entropy));
    let memory = Memory::new(Arc::new(aws.store()));
    let secrets: Arc<dyn Secrets> = Arc::new(aws.secrets());
    let schedules: Arc<dyn Schedules> = Arc::new(aws.schedules());
    let admin_key = match config.admin_key {
        AdminKey::Known(key) => Some(key),
        AdminKey::InSecret(name) => admin_key(&aws, &name).await?,
        AdminKey::None => None,
    };
    if admin_key.is_none() {
        tracing::error!(
            "there is no administrator's key: set ADMIN_KEY or ADMIN_KEY_SECRET; until then nobody is let in"
        );
    }
    let connector = Arc::new(Connector::new(ConnectorParts {
        memory: memory.clone(),
        secrets: Arc::clone(&secrets),
        sealing_key: SealingKey::InSecrets,
        token_storage: config.token_storage,
        google: config.google.clone(),
        google_http: http.clone(),
        crm_http: HttpClient::guarded(crm_guard)?,
        remember: REMEMBERED,
        google_pacing: Some(CALENDAR_PACING),
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
    }));
    let engine = Engine::new(Doors {
        memory: memory.clone(),
        connections: Arc::clone(&connector) as Arc<dyn Connections>,
        schedules: Arc::clone(&schedules),
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
    });
    let google = config.google;
    let web = WebConfig {
        public_url: config.public_url,
        admin_key,
        forwarded_is_trusted: true,
        crm_guard,
        wait_limit: WAIT_LIMIT,
    };
    Ok(App {
        memory,
        secrets,
        schedules,
        engine,
        connector,
        google,
        http,
        clock,
        entropy,
        config: web,
    })
}

async fn admin_key(aws: &Aws, name: &str) -> Result<Option<SecretText>, lambda_http::Error> {
    // The operator gives the whole name; it is not below the deployment's prefix.
    Ok(aws.secrets_with_prefix("").get(name).await?)
}

fn log(config: &Config) -> Result<(), lambda_http::Error> {
    // Not the filter that also looks into spans: it brings a regex engine along.
    let filter: Targets = config.log_filter.parse()?;
    let lines = fmt::layer().with_ansi(false);
    let lines = if config.log_json {
        lines.json().with_span_list(false).flatten_event(true).boxed()
    } else {
        lines.boxed()
    };
    Registry::default().with(lines.with_filter(filter)).init();
    Ok(())
}

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

#[derive(Debug)]
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        rand::fill(buffer);
    }
}
