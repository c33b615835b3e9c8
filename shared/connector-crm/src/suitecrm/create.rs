//! Making copies of the other side's records.
//!
//! A copy is made under an id of ours, so a second making is refused and the first one found. What the CRM answers is
//! compared with what it was sent, because it takes anything.

use connector_http::lane::Repeat;
use http::Method;
use serde_json::Value;
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::port::{Create, Created, Remote};

use super::door::Door;
use super::failure::SuiteFailure;
use super::shape::Shape;
use super::wire::{One, Resource, record_body, record_path};
use super::write::{TRIES, of_this_record};

/// How many burnt ids are passed over for one copy. Each was deleted by somebody, so more than a few are a mistake.
const GENERATIONS_TRIED: u32 = 8;

/// What became of making a copy under one id.
enum Made {
    /// It was made now.
    Now(Resource),
    /// It was there already.
    Before(Resource),
    /// The id belongs to a deleted record and is good for nothing any more.
    Burnt,
}

impl<S: Shape> Door<S> {
    /// Makes a copy of the other side's record.
    ///
    /// A repeat is harmless because the id is derived from the origin: it finds the first copy and adopts it.
    pub(super) async fn make_copy(&self, create: &Create<S::Record>) -> Result<Created<S::Record>, Failure> {
        let generations = create.generation..=create.generation.saturating_add(GENERATIONS_TRIED);
        for generation in generations {
            let id = self.derived_id(&create.origin, generation);
            let _only = self.only_writer(&id).await;
            let (resource, adopted) = match self.make_under(&id, &create.record).await? {
                Made::Now(resource) => (resource, false),
                Made::Before(resource) => (resource, true),
                Made::Burnt => continue,
            };
            if adopted && !self.is_mine(&resource.attributes) {
                let message = "its copy in the CRM has been given to somebody else";
                return Err(Failure::permanent("copy_reassigned", message));
            }
            if !adopted {
                self.check_copy(&id, &create.record, &resource).await?;
            }
            let finished = self.shape.finish_copy(&self.api, &id, Some(&create.record));
            let resource = if finished.await? {
                self.fetch(S::COPIES, &id.id).await?
            } else {
                resource
            };
            let observed = self.observed(S::COPIES, &resource)?;
            return Ok(Created {
                observed,
                generation,
                adopted,
            });
        }
        Err(Failure::permanent(
            "ids_burnt",
            "its copies in the CRM have been deleted again and again",
        ))
    }

    async fn make_under(&self, id: &RemoteId, record: &S::Record) -> Result<Made, Failure> {
        let (module, fields) = (S::COPIES, S::Record::FIELDS);
        let mut attributes = self.shape.attributes(module, record, fields, None, &self.site());
        self.shape
            .look_up(&self.api, record, fields, None, &mut attributes)
            .await?;
        // Without it the record would be nobody's.
        attributes.insert("assigned_user_id".to_owned(), self.link.user.clone().into());
        let body = record_body(module.as_str(), &id.id, &attributes);
        let mut tried = 0;
        loop {
            tried += 1;
            let cause = match self
                .api
                .write::<One>(Method::POST, "module", Some(&body), Repeat::Never)
                .await
            {
                Ok(one) if one.data.id.eq_ignore_ascii_case(&id.id) => {
                    self.learn_characters(&attributes, &one.data);
                    return Ok(Made::Now(self.completed(module, one.data).await?));
                }
                Ok(_) => SuiteFailure::Unintelligible,
                Err(cause) => cause,
            };
            if cause != SuiteFailure::AlreadyExists && !cause.outcome_unknown() {
                return Err(cause.into());
            }
            match self.fetch(module, &id.id).await {
                Ok(resource) => return Ok(Made::Before(resource)),
                Err(absent) if absent.says_gone(module.as_str(), &id.id) => {}
                Err(other) => return Err(other.into()),
            }
            if cause == SuiteFailure::AlreadyExists {
                return Ok(Made::Burnt);
            }
            if tried >= TRIES {
                return Err(of_this_record(cause));
            }
        }
    }

    /// Makes sure that the CRM kept what a new record must have, and takes the record back where it did not.
    async fn check_copy(&self, id: &RemoteId, record: &S::Record, made: &Resource) -> Result<(), Failure> {
        let Err(failure) = self.shape.check_kept(record, S::Record::FIELDS, made) else {
            return Ok(());
        };
        let path = record_path(&id.collection, &id.id, &[]);
        if let Err(cause) = self
            .api
            .write::<Value>(Method::DELETE, &path, None, Repeat::Harmless)
            .await
        {
            tracing::warn!(record.id = %id, %cause, "a copy that the CRM did not keep as asked could not be removed");
        }
        Err(failure)
    }
}
