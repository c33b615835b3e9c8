//! Answers, and what is left where there is none.

use std::time::Duration;

use super::scripted::{Scripted, answer};
use super::{get, post};
use crate::client::{HttpClient, HttpFailure};

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    let server = Scripted::start(&[&answer("404 Not Found", "x-kind: test\r\n", "{\"a\":1}")]).await;
    let answer = HttpClient::unguarded()
        .unwrap()
        .send(get(&server.url))
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.header("x-kind"), answer.is_success()),
        (404, Some("test"), false)
    );
    assert_eq!(
        answer.json::<serde_json::Value>().unwrap(),
        serde_json::json!({ "a": 1 })
    );
    let request = &server.requests()[0];
    assert!(
        request
            .to_ascii_lowercase()
            .contains("user-agent: crm-google-sync/"),
        "{request}"
    );
    assert!(
        request.to_ascii_lowercase().contains("accept-encoding: gzip"),
        "{request}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = Scripted::start(&[&answer("302 Found", "location: http://169.254.169.254/\r\n", "")]).await;
    assert_eq!(
        HttpClient::unguarded()
            .unwrap()
            .send(get(&server.url))
            .await
            .unwrap()
            .status,
        302
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_cut_answer_leaves_the_outcome_open() {
    for cut in [
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "",
    ] {
        let server = Scripted::start(&[cut]).await;
        let failure = HttpClient::unguarded()
            .unwrap()
            .send(post(&server.url, "{}"))
            .await
            .unwrap_err();
        assert_eq!(failure, HttpFailure::Cut, "{cut:?}");
        assert!(failure.outcome_unknown());
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let endless = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
        "x".repeat(33 * 1024 * 1024)
    );
    let server = Scripted::start(&[&endless]).await;
    let failure = HttpClient::unguarded()
        .unwrap()
        .send(get(&server.url))
        .await
        .unwrap_err();
    assert_eq!(failure, HttpFailure::TooLarge);
}

#[tokio::test]
async fn neither_failures_nor_answers_show_what_is_in_them() {
    let server = Scripted::start(&[
        "",
        &answer("200 OK", "set-cookie: hidden-key\r\n", "{\"a\":\"hidden-key"),
    ])
    .await;
    let client = HttpClient::unguarded().unwrap();
    let failure = client.send(get(&server.url)).await.unwrap_err();
    let answer = client.send(get(&server.url)).await.unwrap();
    let unreadable = answer.json::<serde_json::Value>().unwrap_err();
    assert!(unreadable.cut);
    for shown in [
        format!("{failure} {failure:?}"),
        format!("{answer:?}"),
        format!("{unreadable} {unreadable:?}"),
    ] {
        assert!(!shown.contains("hidden-key"), "{shown}");
    }
}

#[tokio::test]
async fn the_time_to_wait_is_read_in_both_spellings() {
    let dated = "date: Tue, 04 Nov 2025 10:00:00 GMT\r\nretry-after: Tue, 04 Nov 2025 10:00:30 GMT\r\n";
    let server = Scripted::start(&[
        &answer("503 Busy", "retry-after: 7\r\n", ""),
        &answer("503 Busy", dated, ""),
        &answer("503 Busy", "retry-after: soon\r\n", ""),
    ])
    .await;
    let client = HttpClient::unguarded().unwrap();
    for expected in [Some(Duration::from_secs(7)), Some(Duration::from_secs(30)), None] {
        assert_eq!(
            client.send(get(&server.url)).await.unwrap().retry_after(),
            expected
        );
    }
}
