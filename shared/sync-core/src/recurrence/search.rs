//! Which pattern a list of dates follows.

use chrono::{Datelike, NaiveDate, Weekday, WeekdaySet};

use super::pattern::{DayOfMonth, Pattern, month_number};

/// One exception for so many starts; see the module's page.
const STARTS_FOR_AN_EXCEPTION: usize = 2;

/// Most exceptions of one rule.
const EXCEPTIONS_MAX: usize = 50;

/// An exception says more than a weekday more or a step of two: five days of every week are not every day with
/// exceptions at the weekends.
const EXCEPTION_COST: u32 = 5;

/// A set of weekdays none of which comes twice is hardly a rule: any few dates within seven days have one. It is what
/// is left where nothing else fits.
const NEVER_TWICE_COST: u32 = 6;

/// A pattern that dates were found to follow.
#[derive(Debug)]
pub(super) struct Found {
    pattern: Pattern,
    first: NaiveDate,
    /// How many dates it makes, those left out among them.
    count: usize,
    /// The dates it makes that were not among the given ones.
    pub(super) left_out: Vec<NaiveDate>,
}

impl Found {
    /// The rule's text.
    pub(super) fn rrule(&self) -> String {
        format!("{};COUNT={}", self.pattern.rrule(self.first), self.count)
    }
}

/// The pattern with the least to say about it that makes all of these dates and little else. The dates are in order
/// and each there once.
pub(super) fn pattern_of(dates: &[NaiveDate]) -> Option<Found> {
    let (first, _) = two_ends(dates)?;
    let candidates = daily(dates).chain(weekly(dates)).chain(monthly(dates));
    let fitting = candidates.filter_map(|(pattern, extra_cost)| {
        let left_out = left_out(pattern, dates)?;
        let exceptions = u32::try_from(left_out.len()).ok()?;
        let cost = pattern
            .cost()
            .saturating_add(extra_cost)
            .saturating_add(exceptions.saturating_mul(EXCEPTION_COST));
        Some((
            cost,
            Found {
                pattern,
                first,
                count: dates.len() + left_out.len(),
                left_out,
            },
        ))
    });
    fitting.min_by_key(|(cost, _)| *cost).map(|(_, found)| found)
}

/// Counts the pattern out from the first date to the last one: the dates it makes that are not wanted. `None` where
/// it misses a wanted one, or where those not wanted are too many.
fn left_out(pattern: Pattern, dates: &[NaiveDate]) -> Option<Vec<NaiveDate>> {
    let exceptions_max = (dates.len() / STARTS_FOR_AN_EXCEPTION).min(EXCEPTIONS_MAX);
    let (first, last) = two_ends(dates)?;
    let mut wanted = dates.iter().peekable();
    let mut left_out = Vec::new();
    for made in pattern.dates(first).take_while(|made| *made <= last) {
        match wanted.next_if(|wanted| **wanted <= made) {
            Some(wanted) if *wanted == made => {}
            Some(_) => return None,
            None => left_out.push(made),
        }
        if left_out.len() > exceptions_max {
            return None;
        }
    }
    wanted.peek().is_none().then_some(left_out)
}

fn daily(dates: &[NaiveDate]) -> impl Iterator<Item = (Pattern, u32)> {
    let every = step(dates.iter().map(|date| i64::from(date.num_days_from_ce())));
    every.into_iter().map(|every| (Pattern::Daily { every }, 0))
}

/// Weeks begin on Monday, as RFC 5545 has it where nothing is said, or on Sunday, as American calendars have it.
fn weekly(dates: &[NaiveDate]) -> impl Iterator<Item = (Pattern, u32)> {
    let days: WeekdaySet = dates.iter().map(Datelike::weekday).collect();
    let twice = dates.len() > usize::from(days.len());
    let extra_cost = if twice { 0 } else { NEVER_TWICE_COST };
    [Weekday::Mon, Weekday::Sun].into_iter().map(move |begins| {
        let weeks = dates
            .iter()
            .filter_map(|date| date.week(begins).checked_first_day())
            .map(|week| i64::from(week.num_days_from_ce()).div_euclid(7));
        // All in one week.
        let every = step(weeks).unwrap_or(1);
        (Pattern::Weekly { every, days, begins }, extra_cost)
    })
}

/// Every way to name the first date's day, in every step that leads from one date's month to the next one's. Short
/// steps may be right where the long one fits too: months without the day are passed over.
fn monthly(dates: &[NaiveDate]) -> impl Iterator<Item = (Pattern, u32)> {
    let longest = step(dates.iter().map(|date| month_number(*date)));
    dates
        .first()
        .into_iter()
        .flat_map(|first| DayOfMonth::names_of(*first))
        .flat_map(move |day| {
            divisors(longest.unwrap_or(0)).map(move |every| (Pattern::Monthly { every, day }, 0))
        })
}

/// The longest step by which all of the numbers, which never fall, are reached from the first; `None` where they are
/// all the same.
fn step(numbers: impl Iterator<Item = i64>) -> Option<u32> {
    let mut numbers = numbers.peekable();
    let first = *numbers.peek()?;
    let step = numbers.fold(0, |step, number| greatest_common_divisor(step, number - first));
    u32::try_from(step).ok().filter(|step| *step > 0)
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn divisors(number: u32) -> impl Iterator<Item = u32> {
    (1..=number).filter(move |divisor| number.is_multiple_of(*divisor))
}

/// The first and the last date, where there are two at least.
fn two_ends(dates: &[NaiveDate]) -> Option<(NaiveDate, NaiveDate)> {
    match dates {
        [first, .., last] => Some((*first, *last)),
        [] | [_] => None,
    }
}
