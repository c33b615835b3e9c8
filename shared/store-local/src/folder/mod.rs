//! The data folder: one process owns it at a time.

mod error;
mod file;
mod key;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sealing::{KEY_BYTES, NONCE_BYTES, Sealer};
use sync_core::port::{Clock, Entropy};
use zeroize::Zeroizing;

use crate::database::Database;
use crate::{LocalSecrets, LocalStore};

pub use error::DataFolderError;

const DATABASE_FILE: &str = "sync.db";
const KEY_FILE: &str = "sealing.key";
const LOCK_FILE: &str = "lock";

/// An open data folder. It stays ours until this and every store and keeper made from it are dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    database: Arc<Database>,
    key: SealingKey,
    entropy: Arc<dyn Entropy>,
}

impl DataFolder {
    /// Opens the folder, making it and what belongs in it where it is not there yet.
    ///
    /// Leases found in it are cleared: they are of a process that is no more, since the folder is ours now.
    ///
    /// # Errors
    /// Where it is another process's, where its files are damaged or not of this program, where the key is
    /// missing or another. The files are left as they are.
    pub fn open(path: &Path, entropy: Arc<dyn Entropy>) -> Result<Self, DataFolderError> {
        make_folder(path)?;
        let lock = take_lock(path)?;
        let (database_file, key_file) = (path.join(DATABASE_FILE), path.join(KEY_FILE));
        let is_new = !database_file
            .try_exists()
            .map_err(DataFolderError::of_file(&database_file))?;
        if is_new {
            file::check_no_leftover(&database_file)?;
        } else {
            file::check_header(&database_file)?;
        }
        let key = match key::read(&key_file)? {
            Some(key) => key,
            None if is_new => key::make(&key_file, entropy.as_ref())?,
            None => {
                return Err(DataFolderError::KeyMissing {
                    key: key_file,
                    database: database_file,
                });
            }
        };
        let sealer = Sealer::new(*key);
        if is_new {
            let mut nonce = [0; NONCE_BYTES];
            entropy.fill(&mut nonce);
            file::make(
                &database_file,
                &sealer.seal(KEY_CHECK, KEY_CHECK.as_bytes(), nonce),
            )?;
        }
        let opened = file::open(&database_file)?;
        if sealer.open(KEY_CHECK, &opened.key_check).is_err() {
            return Err(DataFolderError::KeyOther {
                key: key_file,
                database: database_file,
            });
        }
        let connection = file::take_over(&database_file, opened)?;
        let database = Arc::new(Database::new(connection, lock));
        Ok(Self {
            path: path.to_owned(),
            database,
            key: SealingKey(key),
            entropy,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rows, which expire by this clock. Those that have expired are cleared away now and then.
    pub fn store(&self, clock: Arc<dyn Clock>) -> LocalStore {
        LocalStore::new(Arc::clone(&self.database), clock)
    }

    /// The secrets.
    pub fn secrets(&self) -> LocalSecrets {
        LocalSecrets::new(
            Arc::clone(&self.database),
            Sealer::new(*self.key.0),
            Arc::clone(&self.entropy),
        )
    }

    /// The key of its own that the folder keeps, for whatever else must not lie open in a row.
    pub fn sealing_key(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        self.key.0.clone()
    }
}

/// A text sealed when the database is made, so that a key which is not the database's is noticed at once.
const KEY_CHECK: &str = "key check";

struct SealingKey(Zeroizing<[u8; KEY_BYTES]>);

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealingKey(not shown)")
    }
}

fn make_folder(path: &Path) -> Result<(), DataFolderError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| DataFolderError::Folder {
            folder: path.to_owned(),
            reason: error.kind(),
        })
}

fn take_lock(path: &Path) -> Result<File, DataFolderError> {
    let file = path.join(LOCK_FILE);
    // The lock is the system's and ends with the process, however that ends; the file itself says nothing.
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&file)
        .map_err(DataFolderError::of_file(&file))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse {
            folder: path.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(DataFolderError::of_file(&file)(error)),
    }
}

/// Makes a file's name last, not only its content.
fn sync_folder_of(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
