//! The accounts that contacts belong to: records of their own, which a contact's row names by number.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::failure::Failure;
use sync_core::kind::line::one_line;

use super::super::call::Api;
use super::super::failure::VtigerFailure;
use super::super::wire::{Likeness, Module, PAGE_ROWS, Query, Row, WireId};
use super::{ACCOUNT, ACCOUNT_NAME};

/// The column of an account's name.
const NAME: &str = "accountname";

/// Puts the names of their accounts into rows of contacts: a request a hundred accounts.
///
/// An account that a query does not find is asked for by its number, because a query that fails inside is answered like
/// one that finds nothing; a contact that seemed to have lost its account would lose its organisation in Google.
pub(super) async fn name(api: &Api, rows: &mut [Row]) -> Result<(), Failure> {
    let wanted: BTreeSet<WireId> = rows.iter().filter_map(|row| row.id(ACCOUNT)).collect();
    let wanted: Vec<WireId> = wanted.into_iter().collect();
    let mut names = BTreeMap::new();
    for some in wanted.chunks(PAGE_ROWS) {
        let query = Query::select("id,accountname", Module::Accounts).with_ids(some);
        let found = api.query(&query).await?;
        names.extend(
            found
                .iter()
                .filter_map(|row| Some((row.id("id")?, row.text(NAME)))),
        );
    }
    let mut is_any_gone = false;
    for id in wanted {
        if names.contains_key(&id) {
            continue;
        }
        match api.retrieve(id).await {
            Ok(row) => {
                names.insert(id, row.text(NAME));
            }
            Err(VtigerFailure::Denied) => is_any_gone = true,
            Err(cause) => return Err(cause.into()),
        }
    }
    if is_any_gone {
        api.assert_sees_everything().await?;
    }
    for row in rows {
        let name = row.id(ACCOUNT).and_then(|id| names.get(&id).cloned());
        row.0
            .insert(ACCOUNT_NAME.to_owned(), name.unwrap_or_default().into());
    }
    Ok(())
}

/// The id of the one account of that name; `None` where there is none or more than one.
pub(super) async fn the_one(api: &Api, name: &str) -> Result<Option<WireId>, Failure> {
    let query = Query::select("id,accountname", Module::Accounts)
        .named_like(NAME, &Likeness::of(name))
        .ordered("id", 0, PAGE_ROWS);
    let found = api.query(&query).await?;
    let mut same = found.iter().filter(|row| one_line(&row.text(NAME)) == name);
    Ok(match (same.next(), same.next()) {
        // Where there are more than a page holds, another one may have the very name.
        (Some(only), None) if found.len() < PAGE_ROWS => only.id("id"),
        (Some(_) | None, _) => None,
    })
}
