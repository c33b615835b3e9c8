//! The administration calls: registrations, Google client, link keys, settings.

use axum::body::Body;
use http::{Method, Request, header};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sync_core::port::Secrets;

use crate::ground::{CRM_SECRET, Ground, PUBLIC_URL, Setup, api_request};

const CRM: &str = "/api/v1/crms/acme";

#[tokio::test]
async fn health_needs_no_key() {
    let ground = Ground::new().await;
    let answer = ground
        .send(Request::get("/healthz").body(Body::empty()).unwrap())
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["status"].clone()),
        (200, json!("ok"))
    );
    assert!(answer.json()["version"].is_string());
}

#[tokio::test]
async fn every_call_without_the_key_is_unauthorised_whatever_else_is_wrong_with_it() {
    let ground = Ground::new().await;
    ground.set_up().await;
    let link = "/api/v1/crms/acme/links/u";
    let calls = [
        (Method::GET, "/api/v1/crms".to_owned()),
        (Method::GET, CRM.to_owned()),
        (Method::PUT, CRM.to_owned()),
        (Method::DELETE, CRM.to_owned()),
        (Method::POST, format!("{CRM}/check")),
        (Method::PUT, format!("{CRM}/google-client")),
        (Method::GET, format!("{CRM}/google-client")),
        (Method::DELETE, format!("{CRM}/google-client")),
        (Method::POST, format!("{CRM}/link-key")),
        (Method::GET, format!("{CRM}/links")),
        (Method::GET, link.to_owned()),
        (Method::DELETE, link.to_owned()),
        (Method::GET, format!("{link}/settings")),
        (Method::PATCH, format!("{link}/settings")),
        (Method::POST, format!("{link}/preview")),
        (Method::POST, format!("{link}/sync?wait=perhaps")),
        (Method::POST, format!("{link}/confirm")),
        (Method::GET, format!("{link}/runs?limit=-1")),
        (Method::GET, format!("{link}/journal")),
        (Method::POST, format!("{link}/journal/e/restore")),
        (Method::POST, CRM.to_owned()),
        (Method::GET, "/api/v1/nothing/of/the/kind".to_owned()),
    ];
    for (method, path) in calls {
        for key in [
            None,
            Some(""),
            Some("Bearer"),
            Some("Bearer "),
            Some("Bearer wrong"),
            Some("Basic wrong"),
        ] {
            let mut request = Request::builder().method(method.clone()).uri(&path);
            if let Some(key) = key {
                request = request.header(header::AUTHORIZATION, key);
            }
            let answer = ground.send(request.body(Body::from("{")).unwrap()).await;
            answer.problem(401);
            assert!(
                answer.header("www-authenticate").starts_with("Bearer"),
                "{method} {path}"
            );
        }
    }
    assert_eq!(ground.get(CRM).await.status, 200);
}

#[tokio::test]
async fn an_installation_without_a_key_lets_nobody_in() {
    let ground = Ground::with(Setup {
        admin_key: None,
        ..Setup::default()
    })
    .await;
    ground.get("/api/v1/crms").await.problem(401);
    let empty = Request::get("/api/v1/crms")
        .header(header::AUTHORIZATION, "Bearer ")
        .body(Body::empty())
        .unwrap();
    ground.send(empty).await.problem(401);
}

#[tokio::test]
async fn unknown_addresses_names_and_methods_are_told_apart() {
    let ground = Ground::new().await;
    ground.get("/api/v1/elsewhere").await.problem(404);
    ground.get("/api/v1/crms/none").await.problem(404);
    ground.get("/api/v1/crms/NOT-A-SLUG").await.problem(404);
    ground.get("/api/v1/crms/%ff").await.problem(404);
    ground.delete("/api/v1/crms/none").await.problem(404);
    ground.post("/api/v1/crms/none/check").await.problem(404);
    ground.post("/api/v1/crms/none/link-key").await.problem(404);
    ground.get("/api/v1/crms/none/links").await.problem(404);
    ground.get("/api/v1/crms/none/google-client").await.problem(404);
    ground.set_up().await;
    for (method, path) in [
        (Method::GET, ""),
        (Method::DELETE, ""),
        (Method::GET, "/settings"),
        (Method::POST, "/sync"),
    ] {
        ground
            .call(method, &format!("{CRM}/links/nobody{path}"), "")
            .await
            .problem(404);
    }
    let wrong = ground.post(CRM).await;
    wrong.problem(405);
    assert!(wrong.header("allow").contains("PUT"), "{:?}", wrong.headers);
}

