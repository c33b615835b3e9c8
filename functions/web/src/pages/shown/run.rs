//! A run, in words.

use chrono::{DateTime, Utc};
use sync_core::port::Trigger;
use sync_engine::report::{KindChanges, Outcome, RunRecord, SideChanges};

use super::{by_kind, sentence};
use crate::speech::Words;

/// Problems of one run that its line in the history names; the others are counted.
const PROBLEMS_NAMED: usize = 5;

/// A run as a line of the history.
#[derive(Debug)]
pub(in crate::pages) struct RunShown {
    pub(in crate::pages) at: DateTime<Utc>,
    pub(in crate::pages) outcome: Outcome,
    pub(in crate::pages) trigger: String,
    pub(in crate::pages) reason: Option<String>,
    /// What it did, a sentence a side.
    pub(in crate::pages) did: Vec<String>,
    pub(in crate::pages) problems: Vec<String>,
    pub(in crate::pages) more_problems: usize,
}

impl RunShown {
    pub(in crate::pages) fn of(words: &Words, run: &RunRecord) -> Self {
        let mut did = Vec::new();
        for (kind, changes) in by_kind(&run.changes) {
            if !changes.is_nothing() {
                let kind = words.say(format!("kind-{}", kind.as_str()));
                did.push(format!("{kind}: {}", changed(words, changes)));
            }
        }
        let mut problems: Vec<String> = run
            .problems
            .iter()
            .map(|problem| sentence(&words.told(&problem.message)))
            .collect();
        problems.dedup();
        let more_problems = problems.len().saturating_sub(PROBLEMS_NAMED);
        problems.truncate(PROBLEMS_NAMED);
        Self {
            at: run.started_at,
            outcome: run.outcome,
            trigger: words.say(format!("trigger-{}", trigger(run.trigger))),
            reason: run.reason.as_deref().map(|reason| why(words, reason)),
            did,
            problems,
            more_problems,
        }
    }
}

/// Why a run ended as it did, or why the user must authorise again.
pub(in crate::pages) fn why(words: &Words, reason: &str) -> String {
    if let Some(known) = words.maybe(&format!("reason-{reason}")) {
        return known;
    }
    for (prefix, key) in [("crm: ", "reason-at-crm"), ("google: ", "reason-at-google")] {
        if let Some(message) = reason.strip_prefix(prefix) {
            return words.with(key, "message", sentence(&words.told(message)));
        }
    }
    // A bare code says nothing to a person.
    if reason.contains(' ') {
        sentence(&words.told(reason))
    } else {
        words.say("reason-other")
    }
}

fn changed(words: &Words, changes: &KindChanges) -> String {
    let mut parts = Vec::new();
    let sides = [("did-in-crm", &changes.crm), ("did-in-google", &changes.google)];
    for (key, side) in sides {
        if *side != SideChanges::default() {
            parts.push(words.with(key, "what", counted(words, side)));
        }
    }
    if changes.paired > 0 {
        parts.push(words.count("did-paired", changes.paired));
    }
    if changes.conflicts > 0 {
        parts.push(words.count("did-conflicts", changes.conflicts));
    }
    parts.join("; ")
}

fn counted(words: &Words, side: &SideChanges) -> String {
    let counts = [
        ("did-created", side.created),
        ("did-updated", side.updated),
        ("did-deleted", side.deleted),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| words.count(key, count))
        .collect();
    parts.join(", ")
}

fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Schedule => "schedule",
        Trigger::Manual => "manual",
        Trigger::GooglePush => "google",
        Trigger::CrmHook => "crm",
        Trigger::Continuation => "continuation",
    }
}
