//! Registrations and the CRM's token.

use chrono::Duration;
use connector_http::token::{AccessToken, TokenCache};
use secrecy::ExposeSecret;
use sync_core::failure::Class;
use sync_core::port::{Clock, SecretText};
use sync_engine::memory::CrmRegistration;

use super::setting::{Setting, registration};
use crate::crm_tokens::CrmTokens;

#[tokio::test]
async fn a_warm_process_reads_the_sign_in_once_in_five_minutes() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let read = format!("get {}", CrmRegistration::auth_secret("acme"));
    for _ in 0..10 {
        connector.crm("acme").await.unwrap();
        setting.clock.forward(Duration::seconds(29));
    }
    assert_eq!(setting.secrets.count(&read), 1);
    setting.clock.forward(Duration::seconds(10));
    connector.crm("acme").await.unwrap();
    assert_eq!(setting.secrets.count(&read), 2);
    connector.forget_crm("acme");
    connector.crm("acme").await.unwrap();
    assert_eq!(setting.secrets.count(&read), 3);
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let failure = connector.crm("nobody").await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "unknown_crm"));
    let mut other_kind = registration(setting.clock.now());
    other_kind.crm = "later".to_owned();
    other_kind.kind = "abacus".to_owned();
    setting.memory.put_crm(&other_kind, None).await.unwrap();
    assert_eq!(
        connector.crm("later").await.unwrap_err().code,
        "crm_credentials_missing"
    );
    setting
        .secrets
        .set(&CrmRegistration::auth_secret("later"), "{}")
        .await;
    assert_eq!(
        connector.crm("later").await.unwrap_err().code,
        "kind_not_supported"
    );
}

#[tokio::test]
async fn the_crms_token_is_found_by_the_next_process_and_not_after_a_new_registration() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let tokens = |updated_at| {
        CrmTokens::new(
            std::sync::Arc::clone(&connector.vault),
            setting.memory.clone(),
            &registration(updated_at),
            None,
        )
    };
    let now = setting.clock.now();
    let token = AccessToken {
        text: SecretText::from("Api/ crm-token"),
        expires_at: now + Duration::hours(1),
    };
    tokens(now).save(&token).await;
    let found = tokens(now).load().await.unwrap();
    assert_eq!(
        (found.text.expose_secret(), found.expires_at),
        ("Api/ crm-token", token.expires_at)
    );
    let row = setting
        .memory
        .sealed("crm/acme", "access-token")
        .await
        .unwrap()
        .unwrap();
    assert!(!row.contains("crm-token"));
    assert!(tokens(now + Duration::seconds(1)).load().await.is_none());
}

#[tokio::test]
async fn a_row_read_ahead_is_the_row() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let now = setting.clock.now();
    let vault = std::sync::Arc::clone(&connector.vault);
    let tokens = CrmTokens::new(vault, setting.memory.clone(), &registration(now), None);
    let token = AccessToken {
        text: SecretText::from("crm-token"),
        expires_at: now,
    };
    tokens.save(&token).await;
    let ahead = CrmTokens::read_ahead(&connector.vault, &setting.memory, "acme").await;
    assert!(ahead.is_some());
    let vault = std::sync::Arc::clone(&connector.vault);
    let next = CrmTokens::new(vault, setting.memory.clone(), &registration(now), ahead);
    setting
        .memory
        .remove_sealed("crm/acme", "access-token")
        .await
        .unwrap();
    assert_eq!(next.load().await.unwrap().text.expose_secret(), "crm-token");
}
