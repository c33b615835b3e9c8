//! What the tests start from: doors in memory, a clock that stands, a token server on the loopback address.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use chrono::{DateTime, Duration, Utc};
use connector_google::endpoints::GoogleEndpoints;
use connector_http::client::HttpClient;
use connector_http::guard::AddressGuard;
use sealing::Sealer;
use serde_json::{Map, json};
use sync_core::id::AccountLinkId;
use sync_core::policy::Settings;
use sync_core::port::{Clock, Entropy, SecretText, Secrets, SecretsFailure};
use sync_engine::in_memory::{InMemorySecrets, InMemoryStore};
use sync_engine::memory::{
    AccountLink, AccountLinkBody, CrmRegistration, GoogleAccount, Memory, Progress, Stored,
};

use crate::{Connector, ConnectorParts, REMEMBERED, SealingKey, TokenStorage};

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(super) struct Hands(Mutex<DateTime<Utc>>);

impl Hands {
    pub(super) fn forward(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Bytes that differ from call to call.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = u8::try_from(self.0.fetch_add(1, Ordering::SeqCst) % 251).unwrap();
        }
    }
}

/// Secrets that write down what is done with them.
#[derive(Debug, Default)]
pub(super) struct Watched {
    inner: InMemorySecrets,
    pub(super) log: Mutex<Vec<String>>,
}

#[async_trait]
impl Secrets for Watched {
    async fn get(&self, name: &str) -> Result<Option<SecretText>, SecretsFailure> {
        self.log.lock().unwrap().push(format!("get {name}"));
        // Lets others in between the look and what follows from it.
        tokio::task::yield_now().await;
        self.inner.get(name).await
    }

    async fn put(&self, name: &str, value: &SecretText) -> Result<(), SecretsFailure> {
        tokio::task::yield_now().await;
        self.log.lock().unwrap().push(format!("put {name}"));
        self.inner.put(name, value).await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretsFailure> {
        self.log.lock().unwrap().push(format!("delete {name}"));
        self.inner.delete(name).await
    }
}

impl Watched {
    pub(super) fn count(&self, line: &str) -> usize {
        self.log
            .lock()
            .unwrap()
            .iter()
            .filter(|known| *known == line)
            .count()
    }

    pub(super) async fn set(&self, name: &str, value: &str) {
        self.inner.put(name, &SecretText::from(value)).await.unwrap();
    }

    pub(super) async fn text(&self, name: &str) -> Option<String> {
        use secrecy::ExposeSecret;
        self.inner
            .get(name)
            .await
            .unwrap()
            .map(|text| text.expose_secret().to_owned())
    }
}

/// Answers of the token server and the list of calendars, in order, and the forms the former got.
#[derive(Debug, Default)]
pub(super) struct TokenServer {
    pub(super) answers: Mutex<VecDeque<(u16, String)>>,
    pub(super) forms: Mutex<Vec<String>>,
    /// Where it is.
    address: Mutex<String>,
}

impl TokenServer {
    async fn start() -> Arc<Self> {
        let server = Arc::new(Self::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        *server.address.lock().unwrap() = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&server);
        let router = Router::new().route(
            "/token",
            post(move |form: String| async move {
                shared.forms.lock().unwrap().push(form);
                let (status, body) = shared
                    .answers
                    .lock()
                    .unwrap()
                    .pop_front()
                    .unwrap_or((500, "no answer was prepared".to_owned()));
                let headers = [("content-type", "application/json")];
                (StatusCode::from_u16(status).unwrap(), headers, body)
            }),
        );
        let shared = Arc::clone(&server);
        let router = router.route(
            "/calendar/v3/users/me/calendarList",
            axum::routing::get(move || async move {
                let (status, body) = shared
                    .answers
                    .lock()
                    .unwrap()
                    .pop_front()
                    .unwrap_or((500, "no answer was prepared".to_owned()));
                (StatusCode::from_u16(status).unwrap(), body)
            }),
        );
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    pub(super) fn will_answer(&self, status: u16, body: &serde_json::Value) {
        self.answers.lock().unwrap().push_back((status, body.to_string()));
    }

    pub(super) fn will_give(&self, token: &str) {
        self.will_answer(
            200,
            &json!({"access_token": token, "token_type": "Bearer", "expires_in": 3599}),
        );
    }

    pub(super) fn asked(&self) -> usize {
        self.forms.lock().unwrap().len()
    }
}

/// Everything a test needs.
pub(super) struct Setting {
    pub(super) clock: Arc<Hands>,
    pub(super) memory: Memory,
    pub(super) secrets: Arc<Watched>,
    pub(super) server: Arc<TokenServer>,
    entropy: Arc<dyn Entropy>,
}

pub(super) const GOOGLE_CLIENT: &str = r#"{"client_id":"the-client","client_secret":"its-secret"}"#;
pub(super) const SUITE_AUTH: &str = r#"{"client_id":"c","client_secret":"s"}"#;
pub(super) const REFRESH_SECRET: &str = "link/acme/42/google";

impl Setting {
    /// An installation with one CRM, its Google client, and one authorised user.
    pub(super) async fn new() -> Self {
        let start = "2026-03-01T08:00:00Z".parse().unwrap();
        let clock = Arc::new(Hands(Mutex::new(start)));
        let memory = Memory::new(Arc::new(InMemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>)));
        let setting = Self {
            clock,
            memory,
            secrets: Arc::default(),
            server: TokenServer::start().await,
            entropy: Arc::new(Counting::default()),
        };
        setting.memory.put_crm(&registration(start), None).await.unwrap();
        setting
            .secrets
            .set(&CrmRegistration::auth_secret("acme"), SUITE_AUTH)
            .await;
        setting
            .secrets
            .set(&CrmRegistration::google_client_secret("acme"), GOOGLE_CLIENT)
            .await;
        setting.secrets.set(REFRESH_SECRET, "refresh-1").await;
        setting
    }

