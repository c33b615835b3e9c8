//! How a simulated SuiteCRM is set up.

use std::time::Duration;

use chrono_tz::Tz;

use crate::clock::SimClock;

/// Which release it behaves like, where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 7.14.6, also the legacy part of 8.7.
    V7_14,
    /// 7.15.0: inactive users are refused.
    V7_15,
}

/// A user's time format; the date format is always `Y-m-d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    /// `H:i`, a stock format: seconds are lost on output.
    Minutes,
    /// `H:i:s`, which an administrator must add first: seconds survive.
    Seconds,
}

/// A user of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmUser {
    /// The id, a UUID.
    pub id: String,
    /// The login name; hidden in lists.
    pub user_name: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The primary address.
    pub email: String,
    /// The time zone of the preferences.
    pub time_zone: Tz,
    /// The time format of the preferences.
    pub time_format: TimeFormat,
    /// The password, for the password grant.
    pub password: String,
    /// Whether the account is active.
    pub active: bool,
}

impl CrmUser {
    /// An active user in UTC with stock formats.
    pub fn new(id: &str, user_name: &str, first_name: &str, last_name: &str, email: &str) -> Self {
        Self {
            id: id.to_owned(),
            user_name: user_name.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            email: email.to_owned(),
            time_zone: Tz::UTC,
            time_format: TimeFormat::Minutes,
            password: format!("{user_name}-simulated-password"),
            active: true,
        }
    }
}

/// What an OAuth2 client may do; one client has one grant type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// Acts as the user with this id.
    ClientCredentials {
        /// The user's id.
        user_id: String,
    },
    /// Acts as the user whose password is given.
    Password,
}

/// An OAuth2 client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmClient {
    /// The client id, a UUID.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// Its one grant type.
    pub grant: Grant,
}

/// How a simulated SuiteCRM is set up.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each switches one measured trap, independently of the others"
)]
pub struct SuiteCrmOptions {
    /// The port on the loopback address; 0 takes a free one.
    pub port: u16,
    /// Its clock; the `Date` header tells it.
    pub clock: SimClock,
    /// How long every call takes.
    pub latency: Duration,
    /// Which release it is.
    pub version: Version,
    /// Its users. The first is the API user.
    pub users: Vec<CrmUser>,
    /// Its OAuth2 clients.
    pub clients: Vec<CrmClient>,
    /// The API lies under `/legacy` only, as in 8.x.
    pub legacy_path: bool,
    /// The RSA key pair was never made: every token request is a 500 with an empty body.
    pub missing_keys: bool,
    /// The server's own zone. Output dates carry its offset behind digits that are UTC.
    pub server_zone: Tz,
    /// Tables have three bytes a character: emoji become `????`.
    pub three_byte_text: bool,
    /// The site's list size, taken where `page[size]` is not sent.
    pub list_size: usize,
    /// A site that has the fix for `filter[deleted][eq]=1`: it answers 200 with the deleted rows.
    pub deleted_filter_fixed: bool,
    /// Checkboxes that an administrator has added to contacts in Studio, as `google_c`.
    pub contact_checkboxes: Vec<&'static str>,
    /// Time that passes between a write's reading of the row and its writing of the whole row. Latency adds to it.
    pub write_gap: Duration,
    /// Ids and tokens are drawn from this seed.
    pub seed: u64,
}

/// The API user of the default options.
pub(super) const API_USER: &str = "00000000-0000-4000-8000-00000000000a";

impl Default for SuiteCrmOptions {
    fn default() -> Self {
        let mut anna = CrmUser::new(
            "11111111-1111-4111-8111-111111111111",
            "anna",
            "Anna",
            "Rossi",
            "anna@example.com",
        );
        anna.time_zone = Tz::Europe__Rome;
        let mut ben = CrmUser::new(
            "22222222-2222-4222-8222-222222222222",
            "ben",
            "Ben",
            "Miller",
            "ben@example.com",
        );
        ben.time_zone = Tz::America__New_York;
        Self {
            port: 0,
            clock: SimClock::real(),
            latency: Duration::ZERO,
            version: Version::V7_14,
            users: vec![
                CrmUser::new(API_USER, "api", "Integration", "User", "api@example.com"),
                anna,
                ben,
            ],
            clients: vec![
                CrmClient {
                    id: "c0ffee00-0000-4000-8000-000000000001".to_owned(),
                    secret: "simulated-crm-secret".to_owned(),
                    grant: Grant::ClientCredentials {
                        user_id: API_USER.to_owned(),
                    },
                },
                CrmClient {
                    id: "c0ffee00-0000-4000-8000-000000000002".to_owned(),
                    secret: "simulated-crm-secret".to_owned(),
                    grant: Grant::Password,
                },
            ],
            legacy_path: false,
            missing_keys: false,
            server_zone: Tz::UTC,
            three_byte_text: false,
            list_size: 20,
            deleted_filter_fixed: false,
            contact_checkboxes: vec!["google_c"],
            write_gap: Duration::ZERO,
            seed: 1,
        }
    }
}
