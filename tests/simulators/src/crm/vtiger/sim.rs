//! The handle of a simulated Vtiger.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::columns::Module;
use super::crm::Vtiger;
use super::options::{VtigerOptions, VtigerUser};
use super::person::VtigerPerson;
use super::record::Record;
use super::seed;
use crate::clock::SimClock;
use crate::front::{Faults, Front, Server, Traffic, start};

/// A running simulated Vtiger. Clones are the same one; it ends with the last of them or at [`VtigerSim::stop`].
#[derive(Debug, Clone)]
pub struct VtigerSim {
    crm: Arc<Vtiger>,
    server: Arc<Server>,
    base_url: String,
}

impl VtigerSim {
    /// Starts one on the loopback address. Needs a Tokio runtime with I/O and time.
    ///
    /// # Errors
    /// Where the port cannot be bound.
    pub async fn start(options: VtigerOptions) -> io::Result<Self> {
        let front = Front::new(options.clock.clone(), options.latency);
        front.set_write_gap(options.write_gap);
        let port = options.port;
        let crm = Arc::new(Vtiger::new(front.clone(), options));
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

    /// Its users, the one of the sync first.
    pub fn users(&self) -> Vec<VtigerUser> {
        self.crm.world().options.users.clone()
    }

    /// The class of accounts, in front of their numbers.
    pub fn accounts_class(&self) -> u32 {
        self.crm.world().options.accounts_class
    }

    /// Adds a user.
    pub fn add_user(&self, user: VtigerUser) {
        self.crm.world().options.users.push(user);
    }

    /// Changes a user's access key: the old one is refused from now on.
    pub fn change_access_key(&self, number: u64, key: &str) {
        let mut world = self.crm.world();
        if let Some(user) = world.options.users.iter_mut().find(|user| user.number == number) {
            key.clone_into(&mut user.access_key);
        }
    }

    /// Makes a user an administrator, or an ordinary user again.
    pub fn set_admin(&self, number: u64, is_admin: bool) {
        let mut world = self.crm.world();
        if let Some(user) = world.options.users.iter_mut().find(|user| user.number == number) {
            user.is_admin = is_admin;
        }
    }

    /// All sessions are refused from now on, as after the host's clean-up.
    pub fn forget_sessions(&self) {
        self.crm.world().sessions.forget();
    }

    /// From now on queries for records fail inside, which is answered like finding nothing; or no longer.
    pub fn let_queries_fail(&self, fail: bool) {
        self.crm.world().queries_fail = fail;
    }

    /// Removes records of the recycle bin for good.
    pub fn empty_recycle_bin(&self) {
        self.crm.world().records.retain(|_, record| !record.deleted);
    }

    /// Moves back the time of change of a record, as one that was entered into the database by hand has it.
    pub fn backdate(&self, number: u64, by: chrono::TimeDelta) {
        if let Some(record) = self.crm.world().records.get_mut(&number) {
            record.modified -= by;
        }
    }

    /// A record as the database holds it, deleted or not.
    pub fn record(&self, number: u64) -> Option<Map<String, Value>> {
        self.crm.world().records.get(&number).map(Record::stored)
    }

    /// The living events, as the database holds them.
    pub fn events(&self) -> Vec<Map<String, Value>> {
        self.living(Module::Events)
    }

    /// The living tasks.
    pub fn tasks(&self) -> Vec<Map<String, Value>> {
        self.living(Module::Calendar)
    }

    /// The living contacts.
    pub fn contacts(&self) -> Vec<Map<String, Value>> {
        self.living(Module::Contacts)
    }

    /// The living accounts.
    pub fn accounts(&self) -> Vec<Map<String, Value>> {
        self.living(Module::Accounts)
    }

    fn living(&self, module: Module) -> Vec<Map<String, Value>> {
        let world = self.crm.world();
        let living = world.records.values().filter(|record| record.is_living());
        living
            .filter(|record| record.module() == module)
            .map(Record::stored)
            .collect()
    }

    /// What was mailed to contacts of the customer portal: a contact's number, and the address.
    pub fn portal_mails(&self) -> Vec<(u64, String)> {
        self.crm.world().portal_mails.clone()
    }

    /// Everything stored, by number, deleted records included.
    pub fn snapshot(&self) -> Value {
        let world = self.crm.world();
        let records = world.records.iter();
        Value::Object(
            records
                .map(|(number, record)| (number.to_string(), Value::Object(record.stored())))
                .collect(),
        )
    }

    /// A person in the CRM's own pages, acting as the user with this number.
    pub fn person(&self, number: u64) -> VtigerPerson {
        VtigerPerson::new(Arc::clone(&self.crm), number)
    }

    /// A few dozen meetings, calls and tasks of everyday shapes around today, and some contacts of one account, for
    /// every user but the first.
    pub fn seed_sample(&self) {
        seed::sample(self);
    }

    /// This many plain meetings of the user, half an hour each, from tomorrow on.
    pub fn seed_meetings(&self, number: u64, count: usize) {
        seed::many(self, number, count);
    }

    /// This many tasks of the user, due from tomorrow on.
    pub fn seed_tasks(&self, number: u64, count: usize) {
        seed::many_tasks(self, number, count);
    }

    /// This many contacts of the user with an e-mail address and a phone number of their own, marked by the checkbox
    /// of that name where one is given.
    pub fn seed_contacts(&self, number: u64, count: usize, checkbox: Option<&str>) {
        seed::many_contacts(self, number, count, checkbox);
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
