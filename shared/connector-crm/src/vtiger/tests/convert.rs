//! Rows to events and back.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::{Value, json};
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord, When};

use super::super::events::{Events, Span, columns, observed};
use super::super::shape::{Shape, Unreadable};
use super::super::site::Site;
use super::super::text::broken_up;
use super::super::wire::Row;

fn row(value: Value) -> Row {
    serde_json::from_value(value).unwrap()
}

fn times(start: (&str, &str), end: (&str, &str)) -> Row {
    row(
        json!({"id": "18x1", "date_start": start.0, "time_start": start.1, "due_date": end.0, "time_end": end.1}),
    )
}

fn site() -> Site {
    Site::of(Events::MODULE, Events::TWIN)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn seconds_may_be_missing_and_everything_else_may_not() {
    let day = "2026-12-01";
    let span = Span::read(&times((day, "10:00"), (day, "11:30:15"))).unwrap();
    assert_eq!(
        (span.start, span.end),
        (at("2026-12-01T10:00:00Z"), at("2026-12-01T11:30:15Z"))
    );
    let table = [
        (times(("", "10:00"), (day, "11:00")), Unreadable::NoStart),
        (
            times(("0000-00-00", "10:00"), (day, "11:00")),
            Unreadable::NoStart,
        ),
        (times((day, "25:99:00"), (day, "11:00")), Unreadable::BadStart),
        (
            times(("01-12-2026", "10:00"), (day, "11:00")),
            Unreadable::BadStart,
        ),
        (times((day, ""), (day, "11:00")), Unreadable::BadStart),
        (times((day, "10:00"), (day, "")), Unreadable::BadEnd),
        (times((day, "10:00"), (day, "09:59")), Unreadable::EndsEarly),
    ];
    for (row, cause) in table {
        assert_eq!(Span::read(&row), Err(cause));
    }
}

#[test]
fn what_nobody_may_read_is_private_and_empty_is_null() {
    let base: url::Url = "https://crm.example.com/vtiger/".parse().unwrap();
    let event = |visibility: Value, location: Value| {
        let row = row(
            json!({"id": "18x7", "subject": " Talk ", "date_start": "2026-12-01", "time_start": "10:00",
            "due_date": "2026-12-01", "time_end": "11:00", "visibility": visibility, "location": location,
            "modifiedtime": "2026-11-22 02:17:31", "activitytype": "Meeting", "source": "GSYNC:AB:CD"}),
        );
        observed(&row, Tz::Europe__Rome, &base).unwrap()
    };
    let public = event(json!("Public"), json!(""));
    assert!(!public.record.private);
    for visibility in [json!("Private"), json!(""), json!(null), json!("Secret")] {
        assert!(event(visibility, json!("")).record.private);
    }
    assert_eq!(event(json!("Public"), json!(null)).version, public.version);
    assert_eq!(public.record.title, "Talk");
    assert_eq!(public.modified_at, Some(at("2026-11-22T02:17:31Z")));
    assert_eq!(public.traits.made_as.unwrap().id, "GSYNC:AB:CD");
    assert_eq!(
        public.traits.address.as_deref(),
        Some("https://crm.example.com/vtiger/index.php?module=Calendar&view=Detail&record=7")
    );
}

#[test]
fn an_event_without_a_title_has_a_subject_all_the_same() {
    let base: url::Url = "https://crm.example.com/".parse().unwrap();
    let mut record = EventRecord {
        title: String::new(),
        description: String::new(),
        location: String::new(),
        when: When::Timed {
            start: at("2026-12-01T10:00:00Z"),
            end: at("2026-12-01T11:00:00Z"),
        },
        private: false,
    };
    for (title, subject) in [("", "(No title)"), ("Talk", "Talk")] {
        record.title = title.to_owned();
        let mut sent = columns(&record, EventRecord::FIELDS, &site(), Tz::UTC).unwrap();
        assert_eq!(sent["subject"], subject);
        sent.insert("id".to_owned(), "18x1".into());
        let seen = observed(&Row(sent), Tz::UTC, &base).unwrap();
        assert_eq!(seen.record.title, title);
    }
}

#[test]
fn only_the_tags_of_scripts_are_broken_up() {
    for (text, sent) in [
        ("1 < 2 and <b>bold</b>", "1 < 2 and <b>bold</b>"),
        ("<script>x</script>", "< script>x< /script>"),
        ("<SCRIPT src=1>", "< SCRIPT src=1>"),
        ("<scribe>", "<scribe>"),
        ("<", "<"),
        ("a<ü", "a<ü"),
    ] {
        assert_eq!(broken_up(text), sent);
        assert_eq!(broken_up(sent), sent, "once is enough");
    }
}

#[test]
fn a_site_without_a_column_is_not_sent_it() {
    let events = Events { zone: Tz::UTC };
    let mut site = site();
    let described = json!({"idPrefix": "31", "fields": [{"name": "description"}, {"name": "activitytype",
        "type": {"picklistValues": [{"value": "Telephone call"}, {"value": "Visit"}]}}]});
    site.learn(&events, &described);
    assert_eq!(site.id(7).to_string(), "31x7");
    assert!(
        events
            .for_copy(&site)
            .contains(&("activitytype", "Visit".to_owned()))
    );
    let limits = events.limits(&site);
    assert!(!limits.has_location && !limits.has_private);
    assert!(!site.has("location") && site.has("description"));
    let record = EventRecord {
        title: "Talk".to_owned(),
        description: String::new(),
        location: "Room".to_owned(),
        when: When::Timed {
            start: at("2026-12-01T10:00:00Z"),
            end: at("2026-12-01T10:00:00Z"),
        },
        private: true,
    };
    let sent = columns(&record, EventRecord::FIELDS, &site, Tz::UTC).unwrap();
    assert!(!sent.contains_key("location") && !sent.contains_key("visibility"));
    assert_eq!(
        columns(&record, &[EventField::Location], &site, Tz::UTC)
            .unwrap()
            .len(),
        0
    );
}

proptest! {
    #[test]
    fn times_read_back_in_every_zone(
        zone in prop::sample::select(vec![Tz::UTC, Tz::Europe__Rome, Tz::America__New_York, Tz::Asia__Kolkata,
            Tz::Pacific__Kiritimati, Tz::Pacific__Apia, Tz::Asia__Beirut, Tz::America__Sao_Paulo]),
        days in 0_i64..5_500, length in 1_i64..40, seconds in 0_i64..86_400, lasts in 0_i64..200_000,
    ) {
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Duration::days(days);
        let whole = When::AllDay { start: first, end: first + Duration::days(length) };
        let start = first.and_hms_opt(0, 0, 0).unwrap().and_utc() + Duration::seconds(seconds);
        let timed = When::Timed { start, end: start + Duration::seconds(lasts) };
        for when in [whole, timed] {
            let span = Span::of(&when, zone).unwrap();
            let mut sent = serde_json::Map::new();
            span.write(&mut sent);
            prop_assert_eq!(Span::read(&row(Value::Object(sent))), Ok(span));
            let read = span.when(zone);
            // What lasts from midnight to midnight reads as whole days, however it was meant.
            let is_whole = matches!(read, When::AllDay { .. });
            prop_assert!(read == when || (is_whole && Span::of(&read, zone) == Some(span)));
        }
    }
}
