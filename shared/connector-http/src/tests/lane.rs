//! What is sent again, and what is not.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use sync_core::failure::Failure;
use sync_core::port::SecretText;

use super::scripted::{Scripted, answer};
use super::{Steady, get, post, steady};
use crate::bearer::call_with_token;
use crate::client::{HttpClient, HttpFailure};
use crate::lane::{Lane, Repeat, Verdict, by_status};
use crate::token::{AccessToken, TokenSource};

const REFUSED: &str =
    "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nretry-after: 0\r\nconnection: close\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

fn lane() -> Lane {
    Lane::new(HttpClient::unguarded().unwrap(), 4, steady())
}

#[tokio::test]
async fn a_refusal_is_repeated_even_where_nothing_may_be_sent_twice() {
    let server = Scripted::start(&[REFUSED, REFUSED, &answer("200 OK", "", "{}")]).await;
    let lane = lane();
    let answer = lane
        .call(post(&server.url, "{}"), Repeat::Never, by_status)
        .await
        .unwrap();
    assert_eq!((answer.status, lane.requests()), (200, 3));
}

#[tokio::test]
async fn a_refusal_that_lasts_comes_back_as_the_answer() {
    let server = Scripted::start(&[REFUSED; 9]).await;
    let lane = lane();
    let answer = lane
        .call(get(&server.url), Repeat::Harmless, by_status)
        .await
        .unwrap();
    assert_eq!((answer.status, lane.requests()), (429, 4));
}

#[tokio::test]
async fn more_patience_than_a_run_has_is_left_to_the_schedule() {
    let long = answer("429 Too Many Requests", "retry-after: 3600\r\n", "");
    let server = Scripted::start(&[&long, &long]).await;
    let lane = lane();
    let answer = lane
        .call(get(&server.url), Repeat::Harmless, by_status)
        .await
        .unwrap();
    assert_eq!((answer.status, lane.requests()), (429, 1));
}

#[tokio::test]
async fn an_unknown_outcome_is_repeated_only_where_that_is_harmless() {
    for lost in ["", BROKEN, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        let server = Scripted::start(&[lost, &answer("200 OK", "", "{}")]).await;
        let harmless = lane();
        let answer = harmless
            .call(post(&server.url, "{}"), Repeat::Harmless, by_status)
            .await
            .unwrap();
        assert_eq!((answer.status, harmless.requests()), (200, 2), "{lost:?}");

        let server = Scripted::start(&[lost, &self::answer("200 OK", "", "{}")]).await;
        let never = lane();
        match never
            .call(post(&server.url, "{}"), Repeat::Never, by_status)
            .await
        {
            Ok(answer) => assert_eq!(answer.status, 502),
            Err(failure) => assert!(failure.outcome_unknown()),
        }
        assert_eq!(server.requests().len(), 1, "{lost:?}");
    }
}

#[tokio::test]
async fn a_connection_that_never_was_is_tried_again_and_told() {
    let lane = lane();
    let failure = lane
        .call(get("http://127.0.0.1:1/"), Repeat::Never, by_status)
        .await
        .unwrap_err();
    assert_eq!((failure, lane.requests()), (HttpFailure::Connect, 4));
}

#[tokio::test]
async fn the_body_can_say_that_it_was_too_many() {
    let quota = answer("403 Forbidden", "retry-after: 0\r\n", "quota");
    let server = Scripted::start(&[&quota, &answer("403 Forbidden", "", "rights")]).await;
    let lane = lane();
    let verdict = |answer: &crate::client::Answer| {
        if answer.body == b"quota" {
            Verdict::Refused
        } else {
            Verdict::Final
        }
    };
    let answer = lane.call(get(&server.url), Repeat::Never, verdict).await.unwrap();
    assert_eq!(
        (answer.body.as_slice(), lane.requests()),
        (b"rights".as_slice(), 2)
    );
}

#[tokio::test]
async fn clones_count_together_and_a_new_count_starts_at_nothing() {
    let ok = answer("200 OK", "", "{}");
    let server = Scripted::start(&[&ok, &ok, &ok]).await;
    let lane = lane();
    lane.clone()
        .call(get(&server.url), Repeat::Never, by_status)
        .await
        .unwrap();
    let anew = lane.counting_anew();
    anew.call(get(&server.url), Repeat::Never, by_status)
        .await
        .unwrap();
    lane.call(get(&server.url), Repeat::Never, by_status)
        .await
        .unwrap();
    assert_eq!((lane.requests(), anew.requests()), (2, 1));
}

proptest! {
    #[test]
    fn waits_keep_to_what_was_asked_and_grow_otherwise(byte in any::<u8>(), tried in 1_u32..9, asked in 0_u64..30) {
        let lane = Lane::new(HttpClient::unguarded().unwrap(), 1, Arc::new(Steady(byte)));
        let asked = std::time::Duration::from_secs(asked);
        prop_assert!(lane.wait(tried, Some(asked)) >= asked);
        prop_assert!(lane.wait(tried, None).as_millis() >= 250);
        prop_assert!(lane.wait(tried, None).as_millis() <= 8_000);
        prop_assert!(lane.wait(tried, None) <= lane.wait(tried + 1, None));
    }
}

/// Gives out the first token, and the second one where the first was refused.
#[derive(Debug)]
struct Two;

#[async_trait]
impl TokenSource for Two {
    async fn token(&self) -> Result<AccessToken, Failure> {
        Ok(AccessToken {
            text: SecretText::from("first"),
            expires_at: DateTime::<Utc>::MAX_UTC,
        })
    }

    async fn replace(&self, _refused: &AccessToken) -> Result<AccessToken, Failure> {
        Ok(AccessToken {
            text: SecretText::from("second"),
            expires_at: DateTime::<Utc>::MAX_UTC,
        })
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let refused = answer("401 Unauthorized", "", "");
    let server = Scripted::start(&[&refused, &answer("200 OK", "", "{}")]).await;
    let answer = call_with_token(&lane(), &Two, get(&server.url), Repeat::Never, by_status)
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    let sent = server.requests();
    assert!(sent[0].contains("Bearer first") && sent[1].contains("Bearer second"));

    let server = Scripted::start(&[&refused, &refused, &refused]).await;
    let answer = call_with_token(&lane(), &Two, get(&server.url), Repeat::Never, by_status)
        .await
        .unwrap();
    assert_eq!((answer.status, server.requests().len()), (401, 2));
}
