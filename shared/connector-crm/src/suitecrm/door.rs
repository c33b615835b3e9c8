//! The door to one user's records of one kind: what all kinds have in common.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use sync_core::change::{ChangeSet, Observed, Reading};
use sync_core::failure::Failure;
use sync_core::id::{AccountLinkId, RemoteId, Version};
use sync_core::kind::Record;
use sync_core::port::{Create, Created, ReadRequest, Remote, Safekeeping, Update};
use tokio::sync::MutexGuard;
use uuid::Uuid;

use super::call::Api;
use super::failure::SuiteFailure;
use super::shape::Shape;
use super::site::Site;
use super::wire::{Attributes, Module, One, Resource, record_path};
use crate::earliest::Earliest;
use crate::writers::Writers;

/// The namespace of the ids that we give to copies. Changing it would orphan every copy whose pair is lost.
const COPIES: Uuid = Uuid::from_u128(0x6d2c_1f0e_8a54_4b7b_9c1d_3e5a_70b2_94f6);
/// One user's records of one kind.
#[derive(Debug)]
pub(crate) struct Door<S: Shape> {
    pub(super) api: Arc<Api>,
    pub(super) link: AccountLinkId,
    pub(super) shape: S,
    site: RwLock<Site>,
    writers: Writers,
}

impl<S: Shape> Door<S> {
    pub(crate) fn new(api: Arc<Api>, link: AccountLinkId, shape: S) -> Self {
        Self {
            api,
            link,
            shape,
            site: RwLock::new(Site::default()),
            writers: Writers::default(),
        }
    }

    /// What is known of the site.
    pub(super) fn site(&self) -> Site {
        self.site.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Learns something about the site.
    pub(super) fn learn<T>(&self, learn: impl FnOnce(&mut Site) -> T) -> T {
        learn(&mut self.site.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nobody else here writes this record: the CRM has no conditional write, and of two at once it
    /// loses one.
    pub(super) async fn only_writer(&self, id: &RemoteId) -> Option<MutexGuard<'_, ()>> {
        self.writers.only(&id.id.to_ascii_lowercase()).await
    }

    /// Whether a record belongs to this user. The database compares ids without regard to case.
    pub(super) fn is_mine(&self, attributes: &Attributes) -> bool {
        attributes
            .text("assigned_user_id")
            .is_some_and(|owner| owner.eq_ignore_ascii_case(&self.link.user))
    }

    /// Reads one record as it is.
    pub(super) async fn fetch(&self, module: Module, id: &str) -> Result<Resource, SuiteFailure> {
        let path = |fields: Vec<String>| record_path(module.as_str(), id, &fields);
        let one: One = self.get_known(module, path, &Earliest::default()).await?;
        let mut resource = one.data;
        resource.chosen = self.shape.is_chosen(&self.api, id).await?;
        Ok(resource)
    }

    /// Reads with the attributes to show, and once more without one that the site turns out not to have: a name that
    /// the module lacks fails the whole call.
    pub(super) async fn get_known<T: DeserializeOwned>(
        &self,
        module: Module,
        path: impl Fn(Vec<String>) -> String + Send + Sync,
        earliest: &Earliest,
    ) -> Result<T, SuiteFailure> {
        let asked = path(self.shape.fields(module, &self.site()));
        match self.api.get_noting(&asked, earliest).await {
            Err(SuiteFailure::UnknownProperty { property, module: _ })
                if self.shape.dispensable().contains(&property.as_str()) =>
            {
                self.learn(|site| site.lacks.insert(property));
                let asked = path(self.shape.fields(module, &self.site()));
                self.api.get_noting(&asked, earliest).await
            }
            other => other,
        }
    }

    /// The module of a record's id.
    pub(super) fn module_of(id: &RemoteId) -> Result<Module, Failure> {
        let found = Module::parse(&id.collection).filter(|module| S::MODULES.contains(module));
        found.ok_or_else(|| {
            let message = "the record lies in no module of its kind";
            Failure::bug("unknown_module", message)
        })
    }
}

#[async_trait]
impl<S: Shape> Remote<S::Record> for Door<S> {
    fn limits(&self) -> <S::Record as Record>::Limits {
        self.shape.limits(&self.site())
    }

    fn derived_id(&self, origin: &RemoteId, generation: u32) -> RemoteId {
        // Every part with its length, so that no two names run together.
        let link = &self.link;
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
        RemoteId::new(S::COPIES.as_str(), id)
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

    async fn complete(&self, copy: &RemoteId) -> Result<(), Failure> {
        if copy.collection == S::COPIES.as_str() {
            self.shape.finish_copy(&self.api, copy, None).await?;
        }
        Ok(())
    }

    async fn update(&self, update: &Update<S::Record>) -> Result<Observed<S::Record>, Failure> {
        self.write_fields(update, None).await
    }

    async fn update_safely(
        &self,
        update: &Update<S::Record>,
        safe: &dyn Safekeeping,
    ) -> Result<Observed<S::Record>, Failure> {
        self.write_fields(update, Some(safe)).await
    }

    async fn put_back(&self, id: &RemoteId, taken: &serde_json::Value) -> Result<(), Failure> {
        let _only = self.only_writer(id).await;
        S::put_back_taken(self, id, taken).await
    }

    async fn delete(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        self.remove(id, expected).await
    }
}
