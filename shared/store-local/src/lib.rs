//! Remembers on one machine: a data folder with one SQLite file, its secrets sealed.
//!
//! | file in the folder | holds |
//! |---|---|
//! | `sync.db` (with `-wal`, `-shm`) | rows under two keys, as in DynamoDB; secrets, sealed |
//! | `sealing.key` | the key they are sealed with; the owner alone may read it |
//! | `lock` | nothing; whoever has it locked owns the folder |
//!
//! The contract is DynamoDB's, not SQL's: the same suite of laws runs over both stores, limits included. Every
//! write is on the disk before it is acknowledged (`synchronous = FULL`), so that a process killed at any moment
//! loses nothing that it was told was kept.
//!
//! | module | holds |
//! |---|---|
//! | `folder` | the folder: ownership, checks, what is said when it cannot be opened |
//! | `database` | the one connection, and how blocking work leaves the async threads |
//! | `store` | [`LocalStore`]: rows, transactions, leases |
//! | `secrets` | [`LocalSecrets`]: sealed values by name |

mod database;
mod folder;
mod secrets;
mod store;

pub use folder::{DataFolder, DataFolderError};
pub use secrets::LocalSecrets;
pub use store::LocalStore;

#[cfg(test)]
mod tests;
