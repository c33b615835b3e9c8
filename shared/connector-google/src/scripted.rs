//! A Google that answers as a test says, and what every test of this crate needs around it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::token::{AccessToken, TokenSource};
use serde_json::{Value, json};
use sync_core::failure::Failure;
use sync_core::id::AccountLinkId;
use sync_core::port::{Entropy, SecretText};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Seen {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The running server.
#[derive(Debug)]
pub(crate) struct Scripted {
    /// Its address, without a path.
    pub(crate) base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Scripted {
    /// Answers every request by the function; ends with the test's runtime.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        let handler = move |request: Request| {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let url = url::Url::parse(&format!("http://localhost{}", parts.uri)).unwrap();
                let request = Seen {
                    method: parts.method.to_string(),
                    path: url.path().to_owned(),
                    query: url.query_pairs().into_owned().collect(),
                    body: serde_json::from_slice(&body).unwrap_or(Value::Null),
                };
                log.lock().unwrap().push(request.clone());
                let (status, body) = answer(&request);
                let status = axum::http::StatusCode::from_u16(status).unwrap();
                (status, axum::Json(body)).into_response()
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
        Self { base, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// Google's older error answer.
pub(crate) fn error(status: u16, reason: &str) -> (u16, Value) {
    let errors = json!([{ "domain": "global", "reason": reason, "message": "x" }]);
    (
        status,
        json!({ "error": { "code": status, "message": "x", "errors": errors } }),
    )
}

/// Google's newer error answer.
pub(crate) fn status(code: u16, word: &str, reason: Option<&str>) -> (u16, Value) {
    let mut error = json!({ "code": code, "message": "x", "status": word });
    if let Some(reason) = reason {
        error["details"] = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason }]);
    }
    (code, json!({ "error": error }))
}

/// A way out without a pace.
pub(crate) fn lane(concurrency: usize) -> Lane {
    Lane::new(HttpClient::unguarded().unwrap(), concurrency, Arc::new(Zeroes))
}

/// One token for ever.
pub(crate) fn token(text: &str) -> Arc<dyn TokenSource> {
    Arc::new(OneToken(text.to_owned()))
}

/// The account link of all tests.
pub(crate) fn link() -> AccountLinkId {
    AccountLinkId::new("acme", "user-1")
}

#[derive(Debug)]
struct OneToken(String);

#[async_trait]
impl TokenSource for OneToken {
    async fn token(&self) -> Result<AccessToken, Failure> {
        Ok(AccessToken {
            text: SecretText::from(self.0.clone()),
            expires_at: DateTime::<Utc>::MAX_UTC,
        })
    }

    async fn replace(&self, _refused: &AccessToken) -> Result<AccessToken, Failure> {
        self.token().await
    }
}

#[derive(Debug)]
struct Zeroes;

impl Entropy for Zeroes {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}