    /// A connector as one process would have it.
    pub(super) fn connector(&self, key: SealingKey, storage: TokenStorage) -> Connector {
        let address = self.server.address.lock().unwrap().clone();
        Connector::new(ConnectorParts {
            memory: self.memory.clone(),
            secrets: Arc::clone(&self.secrets) as Arc<dyn Secrets>,
            sealing_key: key,
            token_storage: storage,
            google: GoogleEndpoints {
                token: format!("{address}/token"),
                calendar: format!("{address}/calendar/v3"),
                ..GoogleEndpoints::default()
            },
            google_http: HttpClient::unguarded().unwrap(),
            crm_http: HttpClient::guarded(AddressGuard { allow_private: true }).unwrap(),
            remember: REMEMBERED,
            google_pacing: None,
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&self.entropy),
        })
    }

    /// A connector with a known key, and one secret for each account link.
    pub(super) fn plain(&self) -> Connector {
        self.connector(
            SealingKey::Known(Sealer::new([7; 32])),
            TokenStorage::SecretsManager,
        )
    }
}

/// The account link, as a run would read it.
pub(super) fn link(google_access: Option<String>) -> AccountLink {
    AccountLink {
        id: AccountLinkId::new("acme", "42"),
        body: Stored {
            value: AccountLinkBody {
                name: None,
                email: None,
                locale: None,
                google: Some(GoogleAccount {
                    subject: "117".to_owned(),
                    email: "anna@example.com".to_owned(),
                    scopes: Vec::new(),
                    unticked: Vec::new(),
                    ends_at: None,
                    authorized_at: "2026-02-01T00:00:00Z".parse().unwrap(),
                }),
                settings: Settings::default(),
                linked_at: "2026-02-01T00:00:00Z".parse().unwrap(),
                confirmation: None,
            },
            version: 1,
        },
        progress: Progress {
            google_access,
            ..Progress::default()
        },
    }
}

pub(super) fn registration(updated_at: DateTime<Utc>) -> CrmRegistration {
    CrmRegistration {
        crm: "acme".to_owned(),
        kind: "suitecrm".to_owned(),
        label: "Acme".to_owned(),
        base_url: "http://127.0.0.1:9/".to_owned(),
        auth_shown: Map::new(),
        settings: json!({}),
        allow_framing: false,
        google_client_id: None,
        created_at: updated_at,
        updated_at,
    }
}
