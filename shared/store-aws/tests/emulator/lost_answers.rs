//! Every write whose answer is lost is repeated by the SDK and recognised as our own.

use chrono::Duration;
use sync_core::port::{Acquired, Claim, Clock as _, Expect, Holder, Key, Store, StoreFailure, Write};

use crate::bench::Bench;
use crate::proxy::{Fate, Proxy};

/// A store whose first answers are lost.
async fn losing(bench: &Bench, answers: usize) -> (Proxy, impl Store + use<>) {
    let proxy = Proxy::start(&bench.emulator, move |number, _| {
        if number < answers {
            Fate::LoseAnswer
        } else {
            Fate::Pass
        }
    })
    .await;
    let store = bench.aws_at(&proxy.address, bench.clock.clone()).store();
    (proxy, store)
}

fn put(key: &Key, body: &str, expect: Expect) -> Write {
    Write::Put {
        key: key.clone(),
        body: body.to_owned(),
        expires_at: None,
        expect,
    }
}

fn claim(bench: &Bench, run: &str) -> Claim {
    let now = bench.clock.now();
    Claim {
        run_id: run.to_owned(),
        now,
        until: now + Duration::minutes(15),
    }
}

#[tokio::test]
async fn puts() {
    let bench = Bench::new("lost-puts").await;
    let straight = bench.aws().store();
    for lost in [1, 2] {
        let key = Key::new("puts", format!("{lost}"));
        let (proxy, store) = losing(&bench, lost).await;
        store.write(&[put(&key, "made", Expect::Absent)]).await.unwrap();
        assert_eq!(proxy.calls().len(), lost + 1);
        let row = straight.get(&key).await.unwrap().unwrap();
        assert_eq!((row.version, row.body.as_str()), (1, "made"));

        let (_, store) = losing(&bench, lost).await;
        store
            .write(&[put(&key, "changed", Expect::Version(1))])
            .await
            .unwrap();
        let row = straight.get(&key).await.unwrap().unwrap();
        assert_eq!((row.version, row.body.as_str()), (2, "changed"));

        let (_, store) = losing(&bench, lost).await;
        store
            .write(&[put(&key, "whatever", Expect::Anything)])
            .await
            .unwrap();
        assert_eq!(straight.get(&key).await.unwrap().unwrap().body, "whatever");
    }
}

#[tokio::test]
async fn puts_that_were_somebody_elses() {
    // The same body, but not our write: a lost call must not make us believe that it was.
    let bench = Bench::new("lost-others").await;
    let key = Key::new("puts", "others");
    let straight = bench.aws().store();
    straight
        .write(&[put(&key, "same", Expect::Absent)])
        .await
        .unwrap();
    for expect in [Expect::Absent, Expect::Version(7)] {
        let (_, store) = losing(&bench, 1).await;
        assert_eq!(
            store.write(&[put(&key, "same", expect)]).await,
            Err(StoreFailure::ConditionFailed)
        );
    }
    assert_eq!(straight.get(&key).await.unwrap().unwrap().version, 1);
}

#[tokio::test]
async fn deletes() {
    let bench = Bench::new("lost-deletes").await;
    let straight = bench.aws().store();
    for expect in [Expect::Anything, Expect::Version(1)] {
        let key = Key::new("deletes", "key");
        straight
            .write(&[put(&key, "body", Expect::Absent)])
            .await
            .unwrap();
        let (proxy, store) = losing(&bench, 1).await;
        store
            .write(&[Write::Delete {
                key: key.clone(),
                expect,
            }])
            .await
            .unwrap();
        assert_eq!(proxy.calls().len(), 2);
        assert_eq!(straight.get(&key).await.unwrap(), None);
    }
}

#[tokio::test]
async fn transactions() {
    let bench = Bench::new("lost-transactions").await;
    let straight = bench.aws().store();
    let [new, old, gone, leased] = ["new", "old", "gone", "leased"].map(|sk| Key::new("transactions", sk));
    for key in [&old, &gone, &leased] {
        straight
            .write(&[put(key, "before", Expect::Absent)])
            .await
            .unwrap();
    }
    let Acquired::Granted(row) = straight.acquire(&leased, &claim(&bench, "run")).await.unwrap() else {
        panic!("not granted")
    };
    let holder = Holder {
        run_id: "run".to_owned(),
        fence: row.fence,
    };
    let until = bench.clock.now() + Duration::minutes(30);
    let (proxy, store) = losing(&bench, 1).await;
    store
        .write(&[
            put(&new, "after", Expect::Absent),
            put(&old, "after", Expect::Version(1)),
            Write::Delete {
                key: gone.clone(),
                expect: Expect::Version(1),
            },
            Write::Guard {
                key: leased.clone(),
                holder,
                until,
            },
        ])
        .await
        .unwrap();
    assert_eq!(proxy.operations(), ["TransactWriteItems"; 2]);
    assert_eq!(straight.get(&new).await.unwrap().unwrap().version, 1);
    assert_eq!(straight.get(&old).await.unwrap().unwrap().version, 2);
    assert_eq!(straight.get(&gone).await.unwrap(), None);
    let other = straight.acquire(&leased, &claim(&bench, "other")).await.unwrap();
    assert_eq!(other, Acquired::Leased { until });
}

#[tokio::test]
async fn leases() {
    let bench = Bench::new("lost-leases").await;
    let straight = bench.aws().store();
    let key = Key::new("leases", "key");
    straight
        .write(&[put(&key, "body", Expect::Absent)])
        .await
        .unwrap();

    let (proxy, store) = losing(&bench, 2).await;
    let Acquired::Granted(row) = store.acquire(&key, &claim(&bench, "run")).await.unwrap() else {
        panic!("a claim whose answer was lost was not granted again")
    };
    assert_eq!(proxy.operations(), ["UpdateItem"; 3]);
    assert_eq!(straight.get(&key).await.unwrap(), Some(row.clone()));
    let holder = Holder {
        run_id: "run".to_owned(),
        fence: row.fence,
    };

    let (_, store) = losing(&bench, 1).await;
    let until = bench.clock.now() + Duration::minutes(30);
    store
        .write(&[Write::Guard {
            key: key.clone(),
            holder: holder.clone(),
            until,
        }])
        .await
        .unwrap();

    let (proxy, store) = losing(&bench, 2).await;
    store.finish(&key, &holder, "progress").await.unwrap();
    assert_eq!(proxy.operations(), ["UpdateItem"; 3]);
    let row = straight.get(&key).await.unwrap().unwrap();
    assert_eq!(row.progress.as_deref(), Some("progress"));
    assert!(matches!(
        straight.acquire(&key, &claim(&bench, "next")).await.unwrap(),
        Acquired::Granted(_)
    ));
    // Granted to the next run, the same finish is too late.
    let (_, store) = losing(&bench, 1).await;
    assert_eq!(
        store.finish(&key, &holder, "progress").await,
        Err(StoreFailure::LeaseLost)
    );
}
