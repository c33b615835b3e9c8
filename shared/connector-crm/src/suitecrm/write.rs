//! Changing and deleting records, so that a repeat is harmless and nothing is damaged in silence.
//!
//! A change is written only over the version that was seen, read just before. A deletion of what is gone has happened
//! already. Nobody is mailed: the API sends no invitations.

use connector_http::lane::Repeat;
use http::Method;
use serde_json::{Map, Value};
use sync_core::change::Observed;
use sync_core::failure::Failure;
use sync_core::id::{RemoteId, Version};
use sync_core::kind::Record;
use sync_core::kind::event::normal_text;
use sync_core::port::{Safekeeping, Update};

use super::door::Door;
use super::failure::SuiteFailure;
use super::shape::Shape;
use super::text::decoded;
use super::wire::{Module, One, Resource, record_body, record_path};
use crate::text::lost_four_bytes;

/// How often one write is tried in one run when its outcome is unknown and the record shows that it did not happen.
pub(super) const TRIES: u32 = 2;

impl<S: Shape> Door<S> {
    /// Writes some fields of a record, provided that it still is the version that was seen.
    ///
    /// A repeat is harmless: it finds another version than the one named and is a conflict.
    pub(super) async fn write_fields(
        &self,
        update: &Update<S::Record>,
        safe: Option<&dyn Safekeeping>,
    ) -> Result<Observed<S::Record>, Failure> {
        let module = Self::module_of(&update.id)?;
        let _only = self.only_writer(&update.id).await;
        let (before, seen) = self
            .expected(module, &update.id, &update.expected, &update.fields)
            .await?;
        let Some(after) = S::rewrite(self, update, (&before, &seen), safe).await? else {
            return Ok(seen);
        };
        if let Err(failure) = self.shape.check_kept(&update.record, &update.fields, &after) {
            self.put_back(module, &update.id, &before).await;
            return Err(failure);
        }
        self.observed(module, &after)
    }

    /// What to send so that the named fields of a record read as they shall.
    pub(super) async fn attributes_of(
        &self,
        update: &Update<S::Record>,
        before: &Resource,
    ) -> Result<Map<String, Value>, Failure> {
        let module = Self::module_of(&update.id)?;
        let (record, fields) = (&update.record, update.fields.as_slice());
        let mut attributes = self
            .shape
            .attributes(module, record, fields, Some(before), &self.site());
        self.shape
            .look_up(&self.api, record, fields, Some(before), &mut attributes)
            .await?;
        Ok(attributes)
    }

    /// Changes attributes of a record that reads as `seen`, and says how it reads now.
    pub(super) async fn patch(
        &self,
        module: Module,
        id: &RemoteId,
        attributes: &Map<String, Value>,
        seen: &Version,
    ) -> Result<Resource, Failure> {
        let body = record_body(module.as_str(), &id.id, attributes);
        let mut tried = 0;
        loop {
            tried += 1;
            let cause = match self
                .api
                .write::<One>(Method::PATCH, "module", Some(&body), Repeat::Never)
                .await
            {
                Ok(one) if one.data.id.eq_ignore_ascii_case(&id.id) => {
                    let after = self.completed(module, one.data).await?;
                    self.learn_characters(attributes, &after);
                    return Ok(after);
                }
                Ok(_) => SuiteFailure::Unintelligible,
                Err(cause) if cause.says_gone(module.as_str(), &id.id) => return Err(gone()),
                Err(cause) => cause,
            };
            if !cause.outcome_unknown() {
                return Err(cause.into());
            }
            // Whether it was written shows in the record: where it still is as seen, it was not.
            let now = self.fetch(module, &id.id).await?;
            if self.observed(module, &now).is_ok_and(|now| now.version == *seen) {
                if tried >= TRIES {
                    return Err(of_this_record(cause));
                }
            } else {
                return Ok(now);
            }
        }
    }

    /// Puts back what was there before a write that the CRM did not keep.
    async fn put_back(&self, module: Module, id: &RemoteId, before: &Resource) {
        let mut attributes = self.shape.put_back(before);
        // Texts as they were answered: the CRM decodes them when they come back.
        for name in S::TEXTS {
            if let Some(text) = before.attributes.text(name) {
                attributes.insert((*name).to_owned(), text.into());
            }
        }
        let body = record_body(module.as_str(), &id.id, &attributes);
        if let Err(cause) = self
            .api
            .write::<Value>(Method::PATCH, "module", Some(&body), Repeat::Harmless)
            .await
        {
            tracing::warn!(record.id = %id, %cause, "the former state of a record could not be put back");
        }
    }

