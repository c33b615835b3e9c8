//! The ground that every test stands on: one installation, a simulated Google and CRM, and browsers.
//!
//! Every answer that passes here is searched for every secret that is kept, so that each test is also a test that
//! nothing leaks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use chrono::{DateTime, TimeZone, Utc};
use connections::{Connector, ConnectorParts, SealingKey, TokenStorage};
use connector_google::GoogleEndpoints;
use connector_http::client::HttpClient;
use connector_http::guard::AddressGuard;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use simulators::SimClock;
use simulators::crm::suitecrm::{SuiteCrmOptions, SuiteCrmSim};
use simulators::google::{Consent, GoogleOptions, GoogleSim};
use sync_core::id::AccountLinkId;
use sync_core::port::{Clock, Entropy, Schedules, SecretText, Secrets};
use sync_engine::connections::Connections;
use sync_engine::in_memory::{InMemorySchedules, InMemorySecrets, InMemoryStore};
use sync_engine::memory::{AccountLink, Memory};
use sync_engine::run::{Doors, Engine};
use tower::ServiceExt;
use url::{Url, form_urlencoded};
use web::link_token::{self, Claims};
use web::{App, WebConfig};

pub(crate) const ADMIN_KEY: &str = "the administrator's key, long enough";
pub(crate) const PUBLIC_URL: &str = "http://sync.example.com";
pub(crate) const ANNA: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const CRM_SECRET: &str = "simulated-crm-secret";

/// How an installation is set up.
pub(crate) struct Setup {
    pub(crate) public_url: Option<&'static str>,
    pub(crate) forwarded_is_trusted: bool,
    pub(crate) allow_private: bool,
    pub(crate) token_storage: TokenStorage,
    pub(crate) admin_key: Option<&'static str>,
    /// The address of somebody who is no user of the CRM.
    pub(crate) absent: Option<&'static str>,
    /// Whether the Google client's app is in "Testing".
    pub(crate) testing_app: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            public_url: Some(PUBLIC_URL),
            forwarded_is_trusted: false,
            allow_private: true,
            token_storage: TokenStorage::SecretsManager,
            admin_key: Some(ADMIN_KEY),
            absent: None,
            testing_app: false,
        }
    }
}

pub(crate) struct Ground {
    pub(crate) router: Router,
    app: Arc<App>,
    pub(crate) memory: Memory,
    pub(crate) store: Arc<InMemoryStore>,
    pub(crate) secrets: Arc<InMemorySecrets>,
    pub(crate) schedules: Arc<InMemorySchedules>,
    pub(crate) google: GoogleSim,
    pub(crate) crm: SuiteCrmSim,
    pub(crate) clock: SimClock,
    http: HttpClient,
}

#[derive(Debug)]
struct GroundClock(SimClock);

impl Clock for GroundClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}

#[derive(Debug)]
struct SeededEntropy(Mutex<StdRng>);

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(buffer);
    }
}

/// What was answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// The fields that a problem names, after checking that it is a well-formed one.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Vec<String> {
        assert_eq!(
            (self.status.as_u16(), self.header("content-type")),
            (status, "application/problem+json"),
            "{self:?}"
        );
        let body = self.json();
        for part in ["type", "title", "detail"] {
            assert!(
                body[part].as_str().is_some_and(|text| !text.is_empty()),
                "{part} in {body}"
            );
        }
        assert_eq!(body["status"], json!(status));
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let fields = errors.iter().map(|error| {
            assert!(
                error["message"].as_str().is_some_and(|text| !text.is_empty()),
                "{body}"
            );
            error["field"].as_str().unwrap().to_owned()
        });
        fields.collect()
    }

    /// The address of a link on the page that leads to `prefix`.
    #[track_caller]
    pub(crate) fn link_to(&self, prefix: &str) -> String {
        let mark = format!("href=\"{prefix}");
        let rest = self.body.split_once(&mark);
        let (_, rest) = rest.unwrap_or_else(|| panic!("no link to {prefix} in {}", self.body));
        unescaped(&format!("{prefix}{}", rest.split('"').next().unwrap()))
    }

    /// The form token of the page.
    #[track_caller]
    pub(crate) fn form_token(&self) -> String {
        let rest = self.body.split_once("name=\"form_token\" value=\"");
        let (_, rest) = rest.unwrap_or_else(|| panic!("no form in {}", self.body));
        unescaped(rest.split('"').next().unwrap())
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
}

