//! Google's three APIs against the laws of the door, over the simulated Google.

mod contacts;
mod events;
mod tasks;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connector_http::client::HttpClient;
use connector_http::token::{AccessToken, TokenSource};
use futures::future::join3;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use simulators::google::{GoogleOptions, GooglePerson, GoogleSim};
use simulators::{Fault, FaultRule, SimClock, When};
use sync_core::failure::Failure;
use sync_core::id::RemoteId;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::port::{Remote, SecretText};
use sync_engine::contract::remote::{
    Habits, Hands, Sample, Strike, Trouble, Which, Whose, beginning, broken_laws,
};

use crate::GoogleEndpoints;
use crate::client_file::read_client_file;
use crate::oauth::{GoogleOauth, SCOPE_CALENDAR_EVENTS, SCOPE_CONTACTS, SCOPE_TASKS};

const ANNA: &str = "anna@example.com";
const BEN: &str = "ben@example.com";
const REDIRECT: &str = "https://sync.example.com/oauth/google/callback";

/// Anna's account at a simulated Google whose pages are short, sometimes empty, and never the last one when it looks
/// like it.
struct Account {
    sim: GoogleSim,
    endpoints: GoogleEndpoints,
    tokens: Arc<Grant>,
    /// The list that Anna's tasks are in.
    list: String,
}

/// A kind of record, as people and the connector have it there.
trait Kept: Sample {
    /// The columns of a row that what the sync carries lies in.
    const CARRIED: &'static [&'static str];
    /// What Google counts by itself at every save.
    const ITS_OWN: &'static [&'static str];
    /// Whether ids are ours to give.
    const NAMED_BY_US: bool;

    fn door(account: &Account) -> Box<dyn Remote<Self>>;
    fn make(account: &Account, whose: Whose, name: &str) -> RemoteId;
    fn rename(account: &Account, id: &RemoteId, name: &str);
    fn adorn(account: &Account, id: &RemoteId);
    fn delete(account: &Account, id: &RemoteId);
    fn give_away(_account: &Account, _id: &RemoteId) -> bool {
        false
    }
    fn seed(account: &Account, count: usize);
    fn living(account: &Account) -> usize;
    fn row(account: &Account, id: &RemoteId) -> Option<Value>;
}

impl Account {
    async fn open() -> Self {
        let sim = GoogleSim::start(GoogleOptions {
            clock: SimClock::stopped(beginning()),
            quota_per_minute: None,
            people_writes_per_minute: None,
            people_first_pages_per_minute: None,
            page_items_max: Some(50),
            empty_page_after: Some(2),
            ..GoogleOptions::default()
        })
        .await
        .unwrap();
        let endpoints = GoogleEndpoints {
            token: sim.token_url(),
            calendar: sim.calendar_url(),
            tasks: sim.tasks_url(),
            people: sim.people_url(),
            ..GoogleEndpoints::default()
        };
        let client = read_client_file(sim.client_file(REDIRECT).to_string().as_bytes(), REDIRECT).unwrap();
        let scopes = [SCOPE_CALENDAR_EVENTS, SCOPE_TASKS, SCOPE_CONTACTS];
        let granted = sim.issue_tokens(ANNA, &scopes).unwrap();
        let tokens = Grant {
            oauth: GoogleOauth::new(endpoints.clone(), client, HttpClient::unguarded().unwrap()),
            clock: sim.clock(),
            refresh: granted.refresh_token.into(),
            access: tokio::sync::Mutex::default(),
        };
        Self {
            list: tasks::list_of(&sim),
            sim,
            endpoints,
            tokens: Arc::new(tokens),
        }
    }

    fn tokens(&self) -> Arc<dyn TokenSource> {
        Arc::clone(&self.tokens) as Arc<dyn TokenSource>
    }

    fn anna(&self) -> GooglePerson {
        self.sim.person(ANNA)
    }

    fn person(&self, whose: Whose) -> GooglePerson {
        self.sim.person(match whose {
            Whose::Theirs => ANNA,
            Whose::SomebodyElses => BEN,
        })
    }
}

/// A consent, with the access token that it gave last.
#[derive(Debug)]
struct Grant {
    oauth: GoogleOauth,
    clock: SimClock,
    refresh: SecretText,
    access: tokio::sync::Mutex<Option<AccessToken>>,
}

#[async_trait]
impl TokenSource for Grant {
    async fn token(&self) -> Result<AccessToken, Failure> {
        let held = self.access.lock().await.clone();
        match held {
            Some(token) => Ok(token),
            None => self.fresh(None).await,
        }
    }

