//! Copies that a run made anew and could not remember, on sides that keep no mark.

use sync_core::base::{Pair, PairState};
use sync_core::kind::task::TaskRecord;
use sync_core::plan::{Plan, Step};
use sync_core::policy::TaskSettings;
use sync_core::side::{PerSide, Side};

use crate::kinds::{is_quiet, observed, pair, plan, task, task_limits};

/// What the one step of a plan is about.
fn joined(plan: &Plan<TaskRecord>) -> PerSide<Option<&str>> {
    let [step] = plan.steps.as_slice() else {
        panic!("one step was expected: {:?}", plan.steps)
    };
    let step: &Step<TaskRecord> = step;
    PerSide::from_fn(|side| step.id(side).map(|id| id.id.as_str()))
}

/// Two tasks say the same. The copy of one was made, and the answer was lost; then one record of the other pair was
/// deleted.
#[test]
fn the_copy_of_a_task_that_says_the_same_is_not_taken_for_it() {
    for gone in Side::BOTH {
        let agreed = task("Report", None);
        let half = Pair {
            state: PairState::Gone(gone),
            ..pair(&agreed, &agreed)
        };
        let limits = task_limits();
        let mut seen = PerSide {
            crm: vec![observed(Side::Crm, "copy-0-twin", "1", agreed.clone())],
            google: vec![observed(Side::Google, "twin", "1", agreed.clone())],
        };
        let survivor = observed(gone.other(), "a", "1", agreed);
        seen.get_mut(gone.other()).push(survivor);
        let plan = plan::<TaskRecord>(&TaskSettings::default(), limits.as_ref(), vec![half], seen);
        assert!(is_quiet(&plan), "{:?}", plan.steps);
        let joined = joined(&plan);
        assert_eq!(
            (joined.crm, joined.google),
            (Some("copy-0-twin"), Some("twin")),
            "{gone}'s is gone"
        );
    }
}

/// An edit has beaten a deletion, and the run that made the copy anew died before it could say so.
#[test]
fn a_copy_made_anew_by_a_dead_run_is_joined_and_not_made_again() {
    let (agreed, edited) = (task("Report", Some(9)), task("Report for June", Some(9)));
    let half = pair(&agreed, &task("Report", None));
    let gone = Pair {
        state: PairState::Gone(Side::Google),
        ..half
    };
    let limits = task_limits();
    let plan = plan::<TaskRecord>(
        &TaskSettings::default(),
        limits.as_ref(),
        vec![gone],
        PerSide {
            crm: vec![observed(Side::Crm, "a", "2", edited)],
            google: vec![observed(Side::Google, "new", "1", task("Report for June", None))],
        },
    );
    assert!(is_quiet(&plan), "{:?}", plan.steps);
    let joined = joined(&plan);
    assert_eq!((joined.crm, joined.google), (Some("a"), Some("new")));
}
