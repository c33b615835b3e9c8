//! The laws of [`Remote`], the door to a provider, for every kind of record and every side.
//!
//! A connector brings [`Hands`]: how a person acts on that server behind the connector's back, how the line to it
//! breaks, and what its tables hold. Where sides differ by their nature, the hands say so in [`Habits`] and the door in
//! its limits; no law knows which server it is held against.
//!
//! | file | laws about |
//! |---|---|
//! | `creating` | copies: once, whatever happens on the way; names derived from the original |
//! | `updating` | named fields and no others; nothing over a change that was not seen |
//! | `deleting` | once, and never what changed |
//! | `reading` | whole and by what changed; cursors; what is gone, out of reach and somebody else's |
//! | `failing` | classes of failures, and that nothing is half believed |
//! | `texts` | odd texts and times, and that what was returned is stable |
//! | `samples` | the records that the laws are played with |

mod creating;
mod deleting;
mod failing;
mod reading;
mod samples;
mod texts;
mod updating;

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use serde_json::{Map, Value};
use sync_core::change::{Change, ChangeSet, Observed, Reading, Window};
use sync_core::failure::{Class, Failure};
use sync_core::id::{Cursor, RemoteId};
use sync_core::kind::Record;
use sync_core::port::{Create, ReadRequest, Remote, Update};
use sync_core::side::PerSide;

pub use samples::Sample;

/// How a server is reached by others than the connector under test. A new server for each law.
pub trait Hands<R: Record>: Send + Sync {
    /// What this side is like for this kind, by its nature.
    fn habits(&self) -> Habits;

    /// The user's records, over a new connection, as a run opens it. What runs keep between them is kept.
    fn door(&self) -> Box<dyn Remote<R>>;

    /// A person makes a record of that [name](Sample::name) which is in scope.
    fn make(&self, whose: Whose, name: &str) -> RemoteId;

    /// The user gives a record of theirs another name.
    fn rename(&self, id: &RemoteId, name: &str);

    /// The user adds to a record what the sync does not carry.
    fn adorn(&self, id: &RemoteId);

    /// The user deletes a record.
    fn delete(&self, id: &RemoteId);

    /// A record of the user's passes to somebody else, or to where the sync does not look; `false` where nothing can.
    fn give_away(&self, id: &RemoteId) -> bool;

    /// So many records of the user's, whatever they say.
    fn seed(&self, count: usize);

    /// The records of the user's that are not deleted.
    fn living(&self) -> usize;

    /// A living record as the tables hold it, without what the server counts by itself at every save.
    fn row(&self, id: &RemoteId) -> Option<Map<String, Value>>;

    /// Whether a copy has what makes it the user's own beside its row, where that takes more.
    fn is_whole(&self, _id: &RemoteId) -> bool {
        true
    }

    /// The columns of a row that what the sync carries lies in.
    fn carried(&self) -> &'static [&'static str];

    /// Time passes there.
    fn pass(&self, time: Duration);

    /// The line breaks.
    fn strike(&self, strike: Strike);

    /// The line is good again.
    fn calm(&self);

    /// The requests that the server has seen, those of signing in left out, and how many of them were to write.
    fn requests(&self) -> (u64, u64);

    /// What was mailed to people.
    fn mails(&self) -> usize {
        0
    }

    /// Every session and short-lived token ends, as they do by themselves in time.
    fn end_sessions(&self);

    /// The authorisation is withdrawn.
    fn withdraw(&self);

    /// Every resume point given out so far is refused from now on, where the server keeps any.
    fn refuse_cursors(&self) {}
}

/// What a side is like by its nature.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Whether a creation that is sent again finds the copy that is there. A side that draws the names of new records
    /// itself and looks for none is sent each creation once.
    pub finds_copies: bool,
    /// Whether a delta tells what has passed to somebody else.
    pub tells_what_left: bool,
    /// How long a delta may tell again what it has told.
    pub tells_again_for: Duration,
    /// Requests of a reading in which nothing happened.
    pub idle_requests: u64,
}

/// Whose record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The user's whose door is under test.
    Theirs,
    /// Another user's, whose records the user must not see.
    SomebodyElses,
}

/// What goes wrong on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The connection is cut before the request is carried out.
    Dropped,
    /// It is carried out, and the connection is cut before the answer.
    LostAnswer,
    /// It is carried out, and the answer breaks off in the middle.
    CutBody,
    /// This 5xx is answered and nothing carried out.
    Away(u16),
    /// It is carried out, and this 5xx answered.
    Failed(u16),
    /// A web page with this status, and nothing carried out.
    Page(u16),
    /// The server's refusal for being asked too often, with the time to wait.
    Busy {
        /// 429 or 503.
        status: u16,
        /// How long it asks to wait.
        after: Duration,
    },
}

