//! The administrator's key, guessed at.

use std::time::Duration;

use axum::body::Body;
use http::{Request, header};

use crate::ground::{ADMIN_KEY, Browser, Ground, Setup};

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
async fn many_wrong_keys_at_once_are_no_way_around_the_limit() {
    let ground = Ground::with(behind_a_proxy()).await;
    let mut browser = Browser::default();
    let token = browser.get(&ground, "/admin").await.form_token();
    let tries = (0..40).map(|_| {
        let mut request = browser.form("/admin/sign-in", &[("form_token", &token), ("key", "wrong")]);
        from(&mut request, "192.0.2.1");
        ground.send(request)
    });
    let answers = futures::future::join_all(tries).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(looked_at <= 10, "{looked_at} keys were looked at");
    assert!(
        answers
            .iter()
            .all(|answer| [401, 429].contains(&answer.status.as_u16()))
    );
}

#[tokio::test]
async fn a_thousand_sources_have_one_limit_together() {
    let ground = Ground::with(behind_a_proxy()).await;
    let mut browser = Browser::default();
    let token = browser.get(&ground, "/admin").await.form_token();
    let attempt = async |key: &str, source: &str| {
        let mut request = browser.form("/admin/sign-in", &[("form_token", &token), ("key", key)]);
        from(&mut request, source);
        ground.send(request).await.status.as_u16()
    };
    for number in 0..100 {
        assert_eq!(attempt("wrong", &format!("2001:db8::{number:x}")).await, 401);
    }
    assert_eq!(attempt(ADMIN_KEY, "198.51.100.7").await, 429);
    let open = ground.get("/api/v1/crms").await;
    assert_eq!(open.status, 200, "calls have a count of their own");
    ground.clock.advance(Duration::from_mins(15));
    assert_eq!(attempt(ADMIN_KEY, "198.51.100.7").await, 303);
}

#[tokio::test]
async fn calls_with_wrong_keys_are_limited_like_the_page() {
    let ground = Ground::with(behind_a_proxy()).await;
    let call = async |key: Option<&str>, source: &str| {
        let mut request = Request::get("/api/v1/crms").body(Body::empty()).unwrap();
        if let Some(key) = key {
            let value = format!("Bearer {key}").parse().unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        from(&mut request, source);
        ground.send(request).await
    };
    for _ in 0..200 {
        call(None, "192.0.2.1").await.problem(401);
    }
    for _ in 0..100 {
        call(Some("wrong"), "192.0.2.1").await.problem(401);
    }
    let refused = call(Some(ADMIN_KEY), "192.0.2.1").await;
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), "900");
    call(Some("wrong"), "192.0.2.1").await.problem(429);
    assert_eq!(
        call(Some(ADMIN_KEY), "192.0.2.2").await.status,
        200,
        "others are not locked out"
    );
    ground.clock.advance(Duration::from_mins(15));
    assert_eq!(call(Some(ADMIN_KEY), "192.0.2.1").await.status, 200);
}

#[tokio::test]
async fn the_right_key_makes_good_what_its_source_mistyped() {
    let ground = Ground::with(behind_a_proxy()).await;
    let mut browser = Browser::default();
    let token = browser.get(&ground, "/admin").await.form_token();
    let attempt = async |key: &str| {
        let mut request = browser.form("/admin/sign-in", &[("form_token", &token), ("key", key)]);
        from(&mut request, "192.0.2.1");
        ground.send(request).await.status.as_u16()
    };
    for _ in 0..3 {
        for _ in 0..9 {
            assert_eq!(attempt("wrong").await, 401);
        }
        assert_eq!(attempt(ADMIN_KEY).await, 303);
    }
}

#[tokio::test]
async fn no_part_of_the_key_and_nothing_around_it_is_the_key() {
    let ground = Ground::new().await;
    let near = [
        ADMIN_KEY.get(1..).unwrap().to_owned(),
        ADMIN_KEY.get(..ADMIN_KEY.len() - 1).unwrap().to_owned(),
        format!("{ADMIN_KEY}x"),
        ADMIN_KEY.to_uppercase(),
        "%".to_owned(),
        "*".to_owned(),
        "null".to_owned(),
    ];
    let mut first: Option<String> = None;
    for key in near {
        let request = Request::get("/api/v1/crms").header(header::AUTHORIZATION, format!("Bearer {key}"));
        let answer = ground.send(request.body(Body::empty()).unwrap()).await;
        answer.problem(401);
        let first = first.get_or_insert_with(|| answer.body.clone());
        assert_eq!(&answer.body, first, "every wrong key is answered alike");
    }
}

fn behind_a_proxy() -> Setup {
    Setup {
        forwarded_is_trusted: true,
        ..Setup::default()
    }
}

fn from(request: &mut Request<Body>, source: &str) {
    request
        .headers_mut()
        .insert("x-forwarded-for", source.parse().unwrap());
}
