//! What the world leaves out, because no engine could tell it from something else.
//!
//! Where a side draws the names of new records itself, a creation cannot be repeated without making a second record.
//! It is sent once, and what a dead run has made is known again by our mark, or by saying the same as its original, or as
//! what was sent where its original is gone.
//! Two coincidences defeat that, and are not played:
//!
//! * *Somebody edits.* Google took a new task, the run died before it could say so, and when the next run looks, its
//!   original says something else in title and in notes; or at all, where the original had a copy before.
//! * *Nobody waits.* The run died, and the next one looks before the lists show what was made.

use std::collections::BTreeSet;

use sync_core::id::RemoteId;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::side::{PerSide, Side};

use crate::kinds::Played;
use crate::world::World;

/// Remembers which records stand in pairs now.
pub(crate) async fn note<R: Played>(world: &World, link: usize) -> PerSide<BTreeSet<RemoteId>> {
    let memory = world.memory_as_it_is();
    let pairs = memory.pairs(&World::id(link), R::KIND).await.unwrap();
    let known = PerSide::from_fn(|side| pairs.iter().map(|pair| pair.half.get(side).id.clone()).collect());
    let google = world.server::<R>(link, Side::Google);
    google.note_paired(link, &known.google);
    known
}

/// Takes out what is not played, before a run begins.
pub(crate) async fn leave_out(world: &World, link: usize) {
    leave_edited_orphans_out::<TaskRecord>(world, link).await;
    wait_for_lists::<ContactRecord>(world, link).await;
}

/// A task of a dead run whose original says something else by now was never made. Where the original is gone, the notes
/// tell.
async fn leave_edited_orphans_out<R: Played>(world: &World, link: usize) {
    let known = note::<R>(world, link).await;
    let google = world.server::<R>(link, Side::Google);
    let originals = world.server::<R>(link, Side::Crm).living(link);
    for (id, lying) in google.living(link) {
        let Some(origin) = lying.made_from.filter(|_| !lying.was_paired) else {
            continue;
        };
        let same = originals.get(&origin).is_none_or(|original| {
            let there = google.nature.rewritten(&original.snapshot.record);
            let is_new = !known.crm.contains(&origin);
            there.is_recognised_as(&lying.snapshot.record, is_new)
        });
        if !same {
            google.unmake(link, &id);
        }
    }
}

/// Waits until the lists show the copies that no pair knows.
async fn wait_for_lists<R: Played>(world: &World, link: usize) {
    let known = note::<R>(world, link).await;
    let google = world.server::<R>(link, Side::Google);
    let is_hidden = |id: &RemoteId, made_at| !known.google.contains(id) && !google.is_listed(made_at);
    let living = google.living(link);
    if living
        .iter()
        .any(|(id, lying)| lying.made_from.is_some() && is_hidden(id, lying.made_at))
    {
        tokio::time::sleep(google.nature.lists_lag.to_std().unwrap_or_default()).await;
    }
}
