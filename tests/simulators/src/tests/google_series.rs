//! Series: the corpus of recurrence rules, against what python-dateutil makes of it (`tests/recurrence`).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::google;
use crate::google::GoogleOptions;

/// One line of the corpus.
struct Entry {
    name: String,
    start: String,
    zone: Option<String>,
    lines: Value,
    refused: bool,
}

fn file(name: &str) -> Value {
    let path = format!("{}/../recurrence/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn corpus() -> Vec<Entry> {
    let text = |entry: &Value, name: &str| entry[name].as_str().map(str::to_owned);
    let rules = file("rules.json");
    rules
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| Entry {
            name: format!(
                "{}: {}",
                text(entry, "group").unwrap(),
                text(entry, "name").unwrap()
            ),
            start: text(entry, "start").unwrap(),
            zone: text(entry, "zone"),
            lines: entry["lines"].clone(),
            refused: entry["refused"] == true,
        })
        .collect()
}

impl Entry {
    /// The series as a program would make it: by the clock on the wall, with the zone beside it.
    fn event(&self) -> Value {
        let later = |by: TimeDelta| {
            if let Some(zone) = &self.zone {
                let start: NaiveDateTime = self.start.parse().unwrap();
                json!({ "dateTime": (start + by).format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": zone })
            } else {
                let start: NaiveDate = self.start.parse().unwrap();
                json!({ "date": (start + by).to_string() })
            }
        };
        let length = if self.zone.is_some() {
            TimeDelta::minutes(45)
        } else {
            TimeDelta::days(1)
        };
        json!({ "summary": self.name, "start": later(TimeDelta::zero()), "end": later(length),
            "recurrence": self.lines })
    }
}

/// A start as the file of expansions has it, and what an instance's id ends in.
fn begun(instance: &Value) -> (String, String) {
    let start = &instance["originalStartTime"];
    assert_eq!(instance["start"], *start);
    if let Some(day) = start["date"].as_str() {
        return (day.to_owned(), day.replace('-', ""));
    }
    let at: DateTime<Utc> = start["dateTime"].as_str().unwrap().parse().unwrap();
    (
        at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        at.format("%Y%m%dT%H%M%SZ").to_string(),
    )
}

fn second_after(start: &str) -> String {
    let at = match start.parse::<NaiveDate>() {
        Ok(day) => day.and_time(chrono::NaiveTime::MIN).and_utc(),
        Err(_) => start.parse().unwrap(),
    };
    (at + TimeDelta::seconds(1)).to_rfc3339()
}

#[tokio::test]
async fn every_rule_of_the_corpus_makes_what_dateutil_makes_of_it() {
    let options = GoogleOptions {
        quota_per_minute: None,
        ..GoogleOptions::default()
    };
    let (_sim, http) = google(options).await;
    let expected: BTreeMap<String, Vec<String>> = serde_json::from_value(file("expansions.json")).unwrap();
    let corpus = corpus();
    assert_eq!(corpus.len(), expected.len());
    let mut wrong = Vec::new();
    for entry in corpus {
        let made = http
            .call("POST", "/calendars/primary/events", &entry.event())
            .await;
        let status = if entry.refused { 400 } else { 200 };
        assert_eq!(made.status, status, "{}: {}", entry.name, made.text);
        if entry.refused {
            continue;
        }
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let expected = &expected[&entry.name];
        let until = second_after(expected.last().unwrap());
        let path = format!("/calendars/primary/events/{id}/instances");
        let listed = http
            .query(&path, &[("timeMax", &until), ("maxResults", "2500")])
            .await
            .json();
        let mut starts = Vec::new();
        for instance in listed["items"].as_array().unwrap() {
            let (start, suffix) = begun(instance);
            assert_eq!(instance["id"], format!("{id}_{suffix}"), "{}", entry.name);
            starts.push(start);
        }
        if starts != *expected {
            wrong.push(format!("{}:\n  {starts:?}\n  {expected:?}", entry.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn an_instance_is_found_by_its_id_alone() {
    let (_sim, http) = google(GoogleOptions::default()).await;
    let entry = corpus()
        .into_iter()
        .find(|entry| entry.name == "clocks: half past two does not exist")
        .unwrap();
    let made = http
        .call("POST", "/calendars/primary/events", &entry.event())
        .await
        .json();
    let id = made["id"].as_str().unwrap();
    // The offset before the gap: half past three on that day, half past two on the next.
    for (suffix, status) in [
        ("20260329T013000Z", 200),
        ("20260329T003000Z", 404),
        ("20260330T003000Z", 200),
    ] {
        let path = format!("/calendars/primary/events/{id}_{suffix}");
        assert_eq!(http.get(&path).await.status, status, "{suffix}");
    }
}
