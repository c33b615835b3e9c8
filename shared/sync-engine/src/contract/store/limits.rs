//! What AWS would refuse is refused everywhere, and what it takes is taken.

use sync_core::port::{
    Acquired, Expect, Holder, Key, PARTITION_KEY_BYTES_MAX, ROW_BYTES_MAX, SORT_KEY_BYTES_MAX, StoreFailure,
};

use super::leases::claim;
use super::{Bench, put};

pub(super) async fn run(bench: &Bench) {
    keys_have_a_length(bench).await;
    rows_have_a_size(bench).await;
    both_parts_share_the_row(bench).await;
}

async fn keys_have_a_length(bench: &Bench) {
    let longest = Key::new(
        "é".repeat(PARTITION_KEY_BYTES_MAX / 2),
        "é".repeat(SORT_KEY_BYTES_MAX / 2),
    );
    bench.put(&longest, "body").await;
    assert!(bench.get(&longest).await.is_some());
    for key in [
        Key::new(format!("{}x", longest.pk), "sk"),
        Key::new("limits", format!("{}x", longest.sk)),
        Key::new("", "sk"),
        Key::new("limits", ""),
    ] {
        let written = bench.store.write(&[put(&key, "body", Expect::Anything)]).await;
        assert!(matches!(written, Err(StoreFailure::Refused(_))));
        assert!(matches!(
            bench.store.get(&key).await,
            Err(StoreFailure::Refused(_))
        ));
        assert!(matches!(
            bench.store.get_many(&[key]).await,
            Err(StoreFailure::Refused(_))
        ));
    }
}

async fn rows_have_a_size(bench: &Bench) {
    let key = Key::new("limits", "size");
    let body = "é".repeat(ROW_BYTES_MAX / 2 - 512);
    bench.put(&key, &body).await;
    assert_eq!(bench.get(&key).await.unwrap().body, body);
    let other = Key::new("limits", "beside");
    let too_large = put(&key, &"x".repeat(ROW_BYTES_MAX), Expect::Anything);
    let alone = bench.store.write(std::slice::from_ref(&too_large)).await;
    assert!(matches!(alone, Err(StoreFailure::Refused(_))));
    let beside = bench
        .store
        .write(&[put(&other, "body", Expect::Anything), too_large])
        .await;
    assert!(matches!(beside, Err(StoreFailure::Refused(_))));
    assert_eq!(bench.get(&key).await.unwrap().version, 1);
    assert_eq!(bench.get(&other).await, None);
}

async fn both_parts_share_the_row(bench: &Bench) {
    let key = Key::new("limits", "parts");
    bench.put(&key, &"x".repeat(250_000)).await;
    let claim = claim(bench, "run", 60);
    let Acquired::Granted(row) = bench.store.acquire(&key, &claim).await.unwrap() else {
        panic!("not granted")
    };
    let holder = Holder {
        run_id: claim.run_id,
        fence: row.fence,
    };
    let large = "y".repeat(200_000);
    assert!(matches!(
        bench.store.finish(&key, &holder, &large).await,
        Err(StoreFailure::Refused(_))
    ));
    // Refused, nothing has changed: the lease is still held.
    bench.store.finish(&key, &holder, "small").await.unwrap();
    let (twin, progress) = (Key::new("limits", "parts twin"), "y".repeat(200_000));
    bench.put(&twin, "small").await;
    let claim = super::leases::claim(bench, "run", 60);
    let Acquired::Granted(row) = bench.store.acquire(&twin, &claim).await.unwrap() else {
        panic!("not granted")
    };
    let holder = Holder {
        run_id: claim.run_id,
        fence: row.fence,
    };
    bench.store.finish(&twin, &holder, &progress).await.unwrap();
    let grown = bench
        .store
        .write(&[put(&twin, &"x".repeat(250_000), Expect::Version(1))])
        .await;
    assert!(matches!(grown, Err(StoreFailure::Refused(_))));
    let row = bench.get(&twin).await.unwrap();
    assert_eq!(
        (row.version, row.body.as_str(), row.progress),
        (1, "small", Some(progress))
    );
}
