//! Tasks: the user's day, the CRM's time of day, and its many states.

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use sync_core::kind::Record;
use sync_core::kind::task::{Due, Status, TaskField, TaskRecord};
use url::Url;

use super::super::shape::{Shape, Unreadable};
use super::super::site::Site;
use super::super::tasks::Tasks;
use super::super::wire::Module;
use super::resource;

fn read(attributes: Value, zone: Tz) -> Result<TaskRecord, Unreadable> {
    let url = Url::parse("https://crm.example.com/").unwrap();
    let seen = Tasks { zone }.observed(Module::Tasks, &resource(attributes), &url);
    seen.map(|seen| seen.record)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn due(text: &str, time: Option<&str>) -> Due {
    let time = time.map(|time| NaiveTime::parse_from_str(time, "%H:%M").unwrap());
    Due { day: day(text), time }
}

fn task(due: Option<Due>, status: Status) -> TaskRecord {
    TaskRecord {
        title: "Send the brochure".to_owned(),
        notes: "First line\nsecond line".to_owned(),
        due,
        status,
    }
}

fn sent(record: &TaskRecord, fields: &[TaskField], before: Option<Value>, zone: Tz) -> Map<String, Value> {
    let before = before.map(resource);
    Tasks { zone }.attributes(Module::Tasks, record, fields, before.as_ref(), &Site::default())
}

#[test]
fn a_task_is_due_on_the_users_day() {
    // 03:00 in UTC is the evening before in New York.
    let cases = [
        (Tz::UTC, "2026-12-02", "03:00"),
        (Tz::America__New_York, "2026-12-01", "22:00"),
        (Tz::Pacific__Kiritimati, "2026-12-02", "17:00"),
    ];
    for (zone, day, time) in cases {
        let record = read(
            json!({"name": "x", "date_due": "2026-12-02T03:00:29-05:00"}),
            zone,
        )
        .unwrap();
        assert_eq!(record.due, Some(due(day, Some(time))), "{zone}");
    }
    assert_eq!(
        read(json!({"name": "x", "date_due": ""}), Tz::UTC).unwrap().due,
        None
    );
    assert_eq!(
        read(json!({"name": "x", "date_due": "soon"}), Tz::UTC),
        Err(Unreadable::BadDue)
    );
}

#[test]
fn a_bare_day_leaves_the_time_that_is_there_and_is_noon_where_none_is() {
    let zone = Tz::America__New_York;
    let before = json!({"date_due": "2026-12-02T03:00:00+00:00"});
    let fields = [TaskField::Due];
    // The hour in winter stays the hour in summer.
    let cases = [
        (
            Some(before.clone()),
            due("2026-12-24", None),
            "2026-12-25 03:00:00",
        ),
        (
            Some(before.clone()),
            due("2026-07-24", None),
            "2026-07-25 02:00:00",
        ),
        (
            Some(before.clone()),
            due("2026-12-24", Some("08:15")),
            "2026-12-24 13:15:00",
        ),
        (
            Some(json!({"date_due": ""})),
            due("2026-12-24", None),
            "2026-12-24 17:00:00",
        ),
        (None, due("2026-12-24", None), "2026-12-24 17:00:00"),
        // Half past two does not exist on that day.
        (None, due("2026-03-08", Some("02:30")), "2026-03-08 07:00:00"),
    ];
    for (before, due, expected) in cases {
        let attributes = sent(&task(Some(due), Status::Open), &fields, before, zone);
        assert_eq!(
            Value::Object(attributes),
            json!({"date_due": expected}),
            "{due:?}"
        );
    }
    let cleared = sent(&task(None, Status::Open), &fields, Some(before), zone);
    assert_eq!(Value::Object(cleared), json!({"date_due": ""}));
}

#[test]
fn every_day_of_every_zone_comes_back_as_that_day() {
    for zone in chrono_tz::TZ_VARIANTS {
        for day in day("2026-03-01").iter_days().step_by(13).take(30) {
            let wanted = Due { day, time: None };
            let attributes = sent(&task(Some(wanted), Status::Open), &[TaskField::Due], None, zone);
            let back = read(Value::Object(attributes), zone).unwrap();
            assert_eq!(back.due.map(|due| due.day), Some(day), "{zone}");
        }
    }
}

#[test]
fn only_completed_is_done_and_open_states_stay_what_they_are() {
    let done = Status::Completed { at: None };
    for (status, expected) in [
        ("Completed", done),
        ("Deferred", Status::Open),
        ("Pending Input", Status::Open),
        ("", Status::Open),
    ] {
        assert_eq!(
            read(json!({"name": "x", "status": status}), Tz::UTC)
                .unwrap()
                .status,
            expected
        );
    }
    let cases = [
        (Some("Deferred"), Status::Open, json!({})),
        (Some("In Progress"), done, json!({"status": "Completed"})),
        (Some("Completed"), Status::Open, json!({"status": "Not Started"})),
        (None, Status::Open, json!({"status": "Not Started"})),
        (None, done, json!({"status": "Completed"})),
    ];
    for (before, status, expected) in cases {
        let before = before.map(|before| json!({"status": before}));
        let attributes = sent(&task(None, status), &[TaskField::Status], before, Tz::UTC);
        assert_eq!(Value::Object(attributes), expected);
    }
}

#[test]
fn names_are_cut_and_texts_kept_from_the_purifier() {
    let mut record = task(None, Status::Open);
    record.title = format!("Ask <bob@example.com> {}", "x".repeat(60));
    let attributes = sent(&record, TaskRecord::FIELDS, None, Tz::UTC);
    let name = attributes["name"].as_str().unwrap();
    assert!(name.starts_with("Ask < bob@example.com> x") && name.chars().count() == 50);
    assert_eq!(attributes["description"], "First line\nsecond line");
}

#[test]
fn priority_and_time_of_change_are_no_part_of_the_version() {
    let url = Url::parse("https://crm.example.com/").unwrap();
    let version = |attributes| {
        let tasks = Tasks { zone: Tz::UTC };
        let seen = tasks
            .observed(Module::Tasks, &resource(attributes), &url)
            .unwrap();
        seen.version
    };
    let base = json!({"name": "x", "status": "Deferred", "date_due": "2026-12-02T03:00:00+00:00"});
    let with = |name: &str, value: &str| {
        let mut other = base.clone();
        other[name] = value.into();
        other
    };
    assert_eq!(version(base.clone()), version(with("status", "In Progress")));
    assert_eq!(
        version(base.clone()),
        version(with("date_modified", "2026-12-02T03:00:00+00:00"))
    );
    for (name, value) in [
        ("status", "Completed"),
        ("name", "y"),
        ("description", "z"),
        ("date_due", "2026-12-02T04:00:00+00:00"),
        ("date_due", ""),
    ] {
        assert_ne!(version(base.clone()), version(with(name, value)), "{name}");
    }
}
