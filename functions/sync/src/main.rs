//! The sync function on Lambda: doors, then [`sync::Syncer`].

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use connections::{CALENDAR_PACING, Connector, ConnectorParts, REMEMBERED, SealingKey};
use connector_http::client::HttpClient;
use connector_http::guard::AddressGuard;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use store_aws::Aws;
use sync::Syncer;
use sync::config::Config;
use sync_core::port::{Clock, Entropy};
use sync_engine::memory::Memory;
use sync_engine::run::{Doors, Engine};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = Config::from_environment().map_err(|errors| {
        let all: Vec<String> = errors
            .iter()
            .map(|error| format!("{} {}", error.field, error.message))
            .collect();
        format!("the environment is not as it must be: {}", all.join("; "))
    })?;
    log(&config)?;
    let syncer = syncer(config)?;
    let syncer = &syncer;
    let handle = service_fn(move |event: LambdaEvent<Value>| async move {
        let time_left = time_left(event.context.deadline);
        syncer.handle(&event.payload, time_left).await
    });
    lambda_runtime::run(handle).await
}

/// Everything is made here, where Lambda gives a whole processor, and nothing of it talks to anyone yet.
fn syncer(config: Config) -> Result<Syncer, lambda_runtime::Error> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let http = HttpClient::unguarded()?;
    let aws = Aws::new(config.aws, http.clone(), Arc::clone(&clock), Arc::clone(&entropy));
    let memory = Memory::new(Arc::new(aws.store()));
    let connector = Connector::new(ConnectorParts {
        memory: memory.clone(),
        secrets: Arc::new(aws.secrets()),
        sealing_key: SealingKey::InSecrets,
        token_storage: config.token_storage,
        google: config.google,
        google_http: http,
        crm_http: HttpClient::guarded(AddressGuard {
            allow_private: config.allow_private_crm,
        })?,
        remember: REMEMBERED,
        google_pacing: Some(CALENDAR_PACING),
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
    });
    let schedules = Arc::new(aws.schedules());
    Ok(Syncer::new(Engine::new(Doors {
        memory,
        connections: Arc::new(connector),
        schedules,
        clock,
        entropy,
    })))
}

/// Time that a run takes where nobody says when the function ends.
const TIME_OF_NO_DEADLINE: Duration = Duration::from_mins(1);

/// Time until Lambda ends the function; the deadline is in milliseconds since 1970. One that has passed before the
/// function began is none: `cargo lambda watch` tells every function the same minutes of 1970.
fn time_left(deadline: u64) -> Duration {
    let now = u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default();
    match deadline.checked_sub(now) {
        Some(left) if left > 0 => Duration::from_millis(left),
        Some(_) | None => TIME_OF_NO_DEADLINE,
    }
}

fn log(config: &Config) -> Result<(), lambda_runtime::Error> {
    // Not the filter that also looks into spans: it brings a regex engine along.
    let filter: Targets = config.log_filter.parse()?;
    let lines = fmt::layer().with_ansi(false);
    let lines = if config.log_json {
        // The runtime opens a span with the request's id; listed too, every line would carry it twice.
        lines.json().with_current_span(true).with_span_list(false).boxed()
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
