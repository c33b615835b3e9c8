//! Linking a user with Google, both ways, and what follows from it.

use connections::TokenStorage;
use secrecy::ExposeSecret;
use serde_json::json;
use simulators::crm::suitecrm::CrmUser;
use simulators::google::Consent;
use std::time::Duration;
use sync_core::port::{Expect, Secrets, Trigger, Write};
use sync_engine::memory::AccountLinkState;

use crate::ground::{ANNA, Browser, Ground, PUBLIC_URL, Setup};

const EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";

#[tokio::test]
async fn a_signed_link_leads_through_googles_consent_to_a_linked_user() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut browser = Browser::default();
    let page = ground.authorize(&mut browser, &key, &ground.claims("one")).await;
    for shown in [
        "Anna Rossi",
        "anna@example.com",
        ANNA,
        "Acme CRM",
        ground.crm.base_url(),
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    let address = url::Url::parse(&page.link_to(&ground.google.auth_url())).unwrap();
    let asked = |name: &str| {
        address
            .query_pairs()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    };
    assert_eq!(asked("access_type").as_deref(), Some("offline"));
    assert_eq!(asked("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(
        asked("redirect_uri"),
        Some(format!("{PUBLIC_URL}/oauth/google/callback"))
    );
    assert!(asked("nonce").is_some() && asked("state").is_some_and(|state| state.len() >= 43));
    assert!(asked("scope").unwrap().contains(EVENTS));
    assert!(
        ground.link().await.is_none(),
        "nothing is linked before the consent"
    );

    let back = ground
        .consent(&mut browser, &page, Consent::all("anna@example.com"))
        .await;
    assert_eq!((back.status.as_u16(), back.location()), (303, "/me?done=linked"));
    let link = ground.link().await.unwrap();
    let body = &link.body.value;
    assert_eq!(link.state(), AccountLinkState::Active);
    assert_eq!(
        (
            body.name.as_deref(),
            body.email.as_deref(),
            body.locale.as_deref()
        ),
        (Some("Anna Rossi"), Some("anna@example.com"), Some("en"))
    );
    assert_eq!(body.google.as_ref().unwrap().email, "anna@example.com");
    assert_eq!(body.settings.start_from.unwrap().to_string(), "2026-01-31");
    let schedule = ground.schedules.recurring(&Ground::anna()).unwrap();
    assert_eq!((schedule.interval_minutes, schedule.paused), (15, false));
    let first = ground.schedules.take_single_runs();
    assert_eq!(
        first.iter().map(|run| run.trigger).collect::<Vec<_>>(),
        [Trigger::Manual]
    );
    assert!(
        ground
            .secrets
            .get(&format!("link/acme/{ANNA}/google"))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(browser.get(&ground, "/me").await.status, 200);
}

#[tokio::test]
async fn afterwards_the_browser_goes_where_the_crm_asked() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let asked = format!("{}/index.php?module=Users#sync", ground.crm.base_url());
    for (jti, allow, word) in [("one", false, "denied"), ("two", true, "connected")] {
        let mut browser = Browser::default();
        let claims = web::link_token::Claims {
            return_url: Some(asked.clone()),
            ..ground.claims(jti)
        };
        let page = ground.authorize(&mut browser, &key, &claims).await;
        let consent = Consent {
            allow,
            ..Consent::all("anna@example.com")
        };
        let back = ground.consent(&mut browser, &page, consent).await;
        assert_eq!(back.status, 303);
        assert_eq!(
            back.location(),
            format!(
                "{}/index.php?module=Users&google_sync={word}#sync",
                ground.crm.base_url()
            )
        );
        assert_eq!(ground.link().await.is_some(), allow);
    }
}

#[tokio::test]
async fn a_denied_consent_is_explained_where_there_is_nowhere_to_return_to() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut browser = Browser::default();
    let page = ground.authorize(&mut browser, &key, &ground.claims("one")).await;
    let back = ground
        .consent(
            &mut browser,
            &page,
            Consent {
                allow: false,
                ..Consent::all("anna@example.com")
            },
        )
        .await;
    assert!(back.status == 200 && back.body.contains("Access was not granted"));
    assert!(ground.link().await.is_none() && ground.schedules.all_recurring().is_empty());
}

