//! An expired row does not exist, whether somebody has deleted it by now or not.

use chrono::Duration;
use sync_core::port::{Acquired, Clock as _, Expect, Holder, Key, Order, StoreFailure, Write};

use super::leases::claim;
use super::{Bench, delete, put, put_until};

pub(super) async fn run(bench: &Bench) {
    an_expired_row_is_not_read(bench).await;
    an_expired_row_meets_demands_as_none(bench).await;
    an_expired_row_begins_anew(bench).await;
    expiry_can_be_moved_and_taken_away(bench).await;
    an_expired_row_cannot_be_leased(bench).await;
}

async fn an_expired_row_is_not_read(bench: &Bench) {
    let [short, long, always] = ["1 short", "2 long", "3 always"].map(|sk| Key::new("expiry read", sk));
    // Fractions of a second are not kept.
    let until = bench.in_seconds(10) + Duration::milliseconds(999);
    bench
        .store
        .write(&[put_until(&short, "short", until, Expect::Absent)])
        .await
        .unwrap();
    bench
        .store
        .write(&[put_until(&long, "long", bench.in_seconds(3600), Expect::Absent)])
        .await
        .unwrap();
    bench.put(&always, "always").await;
    assert_eq!(
        bench.get(&short).await.unwrap().expires_at,
        Some(bench.in_seconds(10))
    );
    assert_eq!(
        bench.get(&long).await.unwrap().expires_at,
        Some(bench.in_seconds(3600))
    );

    bench.clock.advance(Duration::milliseconds(9_999));
    assert!(bench.get(&short).await.is_some());
    bench.clock.advance(Duration::milliseconds(1));
    assert_eq!(bench.get(&short).await, None);
    let keys = [short, long.clone(), always.clone()];
    let mut read: Vec<Key> = bench
        .store
        .get_many(&keys)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.key)
        .collect();
    read.sort();
    assert_eq!(read, [long.clone(), always.clone()]);
    let listed = bench.list("expiry read", "", 1, Order::Ascending).await;
    assert_eq!(
        listed.into_iter().map(|row| row.key).collect::<Vec<_>>(),
        [long, always]
    );
}

async fn an_expired_row_meets_demands_as_none(bench: &Bench) {
    let keys = ["put", "delete", "version", "twin"].map(|sk| Key::new("expiry demands", sk));
    let until = bench.in_seconds(10);
    for key in &keys {
        bench
            .store
            .write(&[put_until(key, "old", until, Expect::Absent)])
            .await
            .unwrap();
    }
    bench.clock.advance(Duration::seconds(10));
    let [put_key, delete_key, version_key, twin] = &keys;
    let stale = [
        put(version_key, "new", Expect::Version(1)),
        put(twin, "new", Expect::Anything),
    ];
    assert_eq!(
        bench.store.write(&stale[..1]).await,
        Err(StoreFailure::ConditionFailed)
    );
    assert_eq!(
        bench.store.write(&stale).await,
        Err(StoreFailure::ConditionFailed)
    );
    let stale = [delete(version_key, Expect::Version(1))];
    assert_eq!(
        bench.store.write(&stale).await,
        Err(StoreFailure::ConditionFailed)
    );
    assert_eq!(bench.get(twin).await, None);
    bench
        .store
        .write(&[put(put_key, "new", Expect::Absent)])
        .await
        .unwrap();
    bench
        .store
        .write(&[delete(delete_key, Expect::Absent)])
        .await
        .unwrap();
    assert_eq!(bench.get(put_key).await.unwrap().version, 1);
    assert_eq!(bench.get(delete_key).await, None);
}

async fn an_expired_row_begins_anew(bench: &Bench) {
    let alone = Key::new("expiry anew", "alone");
    let together = [Key::new("expiry anew", "1"), Key::new("expiry anew", "2")];
    for key in [&alone, &together[0]] {
        for _ in 0..3 {
            bench
                .store
                .write(&[put_until(key, "old", bench.in_seconds(60), Expect::Anything)])
                .await
                .unwrap();
        }
        let claim = claim(bench, "run", 30);
        let Acquired::Granted(row) = bench.store.acquire(key, &claim).await.unwrap() else {
            panic!("not granted")
        };
        let holder = Holder {
            run_id: claim.run_id,
            fence: row.fence,
        };
        bench.store.finish(key, &holder, "progress").await.unwrap();
    }
    bench.clock.advance(Duration::seconds(60));
    bench.put(&alone, "new").await;
    let writes = together.each_ref().map(|key| put(key, "new", Expect::Anything));
    bench.store.write(&writes).await.unwrap();
    for key in [&alone, &together[0], &together[1]] {
        let row = bench.get(key).await.unwrap();
        assert_eq!(
            (row.version, row.progress, row.fence, row.expires_at),
            (1, None, 0, None),
            "{key:?}"
        );
    }
}

async fn expiry_can_be_moved_and_taken_away(bench: &Bench) {
    let key = Key::new("expiry moved", "key");
    bench
        .store
        .write(&[put_until(&key, "a", bench.in_seconds(10), Expect::Absent)])
        .await
        .unwrap();
    bench
        .store
        .write(&[put_until(&key, "b", bench.in_seconds(20), Expect::Version(1))])
        .await
        .unwrap();
    bench.clock.advance(Duration::seconds(15));
    assert_eq!(bench.get(&key).await.unwrap().version, 2);
    bench.put(&key, "c").await;
    bench.clock.advance(Duration::seconds(15));
    let row = bench.get(&key).await.unwrap();
    assert_eq!((row.version, row.expires_at), (3, None));
    // Put with an expiry that has passed, it is gone at once.
    bench
        .store
        .write(&[put_until(&key, "d", bench.in_seconds(-1), Expect::Version(3))])
        .await
        .unwrap();
    assert_eq!(bench.get(&key).await, None);
}

async fn an_expired_row_cannot_be_leased(bench: &Bench) {
    let key = Key::new("expiry leased", "key");
    let until = bench.in_seconds(10);
    bench
        .store
        .write(&[put_until(&key, "body", until, Expect::Absent)])
        .await
        .unwrap();
    let first = claim(bench, "first", 3600);
    let Acquired::Granted(row) = bench.store.acquire(&key, &first).await.unwrap() else {
        panic!("not granted")
    };
    assert_eq!(row.expires_at, Some(until));
    let holder = Holder {
        run_id: first.run_id,
        fence: row.fence,
    };
    bench.clock.advance(Duration::seconds(10));
    assert_eq!(
        bench
            .store
            .acquire(&key, &claim(bench, "first", 60))
            .await
            .unwrap(),
        Acquired::Missing
    );
    assert_eq!(
        bench.store.finish(&key, &holder, "p").await,
        Err(StoreFailure::LeaseLost)
    );
    let guard = Write::Guard {
        key: key.clone(),
        holder,
        until: bench.clock.now(),
    };
    assert_eq!(bench.store.write(&[guard]).await, Err(StoreFailure::LeaseLost));
    assert_eq!(bench.get(&key).await, None);
}
