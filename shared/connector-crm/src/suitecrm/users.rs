//! The CRM's users and their zones.

use chrono_tz::Tz;
use serde_json::Value;
use sync_core::failure::Failure;

use super::call::Api;
use super::failure::SuiteFailure;
use super::list::all_rows;
use super::wire::{Attributes, ListQuery, One, Page, Resource, record_path, segment};
use crate::crm::CrmUser;
use crate::earliest::Earliest;

/// Users asked for at a time.
const PAGE_ROWS: usize = 200;

/// One user by id.
pub(crate) async fn user(api: &Api, id: &str) -> Result<Option<CrmUser>, Failure> {
    match api.get::<One>(&record_path("Users", id, &[])).await {
        Ok(one) => Ok(Some(completed(api, &one.data).await?)),
        Err(cause) if cause.says_gone("Users", id) => Ok(None),
        Err(SuiteFailure::InvalidId) => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}

/// The users whose primary address this is.
///
/// All users are read: the address is no column of theirs, so older versions cannot filter by it, and those that can
/// also find whoever had the address once.
///
/// # Source
/// SuiteCRM issue 9606.
pub(crate) async fn by_email(api: &Api, email: &str) -> Result<Vec<CrmUser>, Failure> {
    let wanted = email.trim().to_lowercase();
    let query = ListQuery::of("Users", PAGE_ROWS);
    let everybody = all_rows(api, query, ListQuery::path, &Earliest::default()).await?;
    let found = everybody.iter().filter(|row| {
        !wanted.is_empty() && email_of(&row.attributes).is_some_and(|email| email.to_lowercase() == wanted)
    });
    let mut users = Vec::new();
    for row in found {
        if !is_inactive(api, &row.id).await? {
            users.push(completed(api, row).await?);
        }
    }
    Ok(users)
}

/// Whether a user has left. The status is hidden in every answer, but lists can be filtered by it; a site that
/// refuses the question is taken at its word that the user is there.
///
/// # Source
/// Measured on 7.14.6: attributes of Users that are hidden can still be filtered by.
async fn is_inactive(api: &Api, id: &str) -> Result<bool, Failure> {
    let query = ListQuery {
        filters: vec![
            ("id", "eq", id.to_owned()),
            ("status", "eq", "Inactive".to_owned()),
        ],
        ..ListQuery::of("Users", 1)
    };
    match api.get::<Page>(&query.path()).await {
        Ok(page) => Ok(page.data.iter().any(|row| row.id.eq_ignore_ascii_case(id))),
        Err(
            SuiteFailure::AccessDenied | SuiteFailure::UnknownProperty { .. } | SuiteFailure::Unknown { .. },
        ) => Ok(false),
        Err(cause) => Err(cause.into()),
    }
}

/// A user with the zone from his preferences, where those may be read.
async fn completed(api: &Api, row: &Resource) -> Result<CrmUser, Failure> {
    let attributes = &row.attributes;
    let name = attributes
        .filled("full_name")
        .or_else(|| attributes.filled("name"))
        .unwrap_or_else(|| {
            let parts = [attributes.filled("first_name"), attributes.filled("last_name")];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        });
    let time_zone = match preferences(api, &row.id).await {
        Ok(preferences) => preferences.time_zone(),
        // From 8.10.1 on, other users' preferences are for administrators only.
        Err(
            SuiteFailure::AccessDenied
            | SuiteFailure::Unknown { .. }
            | SuiteFailure::NotFound { .. }
            | SuiteFailure::UserRefused,
        ) => None,
        Err(cause) => return Err(cause.into()),
    };
    Ok(CrmUser {
        id: row.id.clone(),
        name: super::text::decoded(&name),
        email: email_of(attributes),
        time_zone,
    })
}

fn email_of(attributes: &Attributes) -> Option<String> {
    attributes
        .filled("email1")
        .map(|email| super::text::decoded(&email))
}

/// A user's preferences, as far as they matter here. The answer holds more than is good, tokens of the built-in sync
/// among it; nothing else of it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// The name of the zone; `None` where the user never chose one.
    pub(crate) zone_name: Option<String>,
    /// The format of times, in PHP's letters.
    pub(crate) time_format: Option<String>,
}

impl Preferences {
    fn time_zone(&self) -> Option<Tz> {
        self.zone_name.as_deref()?.parse().ok()
    }
}

/// Reads a user's preferences. They come by category; zone and formats are in `global`.
///
/// # Source
/// `Api/V8/Service/UserPreferencesService.php` of salesagility/SuiteCRM.
pub(crate) async fn preferences(api: &Api, id: &str) -> Result<Preferences, SuiteFailure> {
    let one: One = api.get(&format!("user-preferences/{}", segment(id))).await?;
    let text = |name: &str| {
        let text = one
            .data
            .attributes
            .0
            .get("global")?
            .get(name)
            .and_then(Value::as_str)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    Ok(Preferences {
        zone_name: text("timezone"),
        time_format: text("timef"),
    })
}
