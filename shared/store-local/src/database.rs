//! The one connection to the SQLite file.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode};
use sync_core::port::{SecretsFailure, StoreFailure};

/// The open file, and the folder's lock for as long as anybody uses it.
pub(crate) struct Database {
    connection: Mutex<Connection>,
    /// Held, never read: dropping it gives the folder to others.
    _lock: File,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Database")
    }
}

impl Database {
    pub(crate) fn new(connection: Connection, lock: File) -> Self {
        Self {
            connection: Mutex::new(connection),
            _lock: lock,
        }
    }

    /// Does work that waits for the disk, on a thread made for waiting. Once begun it is brought to its end,
    /// even if nobody waits for it any more.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Connection) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let database = Arc::clone(self);
        tokio::task::spawn_blocking(move || database.run_now(work))
            .await
            .map_err(|_| Stop::Ended)?
    }

    /// Does work on this thread.
    pub(crate) fn run_now<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        // A panic elsewhere cannot have left a transaction open: it was rolled back when it was dropped.
        work(&mut self.connection.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why work on the database came to no end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// SQLite said no.
    Sqlite(rusqlite::Error),
    /// A law of the store was broken.
    Store(StoreFailure),
    /// The process is shutting down.
    Ended,
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Stop::Sqlite(error)
    }
}

impl From<StoreFailure> for Stop {
    fn from(failure: StoreFailure) -> Self {
        Stop::Store(failure)
    }
}

impl From<Stop> for StoreFailure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Store(failure) => failure,
            Stop::Ended => StoreFailure::Unavailable(ENDED.to_owned()),
            Stop::Sqlite(error) if may_pass(&error) => StoreFailure::Unavailable(told(&error)),
            Stop::Sqlite(error) => StoreFailure::Refused(told(&error)),
        }
    }
}

impl From<Stop> for SecretsFailure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Store(failure) => SecretsFailure::Refused(failure.to_string()),
            Stop::Ended => SecretsFailure::Unavailable(ENDED.to_owned()),
            Stop::Sqlite(error) if may_pass(&error) => SecretsFailure::Unavailable(told(&error)),
            Stop::Sqlite(error) => SecretsFailure::Refused(told(&error)),
        }
    }
}

const ENDED: &str = "the process is shutting down";

/// True where the same may go well later: a full disk, another program reading the file, a lack of memory.
fn may_pass(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
        )
    )
}

/// What happened, without statement or values.
pub(crate) fn told(error: &rusqlite::Error) -> String {
    match error.sqlite_error() {
        Some(error) => format!("the database says: {error}"),
        None => "the database holds something that this program did not write".to_owned(),
    }
}
