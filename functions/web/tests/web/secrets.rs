//! Whatever is sent, no answer says it back where it was meant to be secret. (That nothing kept is ever shown,
//! every request of every test checks.)

use axum::body::Body;
use http::{Method, Request};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::ground::{Browser, Ground, api_request};

const HUSH: &str = "hush-9f2c4e71-secret";

fn run<F: Future<Output = ()>>(future: F) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future);
}

/// JSON that holds the secret somewhere.
fn with_secret() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(HUSH)),
        Just(json!(format!("x{HUSH}"))),
        Just(json!(7)),
        Just(Value::Null)
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(
                "client_id|client_secret|username|password|token|other",
                inner,
                0..4
            )
            .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_sign_in_is_never_said_back(auth in with_secret(), cut in 0_usize..400, kind in "suitecrm|vtiger|x") {
        // A client id is no secret, so it is not where one is put.
        prop_assume!(auth.get("client_id").is_none_or(|id| !id.to_string().contains(HUSH)));
        prop_assume!(auth.get("username").is_none_or(|id| !id.to_string().contains(HUSH)));
        run(async {
            let ground = Ground::new().await;
            let body = json!({ "kind": kind, "base_url": "https://crm.example.com", "auth": auth }).to_string();
            let cut: String = body.chars().take(cut).collect();
            for body in [body, cut] {
                let answer = ground.call(Method::PUT, "/api/v1/crms/acme", &body).await;
                assert!(!answer.body.contains(HUSH), "{}", answer.body);
                let read = ground.get("/api/v1/crms/acme").await;
                assert!(!read.body.contains(HUSH), "{}", read.body);
            }
        });
    }

    #[test]
    fn a_secret_among_the_settings_is_never_said_back(
        field in "enabled|interval_minutes|start_from|direction|hours|notify_guests",
        group in prop::option::of("events|tasks|contacts"), value in with_secret(), cut in 0_usize..200,
    ) {
        run(async {
            let ground = Ground::new().await;
            let mut settings = json!({ field: value });
            if let Some(group) = group {
                settings = json!({ group: settings });
            }
            let mut body = ground.registration();
            body["settings"] = settings;
            let body = body.to_string();
            let cut: String = body.chars().take(cut).collect();
            for body in [body, cut] {
                let answer = ground.call(Method::PUT, "/api/v1/crms/acme", &body).await;
                assert!(!answer.body.contains(HUSH), "{}", answer.body);
            }
        });
    }

    #[test]
    fn a_client_file_is_never_said_back(inner in with_secret(), wrapped in "web|installed|other", cut in 0_usize..300) {
        prop_assume!(inner.get("client_id").is_none_or(|id| !id.to_string().contains(HUSH)));
        run(async {
            let ground = Ground::new().await;
            ground.put("/api/v1/crms/acme", &ground.registration()).await;
            let file = json!({ wrapped: inner }).to_string();
            let cut: String = file.chars().take(cut).collect();
            for file in [file, inner.to_string(), cut] {
                let answer = ground.call(Method::PUT, "/api/v1/crms/acme/google-client", &file).await;
                assert!(!answer.body.contains(HUSH), "{}", answer.body);
            }
        });
    }

    #[test]
    fn any_address_at_all_is_answered_without_a_fault_of_ours(path in "/(api/v1/crms|admin|me|authorize|oauth/google/callback|assets)?[/?&=%a-z0-9.-]{0,30}") {
        run(async {
            let ground = Ground::new().await;
            ground.put("/api/v1/crms/acme", &ground.registration()).await;
            for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::HEAD] {
                let Ok(request) = Request::builder().method(method.clone()).uri(&path).body(Body::empty()) else { return };
                let answer = ground.send(request).await;
                assert!(answer.status.as_u16() < 500 || answer.status == 503, "{method} {path}: {}", answer.body);
                let answer = ground.send(api_request(method.clone(), &path, "")).await;
                assert!(answer.status.as_u16() < 500 || answer.status == 503, "{method} {path}: {}", answer.body);
            }
        });
    }
}

#[tokio::test]
async fn forms_do_not_say_secrets_back_either() {
    let ground = Ground::new().await;
    let mut admin = Browser::admin(&ground).await;
    let page = admin.get(&ground, "/admin/new?kind=suitecrm").await;
    let fields = [
        ("kind", "suitecrm"),
        ("crm", "Not A Slug"),
        ("base_url", "x"),
        ("client_secret", HUSH),
        ("password", HUSH),
    ];
    let again = admin.submit(&ground, &page, "/admin/crms", &fields).await;
    assert!(again.status == 422 && !again.body.contains(HUSH));
    ground.put("/api/v1/crms/acme", &ground.registration()).await;
    let page = admin.get(&ground, "/admin/crms/acme").await;
    let upload = admin
        .upload(
            &ground,
            &page,
            "/admin/crms/acme/google-client",
            &json!({ "installed": { "client_secret": HUSH } }).to_string(),
        )
        .await;
    assert!(upload.status == 422 && !upload.body.contains(HUSH));
}
