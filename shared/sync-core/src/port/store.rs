//! The door to our memory: rows under two keys, with the semantics of one DynamoDB table.
//!
//! A row has two parts with two owners, so that neither waits for the other: `body`, written with
//! [`Store::write`] by whoever administers, and `progress`, written with [`Store::finish`] by the run that holds
//! the row's lease. Both stores keep DynamoDB's limits, so that what passes locally passes on AWS.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Most writes in one transaction (DynamoDB's own limit).
pub const TRANSACTION_WRITES_MAX: usize = 100;

/// A row's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition: what is listed together.
    pub pk: String,
    /// Sort key: order within the partition.
    pub sk: String,
}

impl Key {
    /// Joins both parts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

/// A row as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub key: Key,
    /// Counts the writes of `body`, from 1. The lease and `progress` do not move it.
    pub version: u64,
    /// When it stops existing, kept to the whole second; a row past it is never returned, deleted or not, and
    /// every demand takes it for absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// The administered part, as JSON text.
    pub body: String,
    /// The run's part, as JSON text; only rows that can be leased have one.
    pub progress: Option<String>,
    /// The number of the last lease granted on it; 0 before the first.
    pub fence: u64,
}

/// What a write demands of the row as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing: last writer wins.
    Anything,
    /// That there is none (an expired row counts as none).
    Absent,
    /// That its `version` is this.
    Version(u64),
}

/// One write of a transaction. No two writes of one transaction may name the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Sets `body` and expiry, leaves lease and `progress` alone.
    Put {
        /// The row.
        key: Key,
        /// The new body.
        body: String,
        /// The new expiry.
        expires_at: Option<DateTime<Utc>>,
        /// The demand.
        expect: Expect,
    },
    /// Deletes the row with all its parts.
    Delete {
        /// The row.
        key: Key,
        /// The demand.
        expect: Expect,
    },
    /// Demands that the holder still holds the row's lease, and prolongs it.
    Guard {
        /// The leased row.
        key: Key,
        /// Who claims to hold it.
        holder: Holder,
        /// Until when it is held now.
        until: DateTime<Utc>,
    },
}

impl Write {
    /// The row that it names.
    pub fn key(&self) -> &Key {
        match self {
            Write::Put { key, .. } | Write::Delete { key, .. } | Write::Guard { key, .. } => key,
        }
    }
}

/// Asks for a row's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who asks. Asking again under the same id, after a lost answer, is granted again, under a new fence: the
    /// grant whose answer was lost ends thereby.
    pub run_id: String,
    /// The present instant: a lease that ended before it is free.
    pub now: DateTime<Utc>,
    /// Until when it shall be held.
    pub until: DateTime<Utc>,
}

/// Who holds a lease: the run and the fence it was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The run.
    pub run_id: String,
    /// The number of its lease, greater than that of every lease before it.
    pub fence: u64,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    /// Granted, with the row as it is; `row.fence` is the lease's number.
    Granted(Row),
    /// Another run holds it until then.
    Leased {
        /// When it ends, if it is not prolonged.
        until: DateTime<Utc>,
    },
    /// There is no such row; none is made.
    Missing,
}

/// In which order a query lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By sort key, smallest first.
    Ascending,
    /// By sort key, greatest first.
    Descending,
}

/// One page of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPage {
    /// The rows; a page may be short or empty although more follow.
    pub rows: Vec<Row>,
    /// The sort key to go on after, if there is more.
    pub next: Option<String>,
}

/// Remembers rows. Reads are strongly consistent.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Reads one row.
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreFailure>;

    /// Reads many rows, in any order; those that do not exist are left out. No limit on how many.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Row>, StoreFailure>;

    /// Lists a partition's rows whose sort key begins with `prefix`, going on after the sort key `after`.
    async fn query(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<RowPage, StoreFailure>;

    /// Writes all or nothing. A write whose answer was lost and that is sent again is recognised as our own.
    async fn write(&self, writes: &[Write]) -> Result<(), StoreFailure>;

    /// Claims a row's lease and reads the row in the same step.
    async fn acquire(&self, key: &Key, claim: &Claim) -> Result<Acquired, StoreFailure>;

    /// Sets `progress` and gives the lease back, provided that the holder still holds it (its time may have
    /// run out as long as nobody else was granted it). The same finish sent again is recognised.
    async fn finish(&self, key: &Key, holder: &Holder, progress: &str) -> Result<(), StoreFailure>;
}

/// Why the store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailure {
    /// A demand was not met; nothing was written.
    #[error("a stored row was changed by somebody else meanwhile")]
    ConditionFailed,
    /// The lease is somebody else's by now; nothing was written.
    #[error("the lease has passed to another run")]
    LeaseLost,
    /// The store is busy or away; worth another try. Whether it was written is unknown.
    #[error("the store did not answer: {0}")]
    Unavailable(String),
    /// The request breaks a limit of the store, or the store answered nonsense.
    #[error("the store refused: {0}")]
    Refused(String),
}
