//! What pages show of runs, times and problems.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sync_core::side::Side;
use sync_engine::memory::{AccountLink, AccountLinkState, JournalEntry, Loss};
use sync_engine::report::{Outcome, Preview, RunRecord, SideChanges};

use crate::messages;
use crate::operations::linking;

/// Characters of a value that the journal shows.
const VALUE_CHARACTERS_MAX: usize = 200;

/// A moment: for programs, and for people until a script puts it into their zone.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) iso: String,
    pub(super) text: String,
}

impl From<DateTime<Utc>> for Moment {
    fn from(at: DateTime<Utc>) -> Self {
        Self {
            iso: at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            text: at.format("%Y-%m-%d %H:%M UTC").to_string(),
        }
    }
}

/// A run as a line of the history.
#[derive(Debug)]
pub(super) struct RunShown {
    pub(super) at: Moment,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    pub(super) crm: SideChanges,
    pub(super) google: SideChanges,
    pub(super) conflicts: u64,
    pub(super) problems: usize,
    pub(super) nothing: bool,
}

impl From<&RunRecord> for RunShown {
    fn from(run: &RunRecord) -> Self {
        let changes = run.changes.of_all_kinds();
        Self {
            at: run.started_at.into(),
            outcome: run.outcome,
            reason: run.reason.clone(),
            conflicts: changes.conflicts,
            problems: run.problems.len(),
            nothing: changes.is_nothing() && run.problems.is_empty(),
            crm: changes.crm,
            google: changes.google,
        }
    }
}

/// How an account link stands.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) state: AccountLinkState,
    pub(super) google_email: String,
    /// What is said of each kind that Google does not let us touch.
    pub(super) unticked: Vec<&'static str>,
    /// Whether the access ended as that of an app in "Testing" does.
    pub(super) ends_after_a_week: bool,
    /// When the access will end by itself, if it will.
    pub(super) ends_at: Option<Moment>,
    pub(super) last: Option<RunShown>,
    pub(super) next: Option<Moment>,
    pub(super) pairs: u64,
    pub(super) parked: u64,
    pub(super) running: bool,
}

impl Standing {
    /// Of an account link; `awaited` is the run that the page waits for.
    pub(super) fn of(link: &AccountLink, awaited: Option<&str>, now: DateTime<Utc>) -> Self {
        let google = link.body.value.google.as_ref();
        Self {
            state: link.state(),
            google_email: google.map(|google| google.email.clone()).unwrap_or_default(),
            unticked: linking::missing_access(link)
                .into_iter()
                .map(messages::unticked)
                .collect(),
            ends_after_a_week: link.ended_after_a_week(),
            ends_at: google.and_then(|google| google.ends_at).map(Moment::from),
            last: link.progress.last_run.as_ref().map(RunShown::from),
            next: link.next_run_at().map(Moment::from),
            pairs: link.progress.pairs,
            parked: link.progress.parked.count,
            running: awaited.is_some_and(|run_id| is_awaited(link, run_id, now)),
        }
    }
}

impl Standing {
    /// Whether the user has to authorise again.
    pub(super) fn needs_authorization(&self) -> bool {
        self.state == AccountLinkState::NeedsAuthorization
    }

    /// Whether it is switched off.
    pub(super) fn is_off(&self) -> bool {
        self.state == AccountLinkState::Disabled
    }
}

/// Names of runs sort by time and begin with it. A run that has not shown up within two minutes is not waited for.
fn is_awaited(link: &AccountLink, run_id: &str, now: DateTime<Utc>) -> bool {
    let begun = run_id
        .get(..15)
        .map(|begun| chrono::NaiveDateTime::parse_from_str(begun, "%Y%m%dT%H%M%S"));
    let Some(Ok(begun)) = begun else { return false };
    let waited = now.signed_duration_since(begun.and_utc());
    let finished = link
        .progress
        .last_run
        .as_ref()
        .is_some_and(|last| last.run_id.as_str() >= run_id);
    !finished && (0..120).contains(&waited.num_seconds())
}

/// An entry of the journal.
#[derive(Debug)]
pub(super) struct EntryShown {
    pub(super) id: String,
    pub(super) at: Moment,
    pub(super) in_google: bool,
    pub(super) field: Option<String>,
    pub(super) value: String,
    pub(super) restored: bool,
}

impl From<&JournalEntry> for EntryShown {
    fn from(entry: &JournalEntry) -> Self {
        let (field, value) = match &entry.loss {
            Loss::Field { field, value } => (Some(field.clone()), value),
            Loss::Record(record) => (None, record.get("title").unwrap_or(record)),
        };
        Self {
            id: entry.id.clone(),
            at: entry.at.into(),
            in_google: entry.side == Side::Google,
            field,
            value: brief(value),
            restored: entry.restored_at.is_some(),
        }
    }
}

fn brief(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cut: String = text.chars().take(VALUE_CHARACTERS_MAX).collect();
    if cut.len() < text.len() {
        format!("{cut}…")
    } else {
        cut
    }
}

/// One change of a preview.
#[derive(Debug)]
pub(super) struct PlannedShown {
    pub(super) in_google: bool,
    pub(super) action: String,
    pub(super) title: String,
    pub(super) starts: Option<Moment>,
}

/// The changes of a preview.
pub(super) fn planned(preview: &Preview) -> Vec<PlannedShown> {
    let shown = preview.examples.iter().map(|item| PlannedShown {
        in_google: item.side == Side::Google,
        action: item.action.clone(),
        title: item.title.clone().unwrap_or_default(),
        starts: item.starts_at.map(Moment::from),
    });
    shown.collect()
}
