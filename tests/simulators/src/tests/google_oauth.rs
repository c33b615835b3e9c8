//! Consent, tokens, revocation.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::{ANNA, CALENDAR, Http, Reply, at};
use crate::SimClock;
use crate::google::{Consent, GoogleOptions, GoogleSim};

const CALLBACK: &str = "http://127.0.0.1:9/oauth/google/callback";
const VERIFIER: &str = "a-verifier-of-no-fewer-than-forty-three-characters";

struct Flow {
    sim: GoogleSim,
    http: Http,
    client: Value,
}

impl Flow {
    async fn start(options: GoogleOptions) -> Self {
        let sim = GoogleSim::start(options).await.unwrap();
        let client = sim.client_file(CALLBACK)["web"].clone();
        let http = Http::new(sim.base_url(), None);
        Self { sim, http, client }
    }

    async fn authorize(&self, changes: &[(&str, &str)]) -> Reply {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER.as_bytes()));
        let scope = format!("openid email {CALENDAR}");
        let mut pairs = vec![
            ("client_id", self.client["client_id"].as_str().unwrap()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", &scope),
            ("state", "a state & more"),
            ("nonce", "n1"),
            ("access_type", "offline"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        self.http.query("/o/oauth2/v2/auth", &pairs).await
    }

    async fn code(&self, changes: &[(&str, &str)]) -> String {
        self.sim.set_consent(Some(Consent::all(ANNA)));
        returned(&self.authorize(changes).await, "code").unwrap()
    }

    async fn token(&self, changes: &[(&str, &str)]) -> Reply {
        let mut pairs = vec![
            ("client_id", self.client["client_id"].as_str().unwrap()),
            ("client_secret", self.client["client_secret"].as_str().unwrap()),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        self.http.form("/token", &pairs).await
    }

    async fn redeem(&self, code: &str) -> Reply {
        self.token(&redemption(code)).await
    }
}

fn redemption(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

fn returned(reply: &Reply, name: &str) -> Option<String> {
    let url = Url::parse(reply.header("location")).ok()?;
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn error(reply: &Reply) -> (u16, String) {
    (
        reply.status,
        reply.json()["error"].as_str().unwrap_or_default().to_owned(),
    )
}

fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()).unwrap()
}

#[tokio::test]
async fn errors_of_the_request_stay_on_googles_own_page() {
    let flow = Flow::start(GoogleOptions::default()).await;
    let cases = [
        (
            "redirect_uri",
            "http://127.0.0.1:9/oauth/google/callback/",
            400,
            "redirect_uri_mismatch",
        ),
        ("client_id", "unknown", 401, "invalid_client"),
        ("response_type", "token", 400, "unsupported_response_type"),
        (
            "scope",
            "https://www.googleapis.com/auth/no.such",
            400,
            "invalid_scope",
        ),
        ("code_challenge_method", "S512", 400, "invalid_request"),
        ("access_type", "sometimes", 400, "invalid_request"),
    ];
    for (name, value, status, code) in cases {
        let reply = flow.authorize(&[(name, value)]).await;
        assert_eq!(reply.status, status, "{name}");
        assert!(reply.text.contains(code), "{name}: {}", reply.text);
        assert_eq!(reply.header("location"), "");
    }
}

#[tokio::test]
async fn the_consent_page_asks_for_an_account_and_lets_scopes_be_unticked() {
    let flow = Flow::start(GoogleOptions::default()).await;
    let page = flow.authorize(&[("login_hint", "ben@example.com")]).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("value=\"ben@example.com\" checked"));
    let ticket = page
        .text
        .split("name=\"ticket\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let decision = [
        ("ticket", ticket),
        ("account", "ben@example.com"),
        ("decision", "allow"),
    ];
    let back = flow.http.form("/o/oauth2/v2/consent", &decision).await;
    assert_eq!(back.status, 302);
    assert_eq!(returned(&back, "state").unwrap(), "a state & more");
    let granted = flow.redeem(&returned(&back, "code").unwrap()).await.json();
    assert_eq!(
        granted["scope"],
        "https://www.googleapis.com/auth/userinfo.email openid"
    );
    let denied = [
        ("ticket", ticket),
        ("account", "ben@example.com"),
        ("decision", "deny"),
    ];
    assert_eq!(flow.http.form("/o/oauth2/v2/consent", &denied).await.status, 400);
    flow.sim.set_consent(Some(Consent {
        allow: false,
        ..Consent::all(ANNA)
    }));
    let back = flow.authorize(&[]).await;
    assert_eq!(returned(&back, "error").unwrap(), "access_denied");
}

#[tokio::test]
async fn a_code_is_good_once_for_ten_minutes_with_its_verifier() {
    let clock = SimClock::stopped(at("2026-11-22 10:00:00"));
    let flow = Flow::start(GoogleOptions {
        clock,
        ..GoogleOptions::default()
    })
    .await;
    let code = flow.code(&[]).await;
    let granted = flow.redeem(&code).await;
    assert_eq!(granted.status, 200);
    let body = granted.json();
    assert_eq!(body["expires_in"], 3599);
    let claims = claims(body["id_token"].as_str().unwrap());
    assert_eq!(
        (claims["email"].as_str(), claims["nonce"].as_str()),
        (Some(ANNA), Some("n1"))
    );
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["aud"], flow.client["client_id"]);
    assert_eq!(claims["iss"], "https://accounts.google.com");
    assert_eq!(
        error(&flow.redeem(&code).await),
        (400, "invalid_grant".to_owned())
    );

    let code = flow.code(&[]).await;
    let mut wrong = redemption(&code).to_vec();
    wrong[3].1 = "another-verifier-of-no-fewer-than-forty-three-characters";
    assert_eq!(
        error(&flow.token(&wrong).await),
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(
        error(&flow.redeem(&code).await),
        (400, "invalid_grant".to_owned())
    );

    let code = flow.code(&[]).await;
    flow.sim.clock().advance(Duration::from_secs(601));
    assert_eq!(
        error(&flow.redeem(&code).await),
        (400, "invalid_grant".to_owned())
    );

    let code = flow.code(&[]).await;
    let mut elsewhere = redemption(&code).to_vec();
    elsewhere[2].1 = "http://127.0.0.1:9/elsewhere";
    assert_eq!(
        error(&flow.token(&elsewhere).await),
        (400, "redirect_uri_mismatch".to_owned())
    );
    let mut stranger = redemption(&code).to_vec();
    stranger.push(("client_secret", "wrong"));
    assert_eq!(
        error(&flow.token(&stranger).await),
        (401, "invalid_client".to_owned())
    );
}

#[tokio::test]
async fn a_refresh_token_comes_with_the_first_offline_consent_only() {
    let flow = Flow::start(GoogleOptions::default()).await;
    let first = flow.code(&[]).await;
    let refresh = flow.redeem(&first).await.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = flow.code(&[]).await;
    assert_eq!(flow.redeem(&second).await.json().get("refresh_token"), None);
    let asked = flow.code(&[("prompt", "consent")]).await;
    assert!(flow.redeem(&asked).await.json()["refresh_token"].is_string());

    let refreshed = flow
        .token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)])
        .await;
    assert_eq!(refreshed.status, 200);
    let access = refreshed.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(flow.http.form("/revoke", &[("token", &access)]).await.status, 200);
    // The whole grant went with the one token.
    let after = flow
        .token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)])
        .await;
    assert_eq!(error(&after), (400, "invalid_grant".to_owned()));
    let again = flow.code(&[]).await;
    assert!(flow.redeem(&again).await.json()["refresh_token"].is_string());
}

