//! How a simulated Vtiger is set up.

use std::time::Duration;

use chrono_tz::Tz;

use crate::clock::SimClock;

/// Which release it is, both on PHP 8 and MariaDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 8.2.0: other people's private events are handed out in full, and a plain change drops all contacts but one.
    V8_2,
    /// 8.4.0: neither, but counts are answered with nothing.
    V8_4,
}

impl Version {
    /// As the sign-in tells it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Version::V8_2 => "8.2.0",
            Version::V8_4 => "8.4.0",
        }
    }
}

/// A user of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VtigerUser {
    /// The user's number; the web service writes `19x` in front of it.
    pub number: u64,
    /// The name to sign in with, found without regard to case.
    pub user_name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Primary e-mail address.
    pub email: String,
    /// The zone chosen in the CRM.
    pub time_zone: Tz,
    /// The access key of the preferences.
    pub access_key: String,
    /// Whether the user is an administrator.
    pub is_admin: bool,
    /// Whether the user may still sign in.
    pub is_active: bool,
}

impl VtigerUser {
    /// An active, ordinary user in UTC.
    pub fn new(number: u64, user_name: &str, first_name: &str, last_name: &str, email: &str) -> Self {
        Self {
            number,
            user_name: user_name.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            email: email.to_owned(),
            time_zone: Tz::UTC,
            access_key: format!("{user_name}SimulatedKey"),
            is_admin: false,
            is_active: true,
        }
    }
}

/// How a simulated Vtiger is set up.
#[derive(Debug, Clone)]
pub struct VtigerOptions {
    /// The port on the loopback address; 0 takes a free one.
    pub port: u16,
    /// Its clock; the `Date` header tells it.
    pub clock: SimClock,
    /// How long every call takes.
    pub latency: Duration,
    /// Time that passes between a write's arrival and the moment it is carried out, beside the latency.
    pub write_gap: Duration,
    /// Which release it is.
    pub version: Version,
    /// Its users. The first is the one the sync signs in as.
    pub users: Vec<VtigerUser>,
    /// The classes of events, tasks, contacts and users; custom modules shift them.
    pub classes: [u32; 4],
    /// The class of accounts, likewise.
    pub accounts_class: u32,
    /// Checkboxes that an administrator has added to contacts: their names, as `cf_853`, and their labels.
    pub contact_checkboxes: Vec<(String, String)>,
    /// The zone in which the database keeps times of change; UTC as Vtiger is delivered.
    pub database_zone: Tz,
    /// Tables have three bytes a character: emoji become `????`.
    pub three_byte_text: bool,
    /// PHP's warnings are shown, as HTML in front of every answer.
    pub shows_warnings: bool,
    /// A field of events that the administrator has made, and demands a value in.
    pub demanded_field: Option<String>,
}

impl Default for VtigerOptions {
    fn default() -> Self {
        let mut api = VtigerUser::new(5, "sync", "Integration", "User", "api@example.com");
        api.is_admin = true;
        let mut anna = VtigerUser::new(7, "anna", "Anna", "Rossi", "anna@example.com");
        anna.time_zone = Tz::Europe__Rome;
        let mut ben = VtigerUser::new(8, "ben", "Ben", "Miller", "ben@example.com");
        ben.time_zone = Tz::America__New_York;
        Self {
            port: 0,
            clock: SimClock::real(),
            latency: Duration::ZERO,
            write_gap: Duration::ZERO,
            version: Version::V8_4,
            users: vec![api, anna, ben],
            classes: [18, 9, 12, 19],
            accounts_class: 11,
            contact_checkboxes: vec![("cf_853".to_owned(), "Google".to_owned())],
            database_zone: Tz::UTC,
            three_byte_text: false,
            shows_warnings: false,
            demanded_field: None,
        }
    }
}