/// Which requests a trouble strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike {
    /// What goes wrong.
    pub trouble: Trouble,
    /// Whether it concerns requests to write alone; else all but those of signing in.
    pub writes_only: bool,
    /// Which of them.
    pub which: Which,
}

/// Which of the requests that a trouble concerns are struck, counted from when it was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All from now on.
    All,
    /// So many.
    First(u64),
    /// The one of that number, from 1.
    Only(u64),
}

/// The instant at which every server's clock stands at the beginning.
pub fn beginning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap()
}

/// Holds a side against every law, each on a server of its own, and gives back the names of those that it breaks. Why
/// is said by their panics.
pub async fn broken_laws<R: Sample, H: Hands<R>>(start: impl AsyncFn() -> H) -> BTreeSet<&'static str> {
    played(start, |_| true).await
}

/// Whether a side breaks the law of that name.
pub async fn breaks<R: Sample, H: Hands<R>>(start: impl AsyncFn() -> H, law: &str) -> bool {
    !played(start, |name| name == law).await.is_empty()
}

/// Plays the chosen laws, each on a server of its own, all at once, and once for each trouble where it is about
/// troubles.
macro_rules! play {
    ($start:ident, $chosen:ident: $($law:path $(: for $troubles:expr)?),+ $(,)?) => {{
        let start = &$start;
        let mut laws: Vec<LocalBoxFuture<'_, (&'static str, bool)>> = Vec::new();
        $(if $chosen(stringify!($law)) {
            play! { each laws, start, $law $(, $troubles)? }
        })+
        laws
    }};
    (each $laws:ident, $start:ident, $law:path) => {
        $laws.push(Box::pin(async {
            let hands = $start().await;
            (stringify!($law), is_kept($law(&hands)).await)
        }));
    };
    (each $laws:ident, $start:ident, $law:path, $troubles:expr) => {
        for trouble in $troubles {
            $laws.push(Box::pin(async move {
                let hands = $start().await;
                (stringify!($law), is_kept($law(&hands, trouble)).await)
            }));
        }
    };
}

async fn is_kept(law: impl Future<Output = ()>) -> bool {
    AssertUnwindSafe(law).catch_unwind().await.is_ok()
}

async fn played<R: Sample, H: Hands<R>>(
    start: impl AsyncFn() -> H,
    chosen: impl Fn(&str) -> bool,
) -> BTreeSet<&'static str> {
    let laws = play! { start, chosen:
        creating::names_are_derived,
        creating::a_copy_is_what_every_reading_shows,
        creating::a_creation_repeated_finds_the_first,
        creating::a_deleted_copy_is_made_anew,
        creating::many_copies_are_made_side_by_side,
        creating::a_series_is_there_once,
        creating::a_copy_is_there_once_whatever_happens: for TROUBLES,
        updating::a_change_writes_the_named_fields_only,
        updating::a_change_of_nothing_changes_nothing,
        updating::nothing_is_written_over_a_change_that_was_not_seen,
        updating::of_two_changes_at_once_one_is_refused,
        updating::a_change_is_whole_whatever_happens: for TROUBLES,
        deleting::deleting_twice_is_deleting_once,
        deleting::a_deletion_is_done_once_whatever_happens: for TROUBLES,
        reading::what_people_do_is_told,
        reading::a_reading_repeated_is_the_same,
        reading::gone_and_out_of_reach_are_told_apart,
        reading::a_cursor_that_is_refused_is_never_an_empty_answer,
        reading::more_than_a_page_comes_whole,
        reading::nobody_elses_records_are_touched,
        failing::a_side_that_is_away_is_asked_again_later: for failing::AWAY,
        failing::a_reading_that_meets_trouble_is_whole_or_none: for failing::HALVES,
        failing::half_an_answer_is_none,
        failing::a_side_that_asks_for_patience_gets_it: for failing::BUSY,
        failing::a_side_that_is_busy_for_a_moment_is_asked_again: for failing::BRIEFLY_BUSY,
        failing::a_lost_authorisation_is_no_data,
        failing::a_session_that_ended_is_renewed,
        texts::what_was_returned_is_stable,
        texts::what_cannot_be_is_never_kept,
    };
    let played = join_all(laws).await;
    assert!(!played.is_empty(), "there is no such law");
    let broken = played.into_iter().filter(|(_, kept)| !kept);
    broken.map(|(law, _)| law).collect()
}

/// The part of time that the laws are played in.
fn window() -> Window {
    Window {
        from: beginning() - TimeDelta::days(1),
        until: beginning() + TimeDelta::days(365),
    }
}

