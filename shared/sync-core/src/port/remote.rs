//! The door to one provider, for one kind of record, on behalf of one user.

use async_trait::async_trait;

use super::Safekeeping;
use crate::change::{ChangeSet, Observed, Reading, Window};
use crate::failure::Failure;
use crate::id::{Cursor, RemoteId, Version};
use crate::kind::{Record, Series};

/// A provider as the engine sees it: one user's records of one kind.
///
/// Laws, which the contract suite (`sync_engine::contract::remote`) holds every connector against:
/// - every operation may run twice, and the second time harms nothing;
/// - a time-out, a cut body or a 5xx never reads as success, as an absence or as a lost authorisation;
/// - what `create` and `update` return is the record as the provider now holds it, not as it was sent;
/// - fields the record does not have are identical before and after every write;
/// - what it shows of a record is the same in every reading, whole, by what changed or by name, also over a connection
///   that has read nothing else;
/// - nothing is written over a change that was not seen, and a write that was refused has changed nothing;
/// - nobody is mailed unless the write says `notify`.
#[async_trait]
pub trait Remote<R: Record>: Send + Sync + std::fmt::Debug {
    /// What this side cannot hold.
    fn limits(&self) -> R::Limits;

    /// The id under which this side would keep a copy of the other side's record. Pure.
    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId;

    /// Whether this side tells nobody when something changes and allows so few questions that runs leave it out while
    /// nothing happens; see [`asks_again`](crate::policy::asks_again). Pure.
    fn is_asked_sparingly(&self) -> bool {
        false
    }

    /// Whether this side draws the names of new records itself and has no place for a mark of ours: then a copy that was
    /// made while the run died bears no sign of it but what it says, and the making is noted before. Pure.
    fn leaves_copies_unmarked(&self) -> bool {
        false
    }

    /// Reads what changed since the cursor; without a cursor, everything inside the window.
    ///
    /// # Errors
    /// `Resync` where the cursor is refused, `Reauth` where the authorisation is, `Retryable` otherwise.
    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<R>, Failure>;

    /// Reads one record as it is now. One that goes by another name since bears the one asked for among its
    /// [`former_ids`](crate::change::Traits::former_ids).
    ///
    /// # Errors
    /// `Reauth`, `Retryable`, `Bug`; a missing record is an answer, not an error.
    async fn read(&self, id: &RemoteId) -> Result<Reading<R>, Failure>;

    /// Makes a copy of the other side's record under its derived id. Where that id is alive already, the copy
    /// was made before and its answer lost: it is read and returned as adopted. Where the id is burnt by a
    /// deleted record, the next generation is tried.
    ///
    /// # Errors
    /// `Permanent` where the side will not have the record, else as `read`.
    async fn create(&self, create: &Create<R>) -> Result<Created<R>, Failure>;

    /// Makes one series from rows of the other side, under an id derived from the first of them. Where it is there
    /// already, it is read and returned as adopted.
    ///
    /// # Errors
    /// As `create`; `Permanent` where the side has no series.
    async fn create_series(&self, _create: &CreateSeries<R>) -> Result<SeriesCreated<R>, Failure> {
        Err(Failure::permanent("no_series", "This side keeps no series."))
    }

    /// Looks whether a copy of ours is complete, and makes it so: a run that was cut off in the middle of making it
    /// may have left it half made. Where a copy is made in one step, there is nothing to do.
    ///
    /// # Errors
    /// As `create`.
    async fn complete(&self, _copy: &RemoteId) -> Result<(), Failure> {
        Ok(())
    }

    /// Writes the named fields of one record, provided that it still is the version we saw.
    ///
    /// # Errors
    /// `Conflict` where the record changed or is gone, `Permanent` where the side will not have the fields.
    async fn update(&self, update: &Update<R>) -> Result<Observed<R>, Failure>;

    /// The same, on a side that in the middle of some updates takes away what is not read of the record: it is kept
    /// before, so that it can be put back. Nearly every update takes nothing away, keeps nothing and costs nothing more.
    ///
    /// # Errors
    /// As `update`, and as `keep`.
    async fn update_safely(
        &self,
        update: &Update<R>,
        _safe: &dyn Safekeeping,
    ) -> Result<Observed<R>, Failure> {
        self.update(update).await
    }

    /// Puts back what an update has kept that did not come to a good end, as far as it is missing and the update did not
    /// get past taking it away. Where the record is gone, there is nothing to do. Harmless to repeat.
    ///
    /// # Errors
    /// As `update`, but never `Conflict`.
    async fn put_back(&self, _id: &RemoteId, _taken: &serde_json::Value) -> Result<(), Failure> {
        Ok(())
    }

    /// Deletes one record, provided that it still is the version we saw. Answers whether it was there to delete.
    ///
    /// # Errors
    /// `Conflict` where the record changed, `Permanent` where the side will not delete it.
    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure>;
}

/// What to read.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// Where to resume; `None` reads everything inside the window.
    pub cursor: Option<Cursor>,
    /// The part of time in scope.
    pub window: Window,
}

/// A copy to make.
#[derive(Debug, Clone)]
pub struct Create<R> {
    /// The other side's record that is copied; the copy's id is derived from it.
    pub origin: RemoteId,
    /// Which making of the copy this is, from 0.
    pub generation: u32,
    /// What it shall say.
    pub record: R,
    /// Whether guests may be told.
    pub notify: bool,
}

/// What became of a copy to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Created<R> {
    /// The copy as the side holds it.
    pub observed: Observed<R>,
    /// The generation under which it was made.
    pub generation: u32,
    /// Whether it was there already: then it may differ from what was asked for.
    pub adopted: bool,
}

/// A series to make.
#[derive(Debug, Clone)]
pub struct CreateSeries<R> {
    /// The first of the other side's rows; the series' id is derived from it.
    pub origin: RemoteId,
    /// Which making of it this is, from 0.
    pub generation: u32,
    /// What it shall say, and when it recurs.
    pub series: Series<R>,
}

/// What became of a series to make.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesCreated<R> {
    /// Its occurrences as the side holds them.
    pub occurrences: Vec<Observed<R>>,
    /// The generation under which it was made.
    pub generation: u32,
    /// Whether it was there already: then it may differ from what was asked for.
    pub adopted: bool,
}

/// A change to write.
#[derive(Debug, Clone)]
pub struct Update<R: Record> {
    /// The record's name.
    pub id: RemoteId,
    /// The version we last saw; anything else is a conflict.
    pub expected: Version,
    /// The whole record as it shall read.
    pub record: R,
    /// The fields to write, no others.
    pub fields: Vec<R::Field>,
    /// Whether guests may be told.
    pub notify: bool,
}
