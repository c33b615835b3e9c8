//! Who allowed whom to do what, and the tokens that say so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::super::options::{GoogleAccount, GoogleOptions, OAuthClient};
use super::super::world::{Chance, Google};

/// The lifetime that Google states, one second short of an hour.
pub(super) const ACCESS_SECONDS: i64 = 3599;
/// An authorization code is good for ten minutes.
const CODE_MINUTES: i64 = 10;
/// Live refresh tokens for one account and client; the oldest dies silently.
const REFRESH_TOKENS_MAX: usize = 100;
/// Refresh tokens of an app in "Testing" live so long.
const TESTING_DAYS: i64 = 7;
/// A refresh token that nobody used for so long is dead.
const UNUSED_MONTHS: u32 = 6;

/// How whoever arrives at the consent page decides, without seeing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The account that is chosen.
    pub email: String,
    /// Whether access is allowed at all.
    pub allow: bool,
    /// The scopes whose boxes are unticked.
    pub untick: Vec<String>,
}

impl Consent {
    /// Allows everything as this account.
    pub fn all(email: &str) -> Self {
        Self {
            email: email.to_owned(),
            allow: true,
            untick: Vec::new(),
        }
    }
}

/// A pair of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Good for 3599 seconds.
    pub access_token: String,
    /// Good until revoked.
    pub refresh_token: String,
}

/// The whole state.
#[derive(Debug)]
pub(in super::super) struct OAuth {
    pub(in super::super) accounts: Vec<GoogleAccount>,
    pub(in super::super) clients: Vec<OAuthClient>,
    pub(in super::super) consent: Option<Consent>,
    pub(in super::super) access: BTreeMap<String, Access>,
    pub(super) pending: BTreeMap<String, Asked>,
    pub(super) codes: BTreeMap<String, Code>,
    refresh: BTreeMap<String, Refresh>,
    grants: BTreeMap<GrantKey, Grant>,
    issued: u64,
    testing_app: bool,
}

/// Account and client.
type GrantKey = (String, String);

#[derive(Debug, Default)]
struct Grant {
    scopes: BTreeSet<String>,
    offline: bool,
}

/// What an authorization request asks for, once it was found to be in order.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) client: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<(String, bool)>,
    pub(super) offline: bool,
    pub(super) prompt_consent: bool,
    pub(super) include_granted: bool,
    pub(super) login_hint: Option<String>,
}

/// A code on its way to the token endpoint.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) asked: Asked,
    pub(super) account: String,
    pub(super) scopes: BTreeSet<String>,
    pub(super) refresh: bool,
    pub(super) issued: DateTime<Utc>,
}

impl Code {
    pub(super) fn expired(&self, now: DateTime<Utc>) -> bool {
        now.signed_duration_since(self.issued) > TimeDelta::minutes(CODE_MINUTES)
    }
}

/// An access token's meaning.
#[derive(Debug, Clone)]
pub(in super::super) struct Access {
    pub(in super::super) account: String,
    pub(super) client: String,
    pub(in super::super) scopes: BTreeSet<String>,
    expires: DateTime<Utc>,
}

#[derive(Debug, Clone)]
struct Refresh {
    account: String,
    client: String,
    scopes: BTreeSet<String>,
    issued: DateTime<Utc>,
    used: DateTime<Utc>,
    number: u64,
}

impl OAuth {
    pub(in super::super) fn new(options: &GoogleOptions) -> Self {
        Self {
            accounts: options.accounts.clone(),
            clients: options.clients.clone(),
            consent: options.auto_consent.as_deref().map(Consent::all),
            access: BTreeMap::new(),
            pending: BTreeMap::new(),
            codes: BTreeMap::new(),
            refresh: BTreeMap::new(),
            grants: BTreeMap::new(),
            issued: 0,
            testing_app: options.testing_app,
        }
    }

    pub(in super::super) fn account(&self, email: &str) -> Option<&GoogleAccount> {
        self.accounts
            .iter()
            .find(|account| account.email.eq_ignore_ascii_case(email))
    }

    pub(super) fn client(&self, id: &str) -> Option<&OAuthClient> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// How long a new refresh token lives, where its life is limited; Google then says so.
    pub(super) fn refresh_seconds(&self) -> Option<i64> {
        self.testing_app
            .then(|| TimeDelta::days(TESTING_DAYS).num_seconds() - 1)
    }

    /// What a good access token stands for.
    pub(in super::super) fn bearer(&self, token: Option<&str>, now: DateTime<Utc>) -> Option<Access> {
        self.access
            .get(token?)
            .filter(|access| access.expires > now)
            .cloned()
    }

    /// Records the consent and makes the code that tells of it. A refresh token will come with it only on the
    /// first offline consent or where the consent page was asked for.
    pub(super) fn consented(
        &mut self,
        chance: &mut Chance,
        asked: Asked,
        account: &str,
        untick: &[String],
        now: DateTime<Utc>,
    ) -> (String, BTreeSet<String>) {
        let key = (account.to_owned(), asked.client.clone());
        let grant = self.grants.entry(key).or_default();
        let mut scopes: BTreeSet<String> = asked
            .scopes
            .iter()
            .filter(|scope| !untick.contains(scope))
            .cloned()
            .collect();
        grant.scopes.extend(scopes.iter().cloned());
        if asked.include_granted {
            scopes.clone_from(&grant.scopes);
        }
        let refresh = asked.offline && (asked.prompt_consent || !grant.offline);
        grant.offline |= asked.offline;
        let code = format!("4/0A{}", chance.word(40));
        let made = Code {
            asked,
            account: account.to_owned(),
            scopes: scopes.clone(),
            refresh,
            issued: now,
        };
        self.codes.insert(code.clone(), made);
        (code, scopes)
    }

