//! Points in time as events have them: an instant or a date.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// An instant or a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    Date(NaiveDate),
    Time(DateTime<Utc>),
}

/// A moment with the zone it was given in, if it was given one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) moment: Moment,
    pub(super) zone: Option<Tz>,
}

impl Moment {
    pub(super) fn is_date(self) -> bool {
        matches!(self, Moment::Date(_))
    }

    /// The instant it begins, a date at midnight in the zone.
    pub(super) fn instant(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Moment::Time(at) => at,
            Moment::Date(date) => resolve(date.and_time(NaiveTime::MIN), zone),
        }
    }

    pub(super) fn plus(self, length: TimeDelta) -> Self {
        match self {
            Moment::Date(date) => Moment::Date(date.checked_add_signed(length).unwrap_or(date)),
            Moment::Time(at) => Moment::Time(at.checked_add_signed(length).unwrap_or(at)),
        }
    }

    pub(super) fn since(self, other: Self) -> TimeDelta {
        match (self, other) {
            (Moment::Date(end), Moment::Date(start)) => end.signed_duration_since(start),
            (Moment::Time(end), Moment::Time(start)) => end.signed_duration_since(start),
            (Moment::Date(_), Moment::Time(_)) | (Moment::Time(_), Moment::Date(_)) => TimeDelta::zero(),
        }
    }

    /// What an instance's id ends in.
    pub(super) fn suffix(self) -> String {
        match self {
            Moment::Date(date) => date.format("%Y%m%d").to_string(),
            Moment::Time(at) => at.format("%Y%m%dT%H%M%SZ").to_string(),
        }
    }

    /// Reads what an instance's id ends in.
    pub(super) fn from_suffix(suffix: &str) -> Option<Self> {
        if suffix.len() == 8 {
            return NaiveDate::parse_from_str(suffix, "%Y%m%d").ok().map(Moment::Date);
        }
        NaiveDateTime::parse_from_str(suffix, "%Y%m%dT%H%M%SZ")
            .ok()
            .map(|at| Moment::Time(at.and_utc()))
    }
}

/// The instant of a local time. Twice there, the first is meant; where the clocks jump over it, the offset before the
/// gap counts.
///
/// # Source
/// RFC 5545 section 3.3.5
pub(super) fn resolve(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    /// The longest gap is a day, where an island changed sides of the date line.
    const GAP_QUARTERS_MAX: i64 = 4 * 25;
    (0..=GAP_QUARTERS_MAX)
        .map(|quarters| TimeDelta::minutes(15 * quarters))
        .find_map(|back| {
            let before = zone.from_local_datetime(&(local - back)).earliest()?;
            Some(before.to_utc() + back)
        })
        .unwrap_or_else(|| local.and_utc())
}

/// Reads an `EventDateTime`; `which` is `start` or `end`.
pub(super) fn parse(value: Option<&Value>, which: &str) -> Result<Point, Refusal> {
    let fields = value
        .and_then(Value::as_object)
        .ok_or_else(|| Refusal::required(format!("Missing {which} time.")))?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let zone = match text("timeZone") {
        None => None,
        Some(name) => Some(
            name.parse::<Tz>()
                .map_err(|_| Refusal::invalid(format!("Invalid time zone definition for {which} time.")))?,
        ),
    };
    let moment = match (text("date"), text("dateTime")) {
        (Some(_), Some(_)) => {
            return Err(Refusal::invalid(format!(
                "Invalid {which} time: only one of date and dateTime may be given."
            )));
        }
        (None, None) => return Err(Refusal::required(format!("Missing {which} time."))),
        (Some(date), None) => NaiveDate::parse_from_str(date, "%Y-%m-%d")
            .map(Moment::Date)
            .map_err(|_| Refusal::invalid(format!("Invalid value for: Invalid format: \"{date}\"")))?,
        (None, Some(time)) => Moment::Time(parse_time(time, zone, which)?),
    };
    Ok(Point { moment, zone })
}

fn parse_time(text: &str, zone: Option<Tz>, which: &str) -> Result<DateTime<Utc>, Refusal> {
    // Google keeps whole seconds.
    let whole = |at: DateTime<Utc>| DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at);
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(whole(at.to_utc()));
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .map_err(|_| Refusal::invalid(format!("Invalid value for: Invalid format: \"{text}\"")))?;
    let zone =
        zone.ok_or_else(|| Refusal::required(format!("Missing time zone definition for {which} time.")))?;
    Ok(whole(resolve(local, zone)))
}

/// The form in which a point is kept: UTC, and the zone it was given.
pub(super) fn kept(point: Point) -> Value {
    let mut fields = Map::new();
    match point.moment {
        Moment::Date(date) => fields.insert("date".to_owned(), json!(date.to_string())),
        Moment::Time(at) => fields.insert(
            "dateTime".to_owned(),
            json!(at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ),
    };
    if let Some(zone) = point.zone {
        fields.insert("timeZone".to_owned(), json!(zone.name()));
    }
    Value::Object(fields)
}

/// The form in which a kept point is answered: digits in the zone of the answer, whatever zone the event has.
pub(super) fn shown(value: &Value, answer_zone: Tz) -> Value {
    let Ok(point) = parse(Some(value), "start") else {
        return value.clone();
    };
    let mut fields = value.as_object().cloned().unwrap_or_default();
    if let Moment::Time(at) = point.moment {
        let local = at.with_timezone(&answer_zone);
        let text = if answer_zone == Tz::UTC {
            local.format("%Y-%m-%dT%H:%M:%SZ").to_string()
        } else {
            local.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
        };
        fields.insert("dateTime".to_owned(), json!(text));
        fields
            .entry("timeZone")
            .or_insert_with(|| json!(answer_zone.name()));
    }
    Value::Object(fields)
}
