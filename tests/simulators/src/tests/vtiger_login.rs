//! Vtiger: challenges and sessions.

use std::time::Duration;

use serde_json::json;

use super::vtiger::{Site, site};
use crate::crm::vtiger::{Version, VtigerOptions};

#[tokio::test]
async fn a_newer_challenge_spoils_the_older_and_the_refusal_is_that_of_a_wrong_key() {
    let site = site(Version::V8_4).await;
    let first = site.challenge("sync").await;
    let second = site.challenge("SYNC").await;
    assert_eq!(
        site.code_of_login("sync", &first, "syncSimulatedKey").await,
        "INVALID_USER_CREDENTIALS"
    );
    assert_eq!(
        site.code_of_login("sync", &second, "wrong").await,
        "INVALID_USER_CREDENTIALS"
    );
    // A challenge is good for several sign-ins, and those do not disturb each other.
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let answer = site.login("Sync", &second, "syncSimulatedKey").await;
        sessions.push(answer["result"]["sessionName"].as_str().unwrap().to_owned());
    }
    assert_ne!(sessions[0], sessions[1]);
    for session in sessions {
        assert_eq!(
            site.query_in(&session, "select id from Events;").await["success"],
            true
        );
    }
    site.sim.clock().advance(Duration::from_secs(301));
    assert_eq!(
        site.code_of_login("sync", &second, "syncSimulatedKey").await,
        "INVALID_AUTH_TOKEN"
    );
    let unknown = site
        .get(&[("operation", "getchallenge"), ("username", "nobody")])
        .await;
    assert_eq!(unknown["error"]["code"], "ACCESS_DENIED");
}

#[tokio::test]
async fn the_sign_in_tells_version_zone_and_rights() {
    for (version, told) in [(Version::V8_2, "8.2.0"), (Version::V8_4, "8.4.0")] {
        let site = site(version).await;
        let token = site.challenge("anna").await;
        let answer = site.login("anna", &token, "annaSimulatedKey").await;
        let result = &answer["result"];
        assert_eq!(
            (
                &result["vtigerVersion"],
                &result["userId"],
                &result["is_admin"],
                &result["time_zone"]
            ),
            (&json!(told), &json!("19x7"), &json!("off"), &json!("Europe/Rome"))
        );
    }
}

#[tokio::test]
async fn sessions_end_when_left_idle_or_too_old_and_are_kept_awake_by_requests() {
    let site = site(Version::V8_4).await;
    let code = async || site.query("select id from Events;").await["error"]["code"].clone();
    for _ in 0..3 {
        site.sim.clock().advance(Duration::from_mins(25));
        assert_eq!(code().await, json!(null));
    }
    site.sim.clock().advance(Duration::from_mins(31));
    assert_eq!(code().await, "SESSION_LEFT_IDLE");
    let site = self::site(Version::V8_4).await;
    for _ in 0..60 {
        site.sim.clock().advance(Duration::from_mins(25));
        site.query("select id from Events;").await;
    }
    let told = site.query("select id from Events;").await;
    assert_eq!(told["error"]["code"], "SESSION_EXPIRED");
    let none = site.query_in("nonsense", "select id from Events;").await;
    assert_eq!(none["error"]["code"], "INVALID_SESSIONID");
    let none = site
        .get(&[("operation", "query"), ("query", "select id from Events;")])
        .await;
    assert_eq!(none["error"]["code"], "AUTHENTICATION_REQUIRED");
}

#[tokio::test]
async fn what_php_cannot_do_is_an_empty_500_and_leaving_says_so_too() {
    for version in [Version::V8_2, Version::V8_4] {
        let site = site(version).await;
        for operation in ["sync", "no_such_operation"] {
            let answer = site
                .raw_get(&[("operation", operation), ("sessionName", &site.session)])
                .await;
            assert_eq!((answer.status, answer.text.as_str()), (500, ""), "{operation}");
        }
        let left = site
            .raw_post(&[("operation", "logout"), ("sessionName", &site.session)])
            .await;
        assert_eq!(left.status, 500);
        assert_eq!(left.text.is_empty(), version == Version::V8_2);
        let told = site.query("select id from Events;").await;
        assert_eq!(
            told["success"] == true,
            version == Version::V8_2,
            "the session goes on in 8.2"
        );
    }
}

#[tokio::test]
async fn the_wrong_method_looks_like_a_missing_parameter_and_another_path_like_no_crm() {
    let site = site(Version::V8_4).await;
    let wrong = site
        .raw_post(&[
            ("operation", "query"),
            ("sessionName", &site.session),
            ("query", "select id from Events;"),
        ])
        .await;
    assert_eq!(wrong.json()["error"]["code"], "ACCESS_DENIED");
    assert_eq!(site.http.get("/restapi/v1/vtiger/default/me").await.status, 404);
}

#[tokio::test]
async fn warnings_stand_in_front_of_a_good_answer() {
    let site = Site::start(VtigerOptions {
        shows_warnings: true,
        ..super::vtiger::options(Version::V8_2)
    })
    .await;
    let answer = site.raw_query("select id from Events;").await;
    assert!(answer.text.starts_with("<br />"), "{}", answer.text);
    assert!(
        answer.text.ends_with("{\"success\":true,\"result\":[]}"),
        "{}",
        answer.text
    );
}
