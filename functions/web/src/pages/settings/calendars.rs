//! The user's Google calendars, to choose from by name.

use std::time::Duration;

use connector_google::calendars::Calendar;
use connector_google::oauth::cover;
use sync_core::kind::Kind;
use sync_core::policy::Settings;
use sync_engine::memory::{AccountLink, AccountLinkState};

use super::offered::{DEDICATED, Offered};
use crate::app::App;

/// Longest wait for Google's list; the page is shown without it rather than late.
const WAIT_MAX: Duration = Duration::from_secs(4);

/// The calendars as the form shows them.
#[derive(Debug)]
pub(in crate::pages) enum CalendarsShown {
    /// By name.
    Named {
        /// Those that can be read.
        read: Vec<CalendarShown>,
        /// Those that can receive what the CRM creates.
        targets: Vec<CalendarShown>,
        /// Whether a calendar of the sync's own is chosen; `None` where this version makes none.
        dedicated: Option<bool>,
    },
    /// Google did not tell them: by id.
    Typed {
        /// Ids of those that are read, one a line.
        read: String,
        /// Id of the one that receives what the CRM creates.
        target: String,
    },
}

/// One calendar.
#[derive(Debug)]
pub(in crate::pages) struct CalendarShown {
    pub(in crate::pages) id: String,
    /// `None` where Google does not list it any more.
    pub(in crate::pages) name: Option<String>,
    pub(in crate::pages) chosen: bool,
}

/// Asks Google for the calendars of a user who has authorised.
pub(in crate::pages) async fn calendars(app: &App, link: &AccountLink) -> Option<Vec<Calendar>> {
    let google = link.body.value.google.as_ref()?;
    if link.state() == AccountLinkState::NeedsAuthorization || !cover(&google.scopes, Kind::Event) {
        return None;
    }
    match tokio::time::timeout(WAIT_MAX, app.connector.calendars(link)).await {
        Ok(Ok(calendars)) => Some(calendars),
        Ok(Err(failure)) => {
            tracing::info!(account_link.id = %link.id, failure.code = failure.code, "calendars could not be listed");
            None
        }
        Err(_) => None,
    }
}

impl CalendarsShown {
    /// The calendars in question, with those ticked that the settings name.
    pub(in crate::pages) fn of(settings: &Settings, listed: Option<Vec<Calendar>>) -> Self {
        let events = &settings.events;
        let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
            return Self::Typed {
                read: events.calendars.join("\n"),
                target: events.target_calendar.clone(),
            };
        };
        let is_listed = |id: &str| listed.iter().any(|calendar| calendar.id == id);
        let gone = |id: &str| CalendarShown {
            id: id.to_owned(),
            name: None,
            chosen: true,
        };
        let read = listed
            .iter()
            .filter(|calendar| calendar.readable)
            .map(|calendar| CalendarShown {
                id: calendar.id.clone(),
                name: Some(calendar.name.clone()),
                chosen: events.calendars.contains(&calendar.id),
            });
        let lost = events
            .calendars
            .iter()
            .filter(|id| !is_listed(id))
            .map(|id| gone(id));
        let targets = listed
            .iter()
            .filter(|calendar| calendar.writable)
            .map(|calendar| CalendarShown {
                id: calendar.id.clone(),
                name: Some(calendar.name.clone()),
                chosen: events.target_calendar == calendar.id,
            });
        let target = events.target_calendar.as_str();
        let lost_target = (target != DEDICATED && !is_listed(target)).then(|| gone(target));
        Self::Named {
            read: read.chain(lost).collect(),
            targets: targets.chain(lost_target).collect(),
            dedicated: Offered::by_this_version()
                .dedicated_calendar
                .then_some(target == DEDICATED),
        }
    }
}
