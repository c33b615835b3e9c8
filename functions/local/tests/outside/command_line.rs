//! The command line from outside: exit codes, what is on which stream, who may own a data folder.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use sync_core::policy::Settings;
use sync_core::port::{Clock, Entropy};
use sync_engine::memory::{AccountLinkBody, Memory};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    for name in [
        "ADMIN_KEY",
        "PUBLIC_URL",
        "RUST_LOG",
        "LOG_FORMAT",
        "ALLOW_PRIVATE_CRM",
    ] {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn path(folder: &tempfile::TempDir) -> &str {
    folder.path().to_str().unwrap()
}

#[derive(Debug)]
struct Now;

impl Clock for Now {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now()
    }
}

#[derive(Debug)]
struct Same;

impl Entropy for Same {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

/// A data folder with one account link, which was never authorised.
fn with_link(enabled: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(Now);
    let data = store_local::DataFolder::open(folder.path(), std::sync::Arc::new(Same)).unwrap();
    let memory = Memory::new(std::sync::Arc::new(data.store(clock)));
    let body = AccountLinkBody {
        name: None,
        email: None,
        locale: None,
        google: None,
        settings: Settings {
            enabled,
            ..Settings::default()
        },
        linked_at: Now.now(),
        confirmation: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let link = sync_core::id::AccountLinkId::new("acme", "42");
    runtime
        .block_on(memory.put_account_link(&link, &body, None))
        .unwrap();
    folder
}

/// `serve` on a free port, once it says where it listens.
struct Serving {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Serving {
    fn start(folder: &Path, key: &str) -> Self {
        let mut child = program()
            .args(["serve", "--port", "0", "--data"])
            .arg(folder)
            .env("ADMIN_KEY", key)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .unwrap()
            .trim_end_matches('/')
            .to_owned();
        Self { child, said, address }
    }

    /// The status and body of a call.
    fn get(&self, path: &str, key: Option<&str>) -> String {
        use std::io::Write as _;
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        let key = key
            .map(|key| format!("Authorization: Bearer {key}\r\n"))
            .unwrap_or_default();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\n{key}Connection: close\r\n\r\n",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Ended already, in the tests that end it.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

#[test]
fn wrong_usage_is_two_and_says_how_it_is_used() {
    for arguments in [
        &["fly"][..],
        &["sync", "--crm", "acme", "--user", "42"],
        &["sync", "--data", "/nowhere", "--crm", "acme"],
        &["serve"],
        &["admin-key"],
        &["demo", "--port", "eighty"],
        &["demo", "--port", "70000"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(text(&output.stderr).contains("--help"), "{arguments:?}");
    }
}

#[test]
fn a_wrong_environment_is_two_and_named() {
    for (name, value) in [("ALLOW_PRIVATE_CRM", "perhaps"), ("LOG_FORMAT", "xml")] {
        let folder = tempfile::tempdir().unwrap();
        let output = program()
            .args(["admin-key", "--data", path(&folder)])
            .env(name, value)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(name));
    }
    for address in [
        "sync.example.com",
        "ftp://example.com",
        "https://example.com/?a",
        "https://u:p@example.com",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = run(&[
            "serve",
            "--port",
            "0",
            "--data",
            path(&folder),
            "--public-url",
            address,
        ]);
        assert_eq!(output.status.code(), Some(2), "{address}");
    }
}

#[test]
fn the_administrators_key_is_made_once_and_the_one_in_the_environment_wins() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(&["admin-key", "--data", path(&folder)]);
    assert_eq!(first.status.code(), Some(0));
    let key = text(&first.stdout);
    assert!(key.trim().len() >= 40 && key.lines().count() == 1, "{key}");
    assert_eq!(text(&run(&["admin-key", "--data", path(&folder)]).stdout), key);
    let given = program()
        .args(["admin-key", "--data", path(&folder)])
        .env("ADMIN_KEY", "given")
        .output()
        .unwrap();
    assert_eq!(text(&given.stdout), "given\n");
    let empty = program()
        .args(["admin-key", "--data", path(&folder)])
        .env("ADMIN_KEY", "")
        .output()
        .unwrap();
    assert_eq!(text(&empty.stdout), key);
    let other = tempfile::tempdir().unwrap();
    assert_ne!(text(&run(&["admin-key", "--data", path(&other)]).stdout), key);
}

#[test]
fn a_run_of_nobody_is_two_and_makes_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let missing = parent.path().join("missing");
    let output = run(&[
        "sync",
        "--data",
        missing.to_str().unwrap(),
        "--crm",
        "acme",
        "--user",
        "42",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!missing.exists());
    let folder = with_link(true);
    let output = run(&["sync", "--data", path(&folder), "--crm", "acme", "--user", "43"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("acme/43"));
}

#[test]
fn the_record_alone_is_on_standard_output() {
    for (folder, code, outcome) in [
        (with_link(true), 3, "needs_authorization"),
        (with_link(false), 0, "skipped"),
    ] {
        let arguments = [
            "sync",
            "--data",
            path(&folder),
            "--crm",
            "acme",
            "--user",
            "42",
            "--json",
        ];
        let output = program()
            .args(arguments)
            .env("RUST_LOG", "trace")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(record["outcome"], outcome);
        assert_eq!((&record["crm"], &record["user"]), (&"acme".into(), &"42".into()));
        let told = run(&arguments[..7]);
        assert_eq!(told.status.code(), Some(code));
        assert!(
            text(&told.stdout).starts_with(&format!("acme/42: {outcome}")),
            "{}",
            text(&told.stdout)
        );
    }
}

#[test]
fn a_second_process_is_told_that_the_folder_is_in_use() {
    let folder = with_link(true);
    let serving = Serving::start(folder.path(), "the-key");
    for arguments in [
        &["sync", "--crm", "acme", "--user", "42", "--data", path(&folder)][..],
        &["admin-key", "--data", path(&folder)],
        &["serve", "--port", "0", "--data", path(&folder)],
        &["demo", "--port", "0", "--data", path(&folder)],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(
            text(&output.stderr).contains("in use by another process"),
            "{arguments:?}"
        );
        assert!(output.stdout.is_empty());
    }
    // The first one goes on as if nothing had happened.
    assert!(serving.get("/healthz", None).starts_with("HTTP/1.1 200"));
}

#[test]
fn serve_answers_with_the_given_key_and_stops_cleanly_when_asked() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let mut serving = Serving::start(folder.path(), "the-key");
        assert!(
            serving
                .get("/api/v1/crms", Some("the-key"))
                .starts_with("HTTP/1.1 200")
        );
        assert!(
            serving
                .get("/api/v1/crms", Some("another"))
                .starts_with("HTTP/1.1 401")
        );
        serving.signal(signal);
        assert_eq!(serving.child.wait().unwrap().code(), Some(0), "{signal}");
        let mut rest = String::new();
        serving.said.read_to_string(&mut rest).unwrap();
        assert!(!rest.contains("the-key"));
    }
}

#[test]
fn a_killed_process_leaves_a_folder_that_opens_again() {
    let folder = with_link(true);
    for _ in 0..3 {
        let serving = Serving::start(folder.path(), "the-key");
        serving.signal("-KILL");
    }
    let output = run(&[
        "sync",
        "--data",
        path(&folder),
        "--crm",
        "acme",
        "--user",
        "42",
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

#[test]
fn a_taken_port_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    for command in ["serve", "demo"] {
        let output = run(&[command, "--port", &port, "--data", path(&folder)]);
        assert_eq!(output.status.code(), Some(1), "{command}");
        assert!(text(&output.stderr).contains("--port"), "{command}");
    }
}
