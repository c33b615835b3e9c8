//! The limits that every store keeps, because the strictest of them has them.
//!
//! # Source
//! "Service, account, and table quotas in Amazon DynamoDB" and "AWS Secrets Manager quotas", developer guides.

use std::collections::BTreeSet;

use super::secrets::SecretsFailure;
use super::store::{Key, StoreFailure, TRANSACTION_WRITES_MAX, Write};

/// Most bytes of a row with all its parts and names.
pub const ROW_BYTES_MAX: usize = 400 * 1024;

/// Most bytes of all rows of one transaction.
pub const TRANSACTION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Most bytes of a partition key.
pub const PARTITION_KEY_BYTES_MAX: usize = 2048;

/// Most bytes of a sort key.
pub const SORT_KEY_BYTES_MAX: usize = 1024;

/// Most bytes of a secret's value.
pub const SECRET_BYTES_MAX: usize = 65_536;

/// Most characters of a secret's name; the keeper's own limit is 512 with the deployment's prefix.
const SECRET_NAME_CHARACTERS_MAX: usize = 400;

/// Room kept in a row for what is not key, body or progress: the attributes' names, the numbers, the lease.
const ROW_OVERHEAD_BYTES: usize = 256;

/// Checks that both parts of a key are there and not too long.
///
/// # Errors
/// `Refused` where they are not.
pub fn check_key(key: &Key) -> Result<(), StoreFailure> {
    if key.pk.is_empty() || key.sk.is_empty() {
        return Err(StoreFailure::Refused("a key has an empty part".to_owned()));
    }
    if key.pk.len() > PARTITION_KEY_BYTES_MAX || key.sk.len() > SORT_KEY_BYTES_MAX {
        return Err(StoreFailure::Refused(format!(
            "a key is too long: at most {PARTITION_KEY_BYTES_MAX} and {SORT_KEY_BYTES_MAX} bytes"
        )));
    }
    Ok(())
}

/// Checks that a row with these parts is not too large.
///
/// # Errors
/// `Refused` where it is.
pub fn check_row(key: &Key, body: &str, progress: Option<&str>) -> Result<(), StoreFailure> {
    if row_bytes(key, body, progress) > ROW_BYTES_MAX {
        return Err(StoreFailure::Refused(format!(
            "a row is larger than {ROW_BYTES_MAX} bytes"
        )));
    }
    Ok(())
}

/// Checks what can be known of a transaction without looking at the rows that are there: the number of writes,
/// the keys, that no key comes twice, and the sizes.
///
/// # Errors
/// `Refused` where a limit is broken.
pub fn check_writes(writes: &[Write]) -> Result<(), StoreFailure> {
    if writes.len() > TRANSACTION_WRITES_MAX {
        return Err(StoreFailure::Refused(format!(
            "a transaction has {} writes, at most {TRANSACTION_WRITES_MAX} are possible",
            writes.len()
        )));
    }
    let mut keys = BTreeSet::new();
    let mut bytes = 0_usize;
    for write in writes {
        let key = write.key();
        check_key(key)?;
        if !keys.insert(key) {
            return Err(StoreFailure::Refused(
                "two writes of one transaction name the same row".to_owned(),
            ));
        }
        let body = match write {
            Write::Put { body, .. } => body.as_str(),
            Write::Delete { .. } | Write::Guard { .. } => "",
        };
        check_row(key, body, None)?;
        bytes = bytes.saturating_add(row_bytes(key, body, None));
    }
    if writes.len() > 1 && bytes > TRANSACTION_BYTES_MAX {
        return Err(StoreFailure::Refused(format!(
            "a transaction is larger than {TRANSACTION_BYTES_MAX} bytes"
        )));
    }
    Ok(())
}

/// Checks a secret's name.
///
/// # Errors
/// `Refused` where it is empty, too long or holds a character that the keeper does not take.
pub fn check_secret_name(name: &str) -> Result<(), SecretsFailure> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    if name.is_empty() || name.len() > SECRET_NAME_CHARACTERS_MAX || !name.chars().all(allowed) {
        return Err(SecretsFailure::Refused(format!(
            "a secret's name has 1 to {SECRET_NAME_CHARACTERS_MAX} characters of A-Z a-z 0-9 / _ + = . @ -"
        )));
    }
    Ok(())
}

/// Checks the size of a secret's value.
///
/// # Errors
/// `Refused` where it is empty or too large.
pub fn check_secret_value(value: &str) -> Result<(), SecretsFailure> {
    if value.is_empty() || value.len() > SECRET_BYTES_MAX {
        return Err(SecretsFailure::Refused(format!(
            "a secret has 1 to {SECRET_BYTES_MAX} bytes"
        )));
    }
    Ok(())
}

fn row_bytes(key: &Key, body: &str, progress: Option<&str>) -> usize {
    [
        key.pk.len(),
        key.sk.len(),
        body.len(),
        progress.map_or(0, str::len),
    ]
    .into_iter()
    .fold(ROW_OVERHEAD_BYTES, usize::saturating_add)
}
