//! When the occurrences of a series begin.

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
            for at in set.into_iter().take(OCCURRENCES_MAX) {
                let at = at.to_utc();
                if at >= until {
                    break;
                }
                beginnings.insert(self.kind_of(at));
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

    fn kind_of(&self, at: DateTime<Utc>) -> Moment {
        if self.first.is_date() {
            Moment::Date(at.date_naive())
        } else {
            Moment::Time(at)
        }
    }

    fn checked_rules(&self) -> Result<Vec<rrule::RRuleSet>, Refusal> {
        let zone: rrule::Tz = self.zone.into();
        let first = self.first.instant(self.zone).with_timezone(&zone);
        self.rules
            .iter()
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

    /// Brings `UNTIL` into the one form that the library takes: UTC. People's rules have dates and local times.
    fn tamed(&self, rule: &str) -> Option<String> {
        let mut parts = Vec::new();
        for part in rule.split(';').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=')?;
            if key.eq_ignore_ascii_case("UNTIL") {
                let until = if value.len() == 8 {
                    let date = NaiveDate::parse_from_str(value, "%Y%m%d").ok()?;
                    resolve(date.and_time(NaiveTime::from_hms_opt(23, 59, 59)?), self.zone)
                } else {
                    self.moment(value, self.zone)?.instant(self.zone)
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
