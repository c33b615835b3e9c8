//! Forms sent by another site, or handed out to somebody else.

use http::StatusCode;

use crate::ground::{ADMIN_KEY, ANNA, Browser, Ground};

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
