//! Google Contacts' contacts behind the engine's door.
//!
//! *Reading.* One sync token for all contacts; an idle address book costs one call. The token is asked for anew in every
//! request, with the same parameters each time, and ends seven days after the whole list it goes back to: the answer is
//! then a 400, and everything is listed. Lists lag writes by minutes, so they are only taken for the names of what
//! changed: the contacts themselves are read by name, a hundred in a call, and are fresh.
//!
//! *What a contact says.* Google's free lists of e-mails, phones, addresses and web sites are dealt out to the slots that
//! the CRM has (`slots`). Values for which there is no slot stay where they are, as does every field that is not ours.
//!
//! *Writing.* A field of Google's is replaced as a whole, so each write begins with a fresh look, keeps what it does not
//! change, and is refused where the contact changed in between. Writes of one user go out one after another; those that
//! wait for their turn go out together in one call.
//!
//! *Versions.* Etags here depend on who asks for what, so a contact's version is a hash of what it says to the sync.
//!
//! *Never a double.* Google draws the id of a new contact; our mark lies in its `clientData`, which people do not see.
//! A creation is sent once. Where its answer is lost, the contacts changed last are looked through for the mark; lists
//! lag, so where it is not found the next run looks again before it makes anything.
//!
//! | file | holds |
//! |---|---|
//! | `wire` | Google's shapes |
//! | `slots` | which value is in which slot |
//! | `convert`, `compose` | contact to record; record to the fields to write |
//! | `marker` | the data by which we know our copies |
//! | `cursor`, `read` | sync token, lists, single contacts |
//! | `labels` | the contact group that is the label, and all of them for pages |
//! | `turns` | writes that wait for their turn, and go out together |
//! | `write`, `send` | create, update, delete; the calls they make |
//! | `failure` | reasons to failures |

mod compose;
mod convert;
mod cursor;
mod failure;
mod labels;
mod marker;
mod read;
mod send;
mod slots;
#[cfg(test)]
mod tests;
mod turns;
mod wire;
mod write;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connector_http::client::HttpClient;
use connector_http::lane::Lane;
use connector_http::pacer::{Pacer, Pacing};
use connector_http::token::TokenSource;
use sync_core::change::{ChangeSet, Observed, Reading};
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, Cursor, RemoteId, Version};
use sync_core::kind::contact::{ContactField, ContactLimits, ContactRecord};
use sync_core::port::{Create, Created, Entropy, ReadRequest, Remote, Update};

pub use labels::list_labels;

use crate::api::Api;
use crate::endpoints::GoogleEndpoints;
use cursor::Mark;
use marker::Marker;
use turns::Turns;

/// Most calls under way at once for one user. Writes go one after another whatever this says.
pub const PEOPLE_CONCURRENCY: usize = 4;

/// About what others have measured for one user; Google publishes no number.
pub const PEOPLE_PACING: Pacing = Pacing {
    calls: 90,
    window: Duration::from_mins(1),
    margin: Duration::from_secs(1),
};

/// The one collection of contacts.
const COLLECTION: &str = "people";

/// A user's way to Google Contacts for one run: counted, limited, and paced. The pacer is also returned, since its
/// history seeds the next run's (`history` and its `age`; empty where there was none).
pub fn people_lane(
    http: HttpClient,
    entropy: Arc<dyn Entropy>,
    history: &[u32],
    age: Duration,
) -> (Lane, Arc<Pacer>) {
    let pacer = Arc::new(Pacer::seeded(PEOPLE_PACING, history, age));
    (
        Lane::new(http, PEOPLE_CONCURRENCY, entropy).paced(Arc::clone(&pacer)),
        pacer,
    )
}

/// What a [`GooglePeople`] is made of.
#[derive(Debug)]
pub struct GooglePeopleConfig {
    /// Where Google is.
    pub endpoints: GoogleEndpoints,
    /// Whose contacts; part of every mark.
    pub link: AccountLinkId,
    /// The label that puts a contact in scope, by its name; `None` where all contacts are.
    pub label: Option<String>,
    /// Where the last reading stood, whatever the settings were then: it tells whether there was a label that could be
    /// missing now.
    pub stood: Option<Cursor>,
    /// The fields that the CRM has: to their slots Google's values are dealt out.
    pub crm_fields: BTreeSet<ContactField>,
    /// The way out; see [`people_lane`].
    pub lane: Lane,
    /// The user's access tokens.
    pub tokens: Arc<dyn TokenSource>,
}

/// One user's contacts in Google Contacts.
#[derive(Debug)]
pub struct GooglePeople {
    api: Api,
    marker: Marker,
    label: Option<String>,
    /// Where the last reading stood, whatever the settings were then.
    stood: Option<Mark>,
    crm_fields: BTreeSet<ContactField>,
    /// The label's group, where there is one.
    group: Mutex<Option<String>>,
    /// Whether it was looked for in this run.
    knows_group: AtomicBool,
    turns: Turns,
}

impl GooglePeople {
    /// Puts it together; nothing is called yet.
    pub fn new(config: GooglePeopleConfig) -> Self {
        Self {
            api: Api::new(&config.endpoints.people, config.lane, config.tokens),
            marker: Marker::new(&config.link),
            stood: Mark::stood(config.stood.as_ref()),
            label: config.label,
            crm_fields: config.crm_fields,
            group: Mutex::default(),
            knows_group: AtomicBool::new(false),
            turns: Turns::default(),
        }
    }

    /// Whether the last reading was made under another label.
    fn is_relabelled(&self) -> bool {
        let both = self.stood.as_ref().zip(self.label.as_deref());
        both.is_some_and(|(mark, label)| mark.had_another_label(label))
    }

    /// The label's group as the last reading knew it, whatever it is called since.
    fn stood_under(&self) -> Option<&str> {
        let stood = self.stood.as_ref();
        stood
            .filter(|mark| mark.is_of(self.label.as_deref()))?
            .group
            .as_deref()
    }

    fn group(&self) -> Option<String> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn_group(&self, group: Option<String>) {
        *self.group.lock().unwrap_or_else(PoisonError::into_inner) = group;
        self.knows_group.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl Remote<ContactRecord> for GooglePeople {
    fn limits(&self) -> ContactLimits {
        let mut limits = ContactLimits::none();
        if self.label.is_none() {
            limits.fields.remove(&ContactField::Labelled);
        }
        limits
    }

    /// A name that no contact ever has: Google draws the ids itself.
    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        RemoteId::new("copy", self.marker.name(origin, generation))
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<ContactRecord>, Failure> {
        self.read_changes(request).await
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<ContactRecord>, Failure> {
        self.know_label().await?;
        Ok(match self.get(id).await? {
            None => Reading::Gone,
            Some(person) => Reading::Present(self.seen(&person, Some(id))),
        })
    }

    async fn create(&self, create: &Create<ContactRecord>) -> Result<Created<ContactRecord>, Failure> {
        self.make(create).await
    }

    async fn update(&self, update: &Update<ContactRecord>) -> Result<Observed<ContactRecord>, Failure> {
        self.change(update).await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        self.remove(id, expected).await
    }
}
