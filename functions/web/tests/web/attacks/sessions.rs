//! Sessions made up, changed, lent, stolen and kept.

use std::time::Duration;

use axum::body::Body;
use http::{Request, header};

use crate::ground::{ANNA, Browser, Ground};

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
