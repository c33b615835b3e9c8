//! Writes that stand alone: half the price of a transaction.
//!
//! A put whose answer was lost is repeated by the SDK and then meets its own work. The item tells: it carries the
//! write's own `write_id`. A put without demand may be done twice; its version then counts one more, which nobody
//! relied on. A delete without demand is the same done twice.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use chrono::{DateTime, Utc};
use std::time::Duration;
use sync_core::port::{Expect, Key, StoreFailure};

use super::DynamoStore;
use super::item::{Item, WRITE_ID, fresh_item, key_item, number, string, text};
use super::request::{ABSENT, Expressions, NOT_EXPIRED};
use crate::failure::CallFailure;
use crate::repeat::{pause, token};

/// Tries of a write that meets others.
const TRIES_MAX: u32 = 8;

/// Pause before the second try.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// What became of a conditional call.
pub(super) enum Answered<T> {
    /// Done.
    Done(T),
    /// Its condition was not met by this item, if there was one.
    NotMet(Option<Item>),
}

pub(super) async fn put(
    store: &DynamoStore,
    key: &Key,
    body: &str,
    expires_at: Option<DateTime<Utc>>,
    expect: Expect,
) -> Result<(), StoreFailure> {
    let write_id = token(store.entropy.as_ref());
    // Without a demand the row that is there is changed; if it has expired, it is replaced; if somebody else was
    // faster with that, it is there again.
    for _ in 0..TRIES_MAX {
        let changed = match expect {
            Expect::Absent => None,
            Expect::Anything | Expect::Version(_) => Some(
                change(
                    store,
                    key,
                    put_expressions(body, expires_at, expect, store.now()),
                    &write_id,
                )
                .await?,
            ),
        };
        match changed {
            Some(Answered::Done(())) => return Ok(()),
            Some(Answered::NotMet(_)) if expect != Expect::Anything => {
                return Err(StoreFailure::ConditionFailed);
            }
            Some(Answered::NotMet(_)) | None => {}
        }
        match make(store, key, body, expires_at, &write_id).await? {
            Answered::Done(()) => return Ok(()),
            Answered::NotMet(_) if expect == Expect::Absent => return Err(StoreFailure::ConditionFailed),
            Answered::NotMet(_) => {}
        }
    }
    Err(StoreFailure::Unavailable(
        "others write the same row all the time".to_owned(),
    ))
}

/// How a row that is there is changed, in a single write and in a transaction.
pub(super) fn put_expressions(
    body: &str,
    expires_at: Option<DateTime<Utc>>,
    expect: Expect,
    now: i64,
) -> Expressions {
    let expiry = if expires_at.is_some() {
        ", #exp = :exp"
    } else {
        " REMOVE #exp"
    };
    let condition = match expect {
        Expect::Version(_) => format!("#ver = :ver AND {NOT_EXPIRED}"),
        Expect::Anything => NOT_EXPIRED.to_owned(),
        Expect::Absent => ABSENT.to_owned(),
    };
    let mut expressions = Expressions::with_condition(condition, now)
        .update(format!(
            "SET #body = :body, #ver = if_not_exists(#ver, :zero) + :one{expiry}"
        ))
        .value(":body", text(body))
        .value(":zero", number(0))
        .value(":one", number(1));
    if let Expect::Version(version) = expect {
        expressions = expressions.value(":ver", number(version));
    }
    if let Some(at) = expires_at {
        expressions = expressions.value(":exp", number(at.timestamp()));
    }
    expressions
}

/// Changes the row that is there.
async fn change(
    store: &DynamoStore,
    key: &Key,
    mut expressions: Expressions,
    write_id: &str,
) -> Result<Answered<()>, StoreFailure> {
    expressions.update = expressions
        .update
        .map(|update| update.replacen("SET ", "SET #write_id = :write_id, ", 1));
    let expressions = expressions.value(":write_id", text(write_id));
    Ok(match update(store, key, &expressions, ReturnValue::None).await? {
        Answered::Done(_) => Answered::Done(()),
        Answered::NotMet(item) => ours_or_not(item, write_id)?,
    })
}

/// Makes the row where there is none, or in place of an expired one.
async fn make(
    store: &DynamoStore,
    key: &Key,
    body: &str,
    expires_at: Option<DateTime<Utc>>,
    write_id: &str,
) -> Result<Answered<()>, StoreFailure> {
    let mut item = fresh_item(key, body, expires_at);
    item.insert(WRITE_ID.to_owned(), text(write_id));
    let expressions = Expressions::with_condition(ABSENT, store.now());
    for tried in 0..TRIES_MAX {
        let sent = store
            .client
            .put_item()
            .table_name(&store.table)
            .set_item(Some(item.clone()))
            .condition_expression(&expressions.condition)
            .set_expression_attribute_names(Some(expressions.names()))
            .set_expression_attribute_values(Some(expressions.values()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Answered::Done(()));
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                return ours_or_not(failed.item.clone(), write_id);
            }
            Some(PutItemError::TransactionConflictException(_)) => {
                pause(store.entropy.as_ref(), FIRST_PAUSE, tried).await;
            }
            Some(_) | None => return Err(CallFailure::from(&error).into()),
        }
    }
    Err(busy())
}

/// A condition that failed on our own write, whose answer was lost, did not fail.
fn ours_or_not(item: Option<Item>, write_id: &str) -> Result<Answered<()>, StoreFailure> {
    let is_ours = match &item {
        Some(item) => string(item, WRITE_ID)? == Some(write_id),
        None => false,
    };
    Ok(if is_ours {
        Answered::Done(())
    } else {
        Answered::NotMet(item)
    })
}

/// Sends one update, again where a transaction of others is under way on the same row.
pub(super) async fn update(
    store: &DynamoStore,
    key: &Key,
    expressions: &Expressions,
    wanted: ReturnValue,
) -> Result<Answered<UpdateItemOutput>, StoreFailure> {
    for tried in 0..TRIES_MAX {
        let sent: Result<UpdateItemOutput, SdkError<UpdateItemError>> = store
            .client
            .update_item()
            .table_name(&store.table)
            .set_key(Some(key_item(key)))
            .set_update_expression(expressions.update.clone())
            .condition_expression(&expressions.condition)
            .set_expression_attribute_names(Some(expressions.names()))
            .set_expression_attribute_values(Some(expressions.values()))
            .return_values(wanted.clone())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let error = match sent {
            Ok(output) => return Ok(Answered::Done(output)),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                return Ok(Answered::NotMet(failed.item.clone()));
            }
            Some(UpdateItemError::TransactionConflictException(_)) => {
                pause(store.entropy.as_ref(), FIRST_PAUSE, tried).await;
            }
            Some(_) | None => return Err(CallFailure::from(&error).into()),
        }
    }
    Err(busy())
}

pub(super) async fn delete(store: &DynamoStore, key: &Key) -> Result<(), StoreFailure> {
    for tried in 0..TRIES_MAX {
        let sent = store
            .client
            .delete_item()
            .table_name(&store.table)
            .set_key(Some(key_item(key)))
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        if !error.as_service_error().is_some_and(
            aws_sdk_dynamodb::operation::delete_item::DeleteItemError::is_transaction_conflict_exception,
        ) {
            return Err(CallFailure::from(&error).into());
        }
        pause(store.entropy.as_ref(), FIRST_PAUSE, tried).await;
    }
    Err(busy())
}

pub(super) fn busy() -> StoreFailure {
    StoreFailure::Unavailable("others write the same rows all the time".to_owned())
}
