//! Which events a list wants.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use super::moment::parse;
use super::refusal::Refusal;
use super::store::{Calendar, Stored};
use crate::front::Request;

/// A list's conditions.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) single: bool,
    pub(super) show_deleted: bool,
    pub(super) time_min: Option<DateTime<Utc>>,
    pub(super) time_max: Option<DateTime<Utc>>,
    pub(super) updated_min: Option<DateTime<Utc>>,
    pub(super) order: Option<String>,
    ical_uid: Option<String>,
    words: Option<String>,
    types: Vec<String>,
    /// Private or shared, name, value.
    properties: Vec<(&'static str, String, String)>,
}

impl Filter {
    /// Reads the conditions and refuses those that do not go together.
    pub(super) fn read(request: &Request) -> Result<Self, Refusal> {
        let flag = |name: &str| request.parameter(name) == Some("true");
        let filter = Self {
            single: flag("singleEvents"),
            show_deleted: flag("showDeleted"),
            time_min: time(request, "timeMin")?,
            time_max: time(request, "timeMax")?,
            updated_min: time(request, "updatedMin")?,
            order: request.parameter("orderBy").map(str::to_owned),
            ical_uid: request.parameter("iCalUID").map(str::to_owned),
            words: request.parameter("q").map(str::to_lowercase),
            types: request
                .parameters("eventTypes")
                .into_iter()
                .map(str::to_owned)
                .collect(),
            properties: [properties(request, "private")?, properties(request, "shared")?].concat(),
        };
        if let (Some(least), Some(most)) = (filter.time_min, filter.time_max)
            && least >= most
        {
            return Err(
                Refusal::new(400, "timeRangeEmpty", "The specified time range is empty.")
                    .in_domain("calendar")
                    .at_parameter("timeMax"),
            );
        }
        if filter.order.as_deref() == Some("startTime") && !filter.single {
            return Err(Refusal::invalid(
                "The requested ordering is not available for the particular query.",
            )
            .at_parameter("orderBy"));
        }
        Ok(filter)
    }

    /// Everything but time and deletion.
    pub(super) fn concerns(&self, event: &Stored) -> bool {
        let kind = event.text("eventType").unwrap_or("default");
        let typed = self.types.is_empty() || self.types.iter().any(|one| one == kind);
        let named = self
            .ical_uid
            .as_deref()
            .is_none_or(|uid| event.text("iCalUID") == Some(uid));
        let fresh = self.updated_min.is_none_or(|least| event.updated >= least);
        let held = self.properties.iter().all(|(scope, name, value)| {
            let properties = event
                .fields
                .get("extendedProperties")
                .and_then(|all| all.get(scope));
            properties.and_then(|all| all.get(name)).and_then(Value::as_str) == Some(value)
        });
        typed && named && fresh && held && self.words.as_deref().is_none_or(|words| mentions(event, words))
    }

    /// Whether a whole list shows the event itself, which is no master to be expanded.
    pub(super) fn lists(&self, calendar: &Calendar, event: &Stored) -> bool {
        if event.cancelled() {
            // Cancelled instances of a living series are shown unless the series are expanded.
            let of_living = event
                .master_id()
                .and_then(|master| calendar.events.get(master))
                .is_some_and(|master| !master.cancelled());
            let shown = self.show_deleted || self.updated_min.is_some() || (of_living && !self.single);
            return shown && (event.fields.get("start").is_none() || self.in_time(event, calendar.time_zone));
        }
        self.in_time(event, calendar.time_zone)
    }

    /// Whether any part of the event, or of its series, lies within the bounds.
    pub(super) fn in_time(&self, event: &Stored, zone: Tz) -> bool {
        if self.time_min.is_none() && self.time_max.is_none() {
            return true;
        }
        let read = |name: &str| parse(event.fields.get(name), name).map(|point| point.moment);
        let (Ok(start), Ok(end)) = (read("start"), read("end")) else {
            return false;
        };
        let overlaps = |start: DateTime<Utc>, end: DateTime<Utc>| {
            self.time_min.is_none_or(|least| end > least) && self.time_max.is_none_or(|most| start < most)
        };
        match event.series() {
            None => overlaps(start.instant(zone), end.instant(zone)),
            Some(series) => {
                let Some(least) = self.time_min else {
                    return overlaps(start.instant(zone), end.instant(zone));
                };
                let until = self.time_max.unwrap_or(least + chrono::TimeDelta::days(730));
                let ends = |begin: super::moment::Moment| begin.plus(series.length).instant(zone);
                series
                    .beginnings(until)
                    .into_iter()
                    .any(|begin| overlaps(begin.instant(zone), ends(begin)))
            }
        }
    }
}

fn time(request: &Request, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = request.parameter(name) else {
        return Ok(None);
    };
    DateTime::parse_from_rfc3339(text)
        .map(|at| Some(at.to_utc()))
        .map_err(|_| Refusal::new(400, "badRequest", "Bad Request").at_parameter(name))
}

fn properties(
    request: &Request,
    scope: &'static str,
) -> Result<Vec<(&'static str, String, String)>, Refusal> {
    let parameter = format!("{scope}ExtendedProperty");
    request
        .parameters(&parameter)
        .into_iter()
        .map(|pair| {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| Refusal::invalid("Invalid Value").at_parameter(&parameter))?;
            Ok((scope, name.to_owned(), value.to_owned()))
        })
        .collect()
}

fn mentions(event: &Stored, words: &str) -> bool {
    let mut text: Vec<String> = ["summary", "description", "location"]
        .iter()
        .filter_map(|name| event.text(name))
        .map(str::to_lowercase)
        .collect();
    let attendees = event.fields.get("attendees").and_then(Value::as_array);
    for attendee in attendees.into_iter().flatten() {
        let named = ["displayName", "email"]
            .iter()
            .filter_map(|name| attendee.get(name))
            .filter_map(Value::as_str);
        text.extend(named.map(str::to_lowercase));
    }
    words
        .split_whitespace()
        .all(|word| text.iter().any(|part| part.contains(word)))
}
