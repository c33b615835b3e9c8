//! Account links: what the pages own, what the run owns.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sync_core::id::AccountLinkId;
use sync_core::kind::Kind;
use sync_core::policy::Settings;
use sync_core::port::{Acquired, Claim, Expect, Holder, Order, Row, Write};

use super::codec::{decode, encode};
use super::{Memory, Page, Progress, Remembered, Stored, keys};

/// One user of a CRM joined with one Google account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountLink {
    /// Its name.
    pub id: AccountLinkId,
    /// What the pages and the administration own, with its version.
    pub body: Stored<AccountLinkBody>,
    /// What the runs own.
    pub progress: Progress,
}

/// The part of an account link that the pages and the administration own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountLinkBody {
    /// The user's name in the CRM, where it is known.
    pub name: Option<String>,
    /// The user's e-mail address in the CRM, where it is known.
    pub email: Option<String>,
    /// The language of the user's pages, where the CRM told.
    pub locale: Option<String>,
    /// The Google account; `None` before the first authorisation.
    pub google: Option<GoogleAccount>,
    /// The settings.
    pub settings: Settings,
    /// When the two accounts were first joined.
    pub linked_at: DateTime<Utc>,
    /// A person's word that deletions may go on.
    pub confirmation: Option<Confirmation>,
}

/// The Google account of an account link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoogleAccount {
    /// Google's own id of the account.
    pub subject: String,
    /// Its e-mail address.
    pub email: String,
    /// The scopes granted.
    pub scopes: Vec<String>,
    /// The kinds that were asked for and not granted, so that they went off.
    #[serde(default)]
    pub unticked: Vec<Kind>,
    /// When the grant ends by itself, where Google has said so.
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was last authorised; ends a "needs authorisation" from before.
    pub authorized_at: DateTime<Utc>,
}

/// A person's word that held deletions may go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// When it was given.
    pub at: DateTime<Utc>,
    /// How many deletions it covers; more are held again.
    pub deletions: usize,
}

/// How an account link stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountLinkState {
    /// Runs happen.
    Active,
    /// Switched off.
    Disabled,
    /// The user must authorise again.
    NeedsAuthorization,
    /// Deletions wait for a person.
    Held,
}

impl AccountLink {
    /// How it stands.
    pub fn state(&self) -> AccountLinkState {
        if self.reauthorization_reason().is_some() {
            AccountLinkState::NeedsAuthorization
        } else if !self.body.value.settings.enabled {
            AccountLinkState::Disabled
        } else if self.progress.held.is_some() {
            AccountLinkState::Held
        } else {
            AccountLinkState::Active
        }
    }

    /// Why the user must authorise again, if they must.
    pub fn reauthorization_reason(&self) -> Option<&str> {
        let Some(google) = &self.body.value.google else {
            return Some("never_authorized");
        };
        let (since, why) = self.progress.needs_authorization.as_ref()?;
        (google.authorized_at <= *since).then_some(why.as_str())
    }

    /// Whether the access ended as that of a Google app in "Testing" does: seven days after it was given, whatever
    /// anybody did. It is noticed at the next run, which may be a day later.
    pub fn ended_after_a_week(&self) -> bool {
        let Some(google) = &self.body.value.google else {
            return false;
        };
        let since = self
            .progress
            .needs_authorization
            .as_ref()
            .map(|(since, _)| *since);
        let week = google.authorized_at + TimeDelta::days(7);
        self.reauthorization_reason().is_some()
            && since.is_some_and(|since| {
                (week - TimeDelta::hours(1)..week + TimeDelta::hours(26)).contains(&since)
            })
    }

    /// How many deletions a person has let go on. A word counts for what was held when it was given, once.
    pub fn deletions_confirmed(&self) -> usize {
        match (&self.body.value.confirmation, &self.progress.held) {
            (Some(word), Some(held)) if word.at >= held.since => word.deletions,
            (_, _) => 0,
        }
    }

    /// When the schedule is due next, as far as it is known here.
    pub fn next_run_at(&self) -> Option<DateTime<Utc>> {
        if self.state() == AccountLinkState::Disabled || self.state() == AccountLinkState::NeedsAuthorization
        {
            return None;
        }
        let interval = chrono::Duration::minutes(i64::from(self.body.value.settings.interval_minutes));
        let last = self
            .progress
            .last_run
            .as_ref()
            .map_or(self.body.value.linked_at, |run| run.started_at);
        let scheduled = last + interval;
        Some(
            self.progress
                .waits_until(last)
                .map_or(scheduled, |until| until.min(scheduled)),
        )
    }

    /// Owner's name of the sealed values of this account link, and of its secrets: `link/<crm>/<user>`.
    pub fn secret_owner(id: &AccountLinkId) -> String {
        format!("link/{}/{}", id.crm, hex_name(&id.user))
    }

    fn from_row(id: AccountLinkId, row: &Row) -> Remembered<Self> {
        let progress = match &row.progress {
            Some(text) => decode(text, "progress")?,
            None => Progress::default(),
        };
        let value = decode(&row.body, "account link")?;
        Ok(Self {
            id,
            body: Stored {
                value,
                version: row.version,
            },
            progress,
        })
    }
}

