//! Deletions: braked where they are many, kept where the user wishes it.

use std::time::Duration;

use serde_json::json;

use crate::rig::{ANNA, ANNA_MAIL, Kind, Rig, assert_same, at, crm_items, google_items, over_every_crm};

async fn with_pairs(kind: Kind, count: usize) -> Rig {
    let rig = Rig::linked(kind).await;
    rig.crm.seed_meetings(ANNA, count);
    rig.sync_to_rest().await;
    assert_eq!(google_items(&rig.google, ANNA_MAIL).len(), count);
    rig.later(20);
    rig
}

fn delete_in_crm(rig: &Rig, count: usize) {
    for row in rig.crm.rows("Meetings").iter().take(count) {
        rig.anna()
            .delete("Meetings", row["id"].as_str().unwrap())
            .unwrap();
    }
}

fn delete_in_google(rig: &Rig, count: usize) {
    for event in rig.anna_at_google().events("primary").iter().take(count) {
        rig.anna_at_google()
            .delete("primary", event["id"].as_str().unwrap())
            .unwrap();
    }
}

async fn many_deletions_wait_for_a_persons_word(kind: Kind) {
    for in_crm in [true, false] {
        let rig = with_pairs(kind, 30).await;
        let confirm = rig.of_link("POST", ANNA, "/confirm", None).await;
        assert_eq!(confirm.status, 409, "nothing is held yet: {confirm:?}");
        if in_crm {
            delete_in_crm(&rig, 11);
        } else {
            delete_in_google(&rig, 11);
        }
        rig.anna()
            .create_meeting("Made meanwhile", at("2026-12-20T10:00"), Duration::from_mins(30))
            .unwrap();
        for _ in 0..2 {
            let run = rig.sync().await;
            assert_eq!(run.outcome, "held", "{run:#?}");
            assert_eq!((run.to_crm().2, run.to_google().2), (0, 0));
            rig.later(15);
        }
        assert_eq!(rig.state(ANNA).await, "held");
        let link = rig.of_link("GET", ANNA, "", None).await.good();
        let (held, other) = if in_crm {
            ("google", "crm")
        } else {
            ("crm", "google")
        };
        assert_eq!(link["held"]["deletions"], json!({ held: 11, other: 0 }));
        let (crm, google) = (crm_items(&rig.crm, ANNA), google_items(&rig.google, ANNA_MAIL));
        let standing = if in_crm { (20, 31) } else { (31, 20) };
        // What is new has gone through; what is to be deleted stands.
        assert_eq!((crm.len(), google.len()), standing);

        let answer = rig.of_link("POST", ANNA, "/confirm", None).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let run = rig.sync_to_rest().await;
        assert_eq!(run.to_crm().2 + run.to_google().2, 11);
        assert_eq!(rig.state(ANNA).await, "active");
        assert_eq!(crm_items(&rig.crm, ANNA).len(), 20);
        assert_same(&rig, ANNA, ANNA_MAIL);
        let journal = rig.of_link("GET", ANNA, "/journal?limit=50", None).await.good();
        assert_eq!(journal["items"].as_array().map(Vec::len), Some(11));
    }
}

async fn a_few_deletions_go_through_by_themselves(kind: Kind) {
    let rig = with_pairs(kind, 30).await;
    delete_in_crm(&rig, 5);
    delete_in_google(&rig, 2);
    rig.sync_to_rest().await;
    assert_same(&rig, ANNA, ANNA_MAIL);
    assert!(crm_items(&rig.crm, ANNA).len() <= 25);
}

async fn a_confirmation_counts_for_what_was_held_and_no_more(kind: Kind) {
    let rig = with_pairs(kind, 40).await;
    delete_in_crm(&rig, 12);
    assert_eq!(rig.sync().await.outcome, "held");
    rig.of_link("POST", ANNA, "/confirm", None).await.good();
    delete_in_crm(&rig, 9);
    let run = rig.sync().await;
    assert_eq!((run.outcome.as_str(), run.to_google().2), ("held", 0), "{run:#?}");
    assert_eq!(google_items(&rig.google, ANNA_MAIL).len(), 40);
}

async fn what_was_held_and_comes_back_is_not_deleted(kind: Kind) {
    // The CRM loses sight of everything (a role was changed), and finds it again.
    let rig = with_pairs(kind, 25).await;
    rig.crm.hide_meetings(true);
    let run = rig.sync().await;
    assert_eq!(run.to_google().2, 0, "{run:#?}");
    rig.crm.hide_meetings(false);
    rig.later(20);
    rig.sync_to_rest().await;
    assert_eq!(google_items(&rig.google, ANNA_MAIL).len(), 25);
    assert_same(&rig, ANNA, ANNA_MAIL);
}

async fn kept_deletions_leave_the_other_side_until_it_is_edited(kind: Kind) {
    for in_crm in [true, false] {
        let rig = Rig::linked(kind).await;
        rig.set(&json!({ "events": { "deletions": "keep" } })).await;
        rig.anna()
            .create_meeting("Contract", at("2026-11-24T10:00"), Duration::from_mins(30))
            .unwrap();
        rig.sync_to_rest().await;
        rig.later(20);
        if in_crm {
            delete_in_crm(&rig, 1);
        } else {
            delete_in_google(&rig, 1);
        }
        rig.sync_to_rest().await.changed_nothing();
        let standing = (
            crm_items(&rig.crm, ANNA).len(),
            google_items(&rig.google, ANNA_MAIL).len(),
        );
        assert_eq!(standing, if in_crm { (0, 1) } else { (1, 0) });

        rig.later(20);
        if in_crm {
            let event = rig.anna_at_google().events("primary")[0]["id"]
                .as_str()
                .unwrap()
                .to_owned();
            rig.anna_at_google()
                .edit("primary", &event, &json!({ "summary": "Contract, signed" }))
                .unwrap();
        } else {
            let meeting = rig.crm.rows("Meetings")[0]["id"].as_str().unwrap().to_owned();
            rig.anna()
                .edit("Meetings", &meeting, &json!({ "name": "Contract, signed" }))
                .unwrap();
        }
        rig.sync_to_rest().await;
        assert_eq!(crm_items(&rig.crm, ANNA).len(), 1);
        assert_same(&rig, ANNA, ANNA_MAIL);
    }
}

over_every_crm! {
    #[tokio::test]
    many_deletions_wait_for_a_persons_word,
    a_few_deletions_go_through_by_themselves,
    a_confirmation_counts_for_what_was_held_and_no_more,
    what_was_held_and_comes_back_is_not_deleted,
    kept_deletions_leave_the_other_side_until_it_is_edited,
}
