//! Derived ids, and the properties by which we know our copies.

use std::collections::BTreeMap;

use data_encoding::BASE32HEX_NOPAD;
use sha2::{Digest, Sha256};
use sync_core::id::{AccountLinkId, RemoteId};

use super::wire::Event;

/// Whose copy it is: `{crm}/{user}`. Keys over 44 characters would be dropped by Google, without a word.
const LINK_KEY: &str = "crmSyncLink";
/// From what it was made: `{generation}/{collection}/{id}`.
const SOURCE_KEY: &str = "crmSyncSource";

/// Before the collection of the row that a series is named after, so that the series and a copy of that row alone
/// never share an id.
const SERIES_OF: &str = "series:";

/// The keys in which SuiteCRM's own sync writes down the meeting: GoogleSync's, then CalendarSync's.
const BUILT_IN_KEYS: [&str; 2] = ["suitecrm_id", "suitecrm_linked_event_id"];

/// Makes and recognises the marks of one account link.
#[derive(Debug)]
pub(super) struct Marker {
    link: AccountLinkId,
    calendars: Vec<String>,
}

impl Marker {
    pub(super) fn new(link: &AccountLinkId, calendars: Vec<String>) -> Self {
        Self {
            link: link.clone(),
            calendars,
        }
    }

    /// The id of a copy: the same origin always gives the same one, and nobody else's origin does.
    ///
    /// # Source
    /// API description, `Event.id`: letters a to v and digits, 5 to 1024 of them, unique in the calendar.
    pub(super) fn event_id(&self, calendar: &str, origin: &RemoteId, generation: u32) -> String {
        let mut hash = Sha256::new();
        for part in [
            &self.link.crm,
            &self.link.user,
            calendar,
            &origin.collection,
            &origin.id,
        ] {
            // With its length in front, no part can pass for the end of the one before.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(generation.to_le_bytes());
        BASE32HEX_NOPAD.encode(&hash.finalize()).to_ascii_lowercase()
    }

    /// The private properties of a copy. They are visible in this calendar's copy of the event only.
    pub(super) fn properties(&self, origin: &RemoteId, generation: u32) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            (LINK_KEY, self.link.to_string()),
            (
                SOURCE_KEY,
                format!("{generation}/{}/{}", origin.collection, origin.id),
            ),
        ])
    }

    /// The name that a series made from rows is derived from: its first row's, set apart.
    pub(super) fn series_origin(first_row: &RemoteId) -> RemoteId {
        RemoteId::new(
            format!("{SERIES_OF}{}", first_row.collection),
            first_row.id.clone(),
        )
    }

    /// The first of the rows from which we made the series whose occurrence this is. Occurrences inherit the series'
    /// properties; those of a series split off from ours are not ours any more.
    pub(super) fn series_made_from(&self, calendar: &str, event: &Event) -> Option<RemoteId> {
        let series = event.recurring_event_id.as_deref()?;
        let origin = self.marked(calendar, event, series)?;
        let collection = origin.collection.strip_prefix(SERIES_OF)?;
        Some(RemoteId::new(collection, origin.id.clone()))
    }

    /// Whether a series is one that we made from rows, or was split off from one.
    pub(super) fn is_made_from_rows(&self, series: &Event) -> bool {
        let properties = &series.extended_properties.private;
        let is_ours = properties
            .get(LINK_KEY)
            .is_some_and(|link| *link == self.link.to_string());
        let source = properties
            .get(SOURCE_KEY)
            .and_then(|source| source.split_once('/'));
        is_ours && source.is_some_and(|(_, origin)| origin.starts_with(SERIES_OF))
    }

    /// From what we made the event. Google's pages copy the properties when a person duplicates an event, so
    /// the mark counts only where the id is the one that it leads to.
    pub(super) fn made_from(&self, calendar: &str, event: &Event) -> Option<RemoteId> {
        self.marked(calendar, event, &event.id)
            .filter(|origin| !origin.collection.starts_with(SERIES_OF))
    }

    /// What the marks on an event name, if they lead to that id.
    fn marked(&self, calendar: &str, event: &Event, name: &str) -> Option<RemoteId> {
        let properties = &event.extended_properties.private;
        if *properties.get(LINK_KEY)? != self.link.to_string() {
            return None;
        }
        let (generation, source) = properties.get(SOURCE_KEY)?.split_once('/')?;
        let (collection, id) = source.split_once('/')?;
        let (origin, generation) = (RemoteId::new(collection, id), generation.parse().ok()?);
        let mut calendars = self.calendars.iter().map(String::as_str).chain([calendar]);
        calendars
            .any(|calendar| self.event_id(calendar, &origin, generation) == name)
            .then_some(origin)
    }
}

/// The meeting that SuiteCRM's own sync has written down on the event. Occurrences inherit the series'
/// properties, so there it would name one meeting for all of them.
pub(super) fn built_in_partner(event: &Event) -> Option<String> {
    if event.recurring_event_id.is_some() {
        return None;
    }
    BUILT_IN_KEYS
        .into_iter()
        .find_map(|key| event.extended_properties.private.get(key))
        .filter(|id| !id.is_empty())
        .cloned()
}
