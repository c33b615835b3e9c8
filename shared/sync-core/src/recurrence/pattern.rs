//! Patterns of dates: counting them out, and writing them down as RFC 5545 does.

use std::iter;

use chrono::{Datelike, Days, NaiveDate, Weekday, WeekdaySet};

const DAYS_OF_A_WEEK: u32 = 7;
const MONTHS_OF_A_YEAR: u32 = 12;

/// Dates that follow one another by a rule. `every` is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Every so many days.
    Daily { every: u32 },
    /// Some days of every so many weeks, which begin on `begins`.
    Weekly {
        every: u32,
        days: WeekdaySet,
        begins: Weekday,
    },
    /// One day of every so many months. Months without such a day are passed over, not bent.
    Monthly { every: u32, day: DayOfMonth },
}

/// A day of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayOfMonth {
    /// By its number, 1 to 31.
    Number(u32),
    /// The last one.
    Last,
    /// The first to fifth of a weekday.
    Nth(u32, Weekday),
    /// The last of a weekday.
    LastOf(Weekday),
}

impl Pattern {
    /// The dates from the first one on, which is one of them, as far as the calendar goes.
    pub(super) fn dates(self, first: NaiveDate) -> Box<dyn Iterator<Item = NaiveDate>> {
        match self {
            Pattern::Daily { every } => Box::new(steps(first, every)),
            Pattern::Weekly { every, days, begins } => {
                let week = first.week(begins).checked_first_day();
                Box::new(
                    week.into_iter()
                        .flat_map(move |week| steps(week, every.saturating_mul(DAYS_OF_A_WEEK)))
                        .flat_map(|week| (0..u64::from(DAYS_OF_A_WEEK)).map(move |day| (week, day)))
                        .filter_map(|(week, day)| week.checked_add_days(Days::new(day)))
                        .filter(move |date| *date >= first && days.contains(date.weekday())),
                )
            }
            Pattern::Monthly { every, day } => Box::new(
                months(first, every)
                    .filter_map(move |(year, month)| day.of(year, month))
                    .filter(move |date| *date >= first),
            ),
        }
    }

    /// The rule's text without its end. `first` tells the month of a yearly rule.
    ///
    /// # Source
    /// RFC 5545 section 3.3.10.
    pub(super) fn rrule(self, first: NaiveDate) -> String {
        match self {
            Pattern::Daily { every } => format!("FREQ=DAILY{}", interval(every)),
            Pattern::Weekly { every, days, begins } => {
                // Monday is what a rule means that does not say it.
                let begins_on = if begins == Weekday::Mon {
                    String::new()
                } else {
                    format!(";WKST={}", name(begins))
                };
                let days: Vec<_> = days.iter(begins).map(name).collect();
                format!(
                    "FREQ=WEEKLY{}{begins_on};BYDAY={}",
                    interval(every),
                    days.join(",")
                )
            }
            Pattern::Monthly { every, day } if every.is_multiple_of(MONTHS_OF_A_YEAR) => format!(
                "FREQ=YEARLY{};BYMONTH={};{}",
                interval(every / MONTHS_OF_A_YEAR),
                first.month(),
                day.rrule()
            ),
            Pattern::Monthly { every, day } => format!("FREQ=MONTHLY{};{}", interval(every), day.rrule()),
        }
    }

    /// How much there is to say about it: what a person would choose first costs least. Far steps cost more than
    /// the next larger unit, so that the same day of two months is monthly rather than every 31 days.
    pub(super) fn cost(self) -> u32 {
        let step = |every: u32| if every == 1 { 0 } else { every.saturating_add(1) };
        match self {
            Pattern::Daily { every } => step(every),
            Pattern::Weekly { every, days, begins } => {
                let week = u32::from(begins != Weekday::Mon);
                u32::from(days.len()).saturating_add(step(every)) + week
            }
            Pattern::Monthly { every, day } => {
                let every = if every.is_multiple_of(MONTHS_OF_A_YEAR) {
                    every / MONTHS_OF_A_YEAR
                } else {
                    every
                };
                day.cost().saturating_add(step(every))
            }
        }
    }
}

impl DayOfMonth {
    /// Every way to name this date's day.
    pub(super) fn names_of(date: NaiveDate) -> impl Iterator<Item = Self> {
        let last = date.day() == u32::from(date.num_days_in_month());
        let last_of = date.day() + DAYS_OF_A_WEEK > u32::from(date.num_days_in_month());
        [
            Some(DayOfMonth::Number(date.day())),
            last.then_some(DayOfMonth::Last),
            Some(DayOfMonth::Nth(
                date.day().div_ceil(DAYS_OF_A_WEEK),
                date.weekday(),
            )),
            last_of.then_some(DayOfMonth::LastOf(date.weekday())),
        ]
        .into_iter()
        .flatten()
    }

    /// Its date in a month, where there is one.
    fn of(self, year: i32, month: u32) -> Option<NaiveDate> {
        let last = || {
            let days = NaiveDate::from_ymd_opt(year, month, 1)?.num_days_in_month();
            NaiveDate::from_ymd_opt(year, month, u32::from(days))
        };
        match self {
            DayOfMonth::Number(day) => NaiveDate::from_ymd_opt(year, month, day),
            DayOfMonth::Last => last(),
            DayOfMonth::Nth(nth, weekday) => {
                NaiveDate::from_weekday_of_month_opt(year, month, weekday, u8::try_from(nth).ok()?)
            }
            DayOfMonth::LastOf(weekday) => {
                let last = last()?;
                let back = last.weekday().days_since(weekday);
                last.checked_sub_days(Days::new(u64::from(back)))
            }
        }
    }

    fn rrule(self) -> String {
        match self {
            DayOfMonth::Number(day) => format!("BYMONTHDAY={day}"),
            DayOfMonth::Last => "BYMONTHDAY=-1".to_owned(),
            DayOfMonth::Nth(nth, weekday) => format!("BYDAY={nth}{}", name(weekday)),
            DayOfMonth::LastOf(weekday) => format!("BYDAY=-1{}", name(weekday)),
        }
    }

    fn cost(self) -> u32 {
        match self {
            DayOfMonth::Number(_) => 2,
            DayOfMonth::Last | DayOfMonth::Nth(_, _) => 3,
            DayOfMonth::LastOf(_) => 4,
        }
    }
}

/// The number of a month, counted from the beginning of the calendar.
pub(super) fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * i64::from(MONTHS_OF_A_YEAR) + i64::from(date.month0())
}

fn steps(first: NaiveDate, days: u32) -> impl Iterator<Item = NaiveDate> {
    iter::successors(Some(first), move |date| {
        date.checked_add_days(Days::new(u64::from(days)))
    })
}

/// Years and months, as far as the calendar goes.
fn months(first: NaiveDate, every: u32) -> impl Iterator<Item = (i32, u32)> {
    let last = month_number(NaiveDate::MAX);
    iter::successors(Some(month_number(first)), move |number| {
        Some(number + i64::from(every)).filter(|number| *number <= last)
    })
    .filter_map(|number| {
        let year = number.div_euclid(i64::from(MONTHS_OF_A_YEAR));
        let month = number.rem_euclid(i64::from(MONTHS_OF_A_YEAR));
        Some((i32::try_from(year).ok()?, u32::try_from(month).ok()? + 1))
    })
}

fn interval(every: u32) -> String {
    if every == 1 {
        String::new()
    } else {
        format!(";INTERVAL={every}")
    }
}

fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}
