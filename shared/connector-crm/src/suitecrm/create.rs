//! Making copies of the other side's records as meetings.
//!
//! A copy is made under an id of ours, so a second making is refused and the first one found. What the CRM answers is
//! compared with what it was sent, because it takes anything.

use connector_http::lane::Repeat;
use http::Method;
use serde_json::Value;
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::event::EventRecord;
use sync_core::port::{Create, Created, Remote};

use super::convert::{self, Span};
use super::events::SuiteEvents;
use super::failure::SuiteFailure;
use super::wire::{Module, One, Page, Resource, link_path, record_body, record_path, user_link_body};
use super::write::{TRIES, of_this_record, time_not_kept};

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

impl SuiteEvents {
    /// Makes a copy of the other side's record.
    ///
    /// A repeat is harmless because the id is derived from the origin: it finds the first copy and adopts it.
    pub(super) async fn make_copy(
        &self,
        create: &Create<EventRecord>,
    ) -> Result<Created<EventRecord>, Failure> {
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
                self.check_time(&id, &create.record, &resource).await?;
            }
            self.link_user(&id).await?;
            let observed = self.observed(Module::Meetings, &resource)?;
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

    async fn make_under(&self, id: &RemoteId, record: &EventRecord) -> Result<Made, Failure> {
        let module = Module::Meetings;
        let mut attributes =
            convert::attributes(module, record, EventRecord::FIELDS, &self.site(), self.user.zone);
        // Without it the record would be nobody's.
        attributes.insert("assigned_user_id".to_owned(), self.user.link.user.clone().into());
        let body = record_body(module, &id.id, &attributes);
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

    /// Makes sure that the CRM kept the time of a new record, and takes the record back where it did not: a meeting
    /// at no time or at a wrong one helps nobody.
    async fn check_time(&self, id: &RemoteId, record: &EventRecord, made: &Resource) -> Result<(), Failure> {
        let asked = Span::of(&record.when, self.user.zone);
        if Span::read(&made.attributes).is_ok_and(|kept| asked.is_kept_as(kept)) {
            return Ok(());
        }
        let path = record_path(&id.collection, &id.id, &[]);
        if let Err(cause) = self
            .api
            .write::<Value>(Method::DELETE, &path, None, Repeat::Harmless)
            .await
        {
            tracing::warn!(record.id = %id, %cause, "a copy whose time the CRM did not keep could not be removed");
        }
        Err(time_not_kept())
    }

    /// Makes sure that a copy stands in the user's own CRM calendar.
    pub(super) async fn complete_copy(&self, id: &RemoteId) -> Result<(), Failure> {
        if Self::module_of(id)? != Module::Meetings {
            return Ok(());
        }
        let invited: Page = self
            .api
            .get(&link_path(Module::Meetings, &id.id, "users"))
            .await?;
        let user = &self.user.link.user;
        if invited.data.iter().any(|one| one.id.eq_ignore_ascii_case(user)) {
            return Ok(());
        }
        self.link_user(id).await
    }

    /// Puts the record into the user's own CRM calendar; being assigned is not enough for that. Harmless to repeat.
    async fn link_user(&self, id: &RemoteId) -> Result<(), Failure> {
        let path = link_path(Module::Meetings, &id.id, "users");
        let body = user_link_body(&self.user.link.user);
        self.api
            .write::<Value>(Method::POST, &path, Some(&body), Repeat::Harmless)
            .await?;
        Ok(())
    }
}
