//! The whole engine over simulated providers: seeded histories, faults at every boundary, in virtual time.
//!
//! | file | holds |
//! |---|---|
//! | `history` | one history: people act, runs meet trouble, calm comes |
//! | `people` | what people do, at any moment |
//! | `turns` | which settings are turned and put back, in the end |
//! | `faults` | what may go wrong at a call |
//! | `server`, `door`, `reach`, `store` | the providers, their doors and how far these reach, the store |
//! | `kinds` | what has to be known of each kind of record |
//! | `habits` | how each provider keeps each kind |
//! | `world` | all of it put together, with the engine |
//! | `doubts` | what is not played, and why |
//! | `log`, `checker` | what happened at both ends, and what must not have |
//! | `broken` | doors broken on purpose |
//! | `scenes` | single courses of events that once went wrong |
//!
//! `SIMULATION_SEED=<n>` replays one history, `SIMULATION_HISTORIES=<n>` sets how many are played, and
//! `SIMULATION_LOG=<file>` keeps the log of the last one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

mod broken;
mod checker;
mod door;
mod doubts;
mod faults;
mod habits;
mod history;
mod kinds;
mod log;
mod people;
mod reach;
mod scenes;
mod server;
mod store;
mod turns;
mod world;

use broken::Broken;

/// Histories played when nobody says otherwise.
const HISTORIES: u64 = 5_000;

/// How a history is played again.
const REPRODUCE: &str = "cargo nextest run -p sync-engine --test simulation";

/// So many failed histories are told of.
const FAILURES_MAX: usize = 20;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn play(seed: u64, broken: Option<Broken>) -> (std::sync::Arc<log::Log>, Result<(), String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(history::play(seed, broken))
}

#[test]
fn after_any_faults_both_sides_agree_and_nothing_is_lost_or_doubled() {
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_HISTORIES").unwrap_or(HISTORIES),
    };
    let mut failed = Vec::new();
    for seed in seeds {
        let (log, verdict) = play(seed, None);
        if let Err(wrong) = verdict {
            if let Some(path) = std::env::var_os("SIMULATION_LOG") {
                std::fs::write(path, log.text()).expect("the log");
            }
            failed.push(format!("{wrong}\nSIMULATION_SEED={seed} {REPRODUCE}"));
        }
        if failed.len() == FAILURES_MAX {
            break;
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_same_seed_replays_identically() {
    for seed in 0..20 {
        let (first, _) = play(seed, None);
        let (second, _) = play(seed, None);
        assert!(
            first.text() == second.text(),
            "history {seed} took another course"
        );
    }
}
