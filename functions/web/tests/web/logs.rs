//! What is logged: every sign-in and every refusal, and nothing that was secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use http::Method;
use secrecy::ExposeSecret;
use simulators::google::Consent;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use crate::ground::{ADMIN_KEY, ANNA, Browser, CRM_SECRET, Ground};

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn sign_ins_and_refusals_are_logged_and_no_secret_is() {
    let kept = Kept::default();
    let ours = [
        "web",
        "connections",
        "connector_http",
        "connector_google",
        "connector_crm",
        "sync_engine",
        "sync_core",
    ];
    let filter = ours.iter().fold(Targets::new(), |filter, name| {
        filter.with_target(*name, tracing::Level::TRACE)
    });
    let lines = tracing_subscriber::fmt::layer().json().with_writer(kept.clone());
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(filter).with(lines));

    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut admin = Browser::default();
    let page = admin.get(&ground, "/admin").await;
    admin
        .submit(
            &ground,
            &page,
            "/admin/sign-in",
            &[("key", "a wrong key\n{\"level\":\"forged\"}")],
        )
        .await;
    admin
        .submit(&ground, &page, "/admin/sign-in", &[("key", ADMIN_KEY)])
        .await;
    let mut anna = ground.link_anna(&key).await;
    let refused = anna
        .get(&ground, "/authorize?crm=acme&token=forged-link-token")
        .await;
    assert_eq!(refused.status, 400);
    let page = anna.get(&ground, "/authorize?crm=acme").await;
    ground
        .consent(
            &mut anna,
            &page,
            Consent {
                allow: false,
                ..Consent::all("anna@example.com")
            },
        )
        .await;
    ground.post("/api/v1/crms/acme/check").await;
    ground
        .post(&format!("/api/v1/crms/acme/links/{ANNA}/sync?wait=true"))
        .await;
    ground.google.revoke_access("anna@example.com");
    ground.clock.advance(std::time::Duration::from_hours(2));
    ground
        .post(&format!("/api/v1/crms/acme/links/{ANNA}/sync?wait=true"))
        .await;
    ground
        .call(
            Method::PUT,
            "/api/v1/crms/acme",
            "{\"auth\":{\"client_secret\":\"hush-hush\"",
        )
        .await;
    ground.delete(&format!("/api/v1/crms/acme/links/{ANNA}")).await;

    let log = kept.text();
    for told in [
        "a wrong administrator's key was tried",
        "the administrator signed in",
        "account link authorised",
        "a link token was refused",
        "a consent was denied",
        "account link disconnected",
    ] {
        assert!(log.contains(told), "{told} is not in {log}");
    }
    for secret in [
        ADMIN_KEY,
        CRM_SECRET,
        key.1.expose_secret(),
        "a wrong key",
        "hush-hush",
        "forged-link-token",
        "anna@example.com",
        "Anna Rossi",
        "Bearer",
    ] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            line["timestamp"].is_string() && line["level"] != "forged",
            "{line}"
        );
    }
}
