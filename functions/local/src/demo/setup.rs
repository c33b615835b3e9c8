//! Setting up as a customer does: the administrator registers the CRM and installs the Google client, the CRM signs
//! a link, Anna follows it to Google and back.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use simulators::crm::suitecrm::Grant;
use simulators::google::Consent;
use sync_core::port::Entropy;
use web::link_token::{self, Claims};

use super::browser::Browser;
use super::pages::Demo;
use super::world::{CRM, World};
use crate::ending::Trouble;
use crate::installation::Installation;

/// The key with which the CRM signs its links.
#[derive(Debug, Clone)]
pub(super) struct LinkKey {
    key_id: String,
    key: SecretString,
}

impl LinkKey {
    /// The address to which the CRM's button leads Anna; good once, for five minutes.
    pub(super) fn authorize_address(
        &self,
        origin: &str,
        world: &World,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Result<String, Trouble> {
        let mut name = [0; 16];
        entropy.fill(&mut name);
        let claims = Claims {
            iss: CRM.to_owned(),
            sub: world.anna.id.clone(),
            iat: now.timestamp(),
            exp: (now + TimeDelta::minutes(5)).timestamp(),
            jti: BASE64URL_NOPAD.encode(&name),
            email: Some(world.email.clone()),
            name: Some(format!("{} {}", world.anna.first_name, world.anna.last_name)),
            locale: None,
            return_url: None,
        };
        let token = link_token::sign(&claims, &self.key_id, &self.key)
            .map_err(|_| Trouble::Other("the demo's link could not be signed".to_owned()))?;
        Ok(format!("{origin}/authorize?crm={CRM}&token={token}"))
    }
}

/// The simulated servers are new at every start, so what an earlier demo kept of theirs is of no use.
pub(super) async fn forget_earlier(installation: &Installation) -> Result<(), Trouble> {
    let failed = |failure: sync_core::port::StoreFailure| Trouble::Other(failure.to_string());
    let memory = &installation.memory;
    loop {
        let page = memory.account_links(CRM, None, 100).await.map_err(failed)?;
        if page.items.is_empty() {
            break;
        }
        for link in page.items {
            memory.remove_account_link(&link.id).await.map_err(failed)?;
        }
    }
    memory.remove_crm(CRM).await.map_err(failed)
}

/// Registers, installs, links. Returns the key with which the CRM signs.
pub(super) async fn link_anna(
    mut browser: Browser,
    origin: &str,
    admin_key: &SecretString,
    world: &World,
    demo: &Demo,
) -> Result<LinkKey, Trouble> {
    let key = admin_key.expose_secret();
    let api = format!("{origin}/api/v1/crms/{CRM}");
    let client = world
        .crm
        .clients()
        .into_iter()
        .find(|client| matches!(client.grant, Grant::ClientCredentials { .. }))
        .ok_or_else(|| Trouble::Other("the simulated CRM has no client".to_owned()))?;
    let registration = json!({
        "kind": "suitecrm", "label": "Demo CRM", "base_url": world.crm.base_url(),
        "auth": { "client_id": client.id, "client_secret": client.secret },
    });
    browser.call(Method::PUT, &api, key, &registration).await?;
    let file = world
        .google
        .client_file(&format!("{origin}/oauth/google/callback"));
    browser
        .call(Method::PUT, &format!("{api}/google-client"), key, &file)
        .await?;
    let made = browser
        .call(Method::POST, &format!("{api}/link-key"), key, &json!({}))
        .await?;
    let text = |name: &str| {
        made.get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let link_key = LinkKey {
        key_id: text("key_id"),
        key: SecretString::from(text("key")),
    };

    let address = demo.authorize_address(&link_key)?;
    let (_, shown) = browser.open(&address).await?;
    let consent = google_address(&shown.body)
        .ok_or_else(|| Trouble::Other(format!("the authorize page leads nowhere ({})", shown.status)))?;
    // Nobody is there to press "Allow" yet; whoever comes later is shown Google's page.
    world.google.set_consent(Some(Consent::all(&world.email)));
    let (end, answer) = browser.open(&consent).await?;
    world.google.set_consent(None);
    if answer.status == 200 && end.path() == "/me" {
        Ok(link_key)
    } else {
        Err(Trouble::Other(format!(
            "linking ended at {} with {}",
            end.path(),
            answer.status
        )))
    }
}

/// The address behind "Continue to Google".
fn google_address(page: &[u8]) -> Option<String> {
    let page = std::str::from_utf8(page).ok()?;
    let link = page
        .split("<a ")
        .find(|link| link.contains("/o/oauth2/v2/auth"))?;
    let address = link.split("href=\"").nth(1)?.split('"').next()?;
    Some(address.replace("&#38;", "&").replace("&amp;", "&"))
}