/// A browser with its cookies.
#[derive(Debug, Default, Clone)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let start = Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap();
        let clock = SimClock::stopped(start);
        let google = GoogleSim::start(GoogleOptions {
            clock: clock.clone(),
            testing_app: setup.testing_app,
            ..GoogleOptions::default()
        })
        .await
        .unwrap();
        let mut options = SuiteCrmOptions {
            clock: clock.clone(),
            ..SuiteCrmOptions::default()
        };
        options
            .users
            .retain(|user| setup.absent != Some(user.email.as_str()));
        let crm = SuiteCrmSim::start(options).await.unwrap();
        let door_clock: Arc<dyn Clock> = Arc::new(GroundClock(clock.clone()));
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy(Mutex::new(StdRng::seed_from_u64(7))));
        let store = Arc::new(InMemoryStore::new(Arc::clone(&door_clock)));
        let memory = Memory::new(Arc::clone(&store) as Arc<dyn sync_core::port::Store>);
        let secrets = Arc::new(InMemorySecrets::new());
        let schedules = Arc::new(InMemorySchedules::new());
        let endpoints = GoogleEndpoints {
            auth: google.auth_url(),
            token: google.token_url(),
            revoke: google.revoke_url(),
            userinfo: google.openid_userinfo_url(),
            calendar: google.calendar_url(),
            tasks: google.tasks_url(),
            people: google.people_url(),
        };
        let http = HttpClient::unguarded().unwrap();
        let guard = AddressGuard {
            allow_private: setup.allow_private,
        };
        let connector = Arc::new(Connector::new(ConnectorParts {
            memory: memory.clone(),
            secrets: Arc::clone(&secrets) as Arc<dyn Secrets>,
            sealing_key: SealingKey::InSecrets,
            token_storage: setup.token_storage,
            google: endpoints.clone(),
            google_http: http.clone(),
            crm_http: HttpClient::guarded(guard).unwrap(),
            remember: connections::REMEMBERED,
            google_pacing: None,
            clock: Arc::clone(&door_clock),
            entropy: Arc::clone(&entropy),
        }));
        let engine = Engine::new(Doors {
            memory: memory.clone(),
            connections: Arc::clone(&connector) as Arc<dyn Connections>,
            schedules: Arc::clone(&schedules) as Arc<dyn Schedules>,
            clock: Arc::clone(&door_clock),
            entropy: Arc::clone(&entropy),
        });
        let app = Arc::new(App {
            memory: memory.clone(),
            secrets: Arc::clone(&secrets) as Arc<dyn Secrets>,
            schedules: Arc::clone(&schedules) as Arc<dyn Schedules>,
            engine,
            connector,
            google: endpoints,
            http: http.clone(),
            clock: door_clock,
            entropy,
            config: WebConfig {
                public_url: setup.public_url.map(str::to_owned),
                admin_key: setup.admin_key.map(SecretText::from),
                forwarded_is_trusted: setup.forwarded_is_trusted,
                crm_guard: guard,
                wait_limit: Duration::from_secs(20),
            },
        });
        Self {
            router: web::router(Arc::clone(&app)),
            app,
            memory,
            store,
            secrets,
            schedules,
            google,
            crm,
            clock,
            http,
        }
    }

    /// The same installation, after its administrator's key was changed.
    pub(crate) fn with_admin_key(self, key: &str) -> Self {
        let app = &self.app;
        let app = Arc::new(App {
            memory: app.memory.clone(),
            secrets: Arc::clone(&app.secrets),
            schedules: Arc::clone(&app.schedules),
            engine: app.engine.clone(),
            connector: Arc::clone(&app.connector),
            google: app.google.clone(),
            http: app.http.clone(),
            clock: Arc::clone(&app.clock),
            entropy: Arc::clone(&app.entropy),
            config: WebConfig {
                admin_key: Some(SecretText::from(key)),
                ..app.config.clone()
            },
        });
        Self {
            router: web::router(Arc::clone(&app)),
            app,
            ..self
        }
    }

    /// Sends a request, and searches what comes back for secrets.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.send_unsearched(request).await;
        let shown = format!("{:?} {}", answer.headers, answer.body);
        for secret in self.kept_secrets().await {
            assert!(!shown.contains(&secret), "a secret was shown: {shown}");
        }
        answer
    }

    /// Sends a request whose answer may show a secret: the one call that does.
    pub(crate) async fn send_unsearched(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Every secret text that is kept, and the administrator's key.
    async fn kept_secrets(&self) -> Vec<String> {
        let mut found = vec![ADMIN_KEY.to_owned()];
        for name in self.secrets.names() {
            let Some(text) = self.secrets.get(&name).await.unwrap() else {
                continue;
            };
            match serde_json::from_str::<Value>(text.expose_secret()) {
                Ok(value) => secret_leaves(&value, "", &mut found),
                Err(_) => found.push(text.expose_secret().to_owned()),
            }
        }
        found
    }

    /// An administration call.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &str) -> Answer {
        self.send(api_request(method, path, body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.call(Method::POST, path, "").await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, &body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, &body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, "").await
    }

    /// The registration of the simulated CRM.
    pub(crate) fn registration(&self) -> Value {
        json!({
            "kind": "suitecrm",
            "label": "Acme CRM",
            "base_url": self.crm.base_url(),
            "auth": { "client_id": "c0ffee00-0000-4000-8000-000000000001", "client_secret": CRM_SECRET },
        })
    }

    /// Registers the CRM, installs the Google client and makes a link key, which is the answer.
    pub(crate) async fn set_up(&self) -> (String, SecretText) {
        self.set_up_with(&self.registration()).await
    }

    pub(crate) async fn set_up_with(&self, registration: &Value) -> (String, SecretText) {
        assert_eq!(self.put("/api/v1/crms/acme", registration).await.status, 201);
        let file = self
            .google
            .client_file(&format!("{PUBLIC_URL}/oauth/google/callback"));
        assert_eq!(
            self.put("/api/v1/crms/acme/google-client", &file).await.status,
            200
        );
        self.new_link_key().await
    }

    pub(crate) async fn new_link_key(&self) -> (String, SecretText) {
        let answer = self
            .send_unsearched(api_request(Method::POST, "/api/v1/crms/acme/link-key", ""))
            .await;
        assert_eq!(answer.status, 200);
        let body = answer.json();
        (
            body["key_id"].as_str().unwrap().to_owned(),
            SecretText::from(body["key"].as_str().unwrap()),
        )
    }

    /// The claims of a link token for Anna.
    pub(crate) fn claims(&self, jti: &str) -> Claims {
        let now = self.clock.now().timestamp();
        Claims {
            iss: "acme".to_owned(),
            sub: ANNA.to_owned(),
            iat: now,
            exp: now + 300,
            jti: jti.to_owned(),
            email: Some("anna@example.com".to_owned()),
            name: Some("Anna Rossi".to_owned()),
            locale: Some("en".to_owned()),
            return_url: None,
        }
    }

    /// `GET /authorize` with a signed token.
    pub(crate) async fn authorize(
        &self,
        browser: &mut Browser,
        key: &(String, SecretText),
        claims: &Claims,
    ) -> Answer {
        let token = link_token::sign(claims, &key.0, &key.1).unwrap();
        browser
            .get(self, &format!("/authorize?crm={}&token={token}", claims.iss))
            .await
    }

    /// What Google's page leads back to, for whoever decides like this there.
    pub(crate) async fn decide_at_google(&self, address: &str, consent: Consent) -> String {
        self.google.set_consent(Some(consent));
        let request = http::Request::get(address).body(Vec::new()).unwrap();
        let answer = self.http.send(request).await.unwrap();
        assert_eq!(
            answer.status,
            302,
            "Google shows an error: {}",
            String::from_utf8_lossy(&answer.body)
        );
        let back = Url::parse(answer.header(header::LOCATION).unwrap()).unwrap();
        format!("{}?{}", back.path(), back.query().unwrap_or_default())
    }

    /// The whole way from a page with a link to Google and back.
    pub(crate) async fn consent(&self, browser: &mut Browser, page: &Answer, consent: Consent) -> Answer {
        assert_eq!(page.status, 200, "{}", page.body);
        let address = page.link_to(&self.google.auth_url());
        let back = self.decide_at_google(&address, consent).await;
        browser.get(self, &back).await
    }

    /// Links Anna by a signed token and answers with her browser.
    pub(crate) async fn link_anna(&self, key: &(String, SecretText)) -> Browser {
        let mut browser = Browser::default();
        let page = self.authorize(&mut browser, key, &self.claims("first")).await;
        let back = self
            .consent(&mut browser, &page, Consent::all("anna@example.com"))
            .await;
        assert_eq!(
            (back.status.as_u16(), back.location()),
            (303, "/me?done=linked"),
            "{}",
            back.body
        );
        browser
    }

    pub(crate) fn anna() -> AccountLinkId {
        AccountLinkId::new("acme", ANNA)
    }

    pub(crate) async fn link(&self) -> Option<AccountLink> {
        self.memory.account_link(&Self::anna()).await.unwrap()
    }
}

