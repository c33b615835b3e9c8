//! The band of the week in which events are kept in step.

use chrono::{Datelike, NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::settings::FieldError;
use crate::kind::event::When;

/// Days and hours in a named zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// `mon` to `sun`.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1), inner(regex(pattern = "^(mon|tue|wed|thu|fri|sat|sun)$")))
    )]
    pub days: Vec<String>,
    /// First minute of the band, `HH:MM`.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))
    )]
    pub from: String,
    /// End of the band, `HH:MM`; `24:00` is the end of the day.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"))
    )]
    pub to: String,
    /// IANA name of the zone, such as `Europe/Rome`.
    pub time_zone: String,
}

impl Hours {
    /// What is wrong with it, by path.
    pub fn problems(&self, at: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.days.is_empty() || self.days.iter().any(|day| weekday(day).is_none()) {
            errors.push(FieldError::new(
                format!("{at}.days"),
                "must be a list of mon, tue, wed, thu, fri, sat and sun",
            ));
        }
        match (minutes(&self.from), minutes(&self.to)) {
            (None, _) => errors.push(FieldError::new(
                format!("{at}.from"),
                "must be a time such as 08:00",
            )),
            (_, None) => errors.push(FieldError::new(
                format!("{at}.to"),
                "must be a time such as 19:00",
            )),
            (Some(from), Some(to)) if from >= to => {
                errors.push(FieldError::new(format!("{at}.to"), "must be later than from"));
            }
            (Some(_), Some(_)) => {}
        }
        if self.time_zone.parse::<Tz>().is_err() {
            errors.push(FieldError::new(
                format!("{at}.time_zone"),
                "must be the name of a time zone such as Europe/Rome",
            ));
        }
        errors
    }

    /// Whether an event starts inside the band. An all-day event is inside on every chosen day.
    pub fn hold(&self, when: &When) -> bool {
        let (Some(from), Some(to), Ok(zone)) = (
            minutes(&self.from),
            minutes(&self.to),
            self.time_zone.parse::<Tz>(),
        ) else {
            return true;
        };
        let on_day = |day: Weekday| self.days.iter().any(|name| weekday(name) == Some(day));
        match when {
            When::AllDay { start, end } => start
                .iter_days()
                .take_while(|day| day < end)
                .take(7)
                .any(|day| on_day(day.weekday())),
            When::Timed { start, end: _ } => {
                let local = start.with_timezone(&zone);
                let since_midnight = (local.time() - NaiveTime::MIN).num_minutes();
                on_day(local.weekday()) && from <= since_midnight && since_midnight < to
            }
        }
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    match name {
        "mon" => Some(Weekday::Mon),
        "tue" => Some(Weekday::Tue),
        "wed" => Some(Weekday::Wed),
        "thu" => Some(Weekday::Thu),
        "fri" => Some(Weekday::Fri),
        "sat" => Some(Weekday::Sat),
        "sun" => Some(Weekday::Sun),
        _ => None,
    }
}

/// Minutes since midnight of `HH:MM`.
fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours * 60 + minutes;
    ((0..=23).contains(&hours) && (0..=59).contains(&minutes) || total == 24 * 60).then_some(total)
}
