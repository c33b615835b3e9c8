//! No window ever sees more than its share.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance, sleep};

use crate::pacer::{Pacer, Pacing};

const PACING: Pacing = Pacing {
    calls: 3,
    window: Duration::from_secs(10),
    margin: Duration::from_secs(1),
};

fn in_paused_time<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

proptest! {
    #[test]
    fn any_window_holds_at_most_its_calls(calls in 1_u32..5, pauses in prop::collection::vec(0_u64..9_000, 1..40)) {
        let times = in_paused_time(async {
            let pacer = Pacer::new(Pacing { calls, ..PACING });
            let mut times = Vec::new();
            for pause in &pauses {
                sleep(Duration::from_millis(*pause)).await;
                pacer.permission().await;
                times.push(Instant::now());
            }
            times
        });
        for window in times.windows(calls as usize + 1) {
            prop_assert!(window[window.len() - 1] - window[0] >= Duration::from_secs(11));
        }
    }

    #[test]
    fn nobody_waits_while_there_is_room(pauses in prop::collection::vec(3_700_u64..9_000, 1..40)) {
        // Three calls in eleven seconds: at one every 3.7 there is always room.
        in_paused_time(async {
            let pacer = Pacer::new(PACING);
            for pause in &pauses {
                sleep(Duration::from_millis(*pause)).await;
                let before = Instant::now();
                pacer.permission().await;
                assert_eq!(Instant::now(), before);
            }
        });
    }
}

#[tokio::test(start_paused = true)]
async fn calls_side_by_side_share_the_window() {
    let pacer = Pacer::new(PACING);
    let started = Instant::now();
    let waits = futures::future::join_all((0..7).map(|_| async {
        pacer.permission().await;
        (Instant::now() - started).as_secs()
    }))
    .await;
    assert_eq!(waits, [0, 0, 0, 11, 11, 11, 22]);
}

#[tokio::test(start_paused = true)]
async fn the_run_before_counts() {
    advance(Duration::from_secs(100)).await;
    let before = Pacer::new(PACING);
    before.permission().await;
    advance(Duration::from_secs(4)).await;
    before.permission().await;
    before.permission().await;
    advance(Duration::from_secs(2)).await;
    let history = before.history();
    assert_eq!(history, [0, 0, 2, 0, 0, 0, 1]);

    // Three seconds between the runs: the first call is nine seconds old by now, the others five.
    advance(Duration::from_secs(3)).await;
    let pacer = Pacer::seeded(PACING, &history, Duration::from_secs(3));
    let started = Instant::now();
    pacer.permission().await;
    assert_eq!((Instant::now() - started).as_secs(), 2);
    pacer.permission().await;
    assert_eq!((Instant::now() - started).as_secs(), 6);
}
