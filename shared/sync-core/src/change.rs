//! What a side showed us.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::id::{Cursor, RemoteId, Version};

/// A record as a side returned it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed<R> {
    /// Its name there.
    pub id: RemoteId,
    /// Its stamp there.
    pub version: Version,
    /// When the side says it was last changed; used only by the policy "newest wins".
    pub modified_at: Option<DateTime<Utc>>,
    /// What it says.
    pub record: R,
    /// What is known about it beside its content.
    pub traits: Traits,
}

impl<R> Observed<R> {
    /// Whether this is the record's name, or the derived one under which we made it.
    pub fn goes_by(&self, name: &RemoteId) -> bool {
        self.id == *name || self.traits.made_as.as_ref() == Some(name)
    }
}

/// What is known about a record beside its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// Our own marker: the record on the other side from which we made this one.
    pub made_from: Option<RemoteId>,
    /// The derived name under which we made it, where the side gives records names of its own and keeps ours beside
    /// them.
    pub made_as: Option<RemoteId>,
    /// The partner that the CRM's own built-in sync has written down for it.
    pub built_in_partner: Option<String>,
    /// The iCalendar UID, where the side has one.
    pub ical_uid: Option<String>,
    /// The series of which this is one occurrence.
    pub series: Option<RemoteId>,
    /// Our own marker on the series of which this is one occurrence: the first of the rows from which we made it.
    pub series_made_from: Option<RemoteId>,
    /// The series of which this record is one row, on a side that keeps every occurrence as a record of its own.
    /// Its name outlives the record it is taken from, so nothing follows from that one's deletion.
    pub row_of: Option<RemoteId>,
    /// Names that it had before: the side has given it another one since.
    pub former_ids: Vec<RemoteId>,
    /// Why it may not be written (not the organiser, a birthday, …); `None` where it may.
    pub read_only: Option<ReadOnly>,
    /// What kind of thing the CRM calls it: `meeting`, `call`.
    pub record_type: Option<&'static str>,
    /// Where a person can look at it.
    pub address: Option<String>,
    /// Whether the label that puts a record in scope there is another one than in the last reading: that this record is
    /// not under it says nothing then.
    pub relabelled: bool,
}

/// Why a record may not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnly {
    /// Somebody else organises it; it is read and carried, never written.
    NotOrganizer,
    /// The calendar is shared with the user for reading only.
    Calendar,
    /// Birthday, focus time, out of office, working location, from Gmail: left out of the sync.
    EventType,
    /// Only free or busy is visible.
    HiddenDetails,
}

impl ReadOnly {
    /// Whether such a record is carried to the other side at all.
    pub fn is_carried(self) -> bool {
        match self {
            ReadOnly::NotOrganizer | ReadOnly::Calendar => true,
            ReadOnly::EventType | ReadOnly::HiddenDetails => false,
        }
    }
}

/// One thing that a side reports.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every value is the large variant"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum Change<R> {
    /// The record exists and reads so. Being reported does not mean that it changed.
    Present(Observed<R>),
    /// The record, or the whole series of that id, is deleted: a tombstone.
    Removed(RemoteId),
    /// The record exists but no longer belongs to the user: neither a change nor a deletion.
    Left(RemoteId),
    /// Every occurrence of a series inside the window. An occurrence of it that is paired, lies inside the
    /// window and is not in the list is deleted.
    Series {
        /// The series.
        id: RemoteId,
        /// Its occurrences inside the window.
        occurrences: Vec<Observed<R>>,
        /// Whether those after the window are listed as well, so that they can be known again: of a series that we made
        /// from rows, which have no upper bound, and that still has an end. That one of them is not in the list says
        /// nothing; another series may go on from there.
        whole: bool,
    },
    /// The record exists but cannot be carried, and why.
    Unreadable {
        /// Its name.
        id: RemoteId,
        /// A short word for programs.
        code: &'static str,
        /// One sentence for a person.
        message: String,
    },
}

/// What one reading of a side brought.
///
/// Law: a record that changed since the cursor, or exists in a collection named in `complete`, is in `changes`;
/// a record may be in it more than once (the last one counts) and may be in it unchanged.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSet<R> {
    /// What the side reported, in its order.
    pub changes: Vec<Change<R>>,
    /// The collections that were listed whole, inside the window: there, and only there, absence says something.
    pub complete: BTreeSet<String>,
    /// Where to resume, once everything here is settled or held.
    pub cursor: Cursor,
    /// The IANA name of the zone the side shows the user's calendar in, where it tells.
    pub time_zone: Option<String>,
}

/// The part of time that is in scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Earlier items are left alone.
    pub from: DateTime<Utc>,
    /// Occurrences of series are carried up to here; single items have no upper bound, nor have series made from rows.
    pub until: DateTime<Utc>,
}

impl Window {
    /// Whether an occurrence that starts then is inside.
    pub fn holds(&self, starts_at: DateTime<Utc>) -> bool {
        self.from <= starts_at && starts_at < self.until
    }

    /// Whether a record is not before the window. What has no place in time never is.
    pub fn reaches(&self, starts_at: Option<DateTime<Utc>>) -> bool {
        starts_at.is_none_or(|at| self.from <= at)
    }
}

/// What one record looks like right now.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every value is the large variant"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum Reading<R> {
    /// It is there.
    Present(Observed<R>),
    /// It is deleted, or never was.
    Gone,
    /// It exists but no longer belongs to this user, or may not be seen: neither a change nor a deletion.
    OutOfReach,
    /// It exists but cannot be carried as it is, and why.
    Unreadable {
        /// A short word for programs.
        code: &'static str,
        /// One sentence for a person.
        message: String,
    },
}
