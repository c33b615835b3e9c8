//! How far a door reaches, as the settings say: which calendars it reads and writes, and which label it goes by.

use sync_core::kind::Kind;
use sync_core::policy::Settings;
use sync_core::side::Side;

use crate::kinds::Played;

/// The calendar of the sync's own. How it is made once is no matter of a door: the connector's tests show it.
const OWN_CALENDAR: &str = "own";

/// How far one door reaches.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// Where copies are made.
    pub(crate) target: String,
    /// What is read, the target with it.
    pub(crate) collections: Vec<String>,
    /// Whether another tag or label counts than the one that people use: nothing bears it.
    pub(crate) is_labelled_otherwise: bool,
}

impl Reach {
    pub(crate) fn of<R: Played>(side: Side, settings: &Settings) -> Self {
        let own = (*R::COLLECTIONS.get(side)).to_owned();
        let contacts = &settings.contacts;
        let is_labelled_otherwise = match side {
            Side::Crm => contacts.tags != ["Google"],
            Side::Google => contacts.label != "CRM",
        };
        let (target, mut collections) = match (R::KIND, side) {
            (Kind::Event, Side::Google) => (target(settings), settings.events.calendars.clone()),
            (Kind::Event | Kind::Task | Kind::Contact, _) => (own.clone(), vec![own]),
        };
        if !collections.contains(&target) {
            collections.push(target.clone());
        }
        Self {
            target,
            collections,
            is_labelled_otherwise,
        }
    }

    pub(crate) fn reads(&self, collection: &str) -> bool {
        self.collections.iter().any(|one| one == collection)
    }
}

fn target(settings: &Settings) -> String {
    if settings.events.wants_own_calendar() {
        OWN_CALENDAR.to_owned()
    } else {
        settings.events.target_calendar.clone()
    }
}
