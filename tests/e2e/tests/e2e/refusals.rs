//! What an administrator gets wrong is told by field, and what was there before stands.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule, When};

use crate::rig::{ANNA, Answer, CRM, Kind, Rig, over_every_crm};

/// Everything that an administrator can read of the CRM and its link.
async fn state_of(rig: &Rig) -> Vec<Value> {
    let mut state = Vec::new();
    for path in [
        "",
        "/google-client",
        "/links",
        &format!("/links/{}/settings", rig.crm.id_of(ANNA)),
    ] {
        state.push(rig.call("GET", &format!("/crms/{CRM}{path}"), None).await.good());
    }
    state
}

async fn put_client(rig: &Rig, file: &[u8]) -> Answer {
    rig.send(
        "PUT",
        &format!("/crms/{CRM}/google-client"),
        Some(file.to_vec()),
        Some(crate::rig::ADMIN_KEY),
    )
    .await
}

fn redirect(rig: &Rig) -> String {
    format!("{}/oauth/google/callback", rig.base)
}

async fn a_wrong_client_file_is_refused_by_field_and_the_former_client_stays(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let before = state_of(&rig).await;
    let good = rig.google.client_file(&redirect(&rig));
    let with = |name: &str, value: Value| {
        let mut file = good.clone();
        file["web"][name] = value;
        file.to_string().into_bytes()
    };
    let installed = json!({ "installed": good["web"].clone() })
        .to_string()
        .into_bytes();
    let long = format!("{{\"padding\":\"{}\"}}", "x".repeat(64 * 1024));
    let cases: Vec<(&str, Vec<u8>, u16, Option<&str>)> = vec![
        (
            "no JSON",
            b"client_id=1&client_secret=2".to_vec(),
            400,
            Some("file"),
        ),
        ("an empty file", Vec::new(), 400, Some("file")),
        ("a list", b"[]".to_vec(), 422, Some("file")),
        ("an installed client", installed, 422, Some("installed")),
        (
            "no redirect address of ours",
            with("redirect_uris", json!(["https://elsewhere.example/callback"])),
            422,
            Some("web.redirect_uris"),
        ),
        (
            "no redirect address",
            with("redirect_uris", json!([])),
            422,
            Some("web.redirect_uris"),
        ),
        (
            "no secret",
            with("client_secret", Value::Null),
            422,
            Some("web.client_secret"),
        ),
        ("no id", with("client_id", json!("")), 422, Some("web.client_id")),
        ("over 64 KiB", long.into_bytes(), 413, None),
    ];
    for (what, file, status, field) in cases {
        let answer = put_client(&rig, &file).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        let fields = answer.fields_at_fault();
        if let Some(field) = field {
            assert_eq!(fields, [field], "{what}: {answer:?}");
        }
    }
    assert_eq!(state_of(&rig).await, before);
    rig.sync().await.ok();
}

async fn a_wrong_registration_is_refused_by_field_and_the_former_one_stays(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let before = state_of(&rig).await;
    let good = rig.crm.registration();
    let (incomplete, lacking) = rig.crm.incomplete_sign_in();
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let mut cases: Vec<(Value, &str)> = vec![
        (with("/kind", json!("sugar")), "kind"),
        (with("/base_url", json!("not an address")), "base_url"),
        (with("/base_url", json!("ftp://crm.example.com")), "base_url"),
        (with("/base_url", json!("http://169.254.169.254/")), "base_url"),
        (with("/label", json!("")), "label"),
        (with("/auth", incomplete), lacking),
        (with("/auth", json!("secret")), "auth"),
    ];
    let mut unknown = good.clone();
    unknown["colour"] = json!("red");
    cases.push((unknown, "colour"));
    let mut settings = good.clone();
    settings["settings"] = json!({ "interval_minutes": 1 });
    cases.push((settings, "settings.interval_minutes"));
    for (body, field) in cases {
        let answer = rig.call("PUT", &format!("/crms/{CRM}"), Some(&body)).await;
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        assert_eq!(answer.fields_at_fault(), [field], "{body}: {answer:?}");
    }
    let key = Some(crate::rig::ADMIN_KEY);
    let not_json = rig
        .send("PUT", &format!("/crms/{CRM}"), Some(b"{".to_vec()), key)
        .await;
    assert_eq!(not_json.status, 400);
    not_json.assert_problem();
    let large = vec![b' '; 64 * 1024 + 1];
    let large = rig.send("PUT", &format!("/crms/{CRM}"), Some(large), key).await;
    assert_eq!(large.status, 413);
    large.assert_problem();
    let slug = rig.call("PUT", "/crms/Not%20a%20slug", Some(&good)).await;
    assert_eq!(
        (slug.status, slug.fields_at_fault()),
        (422, vec!["crm".to_owned()])
    );
    assert_eq!(state_of(&rig).await, before);
    rig.sync().await.ok();
}

async fn the_check_names_the_wrong_field_of_the_sign_in(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let check = async || rig.call("POST", &format!("/crms/{CRM}/check"), None).await;
    assert_eq!(check().await.good()["status"], "ok");
    for (auth, field) in rig.crm.wrong_sign_ins() {
        let mut body = rig.crm.registration();
        body["auth"] = auth.clone();
        rig.call("PUT", &format!("/crms/{CRM}"), Some(&body)).await.good();
        let answer = check().await;
        assert_eq!(answer.status, 422, "{answer:?}");
        assert_eq!(answer.fields_at_fault(), [field], "{answer:?}");
        for secret in ["wrong-secret", "hunter2-wrong"] {
            assert!(!answer.text.contains(secret), "a secret is told: {answer:?}");
        }
    }
    let body = rig.crm.registration();
    rig.call("PUT", &format!("/crms/{CRM}"), Some(&body)).await.good();
    assert_eq!(check().await.good()["status"], "ok");
    rig.sync().await.ok();
}

