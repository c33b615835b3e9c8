//! Items as rows, and rows as items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use sync_core::port::{Key, Row, StoreFailure};

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
pub(super) const VERSION: &str = "ver";
pub(super) const EXPIRY: &str = "exp";
pub(super) const BODY: &str = "body";
pub(super) const PROGRESS: &str = "progress";
pub(super) const FENCE: &str = "fence";
pub(super) const LEASE_RUN: &str = "lease_run";
pub(super) const LEASE_UNTIL: &str = "lease_until";
pub(super) const WRITE_ID: &str = "write_id";

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The key as DynamoDB takes it.
pub(super) fn key_item(key: &Key) -> Item {
    HashMap::from([(PK.to_owned(), text(&key.pk)), (SK.to_owned(), text(&key.sk))])
}

/// The whole item of a row that was not there before.
pub(super) fn fresh_item(key: &Key, body: &str, expires_at: Option<DateTime<Utc>>) -> Item {
    let mut item = key_item(key);
    item.insert(VERSION.to_owned(), number(1));
    item.insert(BODY.to_owned(), text(body));
    if let Some(at) = expires_at {
        item.insert(EXPIRY.to_owned(), number(at.timestamp()));
    }
    item
}

/// Reads an item.
pub(super) fn row(item: &Item) -> Result<Row, StoreFailure> {
    let expires_at = match signed(item, EXPIRY)? {
        None => None,
        Some(seconds) => Some(DateTime::from_timestamp_secs(seconds).ok_or_else(|| unreadable(EXPIRY))?),
    };
    let required = |name: &'static str| string(item, name)?.ok_or_else(|| unreadable(name));
    Ok(Row {
        key: Key::new(required(PK)?, required(SK)?),
        version: counter(item, VERSION)?,
        expires_at,
        body: required(BODY)?.to_owned(),
        progress: string(item, PROGRESS)?.map(ToOwned::to_owned),
        fence: counter(item, FENCE)?,
    })
}

/// False where the item has expired, deleted or not.
pub(super) fn is_live(item: &Item, now: i64) -> Result<bool, StoreFailure> {
    Ok(signed(item, EXPIRY)?.is_none_or(|at| at > now))
}

/// A text, where the item has it.
pub(super) fn string<'a>(item: &'a Item, name: &'static str) -> Result<Option<&'a str>, StoreFailure> {
    match item.get(name) {
        None => Ok(None),
        Some(value) => value
            .as_s()
            .map(|text| Some(text.as_str()))
            .map_err(|_| unreadable(name)),
    }
}

/// A number that counts up from 0; 0 where the item does not have it.
pub(super) fn counter(item: &Item, name: &'static str) -> Result<u64, StoreFailure> {
    Ok(parsed(item, name)?.unwrap_or(0))
}

/// A number of seconds or milliseconds, where the item has it.
pub(super) fn signed(item: &Item, name: &'static str) -> Result<Option<i64>, StoreFailure> {
    parsed(item, name)
}

fn parsed<T: std::str::FromStr>(item: &Item, name: &'static str) -> Result<Option<T>, StoreFailure> {
    match item.get(name) {
        None => Ok(None),
        Some(value) => {
            let parsed = value.as_n().ok().and_then(|digits| digits.parse().ok());
            parsed.map(Some).ok_or_else(|| unreadable(name))
        }
    }
}

fn unreadable(name: &str) -> StoreFailure {
    StoreFailure::Refused(format!(
        "an item's attribute {name} is not as this program writes it"
    ))
}
