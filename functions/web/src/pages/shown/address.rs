//! Where a person sees a record in the browser.

use connector_crm::registry::{self, CrmKind};
use connector_google::calendars::event_address;
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::side::Side;
use sync_engine::memory::{AccountLink, CrmRegistration};

/// The addresses of one account link's records.
#[derive(Debug, Default)]
pub(in crate::pages) struct Addresses {
    kind: Option<CrmKind>,
    base_url: String,
    google_email: String,
}

impl Addresses {
    pub(in crate::pages) fn new(registration: Option<&CrmRegistration>, link: &AccountLink) -> Self {
        let google = link.body.value.google.as_ref();
        Self {
            kind: registration.and_then(|registration| CrmKind::parse(&registration.kind)),
            base_url: registration
                .map(|registration| registration.base_url.clone())
                .unwrap_or_default(),
            google_email: google.map(|google| google.email.clone()).unwrap_or_default(),
        }
    }

    /// The record's address, where it is known. Google has none for a single task.
    pub(in crate::pages) fn of(&self, kind: Kind, side: Side, record: &RemoteId) -> Option<String> {
        match (side, kind) {
            (Side::Crm, _) => registry::record_address(self.kind?, &self.base_url, record),
            (Side::Google, Kind::Event) => Some(event_address(record, &self.google_email)),
            (Side::Google, Kind::Task | Kind::Contact) => None,
        }
    }
}
