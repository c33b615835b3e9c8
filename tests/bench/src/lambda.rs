//! A stand-in for Lambda's runtime interface, and functions started against it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::Utc;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc};
use tokio::task::AbortHandle;

use crate::Failed;

/// Longest wait for anything that a function does.
const PATIENCE: Duration = Duration::from_mins(2);

/// Time that a function is told it has.
const DEADLINE_SECONDS: i64 = 900;

/// What a function did.
#[derive(Debug)]
enum Event {
    /// It asked for its next event, at this instant.
    Polled(Instant),
    /// It answered.
    Answered(Vec<u8>),
    /// It failed, at its start or at an event.
    Failed(Vec<u8>),
}

#[derive(Debug)]
struct Site {
    happened: mpsc::UnboundedSender<Event>,
    events: Mutex<mpsc::UnboundedReceiver<Vec<u8>>>,
}

/// The interface, for one function at a time.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    address: String,
    happened: mpsc::UnboundedReceiver<Event>,
    events: mpsc::UnboundedSender<Vec<u8>>,
    serving: AbortHandle,
}

impl RuntimeApi {
    /// Serves on the loopback address.
    pub(crate) async fn start(servers: &Handle) -> Result<Self, Failed> {
        let (told, happened) = mpsc::unbounded_channel();
        let (events, to_hand_out) = mpsc::unbounded_channel();
        let site = Arc::new(Site {
            happened: told,
            events: Mutex::new(to_hand_out),
        });
        let listener = servers.spawn(TcpListener::bind("127.0.0.1:0")).await??;
        let address = listener.local_addr()?.to_string();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .route("/2018-06-01/runtime/init/error", post(failed))
            .route("/", post(secret))
            .with_state(site);
        let serving = servers.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            address,
            happened,
            events,
            serving: serving.abort_handle(),
        })
    }

    /// Its address as a base, where it also stands in for Secrets Manager: any secret is `secret`.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts a function with this environment and nothing else.
    pub(crate) fn run(&self, program: &Path, environment: &[(&str, String)]) -> Result<Function, Failed> {
        let started = Instant::now();
        let child = Command::new(program)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (*name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", &self.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Function { child, started })
    }

    /// When the function asked for its next event.
    pub(crate) async fn polled(&mut self) -> Result<Instant, Failed> {
        match self.next().await? {
            Event::Polled(at) => Ok(at),
            Event::Answered(_) => Err("the function answered before it was asked".into()),
            Event::Failed(error) => Err(String::from_utf8_lossy(&error).into_owned().into()),
        }
    }

    /// Hands an event to a function that has polled, and waits for the answer and the next poll.
    pub(crate) async fn invoke(&mut self, event: &serde_json::Value) -> Result<serde_json::Value, Failed> {
        self.events.send(event.to_string().into_bytes())?;
        let answer = match self.next().await? {
            Event::Answered(answer) => answer,
            Event::Polled(_) => return Err("the function did not answer".into()),
            Event::Failed(error) => return Err(String::from_utf8_lossy(&error).into_owned().into()),
        };
        self.polled().await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    async fn next(&mut self) -> Result<Event, Failed> {
        let event = tokio::time::timeout(PATIENCE, self.happened.recv()).await;
        Ok(event
            .map_err(|_| "the function did nothing for two minutes")?
            .ok_or("the stand-in ended")?)
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A running function; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Function {
    child: Child,
    /// Just before its process was started.
    pub(crate) started: Instant,
}

impl Function {
    /// The most memory that it ever had, in megabytes of a million bytes.
    pub(crate) fn peak_memory(&self) -> Result<f64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kibibytes: f64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))
            .ok_or("the system does not tell a process's peak memory")?
            .trim()
            .parse()?;
        Ok(kibibytes * 1024.0 / 1e6)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn next(State(site): State<Arc<Site>>) -> Response {
    drop(site.happened.send(Event::Polled(Instant::now())));
    let Some(event) = site.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = Utc::now().timestamp_millis() + DEADLINE_SECONDS * 1000;
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
        ),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:000000000000:function:bench".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn answered(State(site): State<Arc<Site>>, body: axum::body::Bytes) -> StatusCode {
    drop(site.happened.send(Event::Answered(body.to_vec())));
    StatusCode::ACCEPTED
}

async fn failed(State(site): State<Arc<Site>>, body: axum::body::Bytes) -> StatusCode {
    drop(site.happened.send(Event::Failed(body.to_vec())));
    StatusCode::ACCEPTED
}

async fn secret(headers: HeaderMap) -> Response {
    let asked = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    if asked != Some("secretsmanager.GetSecretValue") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let body = r#"{"Name":"admin-key","SecretString":"secret","VersionId":"1"}"#;
    ([("content-type", "application/x-amz-json-1.1")], body).into_response()
}
