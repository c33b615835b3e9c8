//! How far an account link's runs are.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sync_core::id::Cursor;
use sync_core::kind::Kind;
use sync_core::side::PerSide;

use crate::report::RunRecord;

/// The part of an account link that its runs own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// How far events are.
    pub events: KindProgress,
    /// How far tasks are.
    pub tasks: KindProgress,
    /// How far contacts are.
    pub contacts: KindProgress,
    /// The zone in which the CRM shows the user's all-day events.
    pub time_zone: Option<String>,
    /// The calendar of the sync's own, where the user wants one.
    pub own_calendar: Option<String>,
    /// How many pairs there are, of all kinds.
    pub pairs: u64,
    /// Records parked with a reason.
    pub parked: ParkedCount,
    /// Deletions that wait for a person.
    pub held: Option<HeldDeletions>,
    /// Since when Google refuses the authorisation, and why.
    pub needs_authorization: Option<(DateTime<Utc>, String)>,
    /// The access token for Google, sealed.
    pub google_access: Option<String>,
    /// Calls made to Google in the minute before the last run ended, and when it ended, kind by kind.
    pub google_calls: BTreeMap<Kind, (DateTime<Utc>, u32)>,
    /// The last run.
    pub last_run: Option<RunRecord>,
    /// Runs in a row that found nothing to do.
    pub idle_runs: u64,
    /// The fence number under which the last run ended. Where the next one's does not follow on it, a run died in
    /// between.
    pub ended_fence: u64,
}

/// How far one kind is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KindProgress {
    /// Where reading stands on each side.
    pub cursors: PerSide<Option<Cursor>>,
    /// A fingerprint of the settings that decide what is read; another one asks for a whole reading.
    pub reading_settings: Option<String>,
    /// When both sides were last read whole.
    pub read_whole_at: Option<DateTime<Utc>>,
    /// How many pairs there are.
    pub pairs: u64,
    /// When both sides were last asked and all they said was settled; `None` has the next run ask whoever is asked
    /// sparingly, and look at the work that is left under way.
    pub asked_at: Option<DateTime<Utc>>,
    /// When something last changed on either side.
    pub changed_at: Option<DateTime<Utc>>,
    /// A side has asked not to be called for a while.
    pub asked_to_wait: Option<AskedToWait>,
}

/// A side has asked not to be called before then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedToWait {
    /// Until when; a little is added at random, so that those who were refused together do not come back together.
    pub until: DateTime<Utc>,
    /// How the run that was told so ended, in the words of its record.
    pub reason: String,
}

impl Progress {
    /// How far one kind is.
    pub fn of(&self, kind: Kind) -> &KindProgress {
        match kind {
            Kind::Event => &self.events,
            Kind::Task => &self.tasks,
            Kind::Contact => &self.contacts,
        }
    }

    /// How far one kind is, to move it on.
    pub fn of_mut(&mut self, kind: Kind) -> &mut KindProgress {
        match kind {
            Kind::Event => &mut self.events,
            Kind::Task => &mut self.tasks,
            Kind::Contact => &mut self.contacts,
        }
    }

    /// The first instant after that one up to which a side has asked to wait.
    pub fn waits_until(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let waits = Kind::ALL.into_iter().filter_map(|kind| {
            let waits = self.of(kind).asked_to_wait.as_ref()?;
            (waits.until > after).then_some(waits.until)
        });
        waits.min()
    }

    /// When both sides were last read whole, for whichever kind.
    pub fn read_whole_at(&self) -> Option<DateTime<Utc>> {
        Kind::ALL
            .into_iter()
            .filter_map(|kind| self.of(kind).read_whole_at)
            .max()
    }
}

/// How many records are parked, and when the first of them is due.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedCount {
    /// How many.
    pub count: u64,
    /// When the first one is tried again.
    pub due: Option<DateTime<Utc>>,
}

/// Deletions that wait for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldDeletions {
    /// Since when.
    pub since: DateTime<Utc>,
    /// How many on each side.
    pub deletions: PerSide<usize>,
    /// A few of them: side's name and record.
    pub examples: Vec<String>,
}
