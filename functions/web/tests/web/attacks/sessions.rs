//! Sessions made up, changed, lent, stolen and kept.

use std::time::Duration;

use axum::body::Body;
use http::{Request, header};

use crate::ground::{ADMIN_KEY, ANNA, Browser, Ground, Setup};

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
async fn every_sign_in_makes_a_new_session_and_its_forms_are_its_own() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut admin = Browser::default();
    let page = admin.get(&ground, "/admin").await;
    admin
        .submit(&ground, &page, "/admin/sign-in", &[("key", ADMIN_KEY)])
        .await;
    let first = admin.cookies["sync_admin"].clone();
    let before = page.form_token();
    let refused = admin
        .post(&ground, "/admin/sign-out", &[("form_token", &before)])
        .await;
    assert_eq!(
        refused.status, 403,
        "what was handed out before the sign-in is worth nothing behind it"
    );
    let mut page = admin.get(&ground, "/admin").await;
    admin.submit(&ground, &page, "/admin/sign-out", &[]).await;
    page = admin.get(&ground, "/admin").await;
    admin
        .submit(&ground, &page, "/admin/sign-in", &[("key", ADMIN_KEY)])
        .await;
    assert_ne!(admin.cookies["sync_admin"], first);

    let mut anna = ground.link_anna(&key).await;
    let (cookie, form) = (
        anna.cookies["sync_user"].clone(),
        anna.get(&ground, "/me").await.form_token(),
    );
    let page = ground.authorize(&mut anna, &key, &ground.claims("second")).await;
    ground
        .consent(
            &mut anna,
            &page,
            simulators::google::Consent::all("anna@example.com"),
        )
        .await;
    assert_ne!(anna.cookies["sync_user"], cookie);
    let refused = anna.post(&ground, "/me/pause", &[("form_token", &form)]).await;
    assert_eq!(refused.status, 403, "a form of the session before");
}

#[tokio::test]
async fn a_session_planted_before_the_sign_in_is_replaced_by_it() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let attackers = ground.link_anna(&key).await;
    let planted = attackers.cookies["sync_user"].clone();
    let mut victim = Browser::default();
    victim.cookies.insert("sync_user".to_owned(), planted.clone());
    let claims = web::link_token::Claims {
        sub: "22222222-2222-4222-8222-222222222222".to_owned(),
        email: Some("ben@example.com".to_owned()),
        ..ground.claims("victim")
    };
    let page = ground.authorize(&mut victim, &key, &claims).await;
    let back = ground
        .consent(
            &mut victim,
            &page,
            simulators::google::Consent::all("ben@example.com"),
        )
        .await;
    assert_eq!(back.status, 303, "{}", back.body);
    assert_ne!(victim.cookies["sync_user"], planted);
    assert!(victim.get(&ground, "/me").await.body.contains("ben@example.com"));
}

#[tokio::test]
async fn an_administrators_session_ends_with_the_key() {
    let before = Ground::new().await;
    let admin = Browser::admin(&before).await;
    assert_eq!(
        admin.clone().get(&before, "/admin/new").await.status,
        200,
        "good while the key is"
    );
    let after = before.with_admin_key("another administrator's key");
    let answer = admin.clone().get(&after, "/admin/new").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/admin"));
}

#[tokio::test]
async fn a_session_that_was_signed_out_of_is_over_for_whoever_has_copied_it() {
    let ground = Ground::with(Setup {
        public_url: Some("https://sync.example.com"),
        ..Setup::default()
    })
    .await;
    let mut admin = Browser::admin(&ground).await;
    let mut thief = admin.clone();
    assert_eq!(thief.get(&ground, "/admin/new").await.status, 200);
    let page = admin.get(&ground, "/admin").await;
    let left = admin.submit(&ground, &page, "/admin/sign-out", &[]).await;
    assert_eq!(left.header("clear-site-data"), "\"cache\", \"storage\"");
    let answer = thief.get(&ground, "/admin/new").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/admin"));

    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut anna = ground.link_anna(&key).await;
    let mut thief = anna.clone();
    let page = anna.get(&ground, "/me").await;
    assert_eq!(anna.submit(&ground, &page, "/me/sign-out", &[]).await.status, 200);
    assert_eq!(thief.get(&ground, "/me").await.status, 401);
    assert_eq!(
        thief
            .post(&ground, "/me/pause", &[("form_token", &page.form_token())])
            .await
            .status,
        401
    );
}
