//! Pages of ours inside pages of somebody else.

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::ground::{Answer, Browser, Ground};

/// A page asked for by a browser that fills a frame, or says that it does something else.
async fn asked(ground: &Ground, browser: &Browser, path: &str, destination: Option<&str>) -> Answer {
    let cookies: Vec<String> = browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut request = Request::get(path).header("cookie", cookies.join("; "));
    if let Some(destination) = destination {
        request = request.header("sec-fetch-dest", destination);
    }
    ground.send(request.body(Body::empty()).unwrap()).await
}

fn framers(answer: &Answer) -> (String, String) {
    let policy = answer.header("content-security-policy");
    let framers = policy.split_once("frame-ancestors ").unwrap().1.to_owned();
    (framers, answer.header("x-frame-options").to_owned())
}

fn nobody() -> (String, String) {
    ("'none'".to_owned(), "DENY".to_owned())
}

#[tokio::test]
async fn nobody_may_frame_anything_unless_the_administrator_wants_it() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let anna = ground.link_anna(&key).await;
    for path in [
        "/me",
        "/me/status",
        "/admin",
        "/authorize?crm=acme",
        "/healthz",
        "/nothing",
    ] {
        for destination in [Some("iframe"), Some("document"), None] {
            assert_eq!(
                framers(&asked(&ground, &anna, path, destination).await),
                nobody(),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn only_the_crms_own_origin_may_and_only_its_users_pages() {
    let ground = Ground::new().await;
    let mut registration = ground.registration();
    registration["allow_framing"] = json!(true);
    registration["base_url"] = json!(format!("{}/suite", ground.crm.base_url()));
    let shown = ground.put("/api/v1/crms/acme", &registration).await;
    assert_eq!(
        (shown.status.as_u16(), &shown.json()["allow_framing"]),
        (201, &json!(true))
    );
    registration["base_url"] = json!(ground.crm.base_url());
    assert_eq!(ground.put("/api/v1/crms/acme", &registration).await.status, 200);
    let file = ground
        .google
        .client_file(&format!("{}/oauth/google/callback", crate::ground::PUBLIC_URL));
    ground.put("/api/v1/crms/acme/google-client", &file).await;
    let key = ground.new_link_key().await;
    let anna = ground.link_anna(&key).await;
    let own = (ground.crm.base_url().to_owned(), String::new());
    for path in ["/me", "/me/status", "/me?done=linked"] {
        assert_eq!(
            framers(&asked(&ground, &anna, path, Some("iframe")).await),
            own,
            "{path}"
        );
        for destination in [
            Some("document"),
            Some("embed"),
            Some("object"),
            Some("frame"),
            None,
        ] {
            assert_eq!(
                framers(&asked(&ground, &anna, path, destination).await),
                nobody(),
                "{path}"
            );
        }
    }
    let stranger = Browser::default();
    let mut forged = Browser::default();
    forged
        .cookies
        .insert("sync_user".to_owned(), "v1.AAAA".to_owned());
    for browser in [&stranger, &forged] {
        assert_eq!(
            framers(&asked(&ground, browser, "/me", Some("iframe")).await),
            nobody()
        );
    }
    for path in ["/admin", "/authorize?crm=acme", "/mean", "/oauth/google/callback"] {
        assert_eq!(
            framers(&asked(&ground, &anna, path, Some("iframe")).await),
            nobody(),
            "{path}"
        );
    }
    registration.as_object_mut().unwrap().remove("allow_framing");
    ground.put("/api/v1/crms/acme", &registration).await;
    assert_eq!(
        framers(&asked(&ground, &anna, "/me", Some("iframe")).await),
        nobody(),
        "a registration that does not say so does not allow it"
    );
    registration["allow_framing"] = json!("yes");
    assert_eq!(
        ground.put("/api/v1/crms/acme", &registration).await.problem(422),
        ["allow_framing"]
    );
}

#[tokio::test]
async fn an_administrator_switches_framing_on_and_off_on_the_page() {
    let ground = Ground::new().await;
    ground.set_up().await;
    let mut admin = Browser::admin(&ground).await;
    let page = admin.get(&ground, "/admin/crms/acme/edit").await;
    let address = ground.crm.base_url().to_owned();
    let mut fields = vec![
        ("base_url", address.as_str()),
        ("label", "Acme CRM"),
        ("interval_minutes", "15"),
        ("enabled", "on"),
        ("allow_framing", "on"),
    ];
    let allowed = async || ground.get("/api/v1/crms/acme").await.json()["allow_framing"].clone();
    let saved = admin.submit(&ground, &page, "/admin/crms/acme", &fields).await;
    assert_eq!(
        (saved.status.as_u16(), allowed().await),
        (303, json!(true)),
        "{}",
        saved.body
    );
    fields.pop();
    admin.submit(&ground, &page, "/admin/crms/acme", &fields).await;
    assert_eq!(allowed().await, json!(false));
}