#[tokio::test]
async fn tokens_die_of_age_of_disuse_and_of_number() {
    let clock = SimClock::stopped(at("2026-11-22 10:00:00"));
    let flow = Flow::start(GoogleOptions {
        clock,
        testing_app: true,
        ..GoogleOptions::default()
    })
    .await;
    let oldest = flow.sim.issue_tokens(ANNA, &[CALENDAR]).unwrap();
    for _ in 0..99 {
        flow.sim.issue_tokens(ANNA, &[CALENDAR]).unwrap();
    }
    let last = flow.sim.issue_tokens(ANNA, &[CALENDAR]).unwrap();
    let refresh = |token: String| {
        let flow = &flow;
        async move {
            error(
                &flow
                    .token(&[("grant_type", "refresh_token"), ("refresh_token", &token)])
                    .await,
            )
        }
    };
    assert_eq!(
        refresh(oldest.refresh_token).await,
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(refresh(last.refresh_token.clone()).await, (200, String::new()));
    let calendar = Http::new(&flow.sim.calendar_url(), Some(last.access_token));
    assert_eq!(calendar.get("/users/me/calendarList").await.status, 200);
    flow.sim.clock().advance(Duration::from_hours(1));
    let refused = calendar.get("/users/me/calendarList").await;
    assert_eq!((refused.status, refused.reason().as_str()), (401, "authError"));
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    flow.sim.clock().advance(Duration::from_hours(7 * 24));
    assert_eq!(
        refresh(last.refresh_token).await,
        (400, "invalid_grant".to_owned())
    );
}

#[tokio::test]
async fn user_info_comes_in_both_shapes() {
    let flow = Flow::start(GoogleOptions::default()).await;
    let code = flow.code(&[]).await;
    let token = flow.redeem(&code).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let http = Http::new(flow.sim.base_url(), Some(token));
    let older = http.get("/oauth2/v2/userinfo").await.json();
    assert_eq!(
        (older["email"].as_str(), older["verified_email"].as_bool()),
        (Some(ANNA), Some(true))
    );
    let openid = http.get("/v1/userinfo").await.json();
    assert_eq!(
        (&openid["sub"], openid["email_verified"].as_bool()),
        (&older["id"], Some(true))
    );
    let stranger = Http::new(flow.sim.base_url(), Some("rubbish".to_owned()));
    assert_eq!(stranger.get("/oauth2/v2/userinfo").await.status, 401);
}
