//! What the page shows, as its templates read it.

use askama::Template;
use sync_core::port::Trigger;
use sync_core::side::Side;
use sync_engine::memory::AccountLinkState;
use sync_engine::report::{Outcome, SideChanges};

use super::agenda::{Item, Standing, Standings};
use super::edits::Change;
use super::feed::{Entry, clock, is_idle, took};

/// How the account link stands, in a sentence.
pub(super) fn sentence(
    link: &sync_engine::memory::AccountLink,
    pairs: usize,
    last: Option<&Entry>,
) -> String {
    match (link.state(), last) {
        (AccountLinkState::Disabled, _) => "Sync is switched off on Anna's page.".to_owned(),
        (AccountLinkState::NeedsAuthorization, _) => {
            "Google has ended the access. Authorise again on Anna's page; nothing is lost.".to_owned()
        }
        (AccountLinkState::Held, _) => {
            "More deletions than usual wait for a confirmation on Anna's page.".to_owned()
        }
        (AccountLinkState::Active, None) => "The first run is under way…".to_owned(),
        (AccountLinkState::Active, Some(_)) => format!("{pairs} meetings, calls and events are in step."),
    }
}

/// What changes while one looks at it.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) week: String,
    pub(super) sentence: String,
    pub(super) days: Vec<DayView>,
    pub(super) runs: Vec<RunView>,
}

#[derive(Debug)]
pub(super) struct DayView {
    pub(super) date: String,
    pub(super) title: String,
    pub(super) today: bool,
    pub(super) columns: [ColumnView; 2],
}

#[derive(Debug)]
pub(super) struct ColumnView {
    pub(super) side: Side,
    pub(super) items: Vec<ItemView>,
}

impl ColumnView {
    fn name(&self) -> &'static str {
        name_of(self.side)
    }
}

fn name_of(side: Side) -> &'static str {
    match side {
        Side::Crm => "SuiteCRM",
        Side::Google => "Google Calendar",
    }
}

#[derive(Debug)]
pub(super) struct ItemView {
    pub(super) item: Item,
    pub(super) time: String,
    pub(super) standing: Standing,
}

impl ItemView {
    pub(super) fn new(item: &Item, standings: &Standings) -> Self {
        Self {
            item: item.clone(),
            time: item.when.words(),
            standing: standings.of(item),
        }
    }
}

#[derive(Debug)]
pub(super) struct RunView {
    pub(super) id: String,
    pub(super) time: String,
    pub(super) trigger: &'static str,
    pub(super) outcome: &'static str,
    pub(super) mark: &'static str,
    pub(super) what: String,
    pub(super) requests: String,
    pub(super) took: String,
    pub(super) problems: Vec<String>,
    pub(super) json: String,
}

impl RunView {
    pub(super) fn new(entry: &Entry, zone: chrono_tz::Tz) -> Self {
        let run = &entry.run;
        let changes = run.changes.of_all_kinds();
        let mut parts: Vec<String> = [("CRM", &changes.crm), ("Google", &changes.google)]
            .into_iter()
            .filter_map(|(name, side)| counts(name, side))
            .collect();
        if changes.paired > 0 {
            parts.push(format!("{} found on both sides", changes.paired));
        }
        if changes.conflicts > 0 {
            parts.push(format!("{} conflicts", changes.conflicts));
        }
        let what = match (&run.reason, is_idle(run), entry.times) {
            (Some(reason), ..) => reason.replace('_', " "),
            (None, true, 1) => "nothing to do".to_owned(),
            (None, true, times) => format!("nothing to do, {times} times in a row"),
            (None, false, _) => parts.join("; "),
        };
        Self {
            id: run.run_id.clone(),
            time: clock(run.started_at, zone),
            trigger: match run.trigger {
                Trigger::Schedule => "schedule",
                Trigger::Manual => "by hand",
                Trigger::GooglePush => "Google's push",
                Trigger::CrmHook => "CRM's hook",
                Trigger::Continuation => "continuation",
            },
            outcome: run.outcome.as_str(),
            mark: match run.outcome {
                Outcome::Ok => "good",
                Outcome::Partial | Outcome::Held => "warn",
                Outcome::NeedsAuthorization | Outcome::Failed => "bad",
                Outcome::Skipped => "",
            },
            what,
            requests: format!("{} Google, {} CRM", run.requests.google, run.requests.crm),
            took: took(run),
            problems: run
                .problems
                .iter()
                .map(|problem| problem.message.clone())
                .collect(),
            json: serde_json::to_string_pretty(run).unwrap_or_default(),
        }
    }
}

fn counts(name: &str, side: &SideChanges) -> Option<String> {
    let parts: Vec<String> = [
        ("created", side.created),
        ("updated", side.updated),
        ("deleted", side.deleted),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(word, count)| format!("{count} {word}"))
    .collect();
    (!parts.is_empty()).then(|| format!("{name}: {}", parts.join(", ")))
}

#[derive(Debug, Template)]
#[template(path = "demo.html")]
pub(super) struct Page {
    pub(super) person: String,
    pub(super) email: String,
    pub(super) zone: &'static str,
    pub(super) week_title: String,
    pub(super) previous: String,
    pub(super) next: String,
    pub(super) form: Option<FormView>,
    pub(super) told: Option<&'static str>,
    pub(super) live: Live,
}

#[derive(Debug, Template)]
#[template(path = "demo_live.html")]
pub(super) struct LivePage {
    pub(super) live: Live,
}

#[derive(Debug)]
pub(super) struct FormView {
    pub(super) change: Change,
    pub(super) title: String,
    pub(super) wrong: Option<&'static str>,
}

impl FormView {
    pub(super) fn new(change: Change, wrong: Option<&'static str>) -> Self {
        let name = change.side().map(name_of).unwrap_or_default();
        let title = if change.id.is_empty() {
            format!("New in {name}")
        } else {
            format!("Edit in {name}")
        };
        Self { change, title, wrong }
    }

    fn is_crm(&self) -> bool {
        self.change.side() == Some(Side::Crm)
    }

    fn is_new(&self) -> bool {
        self.change.id.is_empty()
    }
}
