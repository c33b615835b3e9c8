//! The user's tokens for Google.

use chrono::Duration;
use connector_http::token::TokenSource;
use secrecy::ExposeSecret;
use serde_json::json;
use sync_core::failure::Class;
use sync_core::id::AccountLinkId;
use sync_core::port::SecretText;

use super::setting::{REFRESH_SECRET, Setting, link};
use crate::google_tokens::GoogleTokens;
use crate::{Connector, SealingKey, TokenStorage};

fn tokens(connector: &Connector, kept: Option<String>) -> std::sync::Arc<GoogleTokens> {
    connector.google_tokens(&link(kept))
}

/// What a run leaves that had to refresh.
async fn kept_token(connector: &Connector, setting: &Setting, text: &str) -> String {
    setting.server.will_give(text);
    let source = tokens(connector, None);
    source.token().await.unwrap();
    source.keepsake().unwrap()
}

#[tokio::test]
async fn a_kept_token_is_used_without_a_call_or_a_secret() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let kept = kept_token(&connector, &setting, "access-1").await;
    assert!(!kept.contains("access-1"));
    let reads = setting.secrets.log.lock().unwrap().len();
    let source = tokens(&connector, Some(kept.clone()));
    assert_eq!(source.token().await.unwrap().text.expose_secret(), "access-1");
    assert_eq!(source.requests(), 0);
    assert_eq!(source.keepsake(), Some(kept));
    assert_eq!(setting.server.asked(), 1);
    assert_eq!(setting.secrets.log.lock().unwrap().len(), reads);
}

#[tokio::test]
async fn a_token_with_less_than_a_minute_is_refreshed_once_however_many_ask() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let kept = kept_token(&connector, &setting, "access-1").await;
    setting.clock.forward(Duration::seconds(3599 - 59));
    setting.server.will_give("access-2");
    let source = tokens(&connector, Some(kept.clone()));
    let all = futures::future::try_join_all((0..16).map(|_| source.token()))
        .await
        .unwrap();
    assert!(all.iter().all(|token| token.text.expose_secret() == "access-2"));
    assert_eq!(setting.server.asked(), 2);
    assert_eq!(source.requests(), 1);
    assert_ne!(source.keepsake(), Some(kept));
    let form = setting.server.forms.lock().unwrap()[1].clone();
    for part in [
        "grant_type=refresh_token",
        "refresh_token=refresh-1",
        "client_id=the-client",
    ] {
        assert!(form.contains(part), "{form}");
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_for_all_who_were_refused() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let kept = kept_token(&connector, &setting, "access-1").await;
    let source = tokens(&connector, Some(kept));
    let refused = source.token().await.unwrap();
    setting.server.will_give("access-2");
    let all = futures::future::try_join_all((0..8).map(|_| source.replace(&refused)))
        .await
        .unwrap();
    assert!(all.iter().all(|token| token.text.expose_secret() == "access-2"));
    assert_eq!(setting.server.asked(), 2);
}

#[tokio::test]
async fn the_end_of_the_grant_asks_for_the_user_and_keeps_no_token() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let kept = kept_token(&connector, &setting, "access-1").await;
    setting.server.will_answer(
        400,
        &json!({"error": "invalid_grant", "error_description": "revoked"}),
    );
    let source = tokens(&connector, Some(kept));
    let refused = source.token().await.unwrap();
    let failure = source.replace(&refused).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Reauth, "invalid_grant"));
    assert_eq!(source.keepsake(), None);
    // The refresh token stays: it is the user's to withdraw, and a new consent replaces it.
    assert_eq!(
        setting.secrets.text(REFRESH_SECRET).await.as_deref(),
        Some("refresh-1")
    );
}

#[tokio::test]
async fn a_sign_in_that_is_away_is_never_taken_for_the_end_of_the_grant() {
    let bodies = [
        (500, json!({"error": "invalid_grant"})),
        (503, json!({"error": "invalid_grant"})),
        (429, json!({"error": "invalid_grant"})),
    ];
    let setting = Setting::new().await;
    let connector = setting.plain();
    for (status, body) in bodies {
        setting.server.will_answer(status, &body);
        let failure = tokens(&connector, None).token().await.unwrap_err();
        assert!(
            matches!(failure.class, Class::Retryable { .. }),
            "{status}: {failure:?}"
        );
    }
}

