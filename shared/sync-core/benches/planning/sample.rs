//! Records by the thousand.

use chrono::{DateTime, Duration, NaiveTime, TimeZone, Utc};
use sync_core::kind::Record;
use sync_core::kind::contact::{Address, Birthday, ContactLimits, ContactRecord};
use sync_core::kind::event::{EventLimits, EventRecord, When};
use sync_core::kind::task::{Due, Status, TaskLimits, TaskRecord};
use sync_core::side::Side;

/// When the first of them is.
pub(crate) fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 1, 9, 0, 0)
        .single()
        .expect("a date")
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or_default()
}

/// A kind whose records can be made by the thousand.
pub(crate) trait Sample: Record<Settings: Default> {
    /// One of many, no two of which are like each other.
    fn numbered(number: usize) -> Self;
    /// What somebody changes on this side; the other side's change is of another field.
    fn edit(&mut self, side: Side);
    /// A side that holds everything.
    fn no_limits() -> Self::Limits;
}

impl Sample for EventRecord {
    fn numbered(number: usize) -> Self {
        let at = start() + Duration::minutes(signed(number) * 30);
        Self {
            title: format!("Meeting {number}"),
            description: format!(
                "What meeting {number} is about, in a sentence or two that people would write."
            ),
            location: "Room 4, second floor".to_owned(),
            when: When::Timed {
                start: at,
                end: at + Duration::hours(1),
            },
            private: false,
        }
    }

    fn edit(&mut self, side: Side) {
        match side {
            Side::Crm => self.title.push_str(", moved"),
            Side::Google => self.description.push_str(" Bring a pen."),
        }
    }

    fn no_limits() -> EventLimits {
        EventLimits::none()
    }
}

impl Sample for TaskRecord {
    fn numbered(number: usize) -> Self {
        let day = (start() + Duration::days(signed(number % 365))).date_naive();
        Self {
            title: format!("Task {number}"),
            notes: format!(
                "What is to be done for task {number}, in a sentence or two that people would write."
            ),
            due: Some(Due {
                day,
                time: NaiveTime::from_hms_opt(16, 0, 0),
            }),
            status: Status::Open,
        }
    }

    fn edit(&mut self, side: Side) {
        match side {
            Side::Crm => self.title.push_str(", urgent"),
            Side::Google => self.notes.push_str(" Ask Ben first."),
        }
    }

    fn no_limits() -> TaskLimits {
        TaskLimits::none()
    }
}

impl Sample for ContactRecord {
    fn numbered(number: usize) -> Self {
        Self {
            given_name: "Carla".to_owned(),
            family_name: format!("Verdi {number}"),
            email_work: format!("carla{number}@example.org"),
            email_home: format!("verdi{number}@example.net"),
            phone_work: format!("+39 011 {number:06}"),
            phone_mobile: format!("+39 333 {number:07}"),
            address_work: Address {
                street: format!("Via Roma {number}"),
                city: "Torino".to_owned(),
                region: "TO".to_owned(),
                postal_code: "10121".to_owned(),
                country: "Italia".to_owned(),
            },
            organization: "Verdi & Figli".to_owned(),
            job_title: "Head of purchasing".to_owned(),
            birthday: Birthday::new(Some(1980), 5, 12),
            notes: format!("Where customer {number} was met, in a sentence or two that people would write."),
            labelled: true,
            ..Self::default()
        }
    }

    fn edit(&mut self, side: Side) {
        match side {
            Side::Crm => self.job_title.push_str(", Europe"),
            Side::Google => self.notes.push_str(" Likes tea."),
        }
    }

    fn no_limits() -> ContactLimits {
        ContactLimits::none()
    }
}