#[tokio::test]
async fn without_a_token_the_user_is_found_by_verified_address() {
    let ground = Ground::new().await;
    ground.set_up().await;
    let mut browser = Browser::default();
    let page = browser.get(&ground, "/authorize?crm=acme").await;
    let back = ground
        .consent(&mut browser, &page, Consent::all("anna@example.com"))
        .await;
    assert_eq!(
        (back.status.as_u16(), back.location()),
        (303, "/me?done=linked"),
        "{}",
        back.body
    );
    let link = ground.link().await.unwrap();
    assert_eq!(link.body.value.name.as_deref(), Some("Anna Rossi"));
}

#[tokio::test]
async fn no_match_and_more_than_one_are_refused() {
    let ground = Ground::with(Setup {
        absent: Some("ben@example.com"),
        ..Setup::default()
    })
    .await;
    ground.set_up().await;
    let enter = async |email: &str| {
        let mut browser = Browser::default();
        let page = browser.get(&ground, "/authorize?crm=acme").await;
        ground.consent(&mut browser, &page, Consent::all(email)).await
    };
    ground.crm.add_user(CrmUser::new(
        "33333333-3333-4333-8333-333333333333",
        "anna2",
        "Anna",
        "Twin",
        "anna@example.com",
    ));
    let many = enter("anna@example.com").await;
    assert!(
        many.status == 403 && many.body.contains("More than one user"),
        "{}",
        many.body
    );
    let none = enter("ben@example.com").await;
    assert!(
        none.status == 403 && none.body.contains("You were not found in the CRM"),
        "{}",
        none.body
    );
    assert!(
        ground
            .memory
            .account_links("acme", None, 10)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_kind_whose_scope_was_unticked_goes_off_and_comes_back() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut browser = Browser::default();
    let page = ground.authorize(&mut browser, &key, &ground.claims("one")).await;
    let consent = Consent {
        untick: vec![EVENTS.to_owned()],
        ..Consent::all("anna@example.com")
    };
    let back = ground.consent(&mut browser, &page, consent).await;
    assert_eq!(back.status, 303, "{}", back.body);
    assert!(!ground.link().await.unwrap().body.value.settings.events.enabled);
    let me = browser.get(&ground, "/me").await;
    assert!(
        me.body.contains("You did not allow access to your calendar"),
        "{}",
        me.body
    );

    let again = browser.get(&ground, "/me/authorize").await;
    let back = ground
        .decide_at_google(again.location(), Consent::all("anna@example.com"))
        .await;
    assert_eq!(browser.get(&ground, &back).await.status, 303);
    assert!(ground.link().await.unwrap().body.value.settings.events.enabled);
}

#[tokio::test]
async fn authorising_again_keeps_settings_and_pairs() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    let settings = format!("/api/v1/crms/acme/links/{ANNA}/settings");
    ground
        .patch(
            &settings,
            &json!({ "interval_minutes": 45, "start_from": "2025-05-05" }),
        )
        .await;
    let pair = put_pair(&ground).await;
    ground.clock.advance(Duration::from_hours(1));

    let mut browser = Browser::default();
    let page = ground
        .authorize(&mut browser, &key, &ground.claims("second"))
        .await;
    let back = ground
        .consent(&mut browser, &page, Consent::all("anna@example.com"))
        .await;
    assert_eq!(back.location(), "/me?done=linked");
    let link = ground.link().await.unwrap();
    assert_eq!(link.body.value.settings.interval_minutes, 45);
    assert_eq!(
        link.body.value.settings.start_from.unwrap().to_string(),
        "2025-05-05"
    );
    assert_eq!(
        ground
            .schedules
            .recurring(&Ground::anna())
            .unwrap()
            .interval_minutes,
        45
    );
    assert!(ground.store.rows().iter().any(|row| row.key == pair));
    assert_eq!(
        ground.google.traffic().count("POST", "/revoke"),
        0,
        "revoking would end the new grant as well"
    );
}

