//! How far the runs of this process are.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sync_core::id::AccountLinkId;
use sync_engine::run::Watcher;

/// What is known of the runs under way.
#[derive(Debug, Default)]
pub struct Progress {
    runs: Mutex<BTreeMap<AccountLinkId, (usize, usize)>>,
}

impl Progress {
    /// A line about an account link's run.
    pub fn line(&self, link: &AccountLinkId, seconds: u64) -> String {
        match self.runs().get(link) {
            Some((done, of)) if done < of => format!("{link}: {done} of {of} records done, {seconds} s"),
            Some((_, of)) => format!("{link}: {of} records done, finishing, {seconds} s"),
            None => format!("{link}: reading both sides, {seconds} s"),
        }
    }

    /// Forgets an account link's run, which has ended.
    pub fn ended(&self, link: &AccountLinkId) {
        self.runs().remove(link);
    }

    // A panic while the map is locked leaves it whole: it is changed in one step.
    fn runs(&self) -> MutexGuard<'_, BTreeMap<AccountLinkId, (usize, usize)>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Progress {
    fn advanced(&self, link: &AccountLinkId, done: usize, of: usize) {
        self.runs().insert(link.clone(), (done, of));
    }
}
