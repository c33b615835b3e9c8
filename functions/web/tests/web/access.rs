//! What Google lets us touch, kind by kind, and how it ends.

use std::time::Duration;

use connector_google::oauth::{SCOPE_CALENDAR_EVENTS, SCOPE_CALENDAR_LIST, SCOPE_CONTACTS, SCOPE_TASKS};
use serde_json::{Value, json};
use simulators::google::Consent;
use sync_core::kind::Kind;
use url::Url;

use crate::ground::{ANNA, Answer, Browser, Ground, PUBLIC_URL, Setup};

fn link() -> String {
    format!("/api/v1/crms/acme/links/{ANNA}")
}

/// The scopes that an address of Google's asks for.
fn scopes(address: &str) -> Vec<String> {
    let url = Url::parse(address).unwrap();
    let scope = url.query_pairs().find(|(name, _)| name == "scope").unwrap().1;
    scope.split(' ').map(str::to_owned).collect()
}

/// Links Anna, who unticks these.
async fn linked_without(ground: &Ground, untick: &[&str]) -> (Browser, Answer) {
    let key = ground.set_up().await;
    let mut browser = Browser::default();
    let page = ground.authorize(&mut browser, &key, &ground.claims("one")).await;
    let consent = Consent {
        untick: untick.iter().map(|scope| (*scope).to_owned()).collect(),
        ..Consent::all("anna@example.com")
    };
    let back = ground.consent(&mut browser, &page, consent).await;
    (browser, back)
}

/// Switches kinds on as a version would that keeps all three in step.
async fn switch_on(ground: &Ground, kinds: &[Kind]) {
    let mut link = ground.link().await.unwrap();
    for kind in kinds {
        link.body.value.settings.switch(*kind, true);
    }
    let version = Some(link.body.version);
    let put = ground
        .memory
        .put_account_link(&link.id, &link.body.value, version);
    put.await.unwrap();
}

#[tokio::test]
async fn a_part_of_what_a_kind_needs_is_not_enough() {
    for part in [SCOPE_CALENDAR_EVENTS, SCOPE_CALENDAR_LIST] {
        let ground = Ground::new().await;
        let (mut browser, back) = linked_without(&ground, &[part]).await;
        assert_eq!(back.status, 303, "{}", back.body);
        let shown = ground.get(&link()).await.json();
        assert_eq!(
            (&shown["missing_access"], &shown["settings"]["events"]["enabled"]),
            (&json!(["event"]), &json!(false)),
            "without {part}"
        );
        let me = browser.get(&ground, "/me").await;
        assert!(
            me.body.contains("You did not allow access to your calendar"),
            "{}",
            me.body
        );

        let again = browser.get(&ground, "/me/authorize").await;
        assert!(scopes(again.location()).iter().any(|scope| scope == part));
        let back = ground
            .decide_at_google(again.location(), Consent::all("anna@example.com"))
            .await;
        assert_eq!(browser.get(&ground, &back).await.status, 303);
        let shown = ground.get(&link()).await.json();
        assert_eq!(
            (&shown["missing_access"], &shown["settings"]["events"]["enabled"]),
            (&json!([]), &json!(true)),
            "the user has said that it shall be on"
        );
    }
}

