//! Several writes at once.
//!
//! A transaction carries a token of its own. Repeated by the SDK after a lost answer, under the same token, it is not
//! done twice and answers as the first time (DynamoDB keeps tokens for ten minutes). A transaction that DynamoDB
//! cancelled because it met another goes out again under a new token: it has not been done.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use sync_core::port::{Expect, Key, StoreFailure, Write};

use super::DynamoStore;
use super::item::{fresh_item, key_item, number};
use super::lease::guard_expressions;
use super::request::{ABSENT, Expressions, NOT_EXPIRED};
use super::single::{busy, put_expressions};
use crate::failure::{CallFailure, not_built};
use crate::repeat::{pause, token};

/// Tries of a transaction that meets others.
const TRIES_MAX: u32 = 8;

/// Pause before the second try.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// Reasons that are no one's fault or pass.
///
/// # Source
/// "TransactWriteItems", Amazon DynamoDB API reference, cancellation reasons.
const PASSING: [&str; 5] = [
    "None",
    CONDITION_FAILED,
    "TransactionConflict",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
];

/// What to do about a cancelled transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has failed for good.
    Failed(StoreFailure),
    /// These puts without demand met expired rows, which must be replaced.
    Replace(BTreeSet<usize>),
    /// It met another transaction, or the table is busy.
    Again,
}

pub(super) async fn write(store: &DynamoStore, writes: &[Write]) -> Result<(), StoreFailure> {
    let mut expired = BTreeSet::new();
    for tried in 0..TRIES_MAX {
        let now = store.now();
        let items = writes
            .iter()
            .enumerate()
            .map(|(at, write)| item(store, write, expired.contains(&at), now))
            .collect::<Result<Vec<_>, CallFailure>>()?;
        let sent = store
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(token(store.entropy.as_ref()))
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
        else {
            return Err(CallFailure::from(&error).into());
        };
        match verdict(writes, cancelled.cancellation_reasons(), &expired) {
            Verdict::Failed(failure) => return Err(failure),
            Verdict::Replace(more) => expired = more,
            Verdict::Again => pause(store.entropy.as_ref(), FIRST_PAUSE, tried).await,
        }
    }
    Err(busy())
}

/// Reads the reasons, of which there is one for each write, in their order.
pub(super) fn verdict(
    writes: &[Write],
    reasons: &[CancellationReason],
    expired: &BTreeSet<usize>,
) -> Verdict {
    let mut replace = expired.clone();
    let mut condition_failed = false;
    for (at, (reason, write)) in reasons.iter().zip(writes).enumerate() {
        if reason.code() != Some(CONDITION_FAILED) {
            continue;
        }
        match write {
            Write::Guard { .. } => return Verdict::Failed(StoreFailure::LeaseLost),
            // It demands nothing, so that all it can have met is an expired row; or, sent to replace one, a row that
            // somebody else has made there since.
            Write::Put {
                expect: Expect::Anything,
                ..
            } => {
                if !replace.remove(&at) {
                    replace.insert(at);
                }
            }
            Write::Put { .. } | Write::Delete { .. } => condition_failed = true,
        }
    }
    if condition_failed {
        return Verdict::Failed(StoreFailure::ConditionFailed);
    }
    let for_good = reasons
        .iter()
        .filter_map(CancellationReason::code)
        .find(|code| !PASSING.contains(code));
    if let Some(code) = for_good {
        return Verdict::Failed(StoreFailure::Refused(format!("TransactionCanceled: {code}")));
    }
    if replace == *expired {
        Verdict::Again
    } else {
        Verdict::Replace(replace)
    }
}

fn item(
    store: &DynamoStore,
    write: &Write,
    is_expired: bool,
    now: i64,
) -> Result<TransactWriteItem, CallFailure> {
    let builder = TransactWriteItem::builder();
    Ok(match write {
        Write::Put {
            key,
            body,
            expires_at,
            expect,
        } if *expect == Expect::Absent || is_expired => {
            let expressions = Expressions::with_condition(ABSENT, now);
            let put = Put::builder()
                .table_name(&store.table)
                .set_item(Some(fresh_item(key, body, *expires_at)))
                .condition_expression(&expressions.condition)
                .set_expression_attribute_names(Some(expressions.names()))
                .set_expression_attribute_values(Some(expressions.values()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None);
            builder.put(put.build().map_err(not_built)?).build()
        }
        Write::Put {
            key,
            body,
            expires_at,
            expect,
        } => builder
            .update(update(
                store,
                key,
                put_expressions(body, *expires_at, *expect, now),
            )?)
            .build(),
        Write::Guard { key, holder, until } => builder
            .update(update(store, key, guard_expressions(holder, *until, now))?)
            .build(),
        Write::Delete { key, expect } => {
            let mut delete = Delete::builder()
                .table_name(&store.table)
                .set_key(Some(key_item(key)));
            let expressions = match expect {
                Expect::Anything => None,
                Expect::Absent => Some(Expressions::with_condition(ABSENT, now)),
                Expect::Version(version) => Some(
                    Expressions::with_condition(format!("#ver = :ver AND {NOT_EXPIRED}"), now)
                        .value(":ver", number(version)),
                ),
            };
            if let Some(expressions) = expressions {
                delete = delete
                    .condition_expression(&expressions.condition)
                    .set_expression_attribute_names(Some(expressions.names()))
                    .set_expression_attribute_values(Some(expressions.values()));
            }
            builder.delete(delete.build().map_err(not_built)?).build()
        }
    })
}

fn update(store: &DynamoStore, key: &Key, expressions: Expressions) -> Result<Update, CallFailure> {
    Update::builder()
        .table_name(&store.table)
        .set_key(Some(key_item(key)))
        .set_expression_attribute_names(Some(expressions.names()))
        .set_expression_attribute_values(Some(expressions.values()))
        .condition_expression(expressions.condition)
        .set_update_expression(expressions.update)
        .build()
        .map_err(not_built)
}
