//! How an account link stands.

use chrono::{DateTime, NaiveDateTime, Utc};
use connector_google::oauth::SCOPE_CALENDAR_OWN;
use sync_engine::memory::{AccountLink, AccountLinkState};

use super::RunShown;
use super::run::why;
use crate::messages;
use crate::operations::linking;
use crate::speech::Words;

/// A run that has not shown up within this time is not waited for any longer.
const AWAITED_SECONDS: i64 = 120;
/// The permissions that let a calendar be made; what an older client may have been granted is the wider one.
const MAKES_CALENDARS: [&str; 2] = [SCOPE_CALENDAR_OWN, "https://www.googleapis.com/auth/calendar"];
/// The part of a run's name that tells when it was asked for.
const BEGUN: (std::ops::Range<usize>, &str) = (0..15, "%Y%m%dT%H%M%S");

/// How an account link stands.
#[derive(Debug)]
pub(in crate::pages) struct Standing {
    pub(in crate::pages) state: AccountLinkState,
    /// Why the user must authorise again, in words.
    pub(in crate::pages) ended: Option<String>,
    pub(in crate::pages) google_email: String,
    /// What is said of each kind that Google does not let us touch.
    pub(in crate::pages) unticked: Vec<&'static str>,
    /// Whether a calendar of the sync's own is wanted, and Google has not been asked whether it may be made.
    pub(in crate::pages) own_calendar_unasked: bool,
    /// Whether the access ended as that of an app in "Testing" does.
    pub(in crate::pages) ends_after_a_week: bool,
    /// When the access will end by itself, if it will.
    pub(in crate::pages) ends_at: Option<DateTime<Utc>>,
    pub(in crate::pages) last: Option<RunShown>,
    pub(in crate::pages) next: Option<DateTime<Utc>>,
    pub(in crate::pages) pairs: u64,
    pub(in crate::pages) parked: u64,
    /// For how many seconds the run that the page waits for has been under way.
    pub(in crate::pages) running: Option<u64>,
}

impl Standing {
    /// Of an account link; `awaited` is the run that the page waits for.
    pub(in crate::pages) fn of(
        words: &Words,
        link: &AccountLink,
        awaited: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        let google = link.body.value.google.as_ref();
        Self {
            state: link.state(),
            ended: link.reauthorization_reason().map(|reason| why(words, reason)),
            google_email: google.map(|google| google.email.clone()).unwrap_or_default(),
            unticked: linking::missing_access(link)
                .into_iter()
                .map(messages::unticked)
                .collect(),
            own_calendar_unasked: link.body.value.settings.events.wants_own_calendar()
                && google.is_some_and(|google| {
                    !google
                        .scopes
                        .iter()
                        .any(|scope| MAKES_CALENDARS.contains(&scope.as_str()))
                }),
            ends_after_a_week: link.ended_after_a_week(),
            ends_at: google.and_then(|google| google.ends_at),
            last: link
                .progress
                .last_run
                .as_ref()
                .map(|run| RunShown::of(words, run)),
            next: link.next_run_at(),
            pairs: link.progress.pairs,
            parked: link.progress.parked.count,
            running: awaited.and_then(|run_id| awaited_for(link, run_id, now)),
        }
    }

    /// Whether the user has to authorise again.
    pub(in crate::pages) fn needs_authorization(&self) -> bool {
        self.state == AccountLinkState::NeedsAuthorization
    }

    /// Whether it is switched off.
    pub(in crate::pages) fn is_off(&self) -> bool {
        self.state == AccountLinkState::Disabled
    }

    /// Whether nothing has been synced yet.
    pub(in crate::pages) fn is_new(&self) -> bool {
        self.last.is_none()
    }
}

/// Names of runs sort by time and begin with it.
fn awaited_for(link: &AccountLink, run_id: &str, now: DateTime<Utc>) -> Option<u64> {
    let begun = NaiveDateTime::parse_from_str(run_id.get(BEGUN.0)?, BEGUN.1).ok()?;
    let waited = now.signed_duration_since(begun.and_utc()).num_seconds();
    let finished = link
        .progress
        .last_run
        .as_ref()
        .is_some_and(|last| last.run_id.as_str() >= run_id);
    if finished || waited >= AWAITED_SECONDS {
        return None;
    }
    u64::try_from(waited).ok()
}
