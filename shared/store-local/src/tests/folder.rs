//! The data folder: ownership, rights, and what is said of files that are not as they should be.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sync_core::port::{
    Acquired, Claim, Clock as _, Holder, Key, SecretText, Secrets as _, Store as _, StoreFailure,
};

use super::{clock, entropy, open, put};
use crate::{DataFolder, DataFolderError};

/// Makes a folder with some rows in it and gives it back closed.
async fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = open(folder.path()).unwrap();
    let store = data.store(clock());
    for n in 0..200 {
        store
            .write(&[put(&Key::new("p", format!("{n:03}")), &"body ".repeat(50))])
            .await
            .unwrap();
    }
    data.secrets()
        .put("name", &SecretText::from("seldom-seen-secret"))
        .await
        .unwrap();
    folder
}

/// The files of a folder and their contents.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        // The index of the write-ahead log is made anew whenever the database is opened.
        .filter(|entry| !entry.file_name().to_string_lossy().ends_with("-shm"))
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        // An empty journal holds nothing and is nobody's.
        .filter(|(name, bytes)| !(name.ends_with("-wal") && bytes.is_empty()))
        .collect();
    files.sort();
    files
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn everything_is_made_for_the_owner_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("new").join("data");
    let data = open(&folder).unwrap();
    data.store(clock())
        .write(&[put(&Key::new("p", "s"), "body")])
        .await
        .unwrap();
    assert_eq!(data.path(), folder);
    assert_eq!(mode(&folder), 0o700);
    for file in ["sync.db", "sync.db-wal", "sync.db-shm", "sealing.key", "lock"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn one_owner_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = open(folder.path()).unwrap();
    let in_use = DataFolderError::InUse {
        folder: folder.path().to_owned(),
    };
    assert_eq!(open(folder.path()).unwrap_err(), in_use);
    assert!(in_use.to_string().contains(&folder.path().display().to_string()));
    // Whoever still has a store or a keeper of it keeps the folder.
    let store = data.store(clock());
    let secrets = data.secrets();
    drop(data);
    assert_eq!(open(folder.path()).unwrap_err(), in_use);
    drop(store);
    assert_eq!(open(folder.path()).unwrap_err(), in_use);
    drop(secrets);
    open(folder.path()).unwrap();
}

#[tokio::test]
async fn leases_of_a_dead_process_are_cleared_and_fences_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (key, clock) = (Key::new("p", "s"), clock());
    let claim = |run: &str| Claim {
        run_id: run.to_owned(),
        now: clock.now(),
        until: clock.now() + chrono::Duration::hours(1),
    };
    let data = open(folder.path()).unwrap();
    let store = data.store(clock.clone());
    store.write(&[put(&key, "body")]).await.unwrap();
    assert!(matches!(
        store.acquire(&key, &claim("dead")).await.unwrap(),
        Acquired::Granted(_)
    ));
    drop((data, store));

    let data = open(folder.path()).unwrap();
    let store = data.store(clock.clone());
    let dead = Holder {
        run_id: "dead".to_owned(),
        fence: 1,
    };
    assert_eq!(
        store.finish(&key, &dead, "late").await,
        Err(StoreFailure::LeaseLost)
    );
    let Acquired::Granted(row) = store.acquire(&key, &claim("next")).await.unwrap() else {
        panic!("the dead process's lease still stands")
    };
    assert_eq!((row.fence, row.progress), (2, None));
}

#[tokio::test]
async fn what_was_kept_is_there_after_opening_again() {
    let folder = filled().await;
    let data = DataFolder::open(folder.path(), entropy(2)).unwrap();
    let row = data
        .store(clock())
        .get(&Key::new("p", "007"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.version, 1);
    let secret = data.secrets().get("name").await.unwrap().unwrap();
    assert_eq!(
        secrecy::ExposeSecret::expose_secret(&secret),
        "seldom-seen-secret"
    );
}

#[tokio::test]
async fn neither_secret_nor_key_lies_open_in_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let data = open(folder.path()).unwrap();
    data.secrets()
        .put("name", &SecretText::from("seldom-seen-secret"))
        .await
        .unwrap();
    let key = sealing::key_text(&data.sealing_key());
    assert_eq!(
        fs::read_to_string(folder.path().join("sealing.key"))
            .unwrap()
            .trim(),
        key.as_str()
    );
    for (file, bytes) in contents(folder.path()) {
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(!holds(b"seldom-seen-secret"), "{file}");
        assert!(
            file == "sealing.key" || !(holds(key.as_bytes()) || holds(data.sealing_key().as_slice())),
            "{file}"
        );
    }
    assert!(!format!("{data:?}").contains(key.as_str()));
}

