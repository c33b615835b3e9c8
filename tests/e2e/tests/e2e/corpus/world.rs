//! Every rule of the corpus in one calendar, and what both sides show of it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::entries::{Entry, MINUTES, number_of};
use crate::rig::{ANNA, ANNA_MAIL, Kind, Options, Rig, item_of_event, item_of_row};

/// Runs that a first sync may take.
const RUNS_MAX: usize = 20;

/// What is looked at begins a day after what is carried does, and ends before it: the horizon moves on with the clock.
const LOOKED_AT: (TimeDelta, TimeDelta) = (TimeDelta::days(-29), TimeDelta::days(350));

/// Longer series say nothing that shorter ones do not, and take their time.
const OCCURRENCES_MAX: usize = 60;

/// What a write may change of a row. The CRM cuts the seconds off the moment of its making whenever it saves a row that
/// came through its API.
const CARRIED_IN_CRM: [&str; 10] = [
    "date_entered",
    "name",
    "description",
    "location",
    "date_start",
    "date_end",
    "duration_hours",
    "duration_minutes",
    "date_modified",
    "modified_user_id",
];

/// Rows by their ids, without what is carried.
pub(crate) type Rows = BTreeMap<String, Map<String, Value>>;

/// What a person does to one occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Edit,
    Delete,
    Move,
}

/// An occurrence that somebody lays hands on.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence {
    pub(crate) id: String,
    pub(crate) master: Option<String>,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) title: String,
    pub(crate) all_day: bool,
    /// Google's name for the zone of a timed one.
    pub(crate) zone: Option<String>,
}

/// A rig, and the rules that are in it.
pub(crate) struct World {
    pub(crate) rig: Rig,
    pub(crate) entries: Vec<Entry>,
    began: DateTime<Utc>,
}

impl World {
    /// An empty world at that moment.
    pub(crate) async fn at(began: DateTime<Utc>, entries: Vec<Entry>) -> Self {
        let rig = Rig::with(Options {
            paced: false,
            ..Options::of(Kind::SuiteCrm)
        })
        .await;
        rig.clock.run_from(began);
        rig.link(ANNA, ANNA_MAIL).await;
        Self { rig, entries, began }
    }

    /// Every rule as a person makes it in Google; those too long, and those that make nothing in time, are left out.
    pub(crate) fn fill_google(&mut self) {
        let online = self.rig.anna_at_google();
        let mut ids = BTreeMap::new();
        for entry in &self.entries {
            ids.insert(
                entry.number().to_owned(),
                online.create("primary", &entry.event()).unwrap(),
            );
        }
        let shown = self.in_google();
        self.entries.retain(|entry| {
            let many = shown.get(entry.number()).map_or(0, Vec::len);
            let kept = (1..=OCCURRENCES_MAX).contains(&many);
            if !kept {
                online.delete("primary", &ids[entry.number()]).unwrap();
            }
            kept
        });
    }

    /// What every rule makes, as rows of a series in the CRM.
    pub(crate) fn fill_crm(&mut self) {
        let (from, until) = self.looked_at();
        for entry in &mut self.entries {
            entry.starts.retain(|start| (from..until).contains(start));
            let mut attributes =
                json!({ "name": entry.title, "repeat_type": "Weekly", "repeat_interval": "1" });
            let (hours, minutes) = if entry.is_all_day() { (24, 0) } else { (0, MINUTES) };
            attributes["duration_hours"] = json!(hours);
            attributes["duration_minutes"] = json!(minutes);
            self.rig
                .anna_in_suitecrm()
                .create_series(&attributes, &entry.starts)
                .unwrap();
        }
        self.entries.retain(|entry| !entry.starts.is_empty());
    }

    /// A person marks every row with what is not carried.
    pub(crate) fn mark_rows(&self) {
        for row in self.rig.crm.rows("Meetings") {
            let mark = json!({ "status": "Held", "outlook_id": "somebody-elses-id" });
            self.rig
                .anna()
                .edit("Meetings", row["id"].as_str().unwrap(), &mark)
                .unwrap();
        }
    }

    /// Runs until nothing is left, and one more that has to find nothing.
    pub(crate) async fn sync(&self) {
        self.rig.later(20);
        for _ in 0..RUNS_MAX {
            if !self.rig.sync().await.ok().more {
                return self.rig.assert_at_rest().await;
            }
        }
        panic!("there is always more to do");
    }

