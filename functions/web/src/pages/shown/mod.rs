//! What pages show of runs, problems and lost values, in the words of the page.

mod address;
mod entry;
mod run;
mod standing;

use serde_json::Value;
use sync_core::kind::Kind;
use sync_core::side::Side;
use sync_engine::memory::ParkedRecord;
use sync_engine::report::{Changes, KindChanges, Preview, SideChanges};

use crate::speech::Words;

pub(super) use address::Addresses;
pub(super) use entry::EntryShown;
pub(super) use run::RunShown;
pub(super) use standing::Standing;

/// Characters of a value that a page shows.
const VALUE_CHARACTERS_MAX: usize = 200;

/// A record that waits with a problem.
#[derive(Debug)]
pub(super) struct ProblemShown {
    pub(super) message: String,
    pub(super) side: String,
    pub(super) address: Option<String>,
    pub(super) attempts: u32,
    pub(super) retry: String,
}

impl ProblemShown {
    pub(super) fn of(words: &Words, addresses: &Addresses, parked: &ParkedRecord) -> Self {
        Self {
            message: sentence(&words.told(&parked.message)),
            side: side(words, parked.side),
            address: addresses.of(parked.kind, parked.side, &parked.id),
            attempts: parked.attempts,
            retry: words.due(&parked.retry_at),
        }
    }
}

/// What a preview would change of one kind on one side.
#[derive(Debug)]
pub(super) struct CountsShown {
    pub(super) side: String,
    pub(super) kind: String,
    pub(super) changes: SideChanges,
}

/// Kind by kind, both sides; a kind that is not there is left out.
pub(super) fn counts(words: &Words, changes: &Changes) -> Vec<CountsShown> {
    let mut rows = Vec::new();
    for (kind, counts) in by_kind(changes) {
        for (on, changes) in [(Side::Crm, &counts.crm), (Side::Google, &counts.google)] {
            rows.push(CountsShown {
                side: side(words, on),
                kind: words.say(format!("kind-{}", kind.as_str())),
                changes: changes.clone(),
            });
        }
    }
    rows
}

/// Records of every kind found to be on both sides already.
pub(super) fn paired(changes: &Changes) -> u64 {
    by_kind(changes).iter().map(|(_, counts)| counts.paired).sum()
}

/// One change of a preview.
#[derive(Debug)]
pub(super) struct PlannedShown {
    pub(super) action: String,
    pub(super) title: String,
    pub(super) starts: Option<String>,
}

/// The changes of a preview.
pub(super) fn planned(words: &Words, preview: &Preview) -> Vec<PlannedShown> {
    let shown = preview.examples.iter().map(|item| PlannedShown {
        action: words.with(
            &format!("planned-{}", item.action),
            "side",
            side(words, item.side),
        ),
        title: item.title.clone().unwrap_or_default(),
        starts: item.starts_at.as_ref().map(|at| words.moment(at)),
    });
    shown.collect()
}

/// A run's changes, kind by kind. Every kind is named here, so that none is forgotten on any page.
fn by_kind(changes: &Changes) -> Vec<(Kind, &KindChanges)> {
    let Changes {
        events,
        tasks,
        contacts,
    } = changes;
    let kinds = [
        (Kind::Event, Some(events)),
        (Kind::Task, tasks.as_ref()),
        (Kind::Contact, contacts.as_ref()),
    ];
    kinds
        .into_iter()
        .filter_map(|(kind, changes)| Some((kind, changes?)))
        .collect()
}

/// A side's name.
pub(super) fn side(words: &Words, side: Side) -> String {
    words.say(match side {
        Side::Crm => "side-crm",
        Side::Google => "side-google",
    })
}

/// A value as a page shows it.
fn brief(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cut: String = text.chars().take(VALUE_CHARACTERS_MAX).collect();
    if cut.len() < text.len() {
        format!("{cut}…")
    } else {
        cut
    }
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).chain(std::iter::once('.')).collect()
}
