//! Calls a user may make in a minute, counted in a sliding window.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::refusal::Refusal;

/// The window's length.
const WINDOW_SECONDS: i64 = 60;

/// The quota and what has been used of it.
#[derive(Debug)]
pub(in super::super) struct Quota {
    limit: Option<u32>,
    used: BTreeMap<String, VecDeque<DateTime<Utc>>>,
    refusals: usize,
}

impl Quota {
    pub(super) fn new(limit: Option<u32>) -> Self {
        Self {
            limit,
            used: BTreeMap::new(),
            refusals: 0,
        }
    }

    pub(in super::super) fn set_limit(&mut self, limit: Option<u32>) {
        self.limit = limit;
    }

    /// Counts one call.
    ///
    /// # Errors
    /// In turn with 403 `rateLimitExceeded`, 403 `userRateLimitExceeded` and 429.
    pub(super) fn take(&mut self, account: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let Some(limit) = self.limit else { return Ok(()) };
        let used = self.used.entry(account.to_owned()).or_default();
        while used
            .front()
            .is_some_and(|at| now.signed_duration_since(*at) >= TimeDelta::seconds(WINDOW_SECONDS))
        {
            used.pop_front();
        }
        if used.len() < usize::try_from(limit).unwrap_or(usize::MAX) {
            used.push_back(now);
            return Ok(());
        }
        self.refusals += 1;
        Err(match self.refusals % 3 {
            1 => refusal(403, "rateLimitExceeded"),
            2 => refusal(429, "rateLimitExceeded"),
            _ => refusal(403, "userRateLimitExceeded"),
        })
    }
}

/// How Google words it.
pub(super) fn refusal(status: u16, reason: &'static str) -> Refusal {
    let message = if reason == "userRateLimitExceeded" {
        "User Rate Limit Exceeded"
    } else {
        "Rate Limit Exceeded"
    };
    Refusal::new(status, reason, message).for_quota()
}