    /// Both sides show the same occurrences, each once.
    pub(crate) fn assert_same(&self, after: &str) {
        let (crm, google) = (self.in_crm(), self.in_google());
        for entry in &self.entries {
            let of =
                |side: &BTreeMap<String, Vec<String>>| side.get(entry.number()).cloned().unwrap_or_default();
            assert_eq!(of(&crm), of(&google), "CRM and Google after {after}: {entry:?}");
        }
        assert_eq!(crm.len(), google.len(), "something of nobody's after {after}");
        assert_eq!(self.rig.google.mails(), [], "guests were mailed");
    }

    /// What is not carried of every living row.
    pub(crate) fn rest_of_rows(&self) -> Rows {
        let rows = self.rig.crm.rows("Meetings").into_iter();
        rows.map(|mut row| {
            let id = row["id"].as_str().unwrap().to_owned();
            row.retain(|name, _| !CARRIED_IN_CRM.contains(&name.as_str()));
            (id, row)
        })
        .collect()
    }

    /// What every series says about itself.
    pub(crate) fn masters(&self) -> BTreeMap<String, Value> {
        let events = self.rig.anna_at_google().events("primary").into_iter();
        events
            .filter(|event| event["recurrence"].is_array())
            .map(|mut event| {
                for stamp in ["etag", "updated", "sequence"] {
                    event[stamp] = Value::Null;
                }
                (event["id"].as_str().unwrap().to_owned(), event)
            })
            .collect()
    }

    /// Every event that a person made, or that was made of it, still has what is not carried.
    pub(crate) fn assert_rest_of_events(&self) {
        for event in self.rig.anna_at_google().events("primary") {
            assert_eq!(event["colorId"], "5", "{event:?}");
            assert_eq!(event["transparency"], "transparent", "{event:?}");
            assert_eq!(event["reminders"]["overrides"][0]["minutes"], 7, "{event:?}");
            assert_eq!(event["extendedProperties"]["shared"]["team"], "blue", "{event:?}");
        }
    }

    /// The occurrences in Google by rule, in order.
    pub(crate) fn occurrences(&self) -> BTreeMap<String, Vec<Occurrence>> {
        let agenda = self.agenda().into_iter();
        by_rule(agenda.map(|event| Occurrence {
            id: event["id"].as_str().unwrap().to_owned(),
            master: event["recurringEventId"].as_str().map(str::to_owned),
            starts_at: start_of(&event),
            title: event["summary"].as_str().unwrap().to_owned(),
            all_day: event["start"]["date"].is_string(),
            zone: event["start"]["timeZone"].as_str().map(str::to_owned),
        }))
    }

    /// The rows in the CRM by rule, in order.
    pub(crate) fn rows(&self) -> BTreeMap<String, Vec<Occurrence>> {
        let (from, until) = self.looked_at();
        let rows = self.rig.crm.rows("Meetings").into_iter();
        by_rule(rows.filter_map(|row| {
            let item = item_of_row(&row);
            (from..until).contains(&item.start).then(|| Occurrence {
                id: row["id"].as_str().unwrap().to_owned(),
                master: None,
                starts_at: item.start,
                title: item.title,
                all_day: item.minutes % (24 * 60) == 0,
                zone: None,
            })
        }))
    }

    /// A person's deed in Google.
    pub(crate) fn do_in_google(&self, deed: Deed, occurrence: &Occurrence) {
        let online = self.rig.anna_at_google();
        let edit = |patch: &Value| online.edit("primary", &occurrence.id, patch).unwrap();
        match deed {
            Deed::Edit => {
                edit(&json!({ "summary": format!("{}, edited", occurrence.title) }));
            }
            Deed::Delete => {
                online.delete("primary", &occurrence.id).unwrap();
            }
            Deed::Move if occurrence.all_day => {
                let day = in_rome(occurrence.starts_at).date_naive();
                let later = |days: i64| json!({ "date": (day + TimeDelta::days(days)).to_string() });
                edit(&json!({ "start": later(1), "end": later(2) }));
            }
            Deed::Move => {
                let start = moved(occurrence);
                let end = start + TimeDelta::minutes(MINUTES);
                online.reschedule("primary", &occurrence.id, start, end).unwrap();
            }
        }
    }

