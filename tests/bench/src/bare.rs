//! The same requests without anything around them: taken from a simulator's log and sent again by the same client.

use std::time::Instant;

use connector_http::client::HttpClient;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use simulators::Logged;

use crate::Failed;
use crate::crm::Product;
use crate::world::{Clients, World};

/// Sends requests to one server.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    http: HttpClient,
    base: String,
    /// `None` where the requests carry their session themselves.
    token: Option<String>,
}

impl Sender {
    /// To the simulated Google, as this account.
    pub(crate) fn to_google(world: &World, clients: &Clients, email: &str) -> Result<Self, Failed> {
        Ok(Self {
            http: clients.google.clone(),
            base: world.google.base_url().to_owned(),
            token: Some(world.google_tokens(email)?.access_token),
        })
    }

    /// To the simulated CRM; costs the call for SuiteCRM's token, while Vtiger's session is in the requests.
    pub(crate) async fn to_crm(world: &World, clients: &Clients) -> Result<Self, Failed> {
        let token = match world.product {
            Product::SuiteCrm => Some(Self::crm_token(world, clients).await?),
            Product::Vtiger => None,
        };
        Ok(Self {
            http: clients.crm.clone(),
            base: world.crm.base_url().to_owned(),
            token,
        })
    }

    async fn crm_token(world: &World, clients: &Clients) -> Result<String, Failed> {
        let mut body = world.crm.sign_in()?;
        if let Some(body) = body.as_object_mut() {
            body.insert("grant_type".to_owned(), "client_credentials".into());
        }
        let request = http::Request::post(format!("{}/Api/access_token", world.crm.base_url()))
            .header("content-type", "application/json")
            .body(body.to_string().into_bytes())?;
        let answer: Value = clients.crm.send(request).await?.json()?;
        let token = answer.get("access_token").and_then(Value::as_str);
        Ok(token.ok_or("the CRM gave no token")?.to_owned())
    }

    async fn send(&self, logged: &Logged) -> Result<(), Failed> {
        let mut request = http::Request::builder()
            .method(logged.method.as_str())
            .uri(format!("{}{}", self.base, logged.target));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for name in ["accept", "content-type"] {
            if let Some(value) = logged.header(name) {
                request = request.header(name, value);
            }
        }
        let answer = self
            .http
            .send(request.body(logged.body.clone().into_bytes())?)
            .await?;
        if Some(answer.status) == logged.status {
            Ok(())
        } else {
            Err(format!("a request sent again was answered {}", answer.status).into())
        }
    }

    /// One after the other.
    pub(crate) async fn chain(&self, requests: &[&Logged]) -> Result<(), Failed> {
        for logged in requests {
            self.send(logged).await?;
        }
        Ok(())
    }

    /// So many at once.
    pub(crate) async fn side_by_side(&self, requests: &[&Logged], at_once: usize) -> Result<(), Failed> {
        stream::iter(requests)
            .map(|logged| self.send(logged))
            .buffer_unordered(at_once)
            .try_collect()
            .await
    }
}

/// How long it takes, in milliseconds.
pub(crate) async fn milliseconds<T>(
    work: impl Future<Output = Result<T, Failed>>,
) -> Result<(f64, T), Failed> {
    let started = Instant::now();
    let done = work.await?;
    Ok((started.elapsed().as_secs_f64() * 1e3, done))
}
