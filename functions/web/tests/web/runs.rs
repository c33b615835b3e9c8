//! Runs, history, preview, journal and confirmation through the calls.

use std::time::Duration;

use serde_json::{Value, json};
use sync_core::port::{Claim, Trigger};
use sync_core::side::PerSide;
use sync_engine::memory::{HeldDeletions, Leased, Progress};

use crate::ground::{ANNA, Ground};

fn link() -> String {
    format!("/api/v1/crms/acme/links/{ANNA}")
}

async fn linked() -> Ground {
    let ground = Ground::new().await;
    let key = ground.set_up().await;
    ground.link_anna(&key).await;
    ground.schedules.take_single_runs();
    ground
}

/// Writes what a run would have written.
async fn progress(ground: &Ground, progress: &Progress) {
    let now = ground.clock.now();
    let claim = Claim {
        run_id: "by hand".to_owned(),
        now,
        until: now + chrono::Duration::minutes(1),
    };
    let Leased::Granted(_, holder) = ground.memory.lease(&Ground::anna(), &claim).await.unwrap() else {
        panic!("leased")
    };
    ground
        .memory
        .finish(&Ground::anna(), &holder, progress)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_link_is_shown_with_its_state_and_runs() {
    let ground = linked().await;
    let shown = ground.get(&link()).await.json();
    let expected = json!({ "crm": "acme", "user": ANNA, "name": "Anna Rossi", "email": "anna@example.com", "google_email": "anna@example.com", "state": "active", "last_run": null });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    assert_eq!(shown["linked_at"], "2026-03-02T09:00:00Z");
    assert_eq!(shown["next_run_at"], "2026-03-02T09:15:00Z");
    assert_eq!(shown["settings"]["enabled"], true);
    assert_eq!(
        ground.get("/api/v1/crms/acme/links").await.json(),
        json!({ "items": [shown], "next_cursor": null })
    );
}

#[tokio::test]
async fn a_run_is_started_under_the_id_that_is_answered() {
    let ground = linked().await;
    let answer = ground.post(&format!("{}/sync", link())).await;
    assert_eq!(answer.status, 202);
    let runs = ground.schedules.take_single_runs();
    assert_eq!(runs.len(), 1);
    assert_eq!(
        (json!(runs[0].run_id), runs[0].trigger),
        (answer.json()["run_id"].clone(), Trigger::Manual)
    );
    assert_eq!(
        ground
            .post(&format!("{}/sync?wait=perhaps", link()))
            .await
            .problem(422),
        ["wait"]
    );
}

#[tokio::test]
async fn a_run_that_is_waited_for_is_answered_whole_and_heads_the_history() {
    let ground = linked().await;
    let person = ground.google.person("anna@example.com");
    person.create("primary", &json!({
        "summary": "Budget", "start": { "dateTime": "2026-03-05T10:00:00Z" }, "end": { "dateTime": "2026-03-05T11:00:00Z" },
    })).unwrap();
    let run = ground.post(&format!("{}/sync?wait=true", link())).await;
    assert_eq!(run.status, 200);
    let run = run.json();
    assert_eq!(
        (
            run["outcome"].clone(),
            run["trigger"].clone(),
            run["crm"].clone(),
            run["user"].clone()
        ),
        (json!("ok"), json!("manual"), json!("acme"), json!(ANNA)),
        "{run}"
    );
    assert_eq!(run["changes"]["events"]["crm"]["created"], 1);
    ground.clock.advance(Duration::from_mins(1));
    let idle = ground.post(&format!("{}/sync?wait=true", link())).await.json();
    assert_eq!(idle["outcome"], "ok");

    // The idle run is not in the history but heads the list, however it is paged.
    for limit in 1..=3 {
        let mut seen: Vec<Value> = Vec::new();
        let mut path = format!("{}/runs?limit={limit}", link());
        loop {
            let page = ground.get(&path).await.json();
            assert!(page["items"].as_array().unwrap().len() <= limit);
            seen.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("{}/runs?limit={limit}&cursor={next}", link());
        }
        assert_eq!(seen, [idle.clone(), run.clone()], "pages of {limit}");
    }
}

#[tokio::test]
async fn a_run_of_a_disabled_link_is_skipped_and_that_is_no_error() {
    let ground = linked().await;
    ground
        .patch(&format!("{}/settings", link()), &json!({ "enabled": false }))
        .await;
    let run = ground.post(&format!("{}/sync?wait=true", link())).await;
    assert_eq!(
        (
            run.status.as_u16(),
            run.json()["outcome"].clone(),
            run.json()["reason"].clone()
        ),
        (200, json!("skipped"), json!("disabled"))
    );
}

#[tokio::test]
async fn a_preview_writes_nothing() {
    let ground = linked().await;
    ground.google.person("anna@example.com").create("primary", &json!({
        "summary": "Budget", "start": { "dateTime": "2026-03-05T10:00:00Z" }, "end": { "dateTime": "2026-03-05T11:00:00Z" },
    })).unwrap();
    let before = ground.crm.snapshot();
    let preview = ground.post(&format!("{}/preview", link())).await;
    assert_eq!(preview.status, 200, "{}", preview.body);
    assert_eq!(preview.json()["changes"]["events"]["crm"]["created"], 1);
    assert_eq!(ground.crm.snapshot(), before);
}

#[tokio::test]
async fn held_deletions_go_on_with_a_persons_word_and_not_without_any() {
    let ground = linked().await;
    assert!(
        ground
            .post(&format!("{}/confirm", link()))
            .await
            .problem(409)
            .is_empty()
    );
    let held = HeldDeletions {
        since: ground.clock.now(),
        deletions: PerSide { crm: 12, google: 3 },
        examples: vec!["crm: Budget".to_owned()],
    };
    progress(
        &ground,
        &Progress {
            held: Some(held),
            ..Progress::default()
        },
    )
    .await;
    let shown = ground.get(&link()).await.json();
    assert_eq!(
        (shown["state"].clone(), shown["held"]["deletions"].clone()),
        (json!("held"), json!({ "crm": 12, "google": 3 }))
    );
    let answer = ground.post(&format!("{}/confirm", link())).await;
    assert_eq!(answer.status, 202);
    assert_eq!(
        ground
            .link()
            .await
            .unwrap()
            .body
            .value
            .confirmation
            .unwrap()
            .deletions,
        15
    );
    assert_eq!(
        json!(ground.schedules.take_single_runs()[0].run_id),
        answer.json()["run_id"]
    );
}

#[tokio::test]
async fn a_journal_that_is_empty_is_a_list_and_an_unknown_entry_is_not_found() {
    let ground = linked().await;
    assert_eq!(
        ground.get(&format!("{}/journal", link())).await.json(),
        json!({ "items": [], "next_cursor": null })
    );
    ground
        .post(&format!("{}/journal/none/restore", link()))
        .await
        .problem(404);
}

#[tokio::test]
async fn access_that_google_has_ended_shows_and_pauses() {
    let ground = linked().await;
    ground.google.revoke_access("anna@example.com");
    let run = ground.post(&format!("{}/sync?wait=true", link())).await.json();
    assert_eq!(run["outcome"], "needs_authorization", "{run}");
    let shown = ground.get(&link()).await.json();
    assert_eq!(
        (shown["state"].clone(), shown["next_run_at"].clone()),
        (json!("needs_authorization"), Value::Null)
    );
}
