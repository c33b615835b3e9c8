//! The corpus of recurrence rules (`tests/recurrence`): what its rules make follows a rule where the rule is one of
//! those that are looked for, and never another one.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sync_core::recurrence::{Starts, rule_of};

use super::{ordered, starts_of};

/// What follows none of the rules that are looked for: several days of a month or months of a year in one, days counted
/// from the end or by the week or the year, places within a set, several times a day, added dates, one start alone, a
/// start off the rule, and times that the clocks skip.
const WITHOUT: [&str; 51] = [
    "rfc5545: every day in January, yearly",
    "rfc5545: every day in January, daily",
    "rfc5545: first and last Sunday of every other month",
    "rfc5545: second last Monday",
    "rfc5545: third last day",
    "rfc5545: the 2nd and the 15th",
    "rfc5545: first and last day",
    "rfc5545: the 10th to the 15th of every 18 months",
    "rfc5545: Tuesdays of every other month",
    "rfc5545: June and July",
    "rfc5545: three months of every other year",
    "rfc5545: days of the year",
    "rfc5545: 20th Monday of the year",
    "rfc5545: Monday of week 20",
    "rfc5545: Thursdays in March",
    "rfc5545: Thursdays of summer",
    "rfc5545: Fridays the 13th",
    "rfc5545: Saturday after the first Sunday",
    "rfc5545: election day",
    "rfc5545: third of Tuesday, Wednesday, Thursday",
    "rfc5545: second last working day",
    "rfc5545: every 3 hours of a day",
    "rfc5545: every 15 minutes, 6 times",
    "rfc5545: every hour and a half, 4 times",
    "rfc5545: every 20 minutes of the working day, daily",
    "rfc5545: every 20 minutes of the working day, by the minute",
    "rfc5545: the 15th and the 30th",
    "clocks: half past two does not exist",
    "clocks: two o'clock exactly, New York",
    "clocks: half an hour's change, spring",
    "clocks: midnight that is skipped, Beirut",
    "clocks: midnight that is skipped, Santiago",
    "clocks: the hour before midnight, Nuuk",
    "clocks: across midnight, Scoresbysund",
    "ends: once",
    "ends: before it begins",
    "dates: added in another zone",
    "dates: added in UTC",
    "dates: two rules",
    "dates: start off the rule",
    "odd: first working day",
    "odd: last working day",
    "odd: last working day of the year",
    "odd: first and last of a set",
    "odd: fifth last Monday",
    "odd: 29th, 30th and 31st",
    "odd: thirty-first last day",
    "odd: week 53",
    "odd: week 1 may begin in December",
    "odd: winter Mondays",
    "odd: twice a day",
];

fn file(name: &str) -> serde_json::Value {
    let path = format!("{}/../../tests/recurrence/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a file of the corpus");
    serde_json::from_str(&text).expect("JSON")
}

/// The starts by name, as far as they are shown.
fn corpus() -> Vec<(String, Starts)> {
    let starts: BTreeMap<String, Vec<String>> =
        serde_json::from_value(file("expansions.json")).expect("names and starts");
    let rules = file("rules.json");
    let rules = rules.as_array().expect("a list");
    let text = |rule: &serde_json::Value, name: &str| rule[name].as_str().map(str::to_owned);
    rules
        .iter()
        .map(|rule| {
            let name = format!(
                "{}: {}",
                text(rule, "group").expect("a group"),
                text(rule, "name").expect("a name")
            );
            let starts = starts.get(&name).expect("a rule that was counted out").iter();
            let starts = match text(rule, "zone") {
                Some(zone) => Starts::Timed {
                    zone: zone.parse::<Tz>().expect("a zone"),
                    starts: starts
                        .map(|start| start.parse::<DateTime<Utc>>().expect("an instant"))
                        .collect(),
                },
                None => Starts::AllDay(
                    starts
                        .map(|start| start.parse::<NaiveDate>().expect("a day"))
                        .collect(),
                ),
            };
            (name, starts)
        })
        .collect()
}

#[test]
fn what_the_corpus_makes_follows_its_rule_or_none() {
    let mut without = Vec::new();
    for (name, starts) in corpus() {
        match rule_of(&starts) {
            Some(rule) => assert_eq!(starts_of(&rule, &starts), ordered(&starts), "{name}: {rule:?}"),
            None => without.push(name),
        }
    }
    assert_eq!(without, WITHOUT);
}
