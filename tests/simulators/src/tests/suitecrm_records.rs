//! Creating, changing, deleting, inviting.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Http, crm, plain_crm, record};
use crate::crm::suitecrm::SuiteCrmOptions;

const ID: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const ANNA: &str = "11111111-1111-4111-8111-111111111111";

async fn create(http: &Http, attributes: &Value) -> Value {
    let reply = http
        .call("POST", "/module", &record("Meetings", Some(ID), attributes))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()["data"].clone()
}

#[tokio::test]
async fn text_is_purified_cut_and_encoded() {
    let (sim, http) = plain_crm().await;
    let cases = [
        ("name", "x".repeat(60), "x".repeat(50)),
        ("name", "  padded  ".to_owned(), "padded".to_owned()),
        ("description", "  padded  ".to_owned(), "  padded  ".to_owned()),
        (
            "description",
            "Ask John <john@x.com> now".to_owned(),
            "Ask John  now".to_owned(),
        ),
        ("description", "x<y and y>z".to_owned(), "xz".to_owned()),
        (
            "description",
            "1<2, <3, a < b".to_owned(),
            "1&lt;2, &lt;3, a &lt; b".to_owned(),
        ),
        (
            "description",
            "<script>alert(1)</script>safe".to_owned(),
            "safe".to_owned(),
        ),
        (
            "description",
            "<B>bold<BR>".to_owned(),
            "&lt;b&gt;bold&lt;br /&gt;&lt;/b&gt;".to_owned(),
        ),
        (
            "description",
            "Bob's \"Q&A\"".to_owned(),
            "Bob&#039;s &quot;Q&A&quot;".to_owned(),
        ),
        (
            "description",
            "Bob&#039;s &quot;Q&amp;A&quot;".to_owned(),
            "Bob&#039;s &quot;Q&A&quot;".to_owned(),
        ),
        ("description", "a\r\nb".to_owned(), "a\nb".to_owned()),
        ("location", "y".repeat(51), "y".repeat(50)),
        ("status", "No such status".to_owned(), "No such status".to_owned()),
    ];
    create(&http, &json!({})).await;
    for (name, sent, answered) in cases {
        let reply = http
            .call(
                "PATCH",
                "/module",
                &record("Meetings", Some(ID), &json!({ name: sent })),
            )
            .await;
        assert_eq!(reply.status, 201);
        assert_eq!(reply.json()["data"]["attributes"][name], answered, "{sent}");
    }
    let emoji = json!({ "name": "Party 🎉" });
    let kept = http
        .call("PATCH", "/module", &record("Meetings", Some(ID), &emoji))
        .await
        .json();
    assert_eq!(kept["data"]["attributes"]["name"], "Party 🎉");
    drop(sim);
    let (_sim, http) = crm(SuiteCrmOptions {
        three_byte_text: true,
        ..SuiteCrmOptions::default()
    })
    .await;
    assert_eq!(create(&http, &emoji).await["attributes"]["name"], "Party ????");
}

#[tokio::test]
async fn own_ids_are_good_once() {
    let (sim, http) = plain_crm().await;
    let made = create(&http, &json!({ "name": "One", "assigned_user_id": ANNA })).await;
    assert_eq!(
        (made["type"].as_str(), made["id"].as_str()),
        (Some("Meeting"), Some(ID))
    );
    assert_eq!(made["attributes"]["assigned_user_name"], "Anna Rossi");
    let again = http
        .call(
            "POST",
            "/module",
            &record("Meetings", Some(&ID.to_uppercase()), &json!({})),
        )
        .await;
    assert_eq!(
        (again.status, again.reason()),
        (
            400,
            format!("Bean Meetings with id {} is already exist", ID.to_uppercase())
        )
    );
    let path = format!("/module/Meetings/{ID}");
    assert_eq!(http.delete(&path).await.status, 200);
    for reply in [
        http.delete(&path).await,
        http.get(&path).await,
        http.call(
            "PATCH",
            "/module",
            &record("Meetings", Some(ID), &json!({ "deleted": "0" })),
        )
        .await,
    ] {
        assert_eq!(
            (reply.status, reply.reason()),
            (400, format!("Meetings module with id {ID} is not found"))
        );
    }
    let burnt = http
        .call("POST", "/module", &record("Meetings", Some(ID), &json!({})))
        .await;
    assert!(burnt.reason().ends_with("is already exist"));
    assert_eq!(
        http.get("/module/Meetings/nonsense").await.reason(),
        "The option \"id\" with value \"nonsense\" is invalid."
    );
    // 32 digits without dashes are taken, and then nothing reaches them.
    let bare = ID.replace('-', "");
    assert_eq!(
        http.call("POST", "/module", &record("Meetings", Some(&bare), &json!({})))
            .await
            .status,
        201
    );
    assert_eq!(http.get(&format!("/module/Meetings/{bare}")).await.status, 400);
    // An id among the attributes stores nothing.
    let misplaced = json!({ "id": "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb", "name": "Ghost" });
    let ghost = http
        .call("POST", "/module", &record("Meetings", None, &misplaced))
        .await;
    assert_eq!(
        (
            ghost.status,
            ghost.json()["data"]["attributes"]["date_entered"].as_str()
        ),
        (201, Some(""))
    );
    assert_eq!(sim.row("Meetings", "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"), None);
    sim.prune();
    assert_eq!(sim.row("Meetings", ID), None);
}

