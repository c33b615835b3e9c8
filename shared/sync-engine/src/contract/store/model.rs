//! Random histories: the store under test answers every step as the store in memory does.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Duration;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sync_core::port::{Acquired, Claim, Clock, Expect, Holder, Key, Order, Row, Store, StoreFailure, Write};

use super::Bench;
use crate::in_memory::InMemoryStore;

const HISTORIES: usize = 64;
const STEPS_MAX: usize = 24;

/// Few names, so that steps meet; one of them is a prefix of another.
const SORT_KEYS: [&str; 4] = ["a", "a#1", "a#é", "b"];
const RUNS: [&str; 2] = ["run 0", "run 1"];

#[derive(Debug, Clone)]
enum Step {
    Write(Vec<(usize, Change)>),
    Acquire {
        key: usize,
        run: usize,
        seconds: i64,
    },
    Finish {
        key: usize,
        run: usize,
        progress: String,
    },
    List {
        prefix: &'static str,
        after: Option<usize>,
        limit: usize,
        order: Order,
    },
    Wait {
        milliseconds: i64,
    },
}

#[derive(Debug, Clone)]
enum Change {
    Put {
        body: String,
        expires_in: Option<i64>,
        demand: Demand,
    },
    Delete {
        demand: Demand,
    },
    Guard {
        run: usize,
        seconds: i64,
    },
}

#[derive(Debug, Clone, Copy)]
enum Demand {
    Anything,
    Absent,
    /// The version that the row has, or had last, plus this.
    Version(u64),
}

pub(super) async fn run(bench: &Bench) {
    let mut runner = TestRunner::deterministic();
    for history in 0..HISTORIES {
        let mut tree = steps().new_tree(&mut runner).unwrap();
        let mut attempt = 0;
        let mut found: Option<(Vec<Step>, String)> = None;
        // On a difference, go on with smaller histories as long as they differ, and show the smallest.
        loop {
            let steps = tree.current();
            let partition = format!("model {history} {attempt}");
            attempt += 1;
            let simpler = match compare(bench, &partition, &steps).await {
                Err(difference) => {
                    found = Some((steps, difference));
                    tree.simplify()
                }
                Ok(()) => found.is_some() && tree.complicate(),
            };
            if !simpler {
                break;
            }
        }
        if let Some((steps, difference)) = found {
            panic!("history {history} is answered otherwise than in memory.\n{difference}\nafter {steps:#?}");
        }
    }
}

/// Does all steps to the store and to a store in memory; says where their answers differ.
async fn compare(bench: &Bench, partition: &str, steps: &[Step]) -> Result<(), String> {
    let clock: Arc<dyn Clock> = bench.clock.clone();
    let memory = InMemoryStore::new(clock);
    let keys: Vec<Key> = SORT_KEYS.iter().map(|sk| Key::new(partition, *sk)).collect();
    let mut fences = BTreeMap::new();
    for (n, step) in steps.iter().enumerate() {
        let versions = memory
            .rows()
            .into_iter()
            .map(|row| (row.key, row.version))
            .collect();
        let seen = Seen {
            versions,
            fences: fences.clone(),
        };
        if let Step::Wait { milliseconds } = step {
            bench.clock.advance(Duration::milliseconds(*milliseconds));
        }
        let expected = perform(&memory, bench, &keys, &seen, step).await;
        let answered = perform(bench.store.as_ref(), bench, &keys, &seen, step).await;
        if expected != answered {
            return Err(format!(
                "step {n}: {step:?}\nin memory: {expected:?}\nanswered:  {answered:?}"
            ));
        }
        if let (Step::Acquire { key, run, .. }, Answer::Acquired(Ok(Acquired::Granted(row)))) =
            (step, &expected)
        {
            fences.insert((*key, *run), row.fence);
        }
        let mut stored = bench
            .store
            .get_many(&keys)
            .await
            .map_err(|failure| failure.to_string())?;
        stored.sort_by(|one, other| one.key.cmp(&other.key));
        if stored != memory.rows() {
            return Err(format!(
                "step {n}: {step:?}\nin memory: {:?}\nstored:    {stored:?}",
                memory.rows()
            ));
        }
    }
    Ok(())
}

/// What the steps before have shown.
struct Seen {
    versions: BTreeMap<Key, u64>,
    fences: BTreeMap<(usize, usize), u64>,
}

#[derive(Debug, PartialEq)]
enum Answer {
    Done(Result<(), StoreFailure>),
    Acquired(Result<Acquired, StoreFailure>),
    Rows(Vec<Row>),
}

