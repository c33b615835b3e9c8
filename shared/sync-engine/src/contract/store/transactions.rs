//! Several writes at once: all of them or none.

use sync_core::port::{Expect, Key, StoreFailure, TRANSACTION_WRITES_MAX};

use super::{Bench, delete, put};

pub(super) async fn run(bench: &Bench) {
    all_are_written(bench).await;
    one_unmet_demand_stops_all(bench).await;
    a_name_twice_is_refused(bench).await;
    a_hundred_fit_and_no_more(bench).await;
    a_large_one_fits_and_a_larger_one_is_refused(bench).await;
}

async fn all_are_written(bench: &Bench) {
    let [new, old, gone] = ["new", "old", "gone"].map(|sk| Key::new("transactions all", sk));
    bench.put(&old, "before").await;
    bench.put(&gone, "before").await;
    bench
        .store
        .write(&[
            put(&new, "new", Expect::Absent),
            put(&old, "after", Expect::Version(1)),
            delete(&gone, Expect::Version(1)),
        ])
        .await
        .unwrap();
    assert_eq!(bench.get(&new).await.unwrap().version, 1);
    let row = bench.get(&old).await.unwrap();
    assert_eq!((row.version, row.body.as_str()), (2, "after"));
    assert_eq!(bench.get(&gone).await, None);
}

async fn one_unmet_demand_stops_all(bench: &Bench) {
    let keys: Vec<Key> = (0..5)
        .map(|n| Key::new("transactions none", format!("{n}")))
        .collect();
    for key in &keys {
        bench.put(key, "before").await;
    }
    let unmet = [Expect::Absent, Expect::Version(0), Expect::Version(2)];
    for at in 0..keys.len() {
        for expect in unmet {
            let mut writes: Vec<_> = keys
                .iter()
                .enumerate()
                .map(|(n, key)| {
                    if n % 2 == 0 {
                        put(key, "after", Expect::Version(1))
                    } else {
                        delete(key, Expect::Anything)
                    }
                })
                .collect();
            if let (Some(write), Some(key)) = (writes.get_mut(at), keys.get(at)) {
                *write = if at % 2 == 0 {
                    delete(key, expect)
                } else {
                    put(key, "after", expect)
                };
            }
            assert_eq!(
                bench.store.write(&writes).await,
                Err(StoreFailure::ConditionFailed)
            );
            for key in &keys {
                let row = bench.get(key).await.unwrap();
                assert_eq!((row.version, row.body.as_str()), (1, "before"));
            }
        }
    }
}

async fn a_name_twice_is_refused(bench: &Bench) {
    let key = Key::new("transactions twice", "key");
    let writes = [put(&key, "one", Expect::Anything), delete(&key, Expect::Anything)];
    assert!(matches!(
        bench.store.write(&writes).await,
        Err(StoreFailure::Refused(_))
    ));
    assert_eq!(bench.get(&key).await, None);
}

async fn a_hundred_fit_and_no_more(bench: &Bench) {
    let key = |n: usize| Key::new("transactions hundred", format!("{n:03}"));
    let writes = |count: usize| {
        (0..count)
            .map(|n| put(&key(n), "body", Expect::Absent))
            .collect::<Vec<_>>()
    };
    let refused = bench.store.write(&writes(TRANSACTION_WRITES_MAX + 1)).await;
    assert!(matches!(refused, Err(StoreFailure::Refused(_))));
    assert_eq!(bench.get(&key(0)).await, None);
    bench.store.write(&writes(TRANSACTION_WRITES_MAX)).await.unwrap();
    for n in 0..TRANSACTION_WRITES_MAX {
        assert!(bench.get(&key(n)).await.is_some());
    }
    assert_eq!(bench.get(&key(TRANSACTION_WRITES_MAX)).await, None);
}

async fn a_large_one_fits_and_a_larger_one_is_refused(bench: &Bench) {
    let body = "x".repeat(390_000);
    let key = |n: usize| Key::new("transactions large", format!("{n:03}"));
    let writes = |count: usize| {
        (0..count)
            .map(|n| put(&key(n), &body, Expect::Anything))
            .collect::<Vec<_>>()
    };
    assert!(matches!(
        bench.store.write(&writes(11)).await,
        Err(StoreFailure::Refused(_))
    ));
    assert_eq!(bench.get(&key(0)).await, None);
    bench.store.write(&writes(10)).await.unwrap();
    assert_eq!(bench.get(&key(9)).await.unwrap().body.len(), body.len());
}