    /// Deletes a record, provided that it still is the version that was seen.
    ///
    /// A repeat is harmless: it finds the record gone.
    pub(super) async fn remove(&self, id: &RemoteId, expected: &Version) -> Result<bool, Failure> {
        let module = Self::module_of(id)?;
        let _only = self.only_writer(id).await;
        let mut tried = 0;
        loop {
            tried += 1;
            let resource = match self.fetch(module, &id.id).await {
                Ok(resource) => resource,
                Err(cause) if cause.says_gone(module.as_str(), &id.id) => return Ok(false),
                Err(cause) => return Err(cause.into()),
            };
            self.as_expected(module, &resource, expected, &[])?;
            let path = record_path(module.as_str(), &id.id, &[]);
            let cause = match self
                .api
                .write::<Value>(Method::DELETE, &path, None, Repeat::Never)
                .await
            {
                Ok(_) => return Ok(true),
                // Deleted by somebody else meanwhile, as this same version.
                Err(cause) if cause.says_gone(module.as_str(), &id.id) => return Ok(true),
                Err(cause) => cause,
            };
            if !cause.outcome_unknown() {
                return Err(cause.into());
            }
            match self.fetch(module, &id.id).await {
                Err(gone) if gone.says_gone(module.as_str(), &id.id) => return Ok(true),
                Ok(_) if tried < TRIES => {}
                Ok(_) => return Err(of_this_record(cause)),
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Reads a record and makes sure that it is the version that was seen.
    async fn expected(
        &self,
        module: Module,
        id: &RemoteId,
        expected: &Version,
        fields: &[<S::Record as Record>::Field],
    ) -> Result<(Resource, Observed<S::Record>), Failure> {
        let resource = match self.fetch(module, &id.id).await {
            Ok(resource) => resource,
            Err(cause) if cause.says_gone(module.as_str(), &id.id) => return Err(gone()),
            Err(cause) => return Err(cause.into()),
        };
        let seen = self.as_expected(module, &resource, expected, fields)?;
        Ok((resource, seen))
    }

    fn as_expected(
        &self,
        module: Module,
        resource: &Resource,
        expected: &Version,
        fields: &[<S::Record as Record>::Field],
    ) -> Result<Observed<S::Record>, Failure> {
        if !self.is_mine(&resource.attributes) {
            let message = "the record has been given to somebody else in the CRM";
            return Err(Failure::conflict("reassigned", message));
        }
        match self.shape.observed(module, resource, &self.api.base_url) {
            Ok(seen) if seen.version == *expected || self.shape.is_half_changed(&seen, expected, fields) => {
                Ok(seen)
            }
            Ok(_) | Err(_) => Err(Failure::conflict(
                "changed",
                "the record has changed in the CRM meanwhile",
            )),
        }
    }

    /// The record that an answer to a write shows; read once more where the answer leaves something out.
    pub(super) async fn completed(&self, module: Module, answered: Resource) -> Result<Resource, Failure> {
        if self.shape.tells_all(module, &answered.attributes) {
            return Ok(answered);
        }
        Ok(self.fetch(module, &answered.id).await?)
    }

    pub(super) fn observed(
        &self,
        module: Module,
        resource: &Resource,
    ) -> Result<Observed<S::Record>, Failure> {
        let observed = self.shape.observed(module, resource, &self.api.base_url);
        observed.map_err(|cause| {
            let message = format!("The {} cannot be read back: {cause}.", module.noun());
            Failure::permanent(cause.code(), message)
        })
    }

    /// Sees from an answer whether the site's tables hold characters of four bytes; where not, each comes back as
    /// question marks.
    pub(super) fn learn_characters(&self, sent: &Map<String, Value>, answered: &Resource) {
        let lost = S::TEXTS.iter().any(|name| {
            let Some(sent) = sent.get(*name).and_then(Value::as_str) else {
                return false;
            };
            let Some(kept) = answered.attributes.text(name) else {
                return false;
            };
            lost_four_bytes(&normal_text(sent), &normal_text(&decoded(&kept)))
        });
        if lost {
            self.learn(|site| site.four_byte_characters = false);
        }
    }
}

/// A failure that stayed although the CRM answers reads of the very record. What is the record's own (its values make
/// PHP or the database fail) must not stop its neighbours; what is the site's makes the run wait.
pub(super) fn of_this_record(cause: SuiteFailure) -> Failure {
    let internal = matches!(
        cause,
        SuiteFailure::Crashed
            | SuiteFailure::Unavailable {
                status: 500,
                after: _
            }
    );
    if internal {
        let message = "the CRM fails with an internal error whenever this record is written";
        return Failure::permanent("crm_crashed", message);
    }
    cause.into()
}

fn gone() -> Failure {
    Failure::conflict("gone", "the record has been deleted in the CRM meanwhile")
}
