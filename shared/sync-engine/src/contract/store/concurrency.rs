//! Many at once: no update is lost, one claim wins.

use std::sync::Arc;

use sync_core::port::{Acquired, Expect, Key, StoreFailure};

use super::leases::claim;
use super::{Bench, put};

const TASKS: usize = 8;
const INCREMENTS: usize = 6;

pub(super) async fn run(bench: &Bench) {
    compare_and_set_loses_no_update(bench, "alone", None).await;
    compare_and_set_loses_no_update(bench, "in a transaction", Some(Key::new("concurrency", "beside"))).await;
    one_of_many_makes_the_row(bench).await;
    one_of_many_is_granted_the_lease(bench).await;
}

async fn compare_and_set_loses_no_update(bench: &Bench, name: &str, beside: Option<Key>) {
    let key = Key::new("concurrency", name);
    bench.put(&key, "0").await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (store, key, beside) = (Arc::clone(&bench.store), key.clone(), beside.clone());
            tokio::spawn(async move {
                let mut done = 0;
                while done < INCREMENTS {
                    let row = store.get(&key).await.unwrap().unwrap();
                    let next = row.body.parse::<usize>().unwrap() + 1;
                    let mut writes = vec![put(&key, &next.to_string(), Expect::Version(row.version))];
                    writes.extend(beside.iter().map(|key| put(key, "beside", Expect::Anything)));
                    match store.write(&writes).await {
                        Ok(()) => done += 1,
                        Err(StoreFailure::ConditionFailed | StoreFailure::Unavailable(_)) => {}
                        Err(failure @ (StoreFailure::LeaseLost | StoreFailure::Refused(_))) => {
                            panic!("{failure}")
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let row = bench.get(&key).await.unwrap();
    assert_eq!(row.body, (TASKS * INCREMENTS).to_string());
    assert_eq!(usize::try_from(row.version).unwrap(), TASKS * INCREMENTS + 1);
}

async fn one_of_many_makes_the_row(bench: &Bench) {
    let key = Key::new("concurrency", "made");
    let tasks: Vec<_> = (0..TASKS)
        .map(|n| {
            let (store, key) = (Arc::clone(&bench.store), key.clone());
            tokio::spawn(async move { store.write(&[put(&key, &n.to_string(), Expect::Absent)]).await })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => made += 1,
            Err(failure) => assert_eq!(failure, StoreFailure::ConditionFailed),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(bench.get(&key).await.unwrap().version, 1);
}

async fn one_of_many_is_granted_the_lease(bench: &Bench) {
    let key = Key::new("concurrency", "leased");
    bench.put(&key, "body").await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|n| {
            let (store, key) = (Arc::clone(&bench.store), key.clone());
            let claim = claim(bench, &format!("run {n}"), 60);
            tokio::spawn(async move { store.acquire(&key, &claim).await.unwrap() })
        })
        .collect();
    let mut granted = 0;
    for task in tasks {
        match task.await.unwrap() {
            Acquired::Granted(row) => {
                assert_eq!(row.fence, 1);
                granted += 1;
            }
            Acquired::Leased { until } => assert_eq!(until, bench.in_seconds(60)),
            Acquired::Missing => panic!("the row is there"),
        }
    }
    assert_eq!(granted, 1);
}
