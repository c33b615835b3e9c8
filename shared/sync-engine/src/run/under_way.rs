//! Work at a side that is noted before it is begun, because a run that dies in the middle cannot say so afterwards.
//!
//! A note is written under the lease and says what was to be seen before. It goes when the work has come to its end. The
//! run after one that did not come to its end reads the notes that are left, and each sort of work says what it does
//! about them: what a change took away is put back before anything is read; copies are known again by [`making`].
//!
//! [`making`]: super::making

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId};
use sync_core::kind::{Kind, Record};
use sync_core::port::{Holder, Remote, Safekeeping, StoreFailure, Update};
use sync_core::side::Side;

use super::step::stopping;
use super::{Doors, lease, store_failure};
use crate::connections::Sides;
use crate::memory::{Making, PairWrite, UnderWay, Work};

/// The notes that one run writes about one kind.
#[derive(Debug)]
pub(super) struct Notes<'a> {
    doors: &'a Doors,
    link: &'a AccountLinkId,
    holder: &'a Holder,
    kind: Kind,
    written: AtomicUsize,
    /// The notes of copies.
    copies: Mutex<Vec<String>>,
    /// The copies that are noted.
    makings: Mutex<BTreeSet<Making>>,
    /// Whether a change has not come to a good end that had taken something away.
    is_any_left: AtomicBool,
}

impl<'a> Notes<'a> {
    pub(super) fn new(doors: &'a Doors, link: &'a AccountLinkId, holder: &'a Holder, kind: Kind) -> Self {
        Self {
            doors,
            link,
            holder,
            kind,
            written: AtomicUsize::new(0),
            copies: Mutex::default(),
            makings: Mutex::default(),
            is_any_left: AtomicBool::new(false),
        }
    }

    /// Notes that work is about to begin, and says under which name.
    pub(super) async fn begin(&self, work: Work) -> Result<String, StoreFailure> {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        // In the order in which they are written: a fence is greater than all before it.
        let name = format!("{:020}-{number:06}", self.holder.fence);
        let begun = UnderWay {
            name: name.clone(),
            kind: self.kind,
            work,
        };
        let write = PairWrite {
            begun: vec![begun],
            ..PairWrite::default()
        };
        self.write(&[write]).await?;
        Ok(name)
    }

    /// Notes that copies are about to be made, all in one note.
    pub(super) async fn begin_copies(
        &self,
        makings: Vec<Making>,
        known: BTreeSet<RemoteId>,
        whole: bool,
    ) -> Result<(), StoreFailure> {
        let work = Work::Copies {
            makings: makings.clone(),
            known,
            whole,
        };
        let name = self.begin(work).await?;
        locked(&self.copies).push(name);
        locked(&self.makings).extend(makings);
        Ok(())
    }

    /// Whether the making of a copy is noted.
    pub(super) fn has(&self, making: &Making) -> bool {
        locked(&self.makings).contains(making)
    }

    /// What takes the notes of this run's copies away. To be written with the last of them, or after it: by then every
    /// copy stands in a pair, or was not made.
    pub(super) fn copies_over(&self) -> Vec<PairWrite> {
        let copies = std::mem::take(&mut *locked(&self.copies));
        copies.into_iter().map(|name| self.over(name)).collect()
    }

    /// Takes the notes of copies away, those of this run and those that were left before it: it has come to its end.
    pub(super) async fn end_copies(&self, left: &[UnderWay]) -> Result<(), StoreFailure> {
        let before = left
            .iter()
            .filter(|note| matches!(note.work, Work::Copies { .. }))
            .map(|note| self.over(note.name.clone()));
        let over: Vec<_> = before.chain(self.copies_over()).collect();
        self.write(&over).await
    }

    /// Takes notes away whose work has come to its end.
    pub(super) async fn end(&self, names: Vec<String>) -> Result<(), StoreFailure> {
        let over: Vec<_> = names.into_iter().map(|name| self.over(name)).collect();
        self.write(&over).await
    }

    fn over(&self, name: String) -> PairWrite {
        PairWrite {
            over: vec![(self.kind, name)],
            ..PairWrite::default()
        }
    }

    /// Whether the next run has to look at the notes, however this one ends.
    pub(super) fn is_any_left(&self) -> bool {
        self.is_any_left.load(Ordering::Relaxed)
    }

    /// Writes under the lease.
    pub(super) async fn write(&self, writes: &[PairWrite]) -> Result<(), StoreFailure> {
        let until = lease::until(self.doors.clock.now());
        self.doors
            .memory
            .commit(self.link, self.holder, until, writes)
            .await
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Changes a record. What its side takes away for that is noted before, and the note goes when the change is done.
pub(super) async fn update<R: Record>(
    notes: &Notes<'_>,
    side: Side,
    remote: &dyn Remote<R>,
    update: &Update<R>,
) -> Result<Result<Observed<R>, Failure>, StoreFailure> {
    let safe = Safe {
        notes,
        side,
        id: &update.id,
        kept: Mutex::default(),
    };
    let answer = remote.update_safely(update, &safe).await;
    let kept = safe.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(failure) = kept.failed {
        return Err(failure);
    }
    if answer.is_ok() {
        notes.end(kept.names).await?;
    } else if !kept.names.is_empty() {
        notes.is_any_left.store(true, Ordering::Relaxed);
    }
    Ok(answer)
}

/// Where the change of one record keeps what it takes away.
struct Safe<'a> {
    notes: &'a Notes<'a>,
    side: Side,
    id: &'a RemoteId,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    names: Vec<String>,
    failed: Option<StoreFailure>,
}

#[async_trait]
impl Safekeeping for Safe<'_> {
    async fn keep(&self, taken: serde_json::Value) -> Result<(), Failure> {
        let work = Work::Change {
            side: self.side,
            id: self.id.clone(),
            taken,
        };
        let answer = self.notes.begin(work).await;
        let mut kept = locked(&self.kept);
        match answer {
            Ok(name) => {
                kept.names.push(name);
                Ok(())
            }
            Err(failure) => {
                let told = store_failure(&failure);
                kept.failed = Some(failure);
                Err(told)
            }
        }
    }
}

/// Puts back what changes took away that were cut off. What a side refuses for its own record stays noted.
pub(super) async fn put_back<R: Record>(
    notes: &Notes<'_>,
    sides: &Sides<'_, R>,
    left: &[UnderWay],
) -> Result<Result<(), (Side, Failure)>, StoreFailure> {
    for note in left {
        let Work::Change { side, id, taken } = &note.work else {
            continue;
        };
        match sides.get(*side).put_back(id, taken).await {
            Ok(()) => notes.end(vec![note.name.clone()]).await?,
            Err(failure) if stopping(&failure) => return Ok(Err((*side, failure))),
            Err(failure) => {
                notes.is_any_left.store(true, Ordering::Relaxed);
                tracing::warn!(
                    side = %side, failure.code = failure.code,
                    "what a change took away that was cut off could not be put back: {failure}"
                );
            }
        }
    }
    Ok(Ok(()))
}
