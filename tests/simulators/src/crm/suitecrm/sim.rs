//! The handle of a simulated SuiteCRM.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::crm::SuiteCrm;
use super::options::{CrmClient, CrmUser, SuiteCrmOptions};
use super::person::CrmPerson;
use super::seed;
use crate::clock::SimClock;
use crate::front::{Faults, Front, Server, Traffic, start};

/// A running simulated SuiteCRM. Clones are the same one; it ends with the last of them or at
/// [`SuiteCrmSim::stop`].
#[derive(Debug, Clone)]
pub struct SuiteCrmSim {
    crm: Arc<SuiteCrm>,
    server: Arc<Server>,
    base_url: String,
}

impl SuiteCrmSim {
    /// Starts one on the loopback address. Needs a Tokio runtime with I/O and time.
    ///
    /// # Errors
    /// Where the port cannot be bound.
    pub async fn start(options: SuiteCrmOptions) -> io::Result<Self> {
        let front = Front::new(options.clock.clone(), options.latency);
        front.set_write_gap(options.write_gap);
        let port = options.port;
        let crm = Arc::new(SuiteCrm::new(front.clone(), options));
        let server = Arc::new(start(front, &crm, port).await?);
        let base_url = format!("http://{}", server.address);
        Ok(Self {
            crm,
            server,
            base_url,
        })
    }

    /// The site's address, `http://127.0.0.1:port`, without a slash at the end; what a registration calls
    /// `base_url`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Its users, the API user first.
    pub fn users(&self) -> Vec<CrmUser> {
        self.crm.world().options.users.clone()
    }

    /// Its OAuth2 clients.
    pub fn clients(&self) -> Vec<CrmClient> {
        self.crm.world().options.clients.clone()
    }

    /// Adds a user.
    pub fn add_user(&self, user: CrmUser) {
        let now = self.crm.front.clock.now();
        let mut world = self.crm.world();
        world.add_user(&user, now);
        world.options.users.push(user);
    }

    /// Changes the secret of the first client: whoever has the old one is refused from now on.
    pub fn change_client_secret(&self, secret: &str) {
        if let Some(client) = self.crm.world().options.clients.first_mut() {
            secret.clone_into(&mut client.secret);
        }
    }

    /// All access tokens are refused from now on.
    pub fn expire_access_tokens(&self) {
        self.crm.world().tokens.expire_access();
    }

    /// Keeps one record from API users, as roles and security groups do.
    pub fn forbid(&self, module: &str, id: &str) {
        self.crm
            .world()
            .forbidden
            .insert((module.to_owned(), id.to_lowercase()));
    }

    /// Keeps a whole module from API users.
    pub fn forbid_module(&self, module: &str) {
        self.crm.world().forbidden_modules.insert(module.to_owned());
    }

    /// Opens to API users whatever was kept from them.
    pub fn permit_everything(&self) {
        let mut world = self.crm.world();
        world.forbidden.clear();
        world.forbidden_modules.clear();
    }

    /// Removes deleted rows for good, as the job "Prune database" does.
    pub fn prune(&self) {
        for table in self.crm.world().tables.values_mut() {
            table.rows.retain(|_, row| !row.deleted());
        }
    }

    /// The living meetings and calls in a user's CRM calendar: those he is invited to. Being responsible for one
    /// is not enough.
    pub fn in_calendar_of(&self, user: &str) -> Vec<(String, String)> {
        let world = self.crm.world();
        let mut found = Vec::new();
        for (module, link) in [("Meetings", "meetings"), ("Calls", "calls")] {
            let invited = world.links.behind(("Users", user), link);
            let table = world.tables.get(module);
            let living = invited.filter_map(|(_, id)| table.and_then(|table| table.living(id)));
            found.extend(living.map(|row| (module.to_owned(), row.id.clone())));
        }
        found
    }

    /// A row as the database holds it, deleted or not; NULL columns are left out.
    pub fn row(&self, module: &str, id: &str) -> Option<Map<String, Value>> {
        let world = self.crm.world();
        let row = world.tables.get(module)?.get(id)?;
        Some(columns(row))
    }

    /// The living rows of a module by id, as the database holds them.
    pub fn rows(&self, module: &str) -> Vec<Map<String, Value>> {
        let world = self.crm.world();
        let rows = world.tables.get(module).map(|table| table.rows.values());
        rows.into_iter()
            .flatten()
            .filter(|row| !row.deleted())
            .map(columns)
            .collect()
    }

    /// Everything stored, by module and id, deleted rows included, and all relationships.
    pub fn snapshot(&self) -> Value {
        let world = self.crm.world();
        let mut modules: Map<String, Value> = world
            .tables
            .iter()
            .map(|(module, table)| {
                let rows = table
                    .rows
                    .iter()
                    .map(|(id, row)| (id.clone(), Value::Object(columns(row))));
                ((*module).to_owned(), Value::Object(rows.collect()))
            })
            .collect();
        let mut related = world.links.all();
        related.extend(world.addresses.everyones());
        modules.insert("relationships".to_owned(), Value::Object(related));
        Value::Object(modules)
    }

    /// A person in the CRM's own pages, acting as the user with this id.
    pub fn person(&self, user: &str) -> CrmPerson {
        CrmPerson::new(Arc::clone(&self.crm), user)
    }

    /// A few dozen meetings, calls and tasks of everyday shapes around today, for every user but the API user.
    pub fn seed_sample(&self) {
        seed::sample(self);
    }

    /// This many plain meetings of the user, half an hour each, from tomorrow on.
    pub fn seed_meetings(&self, user: &str, count: usize) {
        seed::many(self, user, count);
    }

    /// This many tasks of the user, due one after the other from tomorrow on, every tenth of them on no day.
    pub fn seed_tasks(&self, user: &str, count: usize) {
        seed::many_tasks(self, user, count);
    }

    /// This many contacts of the user with an e-mail address and a phone number each; where a checkbox is named, they
    /// have it ticked.
    pub fn seed_contacts(&self, user: &str, count: usize, checkbox: Option<&str>) {
        seed::many_contacts(self, user, count, checkbox);
    }

    /// Sets how long every call takes from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.crm.front.set_latency(latency);
    }

    /// Its clock.
    pub fn clock(&self) -> SimClock {
        self.crm.front.clock.clone()
    }

    /// What it was asked.
    pub fn traffic(&self) -> Traffic {
        self.crm.front.traffic.clone()
    }

    /// What goes wrong on the way to and from it.
    pub fn faults(&self) -> Faults {
        self.crm.front.faults.clone()
    }

    /// Ends it: the port closes and open connections are cut at their next request.
    pub fn stop(&self) {
        self.server.stop();
    }
}

fn columns(row: &super::table::Row) -> Map<String, Value> {
    let mut columns: Map<String, Value> = row
        .cells
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    columns.insert("id".to_owned(), json!(row.id));
    columns
}
