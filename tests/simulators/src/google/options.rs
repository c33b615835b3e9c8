//! How a simulated Google is set up.

use std::time::Duration;

use chrono_tz::Tz;

use crate::clock::SimClock;

/// A Google account; it owns a primary calendar whose id is its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleAccount {
    /// The address.
    pub email: String,
    /// The full name.
    pub name: String,
    /// The time zone of its primary calendar.
    pub time_zone: Tz,
}

impl GoogleAccount {
    /// An account in the given zone, named after its address.
    pub fn new(email: &str, time_zone: Tz) -> Self {
        let name = email.split('@').next().unwrap_or(email);
        Self {
            email: email.to_owned(),
            name: name.to_owned(),
            time_zone,
        }
    }
}

/// A client of Google's console, type "web".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthClient {
    /// The client id.
    pub id: String,
    /// The client secret.
    pub secret: String,
    /// The redirect addresses, compared to the letter.
    pub redirect_uris: Vec<String>,
}

/// How a simulated Google is set up.
#[derive(Debug, Clone)]
pub struct GoogleOptions {
    /// The port on the loopback address; 0 takes a free one.
    pub port: u16,
    /// Its clock.
    pub clock: SimClock,
    /// How long every call takes.
    pub latency: Duration,
    /// Its users.
    pub accounts: Vec<GoogleAccount>,
    /// The registered clients; the first is the one that `client_file` describes.
    pub clients: Vec<OAuthClient>,
    /// Consents at once, as this account, to everything asked for: the consent page is never shown.
    pub auto_consent: Option<String>,
    /// Calendar calls a user may make in any 60 seconds; `None` switches the quota off.
    pub quota_per_minute: Option<u32>,
    /// Whether the client's app is in "Testing": its refresh tokens die after seven days.
    pub testing_app: bool,
    /// No page of events holds more than this, whatever `maxResults` says.
    pub page_items_max: Option<usize>,
    /// After this many pages of events comes an empty one that is not the last; and the last one is empty too.
    pub empty_page_after: Option<usize>,
    /// Whether a list with `timeMin` or `timeMax` ends in a sync token. Google's guide shows it, people report
    /// that it does not; without it a caller must not count on one.
    pub sync_token_with_time_bounds: bool,
    /// How long a sync token is good; `None` is for ever.
    pub sync_token_lifetime: Option<Duration>,
    /// Tasks calls that the whole project may make in any 24 hours; `None` switches the quota off.
    pub tasks_quota_per_day: Option<u32>,
    /// Every other change of a task is stamped this much early, as by another machine's clock.
    pub tasks_updated_jitter: Duration,
    /// How long it takes until a change of a contact is seen in lists; single reads see it at once.
    pub people_list_delay: Duration,
    /// People calls a user may make in any minute that change something; `None` switches the quota off.
    pub people_writes_per_minute: Option<u32>,
    /// First pages of whole lists of contacts that a user may ask for in any minute; `None` switches the quota off.
    pub people_first_pages_per_minute: Option<u32>,
    /// Ids and tokens are drawn from this seed.
    pub seed: u64,
}

impl Default for GoogleOptions {
    fn default() -> Self {
        Self {
            port: 0,
            clock: SimClock::real(),
            latency: Duration::ZERO,
            accounts: vec![
                GoogleAccount {
                    email: "anna@example.com".to_owned(),
                    name: "Anna Rossi".to_owned(),
                    time_zone: Tz::Europe__Rome,
                },
                GoogleAccount {
                    email: "ben@example.com".to_owned(),
                    name: "Ben Miller".to_owned(),
                    time_zone: Tz::America__New_York,
                },
            ],
            clients: vec![OAuthClient {
                id: "100200300400-simulated.apps.googleusercontent.com".to_owned(),
                secret: "simulated-client-secret".to_owned(),
                redirect_uris: Vec::new(),
            }],
            auto_consent: None,
            quota_per_minute: Some(600),
            testing_app: false,
            page_items_max: None,
            empty_page_after: None,
            sync_token_with_time_bounds: false,
            sync_token_lifetime: None,
            tasks_quota_per_day: Some(50_000),
            tasks_updated_jitter: Duration::from_millis(1500),
            people_list_delay: Duration::ZERO,
            people_writes_per_minute: Some(90),
            people_first_pages_per_minute: Some(6),
            seed: 1,
        }
    }
}
