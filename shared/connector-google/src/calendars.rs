//! The list of a user's calendars, for pages.

use std::sync::Arc;

use connector_http::lane::Lane;
use connector_http::token::TokenSource;
use http::Method;
use serde::Deserialize;
use sync_core::failure::Failure;

use crate::api::{Api, Call};
use crate::calendar::failure_of;
use crate::endpoints::GoogleEndpoints;

/// Most pages read; at 250 calendars a page nobody gets near it.
const PAGES_MAX: usize = 40;

/// One calendar in a user's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Its id as settings have it: `primary` for the user's own.
    pub id: String,
    /// Its name as the user sees it.
    pub name: String,
    /// Whether it is the user's own.
    pub primary: bool,
    /// Whether events can be written to it.
    pub writable: bool,
    /// Whether more than free and busy can be read.
    pub readable: bool,
    /// IANA name of its zone.
    pub time_zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    items: Vec<Entry>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    summary: Option<String>,
    summary_override: Option<String>,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    deleted: bool,
    access_role: Option<String>,
    time_zone: Option<String>,
}

/// Lists a user's calendars, their own first.
///
/// # Errors
/// `Reauth` where the authorisation or the scope is gone, `Retryable` where Google is away.
pub async fn list_calendars(
    endpoints: &GoogleEndpoints,
    lane: Lane,
    tokens: Arc<dyn TokenSource>,
) -> Result<Vec<Calendar>, Failure> {
    let api = Api::new(&endpoints.calendar, lane, tokens);
    let mut calendars = Vec::new();
    let mut page_token: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let mut query = vec![
            ("maxResults", "250".to_owned()),
            (
                "fields",
                "nextPageToken,items(id,summary,summaryOverride,primary,deleted,accessRole,timeZone)"
                    .to_owned(),
            ),
        ];
        query.extend(page_token.take().map(|token| ("pageToken", token)));
        let path = ["users", "me", "calendarList"];
        let answer = api
            .send(Call {
                method: Method::GET,
                path: &path,
                query,
                if_match: None,
                body: None,
            })
            .await?;
        if answer.status != 200 {
            return Err(failure_of(&answer));
        }
        let page: Page = answer.json()?;
        calendars.extend(
            page.items
                .into_iter()
                .filter(|entry| !entry.deleted)
                .map(Calendar::from),
        );
        page_token = page.next_page_token;
        if page_token.is_none() {
            break;
        }
    }
    calendars.sort_by(|a, b| (!a.primary, &a.name).cmp(&(!b.primary, &b.name)));
    Ok(calendars)
}

impl From<Entry> for Calendar {
    fn from(entry: Entry) -> Self {
        let role = entry.access_role.as_deref().unwrap_or_default();
        Self {
            name: entry
                .summary_override
                .or(entry.summary)
                .unwrap_or_else(|| entry.id.clone()),
            // The same calendar under two names would be read twice.
            id: if entry.primary {
                "primary".to_owned()
            } else {
                entry.id
            },
            primary: entry.primary,
            writable: matches!(role, "owner" | "writer"),
            readable: matches!(role, "owner" | "writer" | "reader"),
            time_zone: entry.time_zone,
        }
    }
}
