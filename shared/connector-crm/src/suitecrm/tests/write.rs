//! Writing: once whatever happens, nothing lost in silence.

use axum::http::Method;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sync_core::change::Observed;
use sync_core::failure::Class;
use sync_core::id::RemoteId;
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::port::{Create, Remote, Update};
use uuid::Uuid;

use super::site::{ANNA, BEN, Habit, Site, Trouble, refusal};

fn record(title: &str) -> EventRecord {
    let start: DateTime<Utc> = "2026-12-01T15:00:00Z".parse().unwrap();
    EventRecord {
        title: title.to_owned(),
        description: "Agenda".to_owned(),
        location: "Room 1".to_owned(),
        when: When::Timed {
            start,
            end: start + chrono::TimeDelta::minutes(90),
        },
        private: false,
    }
}

fn copy_of(record: EventRecord) -> Create<EventRecord> {
    Create {
        origin: RemoteId::new("primary", "google-1"),
        generation: 0,
        record,
        notify: false,
    }
}

fn change(seen: &Observed<EventRecord>, record: EventRecord, fields: &[EventField]) -> Update<EventRecord> {
    let (id, expected) = (seen.id.clone(), seen.version.clone());
    Update {
        id,
        expected,
        record,
        fields: fields.to_vec(),
        notify: false,
    }
}

async fn made(events: &dyn Remote<EventRecord>) -> Observed<EventRecord> {
    events.create(&copy_of(record("Talk"))).await.unwrap().observed
}

/// The attributes of every request of that method to create or change a record.
fn sent(site: &Site, method: &Method) -> Vec<Value> {
    let requests = site.inside().requests();
    let of = |(asked, path, _): &&(Method, String, Value)| asked == method && path.ends_with("V8/module");
    requests
        .iter()
        .filter(of)
        .map(|(_, _, body)| body["data"]["attributes"].clone())
        .collect()
}

#[tokio::test]
async fn a_copy_is_a_meeting_of_the_user_and_in_his_calendar() {
    let site = Site::start().await;
    let created = site.events().create(&copy_of(record("Talk"))).await.unwrap();
    assert_eq!(created.observed.record, record("Talk"));
    assert_eq!((created.generation, created.adopted), (0, false));
    let id = &created.observed.id;
    assert_eq!(id.collection, "Meetings");
    assert_eq!(Uuid::parse_str(&id.id).unwrap().hyphenated().to_string(), id.id);
    assert_eq!(
        site.inside().attribute("Meetings", &id.id, "assigned_user_id"),
        ANNA
    );
    assert!(site.inside().linked.contains(&(id.id.clone(), ANNA.to_owned())));
    let sent = sent(&site, &Method::POST);
    assert_eq!(sent[0]["date_start"], "2026-12-01 15:00:00");
    assert_eq!(
        (&sent[0]["duration_hours"], &sent[0]["duration_minutes"]),
        (&json!("1"), &json!("30"))
    );
    assert!(sent[0].get("date_end").is_none() && sent[0].get("id").is_none());
}

#[tokio::test]
async fn a_second_making_adopts_the_first_and_links_the_user() {
    let site = Site::start().await;
    let first = made(&*site.events()).await;
    site.inside().linked.clear();
    let again = site
        .events()
        .create(&copy_of(record("Another title")))
        .await
        .unwrap();
    assert!(again.adopted);
    assert_eq!(again.observed, first);
    assert_eq!(site.inside().count_and_links(), (1, 1));
}

#[tokio::test]
async fn an_error_after_the_save_makes_no_second_record() {
    let slim = r#"{"message":"Slim Application Error","error":[]}"#;
    let database = refusal("Database failure. Please refer to suitecrm.log for details.");
    for (status, body) in [
        (500, slim.to_owned()),
        (502, String::new()),
        (400, database),
        (200, "{".to_owned()),
    ] {
        let site = Site::start().await;
        site.inside()
            .trouble(Method::POST, "V8/module", 1, Trouble::After(status, body));
        let created = site.events().create(&copy_of(record("Talk"))).await.unwrap();
        assert_eq!(created.observed.record, record("Talk"));
        assert_eq!(site.inside().count_and_links(), (1, 1));
    }
}

#[tokio::test]
async fn a_record_that_breaks_the_site_stops_no_other_and_a_site_that_is_away_makes_the_run_wait() {
    let slim = r#"{"message":"Slim Application Error","error":[]}"#;
    let database = refusal("Database failure. Please refer to suitecrm.log for details.");
    let cases = [
        (500, slim.to_owned(), true),
        (400, database, true),
        (502, String::new(), false),
    ];
    for (status, body, parked) in cases {
        let site = Site::start().await;
        site.inside()
            .trouble(Method::POST, "V8/module", 10, Trouble::Instead(status, body));
        let failure = site.events().create(&copy_of(record("Talk"))).await.unwrap_err();
        assert_eq!(failure.class == Class::Permanent, parked, "{status}: {failure:?}");
        assert_eq!(site.inside().count(), 0);
    }
}

#[tokio::test]
async fn a_copy_that_was_given_away_is_left_alone() {
    let site = Site::start().await;
    let first = made(&*site.events()).await;
    site.inside()
        .edit("Meetings", &first.id.id, "assigned_user_id", BEN);
    let failure = site.events().create(&copy_of(record("Talk"))).await.unwrap_err();
    assert_eq!((failure.class, site.inside().count()), (Class::Permanent, 1));
}