#[tokio::test]
async fn wrong_requests_are_400_and_told_apart_by_text() {
    let (sim, http) = plain_crm().await;
    create(&http, &json!({})).await;
    let unknown = http
        .call(
            "PATCH",
            "/module",
            &record("Meetings", Some(ID), &json!({ "colour": "red" })),
        )
        .await;
    assert_eq!(
        (unknown.status, unknown.reason().as_str()),
        (400, "Property colour in Meetings module is invalid")
    );
    let list = http
        .call(
            "PATCH",
            "/module",
            &record("Meetings", Some(ID), &json!({ "name": ["x"] })),
        )
        .await;
    assert_eq!(list.status, 400);
    let typed = http
        .request("POST", "/module")
        .header("content-type", "text/plain");
    let reply = http
        .send(typed.body(record("Meetings", None, &json!({})).to_string()))
        .await;
    assert_eq!(reply.reason(), "The required option \"data\" is missing.");
    assert!(reply.json()["errors"].is_object());
    assert_eq!(
        http.call("PATCH", &format!("/module/Meetings/{ID}"), &json!({}))
            .await
            .status,
        405
    );
    assert_eq!(http.call("PUT", "/module", &json!({})).await.status, 405);
    assert_eq!(http.get("/module/NoSuch").await.status, 400);
    sim.forbid("Meetings", ID);
    let denied = http.get(&format!("/module/Meetings/{ID}")).await;
    assert_eq!(
        (denied.status, denied.reason().as_str()),
        (400, "[SuiteCRM] [AccessDeniedException] ")
    );
    sim.permit_everything();
    sim.forbid_module("Meetings");
    assert_eq!(
        http.get("/module/Meetings").await.reason(),
        "[SuiteCRM] [AccessDeniedException] "
    );
}

#[tokio::test]
async fn null_leaves_alone_and_empty_text_clears() {
    let (_sim, http) = plain_crm().await;
    create(&http, &json!({ "location": "Here", "description": "Text" })).await;
    let body = record(
        "Meetings",
        Some(ID),
        &json!({ "location": null, "description": "" }),
    );
    let after = http.call("PATCH", "/module", &body).await.json()["data"].clone();
    assert_eq!(
        (
            after["attributes"]["location"].as_str(),
            after["attributes"]["description"].as_str()
        ),
        (Some("Here"), Some(""))
    );
    // After a write the links lack the module's name.
    assert_eq!(
        after["relationships"]["Users"]["links"]["related"],
        format!("/V8/module/{ID}/relationships/users")
    );
    let read = http
        .get(&format!("/module/Meetings/{ID}?fields[Meetings]=id"))
        .await
        .json();
    assert_eq!(read["data"]["attributes"], json!([]));
    let deleted = http
        .call(
            "PATCH",
            "/module",
            &record("Meetings", Some(ID), &json!({ "deleted": 1 })),
        )
        .await;
    assert_eq!(deleted.status, 201);
    assert_eq!(http.get(&format!("/module/Meetings/{ID}")).await.status, 400);
}

#[tokio::test]
async fn two_patches_at_once_lose_one() {
    let (sim, http) = crm(SuiteCrmOptions {
        write_gap: Duration::from_millis(50),
        ..SuiteCrmOptions::default()
    })
    .await;
    create(&http, &json!({ "name": "a", "location": "a" })).await;
    let (name, location) = (
        record("Meetings", Some(ID), &json!({ "name": "b" })),
        record("Meetings", Some(ID), &json!({ "location": "b" })),
    );
    futures::future::join(
        http.call("PATCH", "/module", &name),
        http.call("PATCH", "/module", &location),
    )
    .await;
    let row = sim.row("Meetings", ID).unwrap();
    assert_ne!(row["name"], row["location"], "one of both was written over");
}

