//! Vtiger 7.x and 8.x, and its family: the web service at `webservice.php`.
//!
//! | file | holds |
//! |---|---|
//! | `login` | credentials, the challenge, sessions |
//! | `call` | one call: session, repeat, refusal told apart |
//! | `wire` | what travels: envelope, rows, ids, the text of queries |
//! | `failure` | the table of refusals, by code |
//! | `site` | what one site is made of, kept in the cursor |
//! | `known` | the numbers of a user's records of one kind, packed, kept in the cursor |
//! | `door` | the door to one user's records of one kind; `read`, `sweep`, `create`, `write` hold its work |
//! | `shape` | what is particular to one kind of record |
//! | `events`, `tasks`, `contacts` | the kinds |
//! | `activity` | what a change of an event or a task would destroy |
//! | `text` | what becomes of texts on their way in and out |
//! | `users` | users and their zones |
//! | `check` | what is wrong with a set-up |
//!
//! # What decides the shape
//!
//! - **Deletions are looked for.** The service's own delta operation fails on every 8.x under PHP 8. So one request a
//!   run and kind asks for what changed, and one more whether the last of the user's records still stand at the places
//!   where they should: one that is missing anywhere moves all behind it. Only then are the ids walked along. See
//!   `sweep`.
//! - **The older channel (WSAPP) is not used**, though 8.4 offers it. Its deltas follow the user who is signed in,
//!   not one that is named, so each user's own key would be needed; it tells deletions only of records entered in a
//!   table of its own in the CRM, a second memory beside ours that can disagree with it; it fills missing fields
//!   with made-up values; and it can lose what was written in the second of its last answer.
//! - **A change destroys what it does not send**: reminder, contacts, invited users, the rule of a series. What can be
//!   read is sent along with every change. What cannot be read is protected by not changing the record. See `write`.
//! - **An empty answer proves nothing**: a query that fails inside the CRM is answered like one that finds nothing.

mod activity;
mod call;
mod check;
mod contacts;
mod create;
mod door;
mod events;
mod failure;
mod known;
mod login;
mod read;
mod shape;
mod site;
mod sweep;
mod tasks;
#[cfg(test)]
mod tests;
mod text;
mod users;
mod wire;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use connector_http::lane::Lane;
use connector_http::token::TokenCache;
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::port::{Clock, Remote};
use url::Url;

use crate::address::site_address;
use crate::crm::{CheckReport, ContactsFor, CrmConnection, CrmUser, EventsFor, TasksFor};
use crate::registry::CrmConfig;
use call::Api;
use contacts::Contacts;
use door::Door;
use events::Events;
use login::{Credentials, Login};
use tasks::Tasks;
use wire::WireId;

pub(crate) use login::check_auth;

/// The most requests that one site shall have to answer at a time. All runs share one session, whose requests PHP
/// carries out one after the other; the second one travels meanwhile.
///
/// # Source
/// Measured on 8.2.0: 15.7 ms a request with four at a time on one session, 9.0 ms on four sessions.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 2;

/// A connection to one Vtiger site.
#[derive(Debug)]
pub struct Vtiger {
    api: Arc<Api>,
}

impl Vtiger {
    /// Opens a site. Sends nothing yet.
    ///
    /// # Errors
    /// `Permanent` where the credentials or the address cannot be used.
    pub fn new(
        config: CrmConfig,
        lane: Lane,
        tokens: Arc<dyn TokenCache>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let base_url = site_address(config.base_url)?;
        let service = base_url
            .join("webservice.php")
            .map_err(|_| Failure::permanent("base_url_invalid", "the CRM's address is no web address"))?;
        let credentials = Credentials::parse(&config.auth)?;
        let login = Login::new(service.clone(), credentials, lane.clone(), tokens, clock);
        Ok(Self {
            api: Arc::new(Api::new(base_url, service, login, lane)),
        })
    }
}

#[async_trait]
impl CrmConnection for Vtiger {
    fn events(&self, user: EventsFor) -> Option<Box<dyn Remote<EventRecord>>> {
        let EventsFor {
            link,
            zone,
            description: _,
        } = user;
        Some(Box::new(Door::new(Arc::clone(&self.api), link, Events { zone })))
    }

    fn tasks(&self, user: TasksFor) -> Option<Box<dyn Remote<TaskRecord>>> {
        let TasksFor { link, zone } = user;
        Some(Box::new(Door::new(Arc::clone(&self.api), link, Tasks { zone })))
    }

    fn contacts(&self, user: ContactsFor) -> Option<Box<dyn Remote<ContactRecord>>> {
        let ContactsFor { link, tags } = user;
        Some(Box::new(Door::new(
            Arc::clone(&self.api),
            link,
            Contacts::new(&tags),
        )))
    }

    async fn user(&self, id: &str) -> Result<Option<CrmUser>, Failure> {
        users::user(&self.api, id).await
    }

    async fn users_by_email(&self, email: &str) -> Result<Vec<CrmUser>, Failure> {
        users::by_email(&self.api, email).await
    }

    async fn check(&self) -> CheckReport {
        check::check(&self.api).await
    }
}

/// Where a person sees a record in the browser; `None` where the name is none of this CRM's.
///
/// # Source
/// The address of the detail view in Vtiger 7 and 8, which events and tasks share.
pub(crate) fn record_address(base_url: &str, record: &RemoteId) -> Option<String> {
    let base_url = site_address(Url::parse(base_url).ok()?).ok()?;
    let module = wire::Module::parse(&record.collection)?;
    let number = WireId::parse(&record.id)?.number;
    Some(shape::address(&base_url, module, number))
}
