//! Answers in JSON. The description of the calls is made from these types, comments included.

use chrono::{DateTime, Utc};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use sync_core::kind::Kind;
use sync_core::policy::Settings;
use sync_core::side::{PerSide, Side};
use sync_engine::memory::{AccountLink, AccountLinkState, CrmRegistration, JournalEntry, Loss};
use sync_engine::report::RunRecord;

use crate::messages;
use crate::operations::linking;
use crate::origin::Origin;

/// The service answers.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "Health"))]
pub(crate) struct HealthShown {
    /// Always `ok`.
    pub(crate) status: &'static str,
    /// The version of this program.
    pub(crate) version: &'static str,
}

/// One page of a list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "PageOf{T}"))]
pub(super) struct PageShown<T> {
    /// The items; a page may be short although more follow.
    pub(super) items: Vec<T>,
    /// What to send as `cursor` for the next page; `null` where this is the last one.
    pub(super) next_cursor: Option<String>,
}

/// A registered CRM, without its secrets.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "Crm"))]
pub(super) struct CrmShown {
    /// The name under which it is registered.
    crm: String,
    /// What it is.
    kind: String,
    /// What people call it.
    label: String,
    /// Its address.
    base_url: String,
    /// The parts of its sign-in that are no secret.
    auth: Map<String, Value>,
    /// The settings that its users begin with, where they differ from the defaults.
    #[cfg_attr(test, schemars(with = "Map<String, Value>"))]
    settings: Value,
    /// Whether pages of the CRM's own origin may show its users' pages in a frame.
    allow_framing: bool,
    /// Its Google client.
    google_client: GoogleClientShown,
    /// What Google's console wants as authorised redirect URI.
    redirect_uri: String,
    /// The address at which its users begin.
    authorize_url: String,
    /// When it was registered.
    created_at: DateTime<Utc>,
    /// When its registration last changed.
    updated_at: DateTime<Utc>,
}

impl CrmShown {
    pub(super) fn of(registration: &CrmRegistration, origin: &Origin) -> Self {
        let CrmRegistration {
            crm,
            kind,
            label,
            base_url,
            auth_shown,
            settings,
            allow_framing,
            google_client_id,
            created_at,
            updated_at,
        } = registration.clone();
        Self {
            kind,
            label,
            base_url,
            auth: auth_shown,
            settings,
            allow_framing,
            google_client: GoogleClientShown::of(google_client_id),
            redirect_uri: origin.redirect_uri(),
            authorize_url: format!("{}/authorize?crm={crm}", origin.base),
            crm,
            created_at,
            updated_at,
        }
    }
}

/// The Google client of a CRM, without its secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "GoogleClient"))]
#[serde(tag = "status", rename_all = "snake_case")]
pub(super) enum GoogleClientShown {
    /// One is installed.
    Configured {
        /// Its id.
        client_id: String,
    },
    /// None is.
    NotConfigured,
}

impl GoogleClientShown {
    pub(super) fn of(client_id: Option<String>) -> Self {
        match client_id {
            Some(client_id) => Self::Configured { client_id },
            None => Self::NotConfigured,
        }
    }
}

/// What a check found, where nothing is wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "Check"))]
pub(super) struct CheckShown {
    /// Always `ok`; what is wrong is a problem.
    pub(super) status: &'static str,
    /// What there is to say.
    pub(super) findings: Vec<FindingShown>,
    /// What Google says of the client: `ok`, `not_configured`, or `unknown` where it did not answer.
    pub(super) google_client: &'static str,
}

/// One thing that a check found.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "Finding"))]
pub(super) struct FindingShown {
    /// The field of the registration that it is about.
    pub(super) field: Option<String>,
    /// How grave it is.
    pub(super) level: &'static str,
    /// A short word for programs.
    pub(super) code: &'static str,
    /// A sentence for people.
    pub(super) message: String,
}

/// A new key with which the CRM signs its users' links. It is shown once.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "LinkKey"))]
pub(super) struct LinkKeyShown {
    /// Goes into the token's header as `kid`.
    pub(super) key_id: String,
    /// The key, as text: its UTF-8 bytes sign.
    pub(super) key: String,
}

