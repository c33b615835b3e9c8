//! Lists, paging, and the walk over deletions.

use serde_json::{Value, json};

use super::{Http, at, crm, plain_crm};
use crate::SimClock;
use crate::crm::suitecrm::SuiteCrmOptions;

const ANNA: &str = "11111111-1111-4111-8111-111111111111";

fn ids(body: &Value) -> Vec<String> {
    body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn list(http: &Http, pairs: &[(&str, &str)]) -> Value {
    let reply = http.query("/module/Meetings", pairs).await;
    assert_eq!(reply.status, 200, "{pairs:?} {}", reply.text);
    reply.json()
}

#[tokio::test]
async fn without_a_size_there_are_twenty_rows_and_no_word_of_more() {
    let (sim, http) = plain_crm().await;
    sim.seed_meetings(ANNA, 30);
    let body = list(&http, &[("page[number]", "2")]).await;
    assert_eq!(
        (ids(&body).len(), body.get("meta"), body.get("links")),
        (20, None, None)
    );
    let first = list(&http, &[("page[size]", "12")]).await;
    assert_eq!(
        first["meta"],
        json!({ "total-pages": 3, "records-on-this-page": 12 })
    );
    assert!(
        first["links"]["next"]
            .as_str()
            .unwrap()
            .ends_with("page[number]=1"),
        "next is the first page again"
    );
    let beyond = list(&http, &[("page[size]", "12"), ("page[number]", "4")]).await;
    assert_eq!(
        beyond,
        json!({ "meta": { "message": "Request was successful, but there is no result" }, "data": [] })
    );
    for (name, value) in [
        ("page[size]", "0"),
        ("page[number]", "0"),
        ("limit", "5"),
        ("page[offset]", "5"),
    ] {
        assert_eq!(
            http.query("/module/Meetings", &[(name, value)]).await.status,
            400,
            "{name}"
        );
    }
}

#[tokio::test]
async fn only_the_walk_by_id_is_complete() {
    let clock = SimClock::stopped(at("2026-11-22 10:00:00"));
    let (sim, http) = crm(SuiteCrmOptions {
        clock,
        ..SuiteCrmOptions::default()
    })
    .await;
    sim.seed_meetings(ANNA, 100);
    let mut by_id: Vec<String> = Vec::new();
    loop {
        let last = by_id.last().cloned().unwrap_or_default();
        let pairs = [
            ("sort", "id"),
            ("filter[id][gt]", &last),
            ("page[size]", "15"),
            ("page[number]", "1"),
        ];
        let page = ids(&list(&http, &pairs).await);
        if page.is_empty() {
            break;
        }
        by_id.extend(page);
    }
    assert_eq!(by_id.len(), 100);
    let mut by_time = Vec::new();
    for number in 1..=7 {
        let number = number.to_string();
        let pairs = [
            ("sort", "date_modified"),
            ("page[size]", "15"),
            ("page[number]", &number),
        ];
        by_time.extend(ids(&list(&http, &pairs).await));
    }
    by_time.sort();
    by_time.dedup();
    assert!(by_time.len() < 100, "equal times shuffle between pages");
}

#[tokio::test]
async fn deletions_are_walked_by_the_error_they_cause() {
    let (sim, http) = plain_crm().await;
    sim.seed_meetings(ANNA, 5);
    let mut gone: Vec<String> = sim
        .rows("Meetings")
        .iter()
        .take(3)
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    gone.sort();
    for id in &gone {
        sim.person(ANNA).delete("Meetings", id).unwrap();
    }
    let mut found: Vec<String> = Vec::new();
    loop {
        let last = found.last().cloned().unwrap_or_default();
        let pairs = [
            ("filter[deleted][eq]", "1"),
            ("filter[date_modified][gte]", "2020-01-01 00:00:00"),
            ("filter[id][gt]", last.as_str()),
            ("sort", "id"),
            ("page[size]", "1"),
            ("page[number]", "1"),
            ("fields[Meetings]", "name"),
        ];
        let reply = http.query("/module/Meetings", &pairs).await;
        if reply.status == 200 {
            break;
        }
        let detail = reply.reason();
        let id = detail
            .strip_prefix("Meetings module with id ")
            .and_then(|rest| rest.strip_suffix(" is not found"));
        found.push(id.unwrap().to_owned());
    }
    assert_eq!(found, gone);
    let fixed = SuiteCrmOptions {
        deleted_filter_fixed: true,
        ..SuiteCrmOptions::default()
    };
    let (sim, http) = crm(fixed).await;
    sim.seed_meetings(ANNA, 1);
    let id = sim.rows("Meetings")[0]["id"].as_str().unwrap().to_owned();
    sim.person(ANNA).delete("Meetings", &id).unwrap();
    assert_eq!(ids(&list(&http, &[("filter[deleted][eq]", "1")]).await), [id]);
}

#[tokio::test]
async fn filters_combine_and_null_answers_none() {
    let (sim, http) = plain_crm().await;
    let anna = sim.person(ANNA);
    for (name, location) in [("Alpha", Some("Here")), ("beta", Some("There")), ("Gamma", None)] {
        let mut attributes = json!({ "name": name });
        if let Some(location) = location {
            attributes["location"] = json!(location);
        }
        anna.create("Meetings", &attributes).unwrap();
    }
    for (pairs, count) in [
        (vec![("filter[name][eq]", "ALPHA")], 1),
        (vec![("filter[name][LIKE]", "%a%")], 3),
        (vec![("filter[name][gte]", "b"), ("filter[name][lt]", "c")], 1),
        (
            vec![("filter[name][eq]", "Alpha"), ("filter[name][eq]", "Gamma")],
            1,
        ),
        (
            vec![
                ("filter[operator]", "or"),
                ("filter[name][eq]", "Alpha"),
                ("filter[location][eq]", "There"),
            ],
            2,
        ),
        (vec![("filter[location][neq]", "")], 2),
        (vec![("filter[location][eq]", "")], 0),
        (vec![("filter[modified_user_id][neq]", ANNA)], 0),
    ] {
        assert_eq!(ids(&list(&http, &pairs).await).len(), count, "{pairs:?}");
    }
    for (name, value) in [
        ("filter[nosuch][eq]", "x"),
        ("filter[name][in]", "x"),
        ("sort", "nosuch"),
        ("sort", "name,id"),
        ("fields[Meetings]", "name,nosuch"),
    ] {
        assert_eq!(
            http.query("/module/Meetings", &[(name, value)]).await.status,
            400,
            "{name}={value}"
        );
    }
    let failure = http.query("/module/Users", &[("sort", "email1")]).await;
    assert!(failure.text.contains("}Database failure"), "{}", failure.text);
    let sorted = list(&http, &[("sort", "-name"), ("page[size]", "2")]).await;
    assert_eq!(sorted["data"][0]["attributes"]["name"], "Gamma");
}

#[tokio::test]
async fn fields_choose_attributes_and_can_leave_none() {
    let (sim, http) = plain_crm().await;
    sim.seed_meetings(ANNA, 1);
    let chosen = list(&http, &[("fields[Meetings]", "name,duration_minutes")]).await;
    assert_eq!(
        chosen["data"][0]["attributes"],
        json!({ "name": "Generated meeting 0", "duration_minutes": "30" })
    );
    assert!(chosen["data"][0]["relationships"]["Users"].is_object());
    // Under another module's name the shared attributes work.
    let shared = list(&http, &[("fields[Calls]", "name")]).await;
    assert_eq!(
        shared["data"][0]["attributes"],
        json!({ "name": "Generated meeting 0" })
    );
    let whole = list(&http, &[]).await["data"][0]["attributes"].clone();
    assert_eq!(
        (&whole["deleted"], &whole["contacts"], &whole["reminder_checked"]),
        (&json!("0"), &json!({}), &json!(false))
    );
}

#[tokio::test]
async fn roles_hide_rows_but_not_from_the_count() {
    let (sim, http) = plain_crm().await;
    sim.seed_meetings(ANNA, 4);
    for row in sim.rows("Meetings").iter().take(3) {
        sim.forbid("Meetings", row["id"].as_str().unwrap());
    }
    let body = list(&http, &[("page[size]", "1")]).await;
    assert_eq!(
        (ids(&body).len(), body["meta"]["total-pages"].as_u64()),
        (1, Some(4))
    );
    let next = list(&http, &[("page[size]", "1"), ("page[number]", "2")]).await;
    assert_eq!(next["data"], json!([]));
}

#[tokio::test]
async fn ten_thousand_meetings_are_walked_without_delay() {
    let (sim, http) = plain_crm().await;
    sim.seed_meetings(ANNA, 10_000);
    let mut last = String::new();
    let mut read = 0;
    loop {
        let pairs = [
            ("sort", "id"),
            ("filter[id][gt]", last.as_str()),
            ("filter[date_modified][gte]", "2020-01-01 00:00:00"),
            ("fields[Meetings]", "name,date_start"),
            ("page[size]", "500"),
            ("page[number]", "1"),
        ];
        let page = ids(&list(&http, &pairs).await);
        let Some(end) = page.last() else { break };
        read += page.len();
        last.clone_from(end);
    }
    assert_eq!((read, sim.traffic().calls()), (10_000, 21));
}
