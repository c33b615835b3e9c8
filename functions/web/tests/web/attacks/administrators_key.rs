//! The administrator's key, guessed at.

use std::time::Duration;

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
