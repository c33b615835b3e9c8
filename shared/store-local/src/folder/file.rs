//! The SQLite file: made whole, checked before it is touched, opened.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{DataFolderError, sync_folder_of};
use crate::database::told;

/// The form in which rows and secrets are kept; a change of the tables below is another form.
const FORM: u32 = 1;

/// Marks the file as this program's: `CGsy` in ASCII, SQLite's `application_id`.
const APPLICATION_ID: u32 = 0x4347_7379;

/// How long to wait for another program that reads the file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

const TABLES: &str = "
    CREATE TABLE rows (
        pk TEXT NOT NULL,
        sk TEXT NOT NULL,
        ver INTEGER NOT NULL,
        exp INTEGER,
        body TEXT NOT NULL,
        progress TEXT,
        fence INTEGER NOT NULL DEFAULT 0,
        lease_run TEXT,
        lease_until INTEGER,
        PRIMARY KEY (pk, sk)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rows_by_expiry ON rows (exp) WHERE exp IS NOT NULL;
    CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE key_check (one INTEGER PRIMARY KEY CHECK (one = 1), sealed TEXT NOT NULL) STRICT;
";

/// A file that is sound, and the text sealed under its key.
pub(super) struct Opened {
    connection: Connection,
    pub(super) key_check: String,
}

/// Reads from the file's first bytes whether it is ours, without SQLite, which would already write beside it.
///
/// # Source
/// "Database File Format", sections 1.3 and 1.3.15 (sqlite.org/fileformat2.html): the magic text at 0, the user version at
/// 60, the application id at 68, numbers big-endian.
pub(super) fn check_header(file: &Path) -> Result<(), DataFolderError> {
    let mut header = [0_u8; 100];
    match File::open(file).and_then(|mut opened| opened.read_exact(&mut header)) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(DataFolderError::Foreign {
                file: file.to_owned(),
            });
        }
        Err(error) => return Err(DataFolderError::of_file(file)(error)),
    }
    let number = |at: usize| {
        let bytes = header.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    if !header.starts_with(b"SQLite format 3\0") || number(68) != APPLICATION_ID {
        return Err(DataFolderError::Foreign {
            file: file.to_owned(),
        });
    }
    match number(60) {
        FORM => Ok(()),
        found if found > FORM => Err(DataFolderError::Newer {
            file: file.to_owned(),
            found,
            known: FORM,
        }),
        _ => Err(DataFolderError::Foreign {
            file: file.to_owned(),
        }),
    }
}

/// Looks whether a database that is not there has left its journals: SQLite would write what they hold into a
/// new one.
pub(super) fn check_no_leftover(file: &Path) -> Result<(), DataFolderError> {
    for ending in ["db-wal", "db-journal"] {
        let leftover = file.with_extension(ending);
        let bytes = match fs::metadata(&leftover) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(DataFolderError::of_file(&leftover)(error)),
        };
        // An empty one is what a look at a damaged database leaves behind.
        if bytes > 0 {
            return Err(DataFolderError::Leftover {
                journal: leftover,
                database: file.to_owned(),
            });
        }
    }
    Ok(())
}

/// Makes the file under another name and gives it its own when it is whole, so that a file of this name is
/// never half made.
pub(super) fn make(file: &Path, key_check: &str) -> Result<(), DataFolderError> {
    let unfinished = file.with_extension("db.new");
    for leftover in [unfinished.clone(), file.with_extension("db.new-journal")] {
        match fs::remove_file(&leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(DataFolderError::of_file(&leftover)(error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    // Made by us and not by SQLite, so that nobody else may read it from its first moment on; the files that
    // SQLite puts beside it get the same rights.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(DataFolderError::of_file(&unfinished))?;
    fill(&unfinished, key_check).map_err(|error| of_sqlite(&unfinished, &error))?;
    fs::rename(&unfinished, file)
        .and_then(|()| sync_folder_of(file))
        .map_err(DataFolderError::of_file(file))
}

fn fill(file: &Path, key_check: &str) -> rusqlite::Result<()> {
    let mut connection = connect(file)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute("INSERT INTO key_check (one, sealed) VALUES (1, ?1)", [key_check])?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORM)?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)
}

/// Opens the file and looks it through, writing nothing into it.
pub(super) fn open(file: &Path) -> Result<Opened, DataFolderError> {
    look_through(file)
        .map_err(|error| of_sqlite(file, &error))?
        .ok_or_else(|| damaged(file))
}

fn look_through(file: &Path) -> rusqlite::Result<Option<Opened>> {
    let connection = connect(file)?;
    // Closing the last connection would carry the write-ahead log over into a file that may turn out damaged.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(None);
    }
    let key_check =
        connection.query_row("SELECT sealed FROM key_check WHERE one = 1", [], |row| row.get(0))?;
    Ok(Some(Opened {
        connection,
        key_check,
    }))
}

/// Makes a sound file ours: durable commits, no lease of a process that is no more.
pub(super) fn take_over(file: &Path, opened: Opened) -> Result<Connection, DataFolderError> {
    let connection = opened.connection;
    settle_in(&connection).map_err(|error| of_sqlite(file, &error))?;
    Ok(connection)
}

fn settle_in(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute(
        "UPDATE rows SET lease_run = NULL, lease_until = NULL WHERE lease_run IS NOT NULL",
        [],
    )?;
    Ok(())
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    // Without `CREATE`: a file that is not there is made by `make` alone.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

fn damaged(file: &Path) -> DataFolderError {
    DataFolderError::Damaged {
        file: file.to_owned(),
    }
}

fn of_sqlite(file: &Path, error: &rusqlite::Error) -> DataFolderError {
    match error.sqlite_error_code() {
        // A table or a column that is not there means that its page was overwritten, too.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) | None => {
            damaged(file)
        }
        Some(_) => DataFolderError::Database {
            file: file.to_owned(),
            reason: told(error),
        },
    }
}
