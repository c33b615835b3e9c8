//! Conversion: nothing is lost that the CRM can hold, over every zone.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sync_core::kind::Record;
use sync_core::kind::event::{EventField, EventRecord, When, normal_text};
use url::Url;

use super::super::events::convert::{self, Span};
use super::super::shape::Unreadable;
use super::super::site::Site;
use super::super::text::{decoded, spaced};
use super::super::wire::{Attributes, Module, Resource, parse_date};
use super::resource;
use crate::day::start_of_day;

fn site_url() -> Url {
    Url::parse("https://crm.example.com/suite/").unwrap()
}

/// The record as a site with enough room gives it back: minutes, an offset that lies, encoded texts.
fn returned(sent: Map<String, Value>) -> Resource {
    let attributes = sent
        .into_iter()
        .map(|(name, value)| {
            let text = value.as_str().unwrap_or_default();
            let text = if name == "date_start" {
                format!("{}-05:00", text.replacen(' ', "T", 1))
            } else {
                text.replace('<', "&lt;")
                    .replace('>', "&gt;")
                    .replace('"', "&quot;")
                    .replace('\'', "&#039;")
            };
            (name, Value::String(text))
        })
        .collect();
    Resource {
        id: "0000000a-aaaa-4bbb-8ccc-000000000001".to_owned(),
        attributes: Attributes(attributes),
        chosen: false,
    }
}

fn roomy() -> Site {
    Site {
        lengths: [("name".to_owned(), 10_000), ("location".to_owned(), 10_000)].into(),
        ..Site::default()
    }
}

fn read(module: Module, attributes: Value, zone: Tz) -> Result<EventRecord, Unreadable> {
    convert::observed(module, &resource(attributes), zone, &site_url()).map(|observed| observed.record)
}

fn zones() -> impl Strategy<Value = Tz> {
    proptest::sample::select(&TZ_VARIANTS[..])
}

fn text() -> impl Strategy<Value = String> {
    // No `&`: the CRM gives back `&lt;` for `<` and for a typed `&lt;` alike.
    "[ a-z0-9<>\"'àß€\u{1f600}\n]{0,40}".prop_map(|text| normal_text(&text))
}

fn whens() -> impl Strategy<Value = When> {
    let timed = (1_577_836_800_i64..2_082_758_400, 0_i64..5_000).prop_map(|(start, minutes)| {
        let start = DateTime::from_timestamp(start - start.rem_euclid(60), 0).unwrap();
        When::Timed {
            start,
            end: start + Duration::minutes(minutes),
        }
    });
    let days = (0_i64..5_844, 1_i64..40).prop_map(|(day, days)| {
        let start = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Duration::days(day);
        When::AllDay {
            start,
            end: start + Duration::days(days),
        }
    });
    prop_oneof![timed, days]
}

proptest! {
    #[test]
    fn a_meeting_comes_back_as_it_was_sent(
        title in text(), description in text(), location in text(), when in whens(), zone in zones(),
    ) {
        let record = EventRecord {
            title: title.replace('\n', " "), description, location: location.replace('\n', " "), when, private: false,
        };
        let sent = convert::attributes(Module::Meetings, &record, EventRecord::FIELDS, &roomy(), zone);
        let back = convert::observed(Module::Meetings, &returned(sent), zone, &site_url()).unwrap().record;
        prop_assert_eq!(&back.title, &normal_text(&spaced(&record.title)));
        prop_assert_eq!(&back.description, &normal_text(&spaced(&record.description)));
        prop_assert_eq!(&back.location, &normal_text(&spaced(&record.location)));
        // A timed event of exactly some whole local days is what the CRM calls all-day: the same time all the same.
        prop_assert_eq!(Span::of(&back.when, zone), Span::of(&record.when, zone));
        if matches!(record.when, When::AllDay { .. }) {
            prop_assert_eq!(back.when, record.when);
        }
    }

    #[test]
    fn what_was_returned_once_is_sent_and_returned_alike(
        title in text(), when in whens(), zone in zones(),
    ) {
        let record = EventRecord {
            title: title.replace('\n', " "), description: title, location: String::new(), when, private: false,
        };
        let round = |record: &EventRecord| {
            let sent = convert::attributes(Module::Meetings, record, EventRecord::FIELDS, &Site::default(), zone);
            convert::observed(Module::Meetings, &returned(sent), zone, &site_url()).unwrap()
        };
        let once = round(&record);
        let twice = round(&once.record);
        prop_assert_eq!(&once.record, &twice.record);
        prop_assert_eq!(once.version, twice.version);
        prop_assert!(once.record.title.chars().count() <= 50);
    }

    #[test]
    fn decoding_undoes_the_encoding(text in "[^&]{0,60}") {
        let encoded = text.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#039;");
        prop_assert_eq!(decoded(&encoded), text);
    }

    #[test]
    fn no_tag_is_left_to_throw_away(text in ".{0,60}") {
        let safe = spaced(&text);
        let bytes: Vec<char> = safe.chars().collect();
        prop_assert!(bytes.windows(2).all(|pair| pair[0] != '<' || !pair[1].is_alphabetic()));
        prop_assert_eq!(spaced(&safe), safe);
    }
}

