//! Single rows: what is put is read, versions count, demands hold.

use sync_core::port::{Expect, Key, Row, StoreFailure};

use super::{Bench, delete, put};

pub(super) async fn run(bench: &Bench) {
    what_is_put_is_read(bench).await;
    versions_count_the_writes_of_the_body(bench).await;
    absent_means_that_there_is_none(bench).await;
    a_version_is_demanded_exactly(bench).await;
    a_deleted_row_begins_anew(bench).await;
    keys_are_taken_letter_by_letter(bench).await;
    many_rows_are_read_at_once(bench).await;
}

async fn what_is_put_is_read(bench: &Bench) {
    let key = Key::new("writes", "read");
    assert_eq!(bench.get(&key).await, None);
    for body in [
        "{}",
        "",
        "{\"title\":\"naïve 😀 \\u0000\"}",
        "line\nline",
        "\u{0}",
    ] {
        bench.put(&key, body).await;
        assert_eq!(bench.get(&key).await.unwrap().body, body);
    }
    bench.store.write(&[]).await.unwrap();
}

async fn versions_count_the_writes_of_the_body(bench: &Bench) {
    let key = Key::new("writes", "version");
    for version in 1..=4 {
        bench.put(&key, &format!("body {version}")).await;
        let expected = Row {
            key: key.clone(),
            version,
            expires_at: None,
            body: format!("body {version}"),
            progress: None,
            fence: 0,
        };
        assert_eq!(bench.get(&key).await, Some(expected));
    }
}

async fn absent_means_that_there_is_none(bench: &Bench) {
    let key = Key::new("writes", "absent");
    bench
        .store
        .write(&[put(&key, "first", Expect::Absent)])
        .await
        .unwrap();
    let again = bench.store.write(&[put(&key, "second", Expect::Absent)]).await;
    assert_eq!(again, Err(StoreFailure::ConditionFailed));
    let row = bench.get(&key).await.unwrap();
    assert_eq!((row.version, row.body.as_str()), (1, "first"));
    assert_eq!(
        bench.store.write(&[delete(&key, Expect::Absent)]).await,
        Err(StoreFailure::ConditionFailed)
    );
    assert!(bench.get(&key).await.is_some());
}

async fn a_version_is_demanded_exactly(bench: &Bench) {
    let key = Key::new("writes", "exact");
    for version in [0, 1, 2] {
        let none = bench
            .store
            .write(&[put(&key, "none", Expect::Version(version))])
            .await;
        assert_eq!(none, Err(StoreFailure::ConditionFailed));
    }
    bench.put(&key, "one").await;
    bench
        .store
        .write(&[put(&key, "two", Expect::Version(1))])
        .await
        .unwrap();
    for version in [0, 1, 3, u64::MAX] {
        for write in [
            put(&key, "stale", Expect::Version(version)),
            delete(&key, Expect::Version(version)),
        ] {
            assert_eq!(
                bench.store.write(&[write]).await,
                Err(StoreFailure::ConditionFailed)
            );
        }
    }
    let row = bench.get(&key).await.unwrap();
    assert_eq!((row.version, row.body.as_str()), (2, "two"));
    bench
        .store
        .write(&[delete(&key, Expect::Version(2))])
        .await
        .unwrap();
    assert_eq!(bench.get(&key).await, None);
    let gone = bench.store.write(&[delete(&key, Expect::Version(2))]).await;
    assert_eq!(gone, Err(StoreFailure::ConditionFailed));
}

async fn a_deleted_row_begins_anew(bench: &Bench) {
    let key = Key::new("writes", "anew");
    bench
        .store
        .write(&[delete(&key, Expect::Anything)])
        .await
        .unwrap();
    bench.store.write(&[delete(&key, Expect::Absent)]).await.unwrap();
    bench.put(&key, "one").await;
    bench.put(&key, "two").await;
    bench
        .store
        .write(&[delete(&key, Expect::Anything)])
        .await
        .unwrap();
    assert_eq!(bench.get(&key).await, None);
    bench.put(&key, "three").await;
    assert_eq!(bench.get(&key).await.unwrap().version, 1);
}

async fn keys_are_taken_letter_by_letter(bench: &Bench) {
    // Composed and decomposed letters, case, trailing space and an embedded zero are all different names.
    let names = [
        "é", "e\u{301}", "E", "e", "e ", "e\u{0}", "e\u{0}e", "😀", "%", "_", "*", "'", "\"", "\\",
    ];
    for pk in names {
        for sk in names {
            bench
                .put(&Key::new(format!("writes {pk}"), sk), &format!("{pk}|{sk}"))
                .await;
        }
    }
    for pk in names {
        for sk in names {
            let row = bench.get(&Key::new(format!("writes {pk}"), sk)).await.unwrap();
            assert_eq!((row.version, row.body), (1, format!("{pk}|{sk}")));
        }
    }
}

async fn many_rows_are_read_at_once(bench: &Bench) {
    assert_eq!(bench.store.get_many(&[]).await.unwrap(), []);
    let keys: Vec<Key> = (0..230)
        .map(|n| Key::new("writes many", format!("{n:03}")))
        .collect();
    for chunk in keys.chunks(100) {
        let writes: Vec<_> = chunk
            .iter()
            .map(|key| put(key, &key.sk, Expect::Absent))
            .collect();
        bench.store.write(&writes).await.unwrap();
    }
    // Every other name is unknown, and some are asked for twice.
    let mut asked: Vec<Key> = keys
        .iter()
        .cloned()
        .flat_map(|key| [Key::new("unknown", key.sk.clone()), key])
        .collect();
    asked.extend(keys.iter().take(7).cloned());
    let mut rows = bench.store.get_many(&asked).await.unwrap();
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    assert_eq!(rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>(), keys);
    assert!(rows.iter().all(|row| row.body == row.key.sk && row.version == 1));
}
