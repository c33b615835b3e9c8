//! The whole engine over two simulated sides, seeded histories and named faults, in virtual time.
//!
//! Each history: people fill both sides, the sides are brought in step, people change both sides at once, runs
//! meet faults at every boundary, then calm comes. The checker (`oracle`) sees only what people did and what
//! stands on both sides at the end. `SIMULATION_SEED=<n>` replays one history, `SIMULATION_HISTORIES=<n>` sets
//! how many are played.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop where it stands"
)]
#![expect(clippy::indexing_slicing, reason = "a test may stop where it stands")]

mod door;
mod faults;
mod oracle;
mod people;
mod rig;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// Histories played when nobody says otherwise.
const HISTORIES: u64 = 3_000;

fn histories() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match number("SIMULATION_SEED") {
        Some(seed) => (seed, seed + 1),
        None => (0, number("SIMULATION_HISTORIES").unwrap_or(HISTORIES)),
    }
}

/// Plays one history and answers what is wrong at its end.
async fn play(seed: u64) -> Result<(), String> {
    let mut random = SmallRng::seed_from_u64(seed);
    let rig = rig::Rig::new(seed, random.random_bool(0.2));
    let mut people = people::People::default();
    people.fill(&rig, &mut random);
    rig.calm().await?;
    oracle::same_on_both_sides(&rig)?;
    for _ in 0..random.random_range(1..=2) {
        people.begin(&rig);
        let faulty_runs = random.random_range(0..4);
        people.act(&rig, &mut random);
        for _ in 0..faulty_runs {
            rig.faulty_run(&mut random).await;
            if random.random_bool(0.2) {
                rig.lose_cursors().await;
            }
        }
        rig.calm().await?;
        oracle::same_on_both_sides(&rig)?;
        oracle::nothing_doubled(&rig)?;
        people.check(&rig).await?;
        rig.check_quiet().await?;
    }
    Ok(())
}

#[test]
fn after_any_faults_both_sides_agree_and_nothing_is_lost_or_doubled() {
    let (first, end) = histories();
    for seed in first..end {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        if let Err(wrong) = runtime.block_on(play(seed)) {
            panic!("{wrong}\nreplay: SIMULATION_SEED={seed} cargo test -p sync-engine --test simulation");
        }
    }
}

#[test]
fn the_same_seed_replays_identically() {
    let ends: Vec<String> = (0..2)
        .map(|_| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let mut random = SmallRng::seed_from_u64(7);
                let rig = rig::Rig::new(7, false);
                let mut people = people::People::default();
                people.fill(&rig, &mut random);
                rig.calm().await.expect("calm");
                people.act(&rig, &mut random);
                rig.faulty_run(&mut random).await;
                format!("{:?}", rig.everything())
            })
        })
        .collect();
    assert_eq!(ends[0], ends[1]);
}
