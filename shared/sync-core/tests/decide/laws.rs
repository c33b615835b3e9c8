//! Laws of the plan, over generated worlds.

use proptest::prelude::*;
use sync_core::change::Change;
use sync_core::id::{Cursor, Version};
use sync_core::kind::event::EventRecord;
use sync_core::plan::Action;
use sync_core::policy::Direction;
use sync_core::side::{PerSide, Side};

use crate::ground::{Case, event, id, pair, seen, timed};

/// How one side of one pair was perturbed.
fn perturbed() -> impl Strategy<Value = Option<Option<EventRecord>>> {
    prop_oneof![
        Just(None),
        Just(Some(None)),
        ("[ab]", "[ab]?", 9_i64..11).prop_map(|(title, description, hour)| {
            Some(Some(EventRecord {
                description,
                when: timed(hour),
                ..event(&title)
            }))
        }),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let direction = prop_oneof![
        Just(Direction::Both),
        Just(Direction::CrmToGoogle),
        Just(Direction::GoogleToCrm)
    ];
    let items = prop::collection::vec((perturbed(), perturbed(), any::<bool>()), 0..6);
    (items, direction).prop_map(|(items, direction)| {
        let mut case = Case {
            pairs: Vec::new(),
            pairs_in_all: 100,
            ..Case::default()
        };
        case.settings.direction = direction;
        for (number, (crm, google, paired)) in items.into_iter().enumerate() {
            let name = number.to_string();
            for (side, is) in [(Side::Crm, crm), (Side::Google, google)] {
                let change = match is {
                    None => continue,
                    Some(None) => Change::Removed(id(side, &name)),
                    Some(Some(record)) => Change::Present(seen(side, &name, "2", record)),
                };
                match side {
                    Side::Crm => case.crm.push(change),
                    Side::Google => case.google.push(change),
                }
            }
            if paired {
                let mut known = pair();
                known.half.crm.id = id(Side::Crm, &name);
                known.half.google.id = id(Side::Google, &name);
                case.pairs.push(known);
            }
        }
        case
    })
}

fn writes_to(case: &Case, side: Side) -> usize {
    let plan = case.plan();
    plan.steps
        .iter()
        .filter(|step| match &step.action {
            Action::Create { on, .. } | Action::CreateSeries { on, .. } | Action::Delete { on, .. } => {
                *on == side
            }
            Action::Write(writes) => writes.get(side).is_some(),
            Action::Remember(_) | Action::Forget => false,
        })
        .count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn the_same_input_gives_the_same_plan(case in case()) {
        prop_assert_eq!(case.told(), case.told());
    }

    #[test]
    fn one_way_makes_no_write_to_its_source(case in case()) {
        match case.settings.direction {
            Direction::Both => {}
            Direction::CrmToGoogle => prop_assert_eq!(writes_to(&case, Side::Crm), 0),
            Direction::GoogleToCrm => prop_assert_eq!(writes_to(&case, Side::Google), 0),
        }
    }

    #[test]
    fn reports_may_repeat(case in case()) {
        let mut doubled = case.clone();
        doubled.crm.extend(case.crm.clone());
        doubled.google.extend(case.google.clone());
        prop_assert_eq!(doubled.told(), case.told());
    }

    #[test]
    fn every_record_is_in_at_most_one_step(case in case()) {
        let plan = case.plan();
        for side in Side::BOTH {
            let mut names: Vec<_> = plan.steps.iter().filter_map(|step| step.id(side)).collect();
            let all = names.len();
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), all);
        }
    }

    #[test]
    fn nothing_is_deleted_from_a_partial_reading(case in case()) {
        let mut silent = case.clone();
        silent.crm.retain(|change| matches!(change, Change::Present(_)));
        silent.google.retain(|change| matches!(change, Change::Present(_)));
        prop_assert_eq!(silent.plan().deletions(), PerSide { crm: 0, google: 0 });
    }

    #[test]
    fn a_deletion_needs_the_other_side_as_it_was(case in case()) {
        for step in case.plan().steps {
            if let Action::Delete { on, expected, .. } = &step.action {
                let pair = step.base.as_ref().expect("only what is paired is deleted");
                if let Some(seen) = step.seen.get(*on) {
                    prop_assert!(pair.half.get(*on).changed(seen).is_empty());
                    prop_assert_eq!(expected, &seen.version);
                } else {
                    prop_assert_eq!(expected, &Version("1".to_owned()));
                }
            }
        }
    }

    #[test]
    fn the_sides_are_treated_alike(case in case()) {
        // With the same winner on either side, a mirrored world gives the mirrored plan.
        let mirror = |side: Side| {
            let set = case.set(side);
            set.changes.into_iter().map(|change| match change {
                Change::Present(mut seen) => { seen.id = id(side.other(), &seen.id.id); Change::Present(seen) }
                Change::Removed(gone) => Change::Removed(id(side.other(), &gone.id)),
                other @ (Change::Left(_) | Change::Series { .. } | Change::Unreadable { .. }) => other,
            }).collect::<Vec<_>>()
        };
        let mirrored = Case {
            crm: mirror(Side::Google),
            google: mirror(Side::Crm),
            settings: sync_core::policy::EventSettings {
                direction: match case.settings.direction {
                    Direction::Both => Direction::Both,
                    Direction::CrmToGoogle => Direction::GoogleToCrm,
                    Direction::GoogleToCrm => Direction::CrmToGoogle,
                },
                ..case.settings.clone()
            },
            ..case.clone()
        };
        prop_assert_eq!(writes_to(&case, Side::Crm), writes_to(&mirrored, Side::Google));
        prop_assert_eq!(writes_to(&case, Side::Google), writes_to(&mirrored, Side::Crm));
        prop_assert_eq!(case.set(Side::Crm).cursor, Cursor(String::new()));
    }
}
