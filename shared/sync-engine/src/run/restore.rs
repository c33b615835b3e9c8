//! Puts a journaled value back, as an ordinary edit that the next run carries.

use sync_core::change::Reading;
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::Kind;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::mutation::{self, Mutation};
use sync_core::port::{Claim, Create, Holder, Remote, StoreFailure, Update};

use super::under_way::{self, Notes};
use super::{Engine, Refusal, lease, store_failure};
use crate::connections::{Kept, Opened};
use crate::memory::{AccountLink, JournalEntry, Leased, Loss};

/// The collection that restored records are named after, so that their ids are their own.
pub(super) const RESTORED: &str = "restored";

pub(super) async fn restore(engine: &Engine, id: &AccountLinkId, entry: &str) -> Result<(), Refusal> {
    let doors = &engine.doors;
    let now = doors.clock.now();
    let claim = Claim {
        run_id: engine.new_run_id(),
        now,
        until: lease::until(now),
    };
    let (link, holder) = match doors.memory.lease(id, &claim).await? {
        Leased::Granted(link, holder) => (link, holder),
        Leased::Busy => return Err(Refusal::Leased),
        Leased::Unknown => return Err(Refusal::Unknown),
    };
    let restored = Box::pin(under_lease(engine, &link, &holder, entry)).await;
    let mut progress = link.progress.clone();
    if progress.ended_fence + 1 == holder.fence {
        progress.ended_fence = holder.fence;
    }
    // What was put back is looked for at once.
    for kind in Kind::ALL {
        progress.of_mut(kind).asked_at = None;
    }
    match doors.memory.finish(id, &holder, &progress).await {
        Ok(()) | Err(StoreFailure::LeaseLost) => restored,
        Err(failure) => restored.and(Err(failure.into())),
    }
}

async fn under_lease(
    engine: &Engine,
    link: &AccountLink,
    holder: &Holder,
    name: &str,
) -> Result<(), Refusal> {
    let memory = &engine.doors.memory;
    let mut entry = memory
        .journal_entry(&link.id, name)
        .await?
        .ok_or(Refusal::UnknownEntry)?;
    if entry.restored_at.is_some() {
        return Err(Refusal::AlreadyRestored);
    }
    if link.reauthorization_reason().is_some() {
        return Err(Refusal::NeedsAuthorization);
    }
    let opened = engine
        .doors
        .connections
        .open(link)
        .await
        .map_err(|(_, failure)| Refusal::Failed(failure))?;
    let notes = Notes::new(&engine.doors, &link.id, holder, entry.kind);
    match entry.kind {
        Kind::Event => put_back::<EventRecord>(&*opened, &notes, &entry).await,
        Kind::Task => put_back::<TaskRecord>(&*opened, &notes, &entry).await,
        Kind::Contact => put_back::<ContactRecord>(&*opened, &notes, &entry).await,
    }
    .map_err(Refusal::Failed)?;
    entry.restored_at = Some(engine.doors.clock.now());
    Ok(memory.put_journal_entry(&link.id, &entry).await?)
}

fn unreadable() -> Failure {
    Failure::bug("journal_unreadable", "The journal entry cannot be read.")
}

async fn put_back<R: Kept>(
    opened: &dyn Opened,
    notes: &Notes<'_>,
    entry: &JournalEntry,
) -> Result<(), Failure> {
    let sides = R::of(opened).ok_or_else(unreadable)?;
    if mutation::on(Mutation::RestoredUnwritten) {
        return Ok(());
    }
    let remote: &dyn Remote<R> = *sides.get(entry.side);
    match &entry.loss {
        Loss::Field { field, value } => {
            let field = R::field_named(field).ok_or_else(unreadable)?;
            let id = entry.ids.get(entry.side).as_ref().ok_or_else(unreadable)?;
            let Reading::Present(seen) = remote.read(id).await? else {
                return Err(Failure::permanent(
                    "record_gone",
                    "The record is no longer there.",
                ));
            };
            let mut record = seen.record;
            record.put_journal_value(field, value).ok_or_else(unreadable)?;
            let update = Update {
                id: seen.id,
                expected: seen.version,
                record,
                fields: vec![field],
                notify: false,
            };
            under_way::update(notes, entry.side, remote, &update)
                .await
                .map_err(|failure| store_failure(&failure))?
                .map(drop)
        }
        Loss::Record(value) => {
            let record: R = serde_json::from_value(value.clone()).map_err(|_| unreadable())?;
            // Named after the entry: put back twice, it is there once.
            let origin = RemoteId::new(RESTORED, entry.id.clone());
            remote
                .create(&Create {
                    origin,
                    generation: 0,
                    record,
                    notify: false,
                })
                .await
                .map(drop)
        }
    }
}