/// Texts of a secret, but for the parts of it that are shown.
fn secret_leaves(value: &Value, name: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !["client_id", "username", "key_id", "not_after"].contains(&name) => {
            found.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| secret_leaves(item, name, found)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| secret_leaves(value, name, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

pub(crate) fn api_request(method: Method, path: &str, body: &str) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {ADMIN_KEY}"));
    request.body(Body::from(body.to_owned())).unwrap()
}

impl Browser {
    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookies.join("; "))
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub(crate) async fn get(&mut self, ground: &Ground, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        let answer = ground.send(request).await;
        self.keep(&answer);
        answer
    }

    /// Sends a form, with the form token of the page it is on.
    pub(crate) async fn submit(
        &mut self,
        ground: &Ground,
        page: &Answer,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let token = page.form_token();
        let mut all = vec![("form_token", token.as_str())];
        all.extend_from_slice(fields);
        self.post(ground, path, &all).await
    }

    pub(crate) async fn post(&mut self, ground: &Ground, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = ground.send(self.form(path, fields)).await;
        self.keep(&answer);
        answer
    }

    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(Body::from(body)).unwrap()
    }

    /// Sends a form with a file.
    pub(crate) async fn upload(&mut self, ground: &Ground, page: &Answer, path: &str, file: &str) -> Answer {
        let token = page.form_token();
        let body = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n{token}\r\n--cut\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"client.json\"\r\n\
             Content-Type: application/json\r\n\r\n{file}\r\n--cut--\r\n"
        );
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
        let answer = ground.send(request.body(Body::from(body)).unwrap()).await;
        self.keep(&answer);
        answer
    }

    /// Signs the administrator in.
    pub(crate) async fn admin(ground: &Ground) -> Self {
        let mut browser = Self::default();
        let page = browser.get(ground, "/admin").await;
        let answer = browser
            .submit(ground, &page, "/admin/sign-in", &[("key", ADMIN_KEY)])
            .await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/admin"));
        browser
    }
}