/// A user of the CRM joined with a Google account.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "Link"))]
pub(super) struct LinkShown {
    /// The registered CRM.
    crm: String,
    /// The CRM's own id of the user.
    user: String,
    /// The user's name in the CRM, where it is known.
    name: Option<String>,
    /// The user's address in the CRM, where it is known.
    email: Option<String>,
    /// The address of the Google account.
    google_email: Option<String>,
    /// How it stands.
    state: AccountLinkState,
    /// Why the user must authorise again, as a short word; `null` where they need not.
    reason: Option<String>,
    /// What may be behind it, as a sentence for people; `null` where nothing can be said.
    hint: Option<&'static str>,
    /// The kinds that the user wants and Google does not let us touch.
    missing_access: Vec<Kind>,
    /// When the accounts were first joined.
    linked_at: DateTime<Utc>,
    /// When access was last given.
    authorized_at: Option<DateTime<Utc>>,
    /// When access ends by itself, where Google has said that it will.
    access_ends_at: Option<DateTime<Utc>>,
    /// The last run.
    last_run: Option<RunRecord>,
    /// When the schedule is due next.
    next_run_at: Option<DateTime<Utc>>,
    /// Records that are kept in step.
    pairs: u64,
    /// Records that wait with a reason.
    parked: u64,
    /// Deletions that wait for a person.
    held: Option<HeldShown>,
    /// The settings.
    settings: Settings,
}

/// Deletions that wait for a person.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "HeldDeletions"))]
pub(super) struct HeldShown {
    /// Since when.
    since: DateTime<Utc>,
    /// How many on each side.
    deletions: PerSide<usize>,
    /// A few of them.
    examples: Vec<String>,
}

impl LinkShown {
    pub(super) fn of(link: &AccountLink) -> Self {
        let body = &link.body.value;
        let google = body.google.as_ref();
        let progress = &link.progress;
        Self {
            crm: link.id.crm.clone(),
            user: link.id.user.clone(),
            name: body.name.clone(),
            email: body.email.clone(),
            google_email: google.map(|google| google.email.clone()),
            state: link.state(),
            reason: link.reauthorization_reason().map(str::to_owned),
            hint: link.ended_after_a_week().then_some(messages::ENDED_AFTER_A_WEEK),
            missing_access: linking::missing_access(link),
            linked_at: body.linked_at,
            authorized_at: google.map(|google| google.authorized_at),
            access_ends_at: google.and_then(|google| google.ends_at),
            last_run: progress.last_run.clone(),
            next_run_at: link.next_run_at(),
            pairs: progress.pairs,
            parked: progress.parked.count,
            held: progress.held.as_ref().map(|held| HeldShown {
                since: held.since,
                deletions: held.deletions,
                examples: held.examples.clone(),
            }),
            settings: body.settings.clone(),
        }
    }
}

/// A link is gone; nobody's data was changed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "Disconnected"))]
pub(super) struct DisconnectedShown {
    /// Always `true`.
    pub(super) disconnected: bool,
    /// Whether Google has ended the access. Where not, another link lives on it, or Google did not answer and the user
    /// can end it in their Google account.
    pub(super) revoked_at_google: bool,
}

/// A run that was started.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "StartedRun"))]
pub(super) struct StartedShown {
    /// Its name; the history shows it when it has ended.
    pub(super) run_id: String,
}

/// A value that a run overwrote or deleted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(rename = "JournalEntry"))]
pub(super) struct EntryShown {
    /// Its name.
    id: String,
    /// When it was lost.
    at: DateTime<Utc>,
    /// The run that did it.
    run_id: String,
    /// The kind of the record.
    kind: Kind,
    /// The side on which it was lost.
    side: Side,
    /// The record's id in the CRM, where it has one.
    crm_id: Option<String>,
    /// The record's id in Google, where it has one.
    google_id: Option<String>,
    /// The field; `null` where the whole record was deleted.
    field: Option<String>,
    /// The lost value, or the lost record.
    value: Value,
    /// Why: `conflict` or `deletion`.
    why: String,
    /// The side whose change won.
    won_by: Side,
    /// When it was put back, if it was.
    restored_at: Option<DateTime<Utc>>,
}

impl EntryShown {
    pub(super) fn of(entry: JournalEntry) -> Self {
        let JournalEntry {
            id,
            at,
            run_id,
            kind,
            side,
            ids,
            loss,
            why,
            won_by,
            restored_at,
        } = entry;
        let (field, value) = match loss {
            Loss::Field { field, value } => (Some(field), value),
            Loss::Record(record) => (None, record),
        };
        Self {
            id,
            at,
            run_id,
            kind,
            side,
            crm_id: ids.crm.map(|id| id.id),
            google_id: ids.google.map(|id| id.id),
            field,
            value,
            why,
            won_by,
            restored_at,
        }
    }
}
