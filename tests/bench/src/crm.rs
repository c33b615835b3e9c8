//! The simulated CRMs, in one vocabulary.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::crm::suitecrm::{SuiteCrmOptions, SuiteCrmSim};
use simulators::crm::vtiger::{VtigerOptions, VtigerSim};
use simulators::{SimClock, Traffic};
use sync_core::kind::Kind;
use tokio::runtime::Handle;

use crate::Failed;

/// Which CRM it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    /// SuiteCRM 7.x.
    SuiteCrm,
    /// Vtiger 8.4.
    Vtiger,
}

impl Product {
    /// As rows name it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Product::SuiteCrm => "SuiteCRM",
            Product::Vtiger => "Vtiger",
        }
    }

    /// The kind that is registered.
    pub(crate) fn registered_kind(self) -> &'static str {
        match self {
            Product::SuiteCrm => "suitecrm",
            Product::Vtiger => "vtiger",
        }
    }

    /// The requests to the CRM without which no run can know that nothing changed: what changed, and what is gone, of
    /// each list that it keeps.
    pub(crate) fn idle_requests(self, kinds: &[Kind]) -> u64 {
        let lists = |kind: &Kind| match (self, kind) {
            // Meetings and calls.
            (Product::SuiteCrm, Kind::Event) => 2,
            (Product::SuiteCrm | Product::Vtiger, Kind::Event | Kind::Task | Kind::Contact) => 1,
        };
        2 * kinds.iter().map(lists).sum::<u64>()
    }
}

/// Somebody who has an account in the CRM and at Google.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// The CRM's own id.
    pub(crate) id: String,
    /// The address at Google.
    pub(crate) email: String,
}

/// A simulated CRM.
#[derive(Debug)]
pub(crate) enum Crm {
    SuiteCrm(SuiteCrmSim),
    Vtiger(VtigerSim),
}

impl Crm {
    /// Starts the server.
    pub(crate) async fn start(servers: &Handle, product: Product, clock: &SimClock) -> Result<Self, Failed> {
        Ok(match product {
            Product::SuiteCrm => {
                let options = SuiteCrmOptions {
                    clock: clock.clone(),
                    ..SuiteCrmOptions::default()
                };
                Self::SuiteCrm(servers.spawn(SuiteCrmSim::start(options)).await??)
            }
            Product::Vtiger => {
                let options = VtigerOptions {
                    clock: clock.clone(),
                    ..VtigerOptions::default()
                };
                Self::Vtiger(servers.spawn(VtigerSim::start(options)).await??)
            }
        })
    }

    /// Its people in the order of their making, the one of the sync left out.
    pub(crate) fn people(&self) -> Vec<Person> {
        let person = |(id, email)| Person { id, email };
        match self {
            Self::SuiteCrm(sim) => {
                let users = sim.users().into_iter().skip(1);
                users.map(|user| person((user.id, user.email))).collect()
            }
            Self::Vtiger(sim) => {
                let users = sim.users().into_iter().skip(1);
                users
                    .map(|user| person((user.number.to_string(), user.email)))
                    .collect()
            }
        }
    }

    /// So many records of one kind; contacts are marked for the sync.
    pub(crate) fn seed(&self, user: &Person, kind: Kind, count: usize) -> Result<(), Failed> {
        match self {
            Self::SuiteCrm(sim) => match kind {
                Kind::Event => sim.seed_meetings(&user.id, count),
                Kind::Task => sim.seed_tasks(&user.id, count),
                Kind::Contact => sim.seed_contacts(&user.id, count, Some("google_c")),
            },
            Self::Vtiger(sim) => {
                let number = user.id.parse()?;
                match kind {
                    Kind::Event => sim.seed_meetings(number, count),
                    Kind::Task => sim.seed_tasks(number, count),
                    Kind::Contact => sim.seed_contacts(number, count, Some("cf_853")),
                }
            }
        }
        Ok(())
    }

    /// The sign-in of the sync's user, as it is registered.
    pub(crate) fn sign_in(&self) -> Result<Value, Failed> {
        match self {
            Self::SuiteCrm(sim) => {
                let client = sim.clients().into_iter().next();
                let client = client.ok_or("the CRM has no client")?;
                Ok(json!({ "client_id": client.id, "client_secret": client.secret }))
            }
            Self::Vtiger(sim) => {
                let user = sim.users().into_iter().next();
                let user = user.ok_or("the CRM has no user")?;
                Ok(json!({ "username": user.user_name, "access_key": user.access_key }))
            }
        }
    }

    /// The site's address.
    pub(crate) fn base_url(&self) -> &str {
        match self {
            Self::SuiteCrm(sim) => sim.base_url(),
            Self::Vtiger(sim) => sim.base_url(),
        }
    }

    /// What it was asked.
    pub(crate) fn traffic(&self) -> Traffic {
        match self {
            Self::SuiteCrm(sim) => sim.traffic(),
            Self::Vtiger(sim) => sim.traffic(),
        }
    }

    /// Every call takes so much longer.
    pub(crate) fn set_latency(&self, latency: Duration) {
        match self {
            Self::SuiteCrm(sim) => sim.set_latency(latency),
            Self::Vtiger(sim) => sim.set_latency(latency),
        }
    }

    /// The SuiteCRM that this is.
    pub(crate) fn suitecrm(&self) -> Result<&SuiteCrmSim, Failed> {
        match self {
            Self::SuiteCrm(sim) => Ok(sim),
            Self::Vtiger(_) => Err("this CRM is no SuiteCRM".into()),
        }
    }
}