#[tokio::test]
async fn a_crm_is_registered_read_replaced_and_removed() {
    let ground = Ground::new().await;
    let mut wanted = ground.registration();
    wanted["settings"] = json!({ "interval_minutes": 30, "events": { "direction": "crm_to_google" } });
    let made = ground.put(CRM, &wanted).await;
    assert_eq!(made.status, 201);
    let read = ground.get(CRM).await.json();
    assert_eq!(read, made.json());
    for name in ["kind", "label", "settings"] {
        assert_eq!(read[name], wanted[name], "{name}");
    }
    assert_eq!(
        read["auth"],
        json!({ "client_id": "c0ffee00-0000-4000-8000-000000000001" })
    );
    assert_eq!(read["google_client"], json!({ "status": "not_configured" }));
    assert_eq!(
        read["redirect_uri"],
        format!("{PUBLIC_URL}/oauth/google/callback")
    );

    let list = ground.get("/api/v1/crms").await.json();
    assert_eq!(
        (list["items"].clone(), list["next_cursor"].clone()),
        (json!([read]), Value::Null)
    );

    wanted["label"] = json!("Renamed");
    let replaced = ground.put(CRM, &wanted).await;
    assert_eq!(
        (replaced.status.as_u16(), replaced.json()["label"].clone()),
        (200, json!("Renamed"))
    );
    assert_eq!(replaced.json()["created_at"], read["created_at"]);

    assert_eq!(ground.delete(CRM).await.status, 204);
    ground.get(CRM).await.problem(404);
    assert!(
        ground
            .secrets
            .names()
            .iter()
            .all(|name| !name.starts_with("crm/")),
        "{:?}",
        ground.secrets.names()
    );
}