#[tokio::test]
async fn another_google_account_starts_anew_and_touches_nobodys_data() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut annas = ground.link_anna(&key).await;
    let pair = put_pair(&ground).await;
    let snapshots = (
        ground.google.person("anna@example.com").events("primary"),
        ground.crm.snapshot(),
    );

    let mut browser = Browser::default();
    let page = ground
        .authorize(&mut browser, &key, &ground.claims("second"))
        .await;
    let back = ground
        .consent(&mut browser, &page, Consent::all("ben@example.com"))
        .await;
    assert_eq!(back.location(), "/me?done=switched");
    assert!(
        browser
            .get(&ground, "/me?done=switched")
            .await
            .body
            .contains("Another Google account is linked now")
    );
    let link = ground.link().await.unwrap();
    assert_eq!(link.body.value.google.as_ref().unwrap().email, "ben@example.com");
    assert!(
        !ground.store.rows().iter().any(|row| row.key == pair),
        "pairs belong to the account before"
    );
    assert_eq!(link.progress, sync_engine::memory::Progress::default());
    assert_eq!(
        ground.google.traffic().count("POST", "/revoke"),
        1,
        "the access to the account before is given back"
    );
    assert_eq!(
        (
            ground.google.person("anna@example.com").events("primary"),
            ground.crm.snapshot()
        ),
        snapshots
    );
    assert_eq!(
        annas.get(&ground, "/me").await.status,
        401,
        "a session of the account before is worth nothing"
    );
}

#[tokio::test]
async fn disconnecting_gives_the_access_back_and_leaves_all_records_alone() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    let pair = put_pair(&ground).await;
    let snapshots = (
        ground.google.person("anna@example.com").events("primary"),
        ground.crm.snapshot(),
    );
    let address = format!("/api/v1/crms/acme/links/{ANNA}");
    let answer = ground.delete(&address).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["revoked_at_google"].clone()),
        (200, json!(true))
    );
    assert!(ground.link().await.is_none() && ground.schedules.all_recurring().is_empty());
    assert!(
        ground
            .secrets
            .names()
            .iter()
            .all(|name| !name.starts_with("link/"))
    );
    assert!(!ground.store.rows().iter().any(|row| row.key == pair));
    assert_eq!(
        (
            ground.google.person("anna@example.com").events("primary"),
            ground.crm.snapshot()
        ),
        snapshots
    );
    ground.delete(&address).await.problem(404);
}

#[tokio::test]
async fn disconnecting_works_while_google_is_away_and_says_so() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    let away = simulators::FaultRule::new(
        simulators::Fault::ServerErrorBefore(503),
        simulators::When::Always,
    );
    ground.google.faults().add(away.path_contains("/revoke"));
    let answer = ground.delete(&format!("/api/v1/crms/acme/links/{ANNA}")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["revoked_at_google"].clone()),
        (200, json!(false))
    );
    assert!(ground.link().await.is_none());
}

#[tokio::test]
async fn two_browsers_that_link_at_once_leave_the_token_of_the_account_that_stays() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut ways = Vec::new();
    for (jti, email) in [("one", "anna@example.com"), ("two", "ben@example.com")] {
        let mut browser = Browser::default();
        let page = ground.authorize(&mut browser, &key, &ground.claims(jti)).await;
        let back = ground
            .decide_at_google(&page.link_to(&ground.google.auth_url()), Consent::all(email))
            .await;
        ways.push((browser, back));
    }
    let (mut second, mut first) = (ways.pop().unwrap(), ways.pop().unwrap());
    let (one, two) = futures::join!(first.0.get(&ground, &first.1), second.0.get(&ground, &second.1));
    assert_eq!(
        (one.status.as_u16(), two.status.as_u16()),
        (303, 303),
        "{} {}",
        one.body,
        two.body
    );
    let run = ground
        .post(&format!("/api/v1/crms/acme/links/{ANNA}/sync?wait=true"))
        .await;
    assert_eq!(run.json()["outcome"], "ok", "{}", run.body);
    let winner = ground.link().await.unwrap().body.value.google.unwrap().email;
    let token = ground
        .secrets
        .get(&format!("link/acme/{ANNA}/google"))
        .await
        .unwrap()
        .unwrap();
    ground.google.revoke_access(if winner == "anna@example.com" {
        "ben@example.com"
    } else {
        "anna@example.com"
    });
    ground.google.expire_access_tokens();
    assert!(!token.expose_secret().is_empty());
    ground.clock.advance(Duration::from_hours(2));
    let run = ground
        .post(&format!("/api/v1/crms/acme/links/{ANNA}/sync?wait=true"))
        .await;
    assert_eq!(
        run.json()["outcome"],
        "ok",
        "the token is of the account that is not linked: {}",
        run.body
    );
}

