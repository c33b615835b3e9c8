//! Leases: one holder at a time, growing fences, and a stale holder writes nothing.

use chrono::Duration;
use sync_core::port::{Acquired, Claim, Clock as _, Expect, Holder, Key, Row, StoreFailure, Write};

use super::{Bench, delete, put};

pub(super) async fn run(bench: &Bench) {
    a_row_that_is_not_there_is_not_made(bench).await;
    a_lease_comes_with_the_row(bench).await;
    only_one_holds_it(bench).await;
    asking_again_is_granted_again(bench).await;
    a_lease_that_ended_can_be_taken(bench).await;
    body_and_progress_do_not_wait_for_each_other(bench).await;
    a_guard_lets_its_transaction_through(bench).await;
    a_stale_guard_stops_its_transaction(bench).await;
    a_guard_prolongs_the_lease(bench).await;
    a_stale_holder_does_not_finish(bench).await;
    the_same_finish_sent_again_is_recognised(bench).await;
    a_deleted_row_loses_its_lease(bench).await;
}

/// A claim of this run from now on.
pub(super) fn claim(bench: &Bench, run: &str, seconds: i64) -> Claim {
    Claim {
        run_id: run.to_owned(),
        now: bench.clock.now(),
        until: bench.in_seconds(seconds),
    }
}

/// Claims a lease that is free.
async fn granted(bench: &Bench, key: &Key, run: &str) -> (Holder, Row) {
    let acquired = bench.store.acquire(key, &claim(bench, run, 60)).await.unwrap();
    let Acquired::Granted(row) = acquired else {
        panic!("{key:?} is not granted to {run}: {acquired:?}")
    };
    (
        Holder {
            run_id: run.to_owned(),
            fence: row.fence,
        },
        row,
    )
}

fn guard(bench: &Bench, key: &Key, holder: &Holder) -> Write {
    Write::Guard {
        key: key.clone(),
        holder: holder.clone(),
        until: bench.in_seconds(60),
    }
}

async fn fresh(bench: &Bench, name: &str) -> Key {
    let key = Key::new("leases", name);
    bench.put(&key, "body").await;
    key
}

async fn a_row_that_is_not_there_is_not_made(bench: &Bench) {
    let key = Key::new("leases", "missing");
    assert_eq!(
        bench.store.acquire(&key, &claim(bench, "run", 60)).await.unwrap(),
        Acquired::Missing
    );
    let holder = Holder {
        run_id: "run".to_owned(),
        fence: 0,
    };
    assert_eq!(
        bench.store.finish(&key, &holder, "{}").await,
        Err(StoreFailure::LeaseLost)
    );
    assert_eq!(
        bench.store.write(&[guard(bench, &key, &holder)]).await,
        Err(StoreFailure::LeaseLost)
    );
    assert_eq!(bench.get(&key).await, None);
}

async fn a_lease_comes_with_the_row(bench: &Bench) {
    let key = fresh(bench, "with row").await;
    let (holder, row) = granted(bench, &key, "run").await;
    assert_eq!(
        (row.version, row.body.as_str(), row.progress.as_deref(), row.fence),
        (1, "body", None, 1)
    );
    assert_eq!(bench.get(&key).await, Some(row));
    bench.store.finish(&key, &holder, "{\"n\":1}").await.unwrap();
    let (_, row) = granted(bench, &key, "next").await;
    assert_eq!(
        (row.version, row.progress.as_deref(), row.fence),
        (1, Some("{\"n\":1}"), 2)
    );
}

async fn only_one_holds_it(bench: &Bench) {
    let key = fresh(bench, "only one").await;
    let (holder, _) = granted(bench, &key, "first").await;
    let until = bench.in_seconds(60);
    let other = bench
        .store
        .acquire(&key, &claim(bench, "second", 600))
        .await
        .unwrap();
    assert_eq!(other, Acquired::Leased { until });
    assert_eq!(bench.get(&key).await.unwrap().fence, holder.fence);
    bench.store.finish(&key, &holder, "{}").await.unwrap();
    let (next, _) = granted(bench, &key, "second").await;
    assert!(next.fence > holder.fence);
}

