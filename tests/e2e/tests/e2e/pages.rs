//! The user's own page: it says how things stand, and its buttons do what they say, for this user alone.

use serde_json::json;
use simulators::{Fault, FaultRule, When};

use crate::rig::{
    ANNA, ANNA_MAIL, BEN, BEN_MAIL, Browser, CRM, Kind, Rig, linked_to, over_crms, over_every_crm,
};

async fn press(rig: &Rig, browser: &mut Browser, button: &str) -> u16 {
    let me = format!("{}/me", rig.base);
    let page = browser.open(&me).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let token = page.field("form_token");
    browser
        .send(&format!("{me}/{button}"), &[("form_token", token.as_str())])
        .await
        .status
}

async fn the_buttons_of_her_page_do_what_they_say(kind: Kind) {
    let rig = Rig::start(kind).await;
    let mut browser = rig.link_in(CRM, ANNA, ANNA_MAIL).await;
    assert_eq!(press(&rig, &mut browser, "pause").await, 303);
    assert_eq!(rig.state(ANNA).await, "disabled");
    assert_eq!(press(&rig, &mut browser, "resume").await, 303);
    assert_eq!(rig.state(ANNA).await, "active");
    assert_eq!(press(&rig, &mut browser, "sync").await, 303);
    assert_eq!(press(&rig, &mut browser, "preview").await, 200);
    assert_eq!(press(&rig, &mut browser, "disconnect").await, 200);
    assert_eq!(linked_to(&rig, CRM, ANNA).await, None);
    let me = browser.open(&format!("{}/me", rig.base)).await;
    assert_ne!(me.status, 200, "a session ends with its account link");
}

async fn a_form_that_was_not_made_for_this_session_changes_nothing(kind: Kind) {
    let rig = Rig::start(kind).await;
    let mut hers = rig.link_in(CRM, ANNA, ANNA_MAIL).await;
    let mut his = rig.link_in(CRM, BEN, BEN_MAIL).await;
    let me = format!("{}/me", rig.base);
    let his_token = his.open(&me).await.field("form_token");
    for token in ["", "guessed", his_token.as_str()] {
        let answer = hers
            .send(&format!("{me}/disconnect"), &[("form_token", token)])
            .await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    let nobody = Browser::new()
        .send(&format!("{me}/disconnect"), &[("form_token", &his_token)])
        .await;
    assert!((300..500).contains(&nobody.status), "{nobody:?}");
    assert_eq!(linked_to(&rig, CRM, ANNA).await.as_deref(), Some(ANNA_MAIL));
    assert_eq!(linked_to(&rig, CRM, BEN).await.as_deref(), Some(BEN_MAIL));
}

async fn the_page_shows_trouble_and_the_way_out_and_no_markup_of_strangers(kind: Kind) {
    let rig = Rig::start(kind).await;
    let mut browser = rig.link_in(CRM, ANNA, ANNA_MAIL).await;
    rig.anna()
        .create("Meetings", &json!({ "name": "x < y \"quoted\" & more", "date_start": "2026-11-24 10:00:00", "duration_hours": 1 }))
        .unwrap();
    rig.sync().await.ok();
    let rows = rig.crm.rows("Meetings");
    rig.later(20);
    rig.anna()
        .delete("Meetings", rows[0]["id"].as_str().unwrap())
        .unwrap();
    rig.sync().await.ok();
    let me = format!("{}/me", rig.base);
    let page = browser.open(&me).await;
    assert!(
        page.text.contains("x &#60; y"),
        "the journal shows the lost title, escaped: {}",
        page.text
    );
    rig.google.revoke_access(ANNA_MAIL);
    rig.google.expire_access_tokens();
    assert_eq!(rig.sync().await.outcome, "needs_authorization");
    let page = browser.open(&me).await;
    let again = page.link_to("/me/authorize");
    assert_eq!(again, "/me/authorize");
}

async fn lists_and_labels_are_offered_by_name_and_typed_where_google_does_not_tell(kind: Kind) {
    let rig = Rig::start(kind).await;
    let mut body = rig.crm.registration();
    body["settings"] = json!({ "tasks": { "enabled": true }, "contacts": { "enabled": true } });
    let path = format!("/crms/{CRM}");
    rig.call("PUT", &path, Some(&body)).await.good();
    let mut browser = rig.link_in(CRM, ANNA, ANNA_MAIL).await;
    let online = rig.anna_at_google();
    online.create_task_list("Errands").unwrap();
    online.create_label("Customers & <friends>").unwrap();
    let me = format!("{}/me", rig.base);
    let page = browser.open(&me).await.text;
    assert!(page.contains("<select id=\"tasks_list\""), "{page}");
    assert!(page.contains(">Errands</option>"), "{page}");
    assert!(
        page.contains("name=\"contacts_label\" value=\"CRM\" list=\"labels\""),
        "{page}"
    );
    assert!(
        page.contains("<option value=\"Customers &#38; &#60;friends&#62;\">"),
        "{page}"
    );
    let away = FaultRule::new(Fault::Html(404), When::Always);
    let is_list = |path: &str| path.contains("contactGroups") || path.contains("/lists");
    rig.google.faults().add(away.paths(is_list));
    let page = browser.open(&me).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        (page.field("tasks_list"), page.field("contacts_label")),
        ("@default".to_owned(), "CRM".to_owned())
    );
    assert!(!page.text.contains("list=\"labels\""), "{}", page.text);
}

over_crms! {
    #[tokio::test] suitecrm_offers = SuiteCrm:
    lists_and_labels_are_offered_by_name_and_typed_where_google_does_not_tell,
}

over_every_crm! {
    #[tokio::test]
    the_buttons_of_her_page_do_what_they_say,
    a_form_that_was_not_made_for_this_session_changes_nothing,
    the_page_shows_trouble_and_the_way_out_and_no_markup_of_strangers,
}
