//! The door for meetings and calls of one user.
//!
//! Both modules are one side: the collection of a record's id is its module. What Google has first becomes a
//! meeting.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use sync_core::change::{ChangeSet, Observed, Reading};
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::event::{EventLimits, EventRecord};
use sync_core::port::{Create, Created, ReadRequest, Remote, Update};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::call::Api;
use super::failure::SuiteFailure;
use super::site::Site;
use super::wire::{Attributes, Module, One, Resource, record_path};
use crate::crm::EventsFor;
use crate::earliest::Earliest;

/// The namespace of the ids that we give to copies. Changing it would orphan every copy whose pair is lost.
const COPIES: Uuid = Uuid::from_u128(0x6d2c_1f0e_8a54_4b7b_9c1d_3e5a_70b2_94f6);
/// How many records can be written side by side without ever waiting for each other. Far more than requests.
const LOCKS: usize = 16;

/// The meetings and calls of one user.
#[derive(Debug)]
pub(crate) struct SuiteEvents {
    pub(super) api: Arc<Api>,
    pub(super) user: EventsFor,
    site: RwLock<Site>,
    locks: [Mutex<()>; LOCKS],
}

impl SuiteEvents {
    pub(crate) fn new(api: Arc<Api>, user: EventsFor) -> Self {
        Self {
            api,
            user,
            site: RwLock::new(Site::default()),
            locks: std::array::from_fn(|_| Mutex::new(())),
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

    /// Waits until nobody else here writes this record: the CRM has no conditional write, and of two at once it
    /// loses one.
    pub(super) async fn only_writer(&self, id: &RemoteId) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        id.id.to_ascii_lowercase().hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % 16).unwrap_or(0);
        Some(self.locks.get(place)?.lock().await)
    }

    /// Whether a record belongs to this user. The database compares ids without regard to case.
    pub(super) fn is_mine(&self, attributes: &Attributes) -> bool {
        attributes
            .text("assigned_user_id")
            .is_some_and(|owner| owner.eq_ignore_ascii_case(&self.user.link.user))
    }

    /// Reads one record as it is.
    pub(super) async fn fetch(&self, module: Module, id: &str) -> Result<Resource, SuiteFailure> {
        let path = |fields: Vec<&'static str>| record_path(module.as_str(), id, &fields);
        let one: One = self.get_known(module, path, &Earliest::default()).await?;
        Ok(one.data)
    }

    /// Reads with the attributes to show, and once more without the built-in sync's column where the site turns out
    /// not to have it: a name that the module lacks fails the whole call.
    pub(super) async fn get_known<T: DeserializeOwned>(
        &self,
        module: Module,
        path: impl Fn(Vec<&'static str>) -> String + Send + Sync,
        earliest: &Earliest,
    ) -> Result<T, SuiteFailure> {
        let asked = path(self.site().fields(module));
        match self.api.get_noting(&asked, earliest).await {
            Err(SuiteFailure::UnknownProperty { property, module: _ }) if property == "gsync_id" => {
                self.learn(|site| site.has_built_in_sync = false);
                let asked = path(self.site().fields(module));
                self.api.get_noting(&asked, earliest).await
            }
            other => other,
        }
    }

    /// The module of a record's id.
    pub(super) fn module_of(id: &RemoteId) -> Result<Module, Failure> {
        Module::parse(&id.collection).ok_or_else(|| {
            Failure::bug(
                "unknown_module",
                "the record lies in no module of meetings or calls",
            )
        })
    }
}

#[async_trait]
impl Remote<EventRecord> for SuiteEvents {
    fn limits(&self) -> EventLimits {
        self.site().limits()
    }

    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        // Every part with its length, so that no two names run together.
        let link = &self.user.link;
        let name = [
            &link.crm,
            &link.user,
            &origin.collection,
            &origin.id,
            &generation.to_string(),
        ]
        .map(|part| format!("{}:{part}", part.len()))
        .concat();
        // With dashes: without them the CRM takes the id and never finds the record again.
        let id = Uuid::new_v5(&COPIES, name.as_bytes()).hyphenated().to_string();
        RemoteId::new(Module::Meetings.as_str(), id)
    }

    async fn changes(&self, request: &ReadRequest) -> Result<ChangeSet<EventRecord>, Failure> {
        self.read_changes(request).await
    }

    async fn read(&self, id: &RemoteId) -> Result<Reading<EventRecord>, Failure> {
        self.read_one(id).await
    }

    async fn create(&self, create: &Create<EventRecord>) -> Result<Created<EventRecord>, Failure> {
        self.make_copy(create).await
    }

    async fn complete(&self, copy: &RemoteId) -> Result<(), Failure> {
        self.complete_copy(copy).await
    }

    async fn update(&self, update: &Update<EventRecord>) -> Result<Observed<EventRecord>, Failure> {
        self.write_fields(update).await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        self.remove(id, expected).await
    }
}
