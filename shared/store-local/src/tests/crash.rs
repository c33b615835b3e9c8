//! Killed at any moment, the store loses nothing that was acknowledged.
//!
//! The test starts itself again as a child that commits in a loop and says after each commit which it was; the
//! child is killed with SIGKILL (`Child::kill`), the folder opened and compared with what the child had said.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use sync_core::port::{Key, Store as _};

use super::{clock, open, put};

/// Names the folder to the child.
const FOLDER: &str = "STORE_LOCAL_CRASH_FOLDER";

/// Marks the child's lines among those of the test harness.
const ACKNOWLEDGED: &str = "acknowledged ";

const ROUNDS: usize = 20;

/// Commits that the writer makes when nobody kills it.
const UNHARMED_COMMITS: u64 = 50;

/// Every commit sets both rows to the same number, and adds one.
async fn commit_in_a_loop(folder: &Path, commits: u64) {
    let data = open(folder).unwrap();
    let store = data.store(clock());
    let mut number = last_number(folder, &store).await;
    for _ in 0..commits {
        number += 1;
        let text = number.to_string();
        let writes = [
            put(&Key::new("crash", "one"), &text),
            put(&Key::new("crash", "other"), &text),
            put(&Key::new("numbers", format!("{number:012}")), &text),
        ];
        store.write(&writes).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "{ACKNOWLEDGED}{number}").unwrap();
        out.flush().unwrap();
    }
}

/// The last number committed; panics where a commit is there in part or a number before it is missing.
async fn last_number(folder: &Path, store: &crate::LocalStore) -> u64 {
    let number = async |sk: &str| {
        let row = store.get(&Key::new("crash", sk)).await.unwrap();
        row.map_or(0, |row| {
            let number = row.body.parse::<u64>().unwrap();
            assert_eq!(row.version, number, "a commit was lost or made twice");
            number
        })
    };
    let one = number("one").await;
    assert_eq!(
        one,
        number("other").await,
        "a commit is there in part: {}",
        folder.display()
    );
    let mut after: Option<String> = None;
    let mut count = 0;
    loop {
        let ascending = sync_core::port::Order::Ascending;
        let page = store
            .query("numbers", "", after.as_deref(), 1000, ascending)
            .await
            .unwrap();
        for row in page.rows {
            count += 1;
            assert_eq!(row.body, count.to_string(), "a number is missing");
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(count, one);
    one
}

/// The child of the test below. Run by itself it commits a few times and looks at the result.
#[tokio::test]
async fn the_writer_that_is_killed() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        commit_in_a_loop(Path::new(&folder), u64::MAX).await;
    }
    let folder = tempfile::tempdir().unwrap();
    commit_in_a_loop(folder.path(), UNHARMED_COMMITS).await;
    let data = open(folder.path()).unwrap();
    assert_eq!(
        last_number(folder.path(), &data.store(clock())).await,
        UNHARMED_COMMITS
    );
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut known = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "tests::crash::the_writer_that_is_killed",
                "--nocapture",
            ])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // How far it comes is drawn anew each round, from the first commit to some dozens, and where in a
        // commit it is killed is up to the machine. Lines already written are read to the end after its death.
        let commits = round * 7 % 31;
        let mut acknowledged = known;
        let mut seen = 0;
        for line in lines.by_ref() {
            if let Some(number) = line.unwrap().strip_prefix(ACKNOWLEDGED) {
                acknowledged = number.parse().unwrap();
                seen += 1;
                if seen > commits {
                    break;
                }
            }
        }
        assert!(seen > commits, "the writer ended by itself");
        child.kill().unwrap();
        for line in lines.map_while(Result::ok) {
            if let Some(number) = line
                .strip_prefix(ACKNOWLEDGED)
                .and_then(|number| number.parse().ok())
            {
                acknowledged = number;
            }
        }
        child.wait().unwrap();
        let data = open(folder.path()).unwrap();
        let kept = last_number(folder.path(), &data.store(clock())).await;
        assert!(
            kept >= acknowledged,
            "round {round}: {acknowledged} was acknowledged, {kept} is there"
        );
        assert!(
            kept <= acknowledged + 1,
            "round {round}: more is there than was ever begun"
        );
        known = kept;
    }
    assert!(known > 0);
}
