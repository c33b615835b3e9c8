//! SuiteCRM 7.x, and 8.x through its legacy API: the V8 JSON:API.
//!
//! | file | holds |
//! |---|---|
//! | `login` | credentials, the API's place, tokens |
//! | `call` | one call: token, repeat, refusal told apart |
//! | `wire` | what travels: shapes and addresses |
//! | `failure` | the table of refusals, by text |
//! | `site` | what one site can hold, kept in the cursor |
//! | `door` | the door to one user's records of one kind; `read`, `create` and `write` hold its work |
//! | `shape` | what is particular to one kind of record |
//! | `events`, `tasks`, `contacts` | the kinds |
//! | `text` | what becomes of texts on their way in and out |
//! | `users` | users and their zones |
//! | `check` | what is wrong with a set-up |
//!
//! The API accepts anything and damages silently: dates in the wrong shape are emptied, titles cut, unknown tags
//! thrown away, all with status 201. So every write is compared with its answer, and what the CRM returned is what
//! counts from then on.

mod call;
mod check;
mod contacts;
mod create;
mod door;
mod events;
mod failure;
mod list;
mod login;
mod read;
mod shape;
mod site;
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
use contacts::tags::Tags;
use door::Door;
use events::Events;
use login::{Credentials, Login};
use tasks::Tasks;

pub(crate) use login::check_auth;

/// The most requests that one site shall have to answer at a time.
///
/// Its answers are bound by its own processor: four at a time gave hardly more rows a second than two, only later.
///
/// # Source
/// Measured on 7.14.6 with two cores: 10, 14 and 18 lists a second with 1, 2 and 4 at a time.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 2;

/// A connection to one SuiteCRM site.
#[derive(Debug)]
pub struct SuiteCrm {
    api: Arc<Api>,
}

impl SuiteCrm {
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
        let credentials = Credentials::parse(&config.auth)?;
        let login = Login::new(base_url.clone(), credentials, lane.clone(), tokens, clock);
        Ok(Self {
            api: Arc::new(Api::new(base_url, login, lane)),
        })
    }
}

#[async_trait]
impl CrmConnection for SuiteCrm {
    fn events(&self, user: EventsFor) -> Option<Box<dyn Remote<EventRecord>>> {
        let EventsFor {
            link,
            zone,
            description: _,
        } = user;
        let events = Events {
            user: link.user.clone(),
            zone,
        };
        Some(Box::new(Door::new(Arc::clone(&self.api), link, events)))
    }

    fn tasks(&self, user: TasksFor) -> Option<Box<dyn Remote<TaskRecord>>> {
        let TasksFor { link, zone } = user;
        Some(Box::new(Door::new(Arc::clone(&self.api), link, Tasks { zone })))
    }

    fn contacts(&self, user: ContactsFor) -> Option<Box<dyn Remote<ContactRecord>>> {
        let ContactsFor { link, tags } = user;
        let contacts = Contacts::new(Tags::new(&tags, &link.user));
        Some(Box::new(Door::new(Arc::clone(&self.api), link, contacts)))
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

/// Where a person sees a record; `None` where the site's address or the module is none.
pub(crate) fn record_address(base_url: &str, record: &RemoteId) -> Option<String> {
    let site = site_address(Url::parse(base_url).ok()?).ok()?;
    let module = wire::Module::parse(&record.collection)?;
    Some(shape::address(&site, module, &record.id))
}
