//! Consent, codes, refresh tokens, revocation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use chrono::{DateTime, TimeDelta, Utc};
use connector_http::client::HttpClient;
use data_encoding::BASE64URL_NOPAD;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sync_core::failure::{Class, Failure};
use sync_core::port::{Entropy, SecretText};

use simulators::SimClock;
use simulators::google::{GoogleOptions, GoogleSim};

use super::{
    CodeExchange, ConsentRequest, GoogleGrant, GoogleOauth, SCOPE_CALENDAR_EVENTS, SCOPE_CALENDAR_LIST,
    SCOPE_EMAIL, SCOPE_OPENID, new_verifier,
};
use crate::client_file::{GoogleClient, read_client_file};
use crate::endpoints::GoogleEndpoints;

const REDIRECT: &str = "https://sync.example.com/oauth/google/callback";

#[derive(Debug)]
struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

fn now() -> DateTime<Utc> {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

/// The forms that arrived, with their paths.
type Forms = Arc<Mutex<Vec<(String, BTreeMap<String, String>)>>>;

async fn google(answers: Vec<(u16, Value)>) -> (GoogleOauth, Forms) {
    let forms: Forms = Arc::default();
    let (log, answers) = (Arc::clone(&forms), Arc::new(Mutex::new(answers.into_iter())));
    let router = Router::new().fallback(move |request: Request| {
        let (log, answers) = (Arc::clone(&log), Arc::clone(&answers));
        async move {
            let path = request.uri().path().to_owned();
            let body = axum::body::to_bytes(request.into_body(), usize::MAX)
                .await
                .unwrap();
            log.lock()
                .unwrap()
                .push((path, url::form_urlencoded::parse(&body).into_owned().collect()));
            let (status, body) = answers.lock().unwrap().next().unwrap();
            (
                axum::http::StatusCode::from_u16(status).unwrap(),
                axum::Json(body),
            )
                .into_response()
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let endpoints = GoogleEndpoints {
        token: format!("{base}/token"),
        revoke: format!("{base}/revoke"),
        userinfo: format!("{base}/userinfo"),
        ..GoogleEndpoints::default()
    };
    let client = GoogleClient {
        client_id: "client-1".to_owned(),
        client_secret: SecretText::from("hidden-secret"),
    };
    (
        GoogleOauth::new(endpoints, client, HttpClient::unguarded().unwrap()),
        forms,
    )
}

fn claims() -> Value {
    json!({
        "iss": "https://accounts.google.com", "aud": "client-1", "exp": now().timestamp() + 3600, "nonce": "n1",
        "sub": "1001", "email": "anna@example.com", "email_verified": true,
    })
}

fn tokens(claims: &Value) -> Value {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    json!({
        "access_token": "access", "expires_in": 3599, "refresh_token": "refresh", "token_type": "Bearer",
        "scope": format!("{SCOPE_OPENID} {SCOPE_CALENDAR_EVENTS}"),
        "id_token": format!("{}.{}.signature", part(&json!({ "alg": "RS256" })), part(claims)),
    })
}

async fn exchanged(google: &GoogleOauth) -> Result<GoogleGrant, Failure> {
    google
        .exchange(&CodeExchange {
            code: &SecretText::from("code"),
            redirect: REDIRECT,
            verifier: &new_verifier(&Sevens),
            nonce: "n1",
            now: now(),
        })
        .await
}

#[tokio::test]
async fn the_consent_address_has_all_that_google_wants() {
    let (google, _) = google(Vec::new()).await;
    let verifier = new_verifier(&Sevens);
    let url = google
        .consent_url(&ConsentRequest {
            redirect: REDIRECT,
            scopes: &[SCOPE_OPENID, SCOPE_CALENDAR_EVENTS],
            state: "s1",
            nonce: "n1",
            verifier: &verifier,
            login_hint: Some("anna@example.com"),
        })
        .unwrap();
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.expose_secret().as_bytes()));
    let expected = [
        ("response_type", "code"),
        ("client_id", "client-1"),
        ("redirect_uri", REDIRECT),
        ("scope", &format!("{SCOPE_OPENID} {SCOPE_CALENDAR_EVENTS}")),
        ("state", "s1"),
        ("nonce", "n1"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("access_type", "offline"),
        ("include_granted_scopes", "true"),
        ("prompt", "consent"),
        ("login_hint", "anna@example.com"),
    ];
    assert_eq!(
        query,
        expected
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    );
    assert!(
        url.as_str()
            .starts_with("https://accounts.google.com/o/oauth2/v2/auth?")
    );
}

#[tokio::test]
async fn a_code_becomes_a_grant() {
    let (google, forms) = google(vec![(200, tokens(&claims()))]).await;
    let grant = exchanged(&google).await.unwrap();
    assert_eq!(grant.access.text.expose_secret(), "access");
    assert_eq!(grant.access.expires_at, now() + TimeDelta::seconds(3599));
    assert_eq!(
        grant
            .refresh
            .as_ref()
            .map(|token| token.expose_secret().to_owned())
            .as_deref(),
        Some("refresh")
    );
    assert!(grant.scopes.contains(SCOPE_CALENDAR_EVENTS));
    assert_eq!(
        (grant.identity.subject.as_str(), grant.identity.email_verified),
        ("1001", true)
    );
    assert_eq!(grant.identity.email.as_deref(), Some("anna@example.com"));
    let shown = format!("{grant:?} {google:?}");
    assert!(
        !shown.contains("refresh\"") && !shown.contains("hidden-secret") && !shown.contains("anna@"),
        "{shown}"
    );

    let (path, form) = forms.lock().unwrap()[0].clone();
    let verifier = new_verifier(&Sevens);
    let expected = [
        ("grant_type", "authorization_code"),
        ("code", "code"),
        ("code_verifier", verifier.expose_secret()),
        ("redirect_uri", REDIRECT),
        ("client_id", "client-1"),
        ("client_secret", "hidden-secret"),
    ];
    assert_eq!(path, "/token");
    assert_eq!(
        form,
        expected
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    );
}

#[tokio::test]
async fn an_id_token_for_something_else_is_refused() {
    for (claim, value) in [
        ("iss", json!("https://accounts.example.net")),
        ("aud", json!("client-2")),
        ("aud", json!(["client-2"])),
        ("nonce", json!("n2")),
        ("nonce", Value::Null),
        ("exp", json!(now().timestamp() - 3600)),
        ("sub", Value::Null),
    ] {
        let mut claims = claims();
        claims[claim] = value;
        let (google, _) = google(vec![(200, tokens(&claims))]).await;
        assert_eq!(
            exchanged(&google).await.unwrap_err().code,
            "id_token_invalid",
            "{claims}"
        );
    }
    for (claim, value, verified) in [
        ("aud", json!(["client-1", "client-2"]), true),
        ("iss", json!("accounts.google.com"), true),
        ("email_verified", json!("true"), true),
        ("email_verified", json!(false), false),
        ("email_verified", Value::Null, false),
        ("email", Value::Null, false),
    ] {
        let mut claims = claims();
        claims[claim] = value;
        let (google, _) = google(vec![(200, tokens(&claims))]).await;
        assert_eq!(
            exchanged(&google).await.unwrap().identity.email_verified,
            verified,
            "{claims}"
        );
    }
}

#[tokio::test]
async fn without_an_id_token_google_is_asked_who_it_is() {
    let mut answer = tokens(&claims());
    answer.as_object_mut().unwrap().remove("id_token");
    for person in [
        json!({ "sub": "1001", "email": "anna@example.com", "email_verified": true }),
        json!({ "id": "1001", "email": "anna@example.com", "verified_email": true }),
    ] {
        let (google, forms) = google(vec![(200, answer.clone()), (200, person)]).await;
        let identity = exchanged(&google).await.unwrap().identity;
        assert_eq!(
            (identity.subject.as_str(), identity.email_verified),
            ("1001", true)
        );
        assert_eq!(forms.lock().unwrap()[1].0, "/userinfo");
    }
}

#[tokio::test]
async fn only_googles_own_word_ends_a_grant() {
    for (status, body, class, code) in [
        (
            400,
            json!({ "error": "invalid_grant" }),
            Class::Reauth,
            "invalid_grant",
        ),
        (
            401,
            json!({ "error": "invalid_client" }),
            Class::Permanent,
            "invalid_client",
        ),
        (
            400,
            json!({ "error": "unauthorized_client" }),
            Class::Permanent,
            "unauthorized_client",
        ),
        (
            500,
            json!({ "error": "invalid_grant" }),
            Class::Retryable { after: None },
            "sign_in_away",
        ),
        (503, json!({}), Class::Retryable { after: None }, "sign_in_away"),
    ] {
        let (google, _) = google(vec![(status, body)]).await;
        let failure = google
            .refresh(&SecretText::from("refresh"), now())
            .await
            .unwrap_err();
        assert_eq!((failure.class, failure.code), (class, code));
    }
}

#[tokio::test]
async fn a_refresh_gives_a_token_and_perhaps_a_new_refresh_token() {
    let plain =
        json!({ "access_token": "a2", "expires_in": 3599, "token_type": "Bearer", "scope": SCOPE_OPENID });
    let (google, forms) = google(vec![(200, plain), (200, tokens(&claims()))]).await;
    let old = SecretText::from("old");
    let first = google.refresh(&old, now()).await.unwrap();
    assert_eq!(
        (first.access.text.expose_secret(), first.refresh.is_none()),
        ("a2", true)
    );
    assert_eq!(first.scopes.unwrap().len(), 1);
    assert!(google.refresh(&old, now()).await.unwrap().refresh.is_some());
    let form = forms.lock().unwrap()[0].1.clone();
    assert_eq!(
        (form["grant_type"].as_str(), form["refresh_token"].as_str()),
        ("refresh_token", "old")
    );
}

#[tokio::test]
async fn revoking_twice_is_revoking() {
    let token = SecretText::from("refresh");
    for (status, body, expected) in [
        (200, json!({}), Ok(())),
        (400, json!({ "error": "invalid_token" }), Ok(())),
        (400, json!({ "error": "invalid_request" }), Err("revoke_refused")),
        (503, json!({}), Err("sign_in_away")),
    ] {
        let (google, forms) = google(vec![(status, body)]).await;
        assert_eq!(
            google.revoke(&token).await.map_err(|failure| failure.code),
            expected
        );
        assert_eq!(
            forms.lock().unwrap()[0],
            (
                "/revoke".to_owned(),
                [("token".to_owned(), "refresh".to_owned())].into()
            )
        );
    }
}

#[tokio::test]
async fn a_whole_sign_in_works_against_the_simulated_google() {
    const ANNA: &str = "anna@example.com";
    let clock = SimClock::stopped(now());
    let options = GoogleOptions {
        clock,
        auto_consent: Some(ANNA.to_owned()),
        ..GoogleOptions::default()
    };
    let sim = GoogleSim::start(options).await.unwrap();
    let client = read_client_file(sim.client_file(REDIRECT).to_string().as_bytes(), REDIRECT).unwrap();
    let endpoints = GoogleEndpoints {
        auth: sim.auth_url(),
        token: sim.token_url(),
        revoke: sim.revoke_url(),
        userinfo: sim.userinfo_url(),
        calendar: sim.calendar_url(),
        ..GoogleEndpoints::default()
    };
    let http = HttpClient::unguarded().unwrap();
    let google = GoogleOauth::new(endpoints, client, http.clone());
    let verifier = new_verifier(&Sevens);
    let scopes = [
        SCOPE_OPENID,
        SCOPE_EMAIL,
        SCOPE_CALENDAR_EVENTS,
        SCOPE_CALENDAR_LIST,
    ];
    let url = google
        .consent_url(&ConsentRequest {
            redirect: REDIRECT,
            scopes: &scopes,
            state: "s1",
            nonce: "n1",
            verifier: &verifier,
            login_hint: None,
        })
        .unwrap();
    let answer = http
        .send(http::Request::get(url.as_str()).body(Vec::new()).unwrap())
        .await
        .unwrap();
    let back = url::Url::parse(answer.header("location").unwrap()).unwrap();
    let query: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    assert_eq!(
        (back.as_str().starts_with(REDIRECT), query["state"].as_str()),
        (true, "s1")
    );

    let code = SecretText::from(query["code"].clone());
    let exchange = CodeExchange {
        code: &code,
        redirect: REDIRECT,
        verifier: &verifier,
        nonce: "n1",
        now: now(),
    };
    let grant = google.exchange(&exchange).await.unwrap();
    assert_eq!(grant.identity.email.as_deref(), Some(ANNA));
    assert!(
        scopes.iter().all(|scope| grant.scopes.contains(*scope)),
        "{:?}",
        grant.scopes
    );
    // A code is good once.
    assert_eq!(
        google.exchange(&exchange).await.unwrap_err().code,
        "invalid_grant"
    );

    // Using a code twice may cost the grant, so the rest begins with new tokens.
    let tokens = sim.issue_tokens(ANNA, &scopes).unwrap();
    let refresh = SecretText::from(tokens.refresh_token);
    google.refresh(&refresh, now()).await.unwrap();
    google.revoke(&refresh).await.unwrap();
    google.revoke(&refresh).await.unwrap();
    let failure = google.refresh(&refresh, now()).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Reauth, "invalid_grant"));
}
