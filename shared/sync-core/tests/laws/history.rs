//! A generated history: a world, perturbed twice, over small alphabets, so that everything collides.

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;
use sync_core::change::{ReadOnly, Window};
use sync_core::kind::event::{EventField, EventLimits, EventRecord, When};
use sync_core::policy::{ConflictWinner, Deletions, Direction, EventSettings, Hours, PrivateMode};
use sync_core::side::{PerSide, Side};

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
pub(crate) struct History {
    /// What the user has set.
    pub(crate) policy: Policy,
    /// What each side cannot hold.
    pub(crate) servers: PerSide<Kept>,
    /// What there is in the beginning.
    pub(crate) items: Vec<Start>,
    /// What people do after the first run.
    pub(crate) first: Vec<Deed>,
    /// What the user sets then, if anything.
    pub(crate) reset: Option<Policy>,
    /// What people do while the second run is under way, between its reading and its writing.
    pub(crate) second: Vec<Deed>,
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
    pub(crate) fn settings(&self) -> EventSettings {
        let days = ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned);
        EventSettings {
            direction: self.direction,
            conflict_winner: self.winner,
            private: self.private,
            private_as_busy: self.as_busy,
            hours: self.hours.then(|| Hours {
                days: days.to_vec(),
                from: "08:00".to_owned(),
                to: "12:00".to_owned(),
                time_zone: "UTC".to_owned(),
            }),
            record_types: if self.meetings_only {
                vec!["meeting".to_owned()]
            } else {
                vec!["meeting".to_owned(), "call".to_owned()]
            },
            deletions: self.deletions,
            notify_guests: self.notify,
            ..EventSettings::default()
        }
    }

    pub(crate) fn window(&self) -> Window {
        Window {
            from: if self.late_start { at(10) } else { at(-24 * 30) },
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

impl Kept {
    pub(crate) fn limits(self) -> EventLimits {
        match self {
            Kept::Whole | Kept::Rewritten => EventLimits::none(),
            Kept::Cut => EventLimits {
                title_chars: Some(4),
                location_chars: Some(2),
                four_byte_characters: false,
                time_step_seconds: 60,
                ..EventLimits::none()
            },
            Kept::Poor => EventLimits {
                has_location: false,
                has_private: false,
                ..EventLimits::none()
            },
        }
    }
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
pub(crate) struct Deed {
    pub(crate) about: usize,
    pub(crate) side: Side,
    pub(crate) what: What,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    Edit(EventField, usize),
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

/// The times of a world: before now, after it, not on the minute, a whole day, and before the window.
pub(crate) fn when(number: usize) -> When {
    let timed = |start| When::Timed {
        start,
        end: start + Duration::hours(1),
    };
    match number % 6 {
        0 | 5 => timed(at(9)),
        1 => timed(at(12)),
        2 => timed(at(9) + Duration::seconds(30)),
        3 => {
            let day = NaiveDate::from_ymd_opt(2026, 6, 2).unwrap_or_default();
            When::AllDay {
                start: day,
                end: day.succ_opt().unwrap_or(day),
            }
        }
        _ => timed(at(-24 * 90)),
    }
}

impl Content {
    pub(crate) fn record(self, other: bool) -> EventRecord {
        EventRecord {
            title: text(self.title, other),
            description: text(self.description, other),
            location: text(self.location, other),
            when: when(self.when),
            private: self.private,
        }
    }
}

/// Changes one field, as a person would.
pub(crate) fn edit(record: &mut EventRecord, field: EventField, value: usize, other: bool) {
    match field {
        EventField::Title => record.title = text(value, other),
        EventField::Description => record.description = text(value, other),
        EventField::Location => record.location = text(value, other),
        EventField::When => record.when = when(value),
        EventField::Private => record.private = value % 2 == 1,
    }
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
fn deed() -> impl Strategy<Value = Deed> + Clone {
    let field = prop::sample::select(&[
        EventField::Title,
        EventField::Title,
        EventField::Description,
        EventField::Location,
        EventField::When,
        EventField::Private,
    ]);
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
pub(crate) fn history() -> impl Strategy<Value = History> {
    let faults = prop_oneof![
        1 => Just(Vec::new()),
        1 => prop::collection::vec(fault(), 1..8)
    ];
    (
        policy(),
        kept(),
        kept(),
        prop::collection::vec(start(), 1..4),
        prop::collection::vec(deed(), 0..6),
        prop::option::weighted(0.3, policy()),
        prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(deed(), 1..3)],
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
