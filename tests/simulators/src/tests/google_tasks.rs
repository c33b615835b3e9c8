//! Tasks v1: what is hidden, what is dropped, what only looks deleted.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ANNA, Http, at};
use crate::SimClock;
use crate::google::{GoogleOptions, GoogleSim};

const TASKS: &str = "/lists/@default/tasks";
const SCOPE: &str = "https://www.googleapis.com/auth/tasks";

async fn tasks(options: GoogleOptions) -> (GoogleSim, Http) {
    let sim = GoogleSim::start(options).await.unwrap();
    let tokens = sim.issue_tokens(ANNA, &[SCOPE]).unwrap();
    let http = Http::new(&sim.tasks_url(), Some(tokens.access_token));
    (sim, http)
}

async fn plain() -> (GoogleSim, Http) {
    tasks(GoogleOptions {
        clock: SimClock::stopped(at("2026-03-02 08:00:00")),
        ..GoogleOptions::default()
    })
    .await
}

async fn insert(http: &Http, task: &Value) -> Value {
    let reply = http.call("POST", TASKS, task).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn path(task: &Value) -> String {
    format!("{TASKS}/{}", task["id"].as_str().unwrap())
}

async fn titles(http: &Http, query: &[(&str, &str)]) -> Vec<String> {
    let body = http.query(TASKS, query).await.json();
    let items = body["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|task| task["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_due_time_is_dropped_after_it_was_brought_to_utc() {
    let (_sim, http) = plain().await;
    let made = insert(&http, &json!({ "title": "A", "due": "2026-03-03T15:30:00.000Z" })).await;
    assert_eq!(made["due"], "2026-03-03T00:00:00.000Z");
    let made = insert(
        &http,
        &json!({ "title": "B", "due": "2026-03-03T23:00:00-05:00" }),
    )
    .await;
    assert_eq!(made["due"], "2026-03-04T00:00:00.000Z");
    let bad = http
        .call("POST", TASKS, &json!({ "title": "C", "due": "2026-03-03" }))
        .await;
    assert_eq!((bad.status, bad.reason().as_str()), (400, "invalid"));
}

#[tokio::test]
async fn the_server_draws_ids_and_a_repeat_makes_a_second_task() {
    let (sim, http) = plain().await;
    let body = json!({ "title": "A", "id": "mine", "links": [], "position": "1", "parent": "none" });
    let (one, two) = (insert(&http, &body).await, insert(&http, &body).await);
    assert_ne!(one["id"], "mine");
    assert_ne!(one["id"], two["id"]);
    assert_eq!(one.get("parent"), None);
    assert_eq!(sim.person(ANNA).tasks("@default").len(), 2);
    let unknown = http.call("POST", TASKS, &json!({ "subject": "A" })).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn texts_that_are_too_long_are_refused() {
    let (_sim, http) = plain().await;
    for (name, most) in [("title", 1024), ("notes", 8192)] {
        let fits = insert(&http, &json!({ name: "x".repeat(most) })).await;
        assert_eq!(fits[name].as_str().unwrap().len(), most);
        let long = http
            .call("POST", TASKS, &json!({ name: "x".repeat(most + 1) }))
            .await;
        assert_eq!(long.status, 400, "{name}");
    }
}

#[tokio::test]
async fn what_a_person_completes_is_hidden_and_what_a_program_completes_is_not() {
    let (sim, http) = plain().await;
    let (by_person, by_program) = (
        insert(&http, &json!({ "title": "person" })).await,
        insert(&http, &json!({ "title": "program" })).await,
    );
    let id = by_person["id"].as_str().unwrap();
    sim.person(ANNA).complete_task("@default", id).unwrap();
    let done = http
        .call("PATCH", &path(&by_program), &json!({ "status": "completed" }))
        .await
        .json();
    assert_eq!(done["completed"], "2026-03-02T08:00:00.000Z");
    assert_eq!(titles(&http, &[]).await, ["program"]);
    assert_eq!(titles(&http, &[("showHidden", "true")]).await.len(), 2);
    assert!(
        titles(&http, &[("showHidden", "true"), ("showCompleted", "false")])
            .await
            .is_empty()
    );
    http.call("POST", "/lists/@default/clear", &json!(null)).await;
    assert!(titles(&http, &[]).await.is_empty());
    // Opened again, it is neither completed nor hidden.
    let open = json!({ "status": "needsAction", "completed": null });
    let open = http.call("PATCH", &path(&by_person), &open).await.json();
    assert_eq!((open.get("completed"), open.get("hidden")), (None, None));
    assert_eq!(titles(&http, &[]).await, ["person"]);
    let wrong = http
        .call("PATCH", &path(&by_person), &json!({ "status": "done" }))
        .await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn changes_are_asked_for_by_time_and_stamps_may_be_early() {
    let (sim, http) = plain().await;
    insert(&http, &json!({ "title": "old" })).await;
    sim.clock().advance(Duration::from_mins(10));
    let early = insert(&http, &json!({ "title": "one" })).await;
    let late = insert(&http, &json!({ "title": "two" })).await;
    // Of two written at one instant, one is stamped before it.
    assert_ne!(early["updated"], late["updated"]);
    let exact = titles(&http, &[("updatedMin", "2026-03-02T08:10:00.000Z")]).await;
    assert_eq!(exact.len(), 1);
    let overlapping = titles(&http, &[("updatedMin", "2026-03-02T08:09:58.000Z")]).await;
    assert_eq!(overlapping.len(), 2);
    let quiet = http
        .query(TASKS, &[("updatedMin", "2026-03-02T09:00:00.000Z")])
        .await
        .json();
    assert_eq!(quiet.get("items"), None, "a quiet list has no items at all");
    assert_eq!(
        http.query(TASKS, &[("updatedMin", "yesterday")]).await.status,
        400
    );
}

#[tokio::test]
async fn pages_hold_a_hundred_at_most_and_belong_to_their_list() {
    let (sim, http) = plain().await;
    sim.seed_tasks(ANNA, 130);
    let first = http.query(TASKS, &[]).await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 20);
    let first = http.query(TASKS, &[("maxResults", "1000")]).await.json();
    assert_eq!(first["items"].as_array().unwrap().len(), 100);
    let token = first["nextPageToken"].as_str().unwrap();
    let second = http
        .query(TASKS, &[("maxResults", "100"), ("pageToken", token)])
        .await
        .json();
    assert_eq!(second["items"].as_array().unwrap().len(), 30);
    assert_eq!(second.get("nextPageToken"), None);
    let other = [("pageToken", token), ("showHidden", "true")];
    assert_eq!(http.query(TASKS, &other).await.status, 400);
}

#[tokio::test]
async fn deleted_tasks_are_told_when_asked_for_and_so_are_moved_ones() {
    let (sim, http) = plain().await;
    let person = sim.person(ANNA);
    let other = person.create_task_list("Other").unwrap();
    let parent = insert(&http, &json!({ "title": "parent" })).await;
    let below = format!("{TASKS}?parent={}", parent["id"].as_str().unwrap());
    assert_eq!(
        http.call("POST", &below, &json!({ "title": "child" }))
            .await
            .status,
        200
    );
    let moved = insert(&http, &json!({ "title": "moved" })).await;
    assert_eq!(http.delete(&path(&parent)).await.status, 204);
    assert_eq!(http.delete(&path(&parent)).await.status, 404);
    let id = moved["id"].as_str().unwrap();
    person.move_task("@default", id, &other).unwrap();
    assert!(titles(&http, &[]).await.is_empty());
    let told = titles(&http, &[("showDeleted", "true")]).await;
    assert_eq!(
        told.len(),
        3,
        "the task, the one below it, and the one that only moved"
    );
    // Reading tells no difference either; the id lives on in the other list.
    assert_eq!(http.get(&path(&moved)).await.json()["deleted"], true);
    let there = http.get(&format!("/lists/{other}/tasks/{id}")).await.json();
    assert_eq!((there["id"].as_str(), there.get("deleted")), (Some(id), None));
    // A deleted task takes writes, and stays deleted.
    let written = http.call("PATCH", &path(&parent), &json!({ "title": "x" })).await;
    assert_eq!((written.status, &written.json()["deleted"]), (200, &json!(true)));
    sim.purge_tombstones();
    assert_eq!(http.get(&path(&moved)).await.status, 404);
}

#[tokio::test]
async fn versions_guard_writes() {
    let (sim, http) = plain().await;
    let made = insert(&http, &json!({ "title": "A", "notes": "keep" })).await;
    let etag = made["etag"].as_str().unwrap();
    let patched = http
        .guarded("PATCH", &path(&made), etag, &json!({ "title": "B" }))
        .await
        .json();
    assert_eq!(
        (&patched["notes"], patched["etag"] != made["etag"]),
        (&json!("keep"), true)
    );
    let stale = http
        .guarded("PATCH", &path(&made), etag, &json!({ "title": "C" }))
        .await;
    assert_eq!((stale.status, stale.reason().as_str()), (412, "conditionNotMet"));
    assert_eq!(
        http.guarded("DELETE", &path(&made), etag, &json!(null))
            .await
            .status,
        412
    );
    // An order that a person changes is a change.
    sim.person(ANNA)
        .raise_task("@default", made["id"].as_str().unwrap())
        .unwrap();
    let etag = patched["etag"].as_str().unwrap();
    assert_eq!(
        http.guarded("PATCH", &path(&made), etag, &json!({ "title": "D" }))
            .await
            .status,
        412
    );
    // A whole update clears what it leaves out, and wants the id again.
    assert_eq!(
        http.call("PUT", &path(&made), &json!({ "title": "E" }))
            .await
            .status,
        400
    );
    let put = http
        .call("PUT", &path(&made), &json!({ "id": made["id"], "title": "E" }))
        .await
        .json();
    assert_eq!((put["title"].as_str(), put.get("notes")), (Some("E"), None));
}

#[tokio::test]
async fn two_lists_may_have_one_title_and_the_default_one_stays() {
    let (_sim, http) = plain().await;
    for _ in 0..2 {
        let made = http
            .call("POST", "/users/@me/lists", &json!({ "title": "CRM" }))
            .await;
        assert_eq!(made.status, 200);
    }
    let lists = http.get("/users/@me/lists").await.json();
    let lists = lists["items"].as_array().unwrap().clone();
    assert_eq!(lists.len(), 3);
    assert_eq!(lists[0]["title"], "My Tasks");
    assert_eq!(http.delete("/users/@me/lists/@default").await.status, 400);
    let id = lists[1]["id"].as_str().unwrap();
    assert_eq!(http.delete(&format!("/users/@me/lists/{id}")).await.status, 204);
    assert_eq!(http.get(&format!("/lists/{id}/tasks")).await.status, 404);
}

#[tokio::test]
async fn the_days_quota_is_the_projects_and_scopes_are_checked() {
    let (sim, anna) = plain().await;
    let tokens = sim.issue_tokens("ben@example.com", &[SCOPE]).unwrap();
    let ben = Http::new(&sim.tasks_url(), Some(tokens.access_token));
    sim.set_tasks_quota_per_day(Some(2));
    assert_eq!(anna.get(TASKS).await.status, 200);
    assert_eq!(ben.get(TASKS).await.status, 200);
    let mut reasons = Vec::new();
    for http in [&anna, &ben] {
        let refused = http.get(TASKS).await;
        assert_eq!(refused.status, 403);
        reasons.push(refused.reason());
    }
    assert_eq!(reasons, ["dailyLimitExceeded", "quotaExceeded"]);
    sim.clock().advance(Duration::from_hours(24));
    let tokens = sim.issue_tokens(ANNA, &[SCOPE]).unwrap();
    let http = Http::new(&sim.tasks_url(), Some(tokens.access_token));
    assert_eq!(http.get(TASKS).await.status, 200);
    let tokens = sim
        .issue_tokens(ANNA, &["https://www.googleapis.com/auth/tasks.readonly"])
        .unwrap();
    let reader = Http::new(&sim.tasks_url(), Some(tokens.access_token));
    assert_eq!(reader.get(TASKS).await.status, 200);
    let refused = reader.call("POST", TASKS, &json!({ "title": "A" })).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (403, "insufficientPermissions")
    );
    assert_eq!(Http::new(&sim.tasks_url(), None).get(TASKS).await.status, 401);
}
