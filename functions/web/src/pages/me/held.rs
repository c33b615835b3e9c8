//! Deletions that wait for the user's word, by the names that people know them by.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use sync_core::change::Reading;
use sync_core::id::RemoteId;
use sync_core::kind::event::EventRecord;
use sync_core::port::Remote;
use sync_core::side::Side;
use sync_engine::connections::Connections;
use sync_engine::memory::{AccountLink, HeldDeletions};

use crate::app::App;
use crate::pages::shown::Addresses;

/// Longest wait for the names; without them the records are shown by their addresses.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Deletions that wait for the user's word.
#[derive(Debug)]
pub(super) struct HeldShown {
    pub(super) since: DateTime<Utc>,
    pub(super) crm: usize,
    pub(super) google: usize,
    pub(super) examples: Vec<Example>,
}

/// One record that would be deleted.
#[derive(Debug)]
pub(super) struct Example {
    pub(super) side: Side,
    pub(super) address: Option<String>,
    /// Its title, and when it starts.
    pub(super) seen: Option<(String, DateTime<Utc>)>,
    /// What it is called where nothing else is known.
    pub(super) id: String,
}

impl HeldShown {
    /// What is held of an account link. The records are still there, so they are asked for their names.
    pub(super) async fn of(app: &App, link: &AccountLink, addresses: &Addresses) -> Option<Self> {
        let held = link.progress.held.as_ref()?;
        let named = named(held);
        let seen = tokio::time::timeout(WAIT_MAX, look(app, link, &named)).await;
        let mut seen = seen.unwrap_or_default().into_iter();
        let examples = named.into_iter().map(|(side, record)| Example {
            side,
            address: addresses.of(side, &record),
            seen: seen.next().flatten(),
            id: record.id,
        });
        Some(Self {
            since: held.since,
            crm: held.deletions.crm,
            google: held.deletions.google,
            examples: examples.collect(),
        })
    }
}

/// The records that the run named: side, collection and id.
fn named(held: &HeldDeletions) -> Vec<(Side, RemoteId)> {
    let examples = held.examples.iter().filter_map(|example| {
        let (side, record) = example.split_once(": ")?;
        let side = Side::BOTH.into_iter().find(|known| known.to_string() == side)?;
        let (collection, id) = record.rsplit_once('/')?;
        Some((side, RemoteId::new(collection, id)))
    });
    examples.collect()
}

async fn look(
    app: &App,
    link: &AccountLink,
    named: &[(Side, RemoteId)],
) -> Vec<Option<(String, DateTime<Utc>)>> {
    let Ok(opened) = app.connector.open(link).await else {
        return Vec::new();
    };
    let Some(sides) = opened.events() else {
        return Vec::new();
    };
    join_all(
        named
            .iter()
            .map(|(side, record)| name_of(*sides.get(*side), record)),
    )
    .await
}

async fn name_of(remote: &dyn Remote<EventRecord>, record: &RemoteId) -> Option<(String, DateTime<Utc>)> {
    match remote.read(record).await {
        Ok(Reading::Present(observed)) => {
            Some((observed.record.title.clone(), observed.record.when.starts_at()))
        }
        Ok(_) | Err(_) => None,
    }
}