#[tokio::test]
async fn sealed_tokens_leave_no_secret_for_each_user() {
    let ground = Ground::with(Setup {
        token_storage: TokenStorage::Sealed,
        ..Setup::default()
    })
    .await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    assert!(
        ground
            .secrets
            .names()
            .iter()
            .all(|name| !name.starts_with("link/"))
    );
    let run = ground
        .post(&format!("/api/v1/crms/acme/links/{ANNA}/sync?wait=true"))
        .await;
    assert_eq!(run.json()["outcome"], "ok", "{}", run.body);
}

#[tokio::test]
async fn defaults_of_the_crm_decide_whether_a_link_begins_enabled() {
    let ground = Ground::new().await;
    let mut registration = ground.registration();
    registration["settings"] = json!({ "enabled": false, "start_from": "2026-02-02" });
    let key = ground.set_up_with(&registration).await;
    ground.link_anna(&key).await;
    let link = ground.link().await.unwrap();
    assert_eq!(link.state(), AccountLinkState::Disabled);
    assert_eq!(
        link.body.value.settings.start_from.unwrap().to_string(),
        "2026-02-02"
    );
    assert!(ground.schedules.recurring(&Ground::anna()).unwrap().paused);
    assert!(ground.schedules.take_single_runs().is_empty());
}

#[tokio::test]
async fn without_a_google_client_the_user_is_told_and_the_link_stays_good() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let file = ground
        .google
        .client_file(&format!("{PUBLIC_URL}/oauth/google/callback"));
    ground.delete("/api/v1/crms/acme/google-client").await;
    let mut browser = Browser::default();
    let told = ground.authorize(&mut browser, &key, &ground.claims("one")).await;
    assert!(told.status == 503 && told.body.contains("Google access is not set up yet"));
    assert!(!told.body.contains(&ground.google.auth_url()), "no dead button");
    ground.put("/api/v1/crms/acme/google-client", &file).await;
    assert_eq!(
        ground
            .authorize(&mut browser, &key, &ground.claims("one"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn troubles_at_google_have_their_own_explanations_and_link_nothing() {
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
    let (mut browser, back) = begin("late").await;
    let spent = simulators::FaultRule::new(
        simulators::Fault::ServerErrorAfter(503),
        simulators::When::Next(1),
    );
    ground.google.faults().add(spent.path_contains("/token"));
    let away = browser.get(&ground, &back).await;
    assert!(
        away.status == 503 && away.body.contains("Google does not answer"),
        "{}",
        away.body
    );
    ground.google.faults().clear();

    let (mut browser, back) = begin("forged code").await;
    let (path, _) = back.split_once("&code=").unwrap();
    let expired = browser.get(&ground, &format!("{path}&code=forged")).await;
    assert!(
        expired.status == 400 && expired.body.contains("answer has expired"),
        "{}",
        expired.body
    );

    let (mut browser, back) = begin("client").await;
    let client = json!({ "client_id": "100200300400-simulated.apps.googleusercontent.com", "client_secret": "wrong-google-secret" });
    ground.put("/api/v1/crms/acme/google-client", &client).await;
    let refused = browser.get(&ground, &back).await;
    assert!(
        refused.status == 502 && refused.body.contains("Google refused this installation"),
        "{}",
        refused.body
    );
    assert!(ground.link().await.is_none());
}

/// Stores something among the pairs of Anna's link, and answers with its key.
async fn put_pair(ground: &Ground) -> sync_core::port::Key {
    let key = sync_core::port::Key::new(format!("M#acme#{ANNA}"), "C#event#Meetings#m1");
    let put = Write::Put {
        key: key.clone(),
        body: "{}".to_owned(),
        expires_at: None,
        expect: Expect::Anything,
    };
    ground.memory.store().write(&[put]).await.unwrap();
    key
}
