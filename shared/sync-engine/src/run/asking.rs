//! Which side a run asks only where there is a reason to: one that tells nobody when something changes, and allows few
//! questions.
//!
//! Such a side is asked second, once the other one has answered. Left unasked it has said nothing: its cursor stays where
//! it is, and neither an absence nor a quiet hour follows from it.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use sync_core::change::{ChangeSet, Window};
use sync_core::failure::{Class, Failure};
use sync_core::id::Cursor;
use sync_core::kind::Record;
use sync_core::policy::asks_again;
use sync_core::port::{ReadRequest, Trigger};
use sync_core::side::{PerSide, Side};

use super::mapping::Mapping;
use super::reading::count_restored_as_original;
use crate::connections::Sides;
use crate::memory::KindProgress;

/// How a run goes about the two sides of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// Both at once.
    Both,
    /// This side second, in any case.
    Second(Side),
    /// This side second, and only if the other one had something to say.
    IfNeeded(Side),
}

/// The side of a kind that is asked sparingly, if one is, and whether this run has a reason of its own to ask it.
pub(super) fn asking<R: Record>(mapping: &Mapping<'_>, sides: &Sides<'_, R>, now: DateTime<Utc>) -> Asking {
    let sparing = Side::BOTH
        .into_iter()
        .find(|side| sides.get(*side).is_asked_sparingly());
    let Some(side) = sparing else {
        return Asking::Both;
    };
    let progress = &mapping.link.progress;
    let by_hand = mapping.trigger == Trigger::Manual;
    let after_a_dead_run = progress.ended_fence + 1 != mapping.holder.fence;
    let parked_due = progress.parked.due.is_some_and(|due| due <= now);
    let interval = Duration::minutes(i64::from(mapping.link.body.value.settings.interval_minutes));
    let always = mapping.engine.asks_always;
    if always || by_hand || after_a_dead_run || parked_due || is_due(progress.of(R::KIND), interval, now) {
        Asking::Second(side)
    } else {
        Asking::IfNeeded(side)
    }
}

fn is_due(kind: &KindProgress, interval: Duration, now: DateTime<Utc>) -> bool {
    match (kind.asked_at, kind.changed_at) {
        (Some(asked), Some(changed)) => asks_again(interval, now - asked, now - changed),
        (_, _) => true,
    }
}

/// What both sides report, and whether both were asked.
pub(super) async fn read_as_asked<R: Record>(
    sides: &Sides<'_, R>,
    asking: Asking,
    cursors: PerSide<Option<Cursor>>,
    window: Window,
) -> Result<(PerSide<ChangeSet<R>>, bool), (Side, Failure)> {
    let PerSide { crm, google } = cursors;
    let (second, spared) = match asking {
        Asking::Both => {
            let (crm, google) = futures::try_join!(
                read_changes(sides, Side::Crm, crm, window),
                read_changes(sides, Side::Google, google, window),
            )?;
            return Ok((PerSide { crm, google }, true));
        }
        Asking::Second(side) => (side, false),
        Asking::IfNeeded(side) => (side, true),
    };
    let (first_from, second_from) = match second {
        Side::Crm => (google, crm),
        Side::Google => (crm, google),
    };
    let first = read_changes(sides, second.other(), first_from, window).await?;
    let (answer, asked) = match second_from {
        Some(cursor) if spared && !is_news(&first) => (unasked(cursor), false),
        from => (read_changes(sides, second, from, window).await?, true),
    };
    let changes = match second {
        Side::Crm => PerSide {
            crm: answer,
            google: first,
        },
        Side::Google => PerSide {
            crm: first,
            google: answer,
        },
    };
    Ok((changes, asked))
}

async fn read_changes<R: Record>(
    sides: &Sides<'_, R>,
    side: Side,
    cursor: Option<Cursor>,
    window: Window,
) -> Result<ChangeSet<R>, (Side, Failure)> {
    let remote = sides.get(side);
    let had_cursor = cursor.is_some();
    match remote.changes(&ReadRequest { cursor, window }).await {
        Err(Failure {
            class: Class::Resync, ..
        }) if had_cursor => {
            tracing::info!(side = %side, "the cursor was refused: reading the side whole");
            remote.changes(&ReadRequest { cursor: None, window }).await
        }
        answer => answer,
    }
    .map(|mut set| {
        set.changes.iter_mut().for_each(count_restored_as_original);
        set
    })
    .map_err(|failure| (side, failure))
}

/// Whether the other side's answer is a reason to ask: then what it says is decided on by what both say.
fn is_news<R>(answer: &ChangeSet<R>) -> bool {
    !(answer.changes.is_empty() && answer.complete.is_empty())
}

/// What a side that was not asked has said.
fn unasked<R>(cursor: Cursor) -> ChangeSet<R> {
    ChangeSet {
        changes: Vec::new(),
        complete: BTreeSet::new(),
        cursor,
        time_zone: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minute)
    }

    #[test]
    fn who_was_never_asked_or_not_answered_to_the_end_is_asked() {
        let quarter = Duration::minutes(15);
        let kind = |asked: Option<i64>, changed: Option<i64>| KindProgress {
            asked_at: asked.map(at),
            changed_at: changed.map(at),
            ..KindProgress::default()
        };
        assert!(is_due(&kind(None, None), quarter, at(600)));
        assert!(is_due(&kind(None, Some(0)), quarter, at(600)));
        assert!(is_due(&kind(Some(599), None), quarter, at(600)));
        assert!(!is_due(&kind(Some(585), Some(0)), quarter, at(600)));
        assert!(is_due(&kind(Some(540), Some(0)), quarter, at(600)));
    }

    #[test]
    fn a_whole_list_is_news_even_where_it_is_empty() {
        let nothing: ChangeSet<()> = unasked(Cursor("here".to_owned()));
        assert!(!is_news(&nothing));
        let whole = ChangeSet {
            complete: ["list".to_owned()].into(),
            ..nothing
        };
        assert!(is_news(&whole));
    }
}
