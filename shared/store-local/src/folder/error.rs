//! What is said when a data folder cannot be opened: which file, what is wrong, what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why a data folder could not be opened. Nothing in it was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataFolderError {
    /// Another process owns it.
    #[error(
        "the data folder {} is in use by another process: stop that one first, or choose another folder",
        folder.display()
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// It cannot be made or entered.
    #[error("the data folder {} cannot be made or opened ({reason}): check its path and rights", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        reason: io::ErrorKind,
    },
    /// A file in it cannot be read or written.
    #[error("{} cannot be read or written ({reason}): check its rights and the room on the disk", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: io::ErrorKind,
    },
    /// The database was not made by this program.
    #[error(
        "{} is not a database of this program and was left as it is: choose another folder, or move the file away",
        file.display()
    )]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// The database was written by a newer release.
    #[error(
        "{} was written by a newer release (its form is {found}, this one knows {known}) and was left as it is: \
         use that release",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// The form it has.
        found: u32,
        /// The newest form that this release knows.
        known: u32,
    },
    /// The database is not there, but the journal that belongs to it is.
    #[error(
        "{} is missing although its journal {} is there: restore both from the same backup, or move the journal away",
        database.display(), journal.display()
    )]
    Leftover {
        /// The journal.
        journal: PathBuf,
        /// The database.
        database: PathBuf,
    },
    /// The database is damaged.
    #[error(
        "{} is damaged and was left as it is: restore the data folder from a backup, or move it and its \
         journal away and link the accounts anew",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// The key's file is not there although the database is.
    #[error(
        "{} is missing, without which the secrets in {} cannot be opened: restore it from a backup",
        key.display(), database.display()
    )]
    KeyMissing {
        /// The key's file.
        key: PathBuf,
        /// The database.
        database: PathBuf,
    },
    /// The key's file holds no key.
    #[error("{} does not hold a sealing key and was left as it is: restore it from a backup", key.display())]
    KeyUnreadable {
        /// The key's file.
        key: PathBuf,
    },
    /// The key is another database's.
    #[error(
        "the key in {} is not the one that {} was sealed with: restore both from the same backup",
        key.display(), database.display()
    )]
    KeyOther {
        /// The key's file.
        key: PathBuf,
        /// The database.
        database: PathBuf,
    },
    /// SQLite could not open the database, for a reason that may pass.
    #[error("{} cannot be opened: {reason}", file.display())]
    Database {
        /// The file.
        file: PathBuf,
        /// What SQLite says.
        reason: String,
    },
}

impl DataFolderError {
    /// For `map_err` after work on this file.
    pub(super) fn of_file(file: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |error| Self::File {
            file: file.to_owned(),
            reason: error.kind(),
        }
    }
}
