//! The user's Google calendars, task lists and labels, to choose from by name.

use std::time::Duration;

use connector_google::calendars::Calendar;
use connector_google::oauth::cover;
use connector_google::tasks::TaskList;
use sync_core::failure::Failure;
use sync_core::kind::Kind;
use sync_core::policy::Settings;
use sync_engine::memory::{AccountLink, AccountLinkState};

use super::offered::{DEDICATED, Offered};
use crate::app::App;

/// Longest wait for Google's list; the page is shown without it rather than late.
const WAIT_MAX: Duration = Duration::from_secs(4);

/// The user's default task list, as settings name it.
const DEFAULT_LIST: &str = "@default";

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

/// One calendar or task list.
#[derive(Debug)]
pub(in crate::pages) struct CalendarShown {
    pub(in crate::pages) id: String,
    /// `None` where Google does not list it any more.
    pub(in crate::pages) name: Option<String>,
    pub(in crate::pages) chosen: bool,
}

/// What Google lists of a user.
#[derive(Debug, Default)]
pub(in crate::pages) struct Listed {
    /// `None` where Google does not tell.
    pub(in crate::pages) calendars: Option<Vec<Calendar>>,
    /// `None` where Google does not tell.
    pub(in crate::pages) task_lists: Option<Vec<TaskList>>,
    /// The names of the labels of contacts; `None` where Google does not tell.
    pub(in crate::pages) labels: Option<Vec<String>>,
}

/// Asks Google for the calendars, task lists and labels of a user who has authorised.
pub(in crate::pages) async fn listed(app: &App, link: &AccountLink) -> Listed {
    let (calendars, task_lists, labels) = futures::join!(
        told(link, Kind::Event, Box::pin(app.connector.calendars(link))),
        told(link, Kind::Task, Box::pin(app.connector.task_lists(link))),
        told(link, Kind::Contact, Box::pin(app.connector.labels(link)))
    );
    Listed {
        calendars,
        task_lists,
        labels,
    }
}

async fn told<T>(
    link: &AccountLink,
    kind: Kind,
    asking: impl Future<Output = Result<Vec<T>, Failure>>,
) -> Option<Vec<T>> {
    let google = link.body.value.google.as_ref()?;
    if link.state() == AccountLinkState::NeedsAuthorization || !cover(&google.scopes, kind) {
        return None;
    }
    match tokio::time::timeout(WAIT_MAX, asking).await {
        Ok(Ok(found)) => Some(found),
        Ok(Err(failure)) => {
            tracing::info!(account_link.id = %link.id, failure.code = failure.code, "Google does not list what there is to choose from");
            None
        }
        Err(_) => None,
    }
}

/// The task lists to choose from; `None` where Google does not tell them. The one that is chosen is always there.
pub(super) fn task_lists(chosen: &str, listed: Option<&Vec<TaskList>>) -> Option<Vec<CalendarShown>> {
    let listed = listed.filter(|listed| !listed.is_empty())?;
    // The default list goes by a name of its own, which stays good when another one becomes the default.
    let id_of = |position: usize, list: &TaskList| match position {
        0 => DEFAULT_LIST.to_owned(),
        _ => list.id.clone(),
    };
    let mut shown: Vec<CalendarShown> = listed
        .iter()
        .enumerate()
        .map(|(position, list)| CalendarShown {
            id: id_of(position, list),
            name: Some(list.title.clone()),
            chosen: chosen == id_of(position, list) || chosen == list.id,
        })
        .collect();
    if shown.iter().all(|list| !list.chosen) {
        shown.push(CalendarShown {
            id: chosen.to_owned(),
            name: None,
            chosen: true,
        });
    }
    Some(shown)
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
