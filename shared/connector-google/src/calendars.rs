//! A user's calendars: the list to choose from, and the one that the sync makes for itself.

use std::sync::Arc;

use connector_http::lane::Lane;
use connector_http::token::TokenSource;
use data_encoding::BASE64URL_NOPAD;
use http::Method;
use serde::Deserialize;
use serde_json::json;
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId};

use crate::api::{Api, Call, Sent};
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
    description: Option<String>,
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
    let entries = list_entries(&api).await?;
    let mut calendars: Vec<Calendar> = entries.into_iter().map(Calendar::from).collect();
    calendars.sort_by(|a, b| (!a.primary, &a.name).cmp(&(!b.primary, &b.name)));
    Ok(calendars)
}

/// The calendar of the sync's own for one account link: the one of the user's that bears its mark.
#[derive(Debug)]
pub struct OwnCalendar {
    api: Api,
    mark: String,
}

impl OwnCalendar {
    /// Nothing is called yet.
    pub fn of(
        endpoints: &GoogleEndpoints,
        lane: Lane,
        tokens: Arc<dyn TokenSource>,
        link: &AccountLinkId,
    ) -> Self {
        Self {
            api: Api::new(&endpoints.calendar, lane, tokens),
            mark: format!("[crm-google-sync {link}]"),
        }
    }

    /// Its id, if it is there.
    ///
    /// # Errors
    /// As [`list_calendars`].
    pub async fn found(&self) -> Result<Option<String>, Failure> {
        let bears_it = |entry: &Entry| {
            let description = entry.description.as_deref().unwrap_or_default();
            entry.access_role.as_deref() == Some("owner") && description.contains(&self.mark)
        };
        let entry = list_entries(&self.api).await?.into_iter().find(bears_it);
        Ok(entry.map(|entry| entry.id))
    }

    /// Makes it, where it was not found, and says its id. Google draws the ids of calendars, so it is sent once, and
    /// looked for where its answer is lost.
    ///
    /// # Errors
    /// `Reauth` where the user has not granted that calendars are made, else as [`list_calendars`].
    pub async fn made(&self, name: &str) -> Result<String, Failure> {
        let mark = &self.mark;
        let sent = self
            .api
            .send_once(Call {
                method: Method::POST,
                path: &["calendars"],
                query: vec![("fields", "id".to_owned())],
                if_match: None,
                body: Some(json!({
                    "summary": name,
                    "description": format!("Kept in step with the CRM. Leave this line as it is: {mark}"),
                })),
            })
            .await?;
        let failure = match sent {
            Sent::Answered(answer) if answer.is_success() => match answer.json::<Made>() {
                Ok(made) => return Ok(made.id),
                Err(failure) => failure.into(),
            },
            Sent::Answered(answer) => return Err(failure_of(&answer)),
            Sent::Broken(answer) => failure_of(&answer),
            Sent::Lost(failure) => failure,
        };
        self.found().await?.ok_or(failure)
    }
}

/// A calendar just made.
#[derive(Debug, Deserialize)]
struct Made {
    id: String,
}

async fn list_entries(api: &Api) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    let fields =
        "nextPageToken,items(id,summary,summaryOverride,description,primary,deleted,accessRole,timeZone)";
    let take = |page: Page| {
        entries.extend(page.items.into_iter().filter(|entry| !entry.deleted));
        page.next_page_token
    };
    let path = ["users", "me", "calendarList"];
    let query = [("maxResults", "250"), ("fields", fields)];
    api.pages(&path, &query, PAGES_MAX, failure_of, take).await?;
    Ok(entries)
}

/// Where a person sees an event in Google Calendar; `own` is the address of their account, which is the name of
/// their own calendar.
///
/// # Source
/// The `htmlLink` of an event, as the API shows it: `eid` is the event's id, a blank and the calendar's id in base64.
pub fn event_address(event: &RemoteId, own: &str) -> String {
    let calendar = match event.collection.as_str() {
        "primary" => own,
        named => named,
    };
    let name = BASE64URL_NOPAD.encode(format!("{} {calendar}", event.id).as_bytes());
    format!("https://calendar.google.com/calendar/event?eid={name}")
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