/// Every zone, at the first and the fifteenth of every month from 2020 to 2035 and on both sides of every change of
/// its offset: a day begins on that day, no earlier instant does, and an all-day event of it comes back.
#[test]
fn all_day_events_keep_their_days_in_every_zone() {
    let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    let days = i64::from(2036 - 2020) * 366;
    let mut looked_at = 0;
    for zone in TZ_VARIANTS {
        let offset = |day: NaiveDate| {
            zone.offset_from_utc_datetime(&day.and_hms_opt(12, 0, 0).unwrap())
                .fix()
        };
        for day in (0..days).map(|n| first + Duration::days(n)) {
            let near_change = offset(day - Duration::days(2)) != offset(day + Duration::days(2));
            if !near_change && day.day() != 1 && day.day() != 15 {
                continue;
            }
            looked_at += 1;
            let start = start_of_day(day, zone);
            assert_eq!(start.with_timezone(&zone).date_naive(), day, "{zone} {day}");
            let earlier = (start - Duration::seconds(1)).with_timezone(&zone).date_naive();
            assert!(earlier < day, "{zone} {day} begins before {start}");
            for length in [1, 3] {
                let when = When::AllDay {
                    start: day,
                    end: day + Duration::days(length),
                };
                assert_eq!(Span::of(&when, zone).when(zone), when, "{zone}");
            }
        }
    }
    assert!(looked_at > 200_000, "{looked_at}");
}

#[test]
fn a_midnight_that_the_clocks_skip_still_has_its_day() {
    // Beirut skips 00:00 to 01:00 on the last Sunday of March.
    let day = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap();
    assert_eq!(
        start_of_day(day, Tz::Asia__Beirut),
        parse_date("2026-03-28 22:00:00").unwrap()
    );
    // Samoa skipped a whole day when it changed sides of the date line; the next one stands for it.
    let skipped = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
    assert_eq!(
        start_of_day(skipped, Tz::Pacific__Apia),
        start_of_day(skipped + Duration::days(1), Tz::Pacific__Apia)
    );
}

#[test]
fn a_day_of_utc_is_no_day_elsewhere() {
    let attributes =
        json!({"date_start": "2026-12-01T00:00:00+00:00", "duration_hours": "24", "duration_minutes": 0});
    let utc = read(Module::Meetings, attributes.clone(), Tz::UTC).unwrap();
    assert!(matches!(utc.when, When::AllDay { .. }));
    let new_york = read(Module::Meetings, attributes, Tz::America__New_York).unwrap();
    assert!(matches!(new_york.when, When::Timed { .. }));
}

#[test]
fn dates_are_read_by_their_digits_alone() {
    let ten = Utc.with_ymd_and_hms(2026, 12, 1, 10, 0, 0).unwrap();
    for text in [
        "2026-12-01T10:00:00-05:00",
        "2026-12-01T10:00:00+00:00",
        "2026-12-01 10:00:00",
    ] {
        assert_eq!(parse_date(text), Some(ten), "{text}");
    }
    for text in [
        "",
        "2026-12-01",
        "0000-00-00 00:00:00",
        "12/01/2026 10:00am 000",
        "2026-12-01Tééééééé",
    ] {
        assert_eq!(parse_date(text), None, "{text}");
    }
}

