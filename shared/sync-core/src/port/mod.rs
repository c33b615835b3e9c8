//! The doors through which the engine reaches the world.

mod limits;
mod remote;
mod safekeeping;
mod schedules;
mod secrets;
mod store;

use chrono::{DateTime, Utc};

pub use limits::{
    PARTITION_KEY_BYTES_MAX, ROW_BYTES_MAX, SECRET_BYTES_MAX, SORT_KEY_BYTES_MAX, TRANSACTION_BYTES_MAX,
    check_key, check_row, check_secret_name, check_secret_value, check_writes,
};
pub use remote::{Create, CreateSeries, Created, ReadRequest, Remote, SeriesCreated, Update};
pub use safekeeping::Safekeeping;
pub use schedules::{Schedules, SchedulesFailure, Trigger};
pub use secrets::{SecretText, Secrets, SecretsFailure};
pub use store::{
    Acquired, Claim, Expect, Holder, Key, Order, Row, RowPage, Store, StoreFailure, TRANSACTION_WRITES_MAX,
    Write,
};

/// What time it is. Only `main` functions make a real one.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;
}

/// Unpredictable bytes. Only `main` functions make a real one.
pub trait Entropy: Send + Sync + std::fmt::Debug {
    /// Fills the buffer with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}
