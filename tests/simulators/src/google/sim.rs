//! The handle of a simulated Google.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::calendar::Mail;
use super::oauth::{Consent, Tokens};
use super::options::GoogleOptions;
use super::person::GooglePerson;
use super::seed;
use super::world::Google;
use crate::clock::SimClock;
use crate::front::{Faults, Front, Server, Traffic, start};

/// A running simulated Google. Clones are the same one; it ends with the last of them or at [`GoogleSim::stop`].
#[derive(Debug, Clone)]
pub struct GoogleSim {
    google: Arc<Google>,
    server: Arc<Server>,
    base_url: String,
}

impl GoogleSim {
    /// Starts one on the loopback address. Needs a Tokio runtime with I/O and time.
    ///
    /// # Errors
    /// Where the port cannot be bound.
    pub async fn start(options: GoogleOptions) -> io::Result<Self> {
        let front = Front::new(options.clock.clone(), options.latency);
        let port = options.port;
        let google = Arc::new(Google::new(front.clone(), &options));
        let server = Arc::new(start(front, &google, port).await?);
        let base_url = format!("http://{}", server.address);
        Ok(Self {
            google,
            server,
            base_url,
        })
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// What `GOOGLE_AUTH_URL` gets.
    pub fn auth_url(&self) -> String {
        format!("{}/o/oauth2/v2/auth", self.base_url)
    }

    /// What `GOOGLE_TOKEN_URL` gets.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.base_url)
    }

    /// What `GOOGLE_REVOKE_URL` gets.
    pub fn revoke_url(&self) -> String {
        format!("{}/revoke", self.base_url)
    }

    /// What `GOOGLE_USERINFO_URL` gets: the shape of the published API description (`id`, `verified_email`).
    pub fn userinfo_url(&self) -> String {
        format!("{}/oauth2/v2/userinfo", self.base_url)
    }

    /// The other address of the same: the OpenID Connect shape (`sub`, `email_verified`).
    pub fn openid_userinfo_url(&self) -> String {
        format!("{}/v1/userinfo", self.base_url)
    }

    /// What `GOOGLE_CALENDAR_URL` gets.
    pub fn calendar_url(&self) -> String {
        format!("{}/calendar/v3", self.base_url)
    }

    /// What `GOOGLE_TASKS_URL` gets.
    pub fn tasks_url(&self) -> String {
        format!("{}/tasks/v1", self.base_url)
    }

    /// What `GOOGLE_PEOPLE_URL` gets.
    pub fn people_url(&self) -> String {
        format!("{}/v1", self.base_url)
    }

    /// The client file as Google's console gives it out, for the first client; the redirect address is registered
    /// with it.
    pub fn client_file(&self, redirect_uri: &str) -> Value {
        let mut world = self.google.world();
        let Some(client) = world.oauth.clients.first_mut() else {
            return Value::Null;
        };
        if !client.redirect_uris.iter().any(|known| known == redirect_uri) {
            client.redirect_uris.push(redirect_uri.to_owned());
        }
        json!({ "web": {
            "client_id": client.id,
            "project_id": "simulated-project",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_secret": client.secret,
            "redirect_uris": client.redirect_uris,
        } })
    }

    /// Whoever arrives at the consent page from now on decides like this; `None` shows the page.
    pub fn set_consent(&self, consent: Option<Consent>) {
        self.google.world().oauth.consent = consent;
    }

    /// Tokens as an offline consent to these scopes would give, without the browser's way. `None` where there is
    /// no such account.
    pub fn issue_tokens(&self, email: &str, scopes: &[&str]) -> Option<Tokens> {
        self.google.issue_tokens(email, scopes)
    }

    /// The user withdraws the access in the account's settings.
    pub fn revoke_access(&self, email: &str) {
        self.google.world().oauth.revoke_account(email);
    }

    /// All access tokens expire now; refresh tokens stay good.
    pub fn expire_access_tokens(&self) {
        self.google.world().oauth.access.clear();
    }

    /// All sync tokens handed out so far are refused from now on: 410 for events, 400 for contacts.
    pub fn expire_sync_tokens(&self) {
        let mut world = self.google.world();
        world.calendars.expire_sync_tokens();
        world.people.expire_sync_tokens();
    }

    /// Deleted events and tasks disappear for good: reading one is 404 from now on. Events' ids stay burnt.
    pub fn purge_tombstones(&self) {
        let mut world = self.google.world();
        world.calendars.purge_tombstones();
        world.tasks.purge_tombstones();
    }

    /// Every mail that a request of a client made Google send to guests.
    pub fn mails(&self) -> Vec<Mail> {
        self.google.world().calendars.mails.clone()
    }

    /// Sets or lifts the quota of Calendar calls in a minute.
    pub fn set_quota_per_minute(&self, quota: Option<u32>) {
        self.google.world().calendars.quota.set_limit(quota);
    }

    /// Sets or lifts the project's quota of Tasks calls in a day.
    pub fn set_tasks_quota_per_day(&self, quota: Option<u32>) {
        self.google.world().tasks.set_quota_per_day(quota);
    }

    /// Sets how long it takes until a change of a contact is seen in lists.
    pub fn set_people_list_delay(&self, delay: Duration) {
        let delay = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
        self.google.world().people.set_list_delay(delay);
    }

    /// Sets how long every call takes from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.google.front.set_latency(latency);
    }

    /// Its users' addresses.
    pub fn accounts(&self) -> Vec<String> {
        self.google
            .world()
            .oauth
            .accounts
            .iter()
            .map(|account| account.email.clone())
            .collect()
    }

    /// A person at the calendar's own pages, acting as this account.
    pub fn person(&self, email: &str) -> GooglePerson {
        GooglePerson::new(Arc::clone(&self.google), email)
    }

    /// Everything stored, by calendar and event id, tombstones included, with each event's etag.
    pub fn snapshot(&self) -> Value {
        self.google.world().calendars.snapshot()
    }

    /// All task lists by account and id (`@default` for the default one) with their tasks, deleted ones included.
    pub fn tasks_snapshot(&self) -> Value {
        self.google.world().tasks.snapshot()
    }

    /// All contacts that are not deleted, and the users' labels, by account.
    pub fn people_snapshot(&self) -> Value {
        self.google.world().people.snapshot()
    }

    /// A few dozen events of everyday shapes around today, for every account.
    pub fn seed_sample(&self) {
        seed::sample(self);
    }

    /// This many plain events in the account's primary calendar, half an hour each, from tomorrow on.
    pub fn seed_events(&self, email: &str, count: usize) {
        seed::many(self, email, count);
    }

    /// This many plain tasks in the account's default list, one due a day from tomorrow on.
    pub fn seed_tasks(&self, email: &str, count: usize) {
        seed::many_tasks(self, email, count);
    }

    /// This many plain contacts of the account, each with an e-mail and a phone, under the label where one is named.
    pub fn seed_contacts(&self, email: &str, count: usize, label: Option<&str>) {
        seed::many_contacts(self, email, count, label);
    }

    /// Its clock.
    pub fn clock(&self) -> SimClock {
        self.google.front.clock.clone()
    }

    /// What it was asked.
    pub fn traffic(&self) -> Traffic {
        self.google.front.traffic.clone()
    }

    /// What goes wrong on the way to and from it.
    pub fn faults(&self) -> Faults {
        self.google.front.faults.clone()
    }

    /// Ends it: the port closes and open connections are cut at their next request.
    pub fn stop(&self) {
        self.server.stop();
    }
}
