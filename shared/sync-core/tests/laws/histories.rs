//! Whole histories: perturbed twice, with faults, then calm.

use sync_core::kind::contact::ContactRecord;
use sync_core::kind::event::EventRecord;
use sync_core::kind::task::TaskRecord;

use crate::history::{History, history};
use crate::played::Played;
use crate::replay::{Law, Verdict, demand, hold};
use crate::world::World;

/// Plays a history to its end, and looks whether the world comes to rest.
pub(crate) fn comes_to_rest<R: Played>(history: &History<R::Field>) -> Verdict {
    let [second, third, fourth] = history.whole;
    let mut faults = history.faults.clone();
    let mut world = World::<R>::new(history);
    let first = world.run(history, true, &mut faults, &[])?;
    if !world.was_disturbed {
        let echo = world.clone().calm_run(history, second)?;
        demand(echo.writes_in_all() == 0, Law::NoEcho, || {
            format!(
                "the first run did {:?}, the next one {:?}",
                first.writes, echo.writes
            )
        })?;
    }
    world.people_do(history, &history.first);
    if let Some(policy) = history.reset {
        world.set(policy);
    }
    world.run(history, second, &mut faults, &history.second)?;
    world.calm_run(history, third)?;
    let last = world.calm_run(history, fourth)?;
    if history.second.is_empty() && !world.was_disturbed {
        demand(last.writes_in_all() == last.hides, Law::NoEcho, || {
            format!("the run after two that went well wrote {:?}", last.writes)
        })?;
    }
    world.nothing_is_doubled()?;
    world.both_sides_agree(history.reset.is_some())?;
    // A copy that must be hidden and on which somebody worked tells nothing at first; the next whole reading takes it away.
    let ran = world.calm_run(history, true)?;
    demand(ran.writes_in_all() == ran.hides, Law::Quiescence, || {
        format!("a whole reading after the last change wrote {:?}", ran.writes)
    })?;
    for whole in [false, true, false] {
        let ran = world.calm_run(history, whole)?;
        demand(ran.writes_in_all() == 0, Law::Quiescence, || {
            format!("a run after the last change wrote {:?}", ran.writes)
        })?;
        demand(whole || ran.steps == 0, Law::Quiescence, || {
            "a run after the last change had something to note".to_owned()
        })?;
    }
    Ok(())
}

#[test]
fn worlds_come_to_rest() {
    hold(
        "worlds_come_to_rest",
        50,
        &history::<EventRecord>(),
        comes_to_rest::<EventRecord>,
    );
}

#[test]
fn worlds_of_tasks_come_to_rest() {
    hold(
        "worlds_of_tasks_come_to_rest",
        15,
        &history::<TaskRecord>(),
        comes_to_rest::<TaskRecord>,
    );
}

#[test]
fn worlds_of_contacts_come_to_rest() {
    hold(
        "worlds_of_contacts_come_to_rest",
        15,
        &history::<ContactRecord>(),
        comes_to_rest::<ContactRecord>,
    );
}
