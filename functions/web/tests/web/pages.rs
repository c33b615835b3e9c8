//! The pages as people use them, without a script.

use serde_json::json;
use sync_core::port::Trigger;

use crate::ground::{ADMIN_KEY, ANNA, Browser, CRM_SECRET, Ground, PUBLIC_URL};

#[tokio::test]
async fn an_administrator_sets_a_crm_up_from_nothing() {
    let ground = Ground::new().await;
    let mut admin = Browser::default();
    let page = admin.get(&ground, "/admin").await;
    let wrong = admin
        .submit(&ground, &page, "/admin/sign-in", &[("key", "wrong")])
        .await;
    assert!(
        wrong.status == 401 && wrong.body.contains("not the administrator"),
        "{}",
        wrong.body
    );
    let signed_in = admin
        .submit(&ground, &wrong, "/admin/sign-in", &[("key", ADMIN_KEY)])
        .await;
    assert_eq!(signed_in.location(), "/admin");
    assert!(
        admin
            .get(&ground, "/admin")
            .await
            .body
            .contains("Nothing is registered yet")
    );

    let form = admin.get(&ground, "/admin/new?kind=suitecrm").await;
    let mut fields = vec![
        ("kind", "suitecrm"),
        ("crm", "acme"),
        ("label", "Acme CRM"),
        ("base_url", "ftp://nowhere"),
        ("client_id", "c0ffee00-0000-4000-8000-000000000001"),
        ("client_secret", CRM_SECRET),
        ("interval_minutes", "30"),
        ("enabled", "on"),
    ];
    let wrong = admin.submit(&ground, &form, "/admin/crms", &fields).await;
    assert!(
        wrong.status == 422 && wrong.body.contains("base_url") && wrong.body.contains("Acme CRM"),
        "{}",
        wrong.body
    );
    fields[3].1 = ground.crm.base_url();
    let made = admin.submit(&ground, &wrong, "/admin/crms", &fields).await;
    assert_eq!(
        made.location(),
        "/admin/crms/acme?done=registered",
        "{}",
        made.body
    );
    assert_eq!(
        ground.get("/api/v1/crms/acme").await.json()["settings"]["interval_minutes"],
        30
    );
    let taken = admin.submit(&ground, &wrong, "/admin/crms", &fields).await;
    assert!(
        taken.status == 422 && taken.body.contains("data-field=\"crm\""),
        "{}",
        taken.body
    );
}

#[tokio::test]
async fn an_administrator_installs_the_google_client_and_checks() {
    let ground = Ground::new().await;
    let mut registration = ground.registration();
    registration["settings"] = json!({ "interval_minutes": 30 });
    ground.put("/api/v1/crms/acme", &registration).await;
    let mut admin = Browser::admin(&ground).await;
    let page = admin.get(&ground, "/admin/crms/acme").await;
    assert!(
        page.body.contains("Not configured")
            && page.body.contains(&format!("{PUBLIC_URL}/oauth/google/callback"))
    );
    let nothing = admin
        .upload(&ground, &page, "/admin/crms/acme/google-client", "")
        .await;
    assert!(
        nothing.status == 422 && nothing.body.contains("data-field=\"file\""),
        "{}",
        nothing.body
    );
    let desktop = admin
        .upload(
            &ground,
            &page,
            "/admin/crms/acme/google-client",
            "{\"installed\":{}}",
        )
        .await;
    assert!(
        desktop.status == 422 && desktop.body.contains("Desktop app"),
        "{}",
        desktop.body
    );
    let large = admin
        .upload(
            &ground,
            &page,
            "/admin/crms/acme/google-client",
            &"x".repeat(64 * 1024 + 1),
        )
        .await;
    assert_eq!(large.status, 413);
    let huge = admin
        .upload(
            &ground,
            &page,
            "/admin/crms/acme/google-client",
            &"x".repeat(512 * 1024),
        )
        .await;
    assert_eq!(huge.status, 413);
    let file = ground
        .google
        .client_file(&format!("{PUBLIC_URL}/oauth/google/callback"))
        .to_string();
    let installed = admin
        .upload(&ground, &page, "/admin/crms/acme/google-client", &file)
        .await;
    assert_eq!(installed.location(), "/admin/crms/acme?done=client-installed");
    let page = admin.get(&ground, installed.location()).await;
    assert!(
        page.body.contains("Configured")
            && page.body.contains("data-client-state=\"configured\"")
            && !page.body.contains("data-client-state=\"not_configured\"")
    );

    let checked = admin.submit(&ground, &page, "/admin/crms/acme/check", &[]).await;
    assert!(checked.body.contains("data-client=\"ok\""), "{}", checked.body);
    let request = admin.form("/admin/crms/acme/link-key", &[("form_token", &page.form_token())]);
    let key = ground.send_unsearched(request).await;
    assert!(key.body.contains("id=\"key-id\"") && key.status == 200);

    let out = admin.submit(&ground, &page, "/admin/sign-out", &[]).await;
    assert_eq!(out.location(), "/admin");
    assert_eq!(admin.get(&ground, "/admin/crms/acme").await.location(), "/admin");
}

