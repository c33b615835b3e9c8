//! Tasks: their dates, lengths and deletions.

use serde_json::{Value, json};

use super::{Http, crm, plain_crm, record};
use crate::crm::suitecrm::SuiteCrmOptions;

const ID: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const ANNA: &str = "11111111-1111-4111-8111-111111111111";

async fn write(http: &Http, method: &str, attributes: &Value) -> Value {
    let reply = http
        .call(method, "/module", &record("Tasks", Some(ID), attributes))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["data"]["attributes"].clone()
}

#[tokio::test]
async fn a_bare_date_is_emptied_when_a_task_is_made_and_midnight_in_utc_later() {
    let (_sim, http) = plain_crm().await;
    let made = write(&http, "POST", &json!({ "name": "One", "date_due": "2026-12-01" })).await;
    assert_eq!(made["date_due"], "");
    let cases = [
        ("2026-12-01", "2026-12-01T00:00:00+00:00"),
        ("2026-12-02 15:30:00", "2026-12-02T15:30:00+00:00"),
        ("2026-12-02T15:30:00+00:00", ""),
        ("", ""),
    ];
    for (sent, answered) in cases {
        let after = write(&http, "PATCH", &json!({ "date_due": sent })).await;
        assert_eq!(after["date_due"], answered, "{sent}");
    }
}

#[tokio::test]
async fn names_are_cut_and_any_status_is_taken() {
    let (_sim, http) = crm(SuiteCrmOptions {
        three_byte_text: true,
        ..SuiteCrmOptions::default()
    })
    .await;
    let sent = json!({ "name": "x".repeat(60), "status": "Nonsense", "description": "Party 🎉" });
    let made = write(&http, "POST", &sent).await;
    assert_eq!(made["name"], "x".repeat(50));
    assert_eq!(made["status"], "Nonsense");
    assert_eq!(made["description"], "Party ????");
    assert_eq!(made["assigned_user_id"], "", "nobody's");
}

#[tokio::test]
async fn deleted_tasks_are_named_one_by_one() {
    let (sim, http) = plain_crm().await;
    let anna = sim.person(ANNA);
    let mut ids: Vec<String> = (0..3)
        .map(|number| {
            anna.create("Tasks", &json!({ "name": format!("Task {number}") }))
                .unwrap()
        })
        .collect();
    ids.sort();
    anna.complete_task(&ids[0]).unwrap();
    assert_eq!(sim.row("Tasks", &ids[0]).unwrap()["status"], "Completed");
    anna.delete("Tasks", &ids[1]).unwrap();
    let walk = [
        ("filter[deleted][eq]", "1"),
        ("filter[assigned_user_id][eq]", ANNA),
        ("sort", "id"),
        ("page[size]", "1"),
        ("page[number]", "1"),
    ];
    let named = http.query("/module/Tasks", &walk).await;
    assert_eq!(
        (named.status, named.reason()),
        (400, format!("Tasks module with id {} is not found", ids[1]))
    );
}