fn asked(cursor: Option<&Cursor>) -> ReadRequest {
    ReadRequest {
        cursor: cursor.cloned(),
        window: window(),
    }
}

/// What changed, or everything.
async fn changes<R: Record>(hands: &impl Hands<R>, cursor: Option<&Cursor>) -> ChangeSet<R> {
    hands.door().changes(&asked(cursor)).await.unwrap()
}

/// A door as a run has it once it has read both sides.
async fn at_work<R: Record>(hands: &impl Hands<R>) -> Box<dyn Remote<R>> {
    let door = hands.door();
    door.changes(&asked(None)).await.unwrap();
    door
}

async fn seen<R: Record>(hands: &impl Hands<R>, id: &RemoteId) -> Observed<R> {
    match hands.door().read(id).await.unwrap() {
        Reading::Present(seen) => seen,
        other @ (Reading::Gone | Reading::OutOfReach | Reading::Unreadable { .. }) => {
            panic!("{id} is there, and reads as {other:?}")
        }
    }
}

/// The records that a reading shows as they are, by name; each once.
fn present<R: Record>(set: &ChangeSet<R>) -> Vec<Observed<R>> {
    let mut shown: Vec<Observed<R>> = Vec::new();
    for change in &set.changes {
        match change {
            Change::Present(seen) => {
                shown.retain(|other| other.id != seen.id);
                shown.push(seen.clone());
            }
            Change::Removed(_) | Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. } => {}
        }
    }
    shown.sort_by(|one, other| one.id.cmp(&other.id));
    shown
}

/// The only record that a reading shows.
fn only<R: Record>(set: &ChangeSet<R>) -> Observed<R> {
    let shown = present(set);
    assert_eq!(shown.len(), 1, "one record: {set:?}");
    shown.into_iter().next().unwrap()
}

/// What became of a record by a delta, deletions and leavings among it.
fn told<'a, R>(set: &'a ChangeSet<R>, id: &RemoteId) -> Option<&'a Change<R>> {
    set.changes.iter().rev().find(|change| match change {
        Change::Present(seen) => seen.id == *id,
        Change::Removed(named)
        | Change::Left(named)
        | Change::Series { id: named, .. }
        | Change::Unreadable { id: named, .. } => named == id,
    })
}

/// A copy to make of the other side's record of that name.
fn copy_of<R: Sample>(name: &str) -> Create<R> {
    Create {
        origin: origin(name),
        generation: 0,
        record: R::sample(name),
        notify: false,
    }
}

fn origin(name: &str) -> RemoteId {
    RemoteId::new("other", name)
}

/// A change of some fields of a record to what another one says.
fn change_to<R: Record>(seen: &Observed<R>, record: &R, fields: &[R::Field]) -> Update<R> {
    Update {
        id: seen.id.clone(),
        expected: seen.version.clone(),
        record: record.clone(),
        fields: fields.to_vec(),
        notify: false,
    }
}

/// The fields in which two records differ, as far as a side can hold them.
fn differing<R: Record>(one: &R, other: &R, limits: &R::Limits) -> Vec<&'static str> {
    let both = PerSide {
        crm: limits,
        google: limits,
    };
    let fields = R::FIELDS.iter().copied();
    fields
        .filter(|field| !one.same(*field, other, both))
        .map(R::field_name)
        .collect()
}

/// The columns in which two states of a row differ.
fn moved(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let names = before.keys().chain(after.keys());
    let mut moved: Vec<String> = names
        .filter(|name| before.get(*name) != after.get(*name))
        .cloned()
        .collect();
    moved.sort();
    moved.dedup();
    moved
}

/// Whether a failure that a trouble led to makes the run wait and try again, and says nothing of the record or of the
/// authorisation. A page in place of an answer may be told as what makes no sense.
fn is_passing(failure: &Failure, trouble: Trouble) -> bool {
    match failure.class {
        Class::Retryable { .. } => true,
        Class::Bug => matches!(trouble, Trouble::Page(_)),
        Class::Reauth | Class::Resync | Class::Conflict | Class::Permanent => false,
    }
}

/// What can happen on the way to one request.
const TROUBLES: [Trouble; 8] = [
    Trouble::Dropped,
    Trouble::LostAnswer,
    Trouble::CutBody,
    Trouble::Away(500),
    Trouble::Away(502),
    Trouble::Failed(500),
    Trouble::Failed(503),
    Trouble::Page(200),
];

/// The next requests to write end so.
fn writes_end<R: Record>(hands: &impl Hands<R>, trouble: Trouble, times: u64) {
    hands.strike(Strike {
        trouble,
        writes_only: true,
        which: Which::First(times),
    });
}