/// A user id as part of a secret's name: CRM ids may hold any character.
fn hex_name(user: &str) -> String {
    if !user.is_empty()
        && user
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    {
        return user.to_owned();
    }
    format!("x{}", data_encoding::HEXLOWER.encode(user.as_bytes()))
}

/// What became of a claim on an account link's lease.
#[derive(Debug)]
pub enum Leased {
    /// Granted, with the account link as it is and who holds it now.
    Granted(Box<AccountLink>, Holder),
    /// Another run holds it.
    Busy,
    /// There is no such account link.
    Unknown,
}

impl Memory {
    /// One account link.
    pub async fn account_link(&self, id: &AccountLinkId) -> Remembered<Option<AccountLink>> {
        match self.store.get(&keys::account_link(id)).await? {
            Some(row) => AccountLink::from_row(id.clone(), &row).map(Some),
            None => Ok(None),
        }
    }

    /// The account links of a CRM, by user.
    pub async fn account_links(
        &self,
        crm: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Remembered<Page<AccountLink>> {
        let after = cursor.map(|user| format!("{}{}", keys::ACCOUNT_LINK, keys::part(user)));
        let pk = keys::account_links(crm);
        let page = self
            .store
            .query(&pk, keys::ACCOUNT_LINK, after.as_deref(), limit, Order::Ascending)
            .await?;
        let user_of = |sk: &str| {
            sk.trim_start_matches(keys::ACCOUNT_LINK)
                .replace("%23", "#")
                .replace("%25", "%")
        };
        let items = page
            .rows
            .iter()
            .map(|row| AccountLink::from_row(AccountLinkId::new(crm, user_of(&row.key.sk)), row))
            .collect::<Remembered<Vec<_>>>()?;
        Ok(Page {
            items,
            next_cursor: page.next.as_deref().map(user_of),
        })
    }

    /// Writes the administered part, provided that it still is as read (`None`: that there is none).
    pub async fn put_account_link(
        &self,
        id: &AccountLinkId,
        body: &AccountLinkBody,
        read: Option<u64>,
    ) -> Remembered<()> {
        self.store
            .write(&[Write::Put {
                key: keys::account_link(id),
                body: encode(body)?,
                expires_at: None,
                expect: read.map_or(Expect::Absent, Expect::Version),
            }])
            .await
    }

    /// Forgets an account link with its pairs, parked records, runs and journal. Nobody's data is touched.
    pub async fn remove_account_link(&self, id: &AccountLinkId) -> Remembered<()> {
        for pk in [keys::mapping(id), keys::runs(id), keys::journal(id)] {
            self.remove_partition(&pk).await?;
        }
        self.store
            .write(&[Write::Delete {
                key: keys::account_link(id),
                expect: Expect::Anything,
            }])
            .await
    }

    async fn remove_partition(&self, pk: &str) -> Remembered<()> {
        let mut after: Option<String> = None;
        loop {
            let page = self
                .store
                .query(pk, "", after.as_deref(), REMOVE_PAGE, Order::Ascending)
                .await?;
            let writes: Vec<Write> = page
                .rows
                .into_iter()
                .map(|row| Write::Delete {
                    key: row.key,
                    expect: Expect::Anything,
                })
                .collect();
            for some in writes.chunks(REMOVE_PAGE) {
                self.store.write(some).await?;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Claims an account link's lease and reads it in the same step.
    pub async fn lease(&self, id: &AccountLinkId, claim: &Claim) -> Remembered<Leased> {
        match self.store.acquire(&keys::account_link(id), claim).await? {
            Acquired::Granted(row) => {
                let holder = Holder {
                    run_id: claim.run_id.clone(),
                    fence: row.fence,
                };
                Ok(Leased::Granted(
                    Box::new(AccountLink::from_row(id.clone(), &row)?),
                    holder,
                ))
            }
            Acquired::Leased { until: _ } => Ok(Leased::Busy),
            Acquired::Missing => Ok(Leased::Unknown),
        }
    }

    /// Prolongs the lease.
    pub async fn prolong(&self, id: &AccountLinkId, holder: &Holder, until: DateTime<Utc>) -> Remembered<()> {
        self.store.write(&[Self::guard(id, holder, until)]).await
    }

    /// The write that ties a transaction to the lease.
    pub(super) fn guard(id: &AccountLinkId, holder: &Holder, until: DateTime<Utc>) -> Write {
        Write::Guard {
            key: keys::account_link(id),
            holder: holder.clone(),
            until,
        }
    }

    /// Writes the run's part and gives the lease back.
    pub async fn finish(&self, id: &AccountLinkId, holder: &Holder, progress: &Progress) -> Remembered<()> {
        self.store
            .finish(&keys::account_link(id), holder, &encode(progress)?)
            .await
    }
}

/// Rows removed in one transaction.
const REMOVE_PAGE: usize = 100;
