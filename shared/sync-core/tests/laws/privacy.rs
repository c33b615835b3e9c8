//! Two worlds that differ in hidden content only.

use proptest::prelude::*;
use sync_core::kind::event::{EventField, EventRecord};
use sync_core::policy::PrivateMode;
use sync_core::side::Side;

use crate::history::{History, Kept, On, Policy, What, history};
use crate::played::Played;
use crate::replay::{Law, Verdict, demand, hold};
use crate::world::World;

/// A history in which private records of that side are hidden from the other one, and stay private.
pub(crate) fn with_secrets() -> impl Strategy<Value = (Side, History<EventField>)> {
    let side = prop_oneof![Just(Side::Crm), Just(Side::Google)];
    (side, history::<EventRecord>(), any::<bool>()).prop_map(|(side, mut history, as_busy)| {
        hides(&mut history, side, as_busy);
        (side, history)
    })
}

fn hides(history: &mut History<EventField>, side: Side, as_busy: bool) {
    let away = match side {
        Side::Crm => PrivateMode::ToCrm,
        Side::Google => PrivateMode::ToGoogle,
    };
    for policy in std::iter::once(&mut history.policy).chain(&mut history.reset) {
        policy.as_busy = as_busy;
        policy.private = if as_busy { PrivateMode::Both } else { away };
    }
    // What is out of scope for another reason than being hidden is told apart by its content like everything else.
    let direction = history.policy.direction;
    for policy in std::iter::once(&mut history.policy).chain(&mut history.reset) {
        *policy = Policy {
            direction,
            hours: false,
            meetings_only: false,
            late_start: false,
            ..*policy
        };
    }
    if !as_busy && let Some(reset) = &mut history.reset {
        reset.private = PrivateMode::None;
    }
    // A side without the notion shows everything to everybody.
    if !EventRecord::limits(*history.servers.get(side)).has_private {
        *history.servers.get_mut(side) = Kept::Whole;
    }
    for start in &mut history.items {
        if start.on == On::Nowhere {
            start.on = match side {
                Side::Crm => On::Crm,
                Side::Google => On::Google,
            };
        }
    }
    for deed in history.first.iter_mut().chain(&mut history.second) {
        if let What::Edit(EventField::Private, _) = deed.what {
            deed.what = What::Save;
        }
    }
}

/// Whatever the secrets of a side say, the other side is asked the same.
pub(crate) fn secrets_are_kept((side, history): &(Side, History<EventField>)) -> Verdict {
    let told = |secrets_of: Option<Side>| {
        let mut world = World::<EventRecord>::with_other_secrets(history, secrets_of);
        world.listens = true;
        let mut faults = history.faults.clone();
        world.run(history, true, &mut faults, &[])?;
        world.people_do(history, &history.first);
        if let Some(policy) = history.reset {
            world.set(policy);
        }
        world.run(history, history.whole[0], &mut faults, &history.second)?;
        world.calm_run(history, history.whole[1])?;
        world.calm_run(history, true)?;
        Ok(std::mem::take(world.traffic.get_mut(side.other())))
    };
    let (one, other) = (told(None)?, told(Some(*side))?);
    let differs = one.iter().zip(&other).find(|(one, other)| one != other);
    demand(one == other, Law::Privacy, || {
        format!(
            "{} is told of {side}'s secrets: {differs:?} of {} and {}",
            side.other(),
            one.len(),
            other.len()
        )
    })
}

#[test]
fn hidden_content_makes_no_difference() {
    hold(
        "hidden_content_makes_no_difference",
        14,
        &with_secrets(),
        secrets_are_kept,
    );
}
