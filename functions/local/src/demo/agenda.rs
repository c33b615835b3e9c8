//! Both calendars of one week, ready to be shown.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use connector_http::client::HttpClient;
use serde_json::{Map, Value};
use sync_core::base::Pair;
use sync_core::side::Side;

use super::world::World;
use crate::ending::Trouble;

/// One week, from a Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Week {
    /// Its Monday.
    pub(super) monday: NaiveDate,
}

impl Week {
    /// The week in which a day lies.
    pub(super) fn of(day: NaiveDate) -> Self {
        Self {
            monday: day.week(Weekday::Mon).first_day(),
        }
    }

    /// Its days.
    pub(super) fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.monday.iter_days().take(7)
    }

    /// The week so many weeks away.
    pub(super) fn away(self, weeks: i64) -> Self {
        Self {
            monday: self.monday + TimeDelta::weeks(weeks),
        }
    }
}

/// One meeting, call or event.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) side: Side,
    /// The CRM's module, or the calendar.
    pub(super) collection: String,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) location: String,
    pub(super) when: Shown,
    /// What is special about it, in a word or two.
    pub(super) tags: Vec<&'static str>,
    pub(super) private: bool,
}

/// When it is, in the page's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Beginning and end.
    Timed(NaiveDateTime, NaiveDateTime),
    /// First day, and the day after the last one.
    Days(NaiveDate, NaiveDate),
}

impl Shown {
    /// Whether it is shown on that day: a timed one on the day on which it begins.
    pub(super) fn is_on(self, day: NaiveDate) -> bool {
        match self {
            Shown::Timed(start, _) => start.date() == day,
            Shown::Days(first, after) => (first..after).contains(&day),
        }
    }

    /// As it is written before the title.
    pub(super) fn words(self) -> String {
        match self {
            Shown::Days(..) => "all day".to_owned(),
            Shown::Timed(start, end) => {
                let days = (end.date() - start.date()).num_days();
                let later = if days > 0 {
                    format!(" +{days} d")
                } else {
                    String::new()
                };
                format!("{}–{}{later}", start.format("%H:%M"), end.format("%H:%M"))
            }
        }
    }

    fn order(self) -> (bool, NaiveDateTime) {
        match self {
            Shown::Days(first, _) => (false, first.and_time(NaiveTime::MIN)),
            Shown::Timed(start, _) => (true, start),
        }
    }
}

/// How an item stands with its other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// On both sides.
    InStep,
    /// Just changed; the next run carries it over.
    Waiting,
    /// Not for the other side (its kind, its day, …).
    LeftAlone,
}

/// Tells how items stand.
#[derive(Debug)]
pub(super) struct Standings {
    paired: BTreeSet<(Side, String)>,
    waiting: BTreeSet<(Side, String)>,
    /// Before the first run has ended, everything waits.
    has_run: bool,
}

impl Standings {
    pub(super) fn new(pairs: &[Pair], waiting: BTreeSet<(Side, String)>, has_run: bool) -> Self {
        let paired = pairs
            .iter()
            .flat_map(|pair| Side::BOTH.map(|side| (side, pair.half.get(side).id.id.clone())))
            .collect();
        Self {
            paired,
            waiting,
            has_run,
        }
    }

    pub(super) fn of(&self, item: &Item) -> Standing {
        let name = (item.side, item.id.clone());
        if self.waiting.contains(&name) {
            Standing::Waiting
        } else if self.paired.contains(&name) {
            Standing::InStep
        } else if self.has_run {
            Standing::LeftAlone
        } else {
            Standing::Waiting
        }
    }
}

/// What one side shows on a day, in its order.
pub(super) fn on_day(items: &[Item], day: NaiveDate) -> Vec<&Item> {
    let mut found: Vec<&Item> = items.iter().filter(|item| item.when.is_on(day)).collect();
    found.sort_by(|one, other| (one.when.order(), &one.title).cmp(&(other.when.order(), &other.title)));
    found
}

/// The CRM's calendar, as its own page shows it: what the user is invited to.
pub(super) fn in_crm(world: &World) -> Vec<Item> {
    let mut items = Vec::new();
    for (module, id) in world.crm.in_calendar_of(&world.anna.id) {
        if let Some(row) = world.crm.row(&module, &id)
            && let Some(item) = of_row(&module, &row, world.zone)
        {
            items.push(item);
        }
    }
    items
}

