//! A generated history: a world, perturbed twice, over small alphabets, so that everything collides.

use chrono::{DateTime, Duration, TimeZone, Utc};
use proptest::prelude::*;
use sync_core::change::{ReadOnly, Window};
use sync_core::policy::{ConflictWinner, Deletions, Direction, PrivateMode};
use sync_core::side::{PerSide, Side};

use crate::played::Played;

/// Hours after the first midnight of the world.
pub(crate) fn at(hour: i64) -> DateTime<Utc> {
    // A Monday.
    Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).unwrap() + Duration::hours(hour)
}

/// The present: guests may be told of what lies after it.
pub(crate) fn now() -> DateTime<Utc> {
    at(11)
}

/// Everything that happens to one world.
#[derive(Debug, Clone)]
pub(crate) struct History<F> {
    /// What the user has set.
    pub(crate) policy: Policy,
    /// What each side cannot hold.
    pub(crate) servers: PerSide<Kept>,
    /// What there is in the beginning.
    pub(crate) items: Vec<Start>,
    /// What people do after the first run.
    pub(crate) first: Vec<Deed<F>>,
    /// What the user sets then, if anything.
    pub(crate) reset: Option<Policy>,
    /// What people do while the second run is under way, between its reading and its writing.
    pub(crate) second: Vec<Deed<F>>,
    /// What becomes of the first two runs' calls, in their order; the calls after these are answered.
    pub(crate) faults: Vec<Fault>,
    /// Which runs read both sides whole; the first one does in any case.
    pub(crate) whole: [bool; 3],
}

/// A user's settings, as far as they matter here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Policy {
    pub(crate) direction: Direction,
    pub(crate) winner: ConflictWinner,
    pub(crate) private: PrivateMode,
    pub(crate) as_busy: bool,
    /// Whether only the hours from eight to noon of working days are in scope.
    pub(crate) hours: bool,
    /// Whether calls are left out.
    pub(crate) meetings_only: bool,
    pub(crate) deletions: Deletions,
    pub(crate) notify: bool,
    /// Whether the window begins late, after some of the records.
    pub(crate) late_start: bool,
}

impl Policy {
    /// What lies before it is left alone.
    pub(crate) fn starts_from(&self) -> DateTime<Utc> {
        if self.late_start { at(10) } else { at(-24 * 30) }
    }

    pub(crate) fn window(&self) -> Window {
        Window {
            from: self.starts_from(),
            until: at(24 * 365),
        }
    }

    /// Whether changes of a side may travel at all.
    pub(crate) fn travels(&self, from: Side) -> bool {
        match self.direction {
            Direction::Both => true,
            Direction::CrmToGoogle => from == Side::Crm,
            Direction::GoogleToCrm => from == Side::Google,
        }
    }
}

/// What a server does to what it keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kept {
    /// It keeps everything.
    Whole,
    /// It cuts titles and places, knows no four-byte characters, and no seconds.
    Cut,
    /// It knows neither places nor privacy.
    Poor,
    /// It writes some texts in its own way.
    Rewritten,
}

/// One thing in the beginning.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) on: On,
    pub(crate) what: Content,
    /// What the CRM calls it.
    pub(crate) call: bool,
    /// Whether Google's record may not be written.
    pub(crate) read_only: Option<ReadOnly>,
}

/// Where a thing is in the beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum On {
    Crm,
    Google,
    /// People have entered it on both sides, in the same words or not quite.
    Both {
        alike: bool,
    },
    /// Nowhere yet.
    Nowhere,
}

/// What a record says, by numbers into the alphabets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content {
    pub(crate) title: usize,
    pub(crate) description: usize,
    pub(crate) location: usize,
    pub(crate) when: usize,
    pub(crate) private: bool,
}

/// Something that a person does to a thing on one side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed<F> {
    pub(crate) about: usize,
    pub(crate) side: Side,
    pub(crate) what: What<F>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum What<F> {
    Edit(F, usize),
    /// Saved without a change.
    Save,
    Delete,
    /// Passed to somebody else.
    Leave,
    /// Restored, or passed back.
    Return,
    /// Put into another collection of the same side.
    Move,
    /// Made, if there is none on either side.
    Make,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    None,
    /// The side says no, for this record.
    Refused,
    /// It was done, and the answer is lost.
    Lost,
    /// It was not done, and there is no answer.
    Away,
}

const TEXTS: [&str; 7] = ["a", "b", "", "abcdef", "abcdxy", "a😀", "a--"];
/// The same number of other texts, all different as these are, for a second world in which only hidden content differs:
/// that somebody changed what is hidden may be known, not to what.
const OTHER_TEXTS: [&str; 7] = ["b", "a", "quite other", "", "--", "Busy", "abcdef"];

