//! The corpus of recurrence rules, read.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// RFC 5545's examples lie in the past. Twenty-eight years later weekdays and leap years are the same.
const LATER_YEARS: i32 = 28;

/// How long timed occurrences last.
pub(crate) const MINUTES: i64 = 45;

/// A rule of the corpus.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its number and what it is about, short enough for a title in the CRM.
    pub(crate) title: String,
    pub(crate) group: String,
    start: String,
    zone: Option<String>,
    lines: Vec<String>,
    /// What it makes, as python-dateutil counts it out: instants, or midnights in Rome.
    pub(crate) starts: Vec<DateTime<Utc>>,
}

/// Every rule that the simulated Google takes.
pub(crate) fn corpus() -> Vec<Entry> {
    let expansions = file("expansions.json");
    let rules = file("rules.json");
    let rules = rules.as_array().unwrap().iter().enumerate();
    rules
        .filter(|(_, rule)| rule["refused"] != true)
        .map(|(number, rule)| {
            let text = |name: &str| rule[name].as_str().map(str::to_owned);
            let (group, name) = (text("group").unwrap(), text("name").unwrap());
            let starts = expansions[format!("{group}: {name}")].as_array().unwrap();
            let short: String = name.chars().take(28).collect();
            Entry {
                title: format!("{number:03} {}", short.trim()),
                group,
                start: text("start").unwrap(),
                zone: text("zone"),
                lines: serde_json::from_value(rule["lines"].clone()).unwrap(),
                starts: starts
                    .iter()
                    .map(|start| instant(start.as_str().unwrap()))
                    .collect(),
            }
        })
        .collect()
}

impl Entry {
    /// The number by which everything of this rule is known, whatever is done to its title.
    pub(crate) fn number(&self) -> &str {
        number_of(&self.title)
    }

    pub(crate) fn is_all_day(&self) -> bool {
        self.zone.is_none()
    }

    pub(crate) fn has_added_dates(&self) -> bool {
        self.lines.iter().any(|line| line.starts_with("RDATE"))
    }

    /// Whether the rule itself fixes times of day, so that a later start is off it.
    pub(crate) fn says_the_hour(&self) -> bool {
        let words = ["FREQ=HOURLY", "FREQ=MINUTELY", "BYHOUR", "BYMINUTE"];
        self.lines
            .iter()
            .any(|line| words.iter().any(|word| line.contains(word)))
    }

    /// The same rule, as many years later as bring RFC 5545's examples to ours.
    pub(crate) fn moved_on(&self) -> Self {
        let mut moved = self.clone();
        moved.start = later(&moved.start, "");
        for line in &mut moved.lines {
            for mark in ["UNTIL=", "EXDATE;TZID=America/New_York:"] {
                *line = later(line, mark);
            }
        }
        moved
    }

    /// The series as a person makes it in Google, with things on it that are not carried.
    pub(crate) fn event(&self) -> Value {
        let (start, end) = if let Some(zone) = &self.zone {
            let start: NaiveDateTime = self.start.parse().unwrap();
            let point = |local: NaiveDateTime| {
                let local = local.format("%Y-%m-%dT%H:%M:%S").to_string();
                json!({ "dateTime": local, "timeZone": zone })
            };
            (point(start), point(start + TimeDelta::minutes(MINUTES)))
        } else {
            let start: NaiveDate = self.start.parse().unwrap();
            let point = |day: NaiveDate| json!({ "date": day.to_string() });
            (point(start), point(start + TimeDelta::days(1)))
        };
        json!({
            "summary": self.title, "start": start, "end": end, "recurrence": self.lines,
            "colorId": "5", "transparency": "transparent",
            "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 7 }] },
            "extendedProperties": { "shared": { "team": "blue" } },
        })
    }
}

/// A text whose year follows the mark, that many years later; as it is where it lacks the mark.
fn later(text: &str, mark: &str) -> String {
    let Some((before, after)) = text.split_once(mark) else {
        return text.to_owned();
    };
    let (year, rest) = after.split_at(4);
    let year = year.parse::<i32>().unwrap() + LATER_YEARS;
    format!("{before}{mark}{year}{rest}")
}

/// What a title begins with: the number of its rule.
pub(crate) fn number_of(title: &str) -> &str {
    title.split(' ').next().unwrap_or_default()
}

fn instant(start: &str) -> DateTime<Utc> {
    match start.parse::<NaiveDate>() {
        Ok(day) => {
            let midnight = day.and_time(NaiveTime::MIN);
            let in_rome = Tz::Europe__Rome.from_local_datetime(&midnight);
            in_rome.unwrap().to_utc()
        }
        Err(_) => start.parse().unwrap(),
    }
}

fn file(name: &str) -> Value {
    let path = format!("{}/../recurrence/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
