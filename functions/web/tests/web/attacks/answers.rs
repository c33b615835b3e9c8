//! What every answer says to the browser, and what others can put into a page.

use axum::body::Body;
use http::Request;
use secrecy::ExposeSecret;
use simulators::google::Consent;
use web::link_token::Claims;

use crate::ground::{Browser, Ground, Setup, api_request};

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let ground = Ground::with(Setup {
        public_url: Some("https://sync.example.com"),
        ..Setup::default()
    })
    .await;
    ground.put("/api/v1/crms/acme", &ground.registration()).await;
    for path in [
        "/healthz",
        "/admin",
        "/me",
        "/authorize?crm=acme",
        "/authorize?crm=none",
        "/nothing",
        "/api/v1/crms",
        "/oauth/google/callback",
    ] {
        let answer = Browser::default().get(&ground, path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(
            answer.header("strict-transport-security").starts_with("max-age="),
            "{path}"
        );
        assert!(
            !answer.body.contains("<style")
                && !answer.body.contains(" style=")
                && !answer.body.contains(" onclick="),
            "{path}"
        );
    }
    let page = Browser::default().get(&ground, "/admin").await;
    let cookie = page.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-sync_browser=") && cookie.contains("; Path=/;"),
        "{cookie}"
    );
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("; Secure"),
        "{cookie}"
    );
    assert!(!cookie.contains("Domain"), "{cookie}");
    for asset in ["/assets/style-", "/assets/icon-"] {
        let answer = Browser::default().get(&ground, &page.link_to(asset)).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("cache-control").contains("immutable"));
    }
}

#[tokio::test]
async fn our_own_address_comes_from_the_operator_or_from_a_proxy_of_ours_or_from_the_request() {
    let address = async |setup: Setup, headers: &[(&str, &str)]| {
        let ground = Ground::with(setup).await;
        ground.put("/api/v1/crms/acme", &ground.registration()).await;
        let mut request = api_request(http::Method::GET, "/api/v1/crms/acme", "");
        for (name, value) in headers {
            request
                .headers_mut()
                .append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        ground.send(request).await.json()["redirect_uri"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let proxied = [
        ("host", "abc.lambda-url.eu-west-1.on.aws"),
        ("x-forwarded-proto", "https"),
    ];
    let none = || Setup {
        public_url: None,
        ..Setup::default()
    };
    let trusting = Setup {
        forwarded_is_trusted: true,
        ..none()
    };
    assert_eq!(
        address(trusting, &proxied).await,
        "https://abc.lambda-url.eu-west-1.on.aws/oauth/google/callback"
    );
    assert_eq!(
        address(none(), &proxied).await,
        "http://abc.lambda-url.eu-west-1.on.aws/oauth/google/callback"
    );
    assert_eq!(
        address(none(), &[("host", "127.0.0.1:8080")]).await,
        "http://127.0.0.1:8080/oauth/google/callback"
    );
    assert_eq!(
        address(none(), &[("host", "a\"><script>")]).await,
        "http://localhost/oauth/google/callback"
    );
    assert_eq!(
        address(Setup::default(), &proxied).await,
        "http://sync.example.com/oauth/google/callback"
    );
}

#[tokio::test]
async fn what_people_are_called_never_becomes_part_of_a_page() {
    let ground = Ground::new().await;
    let mut registration = ground.registration();
    registration["label"] = "<script>alert('crm')</script>".into();
    let key = ground.set_up_with(&registration).await;
    let claims = Claims {
        name: Some("<img src=x onerror=alert(1)>".to_owned()),
        email: Some("\"><script>@example.com".to_owned()),
        ..ground.claims("one")
    };
    let mut browser = Browser::default();
    let page = ground.authorize(&mut browser, &key, &claims).await;
    let back = ground
        .consent(&mut browser, &page, Consent::all("anna@example.com"))
        .await;
    assert_eq!(back.status, 303);
    let mut admin = Browser::admin(&ground).await;
    for shown in [
        page,
        browser.get(&ground, "/me").await,
        admin.get(&ground, "/admin").await,
        admin.get(&ground, "/admin/crms/acme").await,
    ] {
        assert!(
            shown.status == 200 && !shown.body.contains("<script>") && !shown.body.contains("<img src=x"),
            "{}",
            shown.body
        );
    }
    assert!(!key.1.expose_secret().is_empty());
}

#[tokio::test]
async fn no_other_site_may_read_an_answer_and_no_odd_method_is_taken() {
    let ground = Ground::new().await;
    for path in [
        "/healthz",
        "/api/v1/crms",
        "/api/v1/openapi.json",
        "/admin",
        "/me",
    ] {
        for method in ["GET", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY"] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("origin", "https://evil.example.com")
                .header("access-control-request-method", "PUT")
                .header("access-control-request-headers", "authorization");
            let answer = ground
                .send(request.body(Body::from("secret=hush")).unwrap())
                .await;
            assert!(
                !answer
                    .headers
                    .keys()
                    .any(|name| name.as_str().starts_with("access-control-")),
                "{method} {path}"
            );
            if method != "GET" {
                assert!(
                    [401, 405].contains(&answer.status.as_u16()),
                    "{method} {path}: {}",
                    answer.status
                );
                assert!(!answer.body.contains("hush"));
            }
        }
    }
}

#[tokio::test]
async fn every_answer_says_what_it_is() {
    let ground = Ground::new().await;
    ground.set_up().await;
    for (path, kind) in [
        ("/healthz", "application/json"),
        ("/api/v1/openapi.json", "application/json"),
        ("/api/v1/crms", "application/problem+json"),
        ("/admin", "text/html; charset=utf-8"),
        ("/me", "text/html; charset=utf-8"),
        ("/authorize?crm=acme", "text/html; charset=utf-8"),
        ("/nothing", "text/html; charset=utf-8"),
    ] {
        let answer = Browser::default().get(&ground, path).await;
        assert_eq!(answer.header("content-type"), kind, "{path}");
    }
}
