//! The sealing key's file.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use sealing::{KEY_BYTES, key_text, parse_key};
use sync_core::port::Entropy;
use zeroize::Zeroizing;

use super::{DataFolderError, sync_folder_of};

/// The owner reads and writes, nobody else does anything.
const OWNER_ONLY: u32 = 0o600;

/// Reads the key; `None` where there is no such file.
pub(super) fn read(file: &Path) -> Result<Option<Zeroizing<[u8; KEY_BYTES]>>, DataFolderError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(DataFolderError::KeyUnreadable { key: file.to_owned() });
        }
        Err(error) => return Err(DataFolderError::of_file(file)(error)),
    };
    let key = parse_key(&text).map_err(|_| DataFolderError::KeyUnreadable { key: file.to_owned() })?;
    keep_to_owner(file)?;
    Ok(Some(key))
}

/// Makes a key and its file: whole, or not at all.
pub(super) fn make(
    file: &Path,
    entropy: &dyn Entropy,
) -> Result<Zeroizing<[u8; KEY_BYTES]>, DataFolderError> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    entropy.fill(key.as_mut());
    let unfinished = file.with_extension("key.new");
    write_whole(&unfinished, file, &key_text(&key)).map_err(DataFolderError::of_file(file))?;
    Ok(key)
}

fn write_whole(unfinished: &Path, file: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(unfinished)?;
    writeln!(written, "{text}")?;
    written.sync_all()?;
    fs::rename(unfinished, file)?;
    sync_folder_of(file)
}

/// Takes away others' rights on the key, as they come with a copy from a backup.
fn keep_to_owner(file: &Path) -> Result<(), DataFolderError> {
    let failed = DataFolderError::of_file(file);
    let mode = fs::metadata(file).map_err(&failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!("the sealing key could be read by others than its owner; their rights are taken away");
        fs::set_permissions(file, Permissions::from_mode(OWNER_ONLY)).map_err(failed)?;
    }
    Ok(())
}
