//! Forged, stolen, stale and repeated link tokens, and ways back that lead elsewhere.

use std::time::Duration;

use simulators::google::Consent;
use sync_core::port::SecretText;
use web::link_token::{self, Claims};

use super::refused;
use crate::ground::{Browser, Ground, PUBLIC_URL};

#[tokio::test]
async fn a_link_token_must_be_whole_ours_and_fresh() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let good = ground.claims("one");
    let other_key = (
        key.0.clone(),
        SecretText::from("another key, of thirty-two bytes or more"),
    );
    let unknown_key = ("nobody".to_owned(), key.1.clone());
    let now = ground.clock.now().timestamp();
    let cases = [
        (
            key.clone(),
            Claims {
                iss: "other".to_owned(),
                ..good.clone()
            },
        ),
        (
            key.clone(),
            Claims {
                exp: now - 1,
                ..good.clone()
            },
        ),
        (
            key.clone(),
            Claims {
                exp: now + 601,
                ..good.clone()
            },
        ),
        (
            key.clone(),
            Claims {
                iat: now + 120,
                exp: now + 300,
                ..good.clone()
            },
        ),
        (
            key.clone(),
            Claims {
                sub: String::new(),
                ..good.clone()
            },
        ),
        (other_key, good.clone()),
        (unknown_key, good.clone()),
    ];
    for (key, claims) in cases {
        let mut browser = Browser::default();
        let token = link_token::sign(&claims, &key.0, &key.1).unwrap();
        let answer = browser
            .get(&ground, &format!("/authorize?crm=acme&token={token}"))
            .await;
        refused(&ground, &answer, 400).await;
    }
    let unsigned = "eyJhbGciOiJub25lIiwia2lkIjoiayJ9.e30.";
    for token in ["", "x", "a.b.c", unsigned] {
        let answer = Browser::default()
            .get(&ground, &format!("/authorize?crm=acme&token={token}"))
            .await;
        refused(&ground, &answer, 400).await;
    }
    assert_eq!(
        ground
            .authorize(&mut Browser::default(), &key, &good)
            .await
            .status,
        200,
        "none of it spoilt the good one"
    );
}

#[tokio::test]
async fn a_token_for_one_crm_is_worth_nothing_at_another() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.put("/api/v1/crms/other", &ground.registration()).await;
    let file = ground
        .google
        .client_file(&format!("{PUBLIC_URL}/oauth/google/callback"));
    ground.put("/api/v1/crms/other/google-client", &file).await;
    let token = link_token::sign(&ground.claims("one"), &key.0, &key.1).unwrap();
    let answer = Browser::default()
        .get(&ground, &format!("/authorize?crm=other&token={token}"))
        .await;
    refused(&ground, &answer, 400).await;
}

#[tokio::test]
async fn a_token_is_good_once_and_only_its_browser_may_load_the_page_again() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let claims = ground.claims("one");
    let mut browser = Browser::default();
    let first = ground.authorize(&mut browser, &key, &claims).await;
    let again = ground.authorize(&mut browser, &key, &claims).await;
    assert_eq!(
        first.link_to(&ground.google.auth_url()),
        again.link_to(&ground.google.auth_url())
    );
    let elsewhere = ground.authorize(&mut Browser::default(), &key, &claims).await;
    assert!(elsewhere.status == 400 && elsewhere.body.contains("used already"));
    // The same token under another name is the same token: its own name counts.
    let renamed = Claims {
        name: Some("Somebody Else".to_owned()),
        ..claims.clone()
    };
    assert_eq!(
        ground
            .authorize(&mut Browser::default(), &key, &renamed)
            .await
            .status,
        400
    );
    let done = ground
        .consent(&mut browser, &again, Consent::all("anna@example.com"))
        .await;
    assert_eq!(done.status, 303);
    assert_eq!(
        ground.authorize(&mut browser, &key, &claims).await.status,
        400,
        "once linked, it is used up"
    );
}

#[tokio::test]
async fn the_previous_link_key_is_good_for_a_day() {
    let ground = Ground::new().await;
    let old = ground.set_up().await;
    let new = ground.new_link_key().await;
    ground.clock.advance(Duration::from_secs(24 * 3600 - 1));
    assert_eq!(
        ground
            .authorize(&mut Browser::default(), &old, &ground.claims("one"))
            .await
            .status,
        200
    );
    ground.clock.advance(Duration::from_secs(1));
    assert_eq!(
        ground
            .authorize(&mut Browser::default(), &old, &ground.claims("two"))
            .await
            .status,
        400
    );
    assert_eq!(
        ground
            .authorize(&mut Browser::default(), &new, &ground.claims("three"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_way_back_leads_nowhere_but_to_the_crm() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let host = ground.crm.base_url().trim_start_matches("http://").to_owned();
    let elsewhere = [
        "https://evil.example.com/".to_owned(),
        format!("https://{host}/"),
        format!("http://{host}.evil.example.com/"),
        format!("http://{host}@evil.example.com/"),
        format!("http://user@{host}/"),
        format!("http://evil.example.com/?{host}"),
        format!("//{host}/"),
        "/relative".to_owned(),
        "javascript:alert(1)".to_owned(),
        "data:text/html,x".to_owned(),
        "http://127.0.0.1:1/".to_owned(),
        String::new(),
    ];
    for (number, address) in elsewhere.iter().enumerate() {
        let claims = Claims {
            return_url: Some(address.clone()),
            ..ground.claims(&format!("jti-{number}"))
        };
        let answer = ground.authorize(&mut Browser::default(), &key, &claims).await;
        assert!(
            answer.status == 400 && answer.body.contains("leads elsewhere"),
            "{address}"
        );
        refused(&ground, &answer, 400).await;
    }
}