async fn asking_again_is_granted_again(bench: &Bench) {
    let key = fresh(bench, "again").await;
    let (lost, _) = granted(bench, &key, "run").await;
    bench.clock.advance(Duration::seconds(5));
    let (held, _) = granted(bench, &key, "run").await;
    assert!(held.fence > lost.fence);
    // The grant whose answer was lost is nobody's: were it somebody's after all, it would be refused.
    assert_eq!(
        bench.store.finish(&key, &lost, "lost").await,
        Err(StoreFailure::LeaseLost)
    );
    let other = bench
        .store
        .acquire(&key, &claim(bench, "other", 60))
        .await
        .unwrap();
    assert_eq!(
        other,
        Acquired::Leased {
            until: bench.in_seconds(60)
        }
    );
    bench.store.finish(&key, &held, "held").await.unwrap();
    assert_eq!(bench.get(&key).await.unwrap().progress.as_deref(), Some("held"));
}

async fn a_lease_that_ended_can_be_taken(bench: &Bench) {
    let key = fresh(bench, "ended").await;
    let (stale, _) = granted(bench, &key, "stale").await;
    bench.clock.advance(Duration::milliseconds(59_999));
    let early = bench
        .store
        .acquire(&key, &claim(bench, "early", 60))
        .await
        .unwrap();
    assert!(matches!(early, Acquired::Leased { .. }));
    bench.clock.advance(Duration::milliseconds(1));
    let (next, row) = granted(bench, &key, "next").await;
    assert_eq!((next.fence, row.progress), (stale.fence + 1, None));
}

async fn body_and_progress_do_not_wait_for_each_other(bench: &Bench) {
    let key = fresh(bench, "parts").await;
    let (holder, _) = granted(bench, &key, "run").await;
    bench
        .store
        .write(&[put(&key, "settings", Expect::Version(1))])
        .await
        .unwrap();
    bench.store.finish(&key, &holder, "progress").await.unwrap();
    let row = bench.get(&key).await.unwrap();
    assert_eq!(
        (row.version, row.body.as_str(), row.progress.as_deref()),
        (2, "settings", Some("progress"))
    );
    bench.put(&key, "other settings").await;
    let twin = Key::new("leases", "parts twin");
    bench
        .store
        .write(&[
            put(&key, "third", Expect::Version(3)),
            put(&twin, "twin", Expect::Anything),
        ])
        .await
        .unwrap();
    let row = bench.get(&key).await.unwrap();
    assert_eq!(
        (row.version, row.progress.as_deref(), row.fence),
        (4, Some("progress"), 1)
    );
}

async fn a_guard_lets_its_transaction_through(bench: &Bench) {
    let key = fresh(bench, "guarded").await;
    let pair = Key::new("leases", "guarded pair");
    let (holder, row) = granted(bench, &key, "run").await;
    let writes = [guard(bench, &key, &holder), put(&pair, "pair", Expect::Absent)];
    bench.store.write(&writes).await.unwrap();
    assert_eq!(bench.get(&pair).await.unwrap().body, "pair");
    // A guard writes nothing that anybody sees.
    assert_eq!(bench.get(&key).await, Some(row));
    // A holder whose time ran out still holds it while nobody else was granted it.
    bench.clock.advance(Duration::seconds(120));
    let writes = [
        put(&pair, "pair again", Expect::Version(1)),
        guard(bench, &key, &holder),
    ];
    bench.store.write(&writes).await.unwrap();
    assert_eq!(bench.get(&pair).await.unwrap().body, "pair again");
}

