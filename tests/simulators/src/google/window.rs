//! A quota that is no more than a number of calls in any stretch of time.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

/// So many calls in any stretch of so much time.
#[derive(Debug)]
pub(super) struct Window {
    span: TimeDelta,
    limit: Option<u32>,
    used: VecDeque<DateTime<Utc>>,
}

impl Window {
    /// `None` is no limit.
    pub(super) fn new(span: TimeDelta, limit: Option<u32>) -> Self {
        Self {
            span,
            limit,
            used: VecDeque::new(),
        }
    }

    /// Counts one call, if there is one left. Refused calls do not count.
    pub(super) fn take(&mut self, now: DateTime<Utc>) -> bool {
        let Some(limit) = self.limit else { return true };
        while self
            .used
            .front()
            .is_some_and(|at| now.signed_duration_since(*at) >= self.span)
        {
            self.used.pop_front();
        }
        let left = self.used.len() < usize::try_from(limit).unwrap_or(usize::MAX);
        if left {
            self.used.push_back(now);
        }
        left
    }
}
