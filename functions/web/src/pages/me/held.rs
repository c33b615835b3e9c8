//! Deletions that wait for the user's word, by the names that people know them by.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use sync_core::change::Reading;
use sync_core::id::RemoteId;
use sync_core::kind::Kind;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::side::Side;
use sync_engine::connections::{Connections, Kept, Opened};
use sync_engine::memory::{AccountLink, HeldDeletions};

use crate::app::App;
use crate::pages::shown::Addresses;

/// Longest wait for the names; without them the records are shown by their addresses.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// A record's name, and when it is, where it has a time.
type Seen = (String, Option<DateTime<Utc>>);

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
    pub(super) seen: Option<Seen>,
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
        let examples = named.into_iter().map(|(side, record)| {
            let (kind, name) = seen.next().flatten().unzip();
            Example {
                side,
                address: kind.and_then(|kind| addresses.of(kind, side, &record)),
                seen: name,
                id: record.id,
            }
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

async fn look(app: &App, link: &AccountLink, named: &[(Side, RemoteId)]) -> Vec<Option<(Kind, Seen)>> {
    let Ok(opened) = app.connector.open(link).await else {
        return Vec::new();
    };
    join_all(
        named
            .iter()
            .map(|(side, record)| seen(opened.as_ref(), *side, record)),
    )
    .await
}

/// The run names records by collection and id; of the kinds that are kept in step, one knows the collection.
async fn seen(opened: &dyn Opened, side: Side, record: &RemoteId) -> Option<(Kind, Seen)> {
    if let Some(event) = read::<EventRecord>(opened, side, record).await {
        return Some((Kind::Event, (event.title, Some(event.when.starts_at()))));
    }
    if let Some(task) = read::<TaskRecord>(opened, side, record).await {
        return Some((Kind::Task, (task.title, None)));
    }
    let contact = read::<ContactRecord>(opened, side, record).await?;
    let name = format!("{} {}", contact.given_name, contact.family_name);
    Some((Kind::Contact, (name.trim().to_owned(), None)))
}

async fn read<R: Kept>(opened: &dyn Opened, side: Side, record: &RemoteId) -> Option<R> {
    match R::of(opened)?.get(side).read(record).await {
        Ok(Reading::Present(observed)) => Some(observed.record),
        Ok(_) | Err(_) => None,
    }
}
