//! The records that the laws are played with.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use sync_core::kind::Record;
use sync_core::kind::contact::{Address, Birthday, ContactField, ContactRecord, Family, ValueMut};
use sync_core::kind::event::{EventField, EventRecord, When};
use sync_core::kind::task::{Due, Status, TaskField, TaskRecord};

use super::beginning;

/// A kind of record that the laws can be played with.
pub trait Sample: Record {
    /// The field that people tell records apart by.
    const NAME: Self::Field;
    /// Another field that every side has.
    const REST: Self::Field;

    /// A record of that name with a value in every field, as the other side would send it.
    fn sample(name: &str) -> Self;

    /// What people tell it apart by.
    fn name(&self) -> &str;

    /// The same with another value in every field.
    #[must_use]
    fn edited(&self) -> Self;

    /// The same with texts that servers treat badly.
    fn odd(&self) -> Vec<Self>;

    /// What no record can say, though its shape allows it.
    fn impossible(&self) -> Vec<Self>;

    /// Rows of a weekly series that crosses a change of the clocks in [`ZONE`]; none for what does not recur.
    fn weekly() -> Vec<Self> {
        Vec::new()
    }

    /// Whether it is a record that can be.
    fn is_possible(&self) -> bool {
        true
    }

    /// The same with that name.
    #[must_use]
    fn named(&self, name: &str) -> Self {
        let mut named = self.clone();
        named.take(Self::NAME, &Self::sample(name));
        named
    }
}

/// Where the user lives.
pub(super) const ZONE: Tz = Tz::Europe__Rome;

/// Texts of several lines that servers treat badly.
const ODD_LINES: [&str; 8] = [
    "Party \u{1f389} for \u{1d4d0}nna",
    "1 < 2 & 3 > 2, \"quoted\" 'twice' \\ \\' ; -- %",
    "<b>bold</b> &amp; <i>not</i><br>new",
    "<script>alert(1)</script> and <bob@example.com>",
    "One\r\ntwo\rthree\n\n\n\nfour\n",
    "  blanks   before, between\tand behind  ",
    "\u{feff}\u{200b}Ünïcödé \u{65e5}\u{672c}\u{8a9e} \u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{7}",
    "https://example.com/?a=1&b=2#c &lt;kept&gt; {{braces}} ${money}",
];

/// The odd texts, and one that is longer than anything holds.
fn odd_texts() -> impl Iterator<Item = String> {
    let long = "Very long \u{e9}\u{4e2d} ".repeat(1_100);
    ODD_LINES.into_iter().map(str::to_owned).chain([long])
}

/// As one line, the way that names stand in.
fn in_one_line(text: &str) -> String {
    sync_core::kind::line::one_line(text)
}

fn in_days(days: i64, hour: u32) -> DateTime<Utc> {
    let day = beginning().date_naive() + TimeDelta::days(days);
    day.and_hms_opt(hour, 0, 0).unwrap().and_utc()
}

fn day(days: u64) -> NaiveDate {
    beginning().date_naive() + Days::new(days)
}

impl Sample for EventRecord {
    const NAME: EventField = EventField::Title;
    const REST: EventField = EventField::Description;

    fn sample(name: &str) -> Self {
        Self {
            title: name.to_owned(),
            description: "First line\nsecond line".to_owned(),
            location: "Room 1".to_owned(),
            when: When::Timed {
                start: in_days(2, 15),
                end: in_days(2, 15) + TimeDelta::minutes(75),
            },
            private: false,
        }
    }

    fn name(&self) -> &str {
        &self.title
    }

    fn edited(&self) -> Self {
        Self {
            title: format!("{} anew", self.title),
            description: "Another text".to_owned(),
            location: "Garden".to_owned(),
            when: When::AllDay {
                start: day(126),
                end: day(128),
            },
            private: !self.private,
        }
    }

    fn odd(&self) -> Vec<Self> {
        odd_texts()
            .map(|text| Self {
                title: in_one_line(&text),
                location: in_one_line(&text),
                description: text,
                ..self.clone()
            })
            .chain([
                Self {
                    title: String::new(),
                    description: String::new(),
                    location: String::new(),
                    ..self.clone()
                },
                // No length.
                Self {
                    when: When::Timed {
                        start: in_days(3, 10),
                        end: in_days(3, 10),
                    },
                    ..self.clone()
                },
                // Over the change of the clocks in Europe.
                Self {
                    when: When::Timed {
                        start: in_days(126, 0),
                        end: in_days(126, 3),
                    },
                    ..self.clone()
                },
            ])
            .collect()
    }

    fn impossible(&self) -> Vec<Self> {
        let far = NaiveDate::from_ymd_opt(10_001, 1, 1).unwrap();
        let at = |when| Self { when, ..self.clone() };
        vec![
            at(When::Timed {
                start: in_days(3, 10),
                end: in_days(3, 9),
            }),
            at(When::AllDay {
                start: day(4),
                end: day(4),
            }),
            at(When::AllDay {
                start: far,
                end: far + Days::new(1),
            }),
        ]
    }

    fn weekly() -> Vec<Self> {
        let starts = [119, 126, 133, 140].map(|days| {
            let local = day(days).and_hms_opt(10, 0, 0).unwrap();
            ZONE.from_local_datetime(&local).unwrap().to_utc()
        });
        let row = |start| Self {
            when: When::Timed {
                start,
                end: start + TimeDelta::minutes(45),
            },
            ..Self::sample("Weekly")
        };
        starts.map(row).to_vec()
    }

