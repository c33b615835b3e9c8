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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_is_known() {
        let (progress, link) = (Progress::default(), AccountLinkId::new("acme", "42"));
        assert_eq!(progress.line(&link, 3), "acme/42: reading both sides, 3 s");
        progress.advanced(&link, 0, 2000);
        assert_eq!(progress.line(&link, 6), "acme/42: 0 of 2000 records done, 6 s");
        progress.advanced(&link, 2000, 2000);
        assert_eq!(
            progress.line(&link, 9),
            "acme/42: 2000 records done, finishing, 9 s"
        );
        progress.ended(&link);
        assert_eq!(progress.line(&link, 1), "acme/42: reading both sides, 1 s");
    }
}