    pub(super) fn new_access(
        &mut self,
        chance: &mut Chance,
        account: &str,
        client: &str,
        scopes: &BTreeSet<String>,
        now: DateTime<Utc>,
    ) -> String {
        let token = format!("ya29.{}", chance.word(60));
        self.access.retain(|_, access| access.expires > now);
        self.access.insert(
            token.clone(),
            Access {
                account: account.to_owned(),
                client: client.to_owned(),
                scopes: scopes.clone(),
                expires: now + TimeDelta::seconds(ACCESS_SECONDS),
            },
        );
        token
    }

    pub(super) fn new_refresh(
        &mut self,
        chance: &mut Chance,
        account: &str,
        client: &str,
        scopes: &BTreeSet<String>,
        now: DateTime<Utc>,
    ) -> String {
        self.issued += 1;
        let token = format!("1//0{}", chance.word(50));
        let refresh = Refresh {
            account: account.to_owned(),
            client: client.to_owned(),
            scopes: scopes.clone(),
            issued: now,
            used: now,
            number: self.issued,
        };
        self.refresh.insert(token.clone(), refresh);
        let same = |one: &Refresh| one.account == account && one.client == client;
        let live = self.refresh.values().filter(|one| same(one)).count();
        if live > REFRESH_TOKENS_MAX {
            let oldest = self
                .refresh
                .iter()
                .filter(|(_, one)| same(one))
                .min_by_key(|(_, one)| one.number);
            if let Some(oldest) = oldest.map(|(token, _)| token.clone()) {
                self.refresh.remove(&oldest);
            }
        }
        token
    }

    /// Uses a refresh token: account, client, scopes.
    pub(super) fn use_refresh(
        &mut self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Option<(String, String, BTreeSet<String>)> {
        let refresh = self.refresh.get_mut(token)?;
        let tested_out = self.testing_app && now - refresh.issued > TimeDelta::days(TESTING_DAYS);
        let forgotten = refresh
            .used
            .checked_add_months(Months::new(UNUSED_MONTHS))
            .is_some_and(|until| now > until);
        if tested_out || forgotten {
            self.refresh.remove(token);
            return None;
        }
        refresh.used = now;
        Some((
            refresh.account.clone(),
            refresh.client.clone(),
            refresh.scopes.clone(),
        ))
    }

    /// Revoking one token revokes its grant: all tokens, all scopes of that client for that account.
    pub(super) fn revoke_token(&mut self, token: &str) -> bool {
        let key = match (self.refresh.get(token), self.access.get(token)) {
            (Some(refresh), _) => (refresh.account.clone(), refresh.client.clone()),
            (None, Some(access)) => (access.account.clone(), access.client.clone()),
            (None, None) => return false,
        };
        self.revoke(&key);
        true
    }

    /// The account's owner withdraws everything.
    pub(in super::super) fn revoke_account(&mut self, email: &str) {
        let keys: BTreeSet<GrantKey> = self
            .grants
            .keys()
            .cloned()
            .chain(
                self.refresh
                    .values()
                    .map(|one| (one.account.clone(), one.client.clone())),
            )
            .filter(|(account, _)| account.eq_ignore_ascii_case(email))
            .collect();
        for key in keys {
            self.revoke(&key);
        }
    }

    fn revoke(&mut self, key: &GrantKey) {
        self.grants.remove(key);
        self.refresh
            .retain(|_, one| (&one.account, &one.client) != (&key.0, &key.1));
        self.access
            .retain(|_, one| (&one.account, &one.client) != (&key.0, &key.1));
        self.codes
            .retain(|_, one| (&one.account, &one.asked.client) != (&key.0, &key.1));
    }

    fn grant_all(&mut self, key: GrantKey, scopes: &BTreeSet<String>) {
        let grant = self.grants.entry(key).or_default();
        grant.scopes.extend(scopes.iter().cloned());
        grant.offline = true;
    }
}

impl Google {
    pub(in super::super) fn issue_tokens(&self, email: &str, scopes: &[&str]) -> Option<Tokens> {
        let now = self.front.clock.now();
        let mut world = self.world();
        let world = &mut *world;
        let account = world.oauth.account(email)?.email.clone();
        let client = world.oauth.clients.first()?.id.clone();
        let scopes: BTreeSet<String> = scopes
            .iter()
            .map(|scope| super::authorize::long_scope(scope))
            .collect();
        world.oauth.grant_all((account.clone(), client.clone()), &scopes);
        let access_token = world
            .oauth
            .new_access(&mut world.chance, &account, &client, &scopes, now);
        let refresh_token = world
            .oauth
            .new_refresh(&mut world.chance, &account, &client, &scopes, now);
        Some(Tokens {
            access_token,
            refresh_token,
        })
    }
}