#[tokio::test]
async fn a_registration_is_changed_without_typing_its_secret_again_but_only_for_the_same_address() {
    let ground = Ground::new().await;
    ground.set_up().await;
    let mut admin = Browser::admin(&ground).await;
    let form = admin.get(&ground, "/admin/crms/acme/edit").await;
    assert!(!form.body.contains(CRM_SECRET));
    let base = ground.crm.base_url().to_owned();
    let fields = [
        ("label", "Renamed"),
        ("base_url", base.as_str()),
        ("client_secret", ""),
        ("interval_minutes", "15"),
    ];
    let saved = admin.submit(&ground, &form, "/admin/crms/acme", &fields).await;
    assert_eq!(saved.location(), "/admin/crms/acme?done=saved", "{}", saved.body);
    assert_eq!(ground.get("/api/v1/crms/acme").await.json()["label"], "Renamed");
    assert_eq!(
        ground.post("/api/v1/crms/acme/check").await.status,
        200,
        "the sign-in is still there"
    );
    let elsewhere = [
        ("label", "Moved"),
        ("base_url", "https://crm.example.com"),
        ("client_secret", ""),
        ("interval_minutes", "15"),
    ];
    let refused = admin.submit(&ground, &form, "/admin/crms/acme", &elsewhere).await;
    assert!(
        refused.status == 422 && refused.body.contains("auth"),
        "{}",
        refused.body
    );
    assert_eq!(ground.get("/api/v1/crms/acme").await.json()["label"], "Renamed");
}

#[tokio::test]
async fn an_administrator_pauses_resumes_syncs_and_disconnects_a_user() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    ground.schedules.take_single_runs();
    let mut admin = Browser::admin(&ground).await;
    let page = admin.get(&ground, "/admin/crms/acme").await;
    assert!(page.body.contains("Anna Rossi"));
    let link = format!("/admin/crms/acme/links/{ANNA}");
    for (action, paused) in [("pause", true), ("resume", false)] {
        assert_eq!(
            admin
                .submit(&ground, &page, &format!("{link}/{action}"), &[])
                .await
                .status,
            303
        );
        assert_eq!(
            ground.schedules.recurring(&Ground::anna()).unwrap().paused,
            paused
        );
    }
    admin.submit(&ground, &page, &format!("{link}/sync"), &[]).await;
    assert_eq!(ground.schedules.take_single_runs()[0].trigger, Trigger::Manual);
    let gone = admin
        .submit(&ground, &page, &format!("{link}/disconnect"), &[])
        .await;
    assert_eq!(gone.location(), "/admin/crms/acme?done=disconnected");
    assert!(ground.link().await.is_none());
    let not = admin
        .submit(&ground, &page, "/admin/crms/acme/remove", &[("name", "other")])
        .await;
    assert_eq!(not.location(), "/admin/crms/acme?done=not-removed");
    let removed = admin
        .submit(&ground, &page, "/admin/crms/acme/remove", &[("name", "acme")])
        .await;
    assert_eq!(removed.location(), "/admin?done=removed");
    ground.get("/api/v1/crms/acme").await.problem(404);
}

