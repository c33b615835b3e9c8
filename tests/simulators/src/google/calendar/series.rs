//! When the occurrences of a series begin.
//!
//! Rules are counted out by the clock on the wall: the library is given floating times, as if they were UTC, and each
//! occurrence is then looked up in the series' zone. With a zone of its own the library doubles and drops occurrences
//! about clock changes. The corpus in `tests/recurrence` holds the outcome against python-dateutil.
//!
//! # Source
//! <https://github.com/fmeringdal/rust-rrule/issues/115>, open with version 0.14

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rrule::{RRule, Unvalidated};
use serde_json::{Map, Value};

use super::moment::{Moment, parse, resolve};
use super::refusal::Refusal;

/// No series is followed further than this many occurrences; Google too stops somewhere.
const OCCURRENCES_MAX: usize = 4_000;

/// A master's rules, read.
#[derive(Debug, Clone)]
pub(super) struct Series {
    first: Moment,
    pub(super) length: TimeDelta,
    zone: Tz,
    rules: Vec<RRule<Unvalidated>>,
    added: Vec<Moment>,
    left_out: Vec<Moment>,
}

impl Series {
    /// Reads the rules of a master; `None` for an event that does not recur.
    pub(super) fn read(fields: &Map<String, Value>) -> Result<Option<Self>, Refusal> {
        let Some(lines) = fields
            .get("recurrence")
            .and_then(Value::as_array)
            .filter(|lines| !lines.is_empty())
        else {
            return Ok(None);
        };
        let start = parse(fields.get("start"), "start")?;
        let end = parse(fields.get("end"), "end")?;
        let zone = match (start.moment, start.zone) {
            (Moment::Time(_), None) => {
                return Err(Refusal::required("Missing time zone definition for start time."));
            }
            (Moment::Time(_), Some(_)) if end.zone.is_none() => {
                return Err(Refusal::required("Missing time zone definition for end time."));
            }
            (Moment::Time(_), Some(zone)) => zone,
            // Dates are counted, not timed.
            (Moment::Date(_), _) => Tz::UTC,
        };
        let mut series = Self {
            first: start.moment,
            length: end.moment.since(start.moment),
            zone,
            rules: Vec::new(),
            added: Vec::new(),
            left_out: Vec::new(),
        };
        for line in lines {
            series
                .add(line.as_str().unwrap_or_default())
                .ok_or_else(|| Refusal::invalid("Invalid recurrence rule."))?;
        }
        if series.rules.is_empty() && series.added.is_empty() {
            return Err(Refusal::invalid("Invalid recurrence rule."));
        }
        // A rule that no library can expand is refused on entry, not found out later.
        series.checked_rules()?;
        Ok(Some(series))
    }

    /// The beginnings of its occurrences before `until`, in order. The first is always one, as RFC 5545 has it.
    pub(super) fn beginnings(&self, until: DateTime<Utc>) -> BTreeSet<Moment> {
        let mut beginnings = BTreeSet::from([self.first]);
        for set in self.checked_rules().unwrap_or_default() {
            for local in set.into_iter().take(OCCURRENCES_MAX) {
                let beginning = self.beginning(local.naive_utc());
                if beginning.instant(self.zone) >= until {
                    break;
                }
                beginnings.insert(beginning);
            }
        }
        beginnings.extend(self.added.iter().copied());
        for left_out in &self.left_out {
            beginnings.remove(left_out);
        }
        beginnings.retain(|beginning| beginning.instant(self.zone) < until);
        beginnings
    }

    /// How many occurrences the rules count before that moment, those that were left out again among them.
    pub(super) fn counted_before(&self, moment: Moment) -> usize {
        let whole = Self {
            left_out: Vec::new(),
            added: Vec::new(),
            ..self.clone()
        };
        whole.beginnings(moment.instant(self.zone)).len()
    }

    /// Whether an occurrence begins there.
    pub(super) fn begins_at(&self, moment: Moment) -> bool {
        let after = moment.instant(self.zone) + TimeDelta::seconds(1);
        self.beginnings(after).contains(&moment)
    }

    /// The occurrence at a local time.
    fn beginning(&self, local: NaiveDateTime) -> Moment {
        if self.first.is_date() {
            Moment::Date(local.date())
        } else {
            Moment::Time(resolve(local, self.zone))
        }
    }

    /// A moment by the clock on the wall.
    fn local(&self, moment: Moment) -> NaiveDateTime {
        match moment {
            Moment::Date(date) => date.and_time(NaiveTime::MIN),
            Moment::Time(at) => at.with_timezone(&self.zone).naive_local(),
        }
    }

    fn checked_rules(&self) -> Result<Vec<rrule::RRuleSet>, Refusal> {
        let first = self.local(self.first).and_utc().with_timezone(&rrule::Tz::UTC);
        self.rules
            .iter()
            // One that ends before it begins makes nothing; the library calls it wrong.
            .filter(|rule| rule.get_until().is_none_or(|until| *until >= first))
            .map(|rule| {
                rule.clone()
                    .build(first)
                    .map_err(|_| Refusal::invalid("Invalid recurrence rule."))
            })
            .collect()
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let (head, value) = line.split_once(':')?;
        let mut head = head.split(';');
        let name = head.next()?.to_ascii_uppercase();
        let mut zone = self.zone;
        for parameter in head {
            let (key, value) = parameter.split_once('=')?;
            if key.eq_ignore_ascii_case("TZID") {
                zone = value.parse().ok()?;
            }
        }
        match name.as_str() {
            "RRULE" => self.rules.push(self.tamed(value)?.parse().ok()?),
            "RDATE" => self.added.extend(self.moments(value, zone)?),
            "EXDATE" => self.left_out.extend(self.moments(value, zone)?),
            // DTSTART and DTEND are not allowed here, and EXRULE is long deprecated.
            _ => return None,
        }
        Some(())
    }

    /// Brings `UNTIL` into the form that the library takes with floating times. People's rules have dates, local times
    /// and UTC.
    fn tamed(&self, rule: &str) -> Option<String> {
        let mut parts = Vec::new();
        for part in rule.split(';').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=')?;
            if key.eq_ignore_ascii_case("UNTIL") {
                let until = if value.len() == 8 {
                    // The whole day, where the series is.
                    let date = NaiveDate::parse_from_str(value, "%Y%m%d").ok()?;
                    date.and_time(NaiveTime::from_hms_opt(23, 59, 59)?)
                } else {
                    self.local(self.moment(value, self.zone)?)
                };
                parts.push(format!("UNTIL={}", until.format("%Y%m%dT%H%M%SZ")));
            } else {
                parts.push(part.to_owned());
            }
        }
        Some(parts.join(";"))
    }

    fn moments(&self, values: &str, zone: Tz) -> Option<Vec<Moment>> {
        values.split(',').map(|value| self.moment(value, zone)).collect()
    }

    fn moment(&self, value: &str, zone: Tz) -> Option<Moment> {
        if value.len() == 8 {
            let date = NaiveDate::parse_from_str(value, "%Y%m%d").ok()?;
            return Some(if self.first.is_date() {
                Moment::Date(date)
            } else {
                Moment::Time(resolve(date.and_time(NaiveTime::MIN), zone))
            });
        }
        let at = match value.strip_suffix('Z') {
            Some(utc) => NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S")
                .ok()?
                .and_utc(),
            None => resolve(NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S").ok()?, zone),
        };
        Some(if self.first.is_date() {
            Moment::Date(at.date_naive())
        } else {
            Moment::Time(at)
        })
    }
}