#[tokio::test]
async fn a_key_that_others_could_read_is_taken_back() {
    let folder = filled().await;
    let key = folder.path().join("sealing.key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    open(folder.path()).unwrap();
    assert_eq!(mode(&key), 0o600);
}

#[tokio::test]
async fn a_wrong_key_is_noticed_and_nothing_changed() {
    let folder = filled().await;
    let (key, database) = (folder.path().join("sealing.key"), folder.path().join("sync.db"));
    let other = sealing::key_text(&[9; 32]);
    for (text, expected) in [
        (
            Some(other.as_str()),
            DataFolderError::KeyOther {
                key: key.clone(),
                database: database.clone(),
            },
        ),
        (
            Some("no key"),
            DataFolderError::KeyUnreadable { key: key.clone() },
        ),
        (Some(""), DataFolderError::KeyUnreadable { key: key.clone() }),
        (
            None,
            DataFolderError::KeyMissing {
                key: key.clone(),
                database: database.clone(),
            },
        ),
    ] {
        match text {
            Some(text) => fs::write(&key, text).unwrap(),
            None => fs::remove_file(&key).unwrap(),
        }
        let before = contents(folder.path());
        assert_eq!(open(folder.path()).unwrap_err(), expected);
        assert!(
            contents(folder.path()) == before,
            "{expected}: a file was changed"
        );
    }
}

#[tokio::test]
async fn a_foreign_or_newer_file_is_refused_and_left_alone() {
    let folder = filled().await;
    let database = folder.path().join("sync.db");
    let ours = fs::read(&database).unwrap();
    let with = |at: usize, number: u32| {
        let mut bytes = ours.clone();
        bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
        bytes
    };
    let foreign = DataFolderError::Foreign {
        file: database.clone(),
    };
    let newer = DataFolderError::Newer {
        file: database.clone(),
        found: 2,
        known: 1,
    };
    for (bytes, expected) in [
        (Vec::new(), &foreign),
        (b"a text that somebody put here".to_vec(), &foreign),
        (vec![0; 8192], &foreign),
        (with(68, 0), &foreign),
        (with(60, 0), &foreign),
        (with(60, 2), &newer),
    ] {
        fs::write(&database, &bytes).unwrap();
        let before = contents(folder.path());
        assert_eq!(open(folder.path()).unwrap_err(), *expected);
        assert!(
            contents(folder.path()) == before,
            "{expected}: a file was changed"
        );
    }
    // Another program's SQLite file is one, too.
    fs::remove_file(&database).unwrap();
    rusqlite::Connection::open(&database)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a)")
        .unwrap();
    assert_eq!(open(folder.path()).unwrap_err(), foreign);
    // Put back, ours opens.
    fs::write(&database, &ours).unwrap();
    open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_noticed_and_left_alone() {
    let folder = filled().await;
    let database = folder.path().join("sync.db");
    let sound = fs::read(&database).unwrap();
    let pages = sound.len() / 4096;
    assert!(pages > 10, "the damage below needs pages to hit");
    let damages = [
        // The schema, an inner page, the last one; the file cut short.
        [&sound[..100], &vec![0xa5; 3996], &sound[4096..]].concat(),
        [&sound[..4096 * 5], &vec![0xff; 4096], &sound[4096 * 6..]].concat(),
        [&sound[..4096 * (pages - 1)], &vec![0; 4096]].concat(),
        sound[..4096 * (pages / 2)].to_vec(),
        sound[..5000].to_vec(),
    ];
    for (n, bytes) in damages.iter().enumerate() {
        fs::write(&database, bytes).unwrap();
        let before = contents(folder.path());
        let error = open(folder.path()).unwrap_err();
        assert_eq!(
            error,
            DataFolderError::Damaged {
                file: database.clone()
            },
            "damage {n}"
        );
        assert!(error.to_string().contains(&database.display().to_string()));
        assert!(
            contents(folder.path()) == before,
            "damage {n}: a file was changed"
        );
    }
    fs::write(&database, &sound).unwrap();
    open(folder.path()).unwrap();
}

#[tokio::test]
async fn a_journal_without_its_database_is_not_written_into_a_new_one() {
    let folder = filled().await;
    let (database, journal) = (folder.path().join("sync.db"), folder.path().join("sync.db-wal"));
    fs::remove_file(&database).unwrap();
    fs::write(&journal, b"left behind").unwrap();
    let leftover = DataFolderError::Leftover {
        journal: journal.clone(),
        database,
    };
    assert_eq!(open(folder.path()).unwrap_err(), leftover);
    assert_eq!(fs::read(&journal).unwrap(), b"left behind");
}

#[tokio::test]
async fn a_folder_half_made_is_made_whole() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["sync.db.new", "sync.db.new-journal", "sealing.key.new"] {
        fs::write(folder.path().join(file), b"killed here").unwrap();
    }
    let key = open(folder.path()).unwrap().sealing_key();
    // Killed between key and database: the key that is there is used.
    fs::remove_file(folder.path().join("sync.db")).unwrap();
    let again = DataFolder::open(folder.path(), entropy(5)).unwrap();
    assert!(*again.sealing_key() == *key, "another key was made");
}

#[test]
fn a_path_that_cannot_be_a_folder_is_told() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, b"").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = open(&path).unwrap_err();
        assert!(matches!(error, DataFolderError::Folder { .. }), "{error:?}");
        assert!(error.to_string().contains(&path.display().to_string()));
    }
}
