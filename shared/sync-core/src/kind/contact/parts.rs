//! Addresses and birthdays.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A postal address: one value, because half of a move makes no sense.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number, floor, post box; lines with `\n` between.
    pub street: String,
    /// Town.
    pub city: String,
    /// State, province.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Country.
    pub country: String,
}

impl Address {
    /// Its parts, in the order of writing.
    pub fn parts(&self) -> [&str; 5] {
        [
            &self.street,
            &self.city,
            &self.region,
            &self.postal_code,
            &self.country,
        ]
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|part| part.is_empty())
    }
}

/// A birthday, with or without a year. Always a day that exists.
///
/// Written as `1980-05-12`, or as `--05-12` without a year (RFC 6350, section 4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Birthday {
    year: Option<i32>,
    month: u32,
    day: u32,
}

/// A leap year: without a year, the 29th of February is a day like any other.
const ANY_YEAR: i32 = 2000;

/// A text is no birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a birthday: expected 1980-05-12 or --05-12")]
pub struct NoBirthday;

impl Birthday {
    /// A birthday; `None` where there is no such day.
    pub fn new(year: Option<i32>, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year.unwrap_or(ANY_YEAR), month, day)?;
        let plausible = year.is_none_or(|year| (1..=9999).contains(&year));
        plausible.then_some(Self { year, month, day })
    }

    /// The year, where it is known.
    pub fn year(self) -> Option<i32> {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u32 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u32 {
        self.day
    }

    /// The whole date, where the year is known.
    pub fn date(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year?, self.month, self.day)
    }

    /// Whether it is the same day of the year.
    pub fn is_same_day(self, other: Self) -> bool {
        (self.month, self.day) == (other.month, other.day)
    }
}

impl From<NaiveDate> for Birthday {
    fn from(date: NaiveDate) -> Self {
        Self {
            year: Some(date.year()),
            month: date.month(),
            day: date.day(),
        }
    }
}

impl fmt::Display for Birthday {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(formatter, "{year:04}-{:02}-{:02}", self.month, self.day),
            None => write!(formatter, "--{:02}-{:02}", self.month, self.day),
        }
    }
}

impl FromStr for Birthday {
    type Err = NoBirthday;

    fn from_str(text: &str) -> Result<Self, NoBirthday> {
        let (year, rest) = if let Some(rest) = text.strip_prefix("--") {
            (None, rest)
        } else {
            let (year, rest) = text.split_once('-').ok_or(NoBirthday)?;
            (Some(year.parse().map_err(|_| NoBirthday)?), rest)
        };
        let (month, day) = rest.split_once('-').ok_or(NoBirthday)?;
        let number = |text: &str| text.parse().map_err(|_| NoBirthday);
        Self::new(year, number(month)?, number(day)?).ok_or(NoBirthday)
    }
}

impl TryFrom<String> for Birthday {
    type Error = NoBirthday;

    fn try_from(text: String) -> Result<Self, NoBirthday> {
        text.parse()
    }
}

impl From<Birthday> for String {
    fn from(birthday: Birthday) -> Self {
        birthday.to_string()
    }
}