async fn a_crm_that_answers_with_a_web_page_is_named_and_changes_nothing(kind: Kind) {
    let rig = Rig::linked(kind).await;
    rig.crm.seed_sample();
    rig.sync_to_rest().await;
    let before = (rig.crm.snapshot(), rig.google.snapshot(), state_of(&rig).await);
    rig.later(20);
    for status in [200, 404, 503] {
        rig.crm
            .faults()
            .add(FaultRule::new(Fault::Html(status), When::Always));
        let answer = rig.call("POST", &format!("/crms/{CRM}/check"), None).await;
        assert!(matches!(answer.status, 422 | 503), "{status}: {answer:?}");
        assert_eq!(answer.fields_at_fault(), ["base_url"], "{status}: {answer:?}");
        let run = rig.sync().await;
        assert_eq!(run.outcome, "failed", "{status}: {run:#?}");
        run.changed_nothing();
        rig.crm.faults().clear();
    }
    assert_eq!((rig.crm.snapshot(), rig.google.snapshot()), (before.0, before.1));
    rig.sync_to_rest().await.changed_nothing();
    assert_eq!(rig.state(ANNA).await, "active");
}

async fn wrong_settings_are_refused_by_field_and_the_former_ones_stay(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let before = state_of(&rig).await;
    let cases = [
        (json!({ "colour": "red" }), "colour"),
        (json!({ "events": { "colour": "red" } }), "events.colour"),
        (json!({ "interval_minutes": 4 }), "interval_minutes"),
        (json!({ "interval_minutes": "often" }), "interval_minutes"),
        (json!({ "start_from": "yesterday" }), "start_from"),
        (
            json!({ "events": { "direction": "sideways" } }),
            "events.direction",
        ),
        (json!({ "events": { "calendars": [] } }), "events.calendars"),
        (
            json!({ "events": { "record_types": ["dream"] } }),
            "events.record_types",
        ),
        (
            json!({ "events": { "hours": { "days": ["mon"], "from": "19:00", "to": "08:00", "time_zone": "Mars" } } }),
            "events.hours.time_zone",
        ),
    ];
    for (patch, field) in cases {
        let answer = rig.of_link("PATCH", ANNA, "/settings", Some(&patch)).await;
        assert_eq!(answer.status, 422, "{patch}: {answer:?}");
        let fields = answer.fields_at_fault();
        assert!(fields.iter().any(|named| named == field), "{patch}: {fields:?}");
    }
    assert_eq!(state_of(&rig).await, before);
}

async fn every_administration_call_needs_the_key(kind: Kind) {
    let rig = Rig::linked(kind).await;
    let before = state_of(&rig).await;
    let link = rig.link_path(CRM, ANNA);
    let calls = [
        ("GET", "/crms".to_owned()),
        ("PUT", format!("/crms/{CRM}")),
        ("GET", format!("/crms/{CRM}")),
        ("DELETE", format!("/crms/{CRM}")),
        ("POST", format!("/crms/{CRM}/check")),
        ("PUT", format!("/crms/{CRM}/google-client")),
        ("GET", format!("/crms/{CRM}/google-client")),
        ("DELETE", format!("/crms/{CRM}/google-client")),
        ("POST", format!("/crms/{CRM}/link-key")),
        ("GET", format!("/crms/{CRM}/links")),
        ("GET", link.clone()),
        ("DELETE", link.clone()),
        ("GET", format!("{link}/settings")),
        ("PATCH", format!("{link}/settings")),
        ("POST", format!("{link}/preview")),
        ("POST", format!("{link}/sync")),
        ("POST", format!("{link}/sync?wait=true")),
        ("POST", format!("{link}/confirm")),
        ("GET", format!("{link}/runs")),
        ("GET", format!("{link}/journal")),
        ("POST", format!("{link}/journal/entry/restore")),
        // Whoever has no key does not even learn what exists.
        ("GET", "/crms/unknown".to_owned()),
        ("GET", "/nothing/at/all".to_owned()),
        ("TRACE", "/crms".to_owned()),
    ];
    let almost: String = crate::rig::ADMIN_KEY.chars().skip(1).collect();
    for (method, path) in &calls {
        let mut told = Vec::new();
        for key in [None, Some(""), Some("wrong"), Some(almost.as_str())] {
            let answer = rig.send(method, path, Some(b"{}".to_vec()), key).await;
            assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
            answer.assert_problem();
            told.push(answer.text);
        }
        told.dedup();
        assert_eq!(told.len(), 1, "one answer, whatever the key: {told:?}");
    }
    assert_eq!(state_of(&rig).await, before);
    let health = reqwest::get(format!("{}/healthz", rig.base)).await.unwrap();
    assert_eq!(health.status().as_u16(), 200);
}

over_every_crm! {
    #[tokio::test]
    a_wrong_client_file_is_refused_by_field_and_the_former_client_stays,
    a_wrong_registration_is_refused_by_field_and_the_former_one_stays,
    the_check_names_the_wrong_field_of_the_sign_in,
    a_crm_that_answers_with_a_web_page_is_named_and_changes_nothing,
    wrong_settings_are_refused_by_field_and_the_former_ones_stay,
    every_administration_call_needs_the_key,
}
