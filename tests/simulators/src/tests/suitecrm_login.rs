//! Tokens of the CRM.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{Http, Reply, at, crm, plain_crm};
use crate::SimClock;
use crate::crm::suitecrm::{SuiteCrmOptions, SuiteCrmSim, Version};

const CLIENT: &str = "c0ffee00-0000-4000-8000-000000000001";
const PASSWORD_CLIENT: &str = "c0ffee00-0000-4000-8000-000000000002";
const SECRET: &str = "simulated-crm-secret";

async fn start(options: SuiteCrmOptions) -> (SuiteCrmSim, Http) {
    let sim = SuiteCrmSim::start(options).await.unwrap();
    let http = Http::new(sim.base_url(), None);
    (sim, http)
}

async fn token(http: &Http, client: &str, secret: &str, more: &Value) -> Reply {
    let mut body = json!({ "client_id": client, "client_secret": secret });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    http.call("POST", "/Api/access_token", &body).await
}

fn error(reply: &Reply) -> (u16, String) {
    (
        reply.status,
        reply.json()["error"].as_str().unwrap_or_default().to_owned(),
    )
}

fn description(reply: &Reply) -> String {
    reply.json()["error_description"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn the_token_endpoints_errors_are_as_odd_as_measured() {
    let (_sim, http) = start(SuiteCrmOptions::default()).await;
    let by_client = json!({ "grant_type": "client_credentials" });
    let wrong = token(&http, CLIENT, "wrong", &by_client).await;
    assert_eq!(error(&wrong), (401, "invalid_client".to_owned()));
    let other_grant = json!({ "grant_type": "password", "username": "anna", "password": "x" });
    assert_eq!(
        error(&token(&http, CLIENT, SECRET, &other_grant).await),
        (401, "invalid_client".to_owned())
    );
    let unknown = token(&http, "c0ffee00-0000-4000-8000-0000000000ff", SECRET, &by_client).await;
    assert_eq!(error(&unknown), (500, "unknown_error".to_owned()));
    assert!(description(&unknown).ends_with("is not found"));
    let echoed = json!({ "grant_type": "password", "username": "anna", "password": "hunter2" });
    let echoed = token(&http, PASSWORD_CLIENT, SECRET, &echoed).await;
    assert_eq!(
        (echoed.status, description(&echoed).as_str()),
        (500, "The password is invalid: hunter2")
    );
    let nobody = json!({ "grant_type": "password", "username": "nobody", "password": "x" });
    let nobody = token(&http, PASSWORD_CLIENT, SECRET, &nobody).await;
    assert_eq!(
        (nobody.status, description(&nobody).as_str()),
        (500, "No user found with this username: nobody")
    );
    let strange = token(&http, CLIENT, SECRET, &json!({ "grant_type": "magic" })).await;
    assert_eq!(error(&strange), (400, "unsupported_grant_type".to_owned()));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ];
    let granted = http.form("/Api/access_token", &form).await;
    assert_eq!(
        (granted.status, granted.json()["expires_in"].as_i64()),
        (200, Some(3600))
    );
    assert!(!granted.header("content-type").contains("json"));
    let basic = http
        .request("POST", "/Api/index.php/access_token")
        .basic_auth(CLIENT, Some(SECRET));
    let basic = http
        .send(basic.form(&[("grant_type", "client_credentials")]))
        .await;
    assert_eq!(basic.status, 200);
}

#[tokio::test]
async fn claims_have_fractions_of_seconds_and_no_subject() {
    let (_sim, http) = start(SuiteCrmOptions::default()).await;
    let granted = token(
        &http,
        CLIENT,
        SECRET,
        &json!({ "grant_type": "client_credentials" }),
    )
    .await
    .json();
    assert_eq!(granted.get("refresh_token"), None);
    let body = granted["access_token"]
        .as_str()
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap()
        .to_owned();
    let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()).unwrap();
    assert!(claims["exp"].is_f64() && claims["exp"].as_f64().unwrap().fract() > 0.0);
    assert_eq!(claims["sub"], "");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_end_the_access_token() {
    let (sim, http) = start(SuiteCrmOptions::default()).await;
    let password =
        json!({ "grant_type": "password", "username": "anna", "password": "anna-simulated-password" });
    let first = token(&http, PASSWORD_CLIENT, SECRET, &password).await.json();
    let refresh = json!({ "grant_type": "refresh_token", "refresh_token": first["refresh_token"] });
    let old = Http::new(sim.base_url(), first["access_token"].as_str().map(str::to_owned));
    assert_eq!(
        old.get("/Api/V8/current-user").await.json()["data"]["attributes"]["user_name"],
        "anna"
    );
    let second = token(&http, PASSWORD_CLIENT, SECRET, &refresh).await;
    assert_eq!(second.status, 200);
    assert_eq!(old.get("/Api/V8/current-user").await.status, 401);
    let used = token(&http, PASSWORD_CLIENT, SECRET, &refresh).await;
    assert_eq!(
        (error(&used), used.json()["hint"].as_str()),
        (
            (401, "invalid_request".to_owned()),
            Some("Token has been revoked")
        )
    );
    let garbage = json!({ "grant_type": "refresh_token", "refresh_token": "garbage" });
    let garbage = token(&http, PASSWORD_CLIENT, SECRET, &garbage).await;
    assert!(
        garbage.json()["hint"]
            .as_str()
            .unwrap()
            .starts_with("Cannot decrypt")
    );
}

#[tokio::test]
async fn access_tokens_end() {
    let clock = SimClock::stopped(at("2026-11-22 10:00:00"));
    let (sim, http) = crm(SuiteCrmOptions {
        clock,
        ..SuiteCrmOptions::default()
    })
    .await;
    assert_eq!(http.get("/current-user").await.status, 200);
    sim.clock().advance(Duration::from_hours(1));
    let refused = http.get("/current-user").await;
    assert_eq!(error(&refused), (401, "access_denied".to_owned()));
    let (_sim, http) = plain_crm().await;
    assert_eq!(http.call("POST", "/logout", &json!({})).await.status, 200);
    assert_eq!(http.get("/current-user").await.status, 401);
    let stranger = Http::new(&http.base, None);
    assert_eq!(stranger.get("/current-user").await.status, 401);
}

#[tokio::test]
async fn missing_keys_are_an_empty_500() {
    let (_sim, http) = start(SuiteCrmOptions {
        missing_keys: true,
        ..SuiteCrmOptions::default()
    })
    .await;
    let reply = token(
        &http,
        CLIENT,
        SECRET,
        &json!({ "grant_type": "client_credentials" }),
    )
    .await;
    assert_eq!((reply.status, reply.text.as_str()), (500, ""));
}

#[tokio::test]
async fn the_legacy_path_is_the_only_one_where_it_is_one() {
    let (sim, http) = crm(SuiteCrmOptions {
        legacy_path: true,
        ..SuiteCrmOptions::default()
    })
    .await;
    assert!(http.base.ends_with("/legacy/Api/V8"));
    assert_eq!(http.get("/current-user").await.status, 200);
    let plain = Http::new(sim.base_url(), http.token.clone());
    assert_eq!(plain.get("/Api/V8/current-user").await.status, 404);
}

#[tokio::test]
async fn inactive_users_are_accepted_before_7_15() {
    for (version, status) in [(Version::V7_14, 200), (Version::V7_15, 500)] {
        let mut options = SuiteCrmOptions {
            version,
            ..SuiteCrmOptions::default()
        };
        options.users[1].active = false;
        let (_sim, http) = start(options).await;
        let password =
            json!({ "grant_type": "password", "username": "anna", "password": "anna-simulated-password" });
        assert_eq!(
            token(&http, PASSWORD_CLIENT, SECRET, &password).await.status,
            status
        );
    }
}

#[tokio::test]
async fn preferences_of_anyone_are_open_and_list_rows_hide_the_login_name() {
    let (_sim, http) = plain_crm().await;
    let anna = http
        .get("/user-preferences/11111111-1111-4111-8111-111111111111")
        .await
        .json();
    assert_eq!(anna["data"]["attributes"]["global"]["timezone"], "Europe/Rome");
    let own = http.get("/current-user").await.json();
    assert_eq!(own["data"]["type"], "User");
    assert!(
        !own["data"]["attributes"]["date_entered"]
            .as_str()
            .unwrap()
            .contains('T')
    );
    let listed = http
        .get("/module/Users?filter[user_name][eq]=anna&page[size]=5")
        .await
        .json();
    let row = &listed["data"][0]["attributes"];
    assert_eq!(
        (row["email1"].as_str(), row.get("user_name"), row.get("status")),
        (Some("anna@example.com"), None, None)
    );
    let fields = http.get("/meta/fields/Meetings").await.json();
    assert_eq!(fields["data"]["attributes"]["name"]["len"], "50");
    assert!(http.get("/meta/modules").await.json()["data"]["attributes"]["Calls"].is_object());
}