#[tokio::test]
async fn lists_are_paged_and_name_what_is_wrong_with_the_asking() {
    let ground = Ground::new().await;
    for name in ["a", "b", "c"] {
        assert_eq!(
            ground
                .put(&format!("/api/v1/crms/{name}"), &ground.registration())
                .await
                .status,
            201
        );
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/crms?limit=1".to_owned();
    loop {
        let page = ground.get(&path).await.json();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["crm"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/crms?limit=1&cursor={next}");
    }
    assert_eq!(seen, ["a", "b", "c"]);
    for limit in ["0", "-1", "201", "many", "1.5"] {
        assert_eq!(
            ground
                .get(&format!("/api/v1/crms?limit={limit}"))
                .await
                .problem(422),
            ["limit"]
        );
    }
    assert_eq!(
        ground.get("/api/v1/crms?cursor=***").await.problem(422),
        ["cursor"]
    );
}

#[tokio::test]
async fn bad_registrations_name_their_fields_and_change_nothing() {
    let ground = Ground::new().await;
    ground.set_up().await;
    let before = (ground.get(CRM).await.json(), stored(&ground).await);
    let with = |name: &str, value: Value| {
        let mut wanted = ground.registration();
        wanted[name] = value;
        wanted
    };
    let cases = [
        (with("kind", json!("abacus")), "kind"),
        (with("kind", json!(null)), "kind"),
        (with("kind", json!("open")), "kind"),
        (with("label", json!("")), "label"),
        (with("label", json!(7)), "label"),
        (with("label", json!("x".repeat(101))), "label"),
        (with("base_url", json!("not an address")), "base_url"),
        (with("base_url", json!("ftp://crm.example.com")), "base_url"),
        (
            with("base_url", json!("https://user:pw@crm.example.com")),
            "base_url",
        ),
        (
            with("base_url", json!("https://crm.example.com/?a=b")),
            "base_url",
        ),
        (
            with("base_url", json!("http://169.254.169.254/latest")),
            "base_url",
        ),
        (with("base_url", json!("http://[fd00:ec2::254]/")), "base_url"),
        (
            with("base_url", json!("http://[::ffff:169.254.169.254]/")),
            "base_url",
        ),
        (with("base_url", json!("http://2852039166/")), "base_url"),
        (with("auth", json!({ "client_id": "x" })), "auth.client_secret"),
        (with("auth", json!("secret")), "auth"),
        (
            with("settings", json!({ "interval_minutes": 1 })),
            "settings.interval_minutes",
        ),
        (with("settings", json!({ "intervals": 1 })), "settings.intervals"),
        (with("settings", json!([])), "settings"),
        (with("colour", json!("red")), "colour"),
        (json!([]), ""),
    ];
    for (wanted, field) in cases {
        let fields = ground.put(CRM, &wanted).await.problem(422);
        assert!(
            fields.contains(&field.to_owned()),
            "{field} in {fields:?} for {wanted}"
        );
    }
    let slug = ground
        .put("/api/v1/crms/Not_A_Slug", &ground.registration())
        .await;
    assert_eq!(slug.problem(422), ["crm"]);
    ground.call(Method::PUT, CRM, "{\"kind\":").await.problem(400);
    ground.call(Method::PUT, CRM, "").await.problem(400);
    let large = format!("{{\"label\":\"{}\"}}", "x".repeat(64 * 1024));
    ground.call(Method::PUT, CRM, &large).await.problem(413);
    assert_eq!((ground.get(CRM).await.json(), stored(&ground).await), before);
}

#[tokio::test]
async fn private_addresses_are_refused_where_they_are_not_allowed() {
    let ground = Ground::with(Setup {
        allow_private: false,
        ..Setup::default()
    })
    .await;
    for address in [
        "http://127.0.0.1/",
        "http://localhost:8080",
        "https://10.1.2.3",
        "https://[::1]/",
        "http://0x7f.1/",
    ] {
        let mut wanted = ground.registration();
        wanted["base_url"] = json!(address);
        assert_eq!(
            ground.put(CRM, &wanted).await.problem(422),
            ["base_url"],
            "{address}"
        );
    }
    assert!(ground.store.rows().is_empty());
}

#[tokio::test]
async fn replacing_keeps_google_client_key_and_links() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    let mut wanted = ground.registration();
    wanted["label"] = json!("Renamed");
    let replaced = ground.put(CRM, &wanted).await.json();
    assert_eq!(replaced["google_client"]["status"], "configured");
    assert_eq!(
        ground.get(&format!("{CRM}/links")).await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert!(ground.secrets.get("crm/acme/link-keys").await.unwrap().is_some());
}

#[tokio::test]
async fn the_check_names_the_wrong_field() {
    let ground = Ground::new().await;
    ground.set_up().await;
    let good = ground.post(&format!("{CRM}/check")).await;
    assert_eq!(
        (good.status.as_u16(), good.json()["status"].clone()),
        (200, json!("ok")),
        "{}",
        good.body
    );
    assert_eq!(good.json()["google_client"], "ok");

    ground.crm.change_client_secret("another-secret-by-now");
    ground.crm.expire_access_tokens();
    let wrong = ground.post(&format!("{CRM}/check")).await;
    assert_eq!(wrong.problem(422), ["auth.client_secret"], "{}", wrong.body);

    let mut wanted = ground.registration();
    wanted["auth"]["client_secret"] = json!("another-secret-by-now");
    assert_eq!(ground.put(CRM, &wanted).await.status, 200);
    assert_eq!(ground.post(&format!("{CRM}/check")).await.status, 200);

    let client =
        json!({ "client_id": "nobody.apps.googleusercontent.com", "client_secret": "wrong-google-secret" });
    assert_eq!(
        ground.put(&format!("{CRM}/google-client"), &client).await.status,
        200
    );
    assert_eq!(
        ground.post(&format!("{CRM}/check")).await.problem(422),
        ["google_client.client_secret"]
    );
}

#[tokio::test]
async fn the_check_of_something_that_is_no_crm_names_the_address() {
    let ground = Ground::new().await;
    ground.set_up().await;
    ground.crm.faults().add(simulators::FaultRule::new(
        simulators::Fault::Html(200),
        simulators::When::Always,
    ));
    ground.crm.expire_access_tokens();
    let wrong = ground.post(&format!("{CRM}/check")).await;
    assert_eq!(wrong.problem(422), ["base_url"], "{}", wrong.body);
}

#[tokio::test]
async fn a_google_client_is_installed_replaced_and_removed() {
    let ground = Ground::new().await;
    ground.put(CRM, &ground.registration()).await;
    let address = format!("{CRM}/google-client");
    assert_eq!(
        ground.get(&address).await.json(),
        json!({ "status": "not_configured" })
    );
    let file = ground
        .google
        .client_file(&format!("{PUBLIC_URL}/oauth/google/callback"));
    let installed = json!({ "status": "configured", "client_id": file["web"]["client_id"] });
    let put = ground.put(&address, &file).await;
    assert_eq!((put.status.as_u16(), put.json()), (200, installed.clone()));
    assert_eq!(ground.get(&address).await.json(), installed);
    let short =
        json!({ "client_id": "other.apps.googleusercontent.com", "client_secret": "other-google-secret" });
    assert_eq!(
        ground.put(&address, &short).await.json()["client_id"],
        "other.apps.googleusercontent.com"
    );
    assert_eq!(ground.delete(&address).await.status, 204);
    assert_eq!(
        ground.get(&address).await.json(),
        json!({ "status": "not_configured" })
    );
    assert!(
        ground
            .secrets
            .get("crm/acme/google-client")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn bad_client_files_name_what_is_wrong_and_change_nothing() {
    let ground = Ground::new().await;
    ground.set_up().await;
    let address = format!("{CRM}/google-client");
    let before = (ground.get(&address).await.json(), stored(&ground).await);
    let good = ground
        .google
        .client_file(&format!("{PUBLIC_URL}/oauth/google/callback"));
    let mut elsewhere = good.clone();
    elsewhere["web"]["redirect_uris"] = json!(["https://elsewhere.example.com/oauth/google/callback"]);
    let mut nameless = good.clone();
    nameless["web"].as_object_mut().unwrap().remove("client_id");
    let cases = [
        (json!({ "installed": good["web"] }).to_string(), 422, "installed"),
        (elsewhere.to_string(), 422, "web.redirect_uris"),
        (nameless.to_string(), 422, "web.client_id"),
        (json!({ "client_id": "x" }).to_string(), 422, "client_secret"),
        ("[]".to_owned(), 422, "file"),
        ("this is no JSON".to_owned(), 400, "file"),
        (String::new(), 400, "file"),
    ];
    for (file, status, field) in cases {
        assert_eq!(
            ground.call(Method::PUT, &address, &file).await.problem(status),
            [field],
            "{file}"
        );
    }
    ground
        .call(Method::PUT, &address, &" ".repeat(64 * 1024 + 1))
        .await
        .problem(413);
    let padded = format!("{good}{}", " ".repeat(64 * 1024 - good.to_string().len()));
    assert_eq!((ground.get(&address).await.json(), stored(&ground).await), before);
    assert_eq!(ground.call(Method::PUT, &address, &padded).await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_tell_its_length_is_limited_too() {
    let ground = Ground::new().await;
    let pieces = futures::stream::iter((0..70).map(|_| Ok::<_, std::io::Error>("x".repeat(1024))));
    let request = api_request(Method::PUT, CRM, "").map(|_| Body::from_stream(pieces));
    ground.send(request).await.problem(413);
}

#[tokio::test]
async fn link_keys_are_long_and_never_the_same() {
    let ground = Ground::new().await;
    let first = ground.set_up().await;
    let second = ground.new_link_key().await;
    assert_ne!(first.0, second.0);
    assert_ne!(first.1.expose_secret(), second.1.expose_secret());
    assert!(first.1.expose_secret().len() >= 43);
}

#[tokio::test]
async fn settings_are_merged_checked_and_reach_the_schedule() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    let address = format!("{CRM}/links/{}/settings", crate::ground::ANNA);
    let before = ground.get(&address).await.json();
    assert_eq!(before["start_from"], "2026-01-31");

    let patch = json!({ "interval_minutes": 60, "events": { "private": "none", "hours": null } });
    let after = ground.patch(&address, &patch).await;
    assert_eq!(after.status, 200);
    assert_eq!(after.json(), ground.get(&address).await.json());
    assert_eq!(
        (
            after.json()["interval_minutes"].clone(),
            after.json()["events"]["private"].clone()
        ),
        (json!(60), json!("none"))
    );
    assert_eq!(after.json()["events"]["direction"], before["events"]["direction"]);
    let schedule = ground.schedules.recurring(&Ground::anna()).unwrap();
    assert_eq!((schedule.interval_minutes, schedule.paused), (60, false));

    let wrong =
        json!({ "interval_minutes": 4, "events": { "direction": "sideways", "colour": 1 }, "speed": 9 });
    let fields = ground.patch(&address, &wrong).await.problem(422);
    assert_eq!(
        fields,
        ["events.colour", "events.direction", "interval_minutes", "speed"]
    );
    assert_eq!(ground.get(&address).await.json(), after.json());
    ground.call(Method::PATCH, &address, "{").await.problem(400);

    ground.patch(&address, &json!({ "enabled": false })).await;
    assert!(ground.schedules.recurring(&Ground::anna()).unwrap().paused);
    let link = ground
        .get(&format!("{CRM}/links/{}", crate::ground::ANNA))
        .await
        .json();
    assert_eq!(
        (link["state"].clone(), link["next_run_at"].clone()),
        (json!("disabled"), Value::Null)
    );
}

#[tokio::test]
async fn removing_a_crm_disconnects_its_users() {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    assert_eq!(ground.delete(CRM).await.status, 204);
    assert!(ground.link().await.is_none());
    assert!(ground.schedules.all_recurring().is_empty());
    assert_eq!(ground.secrets.names(), ["sealing-key"]);
    assert_eq!(ground.google.traffic().count("POST", "/revoke"), 1);
}

async fn stored(ground: &Ground) -> Vec<Option<String>> {
    let mut found = Vec::new();
    for name in ["crm/acme/auth", "crm/acme/google-client"] {
        found.push(
            ground
                .secrets
                .get(name)
                .await
                .unwrap()
                .map(|text| text.expose_secret().to_owned()),
        );
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is sent as a registration is answered with a problem or a registration, and what was registered
    /// is what is kept.
    #[test]
    fn any_registration_is_answered_in_form(
        slug in "[a-z0-9-]{1,3}|\\PC{1,8}", kind in "suitecrm|vtiger|\\PC{0,6}", label in "\\PC{0,12}",
        address in "https://crm\\.example\\.com(/[a-z]{1,5})?|\\PC{0,12}", id in "\\PC{0,8}",
    ) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let ground = Ground::new().await;
            let body = json!({
                "kind": kind, "label": label, "base_url": address,
                "auth": { "client_id": id, "client_secret": CRM_SECRET },
            });
            let path: String = url::form_urlencoded::byte_serialize(slug.as_bytes()).collect();
            let answer = ground.put(&format!("/api/v1/crms/{}", path.replace('+', "%20")), &body).await;
            if answer.status == 201 {
                assert_eq!(answer.json()["label"], label.trim());
            } else {
                assert!(!answer.problem(answer.status.as_u16()).is_empty() || answer.status == 404);
                assert!(ground.store.rows().is_empty() && ground.secrets.names().is_empty());
            }
        });
    }
}