#[tokio::test]
async fn only_the_kinds_that_are_on_are_asked_for_and_more_when_they_are() {
    let ground = Ground::new().await;
    let (mut browser, _) = linked_without(&ground, &[]).await;
    let asked = scopes(browser.get(&ground, "/me/authorize").await.location());
    assert!(
        asked.contains(&SCOPE_CALENDAR_EVENTS.to_owned()) && asked.contains(&SCOPE_CALENDAR_LIST.to_owned())
    );
    assert!(!asked.contains(&SCOPE_TASKS.to_owned()) && !asked.contains(&SCOPE_CONTACTS.to_owned()));

    switch_on(&ground, &[Kind::Task, Kind::Contact]).await;
    assert_eq!(
        ground.get(&link()).await.json()["missing_access"],
        json!(["task", "contact"])
    );
    let again = browser.get(&ground, "/me/authorize").await;
    let asked = scopes(again.location());
    assert!(asked.contains(&SCOPE_TASKS.to_owned()) && asked.contains(&SCOPE_CONTACTS.to_owned()));
    let consent = Consent {
        untick: vec![SCOPE_CONTACTS.to_owned()],
        ..Consent::all("anna@example.com")
    };
    let back = ground.decide_at_google(again.location(), consent).await;
    assert_eq!(browser.get(&ground, &back).await.status, 303);
    let shown = ground.get(&link()).await.json();
    let on = |kind: &str| shown["settings"][kind]["enabled"] == json!(true);
    assert_eq!(
        (
            on("events"),
            on("tasks"),
            on("contacts"),
            &shown["missing_access"]
        ),
        (true, true, false, &json!(["contact"]))
    );
    let me = browser.get(&ground, "/me").await;
    assert!(
        me.body.contains("You did not allow access to your contacts"),
        "{}",
        me.body
    );
}

#[tokio::test]
async fn a_kind_that_nobody_switched_on_is_not_missed() {
    let ground = Ground::new().await;
    let mut registration = ground.registration();
    registration["settings"] = json!({ "events": { "enabled": false } });
    let key = ground.set_up_with(&registration).await;
    let mut browser = Browser::default();
    let page = ground.authorize(&mut browser, &key, &ground.claims("one")).await;
    let asked = scopes(&page.link_to(&ground.google.auth_url()));
    assert!(!asked.contains(&SCOPE_CALENDAR_EVENTS.to_owned()), "{asked:?}");
    let back = ground
        .consent(&mut browser, &page, Consent::all("anna@example.com"))
        .await;
    assert_eq!(back.status, 303);
    assert_eq!(ground.get(&link()).await.json()["missing_access"], json!([]));
}

#[tokio::test]
async fn an_access_that_dies_after_a_week_hints_at_an_app_in_testing() {
    let ground = Ground::with(Setup {
        testing_app: true,
        ..Setup::default()
    })
    .await;
    let key = ground.set_up().await;
    let mut browser = ground.link_anna(&key).await;
    let shown = ground.get(&link()).await.json();
    assert_eq!(
        (&shown["access_ends_at"], &shown["hint"]),
        (&json!("2026-03-09T08:59:59Z"), &Value::Null),
        "Google has said when"
    );
    let me = browser.get(&ground, "/me").await;
    assert!(
        me.body.contains("status Testing") && me.body.contains("2026-03-09"),
        "{}",
        me.body
    );

    ground.clock.advance(Duration::from_hours(7 * 24 + 1));
    let run = ground.post(&format!("{}/sync?wait=true", link())).await.json();
    assert_eq!(run["outcome"], "needs_authorization");
    let shown = ground.get(&link()).await.json();
    assert_eq!(shown["state"], "needs_authorization");
    assert!(
        shown["hint"].as_str().unwrap().contains("status Testing"),
        "{shown}"
    );
    ground.clock.advance(Duration::from_mins(1));
    let mut browser = Browser::default();
    let page = ground
        .authorize(&mut browser, &key, &ground.claims("again"))
        .await;
    let back = ground
        .consent(&mut browser, &page, Consent::all("anna@example.com"))
        .await;
    assert_eq!(back.location(), "/me?done=linked");
    let shown = ground.get(&link()).await.json();
    assert_eq!(
        (&shown["state"], &shown["hint"]),
        (&json!("active"), &Value::Null)
    );
}

