//! Reading rows.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, ToSql};
use sync_core::port::{Key, Order, Row, RowPage, StoreFailure};

use super::seconds;
use crate::database::Stop;

/// The columns of a [`Row`], in the order in which [`decode`] takes them.
pub(super) const COLUMNS: &str = "pk, sk, ver, exp, body, progress, fence";

/// What a page is asked for.
pub(super) struct List {
    pub(super) pk: String,
    pub(super) prefix: String,
    pub(super) after: Option<String>,
    pub(super) limit: usize,
    pub(super) order: Order,
}

pub(super) fn row(connection: &Connection, key: &Key, now: DateTime<Utc>) -> Result<Option<Row>, Stop> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM rows WHERE pk = ?1 AND sk = ?2 AND (exp IS NULL OR exp > ?3)"
    ))?;
    Ok(statement
        .query_row((&key.pk, &key.sk, seconds(now)), decode)
        .optional()?)
}

pub(super) fn rows(
    connection: &mut Connection,
    keys: Vec<Key>,
    now: DateTime<Utc>,
) -> Result<Vec<Row>, Stop> {
    // One transaction, so that all rows are seen as of the same moment.
    let transaction = connection.transaction()?;
    let mut found = Vec::new();
    for key in keys.into_iter().collect::<BTreeSet<_>>() {
        found.extend(row(&transaction, &key, now)?);
    }
    Ok(found)
}

pub(super) fn page(connection: &Connection, list: &List, now: DateTime<Utc>) -> Result<RowPage, Stop> {
    if list.limit == 0 {
        return Err(StoreFailure::Refused("a page has at least one row".to_owned()).into());
    }
    // One row more than asked for tells whether there is more.
    let fetched = i64::try_from(list.limit).unwrap_or(i64::MAX).saturating_add(1);
    let (now, end) = (seconds(now), after_all_with(&list.prefix));
    let mut sql =
        format!("SELECT {COLUMNS} FROM rows WHERE pk = ?1 AND (exp IS NULL OR exp > ?2) AND sk >= ?3");
    let mut values: Vec<&dyn ToSql> = vec![&list.pk, &now, &list.prefix];
    if let Some(end) = &end {
        values.push(end);
        sql = format!("{sql} AND sk < ?{}", values.len());
    }
    let (beyond, direction) = match list.order {
        Order::Ascending => (">", "ASC"),
        Order::Descending => ("<", "DESC"),
    };
    if let Some(after) = &list.after {
        values.push(after);
        sql = format!("{sql} AND sk {beyond} ?{}", values.len());
    }
    values.push(&fetched);
    sql = format!("{sql} ORDER BY sk {direction} LIMIT ?{}", values.len());
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement
        .query_map(values.as_slice(), decode)?
        .collect::<rusqlite::Result<Vec<Row>>>()?;
    let more = rows.len() > list.limit;
    rows.truncate(list.limit);
    let next = if more {
        rows.last().map(|row| row.key.sk.clone())
    } else {
        None
    };
    Ok(RowPage { rows, next })
}

/// Reads the columns of [`COLUMNS`].
pub(super) fn decode(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let expires_at = match row.get::<_, Option<i64>>(3)? {
        None => None,
        Some(seconds) => Some(
            DateTime::from_timestamp_secs(seconds)
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(3, seconds))?,
        ),
    };
    Ok(Row {
        key: Key {
            pk: row.get(0)?,
            sk: row.get(1)?,
        },
        version: counter(row, 2)?,
        expires_at,
        body: row.get(4)?,
        progress: row.get(5)?,
        fence: counter(row, 6)?,
    })
}

/// Reads a number that only ever counts up from 0.
pub(super) fn counter(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// The smallest text that comes after every text beginning with `prefix`, if there is one. Texts are ordered
/// by their bytes, which for UTF-8 is the order of their code points.
fn after_all_with(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        // The range knows that surrogates are not characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}
