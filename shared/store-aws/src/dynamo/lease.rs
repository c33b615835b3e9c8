//! Leases: each step is one update of the item.
//!
//! All of them may be repeated after a lost answer. A claim is granted again to the same run, under a new fence. A
//! lease given back shows whose it was: nobody was granted it since, and the progress is the one handed over.

use aws_sdk_dynamodb::types::ReturnValue;
use chrono::{DateTime, Utc};
use sync_core::port::{Acquired, Claim, Holder, Key, StoreFailure};

use super::DynamoStore;
use super::item::{
    FENCE, Item, LEASE_RUN, LEASE_UNTIL, PROGRESS, counter, is_live, number, row, signed, string, text,
};
use super::request::{Expressions, NOT_EXPIRED};
use super::single::{Answered, update};

pub(super) async fn acquire(store: &DynamoStore, key: &Key, claim: &Claim) -> Result<Acquired, StoreFailure> {
    let is_free = "(attribute_not_exists(#lease_run) OR #lease_run = :run OR #lease_until <= :claimed)";
    let now = store.now();
    let expressions = Expressions::with_condition(
        format!("attribute_exists(#pk) AND {NOT_EXPIRED} AND {is_free}"),
        now,
    )
    .update("SET #lease_run = :run, #lease_until = :until ADD #fence :one")
    .value(":run", text(&claim.run_id))
    .value(":claimed", number(claim.now.timestamp_millis()))
    .value(":until", number(claim.until.timestamp_millis()))
    .value(":one", number(1));
    match update(store, key, &expressions, ReturnValue::AllNew).await? {
        Answered::Done(output) => Ok(Acquired::Granted(row(&output.attributes.unwrap_or_default())?)),
        Answered::NotMet(Some(item)) if is_live(&item, now)? => {
            let until = signed(&item, LEASE_UNTIL)?.and_then(DateTime::from_timestamp_millis);
            // A condition that fails on an item without lease cannot be; whoever asks again will see.
            let until = until.ok_or_else(|| StoreFailure::Unavailable("a lease without end".to_owned()))?;
            Ok(Acquired::Leased { until })
        }
        Answered::NotMet(_) => Ok(Acquired::Missing),
    }
}

pub(super) async fn finish(
    store: &DynamoStore,
    key: &Key,
    holder: &Holder,
    progress: &str,
) -> Result<(), StoreFailure> {
    let now = store.now();
    let expressions = held_by(holder, now)
        .update("SET #progress = :progress REMOVE #lease_run, #lease_until")
        .value(":progress", text(progress));
    match update(store, key, &expressions, ReturnValue::None).await? {
        Answered::Done(_) => Ok(()),
        Answered::NotMet(Some(item)) if is_finished_by(&item, holder, progress, now)? => Ok(()),
        Answered::NotMet(_) => Err(StoreFailure::LeaseLost),
    }
}

/// True where the lease of this number was given back with this progress: only its holder can have done it.
fn is_finished_by(item: &Item, holder: &Holder, progress: &str, now: i64) -> Result<bool, StoreFailure> {
    Ok(is_live(item, now)?
        && string(item, LEASE_RUN)?.is_none()
        && counter(item, FENCE)? == holder.fence
        && string(item, PROGRESS)? == Some(progress))
}

/// Guards nothing but prolongs: a transaction of the guard alone.
pub(super) async fn prolong(
    store: &DynamoStore,
    key: &Key,
    holder: &Holder,
    until: DateTime<Utc>,
) -> Result<(), StoreFailure> {
    let expressions = guard_expressions(holder, until, store.now());
    match update(store, key, &expressions, ReturnValue::None).await? {
        Answered::Done(_) => Ok(()),
        Answered::NotMet(_) => Err(StoreFailure::LeaseLost),
    }
}

/// Demands the lease and prolongs it, alone and in a transaction.
pub(super) fn guard_expressions(holder: &Holder, until: DateTime<Utc>, now: i64) -> Expressions {
    held_by(holder, now)
        .update("SET #lease_until = :until")
        .value(":until", number(until.timestamp_millis()))
}

fn held_by(holder: &Holder, now: i64) -> Expressions {
    Expressions::with_condition(
        format!("#lease_run = :run AND #fence = :fence AND {NOT_EXPIRED}"),
        now,
    )
    .value(":run", text(&holder.run_id))
    .value(":fence", number(holder.fence))
}