async fn perform(store: &dyn Store, bench: &Bench, keys: &[Key], seen: &Seen, step: &Step) -> Answer {
    match step {
        Step::Write(changes) => {
            let writes: Vec<Write> = changes
                .iter()
                .map(|(key, change)| write(bench, keys, seen, *key, change))
                .collect();
            Answer::Done(store.write(&writes).await)
        }
        Step::Acquire { key, run, seconds } => {
            let claim = Claim {
                run_id: RUNS[*run].to_owned(),
                now: bench.clock.now(),
                until: bench.in_seconds(*seconds),
            };
            Answer::Acquired(store.acquire(&keys[*key], &claim).await)
        }
        Step::Finish { key, run, progress } => Answer::Done(
            store
                .finish(&keys[*key], &holder(seen, *key, *run), progress)
                .await,
        ),
        Step::List {
            prefix,
            after,
            limit,
            order,
        } => {
            // Pages may end anywhere, so that whole lists are compared.
            let mut rows = Vec::new();
            let mut after = after.map(|key| SORT_KEYS[key].to_owned());
            loop {
                let page = store
                    .query(&keys[0].pk, prefix, after.as_deref(), *limit, *order)
                    .await
                    .unwrap();
                rows.extend(page.rows);
                after = page.next;
                if after.is_none() {
                    return Answer::Rows(rows);
                }
            }
        }
        // The clock is one for both stores and has been put on already.
        Step::Wait { .. } => Answer::Done(Ok(())),
    }
}

fn write(bench: &Bench, keys: &[Key], seen: &Seen, key: usize, change: &Change) -> Write {
    let expect = |demand: Demand| match demand {
        Demand::Anything => Expect::Anything,
        Demand::Absent => Expect::Absent,
        Demand::Version(more) => Expect::Version(seen.versions.get(&keys[key]).copied().unwrap_or(0) + more),
    };
    match change {
        Change::Put {
            body,
            expires_in,
            demand,
        } => Write::Put {
            key: keys[key].clone(),
            body: body.clone(),
            expires_at: expires_in.map(|seconds| bench.in_seconds(seconds)),
            expect: expect(*demand),
        },
        Change::Delete { demand } => Write::Delete {
            key: keys[key].clone(),
            expect: expect(*demand),
        },
        Change::Guard { run, seconds } => Write::Guard {
            key: keys[key].clone(),
            holder: holder(seen, key, *run),
            until: bench.in_seconds(*seconds),
        },
    }
}

/// The run with the number of the last lease that it was granted on the row.
fn holder(seen: &Seen, key: usize, run: usize) -> Holder {
    Holder {
        run_id: RUNS[run].to_owned(),
        fence: seen.fences.get(&(key, run)).copied().unwrap_or(0),
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..STEPS_MAX)
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..SORT_KEYS.len();
    let run = || 0..RUNS.len();
    prop_oneof![
        4 => (key(), change()).prop_map(|one| Step::Write(vec![one])),
        3 => prop::collection::btree_map(key(), change(), 2..=3).prop_map(|some| Step::Write(some.into_iter().collect())),
        3 => (key(), run(), 1_i64..20).prop_map(|(key, run, seconds)| Step::Acquire { key, run, seconds }),
        2 => (key(), run(), "[pq]").prop_map(|(key, run, progress)| Step::Finish { key, run, progress }),
        2 => (
            prop::sample::select(vec!["", "a", "a#", "b"]),
            prop::option::of(key()),
            1_usize..4,
            prop::sample::select(vec![Order::Ascending, Order::Descending]),
        )
            .prop_map(|(prefix, after, limit, order)| Step::List { prefix, after, limit, order }),
        2 => (1_i64..8_000).prop_map(|milliseconds| Step::Wait { milliseconds }),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let run = 0..RUNS.len();
    prop_oneof![
        6 => ("[xyz]{0,3}", prop::option::weighted(0.3, -2_i64..15), demand())
            .prop_map(|(body, expires_in, demand)| Change::Put { body, expires_in, demand }),
        1 => demand().prop_map(|demand| Change::Delete { demand }),
        2 => (run, 1_i64..20).prop_map(|(run, seconds)| Change::Guard { run, seconds }),
    ]
}

fn demand() -> impl Strategy<Value = Demand> {
    prop_oneof![
        4 => Just(Demand::Anything),
        2 => Just(Demand::Absent),
        3 => Just(Demand::Version(0)),
        1 => Just(Demand::Version(1)),
    ]
}
