//! The journal is written before the value is: whatever happens in between, nothing is lost without a trace.

use sync_core::change::{Observed, Reading};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::mutation::{self, Mutation};
use sync_core::plan::{Action, Step, Why};
use sync_core::port::StoreFailure;
use sync_core::side::{PerSide, Side};

use super::applying::Site;
use super::making;
use crate::connections::Sides;
use crate::memory::{JournalEntry, Loss, PairWrite};

/// What a step is about to overwrite or delete, and what became of noting it down.
pub(super) enum Noted {
    /// It is in the journal, under these names.
    Kept(Vec<JournalEntry>),
    /// The record that was to be deleted is other than expected, or gone: the step is decided again.
    Changed,
    /// The side could not be read.
    Failed(Side, Failure),
    /// The store did not take it.
    Store(StoreFailure),
}

/// Notes down what the step is about to overwrite or delete.
pub(super) async fn note<R: Record>(site: &Site<'_>, sides: &Sides<'_, R>, step: &Step<R>) -> Noted {
    // Most are noted already, with others in one note.
    if let Err(failure) = making::note(site, sides, std::slice::from_ref(step)).await {
        return Noted::Store(failure);
    }
    let losses = match &step.action {
        Action::Delete {
            on,
            id,
            expected,
            why: _,
        } => match current(sides, step, *on, id).await {
            Ok(Reading::Present(seen)) if seen.version == *expected => {
                vec![(
                    *on,
                    Loss::Record(serde_json::to_value(&seen.record).unwrap_or_default()),
                )]
            }
            Ok(Reading::Present(_) | Reading::Gone | Reading::OutOfReach | Reading::Unreadable { .. }) => {
                return Noted::Changed;
            }
            Err(failure) => return Noted::Failed(*on, failure),
        },
        Action::Write(_) if mutation::on(Mutation::LosersUnjournaled) => Vec::new(),
        Action::Write(_) => step
            .lost
            .iter()
            .filter_map(|lost| {
                let record = &step.seen.get(lost.side).as_ref()?.record;
                let field = R::field_name(lost.field).to_owned();
                Some((
                    lost.side,
                    Loss::Field {
                        field,
                        value: record.journal_value(lost.field),
                    },
                ))
            })
            .collect(),
        Action::Create { .. } | Action::CreateSeries { .. } | Action::Remember(_) | Action::Forget => {
            Vec::new()
        }
    };
    if losses.is_empty() {
        return Noted::Kept(Vec::new());
    }
    let now = site.engine.doors.clock.now();
    let ids = PerSide::from_fn(|side| step.id(side).cloned());
    let entries: Vec<JournalEntry> = losses
        .into_iter()
        .map(|(side, loss)| JournalEntry {
            id: JournalEntry::name(now, site.run_id, site.next_entry()),
            at: now,
            run_id: site.run_id.to_owned(),
            kind: R::KIND,
            side,
            ids: ids.clone(),
            why: match &step.action {
                Action::Delete { why: Why::Hidden, .. } => "hidden",
                Action::Delete {
                    why: Why::Deleted, ..
                } => "deletion",
                Action::Create { .. }
                | Action::CreateSeries { .. }
                | Action::Write(_)
                | Action::Remember(_)
                | Action::Forget => "conflict",
            }
            .to_owned(),
            loss,
            won_by: side.other(),
            restored_at: None,
        })
        .collect();
    let write = PairWrite {
        journal: entries.clone(),
        ..PairWrite::default()
    };
    match site.commit(&[write]).await {
        Ok(()) => Noted::Kept(entries),
        Err(failure) => Noted::Store(failure),
    }
}

/// The record that is to be deleted: as this run has read it, or read now.
async fn current<R: Record>(
    sides: &Sides<'_, R>,
    step: &Step<R>,
    on: Side,
    id: &RemoteId,
) -> Result<Reading<R>, Failure> {
    match step.seen.get(on) {
        Some(seen) => Ok(Reading::Present(Observed::clone(seen))),
        None => sides.get(on).read(id).await,
    }
}

/// Takes entries back whose values were not overwritten after all.
pub(super) async fn take_back(site: &Site<'_>, entries: &[JournalEntry]) -> Result<(), StoreFailure> {
    if entries.is_empty() {
        return Ok(());
    }
    let unjournal = entries.iter().map(|entry| entry.id.clone()).collect();
    site.commit(&[PairWrite {
        unjournal,
        ..PairWrite::default()
    }])
    .await
}
