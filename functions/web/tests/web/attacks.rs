//! What an attacker would try.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use secrecy::ExposeSecret;
use simulators::google::Consent;
use sync_core::port::SecretText;
use web::link_token::{self, Claims};

use crate::ground::{ADMIN_KEY, ANNA, Answer, Browser, Ground, Setup};

/// Asserts that a page refuses, and that nothing was linked.
async fn refused(ground: &Ground, answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert!(ground.link().await.is_none());
}

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
        .client_file(&format!("{}/oauth/google/callback", crate::ground::PUBLIC_URL));
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

#[tokio::test]
async fn no_form_is_taken_without_the_token_of_its_own_session() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut anna = ground.link_anna(&key).await;
    let mut admin = Browser::admin(&ground).await;
    let annas_page = anna.get(&ground, "/me").await;
    let admins_page = admin.get(&ground, "/admin").await;
    let link = format!("/admin/crms/acme/links/{ANNA}");
    let before = ground.link().await.unwrap();
    let user_forms = [
        "sync",
        "pause",
        "resume",
        "confirm",
        "preview",
        "settings",
        "disconnect",
        "sign-out",
        "journal/e/restore",
    ];
    let admin_forms = [
        "/admin/sign-out".to_owned(),
        "/admin/crms".to_owned(),
        "/admin/crms/acme".to_owned(),
        "/admin/crms/acme/check".to_owned(),
        "/admin/crms/acme/google-client".to_owned(),
        "/admin/crms/acme/google-client/remove".to_owned(),
        "/admin/crms/acme/link-key".to_owned(),
        "/admin/crms/acme/remove".to_owned(),
        format!("{link}/sync"),
        format!("{link}/pause"),
        format!("{link}/resume"),
        format!("{link}/disconnect"),
    ];
    let tokens = [String::new(), "x".to_owned(), "v1.AAAA".to_owned()];
    for path in user_forms.map(|name| format!("/me/{name}")) {
        for token in tokens.iter().chain([&admins_page.form_token()]) {
            let answer = anna
                .post(&ground, &path, &[("form_token", token), ("name", "acme")])
                .await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    for path in &admin_forms {
        for token in tokens.iter().chain([&annas_page.form_token()]) {
            let answer = admin
                .post(&ground, path, &[("form_token", token), ("name", "acme")])
                .await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        let stranger = Browser::default()
            .post(&ground, path, &[("form_token", &admins_page.form_token())])
            .await;
        assert_eq!(
            (stranger.status.as_u16(), stranger.location()),
            (303, "/admin"),
            "{path}"
        );
    }
    assert_eq!(ground.link().await.unwrap(), before);
    assert!(
        ground.schedules.take_single_runs().len() == 1,
        "only the first run, of linking"
    );
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_a_good_token() {
    let ground = Ground::new().await;
    let mut browser = Browser::default();
    let page = browser.get(&ground, "/admin").await;
    let token = page.form_token();
    for from in ["cross-site", "same-site", "none"] {
        let mut request = browser.form("/admin/sign-in", &[("form_token", &token), ("key", ADMIN_KEY)]);
        request
            .headers_mut()
            .insert("sec-fetch-site", from.parse().unwrap());
        assert_eq!(ground.send(request).await.status, 403, "{from}");
    }
    let mut request = browser.form("/admin/sign-in", &[("form_token", &token), ("key", ADMIN_KEY)]);
    request
        .headers_mut()
        .insert("sec-fetch-site", "same-origin".parse().unwrap());
    assert_eq!(ground.send(request).await.status, 303);
}

#[tokio::test]
async fn sessions_cannot_be_made_up_changed_lent_or_kept_for_ever() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let anna = ground.link_anna(&key).await;
    let admin = Browser::admin(&ground).await;
    let user_cookie = anna.cookies["sync_user"].clone();
    let admin_cookie = admin.cookies["sync_admin"].clone();
    let with = |name: &str, value: &str| {
        let mut browser = Browser::default();
        browser.cookies.insert(name.to_owned(), value.to_owned());
        browser
    };
    let mut flipped = admin_cookie.clone().into_bytes();
    let last = flipped.len() - 5;
    flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
    for (name, value) in [
        ("sync_admin", user_cookie.clone()),
        ("sync_admin", String::from_utf8(flipped).unwrap()),
        ("sync_admin", "v1.".to_owned()),
        ("sync_admin", "admin".to_owned()),
        ("sync_admin", anna.cookies["sync_browser"].clone()),
    ] {
        let answer = with(name, &value).get(&ground, "/admin/new").await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/admin"));
    }
    assert_eq!(
        with("sync_user", &admin_cookie).get(&ground, "/me").await.status,
        401
    );
    assert_eq!(
        with("sync_user", &user_cookie).get(&ground, "/me").await.status,
        200
    );
    // Of two cookies by the same name one was planted; neither is taken.
    let two = Request::get("/me").header(
        header::COOKIE,
        format!("sync_user={user_cookie}; sync_user={user_cookie}"),
    );
    assert_eq!(ground.send(two.body(Body::empty()).unwrap()).await.status, 401);
    ground.clock.advance(Duration::from_hours(8));
    assert_eq!(
        with("sync_admin", &admin_cookie)
            .get(&ground, "/admin/new")
            .await
            .status,
        303
    );
    ground.clock.advance(Duration::from_hours(4));
    assert_eq!(
        with("sync_user", &user_cookie).get(&ground, "/me").await.status,
        401
    );
}

#[tokio::test]
async fn a_session_ends_with_the_link_it_is_for() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut anna = ground.link_anna(&key).await;
    ground.delete(&format!("/api/v1/crms/acme/links/{ANNA}")).await;
    assert_eq!(anna.get(&ground, "/me").await.status, 401);
    assert_eq!(anna.get(&ground, "/me/status").await.status, 401);
    assert_eq!(anna.get(&ground, "/me/authorize").await.status, 401);
}

#[tokio::test]
async fn wrong_keys_can_be_tried_only_so_often() {
    let ground = Ground::with(Setup {
        forwarded_is_trusted: true,
        ..Setup::default()
    })
    .await;
    let mut browser = Browser::default();
    let page = browser.get(&ground, "/admin").await;
    let token = page.form_token();
    let attempt = async |key: &str, from: &str| {
        let mut request = browser.form("/admin/sign-in", &[("form_token", &token), ("key", key)]);
        request
            .headers_mut()
            .insert("x-forwarded-for", from.parse().unwrap());
        ground.send(request).await.status.as_u16()
    };
    for number in 0..10 {
        // What a caller says of itself comes before what the proxy saw, and does not help.
        assert_eq!(
            attempt("wrong", &format!("10.0.0.{number}, 192.0.2.1")).await,
            401
        );
    }
    assert_eq!(attempt(ADMIN_KEY, "192.0.2.1").await, 429);
    assert_eq!(
        attempt(ADMIN_KEY, "192.0.2.2").await,
        303,
        "others are not locked out"
    );
    ground.clock.advance(Duration::from_mins(15));
    assert_eq!(attempt(ADMIN_KEY, "192.0.2.1").await, 303);
}

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
        let mut request = crate::ground::api_request(http::Method::GET, "/api/v1/crms/acme", "");
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