#[tokio::test]
async fn equal_creates_at_once_make_one_row_and_a_database_failure() {
    let (sim, http) = crm(SuiteCrmOptions {
        write_gap: Duration::from_millis(50),
        ..SuiteCrmOptions::default()
    })
    .await;
    let body = record("Meetings", Some(ID), &json!({ "name": "a" }));
    let replies = futures::future::join_all((0..4).map(|_| http.call("POST", "/module", &body))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert_eq!(sim.rows("Meetings").len(), 1);
    let failed = replies
        .iter()
        .find(|reply| reply.text.contains("Database failure"))
        .unwrap();
    // The JSON is followed by the bare message.
    assert!(serde_json::from_str::<Value>(&failed.text).is_err());
    let mut values = serde_json::Deserializer::from_str(&failed.text).into_iter::<Value>();
    assert_eq!(values.next().unwrap().unwrap()["errors"]["status"], 400);
}

#[tokio::test]
async fn a_meeting_is_in_a_calendar_by_invitation_alone() {
    let (sim, http) = plain_crm().await;
    create(&http, &json!({ "name": "One", "assigned_user_id": ANNA })).await;
    assert!(sim.in_calendar_of(ANNA).is_empty());
    let modified = sim.row("Meetings", ID).unwrap()["date_modified"].clone();
    let path = format!("/module/Meetings/{ID}/relationships");
    let guest = json!({ "data": { "type": "Users", "id": ANNA } });
    for path in [format!("{path}/users"), path.clone()] {
        assert_eq!(http.call("POST", &path, &guest).await.status, 201);
    }
    assert_eq!(sim.in_calendar_of(ANNA), [("Meetings".to_owned(), ID.to_owned())]);
    assert_eq!(sim.row("Meetings", ID).unwrap()["date_modified"], modified);
    let listed = http
        .get(&format!("/module/Users/{ANNA}/relationships/meetings"))
        .await
        .json();
    assert_eq!(listed["data"][0]["id"], ID);
    assert_eq!(
        http.get(&format!(
            "/module/Users/{ANNA}/relationships/meetings?fields[Meetings]=name"
        ))
        .await
        .status,
        400
    );
    assert_eq!(http.delete(&format!("{path}/users/{ANNA}")).await.status, 200);
    let twice = http.delete(&format!("{path}/users/{ANNA}")).await;
    assert!(twice.status == 400 && twice.reason().contains("is not related"));
    let lead = json!({ "data": { "type": "Leads", "id": ID } });
    assert_eq!(http.call("POST", &path, &lead).await.status, 400);
}

#[tokio::test]
async fn people_leave_their_name_on_what_they_change() {
    let (sim, http) = plain_crm().await;
    let anna = sim.person(ANNA);
    let id = anna
        .create_meeting(
            "By hand",
            super::at("2026-12-01 10:00:00"),
            Duration::from_mins(90),
        )
        .unwrap();
    assert_eq!(sim.in_calendar_of(ANNA).len(), 1);
    let read = http.get(&format!("/module/Meetings/{id}")).await.json()["data"]["attributes"].clone();
    assert_eq!(
        (
            read["modified_user_id"].as_str(),
            read["duration_hours"].as_str(),
            read["duration_minutes"].as_str()
        ),
        (Some(ANNA), Some("1"), Some("30"))
    );
    http.call(
        "PATCH",
        "/module",
        &record("Meetings", Some(&id), &json!({ "name": "By us" })),
    )
    .await;
    assert_ne!(sim.row("Meetings", &id).unwrap()["modified_user_id"], ANNA);
    anna.reschedule(
        "Meetings",
        &id,
        super::at("2026-12-02 10:00:00"),
        Duration::from_mins(30),
    )
    .unwrap();
    let row = sim.row("Meetings", &id).unwrap();
    assert_eq!(
        (row["modified_user_id"].as_str(), row["date_end"].as_str()),
        (Some(ANNA), Some("2026-12-02 10:30:00"))
    );
    anna.delete("Meetings", &id).unwrap();
    assert!(anna.edit("Meetings", &id, &json!({ "name": "x" })).is_err());
    assert!(sim.in_calendar_of(ANNA).is_empty());
    sim.seed_sample();
    assert_eq!(sim.rows("Meetings").len(), 36);
}
