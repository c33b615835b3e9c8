//! Vtiger: the query language, paging, and who sees what.

use std::time::Duration;

use serde_json::json;

use super::vtiger::{event, ids, site};
use crate::crm::vtiger::Version;

const HOUR: Duration = Duration::from_hours(1);
const BOTH: [Version; 2] = [Version::V8_2, Version::V8_4];

#[tokio::test]
async fn the_language_knows_little_and_refuses_the_rest() {
    let site = site(Version::V8_4).await;
    let code = async |query: &str| site.query(query).await["error"]["code"].clone();
    assert_eq!(code("select id from Events;").await, json!(null));
    assert_eq!(
        code("select id from Events").await,
        "QUERY_SYNTAX_ERROR",
        "the semicolon is needed"
    );
    assert_eq!(
        code("select id from Events where (id = '18x1');").await,
        "QUERY_SYNTAX_ERROR"
    );
    assert_eq!(
        code("select id from Events where subject = '';").await,
        "INTERNAL_SERVER_ERROR"
    );
    assert_eq!(
        code("select id from Events where subject = \"x\";").await,
        "QUERY_SYNTAX_ERROR"
    );
    assert_eq!(
        code("select id from events;").await,
        "ACCESS_DENIED",
        "names are case-sensitive"
    );
    assert_eq!(code("select tariff from Events;").await, "ACCESS_DENIED");
    assert_eq!(
        code("select id from Events where subject is null;").await,
        "QUERY_SYNTAX_ERROR"
    );
}

#[tokio::test]
async fn at_most_a_hundred_rows_come_whatever_is_asked_and_ids_compare_as_numbers() {
    let site = site(Version::V8_4).await;
    site.sim.seed_meetings(7, 230);
    assert_eq!(site.ids("select id from Events;").await.len(), 100);
    assert_eq!(site.ids("select id from Events limit 0,500;").await.len(), 100);
    let last = site.ids("select id from Events order by id desc limit 1;").await;
    assert_eq!(last, ["18x330"]);
    let behind = "select id from Events where id > '9x320' order by id limit 100;";
    assert_eq!(site.ids(behind).await.len(), 10, "the class does not count");
    assert!(
        site.ids("select id from Events where id > '18x330';")
            .await
            .is_empty()
    );
    let either = "select id from Events where id = '18x101' or id = '18x102' and subject = 'nothing';";
    assert_eq!(site.ids(either).await, ["18x101"], "and binds tighter than or");
}

#[tokio::test]
async fn contacts_in_the_list_make_pages_short_in_the_middle() {
    for version in BOTH {
        let site = site(version).await;
        let anna = site.sim.person(7);
        let contacts: Vec<u64> = ["Conti", "Verdi", "Bianchi"]
            .iter()
            .map(|name| anna.create_contact(&json!({"lastname": name})).unwrap())
            .collect();
        for number in 0..4 {
            let event = anna
                .create_meeting(&format!("Event {number}"), site.sim.clock().now(), HOUR)
                .unwrap();
            for contact in &contacts[..2] {
                anna.add_contact(event, *contact).unwrap();
            }
        }
        assert_eq!(
            site.ids("select id,subject from Events order by id limit 0,4;")
                .await
                .len(),
            4
        );
        for columns in ["id,contact_id", "*"] {
            let first = site
                .ids(&format!("select {columns} from Events order by id limit 0,4;"))
                .await;
            let second = site
                .ids(&format!("select {columns} from Events order by id limit 4,4;"))
                .await;
            assert_eq!((first.len(), second.len()), (2, 2), "{version:?}");
        }
        // One contact at a time, by its place in the join.
        let mut found = Vec::new();
        for place in 0..3 {
            let query = format!(
                "select id,contact_id from Events where id='18x104' order by contact_id limit {place},1;"
            );
            let answer = site.query(&query).await;
            found.extend(answer["result"][0]["contact_id"].as_str().map(str::to_owned));
        }
        assert_eq!(found, ["12x101", "12x102"]);
        // A retrieval shows the first, a query the last.
        assert_eq!(site.retrieve("18x104").await["result"]["contact_id"], "12x101");
        let answer = site
            .query("select id,contact_id from Events where id='18x104';")
            .await;
        assert_eq!(answer["result"][0]["contact_id"], "12x102");
    }
}