/// The texts of a world.
pub(crate) fn text(number: usize, other: bool) -> String {
    let texts = if other { OTHER_TEXTS } else { TEXTS };
    texts
        .get(number % texts.len())
        .copied()
        .unwrap_or_default()
        .to_owned()
}

fn policy() -> impl Strategy<Value = Policy> + Clone {
    let direction = prop_oneof![
        3 => Just(Direction::Both),
        1 => Just(Direction::CrmToGoogle),
        1 => Just(Direction::GoogleToCrm)
    ];
    let winner = prop_oneof![
        Just(ConflictWinner::Newest),
        Just(ConflictWinner::Crm),
        Just(ConflictWinner::Google)
    ];
    let private = prop_oneof![
        3 => Just(PrivateMode::Both),
        1 => Just(PrivateMode::ToGoogle),
        1 => Just(PrivateMode::ToCrm),
        1 => Just(PrivateMode::None)
    ];
    let deletions = prop_oneof![3 => Just(Deletions::Propagate), 1 => Just(Deletions::Keep)];
    let seldom = || prop::bool::weighted(0.2);
    (
        direction,
        winner,
        private,
        deletions,
        seldom(),
        seldom(),
        seldom(),
        seldom(),
        any::<bool>(),
    )
        .prop_map(
            |(direction, winner, private, deletions, as_busy, hours, meetings_only, late_start, notify)| {
                Policy {
                    direction,
                    winner,
                    private,
                    as_busy,
                    hours,
                    meetings_only,
                    deletions,
                    notify,
                    late_start,
                }
            },
        )
}

fn content() -> impl Strategy<Value = Content> + Clone {
    let text = || 0..TEXTS.len();
    (text(), text(), text(), 0..6_usize, prop::bool::weighted(0.25)).prop_map(
        |(title, description, location, when, private)| Content {
            title,
            description,
            location,
            when,
            private,
        },
    )
}

fn start() -> impl Strategy<Value = Start> + Clone {
    let on = prop_oneof![
        3 => Just(On::Crm),
        3 => Just(On::Google),
        2 => any::<bool>().prop_map(|alike| On::Both { alike }),
        1 => Just(On::Nowhere)
    ];
    let read_only = prop_oneof![
        8 => Just(None),
        1 => Just(Some(ReadOnly::NotOrganizer)),
        1 => Just(Some(ReadOnly::EventType))
    ];
    (on, content(), prop::bool::weighted(0.25), read_only).prop_map(|(on, what, call, read_only)| Start {
        on,
        what,
        call,
        read_only,
    })
}

/// A deed.
fn deed<R: Played>() -> impl Strategy<Value = Deed<R::Field>> + Clone {
    let field = prop::sample::select(R::EDITED);
    let what = prop_oneof![
        6 => (field, 0..7_usize).prop_map(|(field, value)| What::Edit(field, value)),
        1 => Just(What::Save),
        3 => Just(What::Delete),
        1 => Just(What::Leave),
        2 => Just(What::Return),
        1 => Just(What::Move),
        1 => Just(What::Make)
    ];
    let side = prop_oneof![Just(Side::Crm), Just(Side::Google)];
    (0..4_usize, side, what).prop_map(|(about, side, what)| Deed { about, side, what })
}

fn fault() -> impl Strategy<Value = Fault> + Clone {
    prop_oneof![
        3 => Just(Fault::None),
        1 => Just(Fault::Refused),
        1 => Just(Fault::Lost),
        1 => Just(Fault::Away)
    ]
}

fn kept() -> impl Strategy<Value = Kept> + Clone {
    prop_oneof![
        3 => Just(Kept::Whole),
        1 => Just(Kept::Cut),
        1 => Just(Kept::Poor),
        1 => Just(Kept::Rewritten)
    ]
}

/// Any history.
pub(crate) fn history<R: Played>() -> impl Strategy<Value = History<R::Field>> {
    let faults = prop_oneof![
        1 => Just(Vec::new()),
        1 => prop::collection::vec(fault(), 1..8)
    ];
    (
        policy(),
        kept(),
        kept(),
        prop::collection::vec(start(), 1..4),
        prop::collection::vec(deed::<R>(), 0..6),
        prop::option::weighted(0.3, policy()),
        prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(deed::<R>(), 1..3)],
        faults,
        any::<[bool; 3]>(),
    )
        .prop_map(
            |(policy, crm, google, items, first, reset, second, faults, whole)| History {
                policy,
                servers: PerSide { crm, google },
                items,
                first,
                reset,
                second,
                faults,
                whole,
            },
        )
}
