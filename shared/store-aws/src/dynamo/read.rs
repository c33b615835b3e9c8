//! Reading, always strongly consistent.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use sync_core::port::{Key, Order, Row, RowPage, StoreFailure};

use super::DynamoStore;
use super::item::{Item, SK, is_live, key_item, number, row, string, text};
use super::request::{NOT_EXPIRED, names_in};
use crate::failure::{CallFailure, not_built};
use crate::repeat::pause;

/// Most keys of one batch (DynamoDB's own limit).
const BATCH_KEYS_MAX: usize = 100;

/// Tries without a single row read before a batch is given up.
const FRUITLESS_TRIES_MAX: u32 = 6;

/// Pause before the second try.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

pub(super) async fn get(store: &DynamoStore, key: &Key) -> Result<Option<Row>, StoreFailure> {
    let answer = store
        .client
        .get_item()
        .table_name(&store.table)
        .set_key(Some(key_item(key)))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| CallFailure::from(&error))?;
    match answer.item {
        Some(item) if is_live(&item, store.now())? => Ok(Some(row(&item)?)),
        Some(_) | None => Ok(None),
    }
}

pub(super) async fn get_many(store: &DynamoStore, keys: &[Key]) -> Result<Vec<Row>, StoreFailure> {
    let distinct: Vec<&Key> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut rows = Vec::with_capacity(distinct.len());
    for batch in distinct.chunks(BATCH_KEYS_MAX) {
        let items = get_batch(store, batch.iter().map(|key| key_item(key)).collect()).await?;
        for item in items {
            if is_live(&item, store.now())? {
                rows.push(row(&item)?);
            }
        }
    }
    Ok(rows)
}

/// Asks for what was left over until nothing is: an answer ends at 16 MB, or where the table is busy.
async fn get_batch(store: &DynamoStore, mut wanted: Vec<Item>) -> Result<Vec<Item>, StoreFailure> {
    let mut found = Vec::with_capacity(wanted.len());
    let mut fruitless = 0;
    loop {
        let request = KeysAndAttributes::builder()
            .set_keys(Some(wanted))
            .consistent_read(true)
            .build()
            .map_err(not_built)?;
        let answer = store
            .client
            .batch_get_item()
            .request_items(&store.table, request)
            .send()
            .await
            .map_err(|error| CallFailure::from(&error))?;
        let items = answer
            .responses
            .and_then(|mut tables| tables.remove(&store.table))
            .unwrap_or_default();
        let left = answer
            .unprocessed_keys
            .and_then(|mut tables| tables.remove(&store.table));
        wanted = left.map(|left| left.keys).unwrap_or_default();
        if wanted.is_empty() {
            found.extend(items);
            return Ok(found);
        }
        if items.is_empty() {
            pause(store.entropy.as_ref(), FIRST_PAUSE, fruitless).await;
            fruitless += 1;
            if fruitless >= FRUITLESS_TRIES_MAX {
                return Err(StoreFailure::Unavailable("the table is busy".to_owned()));
            }
        }
        found.extend(items);
    }
}

pub(super) async fn query(
    store: &DynamoStore,
    pk: &str,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
    order: Order,
) -> Result<RowPage, StoreFailure> {
    if limit == 0 {
        return Err(StoreFailure::Refused("a page has at least one row".to_owned()));
    }
    let start = match start(prefix, after, order) {
        Start::Beginning => None,
        Start::After(sk) => Some(key_item(&Key::new(pk, sk))),
        Start::End => {
            return Ok(RowPage {
                rows: Vec::new(),
                next: None,
            });
        }
    };
    let mut condition = "#pk = :pk".to_owned();
    let mut values: Item = HashMap::from([
        (":pk".to_owned(), text(pk)),
        (":now".to_owned(), number(store.now())),
    ]);
    if !prefix.is_empty() {
        condition.push_str(" AND begins_with(#sk, :prefix)");
        values.insert(":prefix".to_owned(), text(prefix));
    }
    let answer = store
        .client
        .query()
        .table_name(&store.table)
        .set_expression_attribute_names(Some(names_in([condition.as_str(), NOT_EXPIRED])))
        .set_expression_attribute_values(Some(values))
        .key_condition_expression(condition)
        .filter_expression(NOT_EXPIRED)
        .consistent_read(true)
        .scan_index_forward(order == Order::Ascending)
        .limit(i32::try_from(limit).unwrap_or(i32::MAX))
        .set_exclusive_start_key(start)
        .send()
        .await
        .map_err(|error| CallFailure::from(&error))?;
    let rows = answer
        .items
        .unwrap_or_default()
        .iter()
        .map(row)
        .collect::<Result<Vec<Row>, _>>()?;
    let next = match &answer.last_evaluated_key {
        Some(key) => string(key, SK)?.map(ToOwned::to_owned),
        None => None,
    };
    Ok(RowPage { rows, next })
}

/// Where a page begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Start<'a> {
    /// At the list's beginning.
    Beginning,
    /// After this sort key.
    After(&'a str),
    /// Past the list's end.
    End,
}

/// DynamoDB refuses a start key that the condition does not cover, so that one outside the prefix is replaced by the
/// end of the list that lies next to it.
pub(super) fn start<'a>(prefix: &str, after: Option<&'a str>, order: Order) -> Start<'a> {
    let Some(after) = after else {
        return Start::Beginning;
    };
    if after.starts_with(prefix) {
        // An empty sort key is before all others, and DynamoDB knows none.
        return match (after.is_empty(), order) {
            (false, _) => Start::After(after),
            (true, Order::Ascending) => Start::Beginning,
            (true, Order::Descending) => Start::End,
        };
    }
    let is_before = after < prefix;
    match (is_before, order) {
        (true, Order::Ascending) | (false, Order::Descending) => Start::Beginning,
        (true, Order::Descending) | (false, Order::Ascending) => Start::End,
    }
}
