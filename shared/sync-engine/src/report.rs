//! The record of a run, word for word as the public interface shows it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sync_core::kind::Kind;
use sync_core::port::Trigger;
use sync_core::side::{PerSide, Side};

/// What one run did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunRecord {
    /// The run's name; sorts by time.
    pub run_id: String,
    /// The registered CRM.
    pub crm: String,
    /// The CRM's user.
    pub user: String,
    /// What started it.
    pub trigger: Trigger,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so, as a short word or a sentence; `None` where nothing needs saying.
    pub reason: Option<String>,
    /// What it changed.
    pub changes: Changes,
    /// The records that did not go through.
    pub problems: Vec<Problem>,
    /// How many requests it made.
    pub requests: PerSide<u64>,
    /// Whether there is more to do that the next run goes on with at once.
    pub more: bool,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All that was found was done.
    Ok,
    /// Some records did not go through; they are named in `problems`.
    Partial,
    /// Deletions wait for a person's confirmation.
    Held,
    /// The user must authorise again.
    NeedsAuthorization,
    /// The run could not be done; the next one tries again.
    Failed,
    /// There was nothing to do for this account link: `disabled`, `unknown` or `leased`.
    Skipped,
}

impl Outcome {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Partial => "partial",
            Outcome::Held => "held",
            Outcome::NeedsAuthorization => "needs_authorization",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
        }
    }
}

/// What a run changed, kind by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// Meetings, calls, calendar events.
    pub events: KindChanges,
    /// Tasks, where the user keeps them in step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<KindChanges>,
    /// Contacts, where the user keeps them in step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<KindChanges>,
}

impl Changes {
    /// The changes of one kind, of which the user keeps records in step.
    pub fn of(&mut self, kind: Kind) -> &mut KindChanges {
        match kind {
            Kind::Event => &mut self.events,
            Kind::Task => self.tasks.get_or_insert_default(),
            Kind::Contact => self.contacts.get_or_insert_default(),
        }
    }

    /// Whether nothing was changed.
    pub fn is_nothing(&self) -> bool {
        self.kinds().all(KindChanges::is_nothing)
    }

    fn kinds(&self) -> impl Iterator<Item = &KindChanges> {
        let kinds = [Some(&self.events), self.tasks.as_ref(), self.contacts.as_ref()];
        kinds.into_iter().flatten()
    }

    /// The changes of all kinds together.
    pub fn of_all_kinds(&self) -> KindChanges {
        let mut all = KindChanges::default();
        for kind in self.kinds() {
            all.crm.add(&kind.crm);
            all.google.add(&kind.google);
            all.paired += kind.paired;
            all.conflicts += kind.conflicts;
        }
        all
    }
}

/// What a run changed of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KindChanges {
    /// Writes to the CRM.
    pub crm: SideChanges,
    /// Writes to Google.
    pub google: SideChanges,
    /// Records of both sides found to be one thing.
    pub paired: u64,
    /// Fields changed on both sides, where one value won.
    pub conflicts: u64,
}

impl KindChanges {
    /// The counts of one side.
    pub fn side(&mut self, side: Side) -> &mut SideChanges {
        match side {
            Side::Crm => &mut self.crm,
            Side::Google => &mut self.google,
        }
    }

    /// Whether nothing was changed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Writes to one side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SideChanges {
    /// Records made.
    pub created: u64,
    /// Records changed.
    pub updated: u64,
    /// Records deleted.
    pub deleted: u64,
}

impl SideChanges {
    fn add(&mut self, other: &Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.deleted += other.deleted;
    }
}

/// One record that did not go through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "RecordProblem")
)]
pub struct Problem {
    /// Its kind: `event`, `task` or `contact`.
    pub kind: String,
    /// Its id in the CRM, where it has one.
    pub crm_id: Option<String>,
    /// Its id in Google, where it has one.
    pub google_id: Option<String>,
    /// A short word for programs.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
    /// When it is tried again.
    pub retry_at: Option<DateTime<Utc>>,
}

/// The plan of the next run, with nothing written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preview {
    /// What would be changed.
    pub changes: Changes,
    /// Whether the deletions would wait for a confirmation.
    pub held: bool,
    /// A few of the changes, to look at.
    pub examples: Vec<PreviewItem>,
    /// Records that could not be carried.
    pub problems: Vec<Problem>,
}

/// One change that the next run would make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviewItem {
    /// Its kind.
    pub kind: Kind,
    /// The side that would be written.
    pub side: Side,
    /// `create`, `update`, `delete` or `pair`.
    pub action: String,
    /// The record's title, where it is known.
    pub title: Option<String>,
    /// When it starts, where it is known.
    pub starts_at: Option<DateTime<Utc>>,
    /// Its id in the CRM, where it has one.
    pub crm_id: Option<String>,
    /// Its id in Google, where it has one.
    pub google_id: Option<String>,
}