    /// The same in the CRM.
    pub(crate) fn do_in_crm(&self, deed: Deed, row: &Occurrence) {
        let anna = self.rig.anna();
        match deed {
            Deed::Edit => anna.edit(
                "Meetings",
                &row.id,
                &json!({ "name": format!("{}, edited", row.title) }),
            ),
            Deed::Delete => anna.delete("Meetings", &row.id),
            Deed::Move => {
                let start = moved(row).format("%Y-%m-%d %H:%M:%S").to_string();
                anna.edit("Meetings", &row.id, &json!({ "date_start": start }))
            }
        }
        .unwrap();
    }

    fn looked_at(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (self.began + LOOKED_AT.0, self.began + LOOKED_AT.1)
    }

    fn agenda(&self) -> Vec<Value> {
        let (from, until) = self.looked_at();
        let mut agenda = self.rig.anna_at_google().agenda("primary", until);
        agenda.retain(|event| (from..until).contains(&start_of(event)));
        agenda
    }

    fn in_google(&self) -> BTreeMap<String, Vec<String>> {
        let told = self.agenda().into_iter().map(|event| {
            let title = event["summary"].as_str().unwrap().to_owned();
            let length = match (event["start"]["date"].as_str(), event["end"]["date"].as_str()) {
                (Some(start), Some(end)) => {
                    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
                    format!("{} days", (day(end) - day(start)).num_days())
                }
                _ => format!("{} minutes", item_of_event(&event).minutes),
            };
            (
                title.clone(),
                format!("{} {length} {title}", told_start(start_of(&event))),
            )
        });
        sorted(told)
    }

    fn in_crm(&self) -> BTreeMap<String, Vec<String>> {
        let (from, until) = self.looked_at();
        let rows = self.rig.crm.rows("Meetings").into_iter();
        let told = rows.map(|row| item_of_row(&row)).filter_map(|item| {
            let whole_days = item.minutes > 0
                && item.minutes % (24 * 60) == 0
                && in_rome(item.start).time() == NaiveTime::MIN;
            let length = if whole_days {
                format!("{} days", item.minutes / (24 * 60))
            } else {
                format!("{} minutes", item.minutes)
            };
            let line = format!("{} {length} {}", told_start(item.start), item.title);
            (from..until).contains(&item.start).then_some((item.title, line))
        });
        sorted(told)
    }
}

fn in_rome(at: DateTime<Utc>) -> DateTime<Tz> {
    at.with_timezone(&Tz::Europe__Rome)
}

/// An hour more than a day later; a whole day stays a whole day, the next one, also over a change of the clocks.
fn moved(occurrence: &Occurrence) -> DateTime<Utc> {
    if occurrence.all_day {
        let next = in_rome(occurrence.starts_at).naive_local() + TimeDelta::days(1);
        return next.and_local_timezone(Tz::Europe__Rome).unwrap().to_utc();
    }
    occurrence.starts_at + TimeDelta::hours(25)
}

/// Where an event begins; a whole day at its midnight in Rome.
fn start_of(event: &Value) -> DateTime<Utc> {
    match event["start"]["date"].as_str() {
        Some(day) => {
            let day: chrono::NaiveDate = day.parse().unwrap();
            day.and_time(NaiveTime::MIN)
                .and_local_timezone(Tz::Europe__Rome)
                .unwrap()
                .to_utc()
        }
        None => item_of_event(event).start,
    }
}

fn told_start(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

fn sorted(told: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut by_rule: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (title, line) in told {
        by_rule
            .entry(number_of(&title).to_owned())
            .or_default()
            .push(line);
    }
    for lines in by_rule.values_mut() {
        lines.sort();
    }
    by_rule
}

fn by_rule(found: impl Iterator<Item = Occurrence>) -> BTreeMap<String, Vec<Occurrence>> {
    let mut by_rule: BTreeMap<String, Vec<Occurrence>> = BTreeMap::new();
    for occurrence in found {
        by_rule
            .entry(number_of(&occurrence.title).to_owned())
            .or_default()
            .push(occurrence);
    }
    for found in by_rule.values_mut() {
        found.sort_by_key(|occurrence| (occurrence.starts_at, occurrence.id.clone()));
    }
    by_rule
}
