//! Google's task list, which is asked seldom while nothing happens, and at once where there is a reason to.

use serde_json::json;

use crate::rig::{Kind, Rig, Run, over_crms};

const LIST: &str = "@default";

async fn linked(kind: Kind) -> Rig {
    let settings = json!({ "events": { "enabled": false }, "tasks": { "enabled": true } });
    Rig::linked_for(kind, &settings).await
}

/// How often the list was asked for.
fn questions(rig: &Rig) -> u64 {
    rig.google.traffic().count("GET", "/lists/{tasklist}/tasks")
}

/// One run of the schedule, and how often it asked for the list.
async fn run(rig: &Rig) -> (Run, u64) {
    let before = questions(rig);
    let run = rig.scheduled().await;
    let asked = questions(rig) - before;
    // The record tells whether Google was called at all; a token that has ended is renewed only then.
    assert_eq!(run.requests.google > 0, asked > 0, "{run:#?}");
    (run, asked)
}

/// How often the list is asked for in so many runs of the schedule, in which nothing happens.
async fn asked_in(rig: &Rig, runs: usize) -> u64 {
    let mut questions = 0;
    for _ in 0..runs {
        let (run, asked) = run(rig).await;
        run.ok().changed_nothing();
        questions += asked;
    }
    questions
}

/// Runs until one has asked, so that the next one has no reason to.
async fn just_asked(rig: &Rig) {
    while run(rig).await.1 == 0 {}
}

async fn a_quiet_list_is_asked_ever_more_seldom_and_never_takes_silence_for_an_answer(kind: Kind) {
    let rig = linked(kind).await;
    let online = rig.anna_at_google();
    let task = online
        .create_task(LIST, &json!({ "title": "Book a room" }))
        .unwrap();
    rig.scheduled().await.ok();
    // One of the two was made by the sync, and is shown again; from then on it is quiet.
    assert_eq!(asked_in(&rig, 4).await, 4);
    let (second, third) = (asked_in(&rig, 8).await, asked_in(&rig, 8).await);
    assert!(second < 8 && third < second, "{second}, {third}");
    asked_in(&rig, 96).await;
    assert_eq!(asked_in(&rig, 96).await, 24);
    // Whatever happened meanwhile is found, within the hour.
    online
        .edit_task(LIST, &task, &json!({ "notes": "For ten" }))
        .unwrap();
    let mut written = Vec::new();
    for _ in 0..4 {
        let (run, asked) = run(&rig).await;
        let to_crm = run.ok().to_crm();
        assert_eq!(to_crm.1, asked, "what is asked for is found");
        written.push(to_crm.1);
        if asked > 0 {
            break;
        }
    }
    assert_eq!(written.last(), Some(&1), "{written:?}");
    assert_eq!(rig.crm.rows("Tasks")[0]["description"], "For ten");
    // And then it is asked in every run again.
    online
        .edit_task(LIST, &task, &json!({ "notes": "For twelve" }))
        .unwrap();
    assert_eq!(rig.scheduled().await.ok().to_crm(), (0, 1, 0));
}

async fn a_person_and_a_change_in_the_crm_have_it_asked_at_once(kind: Kind) {
    let rig = linked(kind).await;
    let online = rig.anna_at_google();
    rig.scheduled().await.ok();
    asked_in(&rig, 40).await;
    just_asked(&rig).await;
    // The last question was a quarter of an hour ago.
    let room = online
        .create_task(LIST, &json!({ "title": "Book a room" }))
        .unwrap();
    assert_eq!(asked_in(&rig, 1).await, 0);
    rig.anna()
        .create("Tasks", &json!({ "name": "Call back" }))
        .unwrap();
    let run = rig.scheduled().await.ok();
    assert_eq!((run.to_google(), run.to_crm()), ((1, 0, 0), (1, 0, 0)));
    asked_in(&rig, 40).await;
    just_asked(&rig).await;
    online.delete_task(LIST, &room).unwrap();
    assert_eq!(asked_in(&rig, 1).await, 0);
    // The button, fifteen minutes after the last question.
    assert_eq!(rig.sync().await.ok().to_crm(), (0, 0, 1));
}

async fn a_run_that_did_not_come_to_its_end_is_followed_by_one_that_asks(kind: Kind) {
    let rig = linked(kind).await;
    let online = rig.anna_at_google();
    let titles = |number: usize| json!({ "title": format!("Task {number}") });
    let tasks: Vec<String> = (0..30)
        .map(|number| online.create_task(LIST, &titles(number)).unwrap())
        .collect();
    rig.scheduled().await.ok();
    asked_in(&rig, 40).await;
    for task in &tasks {
        online.delete_task(LIST, task).unwrap();
    }
    let mut held = run(&rig).await;
    while held.1 == 0 {
        held = run(&rig).await;
    }
    // What waits for a person goes on being seen, so that the page does not call it settled.
    for _ in 0..5 {
        assert_eq!((held.0.outcome.as_str(), held.1), ("held", 1));
        held = run(&rig).await;
    }
    assert_eq!(rig.crm.rows("Tasks").len(), 30);
}

over_crms! {
    #[tokio::test] suitecrm = SuiteCrm:
    a_quiet_list_is_asked_ever_more_seldom_and_never_takes_silence_for_an_answer,
    a_person_and_a_change_in_the_crm_have_it_asked_at_once,
    a_run_that_did_not_come_to_its_end_is_followed_by_one_that_asks,
}
