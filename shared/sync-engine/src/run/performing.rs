//! Does what a step asks of the sides.

use sync_core::change::Reading;
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::Record;
use sync_core::plan::{Action, Step};
use sync_core::port::{Remote, StoreFailure};
use sync_core::settle::Did;
use sync_core::side::{PerSide, Side};

use super::applying::Site;
use super::under_way;
use crate::connections::Sides;

/// Asks the sides. `Err`: the store failed in the middle, nothing more may be written.
pub(super) async fn perform<R: Record>(
    site: &Site<'_>,
    sides: &Sides<'_, R>,
    step: &Step<R>,
) -> Result<Did<R>, StoreFailure> {
    Ok(match &step.action {
        Action::Create { on, create } => Did::Created(sides.get(*on).create(create).await),
        Action::Write(writes) => {
            let write = |side: Side| async move {
                match writes.get(side) {
                    Some(update) => under_way::update(&site.notes, side, *sides.get(side), update)
                        .await
                        .map(Some),
                    None => Ok(None),
                }
            };
            let (crm, google) = futures::join!(write(Side::Crm), write(Side::Google));
            Did::Wrote(PerSide {
                crm: crm?,
                google: google?,
            })
        }
        Action::Delete {
            on,
            id,
            expected,
            why: _,
        } => Did::Deleted(delete(*sides.get(*on), id, expected).await),
        // A series is carried out by itself.
        Action::CreateSeries { .. } | Action::Remember(_) | Action::Forget => Did::Nothing,
    })
}

/// Deletes a record. Where there is nothing under its name, it may have been moved meanwhile.
async fn delete<R: Record>(
    remote: &dyn Remote<R>,
    id: &RemoteId,
    expected: &Version,
) -> Result<bool, Failure> {
    let deleted = remote.delete(id, expected).await?;
    if !deleted && matches!(remote.read(id).await?, Reading::Present(seen) if seen.id != *id) {
        return Err(Failure::conflict("moved", "The record was moved."));
    }
    Ok(deleted)
}