#[tokio::test]
async fn other_peoples_private_events_are_handed_out_by_the_older_release() {
    for version in BOTH {
        let site = site(version).await;
        let anna = site.sim.person(7);
        let make = |visibility: &str| {
            anna.create_event(
                &json!({"subject": visibility, "visibility": visibility, "date_start": "2026-12-01",
                "time_start": "10:00:00", "due_date": "2026-12-01", "time_end": "11:00:00"}),
            )
            .unwrap()
        };
        let (private, empty, public) = (make("Private"), make(""), make("Public"));
        let bens = site.session_of("ben", "benSimulatedKey").await;
        let seen = ids(&site
            .query_in(&bens, "select id,subject from Events order by id;")
            .await);
        let all = [private, empty, public].map(|number| format!("18x{number}"));
        match version {
            Version::V8_2 => assert_eq!(seen, all),
            Version::V8_4 => assert_eq!(seen, all[2..]),
        }
        for (id, may) in all.iter().zip([false, false, true]) {
            let answer = site
                .get(&[("operation", "retrieve"), ("sessionName", &bens), ("id", id)])
                .await;
            assert_eq!(answer["success"], may, "{id}");
        }
        let denied = site
            .query_in(&bens, "select id from Users where id='19x8';")
            .await;
        assert_eq!(denied["error"]["code"], "ACCESS_DENIED", "not even oneself");
        assert_eq!(site.ids("select id from Users where id='19x8';").await, ["19x8"]);
    }
}

#[tokio::test]
async fn counts_and_failures_are_answered_like_finding_nothing() {
    for version in BOTH {
        let site = site(version).await;
        site.sim.seed_meetings(7, 3);
        let counted = site.query("select count(*) from Events;").await;
        match version {
            Version::V8_2 => assert_eq!(counted["result"][0]["count"], "3"),
            Version::V8_4 => assert_eq!(counted["result"], json!([])),
        }
        site.sim.let_queries_fail(true);
        let failed = site.query("select id from Events;").await;
        assert_eq!(
            (&failed["success"], &failed["result"]),
            (&json!(true), &json!([]))
        );
    }
}

#[tokio::test]
async fn deleted_unknown_and_forbidden_ids_are_all_the_same() {
    for version in BOTH {
        let site = site(version).await;
        let made = site.write("create", &event("Gone"), &[]).await;
        let id = made["result"]["id"].as_str().unwrap().to_owned();
        let delete = [
            ("operation", "delete"),
            ("sessionName", site.session.as_str()),
            ("id", id.as_str()),
        ];
        assert_eq!(
            site.raw_post(&delete).await.json()["result"]["status"],
            "successful"
        );
        assert_eq!(
            site.raw_post(&delete).await.json()["error"]["code"],
            "ACCESS_DENIED"
        );
        for id in [id.as_str(), "18x99999"] {
            assert_eq!(site.retrieve(id).await["error"]["code"], "ACCESS_DENIED");
            let revised = site
                .write("revise", &json!({"id": id, "subject": "x"}), &[])
                .await;
            assert_eq!(revised["error"]["code"], "ACCESS_DENIED");
            assert!(
                site.ids(&format!("select id from Events where id='{id}';"))
                    .await
                    .is_empty()
            );
        }
        // Taken out of the recycle bin it is the same again, and has just changed.
        site.sim.clock().advance(Duration::from_mins(20));
        let number = id.trim_start_matches("18x").parse().unwrap();
        site.sim.person(7).restore(number).unwrap();
        let changed = "select id from Events where modifiedtime >= '2026-11-22 09:20:00';";
        assert_eq!(site.ids(changed).await, [id]);
    }
}
