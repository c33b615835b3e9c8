//! One plan, looked at in several ways: other clocks, other reports, the brake.

use chrono::Duration;
use proptest::prelude::*;
use sync_core::base::Pair;
use sync_core::change::{Change, ChangeSet};
use sync_core::kind::event::{EventField, EventRecord};
use sync_core::plan::{Action, Plan, Why};
use sync_core::policy::ConflictWinner;
use sync_core::reconcile::{Ground, deletions_allowed, reconcile};
use sync_core::side::{PerSide, Side};

use crate::history::{History, history, now};
use crate::played::Played;
use crate::replay::{Broken, Law, Verdict, demand, hold};
use crate::world::World;
use crate::world::server::Names;

type Changes = PerSide<ChangeSet<EventRecord>>;

/// A world after people were at work, as a run reads it.
struct Moment {
    world: World<EventRecord>,
    pairs: Vec<Pair>,
    changes: Changes,
}

impl Moment {
    fn of(history: &History<EventField>) -> Result<Self, Broken> {
        let mut world = World::<EventRecord>::new(history);
        world.calm_run(history, true)?;
        world.people_do(history, &history.first);
        let whole = history.whole[0];
        let (pairs, changes) = world.clone().read(whole, history.policy.window());
        Ok(Self {
            world,
            pairs,
            changes,
        })
    }

    fn plan(&self, changes: Changes, pairs_in_all: u64, confirmed: usize) -> Plan<EventRecord> {
        let policy = self.world.policy;
        let limits = PerSide::from_fn(|side| self.world.servers.get(side).limits.clone());
        let settings = EventRecord::settings(&policy);
        let ground = Ground {
            settings: &settings,
            window: policy.window(),
            limits: limits.as_ref(),
            pairs_in_all,
            deletions_confirmed: confirmed,
            copies: &Names,
            guests_told_after: policy.notify.then(now),
            zone: chrono_tz::Tz::UTC,
        };
        reconcile(&ground, self.pairs.clone(), changes)
    }
}

/// A plan in words, whatever the order of its steps.
fn in_words(plan: &Plan<EventRecord>) -> Vec<String> {
    let mut words: Vec<String> = plan
        .steps
        .iter()
        .map(|step| {
            format!(
                "{:?} {:?} {:?} {:?}",
                step.base, step.action, step.lost, step.waiting
            )
        })
        .collect();
    words.sort();
    words
}

/// Clocks decide nothing but who is newest, and of that nothing but a true contest.
pub(crate) fn clocks_matter_little((history, skew, gap): &(History<EventField>, i64, i64)) -> Verdict {
    let moment = Moment::of(history)?;
    let skewed = |by: &dyn Fn(Side) -> Option<i64>| {
        let mut changes = moment.changes.clone();
        for side in Side::BOTH {
            for change in &mut changes.get_mut(side).changes {
                if let Change::Present(seen) = change {
                    seen.modified_at =
                        by(side).and_then(|by| Some(seen.modified_at? + Duration::minutes(by)));
                }
            }
        }
        moment.plan(changes, 100, 0)
    };
    let true_time = moment.plan(moment.changes.clone(), 100, 0);
    let one_is_off = skewed(&|side| Some(if side == Side::Crm { *skew } else { 0 }));
    let is_newest = moment.world.policy.winner == ConflictWinner::Newest;
    let unknown = skewed(&|_| None);
    demand(
        is_newest
            || in_words(&true_time) == in_words(&one_is_off) && in_words(&true_time) == in_words(&unknown),
        Law::Clocks,
        || "a clock decides though the policy does not ask it".to_owned(),
    )?;
    let both_are_off = skewed(&|_| Some(*skew));
    demand(
        in_words(&true_time) == in_words(&both_are_off),
        Law::Clocks,
        || "two clocks that agree are not enough".to_owned(),
    )?;
    let contests = |plan: &Plan<EventRecord>| plan.steps.iter().map(|step| step.lost.len()).sum::<usize>();
    let uncontested = |plan: &Plan<EventRecord>| {
        let mut plan = plan.clone();
        plan.steps.retain(|step| {
            let joins = step.base.is_none() && matches!(step.action, Action::Write(_));
            step.lost.is_empty() && !joins
        });
        in_words(&plan)
    };
    let may_differ = moment.pairs.is_empty() || history.whole[0];
    demand(
        may_differ || contests(&true_time) != 0 || in_words(&true_time) == in_words(&one_is_off),
        Law::Clocks,
        || "a clock decides where nothing is contested".to_owned(),
    )?;
    demand(
        uncontested(&true_time) == uncontested(&one_is_off),
        Law::Clocks,
        || format!("a clock that is {skew} minutes off decides about more than contests ({gap})"),
    )
}