fn of_row(module: &str, row: &Map<String, Value>, zone: Tz) -> Option<Item> {
    let text = |name: &str| {
        row.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let number = |name: &str| text(name).parse::<i64>().unwrap_or_default();
    let start = NaiveDateTime::parse_from_str(&text("date_start"), "%Y-%m-%d %H:%M:%S")
        .ok()?
        .and_utc();
    let end =
        start + TimeDelta::hours(number("duration_hours")) + TimeDelta::minutes(number("duration_minutes"));
    let mut tags = Vec::new();
    if module == "Calls" {
        tags.push("call");
    }
    match text("status").as_str() {
        "Held" => tags.push("held"),
        "Not Held" => tags.push("cancelled"),
        _ => {}
    }
    Some(Item {
        side: Side::Crm,
        collection: module.to_owned(),
        id: text("id"),
        title: text("name"),
        location: text("location"),
        when: local(start, end, zone),
        tags,
        private: false,
    })
}

/// From midnight to midnight it is shown as whole days.
fn local(start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> Shown {
    let (start, end) = (
        start.with_timezone(&zone).naive_local(),
        end.with_timezone(&zone).naive_local(),
    );
    if start.time() == NaiveTime::MIN && end.time() == NaiveTime::MIN && end > start {
        Shown::Days(start.date(), end.date())
    } else {
        Shown::Timed(start, end)
    }
}

/// Google's calendar of one week, series laid out, as its own page reads it.
pub(super) async fn in_google(
    http: &HttpClient,
    world: &World,
    token: &str,
    week: Week,
) -> Result<Option<Vec<Item>>, Trouble> {
    let failed = |what: &str| Trouble::Other(format!("the simulated Google cannot be read: {what}"));
    let mut address = url::Url::parse(&format!(
        "{}/calendars/primary/events",
        world.google.calendar_url()
    ))
    .map_err(|_| failed("its address is none"))?;
    let bound = |day: NaiveDate| {
        day.and_time(NaiveTime::MIN)
            .and_utc()
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    address
        .query_pairs_mut()
        .append_pair("singleEvents", "true")
        .append_pair("maxResults", "2500")
        // A day more on both ends: the page's days are not UTC's.
        .append_pair("timeMin", &bound(week.monday - Days::new(1)))
        .append_pair("timeMax", &bound(week.monday + Days::new(8)));
    let request = http::Request::get(address.as_str())
        .header(http::header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Vec::new())
        .map_err(|_| failed("the request is none"))?;
    let answer = http
        .send(request)
        .await
        .map_err(|failure| failed(&failure.to_string()))?;
    if answer.status == 401 || answer.status == 403 {
        return Ok(None);
    }
    let list: Value = answer
        .json()
        .map_err(|unreadable| failed(&unreadable.to_string()))?;
    let events = list
        .get("items")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    Ok(Some(
        events
            .iter()
            .filter_map(|event| of_event(event, world.zone))
            .collect(),
    ))
}

fn of_event(event: &Value, zone: Tz) -> Option<Item> {
    let text = |name: &str| {
        event
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let point = |name: &str, form: &str| event.get(name)?.get(form)?.as_str();
    let moment = |name: &str| {
        let at = DateTime::parse_from_rfc3339(point(name, "dateTime")?).ok()?;
        Some(at.with_timezone(&zone).naive_local())
    };
    let day = |name: &str| point(name, "date")?.parse::<NaiveDate>().ok();
    let when = match (moment("start"), moment("end"), day("start"), day("end")) {
        (Some(start), Some(end), _, _) => Shown::Timed(start, end),
        (_, _, Some(first), Some(after)) => Shown::Days(first, after),
        _ => return None,
    };
    let private = matches!(text("visibility").as_str(), "private" | "confidential");
    let mut tags = Vec::new();
    match text("eventType").as_str() {
        "birthday" => tags.push("birthday"),
        "focusTime" => tags.push("focus time"),
        "fromGmail" => tags.push("from Gmail"),
        "outOfOffice" => tags.push("out of office"),
        "workingLocation" => tags.push("working location"),
        _ => {}
    }
    if !text("recurringEventId").is_empty() {
        tags.push("series");
    }
    if event.get("attendees").is_some() {
        tags.push("guests");
    }
    if private {
        tags.push("private");
    }
    Some(Item {
        side: Side::Google,
        collection: "primary".to_owned(),
        id: text("id"),
        title: text("summary"),
        location: text("location"),
        when,
        tags,
        private,
    })
}
