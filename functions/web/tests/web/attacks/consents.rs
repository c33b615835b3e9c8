//! Sign-ins begun in one browser and finished in another, and codes that belong to somebody else.

use std::time::Duration;

use simulators::google::Consent;

use super::refused;
use crate::ground::{ANNA, Browser, Ground};

#[tokio::test]
async fn a_state_is_good_once_in_its_own_browser_for_ten_minutes() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let begin = async |jti: &str| {
        let mut browser = Browser::default();
        let page = ground.authorize(&mut browser, &key, &ground.claims(jti)).await;
        let address = page.link_to(&ground.google.auth_url());
        let back = ground
            .decide_at_google(&address, Consent::all("anna@example.com"))
            .await;
        (browser, back)
    };
    let (mut browser, back) = begin("one").await;
    refused(&ground, &Browser::default().get(&ground, &back).await, 400).await;
    let (mut other, _) = begin("other").await;
    refused(&ground, &other.get(&ground, &back).await, 400).await;
    let forged = back.replace("state=", "state=x");
    refused(&ground, &browser.get(&ground, &forged).await, 400).await;
    refused(
        &ground,
        &browser.get(&ground, "/oauth/google/callback?code=x").await,
        400,
    )
    .await;
    assert_eq!(
        browser.get(&ground, &back).await.status,
        303,
        "those who tried did not spoil it"
    );
    assert_eq!(browser.get(&ground, &back).await.status, 400, "it is good once");

    ground.delete(&format!("/api/v1/crms/acme/links/{ANNA}")).await;
    let (mut late, back) = begin("late").await;
    ground.clock.advance(Duration::from_secs(601));
    refused(&ground, &late.get(&ground, &back).await, 400).await;
}

#[tokio::test]
async fn a_code_caught_elsewhere_is_worth_nothing_without_the_verifier() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    // The attacker has a consent of their own under way and puts the victim's code into it.
    let mut attacker = Browser::default();
    let page = ground
        .authorize(&mut attacker, &key, &ground.claims("attacker"))
        .await;
    let own = ground
        .decide_at_google(
            &page.link_to(&ground.google.auth_url()),
            Consent::all("ben@example.com"),
        )
        .await;
    let mut victim = Browser::default();
    let page = ground
        .authorize(&mut victim, &key, &ground.claims("victim"))
        .await;
    let caught = ground
        .decide_at_google(
            &page.link_to(&ground.google.auth_url()),
            Consent::all("anna@example.com"),
        )
        .await;
    let value = |address: &str, name: &str| {
        let query = address.split_once('?').unwrap().1.to_owned();
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(found, _)| found == name)
            .unwrap()
            .1
            .into_owned()
    };
    let mixed = format!(
        "/oauth/google/callback?state={}&code={}",
        value(&own, "state"),
        value(&caught, "code")
    );
    refused(&ground, &attacker.get(&ground, &mixed).await, 400).await;
}