#[tokio::test]
async fn a_rotated_refresh_token_is_saved_before_the_access_token_is_given_out() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let answer = json!({
        "access_token": "access-1", "token_type": "Bearer", "expires_in": 3599, "refresh_token": "refresh-2"
    });
    setting.server.will_answer(200, &answer);
    tokens(&connector, None).token().await.unwrap();
    assert_eq!(
        setting.secrets.text(REFRESH_SECRET).await.as_deref(),
        Some("refresh-2")
    );
    assert_eq!(setting.secrets.count(&format!("put {REFRESH_SECRET}")), 1);
}

#[tokio::test]
async fn a_token_of_the_account_linked_before_is_not_used_for_the_one_linked_now() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    let kept = kept_token(&connector, &setting, "of-the-first-account").await;
    let mut other_account = link(Some(kept.clone()));
    other_account.body.value.google.as_mut().unwrap().subject = "118".to_owned();
    let mut authorised_again = link(Some(kept.clone()));
    authorised_again.body.value.google.as_mut().unwrap().authorized_at += Duration::seconds(1);
    let mut other_user = link(Some(kept));
    other_user.id = AccountLinkId::new("acme", "43");
    setting.secrets.set("link/acme/43/google", "refresh-43").await;
    for link in [other_account, authorised_again, other_user] {
        setting.server.will_give("fresh");
        let token = connector.google_tokens(&link).token().await.unwrap();
        assert_eq!(token.text.expose_secret(), "fresh");
    }
}

#[tokio::test]
async fn without_a_refresh_token_the_user_is_asked_and_google_is_not() {
    let setting = Setting::new().await;
    let connector = setting.plain();
    connector
        .forget_tokens(&AccountLinkId::new("acme", "42"))
        .await
        .unwrap();
    let failure = tokens(&connector, None).token().await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Reauth, "no_refresh_token"));
    assert_eq!(setting.server.asked(), 0);
}

#[tokio::test]
async fn tokens_are_found_wherever_an_earlier_choice_has_put_them() {
    let user = AccountLinkId::new("acme", "42");
    for (first, second) in [
        (TokenStorage::SecretsManager, TokenStorage::Sealed),
        (TokenStorage::Sealed, TokenStorage::SecretsManager),
    ] {
        let setting = Setting::new().await;
        let before = setting.connector(SealingKey::InSecrets, first);
        before.forget_tokens(&user).await.unwrap();
        before
            .keep_refresh_token(&user, &SecretText::from("kept"))
            .await
            .unwrap();
        let in_secrets = setting.secrets.text(REFRESH_SECRET).await.is_some();
        assert_eq!(in_secrets, first == TokenStorage::SecretsManager);
        let after = setting.connector(SealingKey::InSecrets, second);
        let found = after.refresh_token(&user).await.unwrap().unwrap();
        assert_eq!(found.expose_secret(), "kept");
        after.forget_tokens(&user).await.unwrap();
        assert!(before.refresh_token(&user).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_token_kept_anew_is_the_one_that_is_found() {
    let user = AccountLinkId::new("acme", "42");
    let setting = Setting::new().await;
    let before = setting.connector(SealingKey::InSecrets, TokenStorage::Sealed);
    before
        .keep_refresh_token(&user, &SecretText::from("old"))
        .await
        .unwrap();
    let after = setting.connector(SealingKey::InSecrets, TokenStorage::SecretsManager);
    after
        .keep_refresh_token(&user, &SecretText::from("new"))
        .await
        .unwrap();
    // Also for an installation that goes back to its first choice.
    for connector in [after, before] {
        assert_eq!(
            connector
                .refresh_token(&user)
                .await
                .unwrap()
                .unwrap()
                .expose_secret(),
            "new"
        );
    }
}