    async fn replace(&self, refused: &AccessToken) -> Result<AccessToken, Failure> {
        self.fresh(Some(refused)).await
    }
}

impl Grant {
    async fn fresh(&self, refused: Option<&AccessToken>) -> Result<AccessToken, Failure> {
        let mut held = self.access.lock().await;
        if let Some(token) = held.as_ref()
            && refused.is_none_or(|refused| refused.text.expose_secret() != token.text.expose_secret())
        {
            return Ok(token.clone());
        }
        let refreshed = self.oauth.refresh(&self.refresh, self.clock.now()).await?;
        Ok(held.insert(refreshed.access).clone())
    }
}

impl<R: Kept> Hands<R> for Account {
    fn habits(&self) -> Habits {
        Habits {
            finds_copies: R::NAMED_BY_US,
            tells_what_left: true,
            tells_again_for: Duration::from_mins(15),
            idle_requests: 1,
        }
    }

    fn door(&self) -> Box<dyn Remote<R>> {
        R::door(self)
    }

    fn make(&self, whose: Whose, name: &str) -> RemoteId {
        R::make(self, whose, name)
    }

    fn rename(&self, id: &RemoteId, name: &str) {
        R::rename(self, id, name);
    }

    fn adorn(&self, id: &RemoteId) {
        R::adorn(self, id);
    }

    fn delete(&self, id: &RemoteId) {
        R::delete(self, id);
    }

    fn give_away(&self, id: &RemoteId) -> bool {
        R::give_away(self, id)
    }

    fn seed(&self, count: usize) {
        R::seed(self, count);
    }

    fn living(&self) -> usize {
        R::living(self)
    }

    fn row(&self, id: &RemoteId) -> Option<Map<String, Value>> {
        let row = R::row(self, id)?;
        let mut row = row.as_object().cloned().unwrap();
        row.retain(|name, _| !R::ITS_OWN.contains(&name.as_str()));
        Some(row)
    }

    fn carried(&self) -> &'static [&'static str] {
        R::CARRIED
    }

    fn pass(&self, time: Duration) {
        self.sim.clock().advance(time);
    }

    fn strike(&self, strike: Strike) {
        let when = match strike.which {
            Which::All => When::Always,
            Which::First(count) => When::Next(count),
            Which::Only(number) => When::Nth(number),
        };
        let rule = FaultRule::new(fault(strike.trouble), when).paths(|path| !signs_in(path));
        self.sim.faults().add(if strike.writes_only {
            rule.methods(&["POST", "PATCH", "DELETE"])
        } else {
            rule
        });
    }

    fn calm(&self) {
        self.sim.faults().clear();
    }

    fn requests(&self) -> (u64, u64) {
        let log = self.sim.traffic().log();
        let asked = log.iter().filter(|asked| !signs_in(&asked.target));
        let writes = asked.clone().filter(|asked| asked.method != "GET").count();
        (asked.count() as u64, writes as u64)
    }

    fn mails(&self) -> usize {
        self.sim.mails().len()
    }

    fn end_sessions(&self) {
        self.sim.expire_access_tokens();
    }

    fn withdraw(&self) {
        self.sim.revoke_access(ANNA);
    }

    fn refuse_cursors(&self) {
        self.sim.expire_sync_tokens();
    }
}

fn signs_in(target: &str) -> bool {
    target == "/token"
}

fn fault(trouble: Trouble) -> Fault {
    match trouble {
        Trouble::Dropped => Fault::DropBefore,
        Trouble::LostAnswer => Fault::LostAnswer,
        Trouble::CutBody => Fault::CutBody,
        Trouble::Away(status) => Fault::ServerErrorBefore(status),
        Trouble::Failed(status) => Fault::ServerErrorAfter(status),
        Trouble::Page(status) => Fault::Html(status),
        Trouble::Busy { status, after } => Fault::Throttle {
            status,
            retry_after: Some(after),
        },
    }
}

#[tokio::test]
async fn events_tasks_and_contacts_keep_the_laws() {
    let broken = join3(
        broken_laws::<EventRecord, _>(Account::open),
        broken_laws::<TaskRecord, _>(Account::open),
        broken_laws::<ContactRecord, _>(Account::open),
    );
    let none = BTreeSet::new;
    assert_eq!(
        broken.await,
        (none(), none(), none()),
        "laws of events, tasks and contacts"
    );
}
