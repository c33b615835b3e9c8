//! Vtiger's web service as a client has it.

use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{Http, Reply};
use crate::SimClock;
use crate::crm::vtiger::{Version, VtigerOptions, VtigerSim};

/// A simulated Vtiger and a session of its first user, an administrator.
pub(super) struct Site {
    pub(super) sim: VtigerSim,
    pub(super) http: Http,
    pub(super) session: String,
}

/// A release on a clock that stands.
pub(super) fn options(version: Version) -> VtigerOptions {
    VtigerOptions {
        version,
        clock: SimClock::stopped("2026-11-22T09:00:00Z".parse().unwrap()),
        ..VtigerOptions::default()
    }
}

pub(super) async fn site(version: Version) -> Site {
    Site::start(options(version)).await
}

/// What follows a warning of PHP, or the whole body.
fn envelope(text: &str) -> Value {
    let at = text.find("{\"success\"");
    let envelope = at.and_then(|at| text.get(at..));
    serde_json::from_str(envelope.unwrap_or_else(|| panic!("no envelope: {text}"))).unwrap()
}

impl Site {
    pub(super) async fn start(options: VtigerOptions) -> Self {
        let sim = VtigerSim::start(options).await.unwrap();
        let mut site = Self {
            http: Http::new(sim.base_url(), None),
            sim,
            session: String::new(),
        };
        site.session = site.session_of("sync", "syncSimulatedKey").await;
        site
    }

    pub(super) async fn session_of(&self, user: &str, key: &str) -> String {
        let token = self.challenge(user).await;
        let answer = self.login(user, &token, key).await;
        answer["result"]["sessionName"].as_str().unwrap().to_owned()
    }

    pub(super) async fn challenge(&self, user: &str) -> String {
        let answer = self
            .get(&[("operation", "getchallenge"), ("username", user)])
            .await;
        answer["result"]["token"].as_str().unwrap().to_owned()
    }

    pub(super) async fn login(&self, user: &str, token: &str, key: &str) -> Value {
        let digest = Md5::digest(format!("{token}{key}").as_bytes());
        let access_key = data_encoding::HEXLOWER.encode(digest.as_slice());
        let form = [
            ("operation", "login"),
            ("username", user),
            ("accessKey", access_key.as_str()),
        ];
        envelope(&self.raw_post(&form).await.text)
    }

    pub(super) async fn code_of_login(&self, user: &str, token: &str, key: &str) -> String {
        let answer = self.login(user, token, key).await;
        answer["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) async fn raw_get(&self, pairs: &[(&str, &str)]) -> Reply {
        self.http.query("/webservice.php", pairs).await
    }

    pub(super) async fn raw_post(&self, pairs: &[(&str, &str)]) -> Reply {
        self.http.form("/webservice.php", pairs).await
    }

    pub(super) async fn get(&self, pairs: &[(&str, &str)]) -> Value {
        envelope(&self.raw_get(pairs).await.text)
    }

    pub(super) async fn raw_query(&self, query: &str) -> Reply {
        self.raw_get(&[
            ("operation", "query"),
            ("sessionName", &self.session),
            ("query", query),
        ])
        .await
    }

    pub(super) async fn query(&self, query: &str) -> Value {
        self.query_in(&self.session, query).await
    }

    pub(super) async fn query_in(&self, session: &str, query: &str) -> Value {
        self.get(&[("operation", "query"), ("sessionName", session), ("query", query)])
            .await
    }

    /// The ids that a query finds, in its order.
    pub(super) async fn ids(&self, query: &str) -> Vec<String> {
        ids(&self.query(query).await)
    }

    pub(super) async fn retrieve(&self, id: &str) -> Value {
        self.get(&[
            ("operation", "retrieve"),
            ("sessionName", &self.session),
            ("id", id),
        ])
        .await
    }

    pub(super) async fn raw_write(&self, operation: &str, element: &Value, more: &[(&str, &str)]) -> Reply {
        let element = element.to_string();
        let module = if operation == "create" { "Events" } else { "" };
        let mut form = vec![
            ("operation", operation),
            ("sessionName", self.session.as_str()),
            ("elementType", module),
            ("element", element.as_str()),
        ];
        // A later field of a form takes the place of an earlier one.
        form.extend_from_slice(more);
        self.raw_post(&form).await
    }

    pub(super) async fn write(&self, operation: &str, element: &Value, more: &[(&str, &str)]) -> Value {
        envelope(&self.raw_write(operation, element, more).await.text)
    }
}

/// The ids of an answer's rows.
pub(super) fn ids(answer: &Value) -> Vec<String> {
    let rows = answer["result"].as_array().unwrap_or_else(|| panic!("{answer}"));
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

/// A whole event of Anna's.
pub(super) fn event(subject: &str) -> Value {
    json!({
        "subject": subject, "assigned_user_id": "19x7", "date_start": "2026-12-01", "time_start": "10:00:00",
        "due_date": "2026-12-01", "time_end": "11:15", "duration_hours": "0", "eventstatus": "Planned",
        "activitytype": "Meeting",
    })
}