async fn a_stale_guard_stops_its_transaction(bench: &Bench) {
    let key = fresh(bench, "stale guard").await;
    let pair = Key::new("leases", "stale guard pair");
    let (stale, _) = granted(bench, &key, "stale").await;
    bench.clock.advance(Duration::seconds(60));
    let (held, _) = granted(bench, &key, "next").await;
    let forged = Holder {
        run_id: stale.run_id.clone(),
        fence: held.fence,
    };
    let old_number = Holder {
        run_id: held.run_id.clone(),
        fence: stale.fence,
    };
    for holder in [stale, forged, old_number] {
        // An unmet demand beside it does not hide that the lease is lost.
        for expect in [Expect::Absent, Expect::Anything, Expect::Version(7)] {
            let writes = [put(&pair, "pair", expect), guard(bench, &key, &holder)];
            assert_eq!(bench.store.write(&writes).await, Err(StoreFailure::LeaseLost));
            assert_eq!(bench.get(&pair).await, None);
        }
        assert_eq!(
            bench.store.write(&[guard(bench, &key, &holder)]).await,
            Err(StoreFailure::LeaseLost)
        );
    }
    bench.store.finish(&key, &held, "{}").await.unwrap();
    // Given back, it is held by nobody, its last holder included.
    assert_eq!(
        bench.store.write(&[guard(bench, &key, &held)]).await,
        Err(StoreFailure::LeaseLost)
    );
}

async fn a_guard_prolongs_the_lease(bench: &Bench) {
    let key = fresh(bench, "prolonged").await;
    let (holder, _) = granted(bench, &key, "run").await;
    bench.clock.advance(Duration::seconds(50));
    bench.store.write(&[guard(bench, &key, &holder)]).await.unwrap();
    bench.clock.advance(Duration::seconds(50));
    let other = bench
        .store
        .acquire(&key, &claim(bench, "other", 60))
        .await
        .unwrap();
    assert_eq!(
        other,
        Acquired::Leased {
            until: bench.in_seconds(10)
        }
    );
    bench.clock.advance(Duration::seconds(10));
    granted(bench, &key, "other").await;
}

async fn a_stale_holder_does_not_finish(bench: &Bench) {
    let key = fresh(bench, "stale finish").await;
    let (stale, _) = granted(bench, &key, "stale").await;
    bench.clock.advance(Duration::seconds(60));
    let (held, _) = granted(bench, &key, "next").await;
    assert_eq!(
        bench.store.finish(&key, &stale, "stale").await,
        Err(StoreFailure::LeaseLost)
    );
    assert_eq!(bench.get(&key).await.unwrap().progress, None);
    bench.clock.advance(Duration::seconds(3600));
    // Its time has run out, but nobody else was granted it.
    bench.store.finish(&key, &held, "held").await.unwrap();
    assert_eq!(
        bench.store.finish(&key, &stale, "held").await,
        Err(StoreFailure::LeaseLost)
    );
    assert_eq!(bench.get(&key).await.unwrap().progress.as_deref(), Some("held"));
}

async fn the_same_finish_sent_again_is_recognised(bench: &Bench) {
    let key = fresh(bench, "finish again").await;
    let (holder, _) = granted(bench, &key, "run").await;
    bench.store.finish(&key, &holder, "done").await.unwrap();
    bench.store.finish(&key, &holder, "done").await.unwrap();
    assert_eq!(
        bench.store.finish(&key, &holder, "other").await,
        Err(StoreFailure::LeaseLost)
    );
    assert_eq!(bench.get(&key).await.unwrap().progress.as_deref(), Some("done"));
    granted(bench, &key, "next").await;
    assert_eq!(
        bench.store.finish(&key, &holder, "done").await,
        Err(StoreFailure::LeaseLost)
    );
}

async fn a_deleted_row_loses_its_lease(bench: &Bench) {
    let key = fresh(bench, "deleted").await;
    let (holder, _) = granted(bench, &key, "run").await;
    bench
        .store
        .write(&[delete(&key, Expect::Anything)])
        .await
        .unwrap();
    assert_eq!(
        bench.store.finish(&key, &holder, "{}").await,
        Err(StoreFailure::LeaseLost)
    );
    bench.put(&key, "new").await;
    let pair = Key::new("leases", "deleted pair");
    let writes = [guard(bench, &key, &holder), put(&pair, "pair", Expect::Anything)];
    assert_eq!(bench.store.write(&writes).await, Err(StoreFailure::LeaseLost));
    assert_eq!(bench.get(&pair).await, None);
    let (_, row) = granted(bench, &key, "other").await;
    assert_eq!((row.fence, row.progress), (1, None));
}
