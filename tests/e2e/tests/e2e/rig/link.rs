//! A user's way from the CRM's link to the linked account.

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use serde_json::{Value, json};
use simulators::google::Consent;

use super::browser::Page;
use super::{Answer, Browser, Rig};

/// The CRM's key for links.
#[derive(Debug, Clone)]
pub(crate) struct LinkKey {
    id: String,
    key: String,
}

/// What a CRM puts into a link, to be changed where a scenario wants it otherwise.
#[derive(Debug, Clone)]
pub(crate) struct LinkToken {
    pub(crate) claims: Value,
    pub(crate) header: Value,
    key: String,
}

impl LinkToken {
    /// The token as text, signed.
    pub(crate) fn signed(&self) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let content = format!("{}.{}", part(&self.header), part(&self.claims));
        // The interface: the UTF-8 bytes of the key as shown.
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.as_bytes());
        let signature = BASE64URL_NOPAD.encode(hmac::sign(&key, content.as_bytes()).as_ref());
        format!("{content}.{signature}")
    }

    /// The same, signed with another key.
    pub(crate) fn signed_with(&self, key: &str) -> String {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
        .signed()
    }
}

impl Rig {
    /// A token of the CRM for a user; good for five minutes from now.
    pub(crate) async fn token(&self, crm: &str, user: &str) -> LinkToken {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let key = self.link_key(crm).await;
        let issued = self.clock.now().timestamp();
        LinkToken {
            claims: json!({
                "iss": crm, "sub": self.crm.id_of(user), "iat": issued, "exp": issued + 300, "jti": format!("link-{number}"),
                "return_url": self.return_url(),
            }),
            header: json!({ "alg": "HS256", "typ": "JWT", "kid": key.id }),
            key: key.key,
        }
    }

    /// The page of the CRM from which its users come.
    pub(crate) fn return_url(&self) -> String {
        format!("{}/index.php?module=Users", self.crm.base_url())
    }

    /// The CRM has forgotten its keys: the next link is signed with a new one.
    pub(crate) fn forget_link_keys(&self) {
        self.keys.lock().unwrap().clear();
    }

    async fn link_key(&self, crm: &str) -> LinkKey {
        let known =
            |keys: &[(String, LinkKey)]| keys.iter().find(|(of, _)| of == crm).map(|(_, key)| key.clone());
        if let Some(key) = known(&self.keys.lock().unwrap()) {
            return key;
        }
        let made = self
            .call("POST", &format!("/crms/{crm}/link-key"), None)
            .await
            .good();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let key = LinkKey {
            id: text("key_id"),
            key: text("key"),
        };
        self.keys.lock().unwrap().push((crm.to_owned(), key.clone()));
        key
    }

    /// The hosted address to which the CRM sends its user.
    pub(crate) fn authorize_url(&self, crm: &str, token: &str) -> String {
        format!("{}/authorize?crm={crm}&token={token}", self.base)
    }

    /// From an authorize page to Google, a decision there, and back as far as our callback's answer.
    pub(crate) async fn consent(&self, browser: &mut Browser, page: &Page, consent: Consent) -> Page {
        assert_eq!(page.status, 200, "{page:?}");
        let to_google = page.link_to(&self.google.auth_url());
        self.google.set_consent(Some(consent));
        let at_google = browser.open(&to_google).await;
        self.google.set_consent(None);
        let back = at_google.redirect().to_owned();
        assert!(
            back.starts_with(&format!("{}/oauth/google/callback?", self.base)),
            "{back}"
        );
        browser.open(&back).await
    }

    /// Links a user of the CRM with a Google account, the whole way.
    pub(crate) async fn link(&self, user: &str, email: &str) {
        self.link_in(super::CRM, user, email).await;
    }

    /// The same in a CRM of that name. Answers with the browser, signed in to the user's own page.
    pub(crate) async fn link_in(&self, crm: &str, user: &str, email: &str) -> Browser {
        let mut token = self.token(crm, user).await;
        token.claims["return_url"] = Value::Null;
        if let Some(claims) = token.claims.as_object_mut() {
            claims.remove("return_url");
        }
        let mut browser = Browser::new();
        let page = browser.open(&self.authorize_url(crm, &token.signed())).await;
        let back = self.consent(&mut browser, &page, Consent::all(email)).await;
        assert!(
            back.redirect().starts_with(&format!("{}/me", self.base)),
            "{back:?}"
        );
        browser
    }

    /// One call on an account link of the ordinary CRM.
    pub(crate) async fn of_link(&self, method: &str, user: &str, rest: &str, body: Option<&Value>) -> Answer {
        self.call(
            method,
            &format!("{}{rest}", self.link_path(super::CRM, user)),
            body,
        )
        .await
    }

    /// The path of an account link.
    pub(crate) fn link_path(&self, crm: &str, user: &str) -> String {
        format!("/crms/{crm}/links/{}", self.crm.id_of(user))
    }

    /// The state of an account link, in one word.
    pub(crate) async fn state(&self, user: &str) -> String {
        let link = self.of_link("GET", user, "", None).await.good();
        link["state"].as_str().unwrap().to_owned()
    }

    /// Changes settings of Anna's account link.
    pub(crate) async fn set(&self, patch: &Value) {
        self.of_link("PATCH", super::ANNA, "/settings", Some(patch))
            .await
            .good();
    }
}

/// The Google account that a user is linked with, if any.
pub(crate) async fn linked_to(rig: &Rig, crm: &str, user: &str) -> Option<String> {
    let answer = rig.call("GET", &rig.link_path(crm, user), None).await;
    match answer.status {
        404 => None,
        _ => answer.good()["google_email"].as_str().map(str::to_owned),
    }
}
