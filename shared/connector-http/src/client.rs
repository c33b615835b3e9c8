//! The HTTP client that everything shares.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use serde::de::DeserializeOwned;
use sync_core::failure::Failure;

use crate::guard::{AddressGuard, AddressRefused};

/// Most bytes of a body, after decompression: a page of 2,500 events with long descriptions fits, a runaway
/// answer cannot exhaust a small function's memory.
pub const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Longest wait for a connection. A server that is there answers in far less.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait for a whole answer. Slow CRMs take tens of seconds for a page; a run has fifteen minutes.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// How long an idle connection is kept. Those of a frozen function die unseen, so it is short.
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);

const USER_AGENT: &str = concat!("crm-google-sync/", env!("CARGO_PKG_VERSION"));

/// Sends requests. Cheap to clone; clones share their connections.
///
/// It follows no redirect, uses no proxy, and trusts the public roots compiled in.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    guard: Option<AddressGuard>,
}

impl HttpClient {
    /// A client for addresses from our own configuration: Google, AWS.
    ///
    /// # Errors
    /// `Other` where the TLS stack cannot be set up.
    pub fn unguarded() -> Result<Self, HttpFailure> {
        Ok(Self {
            client: built(builder()?)?,
            guard: None,
        })
    }

    /// A client for addresses that people typed in: every address is checked, by name and by number, whenever a
    /// connection is opened.
    ///
    /// # Errors
    /// `Other` where the TLS stack cannot be set up.
    pub fn guarded(guard: AddressGuard) -> Result<Self, HttpFailure> {
        Ok(Self {
            client: built(builder()?.dns_resolver(Arc::new(guard.resolver())))?,
            guard: Some(guard),
        })
    }

    /// The client underneath, for the AWS SDK's connector.
    pub fn reqwest(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// See [`HttpFailure`]. An answer of any status is an answer, not a failure.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<Answer, HttpFailure> {
        let empty = request.body().is_empty();
        let mut request = reqwest::Request::try_from(request)
            .map_err(|_| HttpFailure::Other("the request could not be put together"))?;
        if empty
            && matches!(
                *request.method(),
                http::Method::GET | http::Method::HEAD | http::Method::DELETE
            )
        {
            *request.body_mut() = None;
        }
        if let Some(guard) = &self.guard {
            guard.check_url(request.url()).map_err(HttpFailure::Address)?;
        }
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| HttpFailure::of(&error))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| HttpFailure::of(&error))? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(HttpFailure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

fn builder() -> Result<reqwest::ClientBuilder, HttpFailure> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls()?)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .gzip(true)
        .referer(false)
        .user_agent(USER_AGENT))
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, HttpFailure> {
    builder
        .build()
        .map_err(|_| HttpFailure::Other("the HTTP client could not be set up"))
}

/// ring, not aws-lc: the latter seeds itself for some 30 ms of CPU in every new process.
fn tls() -> Result<rustls::ClientConfig, HttpFailure> {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| HttpFailure::Other("the TLS stack could not be set up"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
    // A configuration that is handed in keeps its own protocol list; without it there would be no HTTP/2.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// What a server answered.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Bodies and headers hold people's data and tokens.
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// Whether the status is from 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// Where it is not JSON of that shape; the error says where, not what.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        serde_json::from_slice(&self.body).map_err(|error| Unreadable {
            line: error.line(),
            column: error.column(),
            cut: error.is_eof(),
        })
    }

    /// A header's text, where there is one.
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The instant of the `Date` header: the server's own clock, to the second.
    pub fn date(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        let date = chrono::DateTime::parse_from_rfc2822(self.header(http::header::DATE)?).ok()?;
        Some(date.to_utc())
    }

    /// How long the server asks us to wait, counted from the answer's own date where it names an instant.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header(http::header::RETRY_AFTER)?.trim();
        if let Ok(seconds) = text.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let until = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        let now = chrono::DateTime::parse_from_rfc2822(self.header(http::header::DATE)?).ok()?;
        (until - now).to_std().ok()
    }
}

/// A body that is not what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not the expected JSON (line {line}, column {column})")]
pub struct Unreadable {
    /// Line of the first fault.
    pub line: usize,
    /// Column of the first fault.
    pub column: usize,
    /// Whether the text just ends too early.
    pub cut: bool,
}

/// Why there is no answer. Never shows an address, a header or a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpFailure {
    /// The address is not allowed; nothing was sent.
    #[error("{0}")]
    Address(AddressRefused),
    /// There is no connection; nothing was sent.
    #[error("the server cannot be reached")]
    Connect,
    /// No answer in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// The connection ended before the answer did.
    #[error("the connection was cut before the answer was complete")]
    Cut,
    /// The answer is larger than we take.
    #[error("the answer is larger than {} MiB", BODY_BYTES_MAX / 1024 / 1024)]
    TooLarge,
    /// The request was never sent, for this reason.
    #[error("{0}")]
    Other(&'static str),
}

impl HttpFailure {
    /// Whether the request may have been carried out although there is no answer.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            HttpFailure::Timeout | HttpFailure::Cut | HttpFailure::TooLarge => true,
            HttpFailure::Address(_) | HttpFailure::Connect | HttpFailure::Other(_) => false,
        }
    }

    /// Whether another try might bring an answer.
    pub fn worth_another_try(&self) -> bool {
        match self {
            HttpFailure::Timeout | HttpFailure::Cut | HttpFailure::Connect => true,
            HttpFailure::Address(_) | HttpFailure::TooLarge | HttpFailure::Other(_) => false,
        }
    }

    fn of(error: &reqwest::Error) -> Self {
        if let Some(refused) = refusal(error) {
            return HttpFailure::Address(refused);
        }
        // A time-out while connecting is both; nothing was sent then.
        if error.is_connect() || error.is_dns() {
            HttpFailure::Connect
        } else if error.is_timeout() {
            HttpFailure::Timeout
        } else if error.is_builder() {
            HttpFailure::Other("the request could not be put together")
        } else {
            HttpFailure::Cut
        }
    }
}

/// The guard's refusal, where it is the cause.
fn refusal(error: &reqwest::Error) -> Option<AddressRefused> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(current) = cause {
        if let Some(refused) = current.downcast_ref::<AddressRefused>() {
            return Some(*refused);
        }
        cause = current.source();
    }
    None
}

impl From<HttpFailure> for Failure {
    fn from(failure: HttpFailure) -> Self {
        let code = match failure {
            HttpFailure::Address(_) => return Failure::permanent("address_refused", failure.to_string()),
            HttpFailure::Other(_) => return Failure::bug("request_invalid", failure.to_string()),
            HttpFailure::Connect => "unreachable",
            HttpFailure::Timeout => "timeout",
            HttpFailure::Cut => "connection_cut",
            HttpFailure::TooLarge => "answer_too_large",
        };
        Failure::retryable(code, failure.to_string(), None)
    }
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        if unreadable.cut {
            return Failure::retryable("connection_cut", "the answer ended too early", None);
        }
        Failure::bug("answer_unreadable", unreadable.to_string())
    }
}
