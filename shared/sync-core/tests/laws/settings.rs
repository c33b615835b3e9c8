//! A setting that is narrowed, and put back.

use proptest::prelude::*;
use sync_core::kind::event::{EventField, EventRecord};
use sync_core::policy::{Deletions, Direction, PrivateMode};

use crate::history::{History, Policy, history};
use crate::replay::{Law, Verdict, demand, hold};
use crate::world::World;

/// One setting, narrower than before.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Narrower {
    Direction(Direction),
    Hours,
    MeetingsOnly,
    LateStart,
    Keep,
    Busy,
    Private(PrivateMode),
}

impl Narrower {
    fn is_about_privacy(self) -> bool {
        match self {
            Narrower::Busy | Narrower::Private(_) => true,
            Narrower::Direction(_)
            | Narrower::Hours
            | Narrower::MeetingsOnly
            | Narrower::LateStart
            | Narrower::Keep => false,
        }
    }

    fn than(self, policy: Policy) -> Policy {
        match self {
            Narrower::Direction(direction) if policy.direction == Direction::Both => {
                Policy { direction, ..policy }
            }
            Narrower::Direction(_) => policy,
            Narrower::Hours => Policy {
                hours: true,
                ..policy
            },
            Narrower::MeetingsOnly => Policy {
                meetings_only: true,
                ..policy
            },
            Narrower::LateStart => Policy {
                late_start: true,
                ..policy
            },
            Narrower::Keep => Policy {
                deletions: Deletions::Keep,
                ..policy
            },
            Narrower::Busy => Policy {
                as_busy: true,
                ..policy
            },
            Narrower::Private(private) => Policy { private, ..policy },
        }
    }
}

pub(crate) fn narrowed() -> impl Strategy<Value = (Narrower, History<EventField>)> {
    let narrower = prop_oneof![
        Just(Narrower::Direction(Direction::CrmToGoogle)),
        Just(Narrower::Direction(Direction::GoogleToCrm)),
        Just(Narrower::Hours),
        Just(Narrower::MeetingsOnly),
        Just(Narrower::LateStart),
        Just(Narrower::Keep),
        Just(Narrower::Busy),
        Just(Narrower::Private(PrivateMode::ToGoogle)),
        Just(Narrower::Private(PrivateMode::ToCrm)),
        Just(Narrower::Private(PrivateMode::None)),
    ];
    (narrower, history::<EventRecord>())
}

/// Nothing happens when a setting is narrowed and nobody does anything, but for what must be hidden; nothing happens
/// when it is put back.
pub(crate) fn settings_take_nothing((narrower, history): &(Narrower, History<EventField>)) -> Verdict {
    let mut world = World::<EventRecord>::new(history);
    world.calm_run(history, true)?;
    world.people_do(history, &history.first);
    for whole in [false, true, true] {
        world.calm_run(history, whole)?;
    }
    // Off for a while, and on again.
    let ran = world.calm_run(history, true)?;
    demand(ran.writes_in_all() == 0, Law::Settings, || {
        format!("off and on again wrote {:?}", ran.writes)
    })?;
    for policy in [narrower.than(history.policy), history.policy] {
        world.set(policy);
        for whole in [true, false, true] {
            let ran = world.calm_run(history, whole)?;
            demand(
                narrower.is_about_privacy() || ran.writes_in_all() == 0,
                Law::Settings,
                || format!("{narrower:?} wrote {:?}", ran.writes),
            )?;
        }
    }
    let ran = world.calm_run(history, true)?;
    demand(ran.writes_in_all() == 0, Law::Settings, || {
        format!("{narrower:?}, put back, does not come to rest: {:?}", ran.writes)
    })?;
    world.nothing_is_doubled()?;
    world.both_sides_agree(true)
}

#[test]
fn a_narrower_setting_takes_nothing_away() {
    hold(
        "a_narrower_setting_takes_nothing_away",
        14,
        &narrowed(),
        settings_take_nothing,
    );
}