#[tokio::test]
async fn a_time_that_the_site_loses_leaves_no_record_behind() {
    let site = Site::start().await;
    site.inside().take_up(Habit::EmptiesDates);
    let failure = site.events().create(&copy_of(record("Talk"))).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "time_not_kept"));
    assert_eq!(site.inside().count(), 0);
}

#[tokio::test]
async fn a_change_whose_time_the_site_loses_is_put_back_whole() {
    let site = Site::start().await;
    let events = site.events();
    let seen = made(&*events).await;
    let mut moved = record("Moved");
    let day = NaiveDate::from_ymd_opt(2026, 12, 24).unwrap();
    moved.when = When::AllDay {
        start: day,
        end: day + chrono::TimeDelta::days(2),
    };
    let emptied = json!({"data": {"type": "Meeting", "id": seen.id.id, "attributes": {"name": "Moved",
        "description": "", "location": "", "date_start": "", "duration_hours": "48", "duration_minutes": "0",
        "date_modified": "", "assigned_user_id": ANNA}}});
    site.inside().trouble(
        Method::PATCH,
        "V8/module",
        1,
        Trouble::After(201, emptied.to_string()),
    );
    let failure = events
        .update(&change(
            &seen,
            moved.clone(),
            &[EventField::Title, EventField::When],
        ))
        .await
        .unwrap_err();
    assert_eq!(failure.code, "time_not_kept");
    let inside = |name| site.inside().attribute("Meetings", &seen.id.id, name);
    assert_eq!(inside("date_start"), "2026-12-01 15:00:00");
    assert_eq!(inside("name"), seen.record.title);
    // And without trouble, whole days are kept: they begin at midnight in Rome.
    let kept = events
        .update(&change(&seen, moved.clone(), &[EventField::When]))
        .await
        .unwrap();
    assert_eq!(kept.record.when, moved.when);
    assert_eq!(
        site.inside().attribute("Meetings", &seen.id.id, "date_start"),
        "2026-12-23 23:00:00"
    );
}

#[tokio::test]
async fn a_change_writes_the_named_fields_and_no_others() {
    let site = Site::start().await;
    let events = site.events();
    let seen = made(&*events).await;
    site.inside().requests();
    let mut wanted = record("New title");
    wanted.location = "Elsewhere".to_owned();
    let now = events
        .update(&change(&seen, wanted, &[EventField::Title]))
        .await
        .unwrap();
    assert_eq!(sent(&site, &Method::PATCH), [json!({"name": "New title"})]);
    assert_eq!(
        (now.record.title.as_str(), now.record.location.as_str()),
        ("New title", "Room 1")
    );
    assert_ne!(now.version, seen.version);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_recognised() {
    for trouble in [
        Trouble::After(500, String::new()),
        Trouble::Instead(502, String::new()),
    ] {
        let site = Site::start().await;
        let events = site.events();
        let seen = made(&*events).await;
        site.inside().trouble(Method::PATCH, "V8/module", 1, trouble);
        let now = events
            .update(&change(&seen, record("New"), &[EventField::Title]))
            .await
            .unwrap();
        assert_eq!(now.record.title, "New");
    }
}

#[tokio::test]
async fn the_place_of_a_call_is_never_written() {
    let site = Site::start().await;
    let id = site.inside().put("Calls", 1, ANNA, "2026-12-01 15:00:00");
    let events = site.events();
    let set = events.changes(&super::site::since(None)).await.unwrap();
    let sync_core::change::Change::Present(seen) = set.changes[0].clone() else {
        panic!("not present")
    };
    assert_eq!(
        (seen.traits.record_type, seen.record.location.as_str()),
        (Some("call"), "")
    );
    site.inside().requests();
    let now = events
        .update(&change(&seen, record("Call"), &[EventField::Location]))
        .await
        .unwrap();
    assert_eq!(now, seen);
    assert!(sent(&site, &Method::PATCH).is_empty());
    events
        .update(&change(
            &seen,
            record("Call"),
            &[EventField::Title, EventField::Location],
        ))
        .await
        .unwrap();
    assert_eq!(sent(&site, &Method::PATCH), [json!({"name": "Call"})]);
    assert_eq!(site.inside().attribute("Calls", &id, "location"), "");
}

#[tokio::test]
async fn a_refusal_by_role_parks_the_record() {
    let site = Site::start().await;
    let denied = refusal("[SuiteCRM] [AccessDeniedException] ");
    site.inside()
        .trouble(Method::POST, "V8/module", 1, Trouble::Instead(400, denied));
    let failure = site.events().create(&copy_of(record("Talk"))).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (Class::Permanent, "access_denied"));
}

#[tokio::test]
async fn titles_are_cut_at_the_length_the_site_names() {
    let site = Site::start().await;
    site.inside().title_chars = 60;
    let events = site.events();
    assert_eq!(events.limits().title_chars, Some(50));
    let set = events.changes(&super::site::since(None)).await.unwrap();
    assert_eq!(events.limits().title_chars, Some(60));
    events.create(&copy_of(record(&"x".repeat(70)))).await.unwrap();
    assert_eq!(sent(&site, &Method::POST)[0]["name"].as_str().unwrap().len(), 60);
    let later = site.events();
    later
        .changes(&super::site::since(Some(&set.cursor)))
        .await
        .unwrap();
    assert_eq!(later.limits().title_chars, Some(60), "it is remembered");
}