#[tokio::test]
async fn a_user_sees_changes_and_leaves() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut anna = ground.link_anna(&key).await;
    let run = ground
        .post(&format!("/api/v1/crms/acme/links/{ANNA}/sync?wait=true"))
        .await;
    assert_eq!(run.json()["outcome"], "ok", "{}", run.body);
    let me = anna.get(&ground, "/me").await;
    for shown in [
        "Sync of Anna Rossi",
        "anna@example.com",
        "are kept in step",
        "Acme CRM",
    ] {
        assert!(me.body.contains(shown), "{shown}");
    }
    ground.clock.advance(std::time::Duration::from_mins(1));
    let sync = anna.submit(&ground, &me, "/me/sync", &[]).await;
    let working = anna.get(&ground, sync.location()).await;
    assert!(
        working.body.contains("data-running") && working.body.contains("http-equiv=\"refresh\""),
        "{}",
        working.body
    );

    let fields = [
        ("interval_minutes", "60"),
        ("events_enabled", "on"),
        ("meetings", "on"),
        ("start_from", "2026-02-01"),
        ("direction", "crm_to_google"),
        ("conflict_winner", "crm"),
        ("calendars", "primary\r\n team@example.com \r\n"),
        ("target_calendar", "primary"),
        ("private", "none"),
        ("deletions", "keep"),
        ("description", "html"),
        ("hours", "on"),
        ("days", "mon"),
        ("days", "tue"),
        ("hours_from", "09:00"),
        ("hours_to", "17:00"),
        ("hours_zone", "Europe/Rome"),
    ];
    let saved = anna.submit(&ground, &me, "/me/settings", &fields).await;
    assert_eq!(saved.location(), "/me?done=saved", "{}", saved.body);
    let settings = ground
        .get(&format!("/api/v1/crms/acme/links/{ANNA}/settings"))
        .await
        .json();
    assert_eq!(
        settings["events"],
        json!({
            "enabled": true, "direction": "crm_to_google", "conflict_winner": "crm",
            "calendars": ["primary", "team@example.com"], "target_calendar": "primary", "record_types": ["meeting"],
            "private": "none", "private_as_busy": false, "deletions": "keep",
            "hours": { "days": ["mon", "tue"], "from": "09:00", "to": "17:00", "time_zone": "Europe/Rome" },
            "description": "html", "notify_guests": false,
        })
    );
    let mut wrong = fields;
    wrong[0].1 = "1";
    wrong[16].1 = "Mars/Olympus";
    let refused = anna.submit(&ground, &me, "/me/settings", &wrong).await;
    assert!(
        refused.status == 422
            && refused.body.contains("interval_minutes")
            && refused.body.contains("events.hours.time_zone"),
        "{}",
        refused.body
    );

    anna.submit(&ground, &me, "/me/pause", &[]).await;
    assert!(ground.schedules.recurring(&Ground::anna()).unwrap().paused);
    let off = anna.get(&ground, "/me").await;
    assert!(off.body.contains("Sync is switched off"));
    anna.submit(&ground, &off, "/me/resume", &[]).await;
    assert!(!ground.schedules.recurring(&Ground::anna()).unwrap().paused);

    let missing = anna.submit(&ground, &me, "/me/preview", &[]).await;
    assert!(
        missing.status == 409 && missing.body.contains("calendar named in the settings"),
        "{}",
        missing.body
    );
    let settings = format!("/api/v1/crms/acme/links/{ANNA}/settings");
    ground
        .patch(&settings, &json!({ "events": { "calendars": ["primary"] } }))
        .await;
    let preview = anna.submit(&ground, &me, "/me/preview", &[]).await;
    assert!(
        preview.status == 200 && preview.body.contains("Nothing has been written"),
        "{}",
        preview.body
    );
    let gone = anna.submit(&ground, &me, "/me/disconnect", &[]).await;
    assert!(
        gone.status == 200 && gone.body.contains("Disconnected"),
        "{}",
        gone.body
    );
    assert!(ground.link().await.is_none() && anna.get(&ground, "/me").await.status == 401);
}

#[tokio::test]
async fn a_user_whose_access_has_ended_is_shown_the_way_back() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut anna = ground.link_anna(&key).await;
    ground.google.revoke_access("anna@example.com");
    ground
        .post(&format!("/api/v1/crms/acme/links/{ANNA}/sync?wait=true"))
        .await;
    let me = anna.get(&ground, "/me").await;
    assert!(
        me.body.contains("Google has ended the access") && me.body.contains("href=\"/me/authorize\""),
        "{}",
        me.body
    );
    ground.clock.advance(std::time::Duration::from_secs(5));
    let again = anna.get(&ground, "/me/authorize").await;
    let back = ground
        .decide_at_google(
            again.location(),
            simulators::google::Consent::all("anna@example.com"),
        )
        .await;
    assert_eq!(anna.get(&ground, &back).await.status, 303);
    assert!(
        anna.get(&ground, "/me")
            .await
            .body
            .contains("first sync has not finished")
            || ground.link().await.unwrap().state() == sync_engine::memory::AccountLinkState::Active
    );
    assert!(!ground.schedules.recurring(&Ground::anna()).unwrap().paused);
}

#[tokio::test]
async fn pages_are_small_and_ask_nobody_else_for_anything() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    let mut anna = ground.link_anna(&key).await;
    let mut admin = Browser::admin(&ground).await;
    let pages = [
        Browser::default().get(&ground, "/admin").await,
        admin.get(&ground, "/admin").await,
        admin.get(&ground, "/admin/new").await,
        admin.get(&ground, "/admin/new?kind=vtiger").await,
        admin.get(&ground, "/admin/crms/acme").await,
        anna.get(&ground, "/me").await,
        Browser::default().get(&ground, "/authorize?crm=acme").await,
        Browser::default().get(&ground, "/nothing").await,
    ];
    for page in pages {
        let mut bytes = page.body.len();
        for name in ["href=\"/assets/", "src=\"/assets/"] {
            for part in page.body.split(name).skip(1) {
                let path = format!("/assets/{}", part.split('"').next().unwrap());
                bytes += Browser::default().get(&ground, &path).await.body.len();
            }
        }
        assert!(bytes < 60 * 1024, "{bytes}");
        assert!(!page.body.contains("src=\"http"), "{}", page.body);
        assert!(
            page.body.contains("<html lang=") && page.body.contains("<h1"),
            "{}",
            page.body
        );
    }
}
