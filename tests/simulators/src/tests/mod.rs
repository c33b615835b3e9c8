//! Each trap once, driven over real HTTP.

mod front;
mod google_contacts;
mod google_deltas;
mod google_lists;
mod google_oauth;
mod google_people;
mod google_series;
mod google_tasks;
mod google_writes;
mod suitecrm_contacts;
mod suitecrm_dates;
mod suitecrm_lists;
mod suitecrm_login;
mod suitecrm_records;
mod suitecrm_tasks;
mod vtiger;
mod vtiger_contacts;
mod vtiger_login;
mod vtiger_queries;
mod vtiger_tasks;
mod vtiger_writes;

use std::sync::Once;

use chrono::{DateTime, TimeZone, Utc};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, redirect::Policy};
use serde_json::{Value, json};

use crate::crm::suitecrm::{SuiteCrmOptions, SuiteCrmSim};
use crate::google::{GoogleOptions, GoogleSim};

const CALENDAR: &str = "https://www.googleapis.com/auth/calendar";
const ANNA: &str = "anna@example.com";

/// A client that follows nothing and speaks for one bearer token.
#[derive(Debug, Clone)]
struct Http {
    client: Client,
    base: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Google's reason, or SuiteCRM's detail.
    fn reason(&self) -> String {
        let body = self.json();
        let google = &body["error"]["errors"][0]["reason"];
        google
            .as_str()
            .or(body["errors"]["detail"].as_str())
            .unwrap_or_default()
            .to_owned()
    }
}

impl Http {
    fn new(base: &str, token: Option<String>) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            base: base.to_owned(),
            token,
        }
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Reply {
            status,
            headers,
            text: answer.text().await.unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    async fn query(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        self.send(self.request("GET", path).query(pairs)).await
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.send(self.request(method, path).json(body)).await
    }

    async fn guarded(&self, method: &str, path: &str, etag: &str, body: &Value) -> Reply {
        self.send(self.request(method, path).header("if-match", etag).json(body))
            .await
    }

    async fn delete(&self, path: &str) -> Reply {
        self.send(self.request("DELETE", path)).await
    }

    async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Reply {
        self.send(self.request("POST", path).form(pairs)).await
    }
}

fn at(text: &str) -> DateTime<Utc> {
    let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
    Utc.from_utc_datetime(&naive)
}

/// A Google whose clock stands, and Anna's client of its Calendar API.
async fn google(options: GoogleOptions) -> (GoogleSim, Http) {
    let sim = GoogleSim::start(options).await.unwrap();
    let tokens = sim.issue_tokens(ANNA, &[CALENDAR]).unwrap();
    let http = Http::new(&sim.calendar_url(), Some(tokens.access_token));
    (sim, http)
}

async fn plain_google() -> (GoogleSim, Http) {
    google(GoogleOptions::default()).await
}

/// A timed event in UTC.
fn timed(summary: &str, start: &str, end: &str) -> Value {
    json!({ "summary": summary, "start": { "dateTime": start }, "end": { "dateTime": end } })
}

/// A CRM and its API user's client.
async fn crm(options: SuiteCrmOptions) -> (SuiteCrmSim, Http) {
    let sim = SuiteCrmSim::start(options).await.unwrap();
    let http = Http::new(sim.base_url(), None);
    let client = sim.clients().first().cloned().unwrap();
    let prefix = if sim_is_legacy(&sim).await { "/legacy" } else { "" };
    let body = json!({
        "grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret,
    });
    let answer = http
        .call("POST", &format!("{prefix}/Api/access_token"), &body)
        .await;
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    sim.traffic().reset();
    let http = Http::new(&format!("{}{prefix}/Api/V8", sim.base_url()), Some(token));
    (sim, http)
}

async fn sim_is_legacy(sim: &SuiteCrmSim) -> bool {
    Http::new(sim.base_url(), None)
        .get("/Api/V8/current-user")
        .await
        .status
        == 404
}

async fn plain_crm() -> (SuiteCrmSim, Http) {
    crm(SuiteCrmOptions::default()).await
}

/// A V8 write.
fn record(module: &str, id: Option<&str>, attributes: &Value) -> Value {
    let mut data = json!({ "type": module, "attributes": attributes });
    if let Some(id) = id {
        data["id"] = json!(id);
    }
    json!({ "data": data })
}
