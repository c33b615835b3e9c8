//! The CRM's users and their zones.

use sync_core::failure::Failure;

use super::call::Api;
use super::failure::VtigerFailure;
use super::read::{furthest, stuck};
use super::wire::{Module, PAGE_ROWS, Query, Row, WireId, user_number};
use crate::crm::CrmUser;

/// The columns that are read of users; nothing else of them is asked for.
const COLUMNS: &str = "id,first_name,last_name,user_name,email1,time_zone,status";

/// One user by id, with or without the class in front of it.
pub(crate) async fn user(api: &Api, id: &str) -> Result<Option<CrmUser>, Failure> {
    let Some(number) = user_number(id) else {
        return Ok(None);
    };
    let prefix = api.session().await?.user.prefix;
    let wire = WireId { prefix, number };
    let query = Query::select(COLUMNS, Module::Users).with_id(wire);
    let rows = api.query(&query).await?;
    if let Some(row) = rows.iter().find(|row| row.id("id") == Some(wire)) {
        return Ok(Some(completed(row, number)));
    }
    // A query that fails is answered like one that finds nothing.
    match api.retrieve(wire).await {
        Ok(row) => Ok(Some(completed(&row, number))),
        Err(VtigerFailure::Denied) => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}

/// The active users whose primary address this is.
///
/// All users are read, because what a person typed never stands in a query.
pub(crate) async fn by_email(api: &Api, email: &str) -> Result<Vec<CrmUser>, Failure> {
    let wanted = email.trim().to_lowercase();
    let mut found = Vec::new();
    let prefix = api.session().await?.user.prefix;
    let mut last = WireId { prefix, number: 0 };
    loop {
        let query = Query::select(COLUMNS, Module::Users)
            .behind(last)
            .ordered("id", 0, PAGE_ROWS);
        let page = api.query(&query).await?;
        let Some(end) = furthest(&page) else {
            return Ok(found);
        };
        if end.number <= last.number {
            return Err(stuck());
        }
        let matching = page.iter().filter(|row| {
            let is_active = row.filled("status").is_none_or(|status| status == "Active");
            let email = row.filled("email1").map(|email| email.to_lowercase());
            is_active && email.is_some_and(|email| email == wanted)
        });
        found.extend(matching.filter_map(|row| Some(completed(row, row.id("id")?.number))));
        last = end;
    }
}

fn completed(row: &Row, number: u64) -> CrmUser {
    let parts = [row.filled("first_name"), row.filled("last_name")];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    CrmUser {
        // As the CRM's own pages name a user.
        id: number.to_string(),
        name: Some(name)
            .filter(|name| !name.is_empty())
            .or_else(|| row.filled("user_name"))
            .unwrap_or_default(),
        email: row.filled("email1"),
        time_zone: row.filled("time_zone").and_then(|zone| zone.parse().ok()),
    }
}
