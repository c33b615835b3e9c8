//! What happened at both ends, in order: all that the checker sees.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use sync_core::id::RemoteId;
use sync_core::kind::Record;
use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;
use sync_core::policy::Settings;
use sync_core::port::Clock;
use sync_core::side::Side;

use crate::server::Lying;

/// One user's data on one side: the account link it belongs to, by number, and the side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct End {
    pub(crate) link: usize,
    pub(crate) side: Side,
}

/// A record as it lies on a side.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Snapshot<R> {
    pub(crate) record: R,
    /// A field that no record of ours has: nobody but people may touch it.
    pub(crate) unmapped: String,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Person,
    /// A run, by the number of the connection it had opened.
    Opening(usize),
}

/// What a side was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked<R: Record> {
    List {
        whole: bool,
        until: DateTime<Utc>,
    },
    Read(RemoteId),
    Create {
        origin: RemoteId,
        notify: bool,
    },
    Update {
        id: RemoteId,
        fields: Vec<R::Field>,
        notify: bool,
    },
    Delete(RemoteId),
}

impl<R: Record> Asked<R> {
    pub(crate) fn is_write(&self) -> bool {
        match self {
            Asked::Create { .. } | Asked::Update { .. } | Asked::Delete(_) => true,
            Asked::List { .. } | Asked::Read(_) => false,
        }
    }
}

/// What a run made a record from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Origin {
    /// This record.
    Record(RemoteId),
    /// A row of the series whose first row this is.
    Series(RemoteId),
}

impl Origin {
    pub(crate) fn of<R>(lying: &Lying<R>) -> Option<Self> {
        let series = || lying.series_made_from.clone().map(Origin::Series);
        lying.made_from.clone().map(Origin::Record).or_else(series)
    }
}

/// One thing that happened to the records of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Of<R: Record> {
    /// A record of `end` became another one, came or went.
    Changed {
        by: By,
        end: End,
        id: RemoteId,
        before: Option<Snapshot<R>>,
        after: Option<Snapshot<R>>,
        /// What on the other side it was made from, where a run made it.
        origin: Option<Origin>,
    },
    /// A record is a row of the series that goes by this first row.
    Row { end: End, id: RemoteId, of: RemoteId },
    /// A record goes by another name now, because its series was moved.
    Renamed { end: End, from: RemoteId, to: RemoteId },
    /// A record shall never have been made.
    Unmade { end: End, id: RemoteId },
    /// People hold these two records for one thing.
    Same {
        link: usize,
        crm: RemoteId,
        google: RemoteId,
    },
    /// A run asked a side.
    Called {
        opening: usize,
        end: End,
        asked: Asked<R>,
    },
    /// The side's answer arrived.
    Answered {
        opening: usize,
        end: End,
        answer: String,
    },
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    /// To meetings and calls.
    Event(Box<Of<EventRecord>>),
    /// To tasks.
    Task(Box<Of<TaskRecord>>),
    /// To contacts.
    Contact(Box<Of<ContactRecord>>),
    /// A run got its connections.
    Opened { opening: usize, link: usize },
    /// A run came to its end, and left nothing undone or did.
    Ended { link: usize, well: bool },
    /// A run was granted the lease of an account link, under this fence.
    Granted { link: String, fence: u64 },
    /// The store took writes of the holder of this fence.
    Committed { link: String, fence: u64 },
    /// A person, or the deployment, changed an account link's settings.
    Settings { link: usize, settings: Box<Settings> },
    /// Something that concerns an account link as a whole.
    Mark { link: usize, mark: Mark },
}

/// What happened to an account link as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// People begin to act; `clean`: no fault follows, nobody acts while a run is at work, no setting changes.
    Round { clean: bool },
    /// From here on there is no fault.
    Settling,
    /// So many runs without a fault are over, and both sides should agree.
    Calm,
    /// From here on nothing may be written.
    Quiet,
    /// A setting is about to be made narrower and put back: nothing may be written, except, where it is about privacy,
    /// what must be hidden and what is shown again.
    Turning { about_privacy: bool },
    /// People may act again.
    QuietEnds,
    /// The whole memory is lost.
    StoreLost,
    /// A person let held deletions go on.
    Confirmed,
    /// A run said that the user must authorise again.
    Unauthorised,
    /// The user did.
    Authorised,
}

/// Longest log of a history: in a longer one something runs in a circle.
const ENTRIES_MAX: usize = 50_000;

/// The log of one history.
#[derive(Debug)]
pub(crate) struct Log {
    clock: Arc<dyn Clock>,
    entries: Mutex<Vec<(DateTime<Utc>, Entry)>>,
}

impl Log {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            entries: Mutex::default(),
        }
    }

    pub(crate) fn add(&self, entry: Entry) {
        let mut entries = self.entries.lock().unwrap();
        entries.push((self.clock.now(), entry));
        assert!(
            entries.len() < ENTRIES_MAX,
            "a history without an end: {:#?}",
            &entries[ENTRIES_MAX - 30..]
        );
    }

    /// Every entry, a line each.
    pub(crate) fn text(&self) -> String {
        let line = |(at, entry): &(DateTime<Utc>, Entry)| format!("{at} {entry:?}\n");
        self.entries.lock().unwrap().iter().map(line).collect()
    }

    /// The entries from this place on.
    pub(crate) fn since(&self, place: usize) -> Vec<(DateTime<Utc>, Entry)> {
        self.entries
            .lock()
            .unwrap()
            .get(place..)
            .unwrap_or_default()
            .to_vec()
    }
}
