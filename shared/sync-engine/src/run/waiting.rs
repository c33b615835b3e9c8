//! A side that asks not to be called for a while: what it concerns waits so long, and then goes on without waiting for the
//! schedule. Neither the other kinds nor other account links wait with it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sync_core::failure::{Class, Failure};
use sync_core::kind::Kind;
use sync_core::port::{Entropy, Trigger};
use sync_core::side::Side;

use super::Engine;
use super::mapping::Mapping;
use super::session::Ended;
use crate::memory::{AccountLink, AskedToWait, KindProgress, Progress};
use crate::report::{Outcome, RunRecord};

/// Shortest wait: a side that wants none has refused several calls in a row, and would do so again.
const SHORTEST: Duration = Duration::from_mins(1);
/// Longest wait, whatever a side asks for: a slip of its clock must not silence a user for ever.
const LONGEST: Duration = Duration::from_hours(24);
/// Those who were refused together come back spread over a quarter of the wait, and over this much at most.
const SPREAD_MAX: Duration = Duration::from_mins(5);

/// Notes that these kinds wait, where the failure says for how long.
pub(super) fn note(engine: &Engine, progress: &mut Progress, kinds: &[Kind], side: Side, failure: &Failure) {
    let Class::Retryable { after: Some(after) } = failure.class else {
        return;
    };
    let wait = spread(after, engine.doors.entropy.as_ref());
    let waits = AskedToWait {
        until: engine.doors.clock.now() + wait,
        reason: format!("{side}: {failure}"),
    };
    for kind in kinds {
        progress.of_mut(*kind).asked_to_wait = Some(waits.clone());
    }
}

fn spread(asked: Duration, entropy: &dyn Entropy) -> Duration {
    let wait = asked.clamp(SHORTEST, LONGEST);
    let mut random = [0; 1];
    entropy.fill(&mut random);
    wait + (wait / 4).min(SPREAD_MAX).mul_f64(f64::from(random[0]) / 255.0)
}

/// How a run ends for a kind that still has to wait: as the one that was told so, with nobody asked. A person who asks
/// for a run does not wait.
pub(super) fn ended(mapping: &Mapping<'_>, kind: &KindProgress, now: DateTime<Utc>) -> Option<Ended> {
    let waits = kind.asked_to_wait.as_ref().filter(|waits| waits.until > now)?;
    (mapping.trigger != Trigger::Manual).then(|| Ended::new(Outcome::Failed, Some(&waits.reason)))
}

/// After how much time the account link runs again, where this run was asked to wait and its schedule comes later.
pub(super) fn runs_again_after(
    link: &AccountLink,
    progress: &Progress,
    record: &RunRecord,
) -> Option<Duration> {
    let told = |kind: &Kind| progress.of(*kind).asked_to_wait != link.progress.of(*kind).asked_to_wait;
    let until = Kind::ALL
        .into_iter()
        .filter(told)
        .filter_map(|kind| Some(progress.of(kind).asked_to_wait.as_ref()?.until))
        .min()?;
    let interval = chrono::Duration::minutes(i64::from(link.body.value.settings.interval_minutes));
    if until >= record.started_at + interval {
        return None;
    }
    Some((until - record.finished_at).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Byte(u8);

    impl Entropy for Byte {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn a_wait_is_never_shorter_than_asked_nor_endless() {
        for byte in [0, 128, 255] {
            let wait = |seconds| spread(Duration::from_secs(seconds), &Byte(byte)).as_secs();
            assert!((60..=75).contains(&wait(0)), "{}", wait(0));
            assert!((600..=750).contains(&wait(600)), "{}", wait(600));
            assert!((86_400..=86_700).contains(&wait(u64::MAX)), "{}", wait(u64::MAX));
        }
        assert!(spread(Duration::from_mins(10), &Byte(0)) < spread(Duration::from_mins(10), &Byte(200)));
    }
}