#[tokio::test]
async fn an_access_that_was_taken_back_earlier_hints_at_nothing() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    ground.clock.advance(Duration::from_hours(3 * 24));
    ground.google.revoke_access("anna@example.com");
    let run = ground.post(&format!("{}/sync?wait=true", link())).await.json();
    assert_eq!(run["outcome"], "needs_authorization");
    let shown = ground.get(&link()).await.json();
    assert_eq!(
        (&shown["state"], &shown["hint"], &shown["access_ends_at"]),
        (&json!("needs_authorization"), &Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_grant_on_which_another_link_lives_is_not_ended() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    // The same CRM once more under another name, with the same Google client, and the same Google account.
    ground.put("/api/v1/crms/other", &ground.registration()).await;
    let file = ground
        .google
        .client_file(&format!("{PUBLIC_URL}/oauth/google/callback"));
    ground.put("/api/v1/crms/other/google-client", &file).await;
    let mut browser = Browser::default();
    let page = browser.get(&ground, "/authorize?crm=other").await;
    let back = ground
        .consent(&mut browser, &page, Consent::all("anna@example.com"))
        .await;
    assert_eq!(back.location(), "/me?done=linked", "{}", back.body);

    let gone = ground.delete(&link()).await.json();
    assert_eq!(gone, json!({ "disconnected": true, "revoked_at_google": false }));
    assert_eq!(ground.google.traffic().count("POST", "/revoke"), 0);
    let other = format!("/api/v1/crms/other/links/{ANNA}");
    ground.clock.advance(Duration::from_hours(2));
    let run = ground.post(&format!("{other}/sync?wait=true")).await.json();
    assert_eq!(run["outcome"], "ok", "the other link goes on: {run}");
    let gone = ground.delete(&other).await.json();
    assert_eq!(gone["revoked_at_google"], true, "the last one ends it");
    assert_eq!(ground.google.traffic().count("POST", "/revoke"), 1);
}

#[tokio::test]
async fn an_access_with_which_nobody_was_linked_is_given_back() {
    let ground = Ground::with(Setup {
        absent: Some("ben@example.com"),
        ..Setup::default()
    })
    .await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    let enter = async |email: &str| {
        let mut browser = Browser::default();
        let page = browser.get(&ground, "/authorize?crm=acme").await;
        ground.consent(&mut browser, &page, Consent::all(email)).await
    };
    assert_eq!(enter("ben@example.com").await.status, 403);
    assert_eq!(ground.google.traffic().count("POST", "/revoke"), 1);
    // Anna is still linked by the access that she gave before, so what she cannot be linked with stays.
    ground.crm.add_user(simulators::crm::suitecrm::CrmUser::new(
        "33333333-3333-4333-8333-333333333333",
        "anna2",
        "Anna",
        "Twin",
        "anna@example.com",
    ));
    assert_eq!(enter("anna@example.com").await.status, 403);
    assert_eq!(ground.google.traffic().count("POST", "/revoke"), 1);
}

#[tokio::test]
async fn each_way_in_which_google_ends_a_sign_in_is_explained() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    for (number, (query, status, explained)) in [
        ("error=access_denied", 200, "Access was not granted"),
        (
            "error=admin_policy_enforced",
            403,
            "Your organisation does not allow this",
        ),
        ("error=org_internal", 403, "Your organisation does not allow this"),
        ("error=temporarily_unavailable", 503, "Google does not answer"),
        ("error=deleted_client", 502, "Google refused this installation"),
        ("error=redirect_uri_mismatch", 502, "Google refused the way back"),
        (
            "error=interaction_required",
            400,
            "Google did not let you through",
        ),
        ("error=%3Cscript%3E", 400, "Google did not let you through"),
        // A code beside an error is none.
        ("code=x&error=access_denied", 200, "Access was not granted"),
        ("scope=none", 400, "This sign-in cannot be finished"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut browser = Browser::default();
        let page = ground
            .authorize(&mut browser, &key, &ground.claims(&format!("jti-{number}")))
            .await;
        let google = Url::parse(&page.link_to(&ground.google.auth_url())).unwrap();
        let state = google.query_pairs().find(|(name, _)| name == "state").unwrap().1;
        let back = browser
            .get(&ground, &format!("/oauth/google/callback?state={state}&{query}"))
            .await;
        assert_eq!(back.status.as_u16(), status, "{query}");
        assert!(
            back.body.contains(explained) && !back.body.contains("<script>"),
            "{query}: {}",
            back.body
        );
        assert!(ground.link().await.is_none());
    }
}