    fn is_possible(&self) -> bool {
        match &self.when {
            When::Timed { start, end } => start <= end,
            When::AllDay { start, end } => start < end,
        }
    }
}

impl Sample for TaskRecord {
    const NAME: TaskField = TaskField::Title;
    const REST: TaskField = TaskField::Notes;

    fn sample(name: &str) -> Self {
        Self {
            title: name.to_owned(),
            notes: "First line\nsecond line".to_owned(),
            due: Some(Due {
                day: day(32),
                time: None,
            }),
            status: Status::Open,
        }
    }

    fn name(&self) -> &str {
        &self.title
    }

    fn edited(&self) -> Self {
        Self {
            title: format!("{} anew", self.title),
            notes: "Another text".to_owned(),
            due: Some(Due {
                day: day(126),
                time: None,
            }),
            status: if self.status.is_completed() {
                Status::Open
            } else {
                Status::Completed { at: None }
            },
        }
    }

    fn odd(&self) -> Vec<Self> {
        odd_texts()
            .map(|text| Self {
                title: in_one_line(&text),
                notes: text,
                ..self.clone()
            })
            .chain([
                Self {
                    notes: String::new(),
                    due: None,
                    ..self.clone()
                },
                Self {
                    due: None,
                    status: Status::Completed { at: None },
                    ..self.clone()
                },
            ])
            .collect()
    }

    fn impossible(&self) -> Vec<Self> {
        let far = NaiveDate::from_ymd_opt(10_001, 1, 1).unwrap();
        vec![Self {
            due: Some(Due { day: far, time: None }),
            ..self.clone()
        }]
    }
}

impl Sample for ContactRecord {
    const NAME: ContactField = ContactField::FamilyName;
    const REST: ContactField = ContactField::Notes;

    /// Where a side takes employers from a list, the list has `Acme` and `Globex`.
    fn sample(name: &str) -> Self {
        Self {
            prefix: "Dr.".to_owned(),
            given_name: "Carla".to_owned(),
            middle_name: "Maria".to_owned(),
            family_name: name.to_owned(),
            suffix: "Jr.".to_owned(),
            email_work: "work@example.com".to_owned(),
            email_home: "home@example.com".to_owned(),
            email_other: "other@example.com".to_owned(),
            phone_mobile: "+39 333 1".to_owned(),
            phone_work: "+39 011 2".to_owned(),
            phone_home: "+39 011 3".to_owned(),
            phone_other: "+39 011 4".to_owned(),
            phone_fax: "+39 011 5".to_owned(),
            address_work: address("Via Roma 1\nScala B", "Torino"),
            address_home: address("Via Po 2", "Torino"),
            address_other: address("Corso Francia 3", "Rivoli"),
            organization: "Acme".to_owned(),
            department: "Purchasing".to_owned(),
            job_title: "Buyer".to_owned(),
            birthday: Birthday::new(Some(1980), 2, 29),
            website: "https://example.com/carla".to_owned(),
            website_other: "https://example.org/carla".to_owned(),
            notes: "First line\nsecond line".to_owned(),
            labelled: true,
        }
    }

    fn name(&self) -> &str {
        &self.family_name
    }

    fn edited(&self) -> Self {
        let mut edited = self.clone();
        for field in ContactField::ALL {
            let family = field.family();
            match edited.value_mut(*field) {
                ValueMut::Flag(flag) => *flag = !*flag,
                ValueMut::Birthday(birthday) => *birthday = Birthday::new(Some(1981), 3, 1),
                ValueMut::Address(address) => "Piazza Castello 4".clone_into(&mut address.street),
                ValueMut::Text(text) => {
                    *text = match (family, *field) {
                        (Some(Family::Email | Family::Website), _) => text.replace("example", "new.example"),
                        (Some(Family::Phone | Family::Address), _) => format!("{text}0"),
                        (None, ContactField::Prefix) => "Ms.".to_owned(),
                        (None, ContactField::Organization) => "Globex".to_owned(),
                        (None, _) => format!("{text} anew").trim_start().to_owned(),
                    }
                }
            }
        }
        edited
    }

    fn odd(&self) -> Vec<Self> {
        let odd = |text: String| {
            let line = in_one_line(&text);
            Self {
                given_name: line.clone(),
                family_name: line.clone(),
                department: line.clone(),
                job_title: line.clone(),
                address_work: address(&text, &line),
                notes: text,
                ..self.clone()
            }
        };
        odd_texts()
            .map(odd)
            .chain([
                Self {
                    family_name: self.family_name.clone(),
                    given_name: "Only".to_owned(),
                    ..Self::default()
                },
                Self {
                    birthday: Birthday::new(None, 2, 29),
                    email_work: "Mixed.Case@Example.COM".to_owned(),
                    ..self.clone()
                },
            ])
            .collect()
    }

    /// A birthday is a day that exists, whatever is asked for.
    fn impossible(&self) -> Vec<Self> {
        Vec::new()
    }
}

fn address(street: &str, city: &str) -> Address {
    Address {
        street: street.to_owned(),
        city: city.to_owned(),
        region: "TO".to_owned(),
        postal_code: "10121".to_owned(),
        country: "Italia".to_owned(),
    }
}
