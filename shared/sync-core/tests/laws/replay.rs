//! Plays cases of a law, and says how to play a failing one again.
//!
//! Case by case from a seed of its own, so that one number brings a case back. `LAWS_CASES=<n>` sets how many cases
//! all laws together get (260,000 unless said otherwise), `LAWS_SEED=<n>` draws other ones, and
//! `LAWS_CASE=<n>` plays a single one of every law that is run.

use std::fmt::Debug;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// Cases that all laws together get when nobody says otherwise.
const CASES: u64 = 260_000;

/// The shares of all laws together.
const SHARES: u64 = 130;

/// What is wrong with a case: the law it breaks, and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Broken {
    pub(crate) law: Law,
    pub(crate) how: String,
}

/// The laws, by the invariants of which each is a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Law {
    /// I1: a record is in one pair at most, and a thing is on a side once at most.
    Bijection,
    /// I2: what a person wrote arrives, or is named among what lost.
    NoLoss,
    /// I3: two runs after the last edit and the last fault both sides agree.
    Convergence,
    /// I4: after that, runs write nothing and ask for nothing.
    Quiescence,
    /// I5: a run that went well is followed by one without a write.
    NoEcho,
    /// I6: only what a person deleted on the other side and left alone on this one is deleted, under the brake.
    SafeDeletion,
    /// I7: what a person deleted comes back only where it was changed on the other side.
    NoResurrection,
    /// I10: guests are told of a person's change of what lies ahead, and of nothing else.
    Silence,
    /// I11: only what differs is written, and nothing beside it.
    Preservation,
    /// I12: what is hidden changes nothing on the other side.
    Privacy,
    /// I13: one way means one way.
    Direction,
    /// I17: what a server cut or rewrote does not come back.
    StableForm,
    /// I20: clocks decide nothing but who is newest.
    Clocks,
    /// I21: settings take nothing away.
    Settings,
    /// I9, as far as it is the planner's: how a reading is cut into reports changes nothing.
    Reports,
    /// The same input gives the same plan, and neither side is special.
    Symmetry,
}

/// A law's answer to a case.
pub(crate) type Verdict = Result<(), Broken>;

/// Breaks a law unless something holds.
pub(crate) fn demand(holds: bool, law: Law, how: impl FnOnce() -> String) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(Broken { law, how: how() })
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The case of that seed.
fn case_of<S: Strategy>(strategy: &S, seed: u64) -> (TestRunner, S::Tree) {
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().zip(seed.to_le_bytes()) {
        *place = byte;
    }
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, random);
    let tree = strategy.new_tree(&mut runner).expect("no strategy here rejects");
    (runner, tree)
}

/// How many cases that break a law are told at once.
const TOLD_MAX: usize = 5;

/// Plays a law's share of the cases; the first that break it are shrunk and told.
pub(crate) fn hold<S: Strategy>(name: &str, share: u64, strategy: &S, law: impl Fn(&S::Value) -> Verdict)
where
    S::Value: Debug,
{
    let single = number("LAWS_CASE");
    let first = number("LAWS_SEED").unwrap_or(0) << 32;
    let cases = number("LAWS_CASES").unwrap_or(CASES) * share / SHARES;
    let seeds = single.map_or(first..first + cases, |seed| seed..seed + 1);
    let breaks = |seed: &u64| law(&case_of(strategy, *seed).1.current()).is_err();
    let told = seeds.filter(breaks).take(TOLD_MAX).map(|seed| {
        let (mut runner, tree) = case_of(strategy, seed);
        let shrunk = runner.run_one(tree, |case| {
            law(&case).map_err(|broken| TestCaseError::fail(format!("{:?}: {}", broken.law, broken.how)))
        });
        let (why, least) = match shrunk {
            Err(TestError::Fail(why, least)) => (why.to_string(), format!("{least:?}")),
            other => (format!("{other:?}"), String::new()),
        };
        format!("{why}\n{least}\nagain: LAWS_CASE={seed} cargo test -p sync-core --test laws {name}\n")
    });
    let told: Vec<String> = told.collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

/// The number of the first case that breaks that law, among so many.
pub(crate) fn first_broken<S: Strategy>(
    cases: u64,
    strategy: &S,
    law: Law,
    suite: impl Fn(&S::Value) -> Verdict,
) -> Option<u64> {
    (0..cases).find(|seed| {
        let (_, tree) = case_of(strategy, *seed);
        suite(&tree.current()).is_err_and(|broken| broken.law == law)
    })
}
