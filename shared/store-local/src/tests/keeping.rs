//! What the suites cannot see through the door: sweeping, and secrets bound to their names.

use std::sync::Arc;

use chrono::Duration;
use sync_core::port::{Clock as _, Expect, Key, SecretText, Secrets as _, SecretsFailure, Store as _, Write};

use super::{clock, open, put};
use crate::database::Database;
use crate::{LocalStore, store};

fn count(database: &Arc<Database>) -> u32 {
    database
        .run_now(|connection| Ok(connection.query_row("SELECT count(*) FROM rows", [], |row| row.get(0))?))
        .unwrap()
}

#[tokio::test]
async fn expired_rows_are_cleared_away_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let (data, clock) = (open(folder.path()).unwrap(), clock());
    let store: LocalStore = data.store(clock.clone());
    let (short, long) = (
        clock.now() + Duration::minutes(1),
        clock.now() + Duration::hours(1),
    );
    for n in 0..50 {
        for (pk, until) in [("short", short), ("long", long)] {
            let write = Write::Put {
                key: Key::new(pk, format!("{n}")),
                body: String::new(),
                expires_at: Some(until),
                expect: Expect::Absent,
            };
            store.write(&[write]).await.unwrap();
        }
    }
    clock.advance(Duration::minutes(1));
    for n in 0..store::WRITES_BETWEEN_SWEEPS {
        store
            .write(&[put(&Key::new("always", "one"), &n.to_string())])
            .await
            .unwrap();
    }
    assert_eq!(count(store.database()), 51);
    // A store that has just been opened begins with it.
    clock.advance(Duration::hours(1));
    let store = data.store(clock);
    store.write(&[put(&Key::new("always", "one"), "")]).await.unwrap();
    assert_eq!(count(store.database()), 1);
}

#[tokio::test]
async fn a_sealed_secret_copied_to_another_name_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let data = open(folder.path()).unwrap();
    let secrets = data.secrets();
    secrets.put("one", &SecretText::from("value")).await.unwrap();
    data.store(clock())
        .database()
        .run_now(|connection| {
            connection.execute(
                "INSERT INTO secrets SELECT 'other', sealed FROM secrets WHERE name = 'one'",
                [],
            )?;
            Ok(())
        })
        .unwrap();
    assert!(secrets.get("one").await.unwrap().is_some());
    assert!(matches!(
        secrets.get("other").await,
        Err(SecretsFailure::Refused(_))
    ));
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_any_more_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = open(folder.path()).unwrap();
    let store = data.store(clock());
    let keys = [Key::new("p", "1"), Key::new("p", "2")];
    for n in 1..=40 {
        let writes = keys.each_ref().map(|key| put(key, &n.to_string()));
        // Given up at some moment between never begun and done.
        tokio::select! {
            biased;
            written = store.write(&writes) => written.unwrap(),
            () = async { for _ in 0..n { tokio::task::yield_now().await } } => {}
        }
        let rows = store.get_many(&keys).await.unwrap();
        assert!(
            rows.is_empty() || (rows.len() == 2 && rows[0].body == rows[1].body),
            "{rows:?}"
        );
    }
}
