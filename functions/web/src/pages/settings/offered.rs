//! Which settings are offered at all.

use sync_core::policy::Settings;

/// A calendar of the sync's own, as settings name it.
pub(super) const DEDICATED: &str = "dedicated";

/// What can be switched on. The one check of settings decides, so that a control appears with what is behind it, and
/// a dead one never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) struct Offered {
    /// CRM tasks with Google Tasks.
    pub(in crate::pages) tasks: bool,
    /// CRM contacts with Google Contacts.
    pub(in crate::pages) contacts: bool,
    /// A calendar of the sync's own.
    pub(in crate::pages) dedicated_calendar: bool,
}

impl Offered {
    /// What this version takes.
    pub(in crate::pages) fn by_this_version() -> Self {
        Self {
            tasks: is_taken(|settings| settings.tasks.enabled = true),
            contacts: is_taken(|settings| settings.contacts.enabled = true),
            dedicated_calendar: is_taken(|settings| {
                DEDICATED.clone_into(&mut settings.events.target_calendar);
            }),
        }
    }
}

fn is_taken(change: impl FnOnce(&mut Settings)) -> bool {
    let mut settings = Settings::default();
    change(&mut settings);
    settings.problems().is_empty()
}