#[test]
fn durations_are_the_truth_about_length() {
    let length = |hours: Value, minutes: Value, end: &str| {
        let attributes = json!({"date_start": "2026-12-01T10:00:00+00:00", "date_end": end,
            "duration_hours": hours, "duration_minutes": minutes});
        read(Module::Meetings, attributes, Tz::UTC).map(|record| record.when.length().num_minutes())
    };
    let end = "2026-12-01T12:00:00+00:00";
    assert_eq!(length(json!("1"), json!("30"), end), Ok(90));
    assert_eq!(length(json!(0), json!("90"), end), Ok(90));
    assert_eq!(length(json!("30"), json!(7), end), Ok(1807));
    assert_eq!(length(json!("0"), json!("0"), end), Ok(0));
    assert_eq!(length(Value::Null, json!(""), end), Ok(120));
    assert_eq!(length(Value::Null, Value::Null, ""), Ok(0));
    assert_eq!(length(json!("-3"), json!(0), end), Err(Unreadable::BadLength));
    assert_eq!(
        length(json!("99999999999"), json!(0), end),
        Err(Unreadable::BadLength)
    );
    assert_eq!(length(json!("soon"), json!(0), end), Err(Unreadable::BadLength));
}

#[test]
fn a_record_without_a_start_says_so() {
    let read = |start: Value| read(Module::Calls, json!({"name": "x", "date_start": start}), Tz::UTC);
    assert_eq!(read(json!("")), Err(Unreadable::NoStart));
    assert_eq!(read(Value::Null), Err(Unreadable::NoStart));
    assert_eq!(read(json!("tomorrow")), Err(Unreadable::BadStart));
}

#[test]
fn a_call_has_no_place_whatever_comes() {
    let attributes = json!({"date_start": "2026-12-01T10:00:00+00:00", "location": "Room 1"});
    assert_eq!(read(Module::Calls, attributes, Tz::UTC).unwrap().location, "");
    let record = EventRecord {
        title: "Call".to_owned(),
        description: String::new(),
        location: "Room 1".to_owned(),
        when: When::Timed {
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH,
        },
        private: true,
    };
    let fields = [EventField::Location, EventField::Private];
    assert!(convert::attributes(Module::Calls, &record, &fields, &Site::default(), Tz::UTC).is_empty());
}

#[test]
fn texts_are_cut_by_us_and_tags_kept_apart() {
    let record = EventRecord {
        title: "é".repeat(60),
        description: format!("{}é", "a".repeat(65_534)),
        location: "ask <someone@example.com>".to_owned(),
        when: When::Timed {
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH,
        },
        private: false,
    };
    let sent = convert::attributes(
        Module::Meetings,
        &record,
        EventRecord::FIELDS,
        &Site::default(),
        Tz::UTC,
    );
    assert_eq!(sent["name"].as_str().unwrap().chars().count(), 50);
    assert_eq!(sent["description"].as_str().unwrap().len(), 65_534);
    assert_eq!(sent["location"], "ask < someone@example.com>");
    assert_eq!(sent["date_start"], "1970-01-01 00:00:00");
    assert!(!sent.contains_key("date_end"));
}

#[test]
fn a_record_carries_what_is_known_beside_its_content() {
    let Value::Object(attributes) = json!({
        "name": "Bob&#039;s &lt;b&gt; &amp; &quot;Q&quot;", "description": "a\r\nb", "location": "",
        "date_start": "2026-12-01T10:00:00+00:00", "duration_hours": "1", "duration_minutes": "0",
        "date_modified": "2026-11-22T02:24:00+00:00", "gsync_id": "abc123", "assigned_user_id": "1",
        "contacts": {}, "deleted": false, "status": "Not Held",
    }) else {
        panic!("no map")
    };
    let resource = Resource {
        id: "r-1".to_owned(),
        attributes: Attributes(attributes),
        chosen: false,
    };
    let seen = convert::observed(Module::Meetings, &resource, Tz::UTC, &site_url()).unwrap();
    assert_eq!(seen.record.title, "Bob's <b> &amp; \"Q\"");
    assert_eq!(seen.record.description, "a\nb");
    assert_eq!(seen.modified_at, parse_date("2026-11-22 02:24:00"));
    assert_eq!(seen.traits.built_in_partner.as_deref(), Some("abc123"));
    assert_eq!(seen.traits.record_type, Some("meeting"));
    let address = "https://crm.example.com/suite/index.php?module=Meetings&action=DetailView&record=r-1";
    assert_eq!(seen.traits.address.as_deref(), Some(address));
}
