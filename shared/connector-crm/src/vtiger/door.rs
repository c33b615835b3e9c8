//! The door to one user's records of one kind: what all kinds have in common.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use data_encoding::HEXUPPER;
use sha2::{Digest, Sha256};
use sync_core::change::{ChangeSet, Observed, Reading};
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId, Version};
use sync_core::kind::Record;
use sync_core::port::{Create, Created, ReadRequest, Remote, Update};
use tokio::sync::{Mutex, MutexGuard};

use super::call::Api;
use super::create::Copies;
use super::failure::VtigerFailure;
use super::login::Session;
use super::shape::{Shape, Unreadable};
use super::site::Site;
use super::wire::{Key, Query, Row, WireId, user_number};
use crate::writers::Writers;

/// One user's records of one kind.
#[derive(Debug)]
pub(crate) struct Door<S: Shape> {
    pub(super) api: Arc<Api>,
    pub(super) link: AccountLinkId,
    pub(super) shape: S,
    pub(super) copies: Mutex<Copies>,
    site: RwLock<Site>,
    writers: Writers,
}

impl<S: Shape> Door<S> {
    pub(crate) fn new(api: Arc<Api>, link: AccountLinkId, shape: S) -> Self {
        Self {
            api,
            link,
            shape,
            copies: Mutex::default(),
            site: RwLock::new(Site::of(S::MODULE, S::TWIN)),
            writers: Writers::default(),
        }
    }

    /// What is known of the site.
    pub(super) fn site(&self) -> Site {
        self.site.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Learns something about the site.
    pub(super) fn learn(&self, learn: impl FnOnce(&mut Site)) {
        learn(&mut self.site.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until nobody else here writes this record: the CRM has no conditional write.
    pub(super) async fn only_writer(&self, id: &RemoteId) -> Option<MutexGuard<'_, ()>> {
        self.writers.only(&id.id).await
    }

    /// The session in use.
    pub(super) async fn session(&self) -> Result<Session, Failure> {
        Ok(self.api.session().await?)
    }

    /// The user's own id, whichever way the account link names them.
    pub(super) async fn owner(&self) -> Result<WireId, Failure> {
        let number = user_number(&self.link.user).ok_or_else(|| {
            Failure::permanent(
                "unknown_user",
                "the user's id is not one of Vtiger's: a number, or a number behind 19x",
            )
        })?;
        Ok(WireId {
            prefix: self.session().await?.user.prefix,
            number,
        })
    }

    /// Whether a row is the user's own. The query asked for nothing else; this is the second look, because 8.2 hands
    /// out other people's private records in full.
    pub(super) fn is_mine(&self, row: &Row) -> bool {
        let owner = row.id("assigned_user_id").map(|owner| owner.number);
        owner.is_some() && owner == user_number(&self.link.user)
    }

    /// The columns to read, as a query lists them.
    pub(super) fn columns(&self) -> String {
        let site = self.site();
        let own = S::COLUMNS.iter().filter(|column| site.has(column));
        let columns: Vec<String> = own
            .map(|column| (*column).to_owned())
            .chain(self.shape.more_columns(&site))
            .collect();
        columns.join(",")
    }

    /// A query for all that is read of records.
    pub(super) fn select(&self) -> Query {
        Query::select(&self.columns(), S::MODULE)
    }

    /// Reads one record as it is; `None` where the CRM shows none, which alone proves nothing.
    pub(super) async fn fetch(&self, id: WireId) -> Result<Option<Row>, Failure> {
        let mut rows = self.api.query(&self.select().with_id(id)).await?;
        rows.retain(|row| row.id("id") == Some(id));
        self.shape.complete(&self.api, &mut rows).await?;
        Ok(rows.into_iter().next())
    }

    /// The record that an answer to a write shows; what the answer leaves out is read.
    pub(super) async fn completed(&self, answered: Row) -> Result<Row, Failure> {
        if let Some(id) = answered.id("id")
            && !self.shape.tells_all(&answered, &self.site())
        {
            let read = self.fetch(id).await?;
            return read.ok_or_else(|| VtigerFailure::Unintelligible.into());
        }
        let mut rows = [answered];
        self.shape.complete(&self.api, &mut rows).await?;
        let [row] = rows;
        Ok(row)
    }

    /// The id that a record's name holds.
    pub(super) fn wire_id(id: &RemoteId) -> Result<WireId, Failure> {
        WireId::parse(&id.id)
            .filter(|_| id.collection == S::MODULE.as_str())
            .ok_or_else(|| Failure::bug("unknown_module", "the record lies in no module of its kind"))
    }

    /// The name of the record with that number.
    pub(super) fn name(&self, number: u64) -> RemoteId {
        RemoteId::new(S::MODULE.as_str(), self.site().id(number).to_string())
    }

    /// The record that a row is, or why it is none.
    pub(super) fn seen(&self, row: &Row) -> Result<Observed<S::Record>, Unreadable> {
        self.shape.observed(row, &self.site(), &self.api.base_url)
    }

    /// The record that a row is, right after a write.
    pub(super) fn observed(&self, row: &Row) -> Result<Observed<S::Record>, Failure> {
        self.seen(row).map_err(|cause| {
            let message = format!("The {} cannot be read back: {cause}.", S::MODULE.noun());
            Failure::permanent(cause.code(), message)
        })
    }

    /// How the keys of this account link's copies begin.
    pub(super) fn keys_begin(&self) -> Key {
        Key::of(&[&self.link_digest(), ""])
    }

    /// The key of a copy.
    pub(super) fn key(&self, origin: &RemoteId, generation: u32) -> Key {
        let copy = digest(&[&origin.collection, &origin.id, &generation.to_string()], 16);
        Key::of(&[&self.link_digest(), &copy])
    }

    fn link_digest(&self) -> String {
        let user = user_number(&self.link.user).unwrap_or_default();
        digest(&[&self.link.crm, &user.to_string()], 4)
    }
}

/// The first bytes of a digest, written out. Every part goes in with its length, so that no two names run together.
fn digest(parts: &[&str], bytes: usize) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part.as_bytes());
    }
    HEXUPPER.encode(digest.finalize().as_slice().get(..bytes).unwrap_or_default())
}

#[async_trait]
impl<S: Shape> Remote<S::Record> for Door<S> {
    fn limits(&self) -> <S::Record as Record>::Limits {
        self.shape.limits(&self.site())
    }

    /// The CRM numbers records itself. This is the name that is kept beside the number.
    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        RemoteId::new(S::MODULE.as_str(), self.key(origin, generation).as_str())
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<S::Record>, Failure> {
        self.read_changes(request).await
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<S::Record>, Failure> {
        self.read_one(id).await
    }

    async fn create(&self, create: &Create<S::Record>) -> Result<Created<S::Record>, Failure> {
        self.make_copy(create).await
    }

    async fn update(&self, update: &Update<S::Record>) -> Result<Observed<S::Record>, Failure> {
        self.write_fields(update).await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        self.remove(id, expected).await
    }
}
