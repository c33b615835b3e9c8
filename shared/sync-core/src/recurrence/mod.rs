//! From single occurrences back to the rule they follow.
//!
//! Some CRMs keep every occurrence of a series as a row of its own and tell no rule, or one that the rows have left
//! behind. Google keeps one series with one rule. [`rule_of`] looks at the starts of the rows and answers with the
//! simplest rule that makes exactly these, or with nothing.
//!
//! *What counts as following a rule.* The same time of day on every date, in the named zone: ten o'clock stays ten
//! o'clock when the clocks change. Rows that keep their time in UTC instead (Vtiger expands so) follow a rule that is
//! counted in UTC, and then the rule's zone says so. A rule that would put an occurrence on a time of day that the
//! zone skips is never answered, since calendars disagree about where that occurrence goes.
//!
//! *Gaps.* A start that the rule makes and that is not there becomes an exception, up to one for every two starts and
//! fifty in all: of what the rule makes, two thirds are there. With more the exceptions would be the rule, and through
//! any dates there is some rule with enough of them; fifty are as many as a person may have struck out one by one.
//!
//! *Why `COUNT`.* The rows end somewhere, so the rule does. `COUNT` means the same everywhere; `UNTIL` has to be a
//! date or UTC according to the start, and is rewritten by several calendars. Exceptions are counted in, as RFC 5545
//! has it.
//!
//! *How an answer is checked.* Every answer has been counted out, date by date, and every date has been turned into
//! an instant and compared with the starts. The counting is our own, because the patterns looked for are few and the
//! crates that expand every rule bring a regex engine or a parser for contact cards into the functions. The tests
//! hold it against the `rrule` crate and against python-dateutil.
//!
//! | file | holds |
//! |---|---|
//! | `pattern` | the patterns of dates: counting them out, writing them down |
//! | `search` | which of them a list of dates follows |
//! | `wall_clock` | instants to dates of one time of day, and back |

mod pattern;
mod search;
mod wall_clock;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use wall_clock::WallClock;

use crate::mutation::{self, Mutation};

/// The starts of the occurrences of one series, all timed or all whole days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Starts {
    /// Instants, and the zone whose time of day people read.
    Timed {
        /// The zone.
        zone: Tz,
        /// The instants, in any order.
        starts: Vec<DateTime<Utc>>,
    },
    /// Whole days, in any order.
    AllDay(Vec<NaiveDate>),
}

/// A recurrence rule in RFC 5545's terms, and the starts it makes that are not wanted.
///
/// It counts from the earliest of the starts it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The rule, without `RRULE:`.
    pub rrule: String,
    /// The starts that the rule makes and that are not wanted, in order. For a timed rule this also says in which
    /// zone it is counted, and that zone belongs to the start and end of the series: it is the zone of the starts, or
    /// UTC where they keep their time in UTC.
    pub exdates: Starts,
}

impl Rule {
    /// The zone in which the rule is counted; `None` for whole days.
    pub fn zone(&self) -> Option<Tz> {
        match &self.exdates {
            Starts::Timed { zone, starts: _ } => Some(*zone),
            Starts::AllDay(_) => None,
        }
    }

    /// The lines as Google's `recurrence` array takes them.
    ///
    /// # Source
    /// Google Calendar API, `events.recurrence`: lines of RRULE, EXRULE, RDATE and EXDATE as in RFC 5545 sections
    /// 3.8.5.1 and 3.8.5.3, without DTSTART and DTEND.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("RRULE:{}", self.rrule)];
        let (head, values) = match &self.exdates {
            Starts::Timed {
                zone: Tz::UTC,
                starts,
            } => (
                "EXDATE".to_owned(),
                written(starts.iter().map(|start| start.format("%Y%m%dT%H%M%SZ"))),
            ),
            Starts::Timed { zone, starts } => (
                format!("EXDATE;TZID={}", zone.name()),
                written(
                    starts
                        .iter()
                        .map(|start| start.with_timezone(zone).format("%Y%m%dT%H%M%S").to_string()),
                ),
            ),
            Starts::AllDay(days) => (
                "EXDATE;VALUE=DATE".to_owned(),
                written(days.iter().map(|day| day.format("%Y%m%d"))),
            ),
        };
        if !values.is_empty() {
            lines.push(format!("{head}:{values}"));
        }
        lines
    }
}

fn written(values: impl Iterator<Item = impl ToString>) -> String {
    values
        .map(|value| value.to_string())
        .collect::<Vec<_>>()
        .join(",")
}

/// The simplest rule whose occurrences, less the exceptions, are exactly these starts; `None` where they follow none:
/// fewer than two, the same start twice, different times of day, too many gaps, no pattern.
///
/// Law: the rule, counted out from the earliest start in its zone, makes every start and every exception, each once
/// and nothing else.
pub fn rule_of(starts: &Starts) -> Option<Rule> {
    match starts {
        Starts::AllDay(days) => {
            let found = search::pattern_of(&in_order(days)?)?;
            Some(Rule {
                rrule: found.rrule(),
                exdates: Starts::AllDay(found.left_out),
            })
        }
        Starts::Timed { zone, starts } => {
            let starts = in_order(starts)?;
            let by_utc = || {
                let mut rule = timed_rule(&starts, Tz::UTC)?;
                if mutation::on(Mutation::ClockChangesForgotten)
                    && let Starts::Timed { zone: counted_in, .. } = &mut rule.exdates
                {
                    *counted_in = *zone;
                }
                Some(rule)
            };
            timed_rule(&starts, *zone).or_else(by_utc)
        }
    }
}

fn timed_rule(starts: &[DateTime<Utc>], zone: Tz) -> Option<Rule> {
    let clock = WallClock::of(starts, zone)?;
    let found = search::pattern_of(&clock.dates(starts)?)?;
    let left_out = found
        .left_out
        .iter()
        .map(|date| clock.instant(*date))
        .collect::<Option<Vec<_>>>()?;
    Some(Rule {
        rrule: found.rrule(),
        exdates: Starts::Timed {
            zone,
            starts: left_out,
        },
    })
}

/// In order; `None` where one is there twice.
fn in_order<T: Ord + Copy>(starts: &[T]) -> Option<Vec<T>> {
    let mut ordered = starts.to_vec();
    ordered.sort_unstable();
    ordered.dedup();
    (ordered.len() == starts.len()).then_some(ordered)
}
