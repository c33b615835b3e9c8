//! What is particular to one kind of record. [`Door`] does for all kinds what they have in common.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono_tz::Tz;
use serde_json::{Map, Value};
use sync_core::change::{Observed, Window};
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::Record;
use sync_core::port::{Safekeeping, Update};
use url::Url;

use super::call::Api;
use super::door::Door;
use super::failure::SuiteFailure;
use super::site::Site;
use super::wire::{Attributes, Filter, Module, Resource};
use crate::earliest::Earliest;

/// One kind of record as SuiteCRM keeps it.
#[async_trait]
pub(crate) trait Shape: Send + Sync + std::fmt::Debug + Sized + 'static {
    /// The neutral record.
    type Record: Record;

    /// The modules of its records: one side, whose collections they are.
    const MODULES: &'static [Module];
    /// The module in which copies of the other side's records are made.
    const COPIES: Module;
    /// The attributes that hold texts: what becomes of characters of four bytes shows in them.
    const TEXTS: &'static [&'static str];

    /// What the site cannot hold.
    fn limits(&self, site: &Site) -> <Self::Record as Record>::Limits;

    /// The attributes that are read of a module's records.
    fn fields(&self, module: Module, site: &Site) -> Vec<String>;

    /// The attributes that a site may lack: then records are read without them.
    fn dispensable(&self) -> &'static [&'static str] {
        &[]
    }

    /// What the refusal of an attribute that a site may not lack means.
    fn lacking(&self, cause: SuiteFailure) -> Failure {
        cause.into()
    }

    /// The zone in which the user's days begin, where the kind has days.
    fn zone(&self) -> Option<Tz> {
        None
    }

    /// The condition of a whole listing, beside the owner; `None` lists all there are.
    fn whole(&self, _window: Window) -> Option<Filter> {
        None
    }

    /// Looks at what hangs on the records beside their own attributes, once for a reading.
    async fn beside(&self, _api: &Api, _earliest: &Earliest) -> Result<Beside, Failure> {
        Ok(Beside::default())
    }

    /// Whether one record is among those that [`Beside`] calls chosen.
    async fn is_chosen(&self, _api: &Api, _id: &str) -> Result<bool, SuiteFailure> {
        Ok(false)
    }

    /// The neutral record that a resource is.
    fn observed(
        &self,
        module: Module,
        resource: &Resource,
        base_url: &Url,
    ) -> Result<Observed<Self::Record>, Unreadable>;

    /// The attributes that make the named fields of a record read as they shall. `before` is the CRM's record that
    /// is changed; `None` where one is made.
    fn attributes(
        &self,
        module: Module,
        record: &Self::Record,
        fields: &[<Self::Record as Record>::Field],
        before: Option<&Resource>,
        site: &Site,
    ) -> Map<String, Value>;

    /// Adds to the attributes what has to be looked up in the CRM first.
    ///
    /// # Errors
    /// `Permanent` where the CRM would damage the record without a word.
    async fn look_up(
        &self,
        _api: &Api,
        _record: &Self::Record,
        _fields: &[<Self::Record as Record>::Field],
        _before: Option<&Resource>,
        _attributes: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether the answer to a write shows all that is read of a record.
    fn tells_all(&self, module: Module, attributes: &Attributes) -> bool;

    /// Makes sure that the CRM kept what it must not lose.
    ///
    /// # Errors
    /// `Permanent` where it did not.
    fn check_kept(
        &self,
        _record: &Self::Record,
        _fields: &[<Self::Record as Record>::Field],
        _after: &Resource,
    ) -> Result<(), Failure> {
        Ok(())
    }

    /// The attributes that put back what was there before a write that the CRM did not keep.
    fn put_back(&self, _before: &Resource) -> Map<String, Value> {
        Map::new()
    }

    /// Whether a record that is not the version we saw is one that we ourselves left half changed, so that the same
    /// change may go on with it.
    fn is_half_changed(
        &self,
        _now: &Observed<Self::Record>,
        _expected: &Version,
        _fields: &[<Self::Record as Record>::Field],
    ) -> bool {
        false
    }

    /// Changes a record that has just been read, and says how it reads now; `None` where there was nothing to change.
    ///
    /// # Errors
    /// As [`Remote::update_safely`](sync_core::port::Remote::update_safely).
    async fn rewrite(
        door: &Door<Self>,
        update: &Update<Self::Record>,
        (before, seen): (&Resource, &Observed<Self::Record>),
        _safe: Option<&dyn Safekeeping>,
    ) -> Result<Option<Resource>, Failure> {
        let attributes = door.attributes_of(update, before).await?;
        if attributes.is_empty() {
            return Ok(None);
        }
        let module = Door::<Self>::module_of(&update.id)?;
        let after = door.patch(module, &update.id, &attributes, &seen.version).await?;
        Ok(Some(after))
    }

    /// Puts back what a change has kept that was cut off.
    ///
    /// # Errors
    /// As [`Remote::put_back`](sync_core::port::Remote::put_back).
    async fn put_back_taken(_door: &Door<Self>, _id: &RemoteId, _taken: &Value) -> Result<(), Failure> {
        Ok(())
    }

    /// Makes sure that a copy of ours has all that hangs on it; `record` is what it shall say, where that is known.
    /// Answers whether the copy reads otherwise now. Harmless to repeat.
    async fn finish_copy(
        &self,
        _api: &Api,
        _id: &RemoteId,
        _record: Option<&Self::Record>,
    ) -> Result<bool, Failure> {
        Ok(false)
    }
}

/// What hangs on a kind's records beside their own attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// The ids, in small letters, of records that the user has chosen.
    pub(crate) chosen: HashSet<String>,
    /// Changes when they do; the records themselves do not show it.
    pub(crate) stamp: String,
}

/// Why a record cannot be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It has no start.
    #[error("it has no start date")]
    NoStart,
    /// Its start is no date.
    #[error("its start date cannot be read")]
    BadStart,
    /// Its duration is negative, beyond measure, or no number.
    #[error("its duration makes no sense")]
    BadLength,
    /// The date by which it is due is no date.
    #[error("its due date cannot be read")]
    BadDue,
}

impl Unreadable {
    /// The word for programs.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Unreadable::NoStart => "no_start",
            Unreadable::BadStart => "bad_start",
            Unreadable::BadLength => "bad_length",
            Unreadable::BadDue => "bad_due",
        }
    }
}

/// Where a person looks at a record.
pub(crate) fn address(base_url: &Url, module: Module, id: &str) -> String {
    let mut url = base_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("index.php");
    }
    url.query_pairs_mut()
        .append_pair("module", module.as_str())
        .append_pair("action", "DetailView")
        .append_pair("record", id);
    url.into()
}