/// However a reading is cut into reports, the plan is the same.
pub(crate) fn reports_may_be_cut((history, order): &(History<EventField>, u64)) -> Verdict {
    let moment = Moment::of(history)?;
    let plan = |changes: Changes| in_words(&moment.plan(changes, 100, 0));
    let expected = plan(moment.changes.clone());
    demand(plan(moment.changes.clone()) == expected, Law::Symmetry, || {
        "the same input gave another plan".to_owned()
    })?;
    let mut doubled = moment.changes.clone();
    let mut turned = moment.changes.clone();
    let mut silent = moment.changes.clone();
    for side in Side::BOTH {
        let set = doubled.get_mut(side);
        set.changes.extend(set.changes.clone());
        let changes = &mut turned.get_mut(side).changes;
        if !changes.is_empty() {
            let by = usize::try_from(*order).unwrap_or(0) % changes.len();
            changes.rotate_left(by);
        }
        let changes = &mut silent.get_mut(side).changes;
        changes.retain(|change| matches!(change, Change::Present(_)));
        silent.get_mut(side).complete.clear();
    }
    demand(plan(doubled) == expected, Law::Reports, || {
        "what is reported twice counts twice".to_owned()
    })?;
    demand(plan(turned) == expected, Law::Reports, || {
        "the order of the reports decides".to_owned()
    })?;
    let deletions = moment.plan(silent, 100, 0).deletions();
    demand(deletions.crm + deletions.google == 0, Law::SafeDeletion, || {
        "a partial reading deletes".to_owned()
    })?;
    let mut empty = moment.changes.clone();
    for side in Side::BOTH {
        empty.get_mut(side).changes.clear();
        empty.get_mut(side).complete.clear();
    }
    let steps = moment.plan(empty, 100, 0).steps.len();
    demand(steps == 0, Law::Reports, || {
        "an empty reading asks for something".to_owned()
    })?;
    // A part of what changed asks for a part of the plan.
    let mut part = moment.changes.clone();
    part.crm.changes.clear();
    part.crm.complete.clear();
    let known = |plan: &Plan<EventRecord>| plan.steps.iter().filter(|step| step.base.is_some()).count();
    let (all, part) = (
        moment.plan(moment.changes.clone(), 100, 0),
        moment.plan(part, 100, 0),
    );
    demand(known(&part) <= known(&all), Law::Reports, || {
        "half of a reading asks for more than all of it".to_owned()
    })
}

/// More deletions than a run may do are held, unless a person has confirmed them.
pub(crate) fn the_brake_holds(
    (history, pairs_in_all, confirmed): &(History<EventField>, u64, usize),
) -> Verdict {
    let moment = Moment::of(history)?;
    // As many worlds side by side as there may be deletions.
    let mut pairs = Vec::new();
    let mut changes = moment.changes.clone();
    for number in 0..14 {
        let renamed = |id: &sync_core::id::RemoteId| {
            sync_core::id::RemoteId::new(id.collection.clone(), format!("{number} {}", id.id))
        };
        for pair in &moment.pairs {
            let mut pair = pair.clone();
            for side in Side::BOTH {
                let half = pair.half.get_mut(side);
                half.id = renamed(&half.id);
            }
            pairs.push(pair);
        }
        for side in Side::BOTH {
            for change in &moment.changes.get(side).changes {
                if let Change::Removed(id) = change {
                    changes.get_mut(side).changes.push(Change::Removed(renamed(id)));
                }
            }
        }
    }
    for side in Side::BOTH {
        changes.get_mut(side).complete.clear();
        changes
            .get_mut(side)
            .changes
            .retain(|change| matches!(change, Change::Removed(_)));
    }
    let moment = Moment { pairs, ..moment };
    let plan = moment.plan(changes, *pairs_in_all, *confirmed);
    let wanted = plan
        .steps
        .iter()
        .filter(|step| {
            matches!(
                step.action,
                Action::Delete {
                    why: Why::Deleted,
                    ..
                }
            )
        })
        .count();
    let allowed = usize::try_from((*pairs_in_all / 5).max(10)).unwrap_or(usize::MAX);
    demand(
        deletions_allowed(*pairs_in_all) == allowed && plan.braked == (wanted > allowed.max(*confirmed)),
        Law::SafeDeletion,
        || {
            format!(
                "{wanted} deletions of {pairs_in_all} pairs, {confirmed} confirmed: braked {}",
                plan.braked
            )
        },
    )
}

pub(crate) fn skewed() -> impl Strategy<Value = (History<EventField>, i64, i64)> {
    (history::<EventRecord>(), -600_i64..600, 0_i64..20)
}

pub(crate) fn cut() -> impl Strategy<Value = (History<EventField>, u64)> {
    (history::<EventRecord>(), any::<u64>())
}

pub(crate) fn many() -> impl Strategy<Value = (History<EventField>, u64, usize)> {
    (
        history::<EventRecord>(),
        prop_oneof![Just(20_u64), Just(70), Just(140)],
        prop_oneof![Just(0_usize), Just(12), Just(50)],
    )
}

#[test]
fn clocks_decide_nothing_but_who_is_newest() {
    hold(
        "clocks_decide_nothing_but_who_is_newest",
        8,
        &skewed(),
        clocks_matter_little,
    );
}

#[test]
fn a_reading_may_be_cut_into_any_reports() {
    hold(
        "a_reading_may_be_cut_into_any_reports",
        8,
        &cut(),
        reports_may_be_cut,
    );
}

#[test]
fn too_many_deletions_are_held() {
    hold("too_many_deletions_are_held", 6, &many(), the_brake_holds);
}
